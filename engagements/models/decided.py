"""What was decided on an assessment and what followed: rows that are written once."""

from functools import cached_property

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from advisor.rules import Recommendation as RecommendationValue
from catalog.immutable import Immutable
from catalog.people import name_of
from engagements.models.assessed import Assessment


class Recommendation(Immutable):
    """A recommendation exactly as the engine returned it, one row for each that was issued."""

    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, related_name="recommendations"
    )
    number = models.PositiveIntegerField()
    document = models.JSONField()
    kind = models.CharField(max_length=20)
    engagement = models.CharField(max_length=60, blank=True, help_text=_("The first step's key."))
    score = models.PositiveSmallIntegerField(null=True, help_text=_("The first step's, 0 to 100."))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-number",)
        indexes = (models.Index(fields=("engagement",), name="recommendations_by_start"),)
        constraints = (
            models.UniqueConstraint(
                fields=("assessment", "number"), name="one_recommendation_of_each_number"
            ),
        )

    def __str__(self) -> str:
        return gettext("{assessment} recommendation {number}").format(
            assessment=self.assessment, number=self.number
        )

    @cached_property
    def value(self) -> RecommendationValue:
        """The recommendation as a frozen value."""
        return RecommendationValue.model_validate(self.document)


class Decision(models.TextChoices):
    """What a consultant decided on a recommendation."""

    APPROVED = "approved", _("Approved")
    OVERRIDDEN = "overridden", _("Overridden")
    REOPENED = "reopened", _("Reopened")


class OverrideReason(models.TextChoices):
    """Why a consultant decided otherwise; a buyer reads the sentence."""

    FACTS = "facts", _("We talked, and learnt something that the questions do not ask.")
    EVIDENCE = "evidence", _("What would have to be found out first is known already.")
    RISK = "risk", _("The risk is larger than the answers show.")
    LESS = "less", _("Less is enough: the risk is smaller than the answers show.")
    READINESS = "readiness", _("What has to be in place first cannot be in time.")
    BUDGET = "budget", _("The budget allows another way of working than the answers say.")
    TIMING = "timing", _("The date asks for another first step.")


class Review(Immutable):
    """A consultant's decision on a recommendation, which itself stays as it was returned.

    The newest one counts; "reopened" takes the one before it back. `engagement` is the key of
    the engagement model decided on, `steps` and `uncarried` what follows from it (as
    `advisor.rules.overriding` returns them). `message` is for the buyer, `note` never is.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="reviews")
    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.PROTECT, related_name="reviews"
    )
    number = models.PositiveIntegerField()
    decision = models.CharField(max_length=12, choices=Decision)
    engagement = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=12, choices=OverrideReason, blank=True)
    note = models.TextField(blank=True)
    message = models.TextField(blank=True)
    steps = models.JSONField(default=list)
    uncarried = models.JSONField(default=list)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("recommendation", "number"), name="one_review_of_each_number"
            ),
        )

    def __str__(self) -> str:
        return f"{self.recommendation} {self.get_decision_display().lower()}"

    @property
    def reviewer_name(self) -> str:
        """The reviewer as people call them."""
        return name_of(self.reviewer)

    @property
    def in_force(self) -> bool:
        """Whether it decides; one that reopens does not."""
        return self.decision != Decision.REOPENED


class Note(Immutable):
    """An internal note on an assessment; never in a buyer's copy."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return gettext("Note on {assessment}").format(assessment=self.assessment)


class BriefVersion(Immutable):
    """What one version of a scope brief says; `engagements.pdf` makes the file from it.

    `review` is the review in force when it was issued, if there was one.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="briefs")
    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, null=True, related_name="briefs")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(
                fields=("assessment", "number"), name="one_brief_of_each_number"
            ),
        )

    def __str__(self) -> str:
        return gettext("{assessment} brief {number}").format(
            assessment=self.assessment, number=self.number
        )


class Tick(Immutable):
    """An item of a checklist that somebody ticked, or took the tick back from; the newest counts.

    `checklist` and `group` are keys of the pinned playbook version, `item` is the item's words.
    `user` is missing when it was somebody with the private link.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="ticks")
    checklist = models.CharField(max_length=60)
    group = models.CharField(max_length=60)
    item = models.CharField(max_length=300)
    done = models.BooleanField()
    name = models.CharField(max_length=120)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.assessment}: {self.item}"

    @property
    def who(self) -> str:
        """The name as it was typed, with the account's where somebody signed in typed another."""
        account = name_of(self.user) if self.user else self.name
        if self.name == account:
            return self.name
        return gettext("{name} (account: {account})").format(name=self.name, account=account)
