"""One buyer's pass through a playbook version, and the answers given on the way."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import PlaybookVersion

if TYPE_CHECKING:
    from engagements.models.links import Link


def new_token() -> str:
    """Return 192 random bits for a private link."""
    return secrets.token_urlsafe(24)


def link_expiry(at: datetime | None = None) -> datetime:
    """Return until when a private link works that was made, or used to save something, then."""
    return (at or timezone.now()) + timedelta(days=settings.LINK_DAYS)


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    """Assessments, as lists and pages need them."""

    def with_version(self) -> "AssessmentQuerySet":
        """Join the version, but leave its large document until a rulebook has to be compiled."""
        return self.select_related("version__playbook").defer("version__document")

    def with_decision(self) -> "AssessmentQuerySet":
        """Join the recommendation that the answers lead to, and the review in force."""
        return self.select_related("recommendation", "review__reviewer")

    def get_with_answers(self, token: str) -> "Assessment":
        """Return the assessment with this token and its answers, which is one query where there
        are some; raise DoesNotExist when there is no such assessment.
        """
        rows = list(
            Answer.objects.filter(assessment__token=token).select_related("assessment").order_by()
        )
        if not rows:
            return self.get(token=token)
        assessment = rows[0].assessment
        assessment.given = _by_question(rows)
        return assessment

    def reviewed(self) -> "AssessmentQuerySet":
        """Those with a review in force."""
        return self.filter(review__isnull=False)


class State(models.TextChoices):
    """Where an assessment stands; the rows it is read from are the truth (see `assessing`)."""

    ANSWERING = "answering", _("Answering")
    WAITING = "waiting", _("Waiting for review")
    APPROVED = "approved", _("Approved")
    OVERRIDDEN = "overridden", _("Overridden")
    CHANGED = "changed", _("Changed after review")


class Assessment(models.Model):
    """One buyer's pass through a playbook version. The token is the private link.

    The private link works until `expires_at`, which moves on whenever the buyer saves something;
    the tokens it had before are rows of `Link`.

    `asks_colleagues` is whether any link was ever given to one, so that pages of all others need
    not look for what they answered.

    Four columns say what its answers, recommendations and reviews come to, so that
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
        help_text=_("The assessment by another playbook that this one goes on from."),
    )
    contact_name = models.CharField(_("your name"), max_length=120, blank=True)
    contact_firm = models.CharField(_("your firm"), max_length=120, blank=True)
    contact_email = models.EmailField(_("your e-mail address"), blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    expires_at = models.DateTimeField(default=link_expiry, editable=False)
    state = models.CharField(max_length=12, choices=State, default=State.ANSWERING, editable=False)
    settled = models.BooleanField(default=False, editable=False)
    asks_colleagues = models.BooleanField(default=False, editable=False)
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
    def has_expired(self) -> bool:
        """Whether the private link has stopped working; renewing it makes another one."""
        return self.expires_at <= timezone.now()

    @property
    def reference(self) -> str:
        """How people name it on the phone and on paper, such as SB-2026-0417."""
        return f"SB-{self.created_at:%Y}-{self.pk:04d}"

    @cached_property
    def given(self) -> "dict[str, Answer]":
        """The answer in force to each question, by its key; also those off the live path."""
        return _by_question(Answer.objects.filter(assessment_id=self.pk).order_by())

    @cached_property
    def answers(self) -> dict[str, tuple[str, ...]]:
        """What is answered, by question key; also off the live path."""
        return {key: tuple(answer.values) for key, answer in self.given.items()}

    @cached_property
    def colleagues(self) -> "list[Link]":
        """The links given to colleagues, in order, with what each of them answered."""
        return list(self.links.colleagues()) if self.asks_colleagues else []

    @cached_property
    def continuations(self) -> "list[Assessment]":
        """Those that go on from this one, the oldest first. That there is none is cheap to tell."""
        if not self.continued_by.exists():
            return []
        return list(self.continued_by.with_version().with_decision().order_by("pk"))

    def read_answers_alone(self) -> None:
        """Read what was answered and nothing about it, for a page that tells no more."""
        rows = Answer.objects.filter(assessment_id=self.pk).values_list("question", "values")
        self.answers = {question: tuple(values) for question, values in rows.order_by("pk")}

    def read_anew(self) -> None:
        """Forget what was read of other rows: somebody may have written some meanwhile."""
        for name in ("given", "answers", "colleagues", "continuations"):
            self.__dict__.pop(name, None)


def _by_question(rows: "Iterable[Answer]") -> "dict[str, Answer]":
    # Sorted here: it is read for every page, and to word an order takes longer than to make it.
    return {answer.question: answer for answer in sorted(rows, key=lambda row: row.pk)}


class Answer(models.Model):
    """The answer in force to one question: option keys, or one typed text.

    `link` is the one under which a colleague gave it; there is none where the buyer did.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE)
    question = models.CharField(max_length=60)
    values = models.JSONField()
    answered_at = models.DateTimeField(auto_now=True)
    link = models.ForeignKey(
        "Link", on_delete=models.RESTRICT, null=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("assessment", "question"), name="one_answer_for_each_question"
            ),
        )

    def __str__(self) -> str:
        return f"{self.assessment}: {self.question}"
