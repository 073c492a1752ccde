"""One buyer's pass through a playbook version, and the answers given on the way."""

import secrets
from functools import cached_property

from django.db import models
from django.urls import reverse
from django.utils import timezone

from catalog.models import PlaybookVersion


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
    def given(self) -> dict[str, "Answer"]:
        """The row of every answer given, by question key, in the order of first giving."""
        return {answer.question: answer for answer in self.answer_set.all()}

    @cached_property
    def answers(self) -> dict[str, tuple[str, ...]]:
        """Every answer given, by question key; also those off the live path."""
        return {key: tuple(answer.values) for key, answer in self.given.items()}

    def forget_answers(self) -> None:
        """Read the answers anew when they are next asked for."""
        for known in ("given", "answers"):
            self.__dict__.pop(known, None)


class Answer(models.Model):
    """The answer to one question: option keys, or one typed text.

    `answered_at` is when it was last given otherwise than before: the same once more is no news.
    """

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
