"""What would refute a claim, as wires of the decision's circuit (DESIGN 3.8).

Each claim is stated on the playbook's own needs, carries and sizes, not on how the circuit comes to
its steps: a rulebook that was compiled wrong is refuted too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from advisor.playbook import Phase
from advisor.rules import circuit
from advisor.rules.asking import one_of
from advisor.rules.circuit import FALSE, TRUE, Steps, Wire, all_of, any_of
from advisor.rules.rulebook import Rulebook
from advisor.rules.solving import Asked


@dataclass(frozen=True, slots=True)
class Advice:
    """A decision in the circuit, told by place in the pathway.

    `needs` are those demanded and `out` the engagement models ruled out, `steps[n][i]` whether
    `rulebook.engagements[i]` is the nth step.
    """

    rulebook: Rulebook
    needs: list[Wire]
    out: list[Wire]
    steps: list[list[Wire]]
    demanding: Wire
    fits: Wire

    @property
    def emergency(self) -> Wire:
        """Whether anything that responds to an emergency is demanded."""
        needs = zip(self.rulebook.playbook.needs, self.needs, strict=True)
        return any_of(wire for need, wire in needs if need.phase is Phase.RESPOND)

    @property
    def single(self) -> list[Wire]:
        """For each engagement model, whether it is recommended alone for what is demanded."""
        later = any_of(any_of(step) for step in self.steps[1:])
        alone = self.fits & self.demanding & ~later
        return [alone & wire for wire in self.steps[0]]


def advice_on(rulebook: Rulebook, needs: list[Wire], out: list[Wire]) -> Advice:
    """Return what is advised where these needs are demanded and these models ruled out."""
    decision = circuit.decide_on(rulebook, needs, out)
    return advice_of(rulebook, needs, out, decision)


def advice_of(rulebook: Rulebook, needs: list[Wire], out: list[Wire], decision: Steps) -> Advice:
    """Return a decision by place in the pathway; an empty place is left out."""
    steps: list[list[Wire]] = [[FALSE] * len(rulebook.engagements) for _ in decision.chosen]
    before: list[Wire] = [TRUE] + [FALSE] * (len(steps) - 1)
    for place in decision.chosen:
        taken = any_of(place)
        steps = [
            [wire | here & chosen for wire, chosen in zip(step, place, strict=True)]
            for step, here in zip(steps, before, strict=True)
        ]
        moved: list[Wire] = [FALSE, *before[:-1]]
        before = [
            here & ~taken | one_less & taken for here, one_less in zip(before, moved, strict=True)
        ]
    return Advice(rulebook, list(needs), list(out), steps, decision.demanding, decision.fits)


def differ(one: Advice, other: Advice) -> Wire:
    """Return where two outcomes are told apart: the steps, the fit, or why it is the entry."""
    none: list[Wire] = [FALSE] * len(one.rulebook.engagements)
    steps = [
        _unlike(a, b)
        for step, beside in zip_longest(one.steps, other.steps, fillvalue=none)
        for a, b in zip(step, beside, strict=True)
    ]
    return (
        any_of(steps)
        | _unlike(one.fits, other.fits)
        | (one.fits & _unlike(one.demanding, other.demanding))
    )


class Beside:
    """The same answers once more, with one signal silent or one option left out.

    Which one it is, is up to who asks: `silent` has a wire for each signal, `left_out` for each
    option by place of its bit. `differs`: the outcome is another one then.
    """

    def __init__(self, asked: Asked, advice: Advice) -> None:
        rulebook, gates = asked.rulebook, asked.gates
        wires = one_of(gates, len(rulebook.signals) + len(asked.picked))
        self.silent = wires[: len(rulebook.signals)]
        self.left_out = wires[len(rulebook.signals) :]
        picked = [p & ~out for p, out in zip(asked.picked, self.left_out, strict=True)]
        fired = circuit.fire(rulebook, picked).fired
        fired = [f & ~silent for f, silent in zip(fired, self.silent, strict=True)]
        self.advice = advice_on(
            rulebook, circuit.demanded(rulebook, fired), circuit.ruled_out(rulebook, fired)
        )
        self.differs = differ(advice, self.advice)


# ---- Safety: where the advice could not be trusted -----------------------------------------


def more_than_one_outcome(advice: Advice, decision: Steps) -> Wire:
    """Where there is no outcome, or more than one, or one that does not do what it says."""
    rulebook = advice.rulebook
    two = any_of(
        wire & any_of(place[:at]) for place in decision.chosen for at, wire in enumerate(place)
    )
    some = any_of(advice.steps[0])
    entry = rulebook.engagements.index(rulebook.entry)
    entry_alone = all_of(
        wire if (n, i) == (0, entry) else ~wire
        for n, step in enumerate(advice.steps)
        for i, wire in enumerate(step)
    )
    undemanded = ~advice.demanding & (
        _unlike(advice.fits, ~_out_of(advice, entry))
        | _unlike(advice.fits, some)
        | (some & ~entry_alone)
    )
    unruly = any_of(
        wire & _out_of(advice, i) for step in advice.steps for i, wire in enumerate(step)
    )
    carried = [
        any_of(step[i] for step in advice.steps for i in _carriers(rulebook, key))
        for key in rulebook.need_bits
    ]
    left = any_of(need & ~by for need, by in zip(advice.needs, carried, strict=True))
    fits_not = advice.fits & (left | ~some)
    half = ~advice.fits & some & ~advice.emergency
    return two | undemanded | unruly | fits_not | half


def not_stabilised_first(advice: Advice) -> Wire:
    """Where a need of an emergency that is on offer is demanded, and something else comes first."""
    rulebook = advice.rulebook
    responders = {e.key for e in rulebook.playbook.engagements if e.phase is Phase.RESPOND}
    return any_of(
        wire
        & ~any_of(
            advice.steps[0][i]
            for i in _carriers(rulebook, need.key)
            if rulebook.engagements[i].key in responders
        )
        for need, wire in zip(rulebook.playbook.needs, advice.needs, strict=True)
        if need.phase is Phase.RESPOND and need.offered
    )


def not_the_smallest(advice: Advice) -> Iterator[Wire]:
    """Yield where a smaller engagement model would do, one would for several, or one where none is.

    A step is chosen for everything that is open if it carries that, else for the earliest phase of
    it. In an emergency the first step is one of those that respond to it.
    """
    rulebook = advice.rulebook
    sizes = [rulebook.playbook.engagement(e.key).size for e in rulebook.engagements]
    smallest_first = sorted(range(len(sizes)), key=lambda i: sizes[i])
    open_needs = advice.needs
    for n, step in enumerate(advice.steps):
        may = [
            ~_out_of(advice, i) & (~advice.emergency | responds if n == 0 else TRUE)
            for i, responds in enumerate(_responders(rulebook))
        ]
        earliest = _earliest(rulebook, open_needs)
        all_in_one = [w & _covers(rulebook, i, open_needs) for i, w in enumerate(may)]
        in_time = [w & _covers(rulebook, i, earliest) for i, w in enumerate(may)]
        any_all_in_one = any_of(all_in_one)
        if n == 0:
            yield advice.demanding & ~any_of(step) & any_all_in_one
        for i in smallest_first:
            smaller = [j for j in smallest_first if sizes[j] < sizes[i]]
            enough = _covers(rulebook, i, open_needs)
            better = any_of(all_in_one[j] for j in smaller) | ~enough & (
                any_all_in_one | any_of(in_time[j] for j in smaller)
            )
            yield advice.demanding & step[i] & better
        open_needs = [
            wire & ~any_of(step[i] for i in _carriers(rulebook, key))
            for key, wire in zip(rulebook.need_bits, open_needs, strict=True)
        ]


def not_monotone(fewer: Advice, more: Advice) -> Wire:
    """Where the single cover of more needs is smaller than that of fewer of them."""
    rulebook = fewer.rulebook
    sizes = [rulebook.playbook.engagement(e.key).size for e in rulebook.engagements]
    singles = more.single
    return any_of(
        wire & any_of(single for size, single in zip(sizes, singles, strict=True) if size < own)
        for own, wire in zip(sizes, fewer.single, strict=True)
    )


# ---- Quality -------------------------------------------------------------------------------


def wanted(advice: Advice) -> list[Wire]:
    """The needs that are demanded and on offer."""
    needs = zip(advice.rulebook.playbook.needs, advice.needs, strict=True)
    return [wire if need.offered else FALSE for need, wire in needs]


def asks_for_too_much(advice: Advice) -> Wire:
    """Where a need is demanded that is not on offer."""
    needs = zip(advice.rulebook.playbook.needs, advice.needs, strict=True)
    return any_of(wire for need, wire in needs if not need.offered)


# ---- The playbook's own words about an engagement model -------------------------------------


def _carriers(rulebook: Rulebook, need: str) -> Iterator[int]:
    """The places of the engagement models that carry a need."""
    carriers = {e.key for e in rulebook.playbook.engagements if need in e.carries}
    return (i for i, e in enumerate(rulebook.engagements) if e.key in carriers)


def _covers(rulebook: Rulebook, i: int, needs: list[Wire]) -> Wire:
    """Whether an engagement model carries all these needs."""
    carries = set(rulebook.playbook.engagement(rulebook.engagements[i].key).carries)
    keys = zip(rulebook.need_bits, needs, strict=True)
    return ~any_of(wire for key, wire in keys if key not in carries)


def _responders(rulebook: Rulebook) -> list[Wire]:
    playbook = rulebook.playbook
    return [
        TRUE if playbook.engagement(e.key).phase is Phase.RESPOND else FALSE
        for e in rulebook.engagements
    ]


def _earliest(rulebook: Rulebook, needs: list[Wire]) -> list[Wire]:
    """Those of the needs that are of the earliest phase of all of them."""
    earliest: list[Wire] = [FALSE] * len(needs)
    before: Wire = FALSE
    for phase in Phase:
        here = [at for at, n in enumerate(rulebook.playbook.needs) if n.phase is phase]
        for at in here:
            earliest[at] = needs[at] & ~before
        before = before | any_of(needs[at] for at in here)
    return earliest


def _out_of(advice: Advice, i: int) -> Wire:
    return advice.out[advice.rulebook.engagements[i].bit.bit_length() - 1]


def _unlike(one: Wire, other: Wire) -> Wire:
    return (one | other) & ~(one & other)
