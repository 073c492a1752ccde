"""Change answers: what others would lead to, without deciding everything anew.

Each signal and each question has a bit. An answer leaves those whose conditions on it hold, or that
have none; what all answers leave together is what may fire and may be asked. To change an answer
is to take what another one leaves. Answers off the live path leave out only what is off it, too.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from itertools import chain, combinations, islice
from operator import or_
from typing import NamedTuple

from advisor.playbook import Kind
from advisor.rules.alternatives import advisable, alternatives_of, options_in
from advisor.rules.deciding import decide
from advisor.rules.keeping import Kept, Room, rows_of
from advisor.rules.outcomes import Ending, ending_on
from advisor.rules.recommendation import GivenAnswer
from advisor.rules.rulebook import Rulebook

MOST = 64
"""More completions than these are for `lookahead`, which has them side by side."""

MOST_ANSWERS = 1 << 12
"""Of so many different answers is kept what they leave. There are always more with many ticks."""

Given = tuple[str, ...]


class Change(NamedTuple):
    """Another answer to a question, and what it leaves."""

    answer: GivenAnswer
    left: int


class Leaving:
    """What answers to the questions of a rulebook leave.

    `signals` and `questions` have the bits of these, `asked` the bit of each question. `left` has
    for each question what an answer leaves, and `changes` what could be answered instead.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self._count = count = len(rulebook.signals)
        self.signals = (1 << count) - 1
        self.asked = [1 << count + at for at in range(len(rulebook.questions))]
        self.at = {question.key: at for at, question in enumerate(rulebook.questions)}
        self.questions = sum(self.asked)
        self.everything = self.signals | self.questions
        conditions = _conditions(rulebook)
        self._conditions = [
            [
                (1 << place, mask)
                for place, by_key in enumerate(conditions)
                for mask in by_key[q.key]
            ]
            for q in rulebook.questions
        ]
        places = range(len(rulebook.questions))
        room = Room(MOST_ANSWERS)
        self.left = [Kept(room, partial(self._left_by, at)) for at in places]
        self.changes = [Kept(room, partial(self._changes_of, at)) for at in places]
        self._ways = Kept(Room(), self._ways_of)
        self._above = len(rulebook.need_bits)
        demands = [s.needs | s.rules_out << self._above for s in rulebook.signals]
        self._demands = rows_of(demands, or_, 0)
        self._ended = Kept(Room(), self._ending_on)

    # ---- What answers leave ------------------------------------------------------------

    def _left_by(self, at: int, given: Given) -> int:
        bits = self.rulebook.questions[at].option_bits
        return self._left(at, sum(bits[option] for option in given))

    def _left(self, at: int, bits: int) -> int:
        left = self.everything
        for bit, mask in self._conditions[at]:
            if not mask & bits:
                left &= ~bit
        return left

    def _changes_of(self, at: int, given: Given) -> tuple[Change, ...]:
        """What a buyer could answer instead, apart from what makes no difference anywhere."""
        question = self.rulebook.questions[at]
        if not question.changeable:
            return ()
        bits = sum(question.option_bits[option] for option in given)
        others = alternatives_of(question, bits, advisable(self.rulebook, question))
        changes = (
            Change(
                GivenAnswer(question=question.key, options=options_in(question, other)),
                self._left(at, other),
            )
            for other in others
        )
        return tuple(change for change in changes if change.left != self.left[at][given])

    # ---- What is left leads to ---------------------------------------------------------

    def completions(self, left: int, answered: int) -> Iterator[Ending]:
        """Yield what each completion ends in; `answered` has the bits of answered questions.

        After `MOST` the rest may be left out.
        """
        still_open = left & self.questions & ~answered
        if not still_open:
            yield from self.certain(left)
            return
        asked = still_open & -still_open  # the first of them; others may depend on it
        for way in self._ways[asked.bit_length() - 1 - self._count]:
            yield from self.completions(left & way, answered | asked)

    def _ways_of(self, at: int) -> tuple[int, ...]:
        """What each way to answer a question leaves, up to one more than `MOST`."""
        question = self.rulebook.questions[at]
        bits = question.option_bits.values()
        alone = [bit for bit in bits if question.kind is Kind.ONE or bit & question.exclusive]
        masks = [mask for _, mask in self._conditions[at]]
        # Of ticks that no condition tells apart one stands for all.
        alike = {tuple(bool(m & bit) for m in masks): bit for bit in bits if bit not in alone}
        sizes = range(1, len(alike) + 1)
        sets = (sum(some) for size in sizes for some in combinations(alike.values(), size))
        left = (self._left(at, way) for way in chain(alone, islice(sets, MOST + 1)))
        return tuple(left) if len(alike) > MOST.bit_length() else tuple(dict.fromkeys(left))

    def certain(self, left: int) -> frozenset[Ending]:
        """Return the one ending where no question is open."""
        signals, demanded = left & self.signals, 0
        for row in self._demands:
            demanded |= row[signals & 255]
            signals >>= 8
        return self._ended[demanded]

    def _ending_on(self, demanded: int) -> frozenset[Ending]:
        needs = demanded & (1 << self._above) - 1
        ruled_out = demanded >> self._above
        return frozenset([ending_on(decide(self.rulebook, needs, ruled_out), needs)])


def _conditions(rulebook: Rulebook) -> list[Mapping[str, set[int]]]:
    """For each signal, then for each question, the masks that answers have to meet, by question.

    Both take over what their questions are asked after, so that no path has to be walked.
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


@lru_cache(maxsize=64)
def leaving_of(rulebook: Rulebook) -> Leaving:
    """Return what answers leave of a rulebook, worked out once."""
    return Leaving(rulebook)
