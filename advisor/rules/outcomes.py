"""Outcomes: what a decision comes to, and which ones partial answers still leave possible."""

from typing import NamedTuple

from advisor.rules.deciding import Decision, Step, decide
from advisor.rules.lookahead import possible_demands
from advisor.rules.recommendation import Outcome, OutcomeKind
from advisor.rules.rulebook import Answers, Rulebook


class Possible(NamedTuple):
    """A decision that partial answers still leave possible, on the needs of one completion."""

    decision: Decision
    needs: int


def outcome_of(decision: Decision, needs: int) -> Outcome:
    """Return a decision on these demanded needs in short."""
    engagements = engagements_of(decision)
    if not engagements:
        kind = OutcomeKind.CONFLICT
    elif len(engagements) > 1:
        kind = OutcomeKind.PATHWAY
    else:
        kind = OutcomeKind.SINGLE if needs else OutcomeKind.ENTRY
    return Outcome(kind=kind, engagements=engagements)


def engagements_of(decision: Decision) -> tuple[str, ...]:
    """Return the engagement models of a decision in order; none in a conflict."""
    return tuple(step.engagement.key for step in decision.steps)


def possible_decisions(rulebook: Rulebook, answers: Answers) -> tuple[Possible, ...]:
    """Return the distinct decisions that some way to complete the answers leads to.

    Decisions are told apart by their engagement models in order, which is what a buyer gets;
    the reasons may still grow. Smallest first, no fit last.
    """
    found: dict[tuple[str, ...], Possible] = {}
    for needs, ruled_out in sorted(possible_demands(rulebook, answers)):
        decision = decide(rulebook, needs, ruled_out)
        found.setdefault(engagements_of(decision), Possible(decision, needs))
    return tuple(
        found[engagements]
        for engagements in sorted(found, key=lambda keys: _smallest_first(rulebook, keys))
    )


def can_fit(rulebook: Rulebook, answers: Answers) -> bool:
    """Whether something may fit: not so where whatever else is demanded ends in a conflict.

    `answers` may also be to questions that are only asked once others are answered.
    """
    demanding = [found for found in possible_demands(rulebook, answers) if found[0]]
    return not demanding or any(decide(rulebook, *found).fits for found in demanding)


def on_fired_needs(decision: Decision, needs: int) -> Decision:
    """Return a decision's steps explained by the needs demanded so far.

    For a recommendation that settled before every question was answered: the steps are certain,
    the needs that remaining answers might still add are not.
    """
    return Decision(
        steps=tuple(
            Step(step.engagement, step.chosen_for & needs, step.carries & needs)
            for step in decision.steps
        ),
        left=decision.left & needs,
    )


def _smallest_first(rulebook: Rulebook, engagements: tuple[str, ...]) -> tuple[object, ...]:
    sizes = tuple(rulebook.engagement(key).size for key in engagements)
    return (not engagements, sizes, engagements)
