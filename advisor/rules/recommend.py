"""Recommend: from a rulebook and answers to a recommendation with its whole trace."""

from advisor.rules.conflict import find_conflict
from advisor.rules.counterfactuals import counterfactuals_of
from advisor.rules.deciding import Decision, Step
from advisor.rules.evaluating import Evaluation, evaluate
from advisor.rules.explaining import explain_steps
from advisor.rules.lookahead import Outlook, look_ahead
from advisor.rules.outcomes import ending_on, engagements_of, steps_on
from advisor.rules.recommendation import (
    GivenAnswer,
    Outcome,
    Readiness,
    Recommendation,
)
from advisor.rules.rulebook import Answers, Rulebook
from advisor.rules.scope import readiness_of, with_details


def recommend(rulebook: Rulebook, answers: Answers) -> Recommendation:
    """Return the recommendation on these answers; the same answers give the same bytes.

    `answers` maps question keys to option keys (typed answers are ignored); they must have
    passed `advisor.answers.read_answers`. Answers off the live path never count.
    """
    live = rulebook.live_answers(answers)
    remaining = tuple(q.key for q in rulebook.live_questions(live) if q.key not in live)
    evaluation = evaluate(rulebook, live)
    outlook = look_ahead(rulebook, live) if remaining else _as_it_is(evaluation)
    outcome = _settled(evaluation, outlook)
    decision = _decision_on(rulebook, outcome, evaluation) if outcome else Decision(steps=())
    steps = decision.steps
    explained = explain_steps(rulebook, live, evaluation, steps, still_open=bool(remaining))
    return Recommendation(
        playbook=rulebook.playbook.key,
        version=rulebook.version,
        answers=tuple(GivenAnswer(question=key, options=live[key]) for key in live),
        outcome=outcome,
        possible=outlook.outcomes,
        more_possible=outlook.more,
        remaining=remaining,
        # Where only a conflict is left to be shown, the first open one.
        next_question=None if outcome else outlook.next_question or remaining[0],
        steps=explained.steps,
        signals=explained.signals,
        needs=explained.needs,
        scores=explained.scores,
        certificate=explained.certificate,
        conflict=find_conflict(rulebook, live) if outcome and not decision.fits else None,
        readiness=_readiness(rulebook, steps, live, answers),
        counterfactuals=counterfactuals_of(rulebook, live) if outcome else (),
    )


def _as_it_is(evaluation: Evaluation) -> Outlook:
    """Where no question is left there is nothing to look ahead to."""
    return Outlook((ending_on(evaluation.decision, evaluation.needs),), None)


def _settled(evaluation: Evaluation, outlook: Outlook) -> Outcome | None:
    """Return the outcome that no remaining answer can change, or None while it is open.

    A conflict is settled only when the answers given so far show it: before that there would
    be nothing to name.
    """
    certain, *others = outlook.outcomes
    if others or (not certain.engagements and evaluation.decision.steps):
        return None
    return certain


def _decision_on(rulebook: Rulebook, outcome: Outcome, evaluation: Evaluation) -> Decision:
    """The decision behind a certain outcome, told with the needs that are certain by now."""
    if engagements_of(evaluation.decision) == outcome.engagements:
        return evaluation.decision
    return Decision(steps_on(rulebook, outcome.engagements, evaluation.needs))


def _readiness(
    rulebook: Rulebook, steps: tuple[Step, ...], live: Answers, answers: Answers
) -> tuple[Readiness, ...]:
    """What is in place for the first step; a later step is looked at when it comes."""
    if not steps:
        return ()
    counted = with_details(rulebook.playbook, live, answers)
    return tuple(readiness_of(rulebook.playbook, steps[0].engagement.key, counted))
