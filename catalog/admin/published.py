"""Published versions in the admin: to read, to compare, to download and to make live again."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from advisor.changes import Change, changes_between
from advisor.loading import PlaybookError, document_hash, dump, to_document
from catalog.drafts import playbook_of
from catalog.ids import id_in
from catalog.immutable import ImmutableError
from catalog.models import Draft, Playbook, PlaybookVersion
from catalog.people import name_of
from catalog.proofs import proofs_of
from catalog.publishing import PublishError, go_back

MAY_PUBLISH = "catalog.publish_draft"


class Kept:
    """Rows to read: nobody adds, changes or deletes one, and who tries to delete is told why."""

    kept_because = gettext_lazy("They are kept.")

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody deletes."""
        return False

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say why there is nothing to delete here."""
        return self._refuse(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say why the rows that were ticked stay."""
        if "delete_selected" in request.POST.getlist("action"):
            return self._refuse(request)
        return super().changelist_view(request, extra_context)

    def _refuse(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("{part} cannot be deleted").format(
                part=str(self.opts.verbose_name_plural).capitalize()
            ),
            "opts": self.opts,
            "because": self.kept_because,
        }
        return TemplateResponse(request, "admin/kept.html", context, status=403)


@admin.register(Playbook)
class PlaybookAdmin(Kept, admin.ModelAdmin):
    """The playbooks by name, each with its versions."""

    kept_because = gettext_lazy(
        "Versions and assessments rest on a playbook, so none is ever deleted."
    )
    list_display = ("title", "key", "live_number", "created_at")
    search_fields = ("title", "key")
    change_form_template = "admin/catalog/versions.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Playbook]:
        """Join the number of the live version."""
        return super().get_queryset(request).annotate(_live=models.Max("versions__number"))

    @admin.display(
        description=gettext_lazy("live version"),
        ordering="_live",
        empty_value=gettext_lazy("none yet"),
    )
    def live_number(self, playbook: Playbook) -> int | None:
        """The number of the version that new assessments take."""
        return playbook._live  # noqa: SLF001 - from the query above

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """List the versions, newest first."""
        playbook = context["original"]
        versions = playbook.versions.defer("document").select_related("playbook", "published_by")
        context["title"] = str(playbook)
        context["versions"] = versions
        context["draft"] = Draft.objects.filter(playbook=playbook).first()
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(PlaybookVersion)
class PlaybookVersionAdmin(Kept, admin.ModelAdmin):
    """Published versions: what changed with each, its document, and the way back to it."""

    kept_because = gettext_lazy(
        "Assessments, recommendations and briefs rest on what a version said, so none is ever "
        "deleted. To undo one, make an earlier version live again: that is a new version."
    )
    list_display = ("name", "state", "notes", "published_at", "who")
    list_filter = ("playbook",)
    search_fields = ("notes", "hash")
    list_select_related = ("playbook", "published_by")
    list_per_page = 50
    change_form_template = "admin/catalog/version.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlaybookVersion]:
        """Leave the large document until it is read, and find out which versions are live."""
        later = PlaybookVersion.objects.filter(
            playbook=OuterRef("playbook"), number__gt=OuterRef("number")
        )
        return super().get_queryset(request).defer("document").annotate(_live=~Exists(later))

    @admin.display(description=gettext_lazy("version"))
    def name(self, version: PlaybookVersion) -> str:
        """The playbook and the number, as people say it."""
        return _("{playbook}, version {number}").format(
            playbook=version.playbook, number=version.number
        )

    @admin.display(description=gettext_lazy("state"))
    def state(self, version: PlaybookVersion) -> str:
        """Whether new assessments take it."""
        live = format_html('<span class="state state--approved">{}</span>', _("Live"))
        return live if version._live else ""  # noqa: SLF001 - from the query above

    @admin.display(
        description=gettext_lazy("published by"),
        ordering="published_by",
        empty_value=gettext_lazy("from a file"),
    )
    def who(self, version: PlaybookVersion) -> str | None:
        """Who published it."""
        who = version.published_by
        return name_of(who) if who else None

    def get_urls(self) -> list[URLPattern]:
        """Add the download and the way back."""
        wrap = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/download/",
                wrap(self.download),
                name="catalog_playbookversion_download",
            ),
            path("<int:pk>/go-back/", wrap(self.go_back), name="catalog_playbookversion_go_back"),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Compare the version with the one before, and show it whole."""
        version = context["original"]
        others = PlaybookVersion.objects.filter(playbook=version.playbook_id).defer("document")
        context["title"] = _("{playbook}, version {number}").format(
            playbook=version.playbook, number=version.number
        )
        context["before"] = others.filter(number__lt=version.number).first()
        context["live"] = others.first()
        context["may_publish"] = request.user.has_perm(MAY_PUBLISH)
        try:
            context |= said_by(version, context["before"])
        except (ImmutableError, PlaybookError) as error:
            context["broken"] = str(error)
        if version == context["live"] and request.user.has_perm("catalog.change_draft"):
            context["draft"] = differing_draft(version)
        return super().render_change_form(request, context, *args, **kwargs)

    def download(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give the version's document as TOML."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        version = get_object_or_404(PlaybookVersion.objects.select_related("playbook"), pk=pk)
        try:
            text = dump(version.as_published)
        except (ImmutableError, PlaybookError) as error:
            raise Http404(str(error)) from error
        name = f"{version.playbook.key}-version-{version.number}.toml"
        return HttpResponse(
            text,
            content_type="application/toml; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @method_decorator(require_POST)
    def go_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Publish what this version says as a new one, and show that."""
        if not request.user.has_perm(MAY_PUBLISH):
            raise PermissionDenied
        version = get_object_or_404(PlaybookVersion.objects.select_related("playbook"), pk=pk)
        seen = request.POST.get("seen_live", "")
        try:
            new = go_back(version, by=request.user, seen_live=id_in(seen) or 0)
        except (PublishError, ImmutableError, PlaybookError) as error:
            messages.error(request, str(error))
            new = version
        else:
            messages.success(
                request,
                _(
                    "Version {new} is live and says what version {old} says. Assessments that are "
                    "under way stay on theirs."
                ).format(new=new.number, old=version.number),
            )
        return HttpResponseRedirect(reverse("admin:catalog_playbookversion_change", args=[new.pk]))


def said_by(version: PlaybookVersion, before: PlaybookVersion | None) -> dict[str, Any]:
    """What a version says, what changed with it, and what is proved and refuted of it."""
    playbook = version.as_published
    changes = changes_between(before.as_published, playbook) if before else []
    proofs = proofs_of(version.rulebook)
    refuted = [proof for proof in proofs if not proof.proved]
    return {
        "groups": grouped(changes),
        "toml": dump(playbook),
        "proved": len(proofs) - len(refuted),
        "refuted": refuted,
    }


def grouped(changes: list[Change]) -> dict[str, list[Change]]:
    """The changes by the kind of part that changed, in their order."""
    groups: dict[str, list[Change]] = {}
    for change in changes:
        groups.setdefault(change.part, []).append(change)
    return groups


def differing_draft(live: PlaybookVersion) -> Draft | None:
    """The draft of a playbook, if it does not say what the live version says."""
    draft = Draft.objects.select_related("playbook", "entry").filter(playbook=live.playbook).first()
    if draft is None:
        return None
    try:
        same = document_hash(to_document(playbook_of(draft))) == live.hash
    except PlaybookError:
        same = False
    return None if same else draft
