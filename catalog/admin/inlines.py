"""Rows that are edited on the page of what they hang on."""

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from advisor import offers
from advisor import playbook as documents
from advisor.texts import Part
from catalog.admin.forms import ConditionForm, DraftForm, PrerequisiteForm
from catalog.models import (
    Acknowledgement,
    ChecklistGroup,
    Demand,
    Fact,
    GuideRow,
    KnownIssue,
    Option,
    Prerequisite,
    QuestionCondition,
    SectionCondition,
    SignalCondition,
)
from catalog.rows import OF_DRAFTS, OF_ENGAGEMENTS, OF_SERVICE_LEVELS
from catalog.uses import kept_because, users_of


def _most(kind: type[Part], name: str) -> int:
    """How many items a list of a playbook may have."""
    limits = kind.model_fields[name].metadata
    return next(limit.max_length for limit in limits if hasattr(limit, "max_length"))


MOST: dict[type[models.Model], int] = {
    **{
        table: _most(kind, name)
        for kind, tables in (
            (documents.Playbook, OF_DRAFTS),
            (documents.EngagementModel, OF_ENGAGEMENTS),
            (offers.ServiceLevel, OF_SERVICE_LEVELS),
        )
        for name, (table, _) in tables.items()
    },
    Prerequisite: _most(documents.EngagementModel, "prerequisites"),
    Acknowledgement: _most(documents.Playbook, "acknowledgements"),
    Option: _most(documents.Question, "options"),
    GuideRow: _most(documents.Guide, "rows"),
    ChecklistGroup: _most(offers.Checklist, "groups"),
    Fact: _most(offers.Chapter, "facts"),
    KnownIssue: _most(offers.Chapter, "issues"),
}
"""How many rows of a kind a part may have, as the types of a playbook have it."""


class Rows(BaseInlineFormSet):
    """The rows of one page. A row that somebody removed meanwhile comes back as a new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self.data = self._with_removed_rows_as_new()

    def clean(self) -> None:
        """Refuse rows that cannot be, or cannot go, all at once."""
        super().clean()
        if told := list(self.refusals()):
            raise forms.ValidationError(told)

    def refusals(self) -> Iterator[str]:
        """What is wrong with the rows as a whole: some still named are deleted, or too many."""
        for form in self.deleted_forms:
            if form.instance.pk and (users := users_of(form.instance)):
                yield kept_because(form.instance, users)
        count, most = self.count, MOST.get(self.model)
        if most and count > most:
            yield _("There are {count} {many}; {most} fit. Leave some out.").format(
                count=count, many=self.many, most=most
            )

    @property
    def count(self) -> int:
        """How many rows there are once they are saved."""
        there = sum(form.has_changed() or bool(form.instance.pk) for form in self.forms)
        return there - len(self.deleted_forms)

    @property
    def many(self) -> str:
        """What they are called."""
        return str(self.model._meta.verbose_name_plural)

    def _with_removed_rows_as_new(self) -> QueryDict:
        """Move the forms of rows that are gone behind those that are there."""
        try:
            initial, total = (
                int(self.data[f"{self.prefix}-{name}_FORMS"]) for name in ("INITIAL", "TOTAL")
            )
        except (KeyError, ValueError):
            return self.data  # which the management form refuses in its own words
        there = {str(row.pk) for row in self.get_queryset()}
        total = min(total, self.absolute_max)
        kept, gone = [], []
        for at in range(min(initial, total)):
            of = kept if self.data.get(f"{self.prefix}-{at}-id") in there else gone
            of.append(at)
        if not gone:
            return self.data
        wanted = [at for at in gone if f"{self.prefix}-{at}-DELETE" not in self.data]
        order = [*kept, *wanted, *range(initial, total)]
        return self._reordered(order, set(gone), len(kept))

    def _reordered(self, order: list[int], gone: set[int], initial: int) -> QueryDict:
        """Give the forms other numbers; the hidden first values of fields go with them."""
        data = self.data.copy()
        numbered = re.compile(rf"(initial-)?{re.escape(self.prefix)}-(\d+)-(.+)")
        fields = [(name, found) for name in self.data if (found := numbered.fullmatch(name))]
        for name, _found in fields:
            del data[name]
        for name, found in fields:
            at, field = int(found[2]), found[3]
            if at in order:
                values = [""] if at in gone and field == "id" else self.data.getlist(name)
                data.setlist(f"{found[1] or ''}{self.prefix}-{order.index(at)}-{field}", values)
        data[f"{self.prefix}-INITIAL_FORMS"] = str(initial)
        data[f"{self.prefix}-TOTAL_FORMS"] = str(len(order))
        return data


class RowInline:
    """What all of them share: whoever may change the page may change its rows."""

    form = DraftForm
    formset = Rows
    extra = 1  # without JavaScript there is no "add another"
    formfield_overrides = {models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}

    def _may(self, request: HttpRequest, obj: models.Model | None) -> bool:
        page = self.admin_site.get_model_admin(self.parent_model)
        return page.has_change_permission(request, obj) or (
            obj is None and page.has_add_permission(request)
        )

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """As on the page."""
        return self._may(request, obj)

    has_change_permission = has_delete_permission = has_add_permission

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """As on the page."""
        page = self.admin_site.get_model_admin(self.parent_model)
        return page.has_view_permission(request, obj) or self._may(request, obj)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[Rows]:
        """Return the formset, whose forms offer the parts of the draft at hand."""
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.choices = request.choices
        return formset

    def formfield_for_dbfield(self, *args: Any, **kwargs: Any) -> Any:
        """Return a plain field: a part of a draft is not added from a pop-up."""
        return plain(super().formfield_for_dbfield(*args, **kwargs))


def plain(field: Any) -> Any:
    """Return a form field without the buttons that the admin puts around it."""
    if field and hasattr(field.widget, "can_add_related"):
        field.widget = field.widget.widget
    return field


class FoldedInline(RowInline, admin.StackedInline):
    """Rows of several lines each, which are folded to their names once they are saved."""

    template = "admin/catalog/rows.html"


class ConditionInline(RowInline, admin.StackedInline):
    """When something holds."""

    form = ConditionForm
    fk_name = "owner"
    fields = ("question", "any_of")


class SectionConditions(ConditionInline):
    """When a section is asked."""

    model = SectionCondition
    verbose_name_plural = gettext_lazy(
        "asked when: all of these conditions hold; always, if there are none"
    )


class QuestionConditions(ConditionInline):
    """When a question is asked."""

    model = QuestionCondition
    verbose_name_plural = gettext_lazy(
        "asked when: all of these conditions hold; always, if there are none"
    )


class SignalConditions(ConditionInline):
    """When a signal fires."""

    model = SignalCondition
    verbose_name_plural = gettext_lazy("fires when: all of these conditions hold")


class Demands(RowInline, admin.TabularInline):
    """What a signal demands."""

    model = Demand
    verbose_name = gettext_lazy("need")
    verbose_name_plural = gettext_lazy("needs that it demands")
    fields = ("need", "weight")


class Options(FoldedInline):
    """The options of a question."""

    model = Option
    fields = (("position", "label", "key"), "hint", "if_so", ("exclusive", "unsure"))


class Prerequisites(FoldedInline):
    """What must be in place before an engagement model can start."""

    form = PrerequisiteForm
    model = Prerequisite
    fields = (("position", "title", "key"), "owner", "question", "met", "unknown")


class GuideRows(RowInline, admin.StackedInline):
    """The lines of a guide."""

    model = GuideRow
    fields = (("position", "key"), "statement", "start_with", "why")
