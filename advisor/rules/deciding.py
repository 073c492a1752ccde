"""Decide: the smallest engagement, or pathway, that carries what is demanded.

A decision depends only on the demanded needs and the ruled-out engagement models, both masks;
scores rank and explain, they never decide (DESIGN 3.2 to 3.5).
"""

from typing import NamedTuple

from advisor.rules.rulebook import CompiledEngagement, Rulebook


class Step(NamedTuple):
    """One step of a decision: the engagement model, the needs that it is chosen for, and all
    it carries of what was still open (what it strikes off).
    """

    engagement: CompiledEngagement
    chosen_for: int
    carries: int


class Decision(NamedTuple):
    """The steps in order, and the needs left that no engagement model can carry.

    Needs left without a step is a conflict; with a first step it is an emergency whose
    follow-on has to be talked about. No step and no need left: even the entry engagement is
    ruled out.
    """

    steps: tuple[Step, ...]
    left: int = 0

    @property
    def fits(self) -> bool:
        """Whether the steps carry everything that was demanded."""
        return bool(self.steps) and not self.left


def decide(rulebook: Rulebook, needs: int, ruled_out: int) -> Decision:
    """Return the smallest cover of the needs, never using a ruled-out engagement model."""
    if not needs:
        entry = rulebook.entry
        return Decision(steps=() if ruled_out & entry.bit else (Step(entry, 0, 0),))
    emergency = needs & rulebook.respond_needs
    if emergency:
        return _respond_first(rulebook, needs, ruled_out, emergency)
    return _cover(rulebook, needs, ruled_out)


def _respond_first(rulebook: Rulebook, needs: int, ruled_out: int, emergency: int) -> Decision:
    """Stabilisation comes first, always; the rest is decided as if it stood alone."""
    others = ruled_out | ~rulebook.responders
    first = rulebook.smallest(needs, others) or rulebook.smallest(emergency, others)
    if first is None:
        return Decision(steps=(), left=needs)
    rest = _cover(rulebook, needs & ~first.carries, ruled_out)
    return Decision(
        steps=(Step(first, emergency, needs & first.carries), *rest.steps), left=rest.left
    )


def _cover(rulebook: Rulebook, needs: int, ruled_out: int) -> Decision:
    """One engagement model for everything, else a step for the earliest phase and so on.

    When a later step cannot be found there is no pathway at all: a first step towards
    something that nobody offers would be the nearest tier in disguise.
    """
    steps: list[Step] = []
    while needs:
        chosen_for = needs
        engagement = rulebook.smallest(chosen_for, ruled_out)
        if engagement is None:
            chosen_for = rulebook.earliest(needs)
            engagement = rulebook.smallest(chosen_for, ruled_out)
        if engagement is None:
            return Decision(steps=(), left=needs)
        steps.append(Step(engagement, chosen_for, needs & engagement.carries))
        needs &= ~engagement.carries
    return Decision(steps=tuple(steps))
