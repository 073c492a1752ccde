"""The publish page of a draft: what changes for buyers, what is wrong, a note, publish."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from pydantic import ValidationError

from advisor import playbook as documents
from advisor.changes import Change, changes_between
from advisor.loading import PlaybookError, document_hash, from_document, to_document
from catalog.admin.problems import Located, Problems
from catalog.admin.published import MAY_PUBLISH, grouped
from catalog.drafts import document_of
from catalog.immutable import ImmutableError
from catalog.models import Draft, EngagementModel, Playbook, PlaybookVersion
from catalog.publishing import PublishError, publish_draft


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    """Return the address of the page, for the draft's admin."""
    view = PublishPage(model_admin).respond
    return [
        path(
            "<int:pk>/publish/",
            model_admin.admin_site.admin_view(view),
            name="catalog_draft_publish",
        )
    ]


class NoteForm(forms.Form):
    """The note on the next version, and what was seen when it was written."""

    notes = forms.CharField(
        label="What changes, and why",
        max_length=300,
        help_text="One sentence. It stays with the version, for whoever asks later.",
        widget=forms.TextInput({"class": "vLargeTextField", "autocomplete": "off"}),
        error_messages={"required": "Say in one sentence what changes, and why."},
    )
    seen_live = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen_hash = forms.CharField(required=False, widget=forms.HiddenInput)


@dataclass(frozen=True)
class Standing:
    """A draft against the live version.

    With problems it has no hash, and only if its shape is right its changes can be told. A live
    version that cannot be read (`unreadable` says why) counts as none.
    """

    live: PlaybookVersion | None
    hash: str
    problems: list[Located]
    groups: dict[str, list[Change]] | None
    unreadable: str

    @property
    def is_ready(self) -> bool:
        """Whether there is something to publish and nothing in its way."""
        return bool(self.hash and self.groups)


class PublishPage:
    """Shows a draft against the live version, and publishes it."""

    def __init__(self, model_admin: admin.ModelAdmin) -> None:
        self.model_admin = model_admin

    @method_decorator(never_cache)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def respond(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the page, or publish."""
        if not request.user.has_perm(MAY_PUBLISH):
            raise PermissionDenied
        draft = get_object_or_404(Draft.objects.select_related("playbook", "entry"), pk=pk)
        if request.method != "POST":
            return self.show(request, draft)
        form = NoteForm(request.POST)
        if not form.is_valid():
            return self.show(request, draft, form, status=422)
        try:
            version = publish_draft(draft, by=request.user, **form.cleaned_data)
        except PublishError as error:
            form.add_error(None, str(error))
            return self.show(request, draft, form, status=409)
        except PlaybookError:  # the page lists its problems
            return self.show(request, draft, form, status=409)
        messages.success(
            request,
            f"Version {version.number} is live. New assessments take it; those that are under "
            "way stay on theirs.",
        )
        return HttpResponseRedirect(
            reverse("admin:catalog_playbookversion_change", args=[version.pk])
        )

    def show(
        self, request: HttpRequest, draft: Draft, form: NoteForm | None = None, status: int = 200
    ) -> HttpResponse:
        """Show how the draft stands now, with the note that was typed."""
        standing = standing_of(draft)
        seen = {
            "seen_live": standing.live.number if standing.live else None,
            "seen_hash": standing.hash,
        }
        if form is None:
            form = NoteForm(initial=seen)
        else:  # what is shown from here on is what is seen
            form.data = {**form.data.dict(), **seen}
        context = {
            **self.model_admin.admin_site.each_context(request),
            "title": f"Publish {draft}",
            "opts": Draft._meta,
            "draft": draft,
            "standing": standing,
            "form": form,
            "leading_nowhere": leading_nowhere(draft),
        }
        return TemplateResponse(request, "admin/catalog/publish.html", context, status=status)


def standing_of(draft: Draft) -> Standing:
    """Return how a draft stands against the live version of its playbook."""
    live = draft.playbook.versions.select_related("playbook", "published_by").first()
    document, digest, problems = document_of(draft), "", []
    playbook: documents.Playbook | None
    try:
        playbook = from_document(document, str(draft))
        digest = document_hash(to_document(playbook))
    except PlaybookError:
        playbook, problems = shape_of(document), Problems(draft, document).all
    old, unreadable = None, ""
    try:
        old = live.rulebook.playbook if live else None
    except (ImmutableError, PlaybookError) as error:
        unreadable = str(error)
    groups = grouped(changes_between(old, playbook)) if playbook else None
    return Standing(live, digest, problems, groups, unreadable)


def leading_nowhere(draft: Draft) -> QuerySet[EngagementModel]:
    """Return the engagement models that go on with a playbook which is not published."""
    published = Playbook.objects.filter(versions__isnull=False).values("key")
    models = draft.engagementmodel_set.exclude(follow_on_playbook="")
    return models.exclude(follow_on_playbook__in=published)


def shape_of(document: dict[str, Any]) -> documents.Playbook | None:
    """A playbook whose references may lead nowhere: its changes can be told all the same."""
    try:
        return documents.Playbook.model_validate(document)
    except ValidationError:
        return None
