"""The drafts in the admin: the way to everything that is edited, and in and out by file."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import models
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from advisor.loading import document_hash
from catalog.admin import publishing, transfer
from catalog.admin.editing import EditedAdmin
from catalog.admin.forms import DraftHeaderForm, saved_by
from catalog.admin.offer_inlines import Acknowledgements, DraftPhases, Expectations
from catalog.admin.problems import Problems
from catalog.admin.subjects import Subject, fieldsets_of, inlines_of
from catalog.drafts import document_of, documents_of, last_edits, problems_in
from catalog.models import Draft, PlaybookVersion
from catalog.rows import KINDS
from catalog.uses import named

SUBJECTS = (
    Subject(
        gettext_lazy("What buyers meet first"),
        ("title", ("language", "minutes"), "decision", "summary", "promise", "entry"),
    ),
    Subject(gettext_lazy("Firm"), (("firm_name", "firm_website"), ("firm_email", "firm_phone"))),
    Subject(
        gettext_lazy("Emergencies"),
        (
            ("emergency_phone", "emergency_hours"),
            "emergency_promise",
            "emergency_have_ready",
            "emergency_meanwhile",
        ),
        about=gettext_lazy("Shown at once to a buyer who ticks a red flag."),
        folds=True,
    ),
    Subject(
        gettext_lazy("How every engagement goes"),
        inlines=(DraftPhases,),
        about=gettext_lazy(
            "The phases that hold whatever is engaged; what differs is on the engagement model."
        ),
        folds=True,
    ),
    Subject(
        gettext_lazy("What buyers may expect"),
        inlines=(Expectations,),
        about=gettext_lazy("Whatever is engaged: how the firm talks, answers and reports."),
        folds=True,
    ),
    Subject(
        gettext_lazy("What is meant to be so"),
        inlines=(Acknowledgements,),
        about=gettext_lazy(
            "Why a claim that is refuted is right. It is written where the draft is published."
        ),
        folds=True,
    ),
)


class DraftList(ChangeList):
    """A list whose drafts are read all at once."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the drafts of a page, with what each says and what was saved last."""
        super().get_results(request)
        drafts = list(self.result_list)
        documents, last = documents_of(drafts), last_edits(drafts)
        for draft in drafts:
            draft.document, draft.last = documents[draft.pk], last[draft.pk]
        self.result_list = drafts


@admin.register(Draft)
class DraftAdmin(EditedAdmin):
    """What is being written for the next version of each playbook."""

    form = DraftHeaderForm
    change_form_template = "admin/catalog/draft/change_form.html"
    list_display = ("title", "key", "standing", "problems", "edited")
    list_select_related = ("playbook", "entry", "edited_by")
    search_fields = ("title", "playbook__key")
    subjects = SUBJECTS
    fieldsets = fieldsets_of(SUBJECTS)
    inlines = inlines_of(SUBJECTS)

    def draft_of(self, row: Draft) -> Draft:
        """Return the draft itself."""
        return row

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Draft]:
        """Say of each which version is live."""
        versions = PlaybookVersion.objects.filter(playbook=models.OuterRef("playbook"))
        live = versions.order_by("-number")[:1]
        return (
            super()
            .get_queryset(request)
            .annotate(
                live_number=models.Subquery(live.values("number")),
                live_hash=models.Subquery(live.values("hash")),
            )
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list that reads all at once."""
        return DraftList

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A draft comes with its playbook, from a file."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Draft | None = None) -> bool:
        """A draft stays as long as its playbook."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add what is done with a draft as a whole."""
        return [*transfer.urls(self), *publishing.urls(self), *super().get_urls()]

    @admin.display(description=gettext_lazy("key"), ordering="playbook__key")
    def key(self, draft: Draft) -> str:
        """The key of the playbook."""
        return draft.playbook.key

    @admin.display(description=gettext_lazy("state"))
    def standing(self, draft: Draft) -> str:
        """How the draft stands against the live version."""
        if draft.live_number is None:
            return _("not published yet")
        same = document_hash(draft.document) == draft.live_hash
        if same:
            return _("same as version {number}").format(number=draft.live_number)
        return _("changed since version {number}").format(number=draft.live_number)

    @admin.display(description=gettext_lazy("problems"))
    def problems(self, draft: Draft) -> str:
        """How much keeps it from being published."""
        return str(len(problems_in(draft.document)) or "")

    @admin.display(description=gettext_lazy("last edit"))
    def edited(self, draft: Draft) -> str:
        """Who saved which part of it last."""
        return saved_by(draft.last, named(draft.last))

    def extra_of(self, row: Draft) -> dict[str, Any]:
        """Show what is in the draft, all that is wrong with it, and the versions to go back to."""
        row.document = document_of(row)
        return {
            "parts": [_counted(row, model) for model, _several in KINDS.values()],
            "problems": Problems(row, row.document).all,
            "standing": self.standing(row),
            "versions": row.playbook.versions.defer("document").select_related("published_by"),
        }


def _counted(draft: Draft, model: type[models.Model]) -> dict[str, Any]:
    """How many parts of a kind there are, and where they are listed."""
    count = model.objects.filter(draft=draft).count()
    meta = model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return {
        "name": meta.verbose_name if count == 1 else meta.verbose_name_plural,
        "count": count,
        "url": f"{address}?draft__id__exact={draft.pk}",
    }
