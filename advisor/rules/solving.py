"""Ask a solver about all answer sets at once: the circuit as clauses, for python-sat.

A `Literal` is a wire: its operators write the gate into the solver (Tseitin's encoding) and
return the gate's output. `Asked` is the circuit of one rulebook, with what can be asked of it.
"""

from collections.abc import Iterable, Iterator
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

    def both(self, a: "Literal", b: "Literal") -> Wire:
        """Return a wire that is true where both are."""
        if a.name == b.name:
            return a
        if a.name == -b.name:
            return FALSE
        key = (min(a.name, b.name), max(a.name, b.name))
        if key not in self._gates:
            out = self._gates[key] = self.fresh()
            self.solver.add_clause([-out.name, a.name])
            self.solver.add_clause([-out.name, b.name])
            self.solver.add_clause([out.name, -a.name, -b.name])
        return self._gates[key]

    def holds(self, wire: Wire) -> None:
        """Make this true in everything that is asked from here on."""
        if isinstance(wire, Literal):
            self.solver.add_clause([wire.name])
        elif not wire:
            never = self.fresh()
            self.solver.add_clause([never.name])
            self.solver.add_clause([-never.name])

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
        return self.gates.both(self, other)

    __rand__ = __and__

    def __or__(self, other: Wire) -> Wire:
        if isinstance(other, int):
            return other or self
        return ~(~self & ~other)

    __ror__ = __or__


class Asked:
    """One answer set of unknown answers: a literal for each option, and what they come to.

    Each question has an answer: one option, or of kind `many` one or several, an exclusive one
    by itself. Whether it counts is up to the live path.
    """

    def __init__(self, rulebook: Rulebook, gates: Gates) -> None:
        self.rulebook = rulebook
        self.gates = gates
        self.picked: list[Wire] = [
            gates.fresh() for question in rulebook.questions for _ in question.option_bits
        ]
        for question in rulebook.questions:
            wires = [self.picked[at] for at in circuit.places(question.options)]
            alone = [self.picked[at] for at in circuit.places(question.exclusive)]
            gates.holds(any_of(wires))
            for at, wire in enumerate(wires):
                others = wires[at + 1 :] if question.kind is Kind.ONE else []
                for other in (*others, *(o for o in alone if o is not wire)):
                    gates.holds(~(wire & other))
        self.firing = circuit.fire(rulebook, self.picked)
        self.steps = circuit.decide_on(rulebook, self.firing.needs, self.firing.ruled_out)
        self._ends_in: dict[Ending, Wire] = {}

    def given(self, answers: Answers) -> Iterator[Wire]:
        """Yield what makes the answers these: to the questions that are answered, and no other."""
        for question in self.rulebook.questions:
            bits = answer_bits(question, answers)
            if bits:
                for bit in question.option_bits.values():
                    wire = self.picked[bit.bit_length() - 1]
                    yield wire if bits & bit else ~wire

    def ends_in(self, ending: Ending) -> Wire:
        """Return where the answers end like this. What is asked for once is kept."""
        if ending not in self._ends_in:
            spelled = circuit.spells(self.rulebook, self.steps, ending.engagements)
            demanding = self.steps.demanding if ending.demanding else ~self.steps.demanding
            fits = self.steps.fits if ending.fits else ~self.steps.fits
            self._ends_in[ending] = spelled & demanding & fits
        return self._ends_in[ending]

    def first(self, *wires: Wire) -> dict[str, tuple[str, ...]] | None:
        """Return the first answers to all questions with which these hold; None if there are none.

        First in playbook order, whatever the solver was asked before: each option is picked that
        can be, with what is picked before it.
        """
        model = self.gates.model(*wires)
        if model is None:
            return None
        held = list(wires)
        for question in self.rulebook.questions:
            for at in circuit.places(question.options):
                wire = self.picked[at]
                if wire.name not in model and (better := self.gates.model(*held, wire)):
                    model = better
                held.append(wire if wire.name in model else ~wire)
                if wire.name in model and question.kind is Kind.ONE:
                    break
        return self.read_all(model)

    @property
    def kept(self) -> int:
        """How many endings it has been asked for."""
        return len(self._ends_in)

    def read(self, model: Iterable[int]) -> dict[str, tuple[str, ...]]:
        """Return the complete answer set of a model: an answer to each live question."""
        return self.rulebook.live_answers(self.read_all(model))

    def read_all(self, model: Iterable[int]) -> dict[str, tuple[str, ...]]:
        """Return the answers of a model to all questions, also those off the live path."""
        true = set(model)
        return {
            question.key: tuple(
                key
                for key, bit in question.option_bits.items()
                if self.picked[bit.bit_length() - 1].name in true
            )
            for question in self.rulebook.questions
        }
