"""Recommend: from a rulebook and answers to a recommendation with its whole trace."""

from advisor.rules.conflict import find_conflict
from advisor.rules.deciding import Decision, Step, decide
from advisor.rules.explaining import Explainer, fired_signals
from advisor.rules.outcomes import (
    Possible,
    engagements_of,
    on_fired_needs,
    outcome_of,
    possible_decisions,
)
from advisor.rules.recommendation import GivenAnswer, Readiness, Recommendation, RecommendedStep
from advisor.rules.rulebook import Answers, Rulebook
from advisor.rules.scope import readiness_of, with_details


def recommend(rulebook: Rulebook, answers: Answers) -> Recommendation:
    """Return the recommendation on these answers; the same answers give the same bytes.

    `answers` maps question keys to option keys (typed answers are ignored); they must have
    passed `advisor.answers.read_answers`. Answers off the live path never count.
    """
    live = rulebook.live_answers(answers)
    explainer = Explainer(rulebook, live, fired_signals(rulebook, rulebook.bits_of(live)))
    possible = possible_decisions(rulebook, live)
    decision = _settled(rulebook, explainer, possible)
    outcome = outcome_of(decision, explainer.needs) if decision else None
    steps = decision.steps if decision else ()
    return Recommendation(
        playbook=rulebook.playbook.key,
        version=rulebook.version,
        answers=tuple(GivenAnswer(question=key, options=live[key]) for key in live),
        outcome=outcome,
        possible=(outcome,) if outcome else tuple(outcome_of(*found) for found in possible),
        remaining=explainer.remaining,
        steps=tuple(
            RecommendedStep(
                engagement=step.engagement.key,
                chosen_for=tuple(rulebook.needs_in(step.chosen_for)),
                carries=tuple(rulebook.needs_in(step.carries)),
            )
            for step in steps
        ),
        signals=tuple(explainer.signals()),
        needs=tuple(explainer.demanded_needs()),
        scores=tuple(explainer.scores(steps)),
        certificate=tuple(explainer.certificate(steps)),
        conflict=find_conflict(rulebook, live) if decision and not decision.fits else None,
        readiness=_readiness(rulebook, steps, live, answers),
    )


def _settled(
    rulebook: Rulebook, explainer: Explainer, possible: tuple[Possible, ...]
) -> Decision | None:
    """Return the decision that no remaining answer can change, or None while it is open.

    A conflict is settled only when the answers given so far show it: before that there would
    be nothing to name.
    """
    if len(possible) > 1:
        return None
    decision = decide(rulebook, explainer.needs, explainer.ruled_out)
    if engagements_of(decision) == engagements_of(possible[0].decision):
        return decision
    if not possible[0].decision.steps:
        return None
    return on_fired_needs(possible[0].decision, explainer.needs)


def _readiness(
    rulebook: Rulebook, steps: tuple[Step, ...], live: Answers, answers: Answers
) -> tuple[Readiness, ...]:
    """What is in place for the first step; a later step is looked at when it comes."""
    if not steps:
        return ()
    counted = with_details(rulebook.playbook, live, answers)
    return tuple(readiness_of(rulebook.playbook, steps[0].engagement.key, counted))
