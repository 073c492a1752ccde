"""Evaluate: what answers come to, looked up. Every page, and each stored answer set, goes this way.

Which signals one answer leaves, what eight of them demand, what is decided on that: each is worked
out once for a rulebook. The live path is not walked, because a signal takes over the conditions
under which its questions are asked.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from operator import or_
from typing import NamedTuple

from advisor.rules.deciding import Decision, decide
from advisor.rules.keeping import Kept, Room, rows_of
from advisor.rules.rulebook import (
    Answers,
    CompiledQuestion,
    CompiledSignal,
    Rulebook,
    answer_bits,
)

Given = tuple[str, ...] | None
"""The answer to one question, if there is one."""


class Demanded(NamedTuple):
    """What is demanded, the engagement models that are ruled out, and what is decided on that."""

    needs: int
    ruled_out: int
    decision: Decision


class Evaluation(NamedTuple):
    """What answers come to: which signals fire, a bit for each in playbook order, and for what."""

    fired: int
    demanded: Demanded

    @property
    def needs(self) -> int:
        """The demanded needs."""
        return self.demanded.needs

    @property
    def ruled_out(self) -> int:
        """The engagement models that are ruled out."""
        return self.demanded.ruled_out

    @property
    def decision(self) -> Decision:
        """What is decided on these."""
        return self.demanded.decision


def evaluate(rulebook: Rulebook, answers: Answers) -> Evaluation:
    """Return what these answers come to; answers off the live path never count.

    Typed answers are ignored, what is not answered says nothing. Raises KeyError when a question
    has no such option.
    """
    tables = _tables_of(rulebook)
    fired = tables.signals
    given = answers.get
    try:
        for question, leaves in tables.leaves:
            fired &= leaves[given(question)]
    except KeyError:
        fired = tables.learn(answers)
    signals, demanded = fired, 0
    for row in tables.demands:
        demanded |= row[signals & 255]
        signals >>= 8
    return Evaluation(fired, tables.decided[demanded])


def fired_signals(rulebook: Rulebook, bits: int) -> tuple[CompiledSignal, ...]:
    """Return the signals each of whose conditions holds on the option bits."""
    return tuple(s for s in rulebook.signals if all(bits & mask for mask in s.when))


def demands_of(fired: Iterable[CompiledSignal]) -> tuple[int, int]:
    """Return what fired signals come to: the demanded needs and the ruled-out models."""
    needs = ruled_out = 0
    for signal in fired:
        needs |= signal.needs
        ruled_out |= signal.rules_out
    return needs, ruled_out


class _Tables:
    """What `evaluate` looks up.

    `signals` are all of them; `leaves`: for each question, which signals an answer leaves. The
    rows of `demands` are what each eight signals demand, and above these bits what they rule out;
    `decided` has what that comes to.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.room = Room()
        self.signals = (1 << len(rulebook.signals)) - 1
        self.conditions = _conditions(rulebook)
        self.leaves: list[tuple[str, dict[Given, int]]] = [
            (question.key, {given: self._left(question, given) for given in _answers(question)})
            for question in rulebook.questions
        ]
        above = len(rulebook.need_bits)
        self.demands = rows_of([s.needs | s.rules_out << above for s in rulebook.signals], or_, 0)
        self.decided = Kept(self.room, self._decide)

    def learn(self, answers: Answers) -> int:
        """Return the signals that fire, and keep what was not to be looked up.

        Of kind `many` there are too many answers to know them all beforehand, in any order.
        """
        fired = self.signals
        for question, (key, leaves) in zip(self.rulebook.questions, self.leaves, strict=True):
            given = answers.get(key)
            left = leaves.get(given)
            if left is None:
                left = self._left(question, given)
                self.room.keep(leaves, given, left)
            fired &= left
        return fired

    def _left(self, question: CompiledQuestion, given: Given) -> int:
        """The signals all of whose conditions on this question hold, or that have none."""
        bits = answer_bits(question, {question.key: given or ()})
        return sum(
            1 << place
            for place, conditions in enumerate(self.conditions)
            if all(bits & mask for mask in conditions.get(question.key, ()))
        )

    def _decide(self, demanded: int) -> Demanded:
        above = len(self.rulebook.need_bits)
        needs, ruled_out = demanded & (1 << above) - 1, demanded >> above
        return Demanded(needs, ruled_out, decide(self.rulebook, needs, ruled_out))


@lru_cache(maxsize=64)
def _tables_of(rulebook: Rulebook) -> _Tables:
    return _Tables(rulebook)


def _answers(question: CompiledQuestion) -> list[Given]:
    """No answer, and each option by itself."""
    return [None, (), *((option,) for option in question.option_bits)]


def _conditions(rulebook: Rulebook) -> list[Mapping[str, set[int]]]:
    """For each signal the masks that answers have to meet, by question.

    An answer counts on the live path only. So a signal takes over the conditions under which its
    questions are asked, and those under which the questions of these are asked, and so on.
    """
    asks = {
        bit: question for question in rulebook.questions for bit in question.option_bits.values()
    }

    def closed(masks: tuple[int, ...]) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        waiting = list(masks)
        while waiting:
            mask = waiting.pop()
            question = asks[mask & -mask]
            if mask not in found.setdefault(question.key, set()):
                found[question.key].add(mask)
                waiting += question.ask_when
        return found

    return [closed(signal.when) for signal in rulebook.signals]
