"""Leaving: what answers leave open to fire and to be asked.

Each signal and each question has a bit. An answer leaves those whose conditions on it hold, or that
have none; what all answers leave together fires, and is on the live path. Answers off that path
leave out only what is off it, too, so that it need not be walked.
"""

from collections.abc import Mapping
from functools import lru_cache
from operator import or_
from typing import NamedTuple

from advisor.rules.deciding import Decision, decide
from advisor.rules.keeping import Kept, Room, rows_of
from advisor.rules.rulebook import Answers, CompiledQuestion, Rulebook, answer_bits

Given = tuple[str, ...] | None
"""The answer to one question, if there is one."""


class Demanded(NamedTuple):
    """What is demanded, the engagement models that are ruled out, and what is decided on that."""

    needs: int
    ruled_out: int
    decision: Decision


class Leaving:
    """What answers to the questions of a rulebook leave, and what is decided on that.

    `signals` and `questions` have the bits of these, `asked` the bit of each question. `left` has
    what answers leave, for each question; `conditions` which masks they have to meet for which bit.
    `decided` has what needs come to, and above their bits the engagement models that are ruled out.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        count = len(rulebook.signals)
        self.signals = (1 << count) - 1
        self.asked = [1 << count + at for at in range(len(rulebook.questions))]
        self.questions = sum(self.asked)
        self.everything = self.signals | self.questions
        conditions = _conditions(rulebook)
        self.conditions = [
            [
                (1 << place, mask)
                for place, by_question in enumerate(conditions)
                for mask in by_question[question.key]
            ]
            for question in rulebook.questions
        ]
        self.room = Room()
        self.left: list[tuple[str, dict[Given, int]]] = [
            (question.key, {given: self._left(at, given) for given in _answers(question)})
            for at, question in enumerate(rulebook.questions)
        ]
        self._above = len(rulebook.need_bits)
        demands = [s.needs | s.rules_out << self._above for s in rulebook.signals]
        self._demands = rows_of(demands, or_, 0)
        self.decided = Kept(self.room, self._decide)

    def learn(self, answers: Answers) -> int:
        """Return the signals that fire, and keep what was not to be looked up."""
        fired = self.signals
        for at, (key, _) in enumerate(self.left):
            fired &= self.left_by(at, answers.get(key))
        return fired

    def left_by(self, at: int, given: Given) -> int:
        """Return what an answer to one question leaves.

        Of kind `many` there are too many answers to know them all beforehand, in any order.
        """
        _, kept = self.left[at]
        left = kept.get(given)
        if left is None:
            left = self._left(at, given)
            self.room.keep(kept, given, left)
        return left

    def _left(self, at: int, given: Given) -> int:
        question = self.rulebook.questions[at]
        return self.left_on(at, answer_bits(question, {question.key: given or ()}))

    def left_on(self, at: int, bits: int) -> int:
        """Return what an answer to one question leaves, from its option bits."""
        left = self.everything
        for bit, mask in self.conditions[at]:
            if not mask & bits:
                left &= ~bit
        return left

    def demanded(self, signals: int) -> int:
        """Return what fired signals demand and rule out, as `decided` has it."""
        demanded = 0
        for row in self._demands:
            demanded |= row[signals & 255]
            signals >>= 8
        return demanded

    def _decide(self, demanded: int) -> Demanded:
        needs, ruled_out = demanded & (1 << self._above) - 1, demanded >> self._above
        return Demanded(needs, ruled_out, decide(self.rulebook, needs, ruled_out))


@lru_cache(maxsize=64)
def leaving_of(rulebook: Rulebook) -> Leaving:
    """Return what answers leave of a rulebook, worked out once."""
    return Leaving(rulebook)


def _answers(question: CompiledQuestion) -> list[Given]:
    """No answer, and each option by itself."""
    return [None, (), *((option,) for option in question.option_bits)]


def _conditions(rulebook: Rulebook) -> list[Mapping[str, set[int]]]:
    """For each signal, then for each question, the masks that answers have to meet, by question.

    An answer counts on the live path only. So both take over the conditions under which their
    questions are asked, and these in turn those of the questions before them.
    """
    asks = {
        bit: question for question in rulebook.questions for bit in question.option_bits.values()
    }
    closed: dict[str, dict[str, set[int]]] = {}

    def all_of(masks: tuple[int, ...]) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {question.key: set() for question in rulebook.questions}
        for mask in masks:
            question = asks[mask & -mask]
            found[question.key].add(mask)
            for key, more in closed[question.key].items():
                found[key] |= more
        return found

    for question in rulebook.questions:
        closed[question.key] = all_of(question.ask_when)
    return [*(all_of(signal.when) for signal in rulebook.signals), *closed.values()]
