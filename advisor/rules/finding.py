"""A finding: what came of proving one claim about a rulebook, or about a part of it."""

from dataclasses import dataclass

from advisor.playbook import Claim
from advisor.rules.rulebook import Answers


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim about a rulebook, or of one part of it: proved, refuted, or not decided.

    `about` is the part: an engagement model, a signal, "question.option", or "" for all. A refuted
    one has a `witness`, a complete answer set that shows it; `beside` is another one to compare it
    with, where it takes two. `parts` are keys that tell more: what is chosen instead, which
    conditions cannot hold together, which need is left. One that is not `decided` was too large a
    question for what a proof may cost.
    """

    claim: Claim
    about: str = ""
    witness: Answers | None = None
    beside: Answers | None = None
    parts: tuple[str, ...] = ()
    decided: bool = True

    @property
    def proved(self) -> bool:
        """Whether it holds, whatever is answered."""
        return self.decided and self.witness is None
