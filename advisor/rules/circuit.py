"""The decision as a circuit: from picked options to steps, with nothing but and, or, not.

`deciding.decide` takes one set of needs. This is the same decision for many answer sets at once:
a wire is anything with `&`, `|` and `~`. Integers carry one answer set in each bit (`lanes`), the
literals of a solver carry all there are (`solving`). The integers 0 and -1 are false and true; what
comes of negations is an integer with all higher bits set, for the caller to mask.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from advisor.playbook import Phase
from advisor.rules.rulebook import CompiledEngagement, Rulebook

Wire = Any
"""An int of lanes, or a literal: something that has `&`, `|` and `~`."""

FALSE, TRUE = 0, -1


@dataclass(frozen=True, slots=True)
class Firing:
    """What picked options come to.

    `counted`: the picked options on the live path, by place of the option bit; `live`: whether
    each question is asked; `fired`: each signal; `needs`: each need, demanded; `ruled_out`: each
    engagement model, by place of its bit.
    """

    counted: list[Wire]
    live: list[Wire]
    fired: list[Wire]
    needs: list[Wire]
    ruled_out: list[Wire]


@dataclass(frozen=True, slots=True)
class Steps:
    """What a decision comes to: at each place of the pathway, which engagement model stands there.

    `chosen[place][i]` is for `rulebook.engagements[i]`; the first place is an emergency's. A place
    may be empty before a later one. `fits`: the steps carry everything. `demanding`: something
    was demanded at all.
    """

    chosen: list[list[Wire]]
    fits: Wire
    demanding: Wire


def fire(rulebook: Rulebook, picked: Sequence[Wire]) -> Firing:
    """Return what fires; `picked` has a wire for each option, by place of its bit."""
    counted: list[Wire] = [FALSE] * len(picked)
    live: list[Wire] = []
    for question in rulebook.questions:
        asked = all_of(any_of(counted[at] for at in places(mask)) for mask in question.ask_when)
        live.append(asked)
        for bit in question.option_bits.values():
            at = bit.bit_length() - 1
            counted[at] = picked[at] & asked
    fired = [
        all_of(any_of(counted[at] for at in places(mask)) for mask in signal.when)
        for signal in rulebook.signals
    ]
    return Firing(
        counted=counted,
        live=live,
        fired=fired,
        needs=demanded(rulebook, fired),
        ruled_out=ruled_out(rulebook, fired),
    )


def demanded(rulebook: Rulebook, fired: Sequence[Wire]) -> list[Wire]:
    """Return for each need, by place of its bit, whether a fired signal demands it."""
    signals = list(zip(rulebook.signals, fired, strict=True))
    return [any_of(f for s, f in signals if s.needs & bit) for bit in rulebook.need_bits.values()]


def ruled_out(rulebook: Rulebook, fired: Sequence[Wire]) -> list[Wire]:
    """Return for each engagement model, by place of its bit, whether a signal rules it out."""
    signals = list(zip(rulebook.signals, fired, strict=True))
    bits = sorted(engagement.bit for engagement in rulebook.engagements)
    return [any_of(f for s, f in signals if s.rules_out & bit) for bit in bits]


def decide_on(rulebook: Rulebook, needs: Sequence[Wire], out: Sequence[Wire]) -> Steps:
    """Return the steps for demanded needs and ruled-out models (as `decide` does for one case)."""
    needs = list(needs)
    demanding = any_of(needs)
    allowed = [~out[e.bit.bit_length() - 1] for e in rulebook.engagements]
    respond = list(places(rulebook.respond_needs))
    emergency = any_of(needs[at] for at in respond)

    entry = rulebook.engagements.index(rulebook.entry)
    first = [FALSE] * len(allowed)
    first[entry] = ~demanding & allowed[entry]
    chosen = [_responders(rulebook, needs, allowed, emergency), first]
    stands = any_of(chosen[0])
    needs = _left(rulebook, needs, chosen[0])
    # Where nothing responds, nothing else is looked at: that is a conflict as it is.
    active = any_of(needs) & (~emergency | stands)
    failed: Wire = FALSE
    for _ in rulebook.phase_needs:
        if isinstance(active, int) and not active:
            break
        step = _step(rulebook, needs, allowed, active)
        chosen.append(step)
        taken = any_of(step)
        failed = failed | (active & ~taken)
        needs = _left(rulebook, needs, step)
        active = active & taken & any_of(needs)
    for place, step in enumerate(chosen[2:], start=2):
        chosen[place] = [wire & ~failed for wire in step]
    fits = (~demanding & first[entry]) | (demanding & ~failed & (~emergency | stands))
    return Steps(chosen=chosen, fits=fits, demanding=demanding)


def spells(rulebook: Rulebook, steps: Steps, engagements: Sequence[str]) -> Wire:
    """Return where the steps are these engagement models, in this order and no others."""
    at = {engagement.key: i for i, engagement in enumerate(rulebook.engagements)}
    so_far: list[Wire] = [TRUE] + [FALSE] * len(engagements)
    for place in steps.chosen:
        empty = ~any_of(place)
        so_far = [
            (wire & empty) | (so_far[n - 1] & place[at[engagements[n - 1]]] if n else FALSE)
            for n, wire in enumerate(so_far)
        ]
    return so_far[-1]


def _responders(
    rulebook: Rulebook, needs: list[Wire], allowed: list[Wire], emergency: Wire
) -> list[Wire]:
    """The first step of an emergency: the smallest that responds and carries all, else that."""
    respond = places(rulebook.respond_needs)
    urgent: list[Wire] = [FALSE] * len(needs)
    for at in respond:
        urgent[at] = needs[at]
    responds = [TRUE if e.phase is Phase.RESPOND else FALSE for e in rulebook.engagements]
    may = [wire & r for wire, r in zip(allowed, responds, strict=True)]
    all_in_one = _smallest(rulebook.engagements, needs, may, emergency)
    rest = emergency & ~any_of(all_in_one)
    return _either(all_in_one, _smallest(rulebook.engagements, urgent, may, rest))


def _step(rulebook: Rulebook, needs: list[Wire], allowed: list[Wire], active: Wire) -> list[Wire]:
    """The next step: the smallest for everything left, else for the earliest phase of it."""
    all_in_one = _smallest(rulebook.engagements, needs, allowed, active)
    rest = active & ~any_of(all_in_one)
    earliest: list[Wire] = [FALSE] * len(needs)
    before: Wire = FALSE
    for _, mask in rulebook.phase_needs:
        for at in places(mask):
            earliest[at] = needs[at] & ~before
        before = before | any_of(needs[at] for at in places(mask))
    return _either(all_in_one, _smallest(rulebook.engagements, earliest, allowed, rest))


def _smallest(
    engagements: tuple[CompiledEngagement, ...],
    needs: list[Wire],
    allowed: list[Wire],
    where: Wire,
) -> list[Wire]:
    """For each engagement model, where it is the first that carries all the needs."""
    chosen = []
    for engagement, may in zip(engagements, allowed, strict=True):
        lacks = any_of(w for at, w in enumerate(needs) if not engagement.carries >> at & 1)
        fits = where & may & ~lacks
        chosen.append(fits)
        where = where & ~fits
    return chosen


def _left(rulebook: Rulebook, needs: list[Wire], step: list[Wire]) -> list[Wire]:
    """The needs that are open after a step."""
    return [
        need
        & ~any_of(
            wire
            for engagement, wire in zip(rulebook.engagements, step, strict=True)
            if engagement.carries >> at & 1
        )
        for at, need in enumerate(needs)
    ]


def _either(one: list[Wire], other: list[Wire]) -> list[Wire]:
    return [a | b for a, b in zip(one, other, strict=True)]


def any_of(wires: Iterable[Wire]) -> Wire:
    """Return a wire that is true where any of these is."""
    return reduce(or_, wires, FALSE)


def all_of(wires: Iterable[Wire]) -> Wire:
    """Return a wire that is true where each of these is."""
    return reduce(and_, wires, TRUE)


def places(mask: int) -> Iterable[int]:
    """Yield the places of the bits in a mask, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
