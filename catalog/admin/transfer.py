"""A draft as a whole: from a file, into a file, and back to a version."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from advisor import playbook as documents
from advisor.loading import PlaybookError, document_hash, dump, from_document, load
from catalog.admin.editing import last_saved
from catalog.admin.problems import Problems
from catalog.drafts import document_of, playbook_of, write_draft
from catalog.models import Draft, Playbook, PlaybookVersion

# Bytes. A text that somebody is asked about comes back as a field of a form, all of which may have
# 2.5 million; a browser ends its lines with two characters, where most files have one.
LARGEST_FILE, LONGEST_TEXT = 2_000_000, 2_400_000


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    """Return the addresses of these pages, for the draft's admin."""
    pages = Transfer(model_admin)
    wrap = model_admin.admin_site.admin_view
    return [
        path("import/", wrap(pages.take_in), name="catalog_draft_import"),
        path("<int:pk>/export/", wrap(pages.give_out), name="catalog_draft_export"),
        path("<int:pk>/set-back/", wrap(pages.set_back), name="catalog_draft_set_back"),
    ]


class ImportForm(forms.Form):
    """A playbook file, or its text where somebody was asked whether it may replace a draft."""

    file = forms.FileField(
        label=gettext_lazy("Playbook file"),
        required=False,
        help_text=gettext_lazy("A TOML document, such as an export."),
        widget=forms.FileInput({"accept": ".toml"}),
    )
    text = forms.CharField(
        required=False, max_length=LONGEST_TEXT, strip=False, widget=forms.HiddenInput
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_file(self) -> UploadedFile | None:
        """Refuse what is no text of a playbook's size."""
        file = self.cleaned_data["file"]
        if file and file.size > LARGEST_FILE:
            raise forms.ValidationError(
                _("The file has {size} bytes; at most {most} fit. Shorten it.").format(
                    size=number_format(file.size, force_grouping=True),
                    most=number_format(LARGEST_FILE, force_grouping=True),
                )
            )
        return file

    def clean(self) -> dict[str, Any]:
        """Read the text of the file."""
        cleaned = super().clean()
        if file := cleaned.get("file"):
            try:
                cleaned["text"] = file.read().decode()
            except UnicodeDecodeError:
                self.add_error("file", _("The file is no UTF-8 text. Choose a TOML document."))
        elif not cleaned.get("text") and not self.errors:
            self.add_error("file", _("Choose the file of a playbook."))
        return cleaned


class SetBackForm(forms.Form):
    """Which version a draft is set to, and what was seen when it was picked."""

    version = forms.ModelChoiceField(
        PlaybookVersion.objects.none(),
        empty_label=gettext_lazy("Pick a version"),
        error_messages={
            "required": gettext_lazy("Pick a version."),
            "invalid_choice": gettext_lazy(
                "This playbook has no such version. Pick one of those listed."
            ),
        },
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, draft: Draft, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = draft.playbook.versions.all()
        self.fields["version"].queryset = versions
        self.fields["version"].choices = [
            ("", _("Pick a version")),
            *((version.pk, _told(version)) for version in versions.defer("document")),
        ]


def _told(version: PlaybookVersion) -> str:
    told = _("Version {number}, {date}").format(
        number=version.number,
        date=date_format(localtime(version.published_at), "DATE_FORMAT"),
    )
    return f"{told}: {version.notes}" if version.notes else told


class Transfer:
    """The pages, for the draft's admin."""

    def __init__(self, model_admin: admin.ModelAdmin) -> None:
        self.model_admin = model_admin

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def take_in(self, request: HttpRequest) -> HttpResponse:
        """Set a draft to the playbook in a file; ask first where that would lose something."""
        may_add = request.user.has_perm("catalog.add_draft")
        may_change = request.user.has_perm("catalog.change_draft")
        if not (may_add or may_change):
            raise PermissionDenied
        if request.method != "POST":
            return self._page(request, "import", title=_("Import a playbook"), form=ImportForm())
        form = ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, "import", 422, title=_("Import a playbook"), form=form)
        given = form.cleaned_data
        source = given["file"].name if given["file"] else _("the file")
        try:
            playbook = load(given["text"], source)
        except PlaybookError as error:
            return self._page(
                request,
                "import",
                422,
                title=_("Import a playbook"),
                form=ImportForm(),
                source=source,
                broken=error.problems,
            )
        with transaction.atomic():
            Playbook.objects.select_for_update().filter(key=playbook.key).first()
            draft = Draft.objects.select_for_update().filter(playbook__key=playbook.key).first()
            if not (may_change if draft else may_add):
                raise PermissionDenied
            if draft and _would_lose(draft) and given["seen"] != _hash(draft):
                again = ImportForm(initial={"text": given["text"], "seen": _hash(draft)})
                return self._page(
                    request,
                    "import_confirm",
                    409 if given["seen"] else 200,
                    title=_("Replace the draft of {draft}?").format(draft=draft),
                    form=again,
                    draft=draft,
                    playbook=playbook,
                    saved=last_saved(draft),
                    meanwhile=bool(given["seen"]),
                )
            return self._written(request, playbook, _("Imported {source}.").format(source=source))

    @method_decorator(require_safe)
    def give_out(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Download a draft as a file, or say why it is none yet."""
        if not self.model_admin.has_view_permission(request):
            raise PermissionDenied
        draft = get_object_or_404(Draft, pk=pk)
        try:
            playbook = playbook_of(draft)
        except PlaybookError:
            return self._page(
                request,
                "export",
                409,
                title=_("{draft} cannot be exported yet").format(draft=draft),
                draft=draft,
                problems=Problems(draft).all,
            )
        return HttpResponse(
            dump(playbook),
            content_type="application/toml",
            headers={"Content-Disposition": f'attachment; filename="{playbook.key}.toml"'},
        )

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def set_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Set a draft to what a version says; show first what that means."""
        if not request.user.has_perm("catalog.change_draft"):
            raise PermissionDenied
        if request.POST.get("seen"):
            with transaction.atomic():
                return self._set_back(request, pk)
        draft = get_object_or_404(Draft, pk=pk)
        given = request.POST or request.GET
        seen = {"seen": _hash(draft)}
        form = SetBackForm(draft, {**given.dict(), **seen} if given.get("version") else None)
        form.initial = seen
        return self._page(request, "set_back", **_before_setting_back(draft, form))

    def _set_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do so, unless somebody has edited the draft since it was shown."""
        draft = get_object_or_404(Draft, pk=pk)
        # The playbook first, as everybody does who locks both.
        Playbook.objects.select_for_update().get(pk=draft.playbook_id)
        draft = Draft.objects.select_for_update().get(pk=pk)
        seen = _hash(draft)
        form = SetBackForm(draft, {**request.POST.dict(), "seen": seen})
        page = _before_setting_back(draft, form)
        if not form.is_valid():
            return self._page(request, "set_back", 422, **page)
        if request.POST["seen"] != seen:
            return self._page(request, "set_back", 409, **page, meanwhile=True)
        version = form.cleaned_data["version"]
        try:
            playbook = from_document(version.document, str(version))
        except PlaybookError as error:
            return self._page(request, "set_back", 422, **page, broken=error.problems)
        told = _("Set the draft back to version {number}.").format(number=version.number)
        return self._written(request, playbook, told, version)

    def _written(
        self,
        request: HttpRequest,
        playbook: documents.Playbook,
        told: str,
        version: PlaybookVersion | None = None,
    ) -> HttpResponse:
        draft = write_draft(playbook, version=version, by=request.user)
        self.model_admin.log_change(request, draft, told)
        messages.success(request, told)
        return HttpResponseRedirect(reverse("admin:catalog_draft_change", args=[draft.pk]))

    def _page(
        self, request: HttpRequest, name: str, status: int = 200, **context: Any
    ) -> HttpResponse:
        context = {
            **self.model_admin.admin_site.each_context(request),
            "opts": self.model_admin.opts,
            **context,
        }
        return TemplateResponse(request, f"admin/catalog/draft/{name}.html", context, status=status)


def _before_setting_back(draft: Draft, form: SetBackForm) -> dict[str, Any]:
    return {
        "title": _("Set the draft of {draft} back").format(draft=draft),
        "draft": draft,
        "form": form,
        "saved": last_saved(draft),
    }


def _hash(draft: Draft) -> str:
    """What a draft says now, in short."""
    return document_hash(document_of(draft))


def _would_lose(draft: Draft) -> bool:
    """Whether a draft says anything that is in no version."""
    digest = _hash(draft)
    return not draft.playbook.versions.filter(hash=digest).exists()
