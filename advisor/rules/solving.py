"""Ask a solver about all answer sets at once: the circuit as clauses, for python-sat.

A `Literal` is a wire: its operators write the gate into the solver (Tseitin's encoding) and
return the gate's output. A `Solving` is the circuit of one rulebook with its questions to ask.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pysat.solvers import Solver

from advisor.playbook import Kind
from advisor.rules import circuit
from advisor.rules.circuit import FALSE, Wire, any_of
from advisor.rules.outcomes import Ending
from advisor.rules.rulebook import Answers, Rulebook, answer_bits

SOLVER = "glucose4"


class Gates:
    """A solver, and the gates written into it so far. Each gate is written once."""

    def __init__(self) -> None:
        self.solver: Any = Solver(name=SOLVER)
        self._last = 0
        self._gates: dict[tuple[int, int], Literal] = {}

    def fresh(self) -> "Literal":
        """Return a literal that is free to be true or false."""
        self._last += 1
        return Literal(self, self._last)

    def both(self, a: "Literal", b: "Literal") -> "Literal":
        """Return a literal that is true where both are."""
        if a.name == b.name:
            return a
        key = (min(a.name, b.name), max(a.name, b.name))
        if key not in self._gates:
            out = self._gates[key] = self.fresh()
            self.solver.add_clause([-out.name, a.name])
            self.solver.add_clause([-out.name, b.name])
            self.solver.add_clause([out.name, -a.name, -b.name])
        return self._gates[key]

    def holds(self, wire: Wire) -> None:
        """Make this true in everything that is asked from here on."""
        if not isinstance(wire, Literal):
            wire = self.fresh() if wire else (never := self.fresh()) & ~never
        self.solver.add_clause([wire.name])

    def model(self, *wires: Wire) -> set[int] | None:
        """Return the names of what is true in one way to make all these true; None if none is."""
        if any(wire == FALSE for wire in wires if isinstance(wire, int)):
            return None
        if not self.solver.solve([wire.name for wire in wires if isinstance(wire, Literal)]):
            return None
        return {name for name in self.solver.get_model() if name > 0}


class Literal:
    """A wire of a solver: a variable, or its negation (a negative name)."""

    __slots__ = ("gates", "name")

    def __init__(self, gates: Gates, name: int) -> None:
        self.gates = gates
        self.name = name

    def __invert__(self) -> "Literal":
        return Literal(self.gates, -self.name)

    def __and__(self, other: Wire) -> Wire:
        if isinstance(other, int):
            return self if other else FALSE
        if self.name == -other.name:
            return FALSE
        return self.gates.both(self, other)

    __rand__ = __and__

    def __or__(self, other: Wire) -> Wire:
        if isinstance(other, int):
            return other or self
        return ~(~self & ~other) if self.name != -other.name else circuit.TRUE

    __ror__ = __or__


class Asked:
    """One answer set of unknown answers: a literal for each option, and what they come to.

    Each question has an answer: one option, or of kind `many` one or several, an exclusive one
    by itself. Whether it counts is up to the live path.
    """

    def __init__(self, rulebook: Rulebook, gates: Gates, picked: Sequence[Wire] | None = None):
        self.rulebook = rulebook
        self.gates = gates
        options = [bit for q in rulebook.questions for bit in q.option_bits.values()]
        self.picked = list(picked) if picked else [gates.fresh() for _ in options]
        for question in rulebook.questions:
            wires = [self.picked[at] for at in circuit.places(sum(question.option_bits.values()))]
            alone = [self.picked[at] for at in circuit.places(question.exclusive)]
            gates.holds(any_of(wires))
            for at, wire in enumerate(wires):
                others = wires[at + 1 :] if question.kind is Kind.ONE else []
                for other in (*others, *(o for o in alone if o is not wire)):
                    gates.holds(~(wire & other))
        self.firing = circuit.fire(rulebook, self.picked)
        self.steps = circuit.decide_on(rulebook, self.firing.needs, self.firing.ruled_out)

    def given(self, answers: Answers) -> Iterator[Wire]:
        """Yield what makes the answers these: to the questions that are answered, and no other."""
        for question in self.rulebook.questions:
            bits = answer_bits(question, answers)
            if bits:
                for bit in question.option_bits.values():
                    wire = self.picked[bit.bit_length() - 1]
                    yield wire if bits & bit else ~wire

    def ends_in(self, ending: Ending) -> Wire:
        """Return where the answers end like this."""
        demanding = self.steps.demanding if ending.demanding else ~self.steps.demanding
        fits = self.steps.fits if ending.fits else ~self.steps.fits
        return circuit.spells(self.rulebook, self.steps, ending.engagements) & demanding & fits

    def read(self, model: Iterable[int]) -> dict[str, tuple[str, ...]]:
        """Return the complete answer set of a model: an answer to each live question."""
        true = set(model)
        everything = {
            question.key: tuple(
                key
                for key, bit in question.option_bits.items()
                if self.picked[bit.bit_length() - 1].name in true
            )
            for question in self.rulebook.questions
        }
        return self.rulebook.live_answers(everything)
