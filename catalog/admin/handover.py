"""Frequent questions, checklists and the manual in the admin: what a buyer is given to keep."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.editing import OfDraft, PartAdmin, titles
from catalog.admin.offer_inlines import ChecklistGroups, Facts, KnownIssues
from catalog.models import Chapter, Checklist, Faq


class ForSomeAdmin(PartAdmin):
    """Parts for some engagement models, or for all."""

    list_filter = ("draft", ("engagements", OfDraft))
    reads: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Read whom they are for, and what hangs on them, at once."""
        return super().get_queryset(request).prefetch_related("engagements", *self.reads)

    @admin.display(description=gettext_lazy("only for"))
    def only_for(self, row: Any) -> str:
        """The engagement models by title."""
        return "; ".join(titles(row.engagements)) or _("all")


@admin.register(Faq)
class FaqAdmin(ForSomeAdmin):
    """What buyers ask, and the answers."""

    list_display = ("title", "only_for", "problems")
    search_fields = ("key", "title", "answer")
    fields = ("title", ("key", "position"), "answer", "engagements")


@admin.register(Checklist)
class ChecklistAdmin(ForSomeAdmin):
    """What is ticked off; all checklists together are the handover pack."""

    list_display = ("title", "items", "only_for", "problems")
    search_fields = ("key", "title", "intro", "groups__title")
    fields = ("title", ("key", "position"), "intro", "engagements")
    inlines = (ChecklistGroups,)
    reads = ("groups",)

    @admin.display(description=gettext_lazy("items"))
    def items(self, checklist: Checklist) -> int:
        """How much there is to tick."""
        return sum(len(group.items) for group in checklist.groups.all())


@admin.register(Chapter)
class ChapterAdmin(ForSomeAdmin):
    """The operations manual, chapter by chapter."""

    list_display = ("title", "filled_in_by", "only_for", "problems")
    search_fields = ("key", "title", "text", "facts__label", "issues__title")
    fields = ("title", ("key", "position"), "text", "points", "engagements")
    inlines = (Facts, KnownIssues)
    reads = ("facts__question",)

    @admin.display(description=gettext_lazy("filled in by answers to"))
    def filled_in_by(self, chapter: Chapter) -> str:
        """The questions by title."""
        return " ".join(str(fact.question) for fact in chapter.facts.all())
