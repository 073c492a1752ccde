"""Split: the question whose answer tells most about what is still possible."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from advisor.rules.lanes import Lanes, Ways, between, ways_of
from advisor.rules.outcomes import Ending
from advisor.rules.rulebook import Answers, CompiledQuestion, Rulebook

MOST_GROUPS = 32
"""A question with more ways to answer it is looked at by the one condition that tells most."""

Alike = dict[object, int]
"""What is advised, to the lanes that end in it."""


def open_questions(rulebook: Rulebook, answers: Answers) -> Iterator[CompiledQuestion]:
    """Yield the questions on the live path that have no answer yet, in playbook order."""
    return (q for q in rulebook.live_questions(answers) if not answers.get(q.key))


def best_split(
    rulebook: Rulebook, answers: Answers, lanes: Lanes, ended: dict[Ending, int]
) -> str | None:
    """Return the open question that splits the lanes best; None where none does by itself.

    A sample splits by chance, too, so there a question also has to change something by itself.
    """
    alike = _alike(ended)
    open_keys = {question.key for question in open_questions(rulebook, answers)}
    told = {
        at: _told(lanes, ways_of(rulebook)[at], columns, alike)
        for at, columns in lanes.ways.items()
        if rulebook.questions[at].key in open_keys
    }
    unsplit = _agreement(lanes, [lanes.all], alike)
    splitting = (at for at in told if told[at] > unsplit)
    for at in sorted(splitting, key=lambda at: told[at], reverse=True):
        if lanes.complete or alike != _alike(lanes.otherwise(rulebook, at).endings(rulebook)):
            return rulebook.questions[at].key
    return None


def _alike(ended: dict[Ending, int]) -> Alike:
    alike: Alike = {}
    for ending, here in ended.items():
        alike[ending.advice] = alike.get(ending.advice, 0) | here
    return alike


def _told(lanes: Lanes, ways: Ways, columns: list[int], alike: Alike) -> Fraction:
    """How likely two completions that agree on a question are to end alike."""
    if ways.count <= MOST_GROUPS:
        return _agreement(lanes, columns, alike)
    held = (
        sum(column for picks, column in zip(ways.picks, columns, strict=True) if picks & mask)
        for mask in ways.conditions
    )
    return max(_agreement(lanes, [column, lanes.all & ~column], alike) for column in held)


def _agreement(lanes: Lanes, groups: Iterable[int], alike: Alike) -> Fraction:
    """How likely two completions of the same group are to end alike, 0 to 1.

    Exact, so that a tie is a tie. In a sample no completion is paired with itself, or small groups
    would seem to agree.
    """
    itself = 0 if lanes.complete else 1
    pairs = Fraction(0)
    for group in groups:
        size = group.bit_count()
        if size > itself:
            same = sum((group & such).bit_count() ** 2 for such in alike.values())
            pairs += Fraction(same - itself * size, size - itself)
    return pairs / lanes.all.bit_count()


def one_that_matters(rulebook: Rulebook, answers: Answers, one: Answers, other: Answers) -> str:
    """Return an open question on the way between two completions that end differently.

    The one is turned into the other question by question; where the ending changes, that question
    matters. Both have an answer to every question that may come to be asked.
    """
    ended = _alike(between(rulebook, one, other).endings(rulebook))
    as_one = next(lanes for lanes in ended.values() if lanes & 1)
    # The lowest bit that is not set: the first lane on the way that does not end as the one does.
    changed = (as_one + 1 & ~as_one).bit_length() - 1
    return _asked_before(rulebook, answers, rulebook.questions[changed - 1])


def _asked_before(rulebook: Rulebook, answers: Answers, question: CompiledQuestion) -> str:
    """The question itself if it is asked by now, else the one on which that depends."""
    live = {asked.key for asked in rulebook.live_questions(answers)}
    while question.key not in live:
        question = next(
            asked
            for asked in rulebook.questions
            for mask in question.ask_when
            if mask & asked.options and not answers.get(asked.key)
        )
    return question.key
