"""Lanes: many answer sets at once, one in each bit of an integer.

The completions of partial answers are all laid side by side where they are few; else a sample
of them, which is the same on every machine and at every time. Of the ways to answer a question
that no condition tells apart one stands for all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import shake_128
from math import prod

from advisor.playbook import Kind
from advisor.rules import circuit
from advisor.rules.circuit import Steps, any_of
from advisor.rules.outcomes import Ending
from advisor.rules.reading import conditions_of
from advisor.rules.rulebook import Answers, CompiledQuestion, Rulebook, answer_bits

MOST = 4096
"""Completions up to this number are all looked at."""

SAMPLE = 1024
"""Of more completions, this many are looked at, and a solver is asked for what they miss."""

MOST_WAYS = 256
"""Of more ways to answer one question, this many are looked at."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """Answer sets side by side: for each option, by place of its bit, in which of them it is.

    `ways` has for each open question, by its place, the lanes of each of its `Ways.picks`. `all`
    has a bit for each lane; `complete`: there is a lane for every completion.
    """

    picked: list[int]
    ways: dict[int, list[int]]
    all: int
    complete: bool

    def endings(self, rulebook: Rulebook) -> dict[Ending, int]:
        """Return what the lanes end in, each with the lanes that do."""
        firing = circuit.fire(rulebook, self.picked)
        steps = circuit.decide_on(rulebook, firing.needs, firing.ruled_out)
        return endings_of(rulebook, steps, self.all)

    def otherwise(self, rulebook: Rulebook, place: int) -> "Lanes":
        """Return the same lanes, but that each answers the question at this place another way."""
        question, ways = rulebook.questions[place], self.ways[place]
        picked, others = list(self.picked), [*ways[1:], *ways[:1]]
        for at in circuit.places(question.options):
            picked[at] = 0
        _pick(picked, ways_of(rulebook)[place], others)
        return Lanes(picked, {**self.ways, place: others}, self.all, self.complete)

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


def endings_of(rulebook: Rulebook, steps: Steps, everything: int) -> dict[Ending, int]:
    """Return what the lanes of these steps end in, each with the lanes that do."""
    keys = [engagement.key for engagement in rulebook.engagements]
    paths: dict[tuple[str, ...], int] = {(): everything}
    for place in steps.chosen:
        taken = any_of(place)
        longer = {path: left for path, lanes in paths.items() if (left := lanes & ~taken)}
        for path, lanes in paths.items():
            if lanes & taken:
                for key, chosen in zip(keys, place, strict=True):
                    if here := lanes & chosen:
                        longer[*path, key] = longer.get((*path, key), 0) | here
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
    open_places = rulebook.open_places(answers)
    count = prod(ways[at].count for at in open_places)
    complete = count <= MOST and all(ways[at].complete for at in open_places)
    everything = (1 << (count if complete else SAMPLE)) - 1
    picked = [0] * sum(len(question.option_bits) for question in rulebook.questions)
    for place in circuit.places(rulebook.bits_of(answers)):
        picked[place] = everything
    columns: dict[int, list[int]] = {}
    stride = 1
    for at in open_places:
        columns[at] = ways[at].in_turns(stride, everything) if complete else ways[at].sampled
        _pick(picked, ways[at], columns[at])
        stride *= ways[at].count
    return Lanes(picked, columns, everything, complete)


def _pick(picked: list[int], ways: "Ways", columns: Sequence[int]) -> None:
    for places, column in zip(ways.places, columns, strict=True):
        for place in places:
            picked[place] |= column


def around(rulebook: Rulebook, answers: Answers, completion: Answers) -> Lanes:
    """Return a completion of these answers, in the first lane, and all that differ in one answer.

    The completion has an answer to every question that may come to be asked.
    """
    ways = ways_of(rulebook)
    open_places = rulebook.open_places(answers)
    everything = (1 << 1 + sum(ways[at].count for at in open_places)) - 1
    picked = [0] * sum(len(question.option_bits) for question in rulebook.questions)
    for question in rulebook.questions:
        for place in circuit.places(answer_bits(question, completion)):
            picked[place] = everything
    columns: dict[int, list[int]] = {}
    next_lane = 1
    for at in open_places:
        count = ways[at].count
        columns[at] = [1 << lane for lane in range(next_lane, next_lane + count)]
        others = everything ^ sum(columns[at])
        for place in circuit.places(rulebook.questions[at].options):
            picked[place] &= others
        _pick(picked, ways[at], columns[at])
        next_lane += count
    return Lanes(picked, columns, everything, complete=False)


def between(rulebook: Rulebook, one: Answers, other: Answers) -> Lanes:
    """Return the lanes on the way from one to the other: the first n questions answered as there.

    Both have an answer to every question that may come to be asked.
    """
    everything = (2 << len(rulebook.questions)) - 1
    picked = [0] * sum(len(question.option_bits) for question in rulebook.questions)
    for at, question in enumerate(rulebook.questions):
        there = everything >> at + 1 << at + 1
        for place in circuit.places(answer_bits(question, one)):
            picked[place] |= everything ^ there
        for place in circuit.places(answer_bits(question, other)):
            picked[place] |= there
    return Lanes(picked, {}, everything, complete=False)


class Ways:
    """The ways to answer one question: those after which other conditions hold.

    `picks` has the options of each way. There are not all ways in it where they are too many; then
    they are not `complete`. `conditions` are those that tell the ways apart.
    """

    def __init__(self, rulebook: Rulebook, question: CompiledQuestion) -> None:
        self.key = question.key
        masks = dict.fromkeys(conditions_of(rulebook))
        self.conditions = [mask for mask in masks if mask & question.options]
        bits = question.option_bits.values()
        alone = [bit for bit in bits if question.kind is Kind.ONE or bit & question.exclusive]
        self._alike: dict[int, int] = {}
        self.complete = True
        for bit in alone:
            self._add(bit)
        self._add_together([bit for bit in bits if bit not in alone])
        self.picks = list(self._alike.values())
        self.places = [circuit.places(picks) for picks in self.picks]
        self.count = len(self.picks)

    def _add(self, picks: int) -> None:
        held = sum(1 << at for at, mask in enumerate(self.conditions) if mask & picks)
        self._alike.setdefault(held, picks)

    def _add_together(self, bits: list[int]) -> None:
        """Add each set of ticks, or where they are too many, some sets at random."""
        together: dict[int, int] = {}
        for bit in bits:
            held = sum(1 << at for at, mask in enumerate(self.conditions) if mask & bit)
            for other, picks in ((0, 0), *together.items()):
                together.setdefault(held | other, bit | picks)
            if len(together) > MOST_WAYS:
                break
        self.complete = len(together) <= MOST_WAYS
        if self.complete:
            for picks in together.values():
                self._add(picks)
            return
        for bit in bits:
            self._add(bit)
        for way in mixed(self.key, MOST_WAYS):
            self._add(sum(bit for at, bit in enumerate(bits) if way >> at & 1) or bits[0])

    def in_turns(self, stride: int, everything: int) -> list[int]:
        """Return the lanes of each way: all in turns, each over `stride` lanes, over and over."""
        # A number that is all ones, divided by a shorter such: a one at the start of each turn.
        again = everything // ((1 << stride * self.count) - 1)
        block = (1 << stride) - 1
        return [again * (block << way * stride) for way in range(self.count)]

    @cached_property
    def sampled(self) -> list[int]:
        """The lanes of each way in the sample, every way in as many of them as the others."""
        numbers = mixed(self.key, SAMPLE)
        lanes = sorted(range(SAMPLE), key=lambda lane: (numbers[lane], lane))
        return [sum(1 << lane for lane in lanes[way :: self.count]) for way in range(self.count)]


def mixed(key: str, count: int) -> list[int]:
    """Return numbers of 32 bits that look like chance, and are the same everywhere."""
    drawn = shake_128(key.encode()).digest(4 * count)
    return [int.from_bytes(drawn[at : at + 4]) for at in range(0, 4 * count, 4)]


@lru_cache(maxsize=64)
def ways_of(rulebook: Rulebook) -> tuple[Ways, ...]:
    """Return the ways to answer each deciding question, worked out once."""
    return tuple(Ways(rulebook, question) for question in rulebook.questions)
