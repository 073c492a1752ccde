"""What colleagues answered under the links that a buyer gave them."""

from django.db import models

from engagements.models.links import Link


class ColleagueAnswer(models.Model):
    """What somebody said to one question under a link: kept as given, whichever answer counts.

    `answered_at` is when they said it last in these words.
    """

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="answers")
    question = models.CharField(max_length=60)
    values = models.JSONField()
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("link", "question"), name="one_answer_of_each_colleague"
            ),
        )

    def __str__(self) -> str:
        return f"{self.link}: {self.question}"
