"""A long page by subject: each has one heading, its fields and the rows that belong to them.

A subject that may be left out is folded while there is nothing in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.helpers import AdminForm, Fieldset, InlineAdminFormSet
from django.forms.models import BaseInlineFormSet
from django.utils.text import slugify

Field = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a page is made of; `folds` where a subject may well have nothing to say."""

    title: str
    fields: tuple[Field, ...] = ()
    inlines: tuple[type, ...] = ()
    about: str = ""
    folds: bool = False


def fieldsets_of(subjects: Iterable[Subject]) -> tuple[tuple[None, dict[str, Any]], ...]:
    """Return a fieldset for each subject; the heading is that of the subject."""
    return tuple((None, {"fields": subject.fields}) for subject in subjects)


def inlines_of(subjects: Iterable[Subject]) -> tuple[type, ...]:
    """Return the kinds of rows of all subjects, in their order."""
    return tuple(inline for subject in subjects for inline in subject.inlines)


@dataclass(frozen=True, slots=True)
class Shown:
    """A subject as it is on a page."""

    subject: Subject
    fieldset: Fieldset
    inlines: list[InlineAdminFormSet]

    @property
    def anchor(self) -> str:
        """Where the page jumps to."""
        return f"about-{slugify(self.subject.title)}"

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said on it, in the form as it is now."""
        form = self.fieldset.form
        return not (
            any(name not in form.fields or form[name].value() for name in self._names)
            or any(_has_rows(inline.formset) for inline in self.inlines)
        )

    @property
    def is_folded(self) -> bool:
        """Whether it is folded; what is wrong never is."""
        wrong = any(name in self.fieldset.form.errors for name in self._names) or any(
            inline.formset.is_bound and not inline.formset.is_valid() for inline in self.inlines
        )
        return self.subject.folds and self.is_empty and not wrong

    @property
    def _names(self) -> list[str]:
        return [
            name
            for line in self.subject.fields
            for name in ((line,) if isinstance(line, str) else line)
        ]


def shown(
    subjects: Iterable[Subject], form: AdminForm, formsets: Iterable[InlineAdminFormSet]
) -> list[Shown]:
    """Return the subjects of a page, with its fieldsets and whatever rows somebody may see."""
    there = {type(formset.opts): formset for formset in formsets}
    return [
        Shown(subject, fieldset, [there[one] for one in subject.inlines if one in there])
        for subject, fieldset in zip(subjects, form, strict=True)
    ]


def _has_rows(formset: BaseInlineFormSet) -> bool:
    return any(form.instance.pk or form.has_changed() for form in formset.forms)
