"""Continue: from what one playbook has decided into the next one, with the answers already given.

The same question key means the same in both, so that its answer is carried over wherever the
next playbook takes it; whatever is not carried is asked.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from advisor.answers import problems_with
from advisor.playbook import Playbook, Stage
from advisor.rules import Answers, Rulebook
from advisor.rules.lookahead import can_fit
from advisor.rules.recommendation import OutcomeKind
from advisor.rules.scope import scope_questions, with_details
from catalog.models import PlaybookVersion
from engagements.assessing import (
    MOST_REMEMBERED,
    first_step,
    keep_link,
    lock,
    recommendation_for,
    refresh,
)
from engagements.chain import before, decided_steps, leads_to, one_before, playbook_of
from engagements.counting import count_asked
from engagements.lists import live_versions
from engagements.models import Answer, Assessment
from engagements.questionnaire import is_emergency


class ContinuingError(Exception):
    """Why it does not go on this way, in a sentence."""


@dataclass(frozen=True, slots=True)
class Onward:
    """A playbook with which it goes on after a step, once `when`.

    `carried` are the answers that come along; `begun` is there once the buyer has gone on.
    """

    engagement: str
    when: str
    version: PlaybookVersion
    carried: Answers
    begun: Assessment | None

    @property
    def playbook(self) -> Playbook:
        """The playbook, as it is live now."""
        return self.version.rulebook.playbook


def ways_on(assessment: Assessment) -> list[Onward]:
    """Return the published playbooks with which the steps decided on go on.

    None while something fails right now, none where nothing is demanded (nobody is led further
    into what they need not buy), none by which this line of assessments came, and none where the
    answers that come along already ask for what it does not have.
    """
    found, named = playbook_of(assessment), leads_to(assessment)
    if not named:
        return []
    issued = assessment.recommendation.value
    nothing_demanded = issued.outcome.kind is OutcomeKind.ENTRY and not assessment.review
    if nothing_demanded or is_emergency(found, issued, first_step(assessment)):
        return []
    come_by = {one.version.playbook.key for one in (*before(assessment), assessment)}
    versions = {version.playbook.key: version for version in live_versions(named.keys() - come_by)}
    if not versions:
        return []
    begun = {one.version.playbook.key: one for one in assessment.continuations}
    given = given_in(assessment)
    ways = [
        Onward(
            engagement=model.title,
            when=follow_on.when,
            version=versions[key],
            carried=carried(found, given, versions[key].rulebook.playbook),
            begun=begun.get(key),
        )
        for key, (model, follow_on) in named.items()
        if key in versions
    ]
    return [
        way
        for way in ways
        if way.begun or _can_fit(way.version.rulebook, frozenset(way.carried.items()))
    ]


@lru_cache(maxsize=MOST_REMEMBERED)
def _can_fit(rulebook: Rulebook, answers: frozenset[tuple[str, tuple[str, ...]]]) -> bool:
    """Whoever reads a recommendation again has the same answers again."""
    return can_fit(rulebook, dict(answers))


@transaction.atomic
def continue_with(
    assessment: Assessment, playbook_key: str, *, at: datetime | None = None
) -> Assessment:
    """Return the assessment by the next playbook that goes on from this one, begun if need be.

    The second of two clicks waits here and finds what the first one has begun. `at` is when it
    was, if not now. Raises ContinuingError when what was decided does not lead there.
    """
    lock(assessment)
    for begun in assessment.continuations:
        if begun.version.playbook.key == playbook_key:
            return begun
    for onward in ways_on(assessment):
        if onward.version.playbook.key == playbook_key:
            return _begin(assessment, onward, at)
    raise ContinuingError(_("What is recommended now does not go on this way."))


def _begin(assessment: Assessment, onward: Onward, at: datetime | None) -> Assessment:
    begun = Assessment.objects.create(
        created_at=at or timezone.now(),
        version=onward.version,
        continues=assessment,
        contact_name=assessment.contact_name,
        contact_firm=assessment.contact_firm,
        contact_email=assessment.contact_email,
    )
    Answer.objects.bulk_create(
        Answer(assessment=begun, question=question, values=list(values))
        for question, values in onward.carried.items()
    )
    keep_link(begun, at=at)
    count_asked(begun, refresh(begun, at=at), at=at)
    assessment.read_anew()
    return begun


# ---- What comes along ----------------------------------------------------------------------


def given_in(assessment: Assessment) -> Answers:
    """Return the answers that count: those that decide, and the scope details that are asked."""
    found = playbook_of(assessment)
    value = assessment.recommendation.value if assessment.recommendation else None
    counted = (value or recommendation_for(assessment)).counted
    given = with_details(found, counted, assessment.answers)
    asked = {q.key for q in scope_questions(found, first_step(assessment) or "", given)}
    return {key: answer for key, answer in given.items() if key in counted or key in asked}


def carried(earlier: Playbook, given: Answers, later: Playbook) -> dict[str, tuple[str, ...]]:
    """Return the answers that the next playbook takes as they are, in the order of its questions.

    That is one to a question of the same key and kind, whose options are all there. Triage is
    asked anew: weeks may have passed, and it asks what happens right now.
    """
    return {
        question.key: given[question.key]
        for question in later.questions
        if question.key in given
        and later.stage_of(question) is not Stage.TRIAGE
        and earlier.question(question.key).kind is question.kind
        and not any(problems_with(question, given[question.key]))
    }


# ---- Where it comes from ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Origin:
    """The assessment that a later one goes on from."""

    earlier: Assessment
    later: Assessment

    @property
    def engagements(self) -> tuple[str, ...]:
        """What is decided there now, in order."""
        found = playbook_of(self.earlier)
        return tuple(found.engagement(s.engagement).title for s in decided_steps(self.earlier))

    @property
    def brought_along(self) -> set[str]:
        """The questions whose answers came from there, and still are the same in both."""
        found, given = playbook_of(self.earlier), given_in(self.earlier)
        there = carried(found, given, playbook_of(self.later))
        return {key for key, answer in there.items() if self.later.answers.get(key) == answer}


def origin_of(assessment: Assessment) -> Origin | None:
    """Return what an assessment goes on from, if anything."""
    earlier = one_before(assessment)
    return Origin(earlier, assessment) if earlier else None
