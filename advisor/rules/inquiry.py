"""An inquiry: all answer sets of one rulebook at once, to be asked what can be among them."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from advisor.playbook import Claim
from advisor.rules import circuit, claims
from advisor.rules.asking import (
    Budget,
    Frugal,
    Undecided,
    as_many_as_possible,
    ask_for,
    clashing,
    witness,
)
from advisor.rules.circuit import Wire, any_of
from advisor.rules.claims import Beside, advice_of
from advisor.rules.evaluating import fired_signals
from advisor.rules.finding import Finding
from advisor.rules.replaying import is_shown
from advisor.rules.rulebook import Answers, CompiledSignal, Rulebook
from advisor.rules.sampling import Sample


class Inquiry:
    """The decision on one answer set of all there are, and how to ask about it."""

    def __init__(self, rulebook: Rulebook, budget: Budget) -> None:
        self.rulebook = rulebook
        self.gates = Frugal(budget)
        self.asked = ask_for(rulebook, self.gates)
        self.firing = self.asked.firing
        needs, out = self.firing.needs, self.firing.ruled_out
        self.advice = advice_of(rulebook, needs, out, self.asked.steps)

    def told(self, claim: Claim, about: str, ask: Callable[[], Finding | None]) -> Finding:
        """Return what comes of asking, replayed; without a finding it is proved."""
        try:
            found = ask() or Finding(claim)
        except Undecided:
            found = Finding(claim, decided=False)
        found = replace(found, about=about)
        if not is_shown(self.rulebook, found):
            raise AssertionError(f"what runs does not show {found}")
        return found

    def can_be(self, *wires: Wire) -> bool:
        """Return whether all these hold for some answers."""
        return self.gates.can_be(*wires)

    def witness(self, *wires: Wire) -> Answers:
        """Return the first answer set in which these hold; there has to be one."""
        found = witness(self.asked, *wires)
        if found is None:
            raise AssertionError("what could be cannot be")
        return found

    def calm_witness(self, *wires: Wire) -> Answers:
        """Return a witness in which nothing else goes wrong, where there is one."""
        wishes = [~claims.asks_for_too_much(self.advice), self.advice.fits]
        return self.witness(*as_many_as_possible(self.gates, wishes, list(wires)))

    def clash(self, claim: Claim, masks: tuple[int, ...]) -> Finding:
        """Return a claim as refuted by conditions that cannot hold together, none to spare."""
        wires = [any_of(self.firing.counted[at] for at in circuit.places(m)) for m in masks]
        found = self.witness(*as_many_as_possible(self.gates, wires, []))
        clash = [masks[at] for at in clashing(self.gates, wires)]
        asked = (
            q.key
            for q in self.rulebook.questions
            if any(mask & bit for mask in clash for bit in q.option_bits.values())
        )
        return Finding(claim, witness=found, parts=tuple(asked))

    @cached_property
    def beside(self) -> Beside:
        """The same answers with something left out."""
        return Beside(self.asked, self.advice)

    @cached_property
    def sample(self) -> Sample:
        """What happens often enough to be found without the solver."""
        return Sample(self.rulebook)

    def fired_in(self, answers: Answers) -> tuple[CompiledSignal, ...]:
        """Return the signals that fire on complete answers."""
        return fired_signals(self.rulebook, self.rulebook.bits_of(answers))
