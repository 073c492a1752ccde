"""Look ahead: what is still possible, over all ways to complete partial answers.

An unanswered question is unknown, not "no". The questions are walked in order with the set of
distinct situations that the answers so far can lead to; a situation keeps only what can still
matter (which signals can still fire, what has fired, which later questions are asked), so the
set stays small where the product of all options would not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from advisor.playbook import Kind
from advisor.rules.rulebook import Answers, CompiledQuestion, Rulebook, answer_bits


@dataclass(frozen=True, slots=True)
class Situation:
    """What matters of the answers to the questions walked so far.

    `path`: option bits that later questions depend on; `alive`: undecided signals (by place)
    that can still fire; `needs` and `ruled_out`: of the signals that have fired.
    """

    path: int
    alive: int
    needs: int
    ruled_out: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What one way to answer a question does: the path bits it sets, the signals it ends."""

    path: int
    ends: int


def possible_demands(rulebook: Rulebook, answers: Answers) -> frozenset[tuple[int, int]]:
    """Return every (needs, ruled out) that some completion of the answers leads to."""
    walk = _walk_of(rulebook)
    every_signal = (1 << len(rulebook.signals)) - 1
    situations = {Situation(path=0, alive=every_signal, needs=0, ruled_out=0)}
    for place, question in enumerate(rulebook.questions):
        given = answer_bits(question, answers)
        effects = (walk.effect(place, given),) if given else walk.effects[place]
        situations = {
            _settle(rulebook, walk, place, situation, effect)
            for situation in situations
            for effect in (effects if _is_live(question, situation) else (walk.skipped[place],))
        }
    return frozenset((situation.needs, situation.ruled_out) for situation in situations)


def _is_live(question: CompiledQuestion, situation: Situation) -> bool:
    return all(situation.path & mask for mask in question.ask_when)


def _settle(
    rulebook: Rulebook, walk: "_Walk", place: int, situation: Situation, effect: Effect
) -> Situation:
    """Apply an effect, then fire the signals whose last question this was."""
    alive = situation.alive & ~effect.ends
    needs, ruled_out = situation.needs, situation.ruled_out
    firing = alive & walk.ripe[place]
    alive &= ~firing
    for at in _places(firing):
        needs |= rulebook.signals[at].needs
        ruled_out |= rulebook.signals[at].rules_out
    return Situation(
        path=(situation.path | effect.path) & walk.path_after[place],
        alive=alive,
        needs=needs,
        ruled_out=ruled_out,
    )


class _Walk:
    """What the walk needs of a rulebook, worked out once."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.questions = rulebook.questions
        every_bit = [sum(q.option_bits.values()) for q in rulebook.questions]
        self.conditions = [
            tuple(
                (1 << at, mask)
                for at, signal in enumerate(rulebook.signals)
                for mask in signal.when
                if mask & bits
            )
            for bits in every_bit
        ]
        self.ripe = [0] * len(rulebook.questions)
        for at, signal in enumerate(rulebook.signals):
            last = max(
                place for place, bits in enumerate(every_bit) if any(m & bits for m in signal.when)
            )
            self.ripe[last] |= 1 << at
        self.path_after = [
            _union(mask for q in rulebook.questions[place + 1 :] for mask in q.ask_when)
            for place in range(len(rulebook.questions))
        ]
        self.skipped = [self.effect(place, 0) for place in range(len(rulebook.questions))]
        self.effects = [
            tuple({self.effect(place, bits) for bits in _ways_to_answer(self, place)})
            for place in range(len(rulebook.questions))
        ]

    def effect(self, place: int, bits: int) -> Effect:
        """The effect of answering the question at this place with these option bits."""
        ends = _union(signal for signal, mask in self.conditions[place] if not mask & bits)
        return Effect(path=bits & self.path_after[place], ends=ends)


@lru_cache(maxsize=64)
def _walk_of(rulebook: Rulebook) -> _Walk:
    return _Walk(rulebook)


def _ways_to_answer(walk: _Walk, place: int) -> Iterator[int]:
    """Yield option bits for every way to answer that could make a difference.

    Of options that no condition tells apart one stands for all; sets of options are built from
    those representatives.
    """
    question = walk.questions[place]
    masks = [mask for _, mask in walk.conditions[place]]
    told_apart: dict[tuple[tuple[bool, ...], int], int] = {}
    singles = []
    for bit in question.option_bits.values():
        if question.kind is Kind.ONE or bit & question.exclusive:
            singles.append(bit)
        else:
            read_by = tuple(bool(mask & bit) for mask in masks)
            told_apart.setdefault((read_by, bit & walk.path_after[place]), bit)
    yield from singles
    unions = {0}
    for bit in told_apart.values():
        unions |= {union | bit for union in unions}
    yield from unions - {0}


def _union(masks: Iterable[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union


def _places(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
