"""Ask for a witness: of a solver with a budget, always the same one.

The cost of a proof is counted, not timed, so that what is decided is decided on every machine. The
solver leaves nothing to chance: asked the same from the start, it comes up with the same.
"""

from advisor.playbook import Kind
from advisor.rules.circuit import FALSE, Wire
from advisor.rules.outcomes import Ending, ending_of
from advisor.rules.rulebook import Answers, Rulebook
from advisor.rules.solving import Asked, Gates, Literal


class Undecided(Exception):  # noqa: N818 - nothing is wrong; it would only take too long
    """A question to the solver costs more than it may."""


class Budget:
    """What may be spent on all questions together, and on each: propagations of the solver."""

    def __init__(self, total: int, each: int) -> None:
        self.left = total
        self.each = each

    def next(self) -> int:
        """Return what the next question may cost; raise Undecided when all is spent."""
        if self.left <= 0:
            raise Undecided
        return min(self.left, self.each)


class Frugal(Gates):
    """Gates whose solver keeps to a budget."""

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self.budget = budget

    def model(self, *wires: Wire) -> set[int] | None:
        """Return what is true in one way to make all these true, None if there is none.

        Raises Undecided where that costs too much to find out.
        """
        if not self.can_be(*wires):
            return None
        return {name for name in self.solver.get_model() if name > 0}

    def can_be(self, *wires: Wire) -> bool:
        """Return whether all these can be true together; raise Undecided as `model` does."""
        if any(wire == FALSE for wire in wires if isinstance(wire, int)):
            return False
        before = self.solver.accum_stats()["propagations"]
        self.solver.prop_budget(self.budget.next())
        found = self.solver.solve_limited([w.name for w in wires if isinstance(w, Literal)])
        self.budget.left -= self.solver.accum_stats()["propagations"] - before
        if found is None:
            raise Undecided
        return bool(found)


def ask_for(rulebook: Rulebook, gates: Gates) -> Asked:
    """Return an answer set of unknown answers, which are the first options if nothing else is said.

    So witnesses are plain, and no more is ticked in them than has to be.
    """
    asked = Asked(rulebook, gates)
    wishes = []
    for question in rulebook.questions:
        first = question.kind is Kind.ONE
        for bit in question.option_bits.values():
            name = asked.picked[bit.bit_length() - 1].name
            wishes.append(name if first else -name)
            first = False
    gates.solver.set_phases(wishes)
    return asked


def witness(asked: Asked, *wires: Wire) -> Answers | None:
    """Return a complete answer set in which all these hold; None if there is none.

    It is run as in the product: it has to end there as it does in the circuit.
    """
    model = asked.gates.model(*wires)
    if model is None:
        return None
    answers = asked.read(model)
    ending = _ending_in(asked, model)
    if ending != ending_of(asked.rulebook, answers):
        raise AssertionError(f"{answers} does not end in {ending}")
    return answers


def _ending_in(asked: Asked, model: set[int]) -> Ending:
    """What a model of the circuit ends in."""

    def true(wire: Wire) -> bool:
        if isinstance(wire, Literal):
            return (abs(wire.name) in model) is (wire.name > 0)
        return bool(wire)

    steps = asked.steps
    chosen = (
        engagement.key
        for place in steps.chosen
        for engagement, wire in zip(asked.rulebook.engagements, place, strict=True)
        if true(wire)
    )
    return Ending(tuple(chosen), true(steps.demanding), true(steps.fits))


def as_many_as_possible(gates: Frugal, wires: list[Wire], held: list[Wire]) -> list[Wire]:
    """Return of these wires, in order, each that can hold with the ones before it."""
    for wire in wires:
        if gates.can_be(*held, wire):
            held = [*held, wire]
    return held


def clashing(gates: Frugal, wires: list[Wire]) -> list[int]:
    """Return the places of some of these wires that cannot hold together, none to spare."""
    core = list(range(len(wires)))
    for at in range(len(wires)):
        without = [other for other in core if other != at]
        if not gates.can_be(*(wires[other] for other in without)):
            core = without
    return core


def one_of(gates: Gates, count: int) -> list[Wire]:
    """Return this many wires of which one at most is true."""
    wires: list[Wire] = [gates.fresh() for _ in range(count)]
    before: Wire = FALSE
    for wire in wires:
        gates.holds(~(wire & before))
        before = before | wire
    return wires
