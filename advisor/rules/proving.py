"""Prove what holds of a playbook whatever is answered, or refute it with a witness (DESIGN 3.8)."""

from collections.abc import Iterator
from dataclasses import dataclass

from advisor.playbook import Claim
from advisor.rules.rulebook import Answers, Rulebook


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim about a rulebook, or of one part of it: proved, or refuted.

    `about` is the part: an engagement model, a signal, "question.option", or "" for all. A refuted
    one has a `witness`, a complete answer set that shows it; `beside` is another one to compare it
    with, where it takes two. `parts` are keys that tell more: what is chosen instead, which
    conditions cannot hold together, which need is left.
    """

    claim: Claim
    about: str = ""
    witness: Answers | None = None
    beside: Answers | None = None
    parts: tuple[str, ...] = ()

    @property
    def proved(self) -> bool:
        """Whether it holds, whatever is answered."""
        return self.witness is None


def prove(rulebook: Rulebook) -> Iterator[Finding]:
    """Yield a finding for each claim and part, in the order of `Claim`."""
    raise NotImplementedError
