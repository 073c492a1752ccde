"""Outcomes: what a decision comes to in short."""

from collections.abc import Iterable
from typing import NamedTuple

from advisor.playbook import Phase
from advisor.rules.deciding import Decision, Step
from advisor.rules.evaluating import evaluate
from advisor.rules.recommendation import Outcome, OutcomeKind
from advisor.rules.rulebook import Answers, Rulebook


class Ending(NamedTuple):
    """What an answer set ends in.

    The engagement models in order, none in a conflict; whether anything was demanded; whether
    they carry all of it.
    """

    engagements: tuple[str, ...]
    demanding: bool
    fits: bool

    @property
    def advice(self) -> tuple[tuple[str, ...], bool]:
        """What a buyer is advised: the engagement models, and whether only by name.

        To be told that nothing is demanded is another advice than to need the entry of a playbook.
        """
        return self.engagements, bool(self.engagements) and not self.demanding

    @property
    def outcome(self) -> Outcome:
        """This as an outcome, which does not tell an emergency whose follow-on is open."""
        if not self.engagements:
            kind = OutcomeKind.CONFLICT
        elif len(self.engagements) > 1:
            kind = OutcomeKind.PATHWAY
        else:
            kind = OutcomeKind.SINGLE if self.demanding else OutcomeKind.ENTRY
        return Outcome(kind=kind, engagements=self.engagements)


def smallest_first(rulebook: Rulebook, endings: Iterable[Ending]) -> tuple[Ending, ...]:
    """Return endings in the order of the sizes of their engagement models, a conflict last."""

    def size_of(ending: Ending) -> tuple[object, ...]:
        sizes = tuple(rulebook.engagement(key).size for key in ending.engagements)
        return not sizes, sizes, ending

    return tuple(sorted(endings, key=size_of))


def outcomes_in(endings: Iterable[Ending]) -> tuple[Outcome, ...]:
    """Return what endings advise, in their order, without the same twice."""
    by_advice: dict[object, Outcome] = {}
    for ending in endings:
        by_advice.setdefault(ending.advice, ending.outcome)
    return tuple(by_advice.values())


def ending_of(rulebook: Rulebook, answers: Answers) -> Ending:
    """Return what the live ones of these answers end in; what is not answered says nothing."""
    evaluation = evaluate(rulebook, answers)
    return ending_on(evaluation.decision, evaluation.needs)


def ending_on(decision: Decision, needs: int) -> Ending:
    """Return a decision on these demanded needs in short."""
    return Ending(engagements_of(decision), bool(needs), decision.fits)


def engagements_of(decision: Decision) -> tuple[str, ...]:
    """Return the engagement models of a decision in order; none in a conflict."""
    return tuple(step.engagement.key for step in decision.steps)


def steps_on(rulebook: Rulebook, engagements: tuple[str, ...], needs: int) -> tuple[Step, ...]:
    """Return certain steps explained by the needs demanded so far.

    For a recommendation that settled before every question was answered: the steps are certain,
    the needs that remaining answers might still add are not.
    """
    steps = []
    for place, key in enumerate(engagements, start=1):
        engagement = rulebook.engagement(key)
        carries = chosen_for = needs & engagement.carries
        if place == 1 and engagement.phase is Phase.RESPOND and needs & rulebook.respond_needs:
            chosen_for = needs & rulebook.respond_needs
        elif carries != needs:
            earliest = rulebook.earliest(needs)
            chosen_for = carries if earliest & ~carries else earliest
        steps.append(Step(engagement, chosen_for, carries))
        needs &= ~engagement.carries
    return tuple(steps)
