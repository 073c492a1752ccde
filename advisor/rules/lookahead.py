"""Look ahead: what is still possible, over all ways to complete partial answers.

An unanswered question is unknown, not "no". Every completion is looked at where there are few;
else a sample, and a solver is asked whether anything else is possible, until nothing is.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from advisor.rules.lanes import around, completions
from advisor.rules.outcomes import Ending, ending_of, outcomes_in, smallest_first
from advisor.rules.recommendation import Outcome
from advisor.rules.rulebook import Answers, Rulebook
from advisor.rules.solving import Asked, Gates
from advisor.rules.splitting import best_split, one_that_matters, open_questions

MOST_ENDINGS = 200
"""Of more endings than this, some are told. Those without a fit are always fewer."""

MOST_KEPT = 2000
"""A solver that has been asked about more endings than this is begun anew: it must not grow."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What partial answers leave open.

    `endings` are what is still possible, smallest first and no fit last: all of it, unless there
    is `more`. `next_question` is the one that helps most, None once all endings advise the same.
    That is, the same steps: of an emergency they are certain, and not that they carry whatever
    else is demanded yet. Who has a red flag is to call, not to be asked on.
    """

    endings: tuple[Ending, ...]
    next_question: str | None
    more: bool = False

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What is still possible in short, without the same twice."""
        return outcomes_in(self.endings)


def look_ahead(rulebook: Rulebook, answers: Answers) -> Outlook:
    """Return what is still possible, and the question to ask next.

    `answers` are those on the live path. Triage comes first, in playbook order. Then the question
    that splits what is still possible best: after which two ways to complete the answers are most
    likely to end alike, every way to answer as likely as the others. Ties go to playbook order.
    Of many completions the split is that of a sample, `lanes.SAMPLE` of them.
    """
    ahead = _Ahead(rulebook, answers)
    next_question = ahead.next_question() if ahead.is_open else None
    return Outlook(ahead.endings, next_question, ahead.more)


def possible_endings(rulebook: Rulebook, answers: Answers) -> tuple[Ending, ...]:
    """Return everything that some completion of the answers ends in, smallest first.

    Of more than `MOST_ENDINGS` it returns some, and always one with a fit among them.
    """
    return _Ahead(rulebook, answers).endings


def can_fit(rulebook: Rulebook, answers: Answers) -> bool:
    """Whether something may fit: not so where whatever else is demanded ends in a conflict.

    `answers` may also be to questions that are only asked once others are answered.
    """
    demanding = [ending for ending in possible_endings(rulebook, answers) if ending.demanding]
    return not demanding or any(ending.fits for ending in demanding)


class _Ahead:
    """What lies ahead of some answers: completions of them, and what these end in."""

    def __init__(self, rulebook: Rulebook, answers: Answers) -> None:
        self.rulebook = rulebook
        self.answers = answers
        self.lanes = completions(rulebook, answers)
        self.ended = self.lanes.endings(rulebook)
        likeliest = sorted(self.ended, key=lambda end: (-self.ended[end].bit_count(), end))
        found = set(likeliest[:MOST_ENDINGS])
        self.more = len(likeliest) > len(found)
        if not (self.lanes.complete or self.more):
            with _solver_of(rulebook) as solver:
                others = solver.others(answers, found)
            self.more = len(found) + len(others) > MOST_ENDINGS
            found |= set() if self.more else others
        if self.more:
            found |= self._first_other(found)
        self.endings = smallest_first(rulebook, found)

    def _first_other(self, known: set[Ending]) -> set[Ending]:
        """What shows that another advice is possible, where nothing known does.

        Which other endings a solver comes up with first would be chance.
        """
        one, *others = {ending.advice: ending for ending in known}.values()
        if others:
            return set()
        both = (True, False)
        every = [Ending(one.engagements, demanding, fits) for demanding in both for fits in both]
        alike = [ending for ending in every if ending.advice == one.advice]
        with _solver_of(self.rulebook) as solver:
            first = solver.first(self.answers, without=alike)
        return {ending_of(self.rulebook, first)} if first else set()

    @property
    def is_open(self) -> bool:
        """Whether another answer can still lead to another advice."""
        return len({ending.advice for ending in self.endings}) > 1

    def next_question(self) -> str | None:
        """The question to ask next; None where none is open."""
        open_ones = list(open_questions(self.rulebook, self.answers))
        triage = next((question.key for question in open_ones if question.triage), None)
        if triage or not open_ones:
            return triage
        best = best_split(self.rulebook, self.answers, self.lanes, self.ended)
        return best or one_that_matters(self.rulebook, self.answers, *self._two_that_differ())

    def _two_that_differ(self) -> tuple[Answers, Answers]:
        # Those in the sample first: at hundreds of questions a solver takes seconds for the rest.
        one, *others = sorted(self.endings, key=lambda ending: ending not in self.ended)
        other = next(ending for ending in others if ending.advice != one.advice)
        return self._completion(one), self._completion(other)

    def _completion(self, ending: Ending) -> Answers:
        """A completion that ends like this: the first in the sample, else the first of all."""
        if lanes := self.ended.get(ending):
            return self.lanes.answers(self.rulebook, (lanes & -lanes).bit_length() - 1)
        with _solver_of(self.rulebook) as solver:
            found = solver.first(self.answers, ending)
        assert found is not None  # noqa: S101 - a solver has found the ending
        return found


class Possibilities:
    """A solver that knows a rulebook's decision; asked by one thread at a time."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.asked = Asked(rulebook, Gates())

    def others(self, answers: Answers, known: set[Ending]) -> set[Ending]:
        """Return the endings of completions of the answers, apart from those known.

        Once there are more than `MOST_ENDINGS` with those, it returns what it has; which these are
        depends on what was asked before.
        """
        found = set(known)
        given = list(self.asked.given(answers))
        while len(found) <= MOST_ENDINGS:
            excluded = (~self.asked.ends_in(ending) for ending in found)
            model = self.asked.gates.model(*given, *excluded)
            if model is None:
                break
            near = around(self.rulebook, answers, self.asked.read_all(model))
            found |= near.endings(self.rulebook).keys()
        return found - known

    def first(
        self, answers: Answers, ending: Ending | None = None, without: Iterable[Ending] = ()
    ) -> Answers | None:
        """Return the first completion of the answers that ends so, or not so; None if none does.

        Questions off its live path are answered, too.
        """
        wires = [*self.asked.given(answers), *(~self.asked.ends_in(end) for end in without)]
        return self.asked.first(*wires, *([self.asked.ends_in(ending)] if ending else []))


@contextmanager
def _solver_of(rulebook: Rulebook) -> Iterator[Possibilities]:
    """A solver that nobody else is asking; it is kept for the next one, unless it fails."""
    idle = _idle_solvers_of(rulebook)
    try:
        solver = idle.pop()
    except IndexError:
        solver = Possibilities(rulebook)
    if solver.asked.kept > MOST_KEPT:
        solver = Possibilities(rulebook)
    yield solver
    idle.append(solver)


@lru_cache(maxsize=64)
def _idle_solvers_of(_: Rulebook) -> list[Possibilities]:
    return []
