"""The forms of the catalog: what they offer, and the sentences with which they refuse."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from advisor.sentences import listed, quoted
from catalog.admin.choices import Choices
from catalog.ids import id_in
from catalog.models import Option, Question
from catalog.models.draft import Edited
from catalog.people import name_of

BLANK = ("", None, [])
"""What a field holds that was left out."""


class DraftForm(forms.ModelForm):
    """A form that offers the parts of one draft; the page it is on sets `choices`."""

    choices = Choices(None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and field.queryset.model is not Option:
                self.choices.limit(field)
        if "position" in self.fields:
            # Others may have moved it meanwhile: only who moves it himself sets its place.
            self.fields["position"].show_hidden_initial = True
            self.fields["position"].required = False

    def clean(self) -> dict[str, Any]:
        """Leave a row where it is now, unless it was moved here; without a place it goes last."""
        cleaned = super().clean()
        if "position" in self.fields:
            moved = "position" in self.changed_data
            cleaned["position"] = (
                cleaned.get("position") if moved else self.instance.position
            ) or 0
        return cleaned


class EditedForm(DraftForm):
    """A form that knows the revision it was opened at, and refuses to write over a later one."""

    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    is_stale = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["revision"] = self.instance.revision

    def clean_key(self) -> str:
        """Refuse the key of another part of the same kind."""
        key, model = self.cleaned_data["key"], type(self.instance)
        others = model.objects.filter(draft=self.choices.draft, key=key).exclude(
            pk=self.instance.pk
        )
        if other := others.first():
            raise forms.ValidationError(
                _("The {kind} “{other}” has this key; give this one its own.").format(
                    kind=model._meta.verbose_name, other=other
                )
            )
        return key

    def clean(self) -> dict[str, Any]:
        """Refuse to write over what somebody saved meanwhile; the next attempt may."""
        cleaned = super().clean()
        if self.instance.pk and cleaned.get("revision") != self.instance.revision:
            self.is_stale = True
            self.data = self.data.copy()
            self.data[self.add_prefix("revision")] = str(self.instance.revision)
            self.add_error(
                None,
                _("{saved}, after you had opened this page.").format(saved=saved_by(self.instance)),
            )
        return cleaned

    def want_whole(self, needed: Iterable[str], others: Iterable[str], told: str) -> None:
        """Refuse a group of fields of which something is said, and not all that is needed."""
        cleaned = self.cleaned_data
        if all(cleaned.get(name) in BLANK for name in (*needed, *others)):
            return
        for name in needed:
            if name in cleaned and cleaned[name] in BLANK:
                self.add_error(name, told.format(name=self.fields[name].label))


def saved_by(row: Edited, what: str = "") -> str:
    """Return who saved a row when: Grace saved this on 21 November 2026 at 14:03."""
    person = name_of(row.edited_by) if row.edited_by else _("Somebody")
    when = localtime(row.edited_at)
    return _("{person} saved {what} on {date} at {time}").format(
        person=person,
        what=what or _("this"),
        date=date_format(when, "DATE_FORMAT"),
        time=date_format(when, "TIME_FORMAT"),
    )


class DraftHeaderForm(EditedForm):
    """The opening parts of a draft."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "entry" in self.fields:
            self.fields["entry"].required = True

    def clean(self) -> dict[str, Any]:
        """Let nothing vanish: an emergency is there as a whole or not at all."""
        cleaned = super().clean()
        self.want_whole(
            ("emergency_phone", "emergency_hours", "emergency_promise"),
            ("emergency_have_ready", "emergency_meanwhile"),
            _("Fill in “{name}” too, or leave everything on emergencies blank."),
        )
        return cleaned


