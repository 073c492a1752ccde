"""Name a conflict: a smallest set of answers that no engagement model can satisfy together."""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

from advisor.playbook import Kind
from advisor.rules.deciding import decide
from advisor.rules.explaining import demands_of, fired_signals
from advisor.rules.lookahead import possible_endings
from advisor.rules.recommendation import Change, Conflict, GivenAnswer
from advisor.rules.rulebook import Answers, CompiledQuestion, Rulebook

Chosen = tuple[str, str]
"""One chosen option: question key, option key."""


def find_conflict(rulebook: Rulebook, answers: Answers) -> Conflict | None:
    """Return the conflict in answers that do not fit; None when they do.

    `answers` are those on the live path. The smallest set is found by trying sets of one, two
    and so on; conflicts are small in practice, and each try is a table look-up.
    """
    chosen = tuple((question, option) for question in answers for option in answers[question])
    needs, ruled_out = _demands_of(rulebook, chosen)
    if decide(rulebook, needs, ruled_out).fits:
        return None
    smallest = next(
        subset for subset in _subsets(chosen) if _clashes(rulebook, subset, demanding=bool(needs))
    )
    needs, ruled_out = _demands_of(rulebook, smallest)
    left = decide(rulebook, needs, ruled_out).left
    return Conflict(
        answers=tuple(GivenAnswer(question=q, options=(option,)) for q, option in smallest),
        needs=tuple(rulebook.needs_in(left or needs)),
        ruled_out=tuple(e.key for e in rulebook.engagements if e.bit & ruled_out),
        changes=tuple(sorted(_changes(rulebook, answers, smallest), key=_commitment(rulebook))),
    )


def _subsets(chosen: tuple[Chosen, ...]) -> Iterator[tuple[Chosen, ...]]:
    for size in range(len(chosen) + 1):
        yield from combinations(chosen, size)


def _clashes(rulebook: Rulebook, chosen: tuple[Chosen, ...], *, demanding: bool) -> bool:
    """Whether nothing on offer satisfies these answers.

    Answers that only rule something out clash with nothing yet when all of them together
    demand something; when they do not, what they rule out is the entry engagement.
    """
    needs, ruled_out = _demands_of(rulebook, chosen)
    return bool(needs or not demanding) and not decide(rulebook, needs, ruled_out).fits


def _demands_of(rulebook: Rulebook, chosen: Iterable[Chosen]) -> tuple[int, int]:
    options = {question.key: question.option_bits for question in rulebook.questions}
    bits = sum(options[question][option] for question, option in chosen)
    return demands_of(fired_signals(rulebook, bits))


def _changes(
    rulebook: Rulebook, answers: Answers, conflict: tuple[Chosen, ...]
) -> Iterator[Change]:
    """For each answer of the conflict, the smallest fit that another answer leads to.

    Where questions are still open, that may be no certain one: then the first answer after which
    something can fit. Facts, such as triage, are never advised to be different.
    """
    questions = {question.key: question for question in rulebook.questions}
    for key, option in conflict:
        if not questions[key].changeable:
            continue
        changes = [
            change
            for instead in _other_answers(questions[key], answers[key], option)
            if (change := _change(rulebook, answers, (key, option), instead))
        ]
        if changes:
            yield min(changes, key=_commitment(rulebook))


def _other_answers(
    question: CompiledQuestion, given: tuple[str, ...], option: str
) -> Iterator[tuple[str, ...]]:
    """Every other single option; of an answer with several, the same without this one."""
    if question.kind is Kind.MANY:
        if len(given) > 1:
            yield tuple(key for key in given if key != option)
    else:
        yield from ((key,) for key in question.option_bits if key != option)


def _change(
    rulebook: Rulebook, answers: Answers, chosen: Chosen, instead: tuple[str, ...]
) -> Change | None:
    """The change of one answer, with what it comes to if that is certain; None if nothing fits."""
    question, option = chosen
    changed = rulebook.live_answers({**answers, question: instead})
    endings = possible_endings(rulebook, changed)
    if not any(ending.fits for ending in endings):
        return None
    certain = len({ending.engagements for ending in endings}) == 1
    outcome = endings[0].outcome if certain else None
    return Change(question=question, option=option, instead=instead, outcome=outcome)


def _commitment(rulebook: Rulebook) -> Callable[[Change], tuple[bool, int, int]]:
    """Sort key: what is certain, then the least commitment, then the fewest steps."""

    def key(change: Change) -> tuple[bool, int, int]:
        if change.outcome is None:
            return (True, 0, 0)
        engagements = change.outcome.engagements
        return (False, max(rulebook.engagement(e).size for e in engagements), len(engagements))

    return key
