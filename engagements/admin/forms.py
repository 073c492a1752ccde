"""What a consultant sends: approve, override, reopen, a note. Each form knows how to do it."""

from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagements import links, reviewing
from engagements.forms import TypedField
from engagements.models import Assessment, OverrideReason

LONGEST = 2000
GONE = gettext_lazy("The page was incomplete. It is complete again now: send it once more.")


def _typed(
    label: str,
    *,
    help_text: str = "",
    required: bool = False,
    missing: str = gettext_lazy("Write a note that says why."),
) -> TypedField:
    return TypedField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 3, "class": "vLargeTextField"}),
        error_messages={"required": missing},
    )


def _message() -> TypedField:
    return _typed(
        gettext_lazy("Message to the buyer"),
        help_text=gettext_lazy("On the buyer’s page and in the brief, under your name."),
    )


def _note(*, required: bool = False) -> TypedField:
    return _typed(
        gettext_lazy("Internal note"),
        help_text=gettext_lazy("Stays in this admin; never in a buyer’s copy."),
        required=required,
    )


class ScreenForm(forms.Form):
    """A form on the screen of an assessment.

    `typed` is what was typed into it before and is to be kept, without judging it again.
    """

    name = ""

    def __init__(self, assessment: Assessment, data: Any = None, *, typed: Any = None) -> None:
        super().__init__(data, auto_id=f"{self.name}-%s", initial=typed, label_suffix="")
        self.assessment = assessment

    @property
    def action(self) -> str:
        """Where it is sent."""
        return reverse(f"admin:engagements_assessment_{self.name}", args=[self.assessment.pk])

    def send(self, by: AbstractBaseUser) -> str:
        """Do it, and return the sentence that says so; raise ReviewError when it cannot be."""
        raise NotImplementedError


class NoteForm(ScreenForm):
    """An internal note."""

    name = "note"
    button = gettext_lazy("Add note")
    text = _typed(
        gettext_lazy("New note"), required=True, missing=gettext_lazy("Write the note first.")
    )

    def send(self, by: AbstractBaseUser) -> str:
        """Add it."""
        reviewing.add_note(self.assessment, self.cleaned_data["text"], by=by)
        return _("The note is added.")


class DecisionForm(ScreenForm):
    """A decision on a recommendation, with the number of the newest review that was seen.

    The template fills in both, so that they are always those of the page they stand on.
    """

    recommendation = forms.IntegerField(
        widget=forms.HiddenInput, error_messages={"required": GONE, "invalid": GONE}
    )
    seen = forms.IntegerField(
        widget=forms.HiddenInput, error_messages={"required": GONE, "invalid": GONE}
    )

    def clean_recommendation(self) -> Any:
        """The row that was decided on."""
        given = self.cleaned_data["recommendation"]
        if row := self.assessment.recommendations.filter(pk=given).first():
            return row
        raise forms.ValidationError(GONE)


class ApproveForm(DecisionForm):
    """The recommendation is right."""

    name = "approve"
    button = gettext_lazy("Approve")
    message = _message()
    note = _note()

    def send(self, by: AbstractBaseUser) -> str:
        """Do it."""
        reviewing.approve(**self.cleaned_data, by=by)
        return _("Approved. The buyer’s page and the brief say so, under your name.")


class OverrideForm(DecisionForm):
    """Another engagement model is right."""

    name = "override"
    button = gettext_lazy("Override")
    engagement = forms.ChoiceField(
        label=gettext_lazy("Start with"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Select the engagement model to start with."),
            "invalid_choice": gettext_lazy("Select another one than what is recommended now."),
        },
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The buyer reads this sentence."),
        choices=OverrideReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Select the reason.")},
    )
    message = _message()
    note = _note(required=True)

    def __init__(self, assessment: Assessment, *args: Any, **kwargs: Any) -> None:
        super().__init__(assessment, *args, **kwargs)
        recommended = assessment.recommendation and assessment.recommendation.engagement
        self.fields["engagement"].choices = [
            (model.key, model.title)
            for model in assessment.version.rulebook.playbook.engagements
            if model.key != recommended
        ]

    def send(self, by: AbstractBaseUser) -> str:
        """Do it."""
        reviewing.override(**self.cleaned_data, by=by)
        return _("Overridden. The buyer’s page and the brief follow your decision.")


class ReopenForm(DecisionForm):
    """A review is taken back."""

    name = "reopen"
    button = gettext_lazy("Reopen")
    note = _note(required=True)

    def send(self, by: AbstractBaseUser) -> str:
        """Do it."""
        reviewing.reopen(**self.cleaned_data, by=by)
        return _("Reopened. It waits for a review again.")


class RenewForm(ScreenForm):
    """A private link that has expired is replaced, for a buyer who asks for it on the phone."""

    name = "renew"
    button = gettext_lazy("Make a new link")

    def send(self, by: AbstractBaseUser) -> str:
        """Do it, and note who did."""
        expired = self.assessment.has_expired
        if not (expired and links.replace(self.assessment, only_expired=True)):
            raise reviewing.ReviewError(
                _("The link works. Somebody has renewed it meanwhile, or the buyer has used it.")
            )
        reviewing.add_note(self.assessment, _("Made a new private link for the buyer."), by=by)
        return _("There is a new link; pass it on. The old one says that it was replaced.")


FORMS = {form.name: form for form in (ApproveForm, OverrideForm, ReopenForm, NoteForm, RenewForm)}
