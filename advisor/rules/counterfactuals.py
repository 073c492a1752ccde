"""Counterfactuals: the smallest changes of answers that lead to another engagement model.

One answer would have to be another, or two. Only answers that a buyer can change count: no fact,
no triage, and nobody is advised not to know. What a change leads to is looked ahead: questions
that are open then are unknown. Nothing is told on a conflict, which names its own changes, nor on
an emergency: what else could be answered does not matter while something burns.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from operator import and_
from typing import NamedTuple

from advisor.playbook import Phase
from advisor.rules.alternatives import Commitment, commitment
from advisor.rules.changing import Change, changing_of
from advisor.rules.leaving import leaving_of
from advisor.rules.lookahead import possible_endings
from advisor.rules.outcomes import Ending, outcomes_in, smallest_first
from advisor.rules.recommendation import Counterfactual
from advisor.rules.rulebook import Answers, Rulebook

MOST_OF_TWO = 3
"""For a first step that takes two other answers, so many ways to it are told."""

MOST_ALTERNATIVES = 500
"""Where more could be answered instead, two at a time are not looked at: they are too many."""


class WhatIf(NamedTuple):
    """Changes of answers, and what all completions then end in."""

    changes: tuple[Change, ...]
    endings: frozenset[Ending]

    @property
    def engagements(self) -> set[tuple[str, ...]]:
        """The engagement models of each ending; none of a conflict."""
        return {ending.engagements for ending in self.endings}

    @property
    def is_certain(self) -> bool:
        """Whether all endings advise the same."""
        return len({ending.advice for ending in self.endings}) == 1


def counterfactuals_of(rulebook: Rulebook, answers: Answers) -> tuple[Counterfactual, ...]:
    """Return the smallest changes that lead to other engagement models than these answers do.

    `answers` are those on the live path, and settled. All changes of one answer are told. Two
    answers are, for a first step that no other answer by itself may lead to, and where it is
    certain: `MOST_OF_TWO` ways to it, and none where `MOST_ALTERNATIVES` are exceeded. What is
    certain comes first, then the least commitment, then the order of the playbook.
    """
    given = _Given(rulebook, answers)
    now, *others = {ending.advice: ending.engagements for ending in given.now}.values()
    if others or not now or rulebook.engagement(now[0]).phase is Phase.RESPOND:
        return ()
    one = given.of_one()
    reached = {now[0], *(e[0] for what_if in one for e in what_if.engagements if e)}
    two = given.of_two([e.key for e in rulebook.engagements if e.key not in reached])
    found = [what_if for what_if in (*one, *two) if what_if.engagements - {now, ()}]
    found.sort(key=lambda what_if: _certain_first(rulebook, what_if, now))
    return tuple(_told(rulebook, what_if) for what_if in found)


def one_answer_changes(rulebook: Rulebook, answers: Answers) -> list[WhatIf]:
    """Return the changes of one answer that lead to something else, or may, in playbook order.

    To be measured by itself: `counterfactuals_of` has them with all others, in short.
    """
    return _Given(rulebook, answers).of_one()


class _Given:
    """Answers on the live path, and what changes of them lead to."""

    def __init__(self, rulebook: Rulebook, answers: Answers) -> None:
        self.rulebook = rulebook
        self.answers = answers
        self.leaving = leaving = leaving_of(rulebook)
        self.changing = changing = changing_of(rulebook)
        given = sorted((changing.at[key], answers[key]) for key in answers)
        self.left = [leaving.left_by(at, options) for at, options in given]
        self.changes = [changing.changes[at][options] for at, options in given]
        self.answered = sum(leaving.asked[at] for at, _ in given)
        # What the answers before each leave together, and what those from each on do.
        self.before = [*accumulate(self.left, and_, initial=leaving.everything)]
        self.after = [*accumulate(reversed(self.left), and_, initial=leaving.everything)][::-1]
        self.all = self.after[0]
        self.now = self._endings(self.all)

    def of_one(self) -> list[WhatIf]:
        """Return the changes of one answer that lead to something else, or may."""
        found = []
        may_be_open = self.leaving.questions & ~self.answered
        for at, changes in enumerate(self.changes):
            rest = self.before[at] & self.after[at + 1]
            for change in changes:
                left = rest & change.left
                if left == self.all:
                    continue
                if left & may_be_open:
                    endings = self._endings(left, change)
                else:
                    endings = self.changing.certain(left)
                if endings != self.now:
                    found.append(WhatIf((change,), endings))
        return found

    def of_two(self, wanted: Sequence[str]) -> Iterator[WhatIf]:
        """Yield the first changes of two answers that lead to each of these steps for certain."""
        if not wanted or sum(map(len, self.changes)) > MOST_ALTERNATIVES:
            return
        found = []
        seen: dict[int, frozenset[Ending]] = {}
        for pair, left in self._pairs():
            if left not in seen:
                seen[left] = self._all_wanted(left, pair, wanted)
            if seen[left]:
                found.append(WhatIf(pair, seen[left]))
        found.sort(key=lambda one: commitment(self.rulebook, *one.engagements))
        for key in wanted:
            those = (one for one in found if all(e[0] == key for e in one.engagements))
            yield from islice(those, MOST_OF_TWO)

    def _pairs(self) -> Iterator[tuple[tuple[Change, Change], int]]:
        """Yield changes of two answers in playbook order, and what is left with them."""
        for at, changes in enumerate(self.changes):
            between = self.before[at]
            for other in range(at + 1, len(self.changes)):
                rest = between & self.after[other + 1]
                for one in changes:
                    left = rest & one.left
                    for two in self.changes[other]:
                        yield (one, two), left & two.left
                between &= self.left[other]

    def _endings(self, left: int, *changes: Change) -> frozenset[Ending]:
        """What all completions end in, with what these changes leave."""
        endings = self.changing.endings(left, self.answered)
        if endings is not None:
            return endings
        instead = {change.answer.question: change.answer.options for change in changes}
        changed = self.rulebook.live_answers({**self.answers, **instead})
        return frozenset(possible_endings(self.rulebook, changed))

    def _all_wanted(
        self, left: int, changes: tuple[Change, Change], wanted: Sequence[str]
    ) -> frozenset[Ending]:
        """What all completions end in if they all end alike, with a step that is wanted."""
        some = self.changing.some_endings(left, self.answered)
        first = next(some)
        if not first.engagements or first.engagements[0] not in wanted:
            return frozenset()
        if any(ending.advice != first.advice for ending in some):
            return frozenset()
        endings = self._endings(left, *changes)
        alike = all(ending.advice == first.advice for ending in endings)
        return endings if alike else frozenset()


def _certain_first(
    rulebook: Rulebook, what_if: WhatIf, now: tuple[str, ...]
) -> tuple[bool, Commitment]:
    """Sort key: what is certain, then the least commitment that it leads to or may lead to."""
    others = what_if.engagements - {now, ()}
    return not what_if.is_certain, min(commitment(rulebook, other) for other in others)


def _told(rulebook: Rulebook, what_if: WhatIf) -> Counterfactual:
    """A change in short; what is possible comes as `look_ahead` has it."""
    return Counterfactual(
        instead=tuple(change.answer for change in what_if.changes),
        outcome=next(iter(what_if.endings)).outcome if what_if.is_certain else None,
        possible=outcomes_in(smallest_first(rulebook, what_if.endings)),
    )
