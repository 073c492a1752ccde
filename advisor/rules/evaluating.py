"""Evaluate: what answers come to, looked up. Every page, and each stored answer set, goes this way.

What one answer leaves, what eight signals demand, what is decided on that: each is worked out once
for a rulebook.
"""

from collections.abc import Iterable
from typing import NamedTuple

from advisor.rules.deciding import Decision
from advisor.rules.leaving import Demanded, leaving_of
from advisor.rules.rulebook import Answers, CompiledSignal, Rulebook


class Evaluation(NamedTuple):
    """What answers come to: which signals fire, a bit for each in playbook order, and for what."""

    fired: int
    demanded: Demanded

    @property
    def needs(self) -> int:
        """The demanded needs."""
        return self.demanded.needs

    @property
    def ruled_out(self) -> int:
        """The engagement models that are ruled out."""
        return self.demanded.ruled_out

    @property
    def decision(self) -> Decision:
        """What is decided on these."""
        return self.demanded.decision


def evaluate(rulebook: Rulebook, answers: Answers) -> Evaluation:
    """Return what these answers come to; answers off the live path never count.

    Typed answers are ignored, what is not answered says nothing. Raises KeyError when a question
    has no such option.
    """
    leaving = leaving_of(rulebook)
    fired = leaving.signals
    given = answers.get
    try:
        for question, left in leaving.left:
            fired &= left[given(question)]
    except KeyError:
        fired = leaving.learn(answers)
    return Evaluation(fired, leaving.decided[leaving.demanded(fired)])


def fired_signals(rulebook: Rulebook, bits: int) -> tuple[CompiledSignal, ...]:
    """Return the signals each of whose conditions holds on the option bits."""
    return tuple(s for s in rulebook.signals if all(bits & mask for mask in s.when))


def demands_of(fired: Iterable[CompiledSignal]) -> tuple[int, int]:
    """Return what fired signals come to: the demanded needs and the ruled-out models."""
    needs = ruled_out = 0
    for signal in fired:
        needs |= signal.needs
        ruled_out |= signal.rules_out
    return needs, ruled_out
