"""What is counted for the numbers of a questionnaire: questions and openings, never people."""

from django.db import models
from django.utils.translation import gettext_lazy

from catalog.models import PlaybookVersion
from engagements.models.assessed import Assessment


class Asked(models.Model):
    """That an assessment was asked a question, and when. It goes when the assessment goes.

    `waiting_since` is when the buyer was last sent to it; there is none once it is answered. Where
    it was shown and answered at the same moment, only that much is known, and no time it took.
    """

    assessment = models.ForeignKey(
        Assessment,
        on_delete=models.CASCADE,
        related_name="asked",
        db_index=False,  # the constraint below has one that begins with it
    )
    question = models.CharField(max_length=60)
    shown_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = gettext_lazy("question in numbers")
        verbose_name_plural = gettext_lazy("questions in numbers")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("assessment", "question"), name="each_question_is_counted_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.assessment}: {self.question}"


class Opened(models.Model):
    """How often the first question of a playbook version was opened on a day, by anybody."""

    version = models.ForeignKey(PlaybookVersion, on_delete=models.CASCADE, related_name="openings")
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = gettext_lazy("opening")
        verbose_name_plural = gettext_lazy("openings")
        ordering = ("day",)
        constraints = (
            models.UniqueConstraint(fields=("version", "day"), name="one_count_of_each_day"),
        )

    def __str__(self) -> str:
        return f"{self.version} on {self.day}"
