"""Lanes: many answer sets at once, one in each bit of an integer.

The completions of partial answers are all laid side by side where they are few; else a sample
of them, which is the same on every machine and at every time. Of options that no condition
tells apart one stands for all.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import prod

from advisor.playbook import Kind
from advisor.rules import circuit
from advisor.rules.circuit import Steps, any_of
from advisor.rules.outcomes import Ending
from advisor.rules.rulebook import Answers, CompiledQuestion, Rulebook, answer_bits

MOST = 4096
"""Completions up to this number are all looked at."""

SAMPLE = 1024
"""Of more completions, this many are looked at, and a solver is asked for what they miss."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """Answer sets side by side: for each option, by place of its bit, in which of them it is.

    `all` has a bit for each lane; `complete`: there is a lane for every completion.
    """

    picked: list[int]
    all: int
    complete: bool

    def endings(self, rulebook: Rulebook) -> dict[Ending, int]:
        """Return what the lanes end in, each with the lanes that do."""
        firing = circuit.fire(rulebook, self.picked)
        steps = circuit.decide_on(rulebook, firing.needs, firing.ruled_out)
        return _endings(rulebook, steps, self.all)

    def answers(self, rulebook: Rulebook, lane: int) -> dict[str, tuple[str, ...]]:
        """Return the answers of one lane, also those off the live path."""
        given = {
            question.key: tuple(
                option
                for option, bit in question.option_bits.items()
                if self.picked[bit.bit_length() - 1] >> lane & 1
            )
            for question in rulebook.questions
        }
        return {key: options for key, options in given.items() if options}


def _endings(rulebook: Rulebook, steps: Steps, everything: int) -> dict[Ending, int]:
    paths: dict[tuple[str, ...], int] = {(): everything}
    for place in steps.chosen:
        taken = any_of(place)
        longer = {path: lanes & ~taken for path, lanes in paths.items()}
        for path, lanes in paths.items():
            for engagement, chosen in zip(rulebook.engagements, place, strict=True):
                if here := lanes & chosen:
                    longer[*path, engagement.key] = longer.get((*path, engagement.key), 0) | here
        paths = longer
    return {
        Ending(path, demanding, fits): here
        for path, lanes in paths.items()
        for demanding, such in ((True, steps.demanding), (False, ~steps.demanding))
        for fits, carried in ((True, steps.fits), (False, ~steps.fits))
        if (here := lanes & such & carried)
    }


def completions(rulebook: Rulebook, answers: Answers) -> Lanes:
    """Return the ways to complete these answers, or a sample of them.

    `answers` may also be to questions that are only asked once others are answered.
    """
    ways = ways_of(rulebook)
    given = [answer_bits(question, answers) for question in rulebook.questions]
    open_places = _open_places(rulebook, given)
    count = prod(ways[at].count for at in open_places)
    complete = count <= MOST
    everything = (1 << (count if complete else SAMPLE)) - 1
    picked = [0] * sum(len(question.option_bits) for question in rulebook.questions)
    for bits in given:
        for place in circuit.places(bits):
            picked[place] = everything
    stride = 1
    for at in open_places:
        columns = ways[at].columns(stride, everything) if complete else ways[at].sampled
        for place, column in columns.items():
            picked[place] = column
        stride *= ways[at].count
    return Lanes(picked=picked, all=everything, complete=complete)


def _open_places(rulebook: Rulebook, given: list[int]) -> list[int]:
    """The places of the questions that are not answered and may come to be asked."""
    reachable = 0
    found = []
    for at, (question, bits) in enumerate(zip(rulebook.questions, given, strict=True)):
        if all(reachable & mask for mask in question.ask_when):
            reachable |= bits or sum(question.option_bits.values())
            if not bits:
                found.append(at)
    return found


class Ways:
    """The ways to answer one question that can make a difference."""

    def __init__(self, rulebook: Rulebook, question: CompiledQuestion) -> None:
        self.key = question.key
        masks = [mask for asked in rulebook.questions for mask in asked.ask_when]
        masks += [mask for signal in rulebook.signals for mask in signal.when]
        masks = [mask for mask in masks if mask & sum(question.option_bits.values())]
        told_apart: dict[tuple[bool, tuple[bool, ...]], int] = {}
        for bit in question.option_bits.values():
            alone = question.kind is Kind.ONE or bool(bit & question.exclusive)
            told_apart.setdefault((alone, tuple(bool(mask & bit) for mask in masks)), bit)
        self.alone = [bit for (alone, _), bit in told_apart.items() if alone]
        self.together = [bit for (alone, _), bit in told_apart.items() if not alone]
        self.count = len(self.alone) + (1 << len(self.together)) - 1

    @property
    def options(self) -> Iterator[int]:
        """The place of each option that stands for those like it."""
        return (bit.bit_length() - 1 for bit in (*self.alone, *self.together))

    def columns(self, stride: int, everything: int) -> dict[int, int]:
        """Return all ways in turns, each over `stride` lanes, over and over."""
        period = stride * self.count
        again = everything // ((1 << period) - 1)
        block = (1 << stride) - 1
        columns = {}
        for way, bit in enumerate(self.alone):
            columns[bit.bit_length() - 1] = again * (block << way * stride)
        for nth, bit in enumerate(self.together):
            subsets = (s for s in range(1, 1 << len(self.together)) if s >> nth & 1)
            ways = (len(self.alone) + subset - 1 for subset in subsets)
            columns[bit.bit_length() - 1] = again * sum(block << way * stride for way in ways)
        return columns

    @cached_property
    def sampled(self) -> dict[int, int]:
        """A way for each lane of the sample, every way as likely as the others."""
        chance = random.Random(self.key)  # noqa: S311 - a sample, not a secret
        columns = dict.fromkeys(self.options, 0)
        for lane in range(SAMPLE):
            way = chance.randrange(self.count)
            if way < len(self.alone):
                columns[self.alone[way].bit_length() - 1] |= 1 << lane
            for nth, bit in enumerate(self.together):
                if way >= len(self.alone) and (way - len(self.alone) + 1) >> nth & 1:
                    columns[bit.bit_length() - 1] |= 1 << lane
        return columns


@lru_cache(maxsize=64)
def ways_of(rulebook: Rulebook) -> tuple[Ways, ...]:
    """Return the ways to answer each deciding question, worked out once."""
    return tuple(Ways(rulebook, question) for question in rulebook.questions)
