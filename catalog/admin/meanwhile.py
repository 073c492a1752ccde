"""What is saved now beside what somebody has typed: told when two people edit one page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BaseForm, BaseModelForm
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as _

from catalog.ids import id_in


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that was saved otherwise than it was typed."""

    what: str
    now: str
    yours: str


def differences(form: BaseModelForm, formsets: Iterable[BaseInlineFormSet]) -> list[Difference]:
    """Return every field of a page whose typed value is not the saved one."""
    return [
        *_of_form(form, ""),
        *(told for formset in formsets for told in _of_rows(formset)),
    ]


def _of_form(form: BaseModelForm, start: str) -> Iterator[Difference]:
    for name in form.changed_data:
        field = form.fields[name]
        if isinstance(field.widget, forms.HiddenInput) or name == "DELETE":
            continue
        now = told(field, form.get_initial_for_field(field, name))
        yours = told(field, form[name].data)
        if now != yours:
            yield Difference(f"{start}{form[name].label}", now, yours)


def _of_rows(formset: BaseInlineFormSet) -> Iterator[Difference]:
    kind = str(formset.model._meta.verbose_name).capitalize()
    posted = set()
    for at, form in enumerate(formset.forms, start=1):
        row = f"{kind} {at}"
        posted.add(form.instance.pk)
        if form in formset.deleted_forms:
            yield Difference(row, _("is there"), _("deleted"))
        elif form.instance.pk:
            yield from _of_form(form, f"{row}: ")
        elif form.has_changed():
            yield Difference(row, _("is not there"), "; ".join(_typed(form)))
    for row in formset.get_queryset():
        if row.pk not in posted:
            yield Difference(
                kind,
                _("“{row}” was added; it stays when you save").format(row=row),
                _("is not there"),
            )


def _typed(form: BaseForm) -> Iterator[str]:
    """What somebody typed into the fields of a form."""
    for name, field in form.fields.items():
        hidden = isinstance(field.widget, forms.HiddenInput) or name == "DELETE"
        if not hidden and (value := told(field, form[name].data)):
            yield f"{form[name].label}: {value}"


def told(field: forms.Field, value: Any) -> str:
    """Return a value of a field as people read it."""
    if isinstance(field, forms.ModelChoiceField):
        several = value if isinstance(value, list | tuple) else [value]
        keys = [str(getattr(one, "pk", one)) for one in several if one not in (None, "")]
        ids = [pk for key in keys if (pk := id_in(key))]
        rows = field.queryset.model.objects.filter(pk__in=ids)
        return ", ".join(map(str, rows))
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value)) if value else ""
    if isinstance(field, forms.BooleanField):
        return _("yes") if field.to_python(value) else _("no")
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def typed_on(form: BaseForm, formsets: Iterable[Any]) -> list[Difference]:
    """Return all that was typed on a page whose row is gone."""
    kept = [
        Difference(str(form[name].label), "", told(field, form[name].data))
        for name, field in form.fields.items()
        if not isinstance(field.widget, forms.HiddenInput)
    ]
    for formset in formsets:
        kind = str(formset.model._meta.verbose_name).capitalize()
        kept += [
            Difference(f"{kind} {at}", "", "\n".join(typed))
            for at, row in enumerate(formset.forms, start=1)
            if row.has_changed() and (typed := list(_typed(row)))
        ]
    return [one for one in kept if one.yours]
