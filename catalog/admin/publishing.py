"""The publish page of a draft: what changes for buyers, what is proved, a note, publish."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from pydantic import ValidationError

from advisor import playbook as documents
from advisor.changes import Change, changes_between
from advisor.loading import PlaybookError, document_hash, from_document, to_document
from catalog.admin.problems import Located, Problems
from catalog.admin.proofs import Refuted, file_of, named, parts_of
from catalog.admin.published import MAY_PUBLISH, grouped
from catalog.drafts import document_of, playbook_of
from catalog.fields import LONGEST_PROSE, ProseFormField
from catalog.immutable import ImmutableError
from catalog.models import Acknowledgement, Draft, EngagementModel, Playbook, PlaybookVersion
from catalog.proofs import Proof, unused_acknowledgements
from catalog.publishing import (
    PublishError,
    Words,
    edited_meanwhile,
    proofs_for,
    publish_draft,
)
from catalog.rows import REFERENCES


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    """Return the addresses of the page and of what it gives away, for the draft's admin."""
    page = PublishPage(model_admin)
    wrap = model_admin.admin_site.admin_view
    return [
        path("<int:pk>/publish/", wrap(page.respond), name="catalog_draft_publish"),
        path("<int:pk>/publish/witness/", wrap(page.witness), name="catalog_draft_witness"),
    ]


