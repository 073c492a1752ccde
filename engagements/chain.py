"""Assessments that go on from one another: which are before and after one, and what each came to.

One may be continued by several, each by another playbook; none is ever part of a circle, because
a playbook comes once in a line. Whoever changes one of them locks the first of all of them first
(see `first_of`), so that two who change two of them never wait for each other.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from django.utils import timezone

from advisor.offers import FollowOn
from advisor.playbook import EngagementModel, Playbook
from advisor.rules.recommendation import RecommendedStep
from catalog.models import PlaybookVersion
from engagements.brief import Linked
from engagements.language import in_language_of
from engagements.models import Assessment, Decision, Recommendation, Review
from engagements.wording import Decided, link_to

# ---- Which they are ------------------------------------------------------------------------


def first_of(assessment: Assessment) -> int:
    """Return the id of the first one of a line: what nobody continues stands for itself."""
    first, before = assessment.pk, assessment.continues_id
    while before is not None:  # never changes, so that it may be read before anything is locked
        first, before = Assessment.objects.values_list("pk", "continues_id").get(pk=before)
    return first


def lock_first_of(assessment: Assessment) -> None:
    """Wait for whoever is changing this line at the moment, until the transaction ends.

    To be done before the assessment itself is locked; with nothing before it, that is enough.
    """
    first = first_of(assessment)
    if first != assessment.pk:
        Assessment.objects.select_for_update().only("pk").get(pk=first)


def one_before(assessment: Assessment) -> Assessment | None:
    """Return what it goes on from directly, if anything."""
    if assessment.continues_id is None:
        return None
    return Assessment.objects.with_version().with_decision().get(pk=assessment.continues_id)


def before(assessment: Assessment) -> list[Assessment]:
    """Return all that it goes on from, the first of all first."""
    line: list[Assessment] = []
    earlier = one_before(assessment)
    while earlier is not None:
        line.insert(0, earlier)
        earlier = one_before(earlier)
    return line


def after(assessment: Assessment) -> Iterator[Assessment]:
    """Yield what goes on from it, directly or not, in the order in which they began."""
    found = assessment.continuations
    while found:
        yield from found
        found = list(
            Assessment.objects.with_version()
            .with_decision()
            .filter(continues__in=found)
            .order_by("pk")
        )


# ---- What was decided ----------------------------------------------------------------------


def decided_steps(assessment: Assessment) -> tuple[RecommendedStep, ...]:
    """Return the steps decided on: by the review if it overrides, or else by the rules."""
    if assessment.recommendation is None:
        return ()
    if assessment.review and assessment.review.steps:
        return tuple(map(RecommendedStep.model_validate, assessment.review.steps))
    return assessment.recommendation.value.steps


def playbook_of(assessment: Assessment) -> Playbook:
    """Return the playbook as it was when the assessment began."""
    return assessment.version.rulebook.playbook


def leads_to(assessment: Assessment) -> dict[str, tuple[EngagementModel, FollowOn]]:
    """Return by playbook what the decided steps go on with; the first step that names it counts."""
    models = [playbook_of(assessment).engagement(s.engagement) for s in decided_steps(assessment)]
    found: dict[str, tuple[EngagementModel, FollowOn]] = {}
    for model in models:
        if model.follow_on:
            found.setdefault(model.follow_on.playbook, (model, model.follow_on))
    return found


def decided_by(review: Review, version: PlaybookVersion) -> Decided:
    """Return a review as keys, to be worded by the playbook version; its reason in words."""
    overridden = review.decision == Decision.OVERRIDDEN
    with in_language_of(version):
        reason = review.get_reason_display() if overridden else ""
    return Decided(
        reviewer=review.reviewer_name,
        on=timezone.localdate(review.created_at),
        reason=reason,
        message=review.message,
        steps=tuple(map(RecommendedStep.model_validate, review.steps)) if overridden else (),
        uncarried=tuple(review.uncarried),
    )


# ---- What a brief tells of them --------------------------------------------------------------


def links_before(assessment: Assessment) -> tuple[Linked, ...]:
    """Return what the brief says about those that an assessment goes on from."""
    line = [*before(assessment), assessment]
    return tuple(_link(one, _when(one, later)) for one, later in pairwise(line))


def links_after(assessment: Assessment) -> tuple[Linked, ...]:
    """Return what the brief says about those that go on from what was decided.

    One that has not come to a result is left out, and so is one for which the decision, as it is
    now, does not speak any more.
    """
    if not leads_to(assessment):
        return ()
    told = {assessment.pk: assessment}
    links = []
    for one in after(assessment):
        earlier = told.get(one.continues_id)
        if earlier and one.recommendation and (when := _when(earlier, one)):
            told[one.pk] = one
            links.append(_link(one, when))
    return tuple(links)


def _when(earlier: Assessment, later: Assessment) -> str:
    """The condition on which the later one begins; none when what was decided names no such."""
    _model, follow_on = leads_to(earlier).get(playbook_of(later).key, (None, None))
    return follow_on.when if follow_on else ""


def _link(assessment: Assessment, when: str) -> Linked:
    """What a brief says about another one; only that is news which its decision is changed by."""
    issued, review = assessment.recommendation, assessment.review
    return link_to(
        playbook_of(assessment),
        issued.value if issued else None,
        reference=assessment.reference,
        when=when,
        issued_on=timezone.localdate(_advised_since(issued)) if issued else None,
        decided=decided_by(review, assessment.version) if review else None,
    )


def _advised_since(issued: Recommendation) -> datetime:
    """When it was first advised as it is now: a detail, as of what is in place, is issued anew."""
    since = issued
    earlier = Recommendation.objects.filter(
        assessment_id=issued.assessment_id, number__lt=issued.number
    )
    for one in earlier if issued.number > 1 else ():
        if (one.value.outcome, one.value.steps) != (issued.value.outcome, issued.value.steps):
            break
        since = one
    return since.created_at
