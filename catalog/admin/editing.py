"""Pages on which a draft is edited: each knows its draft, what is wrong, and who else is at it."""

from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any
from urllib.parse import parse_qs, urlencode

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.db import models, transaction
from django.db.models import F
from django.forms import BaseModelForm, CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.choices import Choices
from catalog.admin.forms import EditedForm, saved_by
from catalog.admin.inlines import plain
from catalog.admin.meanwhile import differences, typed_on
from catalog.admin.problems import Problems
from catalog.admin.subjects import Subject, shown
from catalog.drafts import documents_of, last_edits
from catalog.ids import id_in
from catalog.models import Draft
from catalog.models.draft import Edited, Part
from catalog.uses import counted_users, kept_because, named, users_of


class EditedAdmin(admin.ModelAdmin):
    """A page for a row that somebody else may be editing too.

    While one is saved its draft is locked: what a form has checked is so until it is saved.
    """

    form = EditedForm
    change_form_template = "admin/catalog/edited_form.html"
    actions = None
    list_per_page = 50
    formfield_overrides = {models.ManyToManyField: {"widget": CheckboxSelectMultiple}}
    subjects: tuple[Subject, ...] = ()  # where a page is long; then its fieldsets are theirs

    class Media:
        css = {"all": ("css/catalog.css",)}
        js = ("catalog.js",)

    def draft_of(self, row: Any) -> Draft:
        """Return the draft that a row belongs to."""
        return row.draft

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or save a row, with its draft at hand; ask which draft where that is open."""
        saving = request.method == "POST"
        with transaction.atomic() if saving else nullcontext():
            row = self.get_object(request, unquote(object_id)) if object_id else None
            draft = self.draft_of(row) if row else self._draft_asked_for(request)
            if saving and draft:
                draft = Draft.objects.select_for_update().get(pk=draft.pk)
                row = self.get_object(request, unquote(object_id)) if object_id else None
            request.choices = Choices(draft)
            if saving and object_id and row is None:
                return self._gone(request)
            if not object_id and draft is None:
                return self._which_draft(request)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _draft_asked_for(self, request: HttpRequest) -> Draft | None:
        """The draft that a new part is for: the one that is named, or the only one."""
        filters = parse_qs(request.GET.get("_changelist_filters", ""))
        asked = request.GET.get("draft") or filters.get("draft__id__exact", [""])[0]
        drafts = Draft.objects.all()
        if (pk := id_in(asked)) and (draft := drafts.filter(pk=pk).first()):
            return draft
        return drafts[0] if len(drafts[:2]) == 1 else None

    def _which_draft(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Add {kind}").format(kind=self.opts.verbose_name),
            "drafts": Draft.objects.all(),
        }
        return TemplateResponse(request, "admin/catalog/which_draft.html", context)

    def _gone(self, request: HttpRequest) -> HttpResponse:
        """Say that a row was deleted meanwhile, and show what was typed."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        form = self.get_form(request)(request.POST)
        formsets, _objects = self._create_formsets(request, form.instance, change=False)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("This {kind} was deleted meanwhile").format(kind=self.opts.verbose_name),
            "typed": typed_on(form, formsets),
            "can_add": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/catalog/gone.html", context, status=410)

    def get_form(
        self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any
    ) -> type[BaseModelForm]:
        """Return the form, which offers the parts of the draft at hand."""
        form = super().get_form(request, obj, *args, **kwargs)
        form.choices = request.choices
        return form

    def formfield_for_dbfield(self, *args: Any, **kwargs: Any) -> Any:
        """Return a plain field: a part of a draft is not added from a pop-up."""
        return plain(super().formfield_for_dbfield(*args, **kwargs))

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        *args: Any,
        obj: Any = None,
        **kwargs: Any,
    ) -> HttpResponse:
        """Show the form below what is wrong and, where somebody was faster, what is saved now."""
        form = context["adminform"].form
        stale = form.is_bound and form.is_stale
        saved = self.get_queryset(request).filter(pk=obj.pk).first() if obj else None
        if saved:
            context |= self.extra_of(saved)
        if stale:
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            context["differences"] = differences(form, formsets)
            context["saved"] = saved_by(saved)
            if set(form.errors) == {NON_FIELD_ERRORS} and all(rows.is_valid() for rows in formsets):
                context["errors"] = []  # there is nothing to correct
        context["draft"] = request.choices.draft
        if self.subjects:
            context["subjects"] = shown(
                self.subjects, context["adminform"], context["inline_admin_formsets"]
            )
        response = super().render_change_form(request, context, *args, obj=obj, **kwargs)
        if request.method == "POST":  # as every page that cannot take what it was sent
            response.status_code = 409 if stale else 422
        return response

    def extra_of(self, row: Any) -> dict[str, Any]:
        """Return what else the page of a row shows: what is wrong with it."""
        return {"problems": Problems(self.draft_of(row)).of(row)}

    def save_model(self, request: HttpRequest, obj: Edited, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save a row; a new one belongs to the draft at hand."""
        if not change:
            obj.draft, obj.edited_by = request.choices.draft, request.user
        super().save_model(request, obj, form, change)

    def save_related(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Save the rows that hang on a row, put all in their places, and count the edit."""
        super().save_related(request, form, formsets, change)
        for formset in formsets:
            put_in_places(formset.get_queryset().all(), _moved(formset.forms))
        if isinstance(form.instance, Part):
            kin = type(form.instance).objects.filter(draft=form.instance.draft_id)
            put_in_places(kin, _moved([form]))
        if change and (form.has_changed() or any(rows.has_changed() for rows in formsets)):
            type(form.instance).objects.filter(pk=form.instance.pk).update(
                revision=F("revision") + 1, edited_by=request.user, edited_at=timezone.now()
            )


def last_saved(draft: Draft) -> str:
    """Return who saved which part of a draft last, and when."""
    row = last_edits([draft])[draft.pk]
    return saved_by(row, named(row))


def titles(rows: Any) -> list[str]:
    """Return what rows that are referred to are called."""
    return [str(row) for row in rows.all()]


def _moved(forms: Iterable[Any]) -> dict[int, int]:
    """The rows whose place was changed, with the place they had."""
    return {
        form.instance.pk: form.get_initial_for_field(form.fields["position"], "position") or 0
        for form in forms
        if "position" in form.changed_data
    }


def put_in_places(rows: Iterable[Any], moved: dict[int, int]) -> None:
    """Number rows from 1; one that was moved takes its place, and the others make room."""

    last = float("inf")

    def place(row: Any) -> tuple[float, int, int]:
        to = row.position or last
        was = moved.get(row.pk, row.position) or last
        return to, (to > was) - (to < was), row.pk

    rows = sorted(rows, key=place)
    wrong = [row for at, row in enumerate(rows, start=1) if row.position != at]
    for at, row in enumerate(rows, start=1):
        row.position = at
    if wrong:
        type(wrong[0]).objects.bulk_update(wrong, ["position"])


class PartList(ChangeList):
    """A list whose rows know how often they are named, and what is wrong with them."""

    def get_results(self, request: HttpRequest) -> None:
        """Read a page of rows, and all that is told of them, at once."""
        super().get_results(request)
        rows = list(self.result_list)
        users = counted_users(self.model, [row.pk for row in rows])
        drafts = {row.draft for row in rows}
        documents = documents_of(drafts)
        problems = {draft: Problems(draft, documents[draft.pk]) for draft in drafts}
        for row in rows:
            row.users = users.get(row.pk, "")
            row.problems = problems[row.draft].of(row)
        self.result_list = rows


class OfDraft(admin.RelatedFieldListFilter):
    """A filter by parts; of one playbook only, once a playbook is chosen."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> list[tuple[Any, str]]:
        """Return the parts to choose from."""
        draft = id_in(request.GET.get("draft__id__exact"))
        return field.get_choices(
            include_blank=False,
            ordering=self.field_admin_ordering(field, request, model_admin),
            limit_choices_to={"draft__pk": draft} if draft else None,
        )


class PartAdmin(EditedAdmin):
    """The pages of the parts of one kind."""

    delete_confirmation_template = "admin/catalog/delete_part.html"
    list_filter = ("draft",)
    list_select_related = ("draft__playbook", "draft__entry")
    search_fields = ("key", "title")
    ordering = ("draft", "position", "pk")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list that tells what is wrong."""
        return PartList

    @admin.display(description=gettext_lazy("used by"))
    def used_by(self, row: Any) -> str:
        """How many parts name it."""
        return row.users

    @admin.display(description=gettext_lazy("problems"))
    def problems(self, row: Any) -> str:
        """What is wrong with it."""
        return " ".join(located.sentence for located in row.problems)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Delete a part unless another one names it, or somebody has edited it meanwhile.

        Its draft is locked until it is done.
        """
        with transaction.atomic():
            row = self.get_object(request, unquote(object_id))
            if row and request.method == "POST":
                Draft.objects.select_for_update().get(pk=row.draft_id)
            return super().delete_view(request, object_id, extra_context)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """Return what goes with a part, in one line, and why it cannot go."""
        seen = request.POST.get("revision")
        refused = [
            _("{saved}, after you had asked to delete it. Look at it again first.").format(
                saved=saved_by(row)
            )
            for row in objs
            if seen not in (None, str(row.revision))
        ]
        refused += [kept_because(row, users) for row in objs if (users := users_of(row))]
        return [str(row) for row in objs], {}, set(), refused

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go on as the admin does; another one is for the same draft."""
        response = super().response_add(request, obj, post_url_continue)
        if "_addanother" in request.POST:
            return HttpResponseRedirect(f"{request.path}?{urlencode({'draft': obj.draft_id})}")
        return response