class PublishForm(forms.Form):
    """The note on the next version, why refuted claims are right, and what was seen meanwhile."""

    notes = forms.CharField(
        label=gettext_lazy("What changes, and why"),
        max_length=300,
        help_text=gettext_lazy("One sentence. It stays with the version, for whoever asks later."),
        widget=forms.TextInput({"class": "vLargeTextField", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Say in one sentence what changes, and why.")},
    )
    seen_live = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen_hash = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, proofs: list[Proof], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = {
            f"why-{named(proof)}": proof
            for proof in proofs
            if not (proof.proved or proof.claim.is_safety)
        }
        for name, proof in self.asked.items():
            self.fields[name] = ProseFormField(
                label=_("Why this is right") if proof.decided else _("Why it may stay undecided"),
                max_length=LONGEST_PROSE,
                initial=proof.acknowledgement.why if proof.acknowledgement else "",
                widget=forms.Textarea({"rows": 2, "class": "vLargeTextField"}),
                error_messages={"required": _("Say why this is right, or mend it in the draft.")},
            )

    @property
    def words(self) -> Words:
        """What was written on each claim."""
        return {
            (proof.claim, proof.about): self.cleaned_data[name]
            for name, proof in self.asked.items()
        }

    def shown_with(self, proofs: list[Proof], seen: dict[str, Any]) -> "PublishForm":
        """Return the form with what was typed, its errors and what is seen now."""
        form = PublishForm(proofs, {**self.data.dict(), **seen})
        form._errors = self.errors
        return form

    def why(self, proof: Proof) -> forms.BoundField | None:
        """The field for the words on a claim, if it may be as it is."""
        name = f"why-{named(proof)}"
        return self[name] if name in self.asked else None


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
    playbook: documents.Playbook | None
    proofs: list[Proof]

    @property
    def is_ready(self) -> bool:
        """Whether there is something to publish and nothing in its way."""
        return bool(self.hash and self.has_news and not self.is_blocked)

    @property
    def has_news(self) -> bool:
        """Whether it says something else than the live version, or still has to."""
        return bool(self.groups) or any(proof.needs_acknowledgement for proof in self.proofs)

    @property
    def is_blocked(self) -> bool:
        """Whether something does not hold that has to."""
        return any(proof.blocks for proof in self.proofs)

    @property
    def proved(self) -> list[Proof]:
        """What holds."""
        return [proof for proof in self.proofs if proof.proved]

    @property
    def refuted(self) -> list[Proof]:
        """What does not hold, or is not known to; what keeps it from being published first."""
        return sorted(
            (proof for proof in self.proofs if not proof.proved),
            key=lambda proof: (not proof.blocks, not proof.needs_acknowledgement),
        )


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
            return self.show(request, draft, standing_of(draft))
        standing = standing_of(draft)
        form = PublishForm(standing.proofs, request.POST)
        if not form.is_valid():
            if form.cleaned_data.get("seen_hash", standing.hash) == standing.hash:
                return self.show(request, draft, standing, form, status=422)
            form.add_error(None, edited_meanwhile(draft))
            return self.show(request, draft, standing, form, status=409)
        seen = {name: form.cleaned_data[name] for name in ("notes", "seen_live", "seen_hash")}
        try:
            version = publish_draft(draft, by=request.user, words=form.words, **seen)
        except PublishError as error:
            form.add_error(None, str(error))
            return self.show(request, draft, standing_of(draft), form, status=409)
        except PlaybookError:  # the page lists its problems
            return self.show(request, draft, standing_of(draft), form, status=409)
        messages.success(
            request,
            _(
                "Version {number} is live. New assessments take it; those that are under way stay "
                "on theirs."
            ).format(number=version.number),
        )
        return HttpResponseRedirect(
            reverse("admin:catalog_playbookversion_change", args=[version.pk])
        )

    def show(
        self,
        request: HttpRequest,
        draft: Draft,
        standing: Standing,
        form: PublishForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """Show how the draft stands now, with what was typed."""
        seen = {
            "seen_live": standing.live.number if standing.live else None,
            "seen_hash": standing.hash,
        }
        if form is None:
            form = PublishForm(standing.proofs, initial=seen)
        else:  # what is shown from here on is what is seen
            form = form.shown_with(standing.proofs, seen)
        context = {
            **self.model_admin.admin_site.each_context(request),
            "title": _("Publish {draft}").format(draft=draft),
            "opts": Draft._meta,
            "draft": draft,
            "standing": standing,
            "form": form,
            "refuted": refuted_of(draft, standing, form),
            "unused": unused(draft, standing),
            "leading_nowhere": leading_nowhere(draft),
        }
        return TemplateResponse(request, "admin/catalog/publish.html", context, status=status)

    @method_decorator(never_cache)
    @method_decorator(require_safe)
    def witness(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give the answers that refute a claim, for `manage.py advise`."""
        if not request.user.has_perm(MAY_PUBLISH):
            raise PermissionDenied
        draft = get_object_or_404(Draft.objects.select_related("playbook"), pk=pk)
        asked = (request.GET.get("claim"), request.GET.get("about", ""))
        try:
            proofs = proofs_for(playbook_of(draft))
        except PlaybookError as error:
            raise Http404(
                _("{draft} has problems, so nothing is proved of it.").format(draft=draft)
            ) from error
        proof = next((proof for proof in proofs if (proof.claim, proof.about) == asked), None)
        beside = "beside" in request.GET
        answers = proof and (proof.beside if beside else proof.witness)
        if not answers:
            raise Http404(_("Nothing refutes this any more."))
        name = f"{draft.playbook.key}-{named(proof)}{'-beside' if beside else ''}.json"
        return HttpResponse(
            file_of(answers),
            content_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def standing_of(draft: Draft) -> Standing:
    """Return how a draft stands against the live version of its playbook."""
    live = draft.playbook.versions.select_related("playbook", "published_by").first()
    document, digest, problems = document_of(draft), "", []
    proofs: list[Proof] = []
    playbook: documents.Playbook | None
    try:
        playbook = from_document(document, str(draft))
        digest = document_hash(to_document(playbook))
        proofs = proofs_for(playbook)
    except PlaybookError:
        playbook, problems = shape_of(document), Problems(draft, document).all
    old, unreadable = None, ""
    try:
        old = live.as_published if live else None
    except (ImmutableError, PlaybookError) as error:
        unreadable = str(error)
    groups = grouped(changes_between(old, playbook)) if playbook else None
    return Standing(live, digest, problems, groups, unreadable, playbook, proofs)


def refuted_of(draft: Draft, standing: Standing, form: PublishForm) -> list[Refuted]:
    """Return what is refuted, with where it is mended and the field for the words on it."""
    parts = parts_of(draft, standing.refuted)
    return [
        Refuted(
            proof,
            standing.playbook,
            draft,
            parts.get((proof.claim, proof.about)),
            form.why(proof),
        )
        for proof in standing.refuted
    ]


def unused(draft: Draft, standing: Standing) -> list[Acknowledgement]:
    """Return the acknowledgements of a draft that nothing needs any more."""
    if not standing.proofs:
        return []
    told = unused_acknowledgements(standing.playbook, standing.proofs)
    if not told:
        return []
    keys = {(one.claim, one.about) for one in told}
    rows = draft.acknowledgements.select_related(*REFERENCES.values(), "option__question")
    return [row for row in rows if (row.claim, row.about) in keys]


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
