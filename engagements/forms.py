"""Forms: the answers to one or more questions of a playbook, and whom a brief is for."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from advisor.answers import LONGEST_LINE, LONGEST_TEXT
from advisor.playbook import Kind, Question, Section
from advisor.rules import Answers
from engagements.models import Assessment, Link
from engagements.quotes import name_on_paper, text_on_paper

LONGEST_NAME = Link._meta.get_field("name").max_length
LONGEST_NOTE = Link._meta.get_field("note").max_length


class AskedQuestion(NamedTuple):
    """A question as a page shows it: what is selected or typed, and what is wrong with it."""

    question: Question
    selected: tuple[str, ...]
    errors: list[str]


class AnswersForm(forms.Form):
    """Answers to questions of a playbook. Templates render the options by themselves."""

    def __init__(
        self,
        questions: Iterable[Question],
        answers: Answers,
        data: Any = None,
        *,
        required: bool,
    ) -> None:
        super().__init__(data)
        self.questions = tuple(questions)
        self.given = answers
        for question in self.questions:
            self.fields[question.key] = _field(question, required=required)

    def clean(self) -> dict[str, Any]:
        """Refuse an option such as "none of these" together with others."""
        for question in self.questions:
            values = _values(self.cleaned_data.get(question.key))
            alone = [option for option in question.options if option.exclusive]
            for option in alone:
                if option.key in values and len(values) > 1:
                    message = _("“%(option)s” cannot be selected together with other options.")
                    self.add_error(
                        question.key, ValidationError(message, params={"option": option.label})
                    )
        return self.cleaned_data

    def answers(self) -> dict[str, tuple[str, ...]]:
        """Return what was answered by question key; an empty tuple where nothing was."""
        return {q.key: _values(self.cleaned_data[q.key]) for q in self.questions}

    def asked(self) -> Iterator[AskedQuestion]:
        """Yield the questions with what was selected or typed, also when that is wrong."""
        for question in self.questions:
            if self.is_bound:
                selected = tuple(self.data.getlist(question.key))
            else:
                selected = tuple(self.given.get(question.key, ()))
            yield AskedQuestion(question, selected, list(self.errors.get(question.key, ())))


class TypedField(forms.CharField):
    """A typed answer. A browser sends each end of a line as two characters, but counts one."""

    default_error_messages = {
        "max_length": gettext_lazy(
            "Shorten this to %(limit_value)d characters; it has %(show_value)d now."
        ),
    }

    def to_python(self, value: Any) -> str:
        """Return the text as it was typed."""
        return super().to_python(value.replace("\r\n", "\n") if value else value)


def _field(question: Question, *, required: bool) -> forms.Field:
    choices = [(option.key, option.label) for option in question.options]
    gone = _("That option is not there any more. Select one of those shown.")
    match question.kind:
        case Kind.ONE:
            messages = {"required": _("Select one option."), "invalid_choice": gone}
            return forms.ChoiceField(choices=choices, required=required, error_messages=messages)
        case Kind.MANY:
            messages = {"required": _("Select at least one option."), "invalid_choice": gone}
            return forms.MultipleChoiceField(
                choices=choices, required=required, error_messages=messages
            )
        case Kind.LINE:
            return TypedField(max_length=LONGEST_LINE, required=required)
        case Kind.TEXT:
            return TypedField(max_length=LONGEST_TEXT, required=required)


def _values(cleaned: str | list[str] | None) -> tuple[str, ...]:
    if not cleaned:
        return ()
    return (cleaned,) if isinstance(cleaned, str) else tuple(cleaned)


class AskForm(forms.Form):
    """Which section somebody else is asked to answer, and who that is."""

    section = forms.ChoiceField(
        error_messages={
            "required": gettext_lazy("Select what your colleague is asked."),
            "invalid_choice": gettext_lazy(
                "That part is not asked any more. Select one of those shown."
            ),
        }
    )
    name = forms.CharField(
        label=gettext_lazy("Who is it for?"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput({"class": "input", "autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Enter who it is for, so that you see who answered."),
            "max_length": gettext_lazy("Shorten the name to %(limit_value)d characters."),
        },
    )
    note = forms.CharField(
        label=gettext_lazy("A line for them"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.TextInput({"class": "input", "autocomplete": "off"}),
        error_messages={
            "max_length": gettext_lazy(
                "Shorten the line to %(limit_value)d characters; it has %(show_value)d now."
            ),
        },
    )

    def __init__(
        self, sections: Iterable[Section], data: Any = None, *, section: str | None = None
    ) -> None:
        super().__init__(data, initial={"section": section})
        choices = [(one.key, one.title) for one in sections]
        self.fields["section"].choices = choices

    def clean_name(self) -> str:
        """Return the name as it can be printed; one of nothing printable is none."""
        name = name_on_paper(self.cleaned_data["name"])
        if not name:
            raise ValidationError(self.fields["name"].error_messages["required"])
        return name

    def clean_note(self) -> str:
        """Return the line as it can be printed."""
        return text_on_paper(self.cleaned_data["note"]).replace("\n", " ")


class ContactForm(forms.ModelForm):
    """Whom the brief is for. All of it is optional."""

    class Meta:
        model = Assessment
        fields = ("contact_name", "contact_firm", "contact_email")
        widgets = {
            "contact_name": forms.TextInput({"class": "input", "autocomplete": "name"}),
            "contact_firm": forms.TextInput({"class": "input", "autocomplete": "organization"}),
            "contact_email": forms.EmailInput({"class": "input", "autocomplete": "email"}),
        }
        error_messages = {
            "contact_email": {
                "invalid": gettext_lazy(
                    "Enter an e-mail address such as name@example.com, or leave it empty."
                )
            },
        }
