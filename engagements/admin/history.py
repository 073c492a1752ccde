"""What is kept of assessments for good, to read: answers, recommendations, reviews, briefs."""

import json

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin import Kept
from catalog.people import name_of
from engagements.admin.queue import LongList
from engagements.lists import found_by
from engagements.models import Answer, Assessment, BriefVersion, Note, Recommendation, Review


class HistoryAdmin(LongList, Kept, admin.ModelAdmin):
    """Rows that nobody adds, changes or deletes in the admin; newest first."""

    kept_because = _(
        "What was answered, recommended, decided and told has to be there for as long as somebody "
        "may ask for it. A new recommendation, review or note can follow; nothing goes."
    )
    ordering = ("-pk",)
    list_select_related = ("assessment",)
    search_fields = ("assessment__contact_firm",)
    search_help_text = _("Reference (SB-2026-0417 or 417), firm, name or e-mail address.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Those of the assessments that are found by it."""
        if not search_term.strip():
            return queryset, False
        found = Assessment.objects.filter(found_by(search_term))
        return queryset.filter(assessment__in=found), False


def _as_json(document: object) -> SafeString:
    return format_html(
        '<pre tabindex="0">{}</pre>', json.dumps(document, ensure_ascii=False, indent=2)
    )


@admin.register(Answer)
class AnswerAdmin(HistoryAdmin):
    """Every answer as it was given, also those that do not count."""

    list_display = ("assessment", "question", "given", "answered_at")
    fields = ("assessment", "question", "given", "answered_at")
    readonly_fields = fields

    @admin.display(description=_("answer"))
    def given(self, row: Answer) -> str:
        """What was picked or typed, as it is kept."""
        return ", ".join(row.values)


@admin.register(Recommendation)
class RecommendationAdmin(HistoryAdmin):
    """Recommendations exactly as the engine returned them."""

    list_display = ("assessment", "number", "kind", "engagement", "score", "created_at")
    fields = ("assessment", "number", "kind", "engagement", "score", "created_at", "as_returned")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """All, without the large documents, which only the page of one reads."""
        return super().get_queryset(request).defer("document")

    @admin.display(description=_("as the engine returned it"))
    def as_returned(self, row: Model) -> SafeString:
        """The whole trace."""
        return _as_json(row.document)


@admin.register(Review)
class ReviewAdmin(HistoryAdmin):
    """What consultants decided."""

    list_display = ("assessment", "decision", "engagement", "reason", "who", "created_at")
    fields = (
        "assessment",
        "recommendation",
        "number",
        "decision",
        "engagement",
        "reason",
        "message",
        "note",
        "steps",
        "uncarried",
        "who",
        "created_at",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """All, without the large documents of their recommendations."""
        found = super().get_queryset(request).defer("recommendation__document")
        return found.select_related("assessment", "reviewer", "recommendation__assessment")

    @admin.display(description=_("reviewer"))
    def who(self, row: Review) -> str:
        """The reviewer as people call them."""
        return row.reviewer_name


@admin.register(Note)
class NoteAdmin(HistoryAdmin):
    """Internal notes."""

    list_display = ("assessment", "text", "who", "created_at")
    list_select_related = ("assessment", "author")
    fields = ("assessment", "text", "who", "created_at")
    readonly_fields = fields

    @admin.display(description=_("author"))
    def who(self, row: Note) -> str:
        """The author as people call them."""
        return name_of(row.author)


@admin.register(BriefVersion)
class BriefVersionAdmin(HistoryAdmin):
    """What each version of a brief says."""

    list_display = ("assessment", "number", "created_at")
    fields = ("assessment", "recommendation", "review", "number", "created_at", "as_printed")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """All, without the large contents, which only the page of one reads."""
        found = super().get_queryset(request).defer("content", "recommendation__document")
        return found.select_related("assessment", "recommendation__assessment")

    @admin.display(description=_("what it says"))
    def as_printed(self, row: Model) -> SafeString:
        """The content that the PDF is made from."""
        return _as_json(row.content)
