"""Columns for the texts of a playbook, with the limits and forms of `advisor.playbook`."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LONGEST_LINE = 300
LONGEST_PROSE = 4000
MOST_LINES = 40


class KeyField(models.CharField):
    """A key: lower-case words joined by hyphens, unique among its kind."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 60)
        kwargs.setdefault(
            "validators",
            [
                RegexValidator(
                    r"^[a-z0-9]+(-[a-z0-9]+)*\Z",
                    gettext_lazy("Write lower-case words joined by hyphens, such as known-target."),
                )
            ],
        )
        super().__init__(*args, **kwargs)


class LineField(models.CharField):
    """One line of text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST_LINE)
        super().__init__(*args, **kwargs)


class ProseField(models.TextField):
    """Some sentences."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("validators", [MaxLengthValidator(LONGEST_PROSE)])
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs: Any) -> forms.Field:
        """Return a field that keeps line breaks as a document has them."""
        return super().formfield(**{"form_class": ProseFormField, **kwargs})


class ProseFormField(forms.CharField):
    """Browsers send line breaks as CR LF; a document has LF."""

    def to_python(self, value: Any) -> str:
        """Return the text with plain line breaks."""
        return super().to_python(value).replace("\r\n", "\n").strip()


class LinesField(models.JSONField):
    """A list of lines, edited as a text of one item a line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", list)
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs: Any) -> forms.Field:
        """Return a text area with one item a line."""
        options = {
            "form_class": LinesFormField,
            "help_text": self.help_text or gettext_lazy("One item a line."),
            "show_hidden_initial": False,  # which Django shows where a default is a function
        }
        return models.Field.formfield(self, **{**options, **kwargs})


class LinesFormField(forms.CharField):
    """A text area that is a list: one item a line, empty lines left out."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """Return the text to edit. An item that is broken into lines is shown as one."""
        if not isinstance(value, list):
            return value
        return "\n".join(" ".join(item.split("\n")) for item in value)

    def to_python(self, value: Any) -> list[str]:
        """Return the items; refuse what a playbook cannot hold, naming the line as it stands."""
        text = super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")
        lines = {at: line.strip() for at, line in enumerate(text.split("\n"), start=1)}
        if wrong := [told for at, line in lines.items() for told in _wrong_with(at, line)]:
            raise ValidationError(wrong)
        return [line for line in lines.values() if line]

    def validate(self, value: list[str]) -> None:
        """Refuse no items where there must be some, and more than fit."""
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(value) > MOST_LINES:
            raise ValidationError(
                _("There are {count} lines; {most} fit. Join or leave out some.").format(
                    count=len(value), most=MOST_LINES
                )
            )

    def run_validators(self, value: list[str]) -> None:
        """Validators of a text do not apply to a list."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare the texts; one that is refused is a change."""
        try:
            return self.to_python(self.prepare_value(initial or [])) != self.to_python(data or "")
        except ValidationError:
            return True


def _wrong_with(at: int, line: str) -> list[str]:
    if len(line) > LONGEST_LINE:
        return [
            _("Line {at} has {count} characters; {most} fit. Shorten it.").format(
                at=at, count=len(line), most=LONGEST_LINE
            )
        ]
    if "\x00" in line:
        return [
            _("Line {at} holds the character U+0000, which cannot be kept. Remove it.").format(
                at=at
            )
        ]
    return []
