"""Recommend: from a rulebook and answers to a recommendation with its whole trace."""

from advisor.rules.conflict import find_conflict
from advisor.rules.deciding import Decision, Step, decide
from advisor.rules.explaining import Explainer, fired_signals
from advisor.rules.lookahead import Outlook, look_ahead
from advisor.rules.outcomes import ending_on, engagements_of, steps_on
from advisor.rules.recommendation import (
    GivenAnswer,
    Outcome,
    Readiness,
    Recommendation,
    RecommendedStep,
)
from advisor.rules.rulebook import Answers, Rulebook
from advisor.rules.scope import readiness_of, with_details


def recommend(rulebook: Rulebook, answers: Answers) -> Recommendation:
    """Return the recommendation on these answers; the same answers give the same bytes.

    `answers` maps question keys to option keys (typed answers are ignored); they must have
    passed `advisor.answers.read_answers`. Answers off the live path never count.
    """
    live = rulebook.live_answers(answers)
    explainer = Explainer(rulebook, live, fired_signals(rulebook, rulebook.bits_of(live)))
    outlook = look_ahead(rulebook, live)
    decision = _settled(rulebook, explainer, outlook)
    outcome = ending_on(decision, explainer.needs).outcome if decision else None
    steps = decision.steps if decision else ()
    return Recommendation(
        playbook=rulebook.playbook.key,
        version=rulebook.version,
        answers=tuple(GivenAnswer(question=key, options=live[key]) for key in live),
        outcome=outcome,
        possible=(outcome,) if outcome else _outcomes(outlook),
        remaining=explainer.remaining,
        next_question=None if outcome else _next_question(explainer, outlook),
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


def _settled(rulebook: Rulebook, explainer: Explainer, outlook: Outlook) -> Decision | None:
    """Return the decision that no remaining answer can change, or None while it is open.

    A conflict is settled only when the answers given so far show it: before that there would
    be nothing to name.
    """
    if len(outlook.engagements) > 1:
        return None
    certain = outlook.engagements[0]
    decision = decide(rulebook, explainer.needs, explainer.ruled_out)
    if engagements_of(decision) == certain:
        return decision
    if not certain:
        return None
    return Decision(steps_on(rulebook, certain, explainer.needs))


def _outcomes(outlook: Outlook) -> tuple[Outcome, ...]:
    """What is still possible in short, each sequence of engagement models once."""
    by_engagements: dict[tuple[str, ...], Outcome] = {}
    for ending in outlook.endings:
        by_engagements.setdefault(ending.engagements, ending.outcome)
    return tuple(by_engagements.values())


def _next_question(explainer: Explainer, outlook: Outlook) -> str:
    """The question to ask next; where only a conflict is left to be shown, the first open one."""
    return outlook.next_question or explainer.remaining[0]


def _readiness(
    rulebook: Rulebook, steps: tuple[Step, ...], live: Answers, answers: Answers
) -> tuple[Readiness, ...]:
    """What is in place for the first step; a later step is looked at when it comes."""
    if not steps:
        return ()
    counted = with_details(rulebook.playbook, live, answers)
    return tuple(readiness_of(rulebook.playbook, steps[0].engagement.key, counted))