class EngagementForm(EditedForm):
    """An engagement model; what it says in several fields is there as a whole or not at all."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "follow_on_playbook" in self.fields:
            self.fields["follow_on_playbook"].widget.attrs["list"] = "playbooks"

    def clean(self) -> dict[str, Any]:
        """Say which part of a group is missing, and refuse what cannot be."""
        cleaned = super().clean()
        self.want_whole(
            ("price_currency", "price_least", "price_unit"),
            ("price_most",),
            _("A price needs this too; leave all of it blank for none."),
        )
        self.want_whole(
            ("level_coverage",),
            ("level_channels", "level_uptime", "level_credit_limit"),
            _("A service level needs this too; leave all of it blank for none."),
        )
        self.want_whole(
            ("follow_on_playbook", "follow_on_when"),
            (),
            _(
                "To go on with another playbook takes both, the playbook and when; or leave both "
                "blank."
            ),
        )
        refuse_falling_price(self, "price_least", "price_most")
        draft = self.choices.draft
        if draft and cleaned.get("follow_on_playbook") == draft.playbook.key:
            self.add_error(
                "follow_on_playbook", _("This is the playbook itself. Name another one, or none.")
            )
        return cleaned


class OtherPriceForm(DraftForm):
    """A price beside the main one."""

    def clean(self) -> dict[str, Any]:
        """Refuse one that ends below its beginning."""
        cleaned = super().clean()
        refuse_falling_price(self, "least", "most")
        return cleaned


def refuse_falling_price(form: forms.ModelForm, least: str, most: str) -> None:
    """Refuse a price that ends below where it begins."""
    begins, ends = (form.cleaned_data.get(name) for name in (least, most))
    if begins is not None and ends is not None and ends < begins:
        form.add_error(most, _("The price ends below where it begins."))


class ReadsAnswers(DraftForm):
    """A form on the answer to a question: the question is picked, then options of it."""

    option_fields = ("any_of",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = self._asked()
        self.fields["question"].widget.attrs |= {
            "data-asks": " ".join(self.option_fields),
            "data-options-url": reverse("admin:catalog_question_options", args=[0]),
            "data-failed": _("The options could not be loaded. Save, and they are shown."),
        }
        for name in self.option_fields:
            field = self.fields[name]
            self.choices.limit_options(field, asked)
            if not field.choices:
                field.help_text = _(
                    "Pick a question; its options appear here, at the latest when you save."
                )
            field.error_messages["required"] = (
                _("Tick at least one option; those of this question are shown now.")
                if asked
                else _("Pick the question first, then tick its options.")
            )

    def _asked(self) -> int | None:
        """The question that is picked now."""
        if not self.is_bound:
            return self.instance.question_id
        picked = self.data.get(self.add_prefix("question"), "")
        return id_in(picked)

    def clean(self) -> dict[str, Any]:
        """Refuse options of another question."""
        cleaned = super().clean()
        question = cleaned.get("question")
        for name in self.option_fields:
            foreign = [o for o in cleaned.get(name) or () if question and o.question != question]
            if foreign:
                told = ngettext(
                    "{options} is no option of “{question}”. Tick options of this question, which "
                    "are shown now, and save again.",
                    "{options} are no options of “{question}”. Tick options of this question, "
                    "which are shown now, and save again.",
                    len(foreign),
                )
                options = listed(quoted(str(option)) for option in foreign)
                self.add_error(name, told.format(options=options, question=question))
        return cleaned


def options_field(**kwargs: Any) -> forms.ModelMultipleChoiceField:
    """Return a field for options, one below the other."""
    return forms.ModelMultipleChoiceField(
        Option.objects.none(), widget=forms.CheckboxSelectMultiple, **kwargs
    )


class FactForm(DraftForm):
    """A line of the manual, and the question whose answer fills it in."""

    question = forms.ModelChoiceField(
        Question.objects.none(),
        label=gettext_lazy("The answer to"),
        empty_label=gettext_lazy("Pick a question"),
    )


class ConditionForm(ReadsAnswers):
    """A condition: the answer is any of these."""

    question = forms.ModelChoiceField(
        Question.objects.none(),
        label=gettext_lazy("The answer to"),
        empty_label=gettext_lazy("Pick a question"),
    )
    any_of = options_field(label=gettext_lazy("is any of"))


class PrerequisiteForm(ReadsAnswers):
    """A prerequisite and how it is read from an answer."""

    option_fields = ("met", "unknown")
    question = forms.ModelChoiceField(
        Question.objects.none(),
        label=gettext_lazy("Read from the answer to"),
        empty_label=gettext_lazy("Pick a question"),
    )
    met = options_field(label=gettext_lazy("Met by any of"))
    unknown = options_field(label=gettext_lazy("Unknown by any of"), required=False)


class ServicePathForm(ReadsAnswers, EditedForm):
    """The services that come first for one answer."""

    question = forms.ModelChoiceField(
        Question.objects.none(),
        label=gettext_lazy("When the answer to"),
        empty_label=gettext_lazy("Pick a question"),
    )
    any_of = options_field(label=gettext_lazy("is any of"))
