"""Look ahead: what is still possible, over all ways to complete partial answers.

An unanswered question is unknown, not "no". Every completion is looked at where there are few;
else a sample, and a solver is asked whether anything else is possible, until nothing is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from advisor.rules.lanes import Lanes, Ways, completions, ways_of
from advisor.rules.outcomes import Ending, ending_of
from advisor.rules.rulebook import Answers, CompiledQuestion, Rulebook
from advisor.rules.solving import Asked, Gates


@dataclass(frozen=True, slots=True)
class Outlook:
    """What partial answers leave open.

    `endings` are all that is still possible, smallest first and no fit last; `next_question` is
    the one that helps most, None once all endings name the same engagement models.
    """

    endings: tuple[Ending, ...]
    next_question: str | None

    @property
    def engagements(self) -> tuple[tuple[str, ...], ...]:
        """The engagement models of each ending in order, without the same twice."""
        return tuple(dict.fromkeys(ending.engagements for ending in self.endings))


def look_ahead(rulebook: Rulebook, answers: Answers) -> Outlook:
    """Return what is still possible, and the question to ask next.

    Triage comes first, in playbook order. Then the question that splits what is still possible
    best: after which two ways to complete the answers are most likely to end alike, every way to
    answer as likely as the others. Ties go to playbook order.
    """
    lanes = completions(rulebook, answers)
    ended = lanes.endings(rulebook)
    endings = _all_endings(rulebook, answers, lanes, ended)
    outlook = Outlook(endings, None)
    if len(outlook.engagements) == 1:
        return outlook
    return Outlook(endings, _next_question(rulebook, answers, lanes, ended, endings))


def possible_endings(rulebook: Rulebook, answers: Answers) -> tuple[Ending, ...]:
    """Return everything that some completion of the answers ends in, smallest first."""
    lanes = completions(rulebook, answers)
    return _all_endings(rulebook, answers, lanes, lanes.endings(rulebook))


def can_fit(rulebook: Rulebook, answers: Answers) -> bool:
    """Whether something may fit: not so where whatever else is demanded ends in a conflict.

    `answers` may also be to questions that are only asked once others are answered.
    """
    demanding = [ending for ending in possible_endings(rulebook, answers) if ending.demanding]
    return not demanding or any(ending.fits for ending in demanding)


# ---- What is still possible ----------------------------------------------------------------


def _all_endings(
    rulebook: Rulebook, answers: Answers, lanes: Lanes, ended: dict[Ending, int]
) -> tuple[Ending, ...]:
    found = set(ended)
    if not lanes.complete:
        found |= _possibilities_of(rulebook).others(answers, found)
    return tuple(sorted(found, key=lambda ending: _smallest_first(rulebook, ending)))


def _smallest_first(rulebook: Rulebook, ending: Ending) -> tuple[object, ...]:
    sizes = tuple(rulebook.engagement(key).size for key in ending.engagements)
    return (not sizes, sizes, ending)


class Possibilities:
    """A solver that knows a rulebook's decision; asked by one thread at a time."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.asked = Asked(rulebook, Gates())
        self.lock = Lock()

    def others(self, answers: Answers, known: set[Ending]) -> set[Ending]:
        """Return the endings of completions of the answers, apart from those known."""
        found: set[Ending] = set()
        with self.lock:
            given = list(self.asked.given(answers))
            excluded = [~self.asked.ends_in(ending) for ending in known]
            while model := self.asked.gates.model(*given, *excluded):
                ending = ending_of(self.asked.rulebook, self.asked.read(model))
                found.add(ending)
                excluded.append(~self.asked.ends_in(ending))
        return found

    def witness(self, answers: Answers, ending: Ending) -> Answers:
        """Return a completion of the answers that ends like this; there has to be one."""
        with self.lock:
            model = self.asked.gates.model(*self.asked.given(answers), self.asked.ends_in(ending))
        return self.asked.read(model or ())


@lru_cache(maxsize=64)
def _possibilities_of(rulebook: Rulebook) -> Possibilities:
    return Possibilities(rulebook)


# ---- Which question helps most -------------------------------------------------------------


def _next_question(
    rulebook: Rulebook,
    answers: Answers,
    lanes: Lanes,
    ended: dict[Ending, int],
    endings: tuple[Ending, ...],
) -> str | None:
    open_questions = [q for q in rulebook.live_questions(answers) if not answers.get(q.key)]
    triage = next((question.key for question in open_questions if question.triage), None)
    if triage or not open_questions:
        return triage
    alike: dict[tuple[str, ...], int] = {}
    for ending, here in ended.items():
        alike[ending.engagements] = alike.get(ending.engagements, 0) | here
    ways = {way.key: way for way in ways_of(rulebook)}
    told = {
        question.key: _agreement(lanes, ways[question.key], list(alike.values()))
        for question in open_questions
    }
    best = max(told, key=lambda key: told[key])
    if told[best] > _agreement(lanes, None, list(alike.values())):
        return best
    return _one_that_matters(rulebook, answers, lanes, ended, endings)


def _agreement(lanes: Lanes, ways: Ways | None, alike: list[int]) -> float:
    """How likely two completions that agree on a question are to end alike, 0 to 1.

    Of several ticks, the one that tells most. Without a question, any two completions. Rounded,
    so that a tie is a tie whatever the order of adding.
    """

    def told(groups: Iterable[int]) -> float:
        pairs = sum(
            sum((group & such).bit_count() ** 2 for such in alike) / group.bit_count()
            for group in groups
            if group
        )
        return round(pairs / lanes.all.bit_count(), 9)

    if ways is None:
        return told([lanes.all])
    picked = [lanes.picked[place] for place in ways.options]
    if ways.together:
        return max(told([column, lanes.all & ~column]) for column in picked)
    return told(picked)


def _one_that_matters(
    rulebook: Rulebook,
    answers: Answers,
    lanes: Lanes,
    ended: dict[Ending, int],
    endings: tuple[Ending, ...],
) -> str:
    """A question on the way from one ending to another, where none splits by itself.

    Of two completions that end differently, one is turned into the other question by question;
    where the ending changes, that question matters.
    """
    first, *others = endings
    other = next(ending for ending in others if ending.engagements != first.engagements)

    def witness(ending: Ending) -> Answers:
        if ending in ended:
            return lanes.answers(rulebook, (ended[ending] & -ended[ending]).bit_length() - 1)
        # A solver of its own: what one that was asked before comes up with would be chance.
        return Possibilities(rulebook).witness(answers, ending)

    current, target = dict(witness(first)), witness(other)
    for question in rulebook.questions:
        if question.key in target:
            current[question.key] = target[question.key]
        if ending_of(rulebook, current).engagements != first.engagements:
            return _asked_before(rulebook, answers, question)
    raise AssertionError("two completions that differ in no question end alike")


def _asked_before(rulebook: Rulebook, answers: Answers, question: CompiledQuestion) -> str:
    """The question itself if it is asked by now, else the one on which that depends."""
    live = {asked.key for asked in rulebook.live_questions(answers)}
    while question.key not in live:
        question = next(
            asked
            for asked in rulebook.questions
            for mask in question.ask_when
            if mask & sum(asked.option_bits.values()) and not answers.get(asked.key)
        )
    return question.key
