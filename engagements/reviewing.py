"""Review: a consultant approves a recommendation, overrides it, or takes a review back.

Each is a row of its own. The recommendation stays as the engine returned it; buyer's page and
brief follow the newest review of the recommendation that the answers lead to.
"""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from advisor.rules.overriding import override as steps_from
from engagements.assessing import issue_brief, refresh
from engagements.chain import lock_first_of
from engagements.models import Assessment, Decision, Note, OverrideReason, Recommendation, Review


class ReviewError(Exception):
    """A review that cannot be: a sentence that says why, and what to do."""


@transaction.atomic
def approve(
    recommendation: Recommendation,
    *,
    by: AbstractBaseUser,
    seen: int,
    message: str = "",
    note: str = "",
    at: datetime | None = None,
) -> Review:
    """Approve a recommendation as it is, and issue its brief; return the review.

    `seen` is the number of the newest review that the consultant saw (0 for none): the same
    decision sent twice is one row. `at` is when it happened, if not now. Raises ReviewError when
    the answers have changed since, or when somebody else has decided meanwhile.
    """
    return _decide(
        recommendation,
        by=by,
        seen=seen,
        at=at,
        decision=Decision.APPROVED,
        engagement=recommendation.engagement,
        message=message,
        note=note,
    )


@transaction.atomic
def override(
    recommendation: Recommendation,
    *,
    engagement: str,
    reason: OverrideReason,
    note: str,
    by: AbstractBaseUser,
    seen: int,
    message: str = "",
    at: datetime | None = None,
) -> Review:
    """Decide on another engagement model, and issue the brief on it; return the review.

    Raises ReviewError as `approve` does, when the engagement model is the recommended one, and
    when the playbook version has none of that key.
    """
    if engagement == recommendation.engagement:
        raise ReviewError(_("This is what is recommended already; approve it instead."))
    rulebook = recommendation.assessment.version.rulebook
    try:
        chosen = steps_from(rulebook, recommendation.value, engagement)
    except KeyError:
        told = _("This playbook version has no engagement model {key!r}; choose one of its own.")
        raise ReviewError(told.format(key=engagement)) from None
    return _decide(
        recommendation,
        by=by,
        seen=seen,
        at=at,
        decision=Decision.OVERRIDDEN,
        engagement=engagement,
        reason=reason,
        note=note,
        message=message,
        steps=[step.model_dump(mode="json") for step in chosen.steps],
        uncarried=list(chosen.uncarried),
    )


@transaction.atomic
def reopen(
    recommendation: Recommendation,
    *,
    by: AbstractBaseUser,
    seen: int,
    note: str,
    at: datetime | None = None,
) -> Review:
    """Take the review in force back, so that another can follow; return the row that does."""
    return _decide(recommendation, by=by, seen=seen, at=at, decision=Decision.REOPENED, note=note)


@transaction.atomic
def add_note(
    assessment: Assessment, text: str, *, by: AbstractBaseUser, at: datetime | None = None
) -> Note:
    """Add an internal note and return it; the newest one sent again stays one."""
    Assessment.objects.select_for_update().only("pk").get(pk=assessment.pk)
    newest = assessment.notes.last()
    if newest and (newest.text, newest.author_id) == (text, by.pk):
        return newest
    return Note.objects.create(
        assessment=assessment, text=text, author=by, created_at=at or timezone.now()
    )


def _decide(
    recommendation: Recommendation,
    *,
    by: AbstractBaseUser,
    seen: int,
    at: datetime | None,
    decision: Decision,
    **columns: object,
) -> Review:
    """Add the review behind the one that was seen, unless somebody was faster."""
    lock_first_of(recommendation.assessment)
    assessment = (
        Assessment.objects.select_for_update(of=("self",))
        .with_version()
        .get(pk=recommendation.assessment_id)
    )
    refresh(assessment, at=at)
    newest = recommendation.reviews.select_related("reviewer").first()
    if newest and newest.number == seen + 1 and _says(newest, by, decision, columns):
        return newest  # pressed twice
    if assessment.recommendation_id != recommendation.pk:
        raise ReviewError(
            _("The answers have changed since this was recommended; review what they lead to now.")
        )
    if newest is None and seen:
        raise ReviewError(_("There is no review yet of what was recommended; look at it again."))
    if newest and newest.number != seen:
        told = _("{reviewer} decided meanwhile: {decision}.")
        raise ReviewError(
            told.format(
                reviewer=newest.reviewer_name, decision=newest.get_decision_display().lower()
            )
        )
    in_force = newest is not None and newest.in_force
    if decision == Decision.REOPENED and not in_force:
        raise ReviewError(_("There is no review to take back; approve or override instead."))
    if decision != Decision.REOPENED and in_force:
        raise ReviewError(
            _("This is reviewed already; reopen it first, with a note that says why.")
        )
    review = Review.objects.create(
        assessment=assessment,
        recommendation=recommendation,
        number=seen + 1,
        decision=decision,
        reviewer=by,
        created_at=at or timezone.now(),
        **columns,
    )
    refresh(assessment, at=at)
    if review.in_force:
        issue_brief(assessment, at=at)
    return review


def _says(
    review: Review, by: AbstractBaseUser, decision: Decision, columns: dict[str, object]
) -> bool:
    """Whether a review is what somebody has just sent."""
    return (
        review.reviewer_id == by.pk
        and review.decision == decision
        and all(getattr(review, name) == value for name, value in columns.items())
    )
