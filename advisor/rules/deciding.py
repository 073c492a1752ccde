"""Decide: the smallest engagement, or pathway, that carries what is demanded.

A decision depends only on the demanded needs and the ruled-out engagement models, both masks;
scores rank and explain, they never decide (DESIGN 3.2 to 3.5).
"""

from dataclasses import dataclass

from advisor.playbook import Phase
from advisor.rules.rulebook import CompiledEngagement, Rulebook


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a decision: the engagement model, the needs that it is chosen for, and all
    it carries of what was still open (what it strikes off).
    """

    engagement: CompiledEngagement
    chosen_for: int
    carries: int


@dataclass(frozen=True, slots=True)
class Decision:
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
    responders = [e for e in rulebook.engagements if e.phase is Phase.RESPOND]
    first = _smallest(responders, needs, ruled_out) or _smallest(responders, emergency, ruled_out)
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
        engagement = _smallest(rulebook.engagements, chosen_for, ruled_out)
        if engagement is None:
            chosen_for = next(needs & mask for _, mask in rulebook.phase_needs if needs & mask)
            engagement = _smallest(rulebook.engagements, chosen_for, ruled_out)
        if engagement is None:
            return Decision(steps=(), left=needs)
        steps.append(Step(engagement, chosen_for, needs & engagement.carries))
        needs &= ~engagement.carries
    return Decision(steps=tuple(steps))


def _smallest(
    engagements: list[CompiledEngagement] | tuple[CompiledEngagement, ...],
    needs: int,
    ruled_out: int,
) -> CompiledEngagement | None:
    """The first that carries all the needs; engagement models are smallest first.

    Ties of size would go to the higher score, but everything that fits scores 100, so they go
    to playbook order.
    """
    for engagement in engagements:
        if not needs & ~engagement.carries and not ruled_out & engagement.bit:
            return engagement
    return None
