"""Sample answers, so that a solver is asked only for what is rare.

Most of what can happen happens in some of a few hundred random answer sets. They are laid side by
side in the bits of integers, as in `lanes`, and beside them once more for each signal that is
silent and each option that is left out: the circuit runs once for all.
"""

from collections.abc import Iterable
from dataclasses import replace

from advisor.playbook import Kind
from advisor.rules import circuit, claims
from advisor.rules.circuit import Wire, any_of
from advisor.rules.claims import Advice, advice_on
from advisor.rules.lanes import mixed
from advisor.rules.reading import conditions_of
from advisor.rules.rulebook import CompiledQuestion, Rulebook

LANES = 1024
"""Answer sets in the sample."""


class Sample:
    """What happens in a sample of answer sets, the same for a rulebook at any time.

    `fires` and `matters` have the places of signals, `says` those of option bits, `reached` the
    places of `rulebook.engagements`. What is not in them may happen all the same.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        everything = (1 << LANES) - 1
        picked = [
            column for question in rulebook.questions for column in _columns(rulebook, question)
        ]
        firing = circuit.fire(rulebook, picked)
        advice = advice_on(rulebook, firing.needs, firing.ruled_out)
        self.fires = _where(wire & everything for wire in firing.fired)
        self.reached = _where(any_of(w) & everything for w in zip(*advice.steps, strict=True))

        signals, copies = len(firing.fired), len(firing.fired) + len(picked)
        again = sum(1 << at * LANES for at in range(copies))
        blocks = [everything << at * LANES for at in range(copies)]
        kept = [(column * again) & ~blocks[signals + at] for at, column in enumerate(picked)]
        fired = circuit.fire(rulebook, kept).fired
        fired = [wire & ~blocks[at] for at, wire in enumerate(fired)]
        beside = advice_on(
            rulebook, circuit.demanded(rulebook, fired), circuit.ruled_out(rulebook, fired)
        )
        differs = claims.differ(_copied(advice, everything, again), beside)
        changed = _where(differs & block for block in blocks)
        self.matters = {at for at in changed if at < signals}
        self.says = {at - signals for at in changed if at >= signals}


def _copied(advice: Advice, everything: int, again: int) -> Advice:
    """The same for each copy of the sample."""

    def copied(wire: Wire) -> Wire:
        return (wire & everything) * again

    return replace(
        advice,
        steps=[[copied(wire) for wire in step] for step in advice.steps],
        demanding=copied(advice.demanding),
        fits=copied(advice.fits),
    )


def _columns(rulebook: Rulebook, question: CompiledQuestion) -> list[int]:
    """For each option the lanes in which it is picked.

    In some lanes most answers are those that the fewest conditions read: where little is said, one
    answer more makes a difference.
    """
    options = list(question.option_bits.values())
    ticks = [b for b in options if question.kind is Kind.MANY and not b & question.exclusive]
    masks = list(conditions_of(rulebook))
    quiet = min(options, key=lambda bit: sum(bool(mask & bit) for mask in masks))
    answers = [options[number % len(options)] for number in mixed(question.key, LANES)]
    chances = mixed(f"{question.key} quiet", LANES)
    others = mixed(f"{question.key} more", LANES)
    for lane, answer in enumerate(answers):
        if chances[lane] % LANES < lane:
            answers[lane] = quiet
        elif answer in ticks and others[lane] & 1:
            more = others[lane] >> 1
            answers[lane] |= sum(bit for at, bit in enumerate(ticks) if more >> at & 1)
    return [
        int("".join("1" if answer & bit else "0" for answer in answers), base=2) for bit in options
    ]


def _where(wires: Iterable[Wire]) -> set[int]:
    """The places of the wires that are true somewhere."""
    return {at for at, wire in enumerate(wires) if wire}
