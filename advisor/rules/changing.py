"""Change answers: what others would lead to, without deciding everything anew.

To change an answer is to take what another one leaves.
"""

from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import chain, combinations, islice
from typing import NamedTuple

from advisor.playbook import Kind
from advisor.rules.alternatives import advisable, alternatives_of, options_in
from advisor.rules.keeping import Kept, Room
from advisor.rules.leaving import leaving_of
from advisor.rules.outcomes import Ending, ending_on
from advisor.rules.recommendation import GivenAnswer
from advisor.rules.rulebook import Rulebook

MOST = 64
"""More completions than these are for `lookahead`, which has them side by side."""

MOST_ANSWERS = 1 << 12
"""For so many different answers their changes are kept. There are always more with many ticks."""

Given = tuple[str, ...]


class Change(NamedTuple):
    """Another answer to a question, and what it leaves."""

    answer: GivenAnswer
    left: int


class Changing:
    """What could be answered instead to the questions of a rulebook, and what that leads to.

    `at` has the place of each question, `changes` for each what could be answered instead.
    """

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.leaving = leaving_of(rulebook)
        self.at = {question.key: at for at, question in enumerate(rulebook.questions)}
        room = Room(MOST_ANSWERS)
        self.changes = [Kept(room, partial(self._changes_of, at)) for at in self.at.values()]
        room = Room()
        self._ways = Kept(room, self._ways_of)
        self._ended = Kept(room, self._ending_on)

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
                self.leaving.left_on(at, other),
            )
            for other in others
        )
        return tuple(one for one in changes if one.left != self.leaving.left_by(at, given))

    # ---- What is left leads to ---------------------------------------------------------

    def endings(self, left: int, answered: int) -> frozenset[Ending] | None:
        """Return what all completions end in; None when they are more than `MOST`.

        `answered` has the bits of answered questions.
        """
        found = [*islice(self._completions(left, answered), MOST + 1)]
        return frozenset(found) if len(found) <= MOST else None

    def some_endings(self, left: int, answered: int) -> Iterator[Ending]:
        """Yield what up to `MOST` completions end in, whether these are all or not."""
        return islice(self._completions(left, answered), MOST)

    def _completions(self, left: int, answered: int) -> Iterator[Ending]:
        """Yield what each completion ends in. After `MOST` the rest may be left out."""
        still_open = left & self.leaving.questions & ~answered
        if not still_open:
            yield from self.certain(left)
            return
        asked = still_open & -still_open  # the first of them; others may depend on it
        for way in self._ways[asked]:
            yield from self._completions(left & way, answered | asked)

    def _ways_of(self, asked: int) -> tuple[int, ...]:
        """What each way to answer a question leaves; more than `MOST` when these are not all."""
        at = self.leaving.asked.index(asked)
        question = self.rulebook.questions[at]
        bits = question.option_bits.values()
        alone = [bit for bit in bits if question.kind is Kind.ONE or bit & question.exclusive]
        masks = [mask for _, mask in self.leaving.conditions[at]]
        # Of ticks that no condition tells apart one stands for all.
        alike = {tuple(bool(m & bit) for m in masks): bit for bit in bits if bit not in alone}
        sizes = range(1, len(alike) + 1)
        sets = (sum(some) for size in sizes for some in combinations(alike.values(), size))
        left = (self.leaving.left_on(at, way) for way in chain(alone, islice(sets, MOST + 1)))
        are_all = (1 << len(alike)) - 1 <= MOST
        return tuple(dict.fromkeys(left)) if are_all else tuple(left)

    def certain(self, left: int) -> frozenset[Ending]:
        """Return the one ending where no question is open."""
        return self._ended[self.leaving.demanded(left & self.leaving.signals)]

    def _ending_on(self, demanded: int) -> frozenset[Ending]:
        decided = self.leaving.decided[demanded]
        return frozenset([ending_on(decided.decision, decided.needs)])


@lru_cache(maxsize=64)
def changing_of(rulebook: Rulebook) -> Changing:
    """Return what could be answered instead in a rulebook, worked out once."""
    return Changing(rulebook)
