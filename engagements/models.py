"""What happens with one buyer: an assessment, its answers, recommendations and briefs."""

import secrets
from functools import cached_property

from django.db import models
from django.urls import reverse

from advisor.rules import Recommendation as RecommendationValue
from catalog.immutable import Immutable
from catalog.models import PlaybookVersion


def new_token() -> str:
    """Return 192 random bits for a private link."""
    return secrets.token_urlsafe(24)


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    """Assessments, as lists and pages need them."""

    def with_version(self) -> "AssessmentQuerySet":
        """Join the version, but leave its large document until a rulebook has to be compiled."""
        return self.select_related("version__playbook").defer("version__document")


class Assessment(models.Model):
    """One buyer's pass through a playbook version. The token is the private link."""

    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    version = models.ForeignKey(PlaybookVersion, on_delete=models.PROTECT)
    contact_name = models.CharField("your name", max_length=120, blank=True)
    contact_firm = models.CharField("your firm", max_length=120, blank=True)
    contact_email = models.EmailField("your e-mail address", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)

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

    @cached_property
    def latest_recommendation(self) -> "Recommendation | None":
        """The newest recommendation that was issued, whether or not answers changed since."""
        return self.recommendations.first()


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
        Assessment, on_delete=models.CASCADE, related_name="recommendations"
    )
    number = models.PositiveIntegerField()
    document = models.JSONField()
    kind = models.CharField(max_length=20)
    engagement = models.CharField(max_length=60, blank=True, help_text="The first step's key.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-number",)
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


class BriefVersion(Immutable):
    """What one version of a scope brief says; `engagements.pdf` makes the file from it."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="briefs")
    recommendation = models.ForeignKey(Recommendation, on_delete=models.CASCADE)
    number = models.PositiveIntegerField()
    content = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(
                fields=("assessment", "number"), name="one_brief_of_each_number"
            ),
        )

    def __str__(self) -> str:
        return f"{self.assessment} brief {self.number}"
