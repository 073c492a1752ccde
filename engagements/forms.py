"""Forms: the answers to one or more questions of a playbook, and whom a brief is for."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from advisor.answers import LONGEST_LINE, LONGEST_TEXT
from advisor.playbook import Kind, Question, Section
from advisor.rules import Answers, Rulebook
from engagements.meanwhile import Clash
from engagements.models import Assessment, Link
from engagements.quotes import name_on_paper, text_on_paper

LONGEST_NAME = Link._meta.get_field("name").max_length
LONGEST_NOTE = Link._meta.get_field("note").max_length


class AskedQuestion(NamedTuple):
    """A question as a page shows it: what is selected or typed, and what is wrong with it.

    `key` tells it from all others, but for what is wrong: of whichever playbook version, and with
    what is selected.
    """

    question: Question
    selected: tuple[str, ...]
    errors: list[str]
    key: str


class ProblemsMixin(forms.BaseForm):
    """A form that tells what is wrong with it, and what others have changed meanwhile."""

    clashed = False

    @property
    def names(self) -> Iterable[str]:
        """What it asks."""
        return self.fields

    def tell(self, clashes: Iterable[Clash]) -> None:
        """Add what is stored now to each thing that others have changed, too."""
        for clash in clashes:
            self.clashed = True
            self.add_error(clash.key, _told(clash, *self.words(clash)))

    def words(self, clash: Clash) -> tuple[str, str]:
        """Return what a clash is about, and what is stored of it."""
        return capfirst(str(self.fields[clash.key].label)), str(clash.stored)

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield everything that is wrong, each with the id of the first input it is about."""
        for name in self.fields:
            for error in self.errors.get(name, ()):
                yield self[name].id_for_label, str(error)


class AnswersForm(ProblemsMixin, forms.Form):
    """Answers to questions of a playbook version. Templates render the options by themselves."""

    def __init__(
        self,
        rulebook: Rulebook,
        questions: Iterable[Question],
        answers: Answers,
        data: Any = None,
        *,
        required: bool,
    ) -> None:
        super().__init__(data, auto_id="%s")  # a question's key is the id of its first input
        self.edition = rulebook.version
        self.questions = tuple(questions)
        self.given = answers
        if self.is_bound:  # before something is sent, there is nothing to check
            for question in self.questions:
                self.fields[question.key] = _field(question, required=required)

    @property
    def names(self) -> Iterable[str]:
        """What it asks: the questions, by key."""
        return [question.key for question in self.questions]

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

    def words(self, clash: Clash) -> tuple[str, str]:
        """Return the question, and the options or the text that are its answer."""
        [question] = [question for question in self.questions if question.key == clash.key]
        if question.kind.has_options:
            labels = [option.label for option in question.options if option.key in clash.stored]
            return question.title, "; ".join(labels)
        return question.title, Truncator("".join(clash.stored)).chars(100)

    def asked(self) -> Iterator[AskedQuestion]:
        """Yield the questions with what was selected or typed, also when that is wrong."""
        for question in self.questions:
            if self.is_bound:
                selected = tuple(self.data.getlist(question.key))
            else:
                selected = tuple(self.given.get(question.key, ()))
            errors = list(self.errors.get(question.key, ()))
            options = (option.key for option in question.options if option.key in selected)
            key = " ".join((self.edition, question.key, *options))
            yield AskedQuestion(question, selected, errors, key)


class TypedField(forms.CharField):
    """A typed answer. A browser sends each end of a line as two characters, but counts one."""

    default_error_messages = {
        "max_length": gettext_lazy(
            "Shorten this to %(limit_value)d characters; it has %(show_value)d now."
        ),
        "null_characters_not_allowed": gettext_lazy(
            "This has a character in it that cannot be saved. Type it anew instead of pasting it."
        ),
    }

    def to_python(self, value: Any) -> str:
        """Return the text as it was typed."""
        return super().to_python(value.replace("\r\n", "\n") if value else value)


def _field(question: Question, *, required: bool) -> forms.Field:
    choices = [(option.key, option.label) for option in question.options]
    messages = {
        "required": _missing(question),
        "invalid_choice": _("That option is not there any more. Select one of those shown."),
    }
    match question.kind:
        case Kind.ONE:
            return forms.ChoiceField(choices=choices, required=required, error_messages=messages)
        case Kind.MANY:
            return forms.MultipleChoiceField(
                choices=choices, required=required, error_messages=messages
            )
        case Kind.LINE | Kind.TEXT:
            longest = LONGEST_LINE if question.kind is Kind.LINE else LONGEST_TEXT
            return TypedField(max_length=longest, required=required, error_messages=messages)


def _missing(question: Question) -> str:
    """Say what to do about a question without an answer, in the words that name its answer."""
    alone = next((option.label for option in question.options if option.exclusive), None)
    if not question.kind.has_options:
        message = _("Enter %(noun)s.")
    elif question.kind is Kind.MANY and alone:
        message = _("Select %(noun)s, or “%(alone)s”.")
    else:
        message = _("Select %(noun)s.")
    return message % {"noun": question.answer_noun, "alone": alone}


def _told(clash: Clash, asked: str, stored: str) -> str:
    told = {"asked": asked, "stored": stored}
    if not stored:
        return (
            _(
                "“%(asked)s” has no answer any more: it was taken back in another tab or on "
                "another device. Press the button again to give it what is here."
            )
            % told
        )
    if clash.since is None:
        return (
            _(
                "“%(asked)s” is “%(stored)s” by now, changed in another tab or on another device. "
                "Press the button again to replace that with what is here."
            )
            % told
        )
    when = localtime(clash.since)
    told["when"] = f"{date_format(when, 'DATETIME_FORMAT')} {when.tzname()}"
    return (
        _(
            "“%(asked)s” has another answer by now: “%(stored)s”, given in another tab or on "
            "another device on %(when)s. Press the button again to replace it with what is here."
        )
        % told
    )


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


class ContactForm(ProblemsMixin, forms.ModelForm):
    """Whom the brief is for. All of it is optional."""

    class Meta:
        model = Assessment
        fields = ("contact_name", "contact_firm", "contact_email")
        widgets = {
            "contact_name": forms.TextInput({"class": "input", "autocomplete": "name"}),
            "contact_firm": forms.TextInput({"class": "input", "autocomplete": "organization"}),
            "contact_email": forms.EmailInput(
                {"class": "input", "autocomplete": "email", "spellcheck": "false"}
            ),
        }
        too_long = gettext_lazy(
            "Shorten this to %(limit_value)d characters; it has %(show_value)d now."
        )
        error_messages = {
            "contact_name": {"max_length": too_long},
            "contact_firm": {"max_length": too_long},
            "contact_email": {
                "invalid": gettext_lazy(
                    "Enter an e-mail address such as name@example.com, or leave it empty."
                ),
                "max_length": too_long,
            },
        }
