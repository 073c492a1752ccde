"""The decision as a circuit: from picked options to steps, with nothing but and, or, not.

`deciding.decide` takes one set of needs. This is the same decision for many answer sets at once:
a wire is anything with `&`, `|` and `~`. Integers carry one answer set in each bit (`lanes`), the
literals of a solver carry all there are (`solving`). The integers 0 and -1 are false and true; what
comes of negations is an integer with all higher bits set, for the caller to mask.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import and_, or_
from typing import Any

from advisor.playbook import Phase
from advisor.rules.rulebook import Rulebook

Wire = Any
"""An int of lanes, or a literal: something that has `&`, `|` and `~`."""

Places = tuple[int, ...]
"""Places of options, needs, engagement models or signals in a list of wires."""

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


@dataclass(frozen=True, slots=True)
class _Wiring:
    """Which wires of a rulebook run together, worked out once: places instead of masks.

    Conditions are places of options. `demanding` has for each need the signals that demand it,
    `ruling_out` for each engagement model, by place of its bit, the signals that rule it out.
    `lacking` has for each engagement model the needs that it does not carry, `carrying` for each
    need the engagement models that do. `bits` has the place of each one's bit.
    """

    questions: tuple[tuple[tuple[Places, ...], Places], ...]
    signals: tuple[tuple[Places, ...], ...]
    demanding: tuple[Places, ...]
    ruling_out: tuple[Places, ...]
    lacking: tuple[Places, ...]
    carrying: tuple[Places, ...]
    phases: tuple[Places, ...]
    bits: Places
    responders: Places


@lru_cache(maxsize=64)
def _wiring_of(rulebook: Rulebook) -> _Wiring:
    engagements, signals = rulebook.engagements, rulebook.signals
    needs = range(len(rulebook.need_bits))
    return _Wiring(
        questions=tuple(
            (tuple(map(places, q.ask_when)), places(q.options)) for q in rulebook.questions
        ),
        signals=tuple(tuple(map(places, signal.when)) for signal in signals),
        demanding=tuple(_having(at, [signal.needs for signal in signals]) for at in needs),
        ruling_out=tuple(
            _having(at, [signal.rules_out for signal in signals]) for at in range(len(engagements))
        ),
        lacking=tuple(tuple(at for at in needs if not e.carries >> at & 1) for e in engagements),
        carrying=tuple(_having(at, [e.carries for e in engagements]) for at in needs),
        phases=tuple(places(mask) for _, mask in rulebook.phase_needs),
        bits=tuple(e.bit.bit_length() - 1 for e in engagements),
        responders=tuple(at for at, e in enumerate(engagements) if e.phase is Phase.RESPOND),
    )


def _having(place: int, masks: list[int]) -> Places:
    return tuple(at for at, mask in enumerate(masks) if mask >> place & 1)


def fire(rulebook: Rulebook, picked: Sequence[Wire]) -> Firing:
    """Return what fires; `picked` has a wire for each option, by place of its bit."""
    wiring = _wiring_of(rulebook)
    counted: list[Wire] = [FALSE] * len(picked)
    live: list[Wire] = []
    for ask_when, options in wiring.questions:
        asked = _all_hold(ask_when, counted)
        live.append(asked)
        for at in options:
            counted[at] = picked[at] & asked
    fired = [_all_hold(when, counted) for when in wiring.signals]
    return Firing(
        counted=counted,
        live=live,
        fired=fired,
        needs=demanded(rulebook, fired),
        ruled_out=ruled_out(rulebook, fired),
    )


def _all_hold(conditions: tuple[Places, ...], counted: list[Wire]) -> Wire:
    return all_of(any_of(counted[at] for at in condition) for condition in conditions)


def demanded(rulebook: Rulebook, fired: Sequence[Wire]) -> list[Wire]:
    """Return for each need, by place of its bit, whether a fired signal demands it."""
    return [any_of(fired[at] for at in signals) for signals in _wiring_of(rulebook).demanding]


def ruled_out(rulebook: Rulebook, fired: Sequence[Wire]) -> list[Wire]:
    """Return for each engagement model, by place of its bit, whether a signal rules it out."""
    return [any_of(fired[at] for at in signals) for signals in _wiring_of(rulebook).ruling_out]


def decide_on(rulebook: Rulebook, needs: Sequence[Wire], out: Sequence[Wire]) -> Steps:
    """Return the steps for demanded needs and ruled-out models (as `decide` does for one case)."""
    wiring = _wiring_of(rulebook)
    demanding = any_of(needs)
    allowed = [~out[at] for at in wiring.bits]
    emergency = any_of(needs[at] for at in wiring.phases[0])

    entry = rulebook.engagements.index(rulebook.entry)
    first: list[Wire] = [FALSE] * len(allowed)
    first[entry] = ~demanding & allowed[entry]
    chosen = [_responders(wiring, needs, allowed, emergency), first]
    stands = any_of(chosen[0])
    needs = _left(wiring, needs, chosen[0])
    # Where nothing responds, nothing else is looked at: that is a conflict as it is.
    active = any_of(needs) & (~emergency | stands)
    failed: Wire = FALSE
    for _ in wiring.phases:
        if isinstance(active, int) and not active:
            break
        step = _step(wiring, needs, allowed, active)
        chosen.append(step)
        taken = any_of(step)
        failed = failed | (active & ~taken)
        needs = _left(wiring, needs, step)
        active = active & taken & any_of(needs)
    for place, step in enumerate(chosen[2:], start=2):
        chosen[place] = [wire & ~failed for wire in step]
    fits = (~demanding & first[entry]) | (demanding & ~failed & (~emergency | stands))
    return Steps(chosen=chosen, fits=fits, demanding=demanding)


def _responders(
    wiring: _Wiring, needs: Sequence[Wire], allowed: list[Wire], emergency: Wire
) -> list[Wire]:
    """The first step of an emergency: the smallest that responds and carries all, else that."""
    urgent: list[Wire] = [FALSE] * len(needs)
    for at in wiring.phases[0]:
        urgent[at] = needs[at]
    may: list[Wire] = [FALSE] * len(allowed)
    for at in wiring.responders:
        may[at] = allowed[at]
    all_in_one = _smallest(wiring, needs, may, emergency)
    rest = emergency & ~any_of(all_in_one)
    return _either(all_in_one, _smallest(wiring, urgent, may, rest))


def _step(wiring: _Wiring, needs: Sequence[Wire], allowed: list[Wire], active: Wire) -> list[Wire]:
    """The next step: the smallest for everything left, else for the earliest phase of it."""
    all_in_one = _smallest(wiring, needs, allowed, active)
    rest = active & ~any_of(all_in_one)
    earliest: list[Wire] = [FALSE] * len(needs)
    before: Wire = FALSE
    for phase in wiring.phases:
        for at in phase:
            earliest[at] = needs[at] & ~before
        before = before | any_of(needs[at] for at in phase)
    return _either(all_in_one, _smallest(wiring, earliest, allowed, rest))


def _smallest(
    wiring: _Wiring, needs: Sequence[Wire], allowed: list[Wire], where: Wire
) -> list[Wire]:
    """For each engagement model, where it is the first that carries all the needs."""
    chosen = []
    for lacking, may in zip(wiring.lacking, allowed, strict=True):
        fits = where & may & ~any_of(needs[at] for at in lacking)
        chosen.append(fits)
        where = where & ~fits
    return chosen


def _left(wiring: _Wiring, needs: Sequence[Wire], step: list[Wire]) -> list[Wire]:
    """The needs that are open after a step."""
    return [
        need & ~any_of(step[at] for at in carrying)
        for need, carrying in zip(needs, wiring.carrying, strict=True)
    ]


def _either(one: list[Wire], other: list[Wire]) -> list[Wire]:
    return [a | b for a, b in zip(one, other, strict=True)]


def any_of(wires: Iterable[Wire]) -> Wire:
    """Return a wire that is true where any of these is."""
    return reduce(or_, wires, FALSE)


def all_of(wires: Iterable[Wire]) -> Wire:
    """Return a wire that is true where each of these is."""
    return reduce(and_, wires, TRUE)


def places(mask: int) -> Places:
    """Return the places of the bits in a mask, lowest first."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return tuple(found)


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
