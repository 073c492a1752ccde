"""What happens with one buyer: an assessment, its answers, recommendations, reviews and briefs."""

import secrets
from functools import cached_property

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from advisor.rules import Recommendation as RecommendationValue
from catalog.immutable import Immutable
from catalog.models import PlaybookVersion
from catalog.people import name_of


def new_token() -> str:
    """Return 192 random bits for a private link."""
    return secrets.token_urlsafe(24)


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    """Assessments, as lists and pages need them."""

    def with_version(self) -> "AssessmentQuerySet":
        """Join the version, but leave its large document until a rulebook has to be compiled."""
        return self.select_related("version__playbook").defer("version__document")

    def with_decision(self) -> "AssessmentQuerySet":
        """Join the recommendation that the answers lead to, and the review in force."""
        return self.select_related("recommendation", "review__reviewer")

    def reviewed(self) -> "AssessmentQuerySet":
        """Those with a review in force."""
        return self.filter(review__isnull=False)


class State(models.TextChoices):
    """Where an assessment stands; the rows it is read from are the truth (see `assessing`)."""

    ANSWERING = "answering", "Answering"
    WAITING = "waiting", "Waiting for review"
    APPROVED = "approved", "Approved"
    OVERRIDDEN = "overridden", "Overridden"
    CHANGED = "changed", "Changed after review"


class Assessment(models.Model):
    """One buyer's pass through a playbook version. The token is the private link.

    The last four columns say what its answers, recommendations and reviews come to, so that
    lists need not work it out: `recommendation` is the issued one that the answers still lead
    to, `review` the one in force on it, `settled` whether an answer can still change the
    outcome. `assessing.refresh` is the only place that writes them.
    """

    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    version = models.ForeignKey(PlaybookVersion, on_delete=models.PROTECT)
    continues = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="continued_by",
        help_text="The assessment by another playbook that this one goes on from.",
    )
    contact_name = models.CharField("your name", max_length=120, blank=True)
    contact_firm = models.CharField("your firm", max_length=120, blank=True)
    contact_email = models.EmailField("your e-mail address", blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    state = models.CharField(max_length=12, choices=State, default=State.ANSWERING, editable=False)
    settled = models.BooleanField(default=False, editable=False)
    recommendation = models.ForeignKey(
        "Recommendation", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    review = models.ForeignKey(
        "Review", on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(fields=("-created_at", "-id"), name="newest_assessments"),
            models.Index(fields=("state", "-created_at", "-id"), name="assessments_by_state"),
        )
        permissions = (
            ("review_assessment", "Can approve, override and reopen, and write notes"),
            ("use_desk", "Can list and download reviewed briefs"),
        )

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("engagements:resume", args=[self.token])

    @property
    def reference(self) -> str:
        """How people name it on the phone and on paper, such as SB-2026-0417."""
        return f"SB-{self.created_at:%Y}-{self.pk:04d}"

    @cached_property
    def answers(self) -> dict[str, tuple[str, ...]]:
        """Every answer given, by question key; also those off the live path."""
        return {answer.question: tuple(answer.values) for answer in self.answer_set.all()}


class Answer(models.Model):
    """The answer to one question: option keys, or one typed text."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE)
    question = models.CharField(max_length=60)
    values = models.JSONField()
    answered_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("assessment", "question"), name="one_answer_for_each_question"
            ),
        )

    def __str__(self) -> str:
        return f"{self.assessment}: {self.question}"


class Recommendation(Immutable):
    """A recommendation exactly as the engine returned it, one row for each that was issued."""

    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, related_name="recommendations"
    )
    number = models.PositiveIntegerField()
    document = models.JSONField()
    kind = models.CharField(max_length=20)
    engagement = models.CharField(max_length=60, blank=True, help_text="The first step's key.")
    score = models.PositiveSmallIntegerField(null=True, help_text="The first step's, 0 to 100.")
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
        return f"{self.assessment} recommendation {self.number}"

    @cached_property
    def value(self) -> RecommendationValue:
        """The recommendation as a frozen value."""
        return RecommendationValue.model_validate(self.document)


class Decision(models.TextChoices):
    """What a consultant decided on a recommendation."""

    APPROVED = "approved", "Approved"
    OVERRIDDEN = "overridden", "Overridden"
    REOPENED = "reopened", "Reopened"


class OverrideReason(models.TextChoices):
    """Why a consultant decided otherwise; a buyer reads the sentence."""

    FACTS = "facts", "We talked, and learnt something that the questions do not ask."
    EVIDENCE = "evidence", "What would have to be found out first is known already."
    RISK = "risk", "The risk is larger than the answers show."
    LESS = "less", "Less is enough: the risk is smaller than the answers show."
    READINESS = "readiness", "What has to be in place first cannot be in time."
    BUDGET = "budget", "The budget allows another way of working than the answers say."
    TIMING = "timing", "The date asks for another first step."


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
        return f"Note on {self.assessment}"


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
        return f"{self.assessment} brief {self.number}"


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
        return _("{name} (account: {account})").format(name=self.name, account=account)
