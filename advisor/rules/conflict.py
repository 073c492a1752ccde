"""Name a conflict: a smallest set of answers that no engagement model can satisfy together."""

from collections.abc import Callable, Iterable, Iterator

from advisor.rules import circuit
from advisor.rules.alternatives import Commitment, advisable, commitment
from advisor.rules.circuit import FALSE, TRUE, Wire, all_of, any_of, places
from advisor.rules.deciding import decide
from advisor.rules.evaluating import demands_of, fired_signals
from advisor.rules.lookahead import possible_endings
from advisor.rules.outcomes import ending_of, outcomes_in
from advisor.rules.recommendation import (
    Change,
    Conflict,
    Dropped,
    GivenAnswer,
    Outcome,
    OutcomeKind,
)
from advisor.rules.rulebook import Answers, CompiledQuestion, Rulebook
from advisor.rules.solving import Gates

Chosen = tuple[str, str]
"""One chosen option: question key, option key."""


def find_conflict(rulebook: Rulebook, answers: Answers) -> Conflict | None:
    """Return the conflict in answers that do not fit; None when they do.

    `answers` are those on the live path. Of the smallest sets that clash the first is named, in
    the order of the answers.
    """
    chosen = tuple((question, option) for question in answers for option in answers[question])
    needs, ruled_out = _demands_of(rulebook, chosen)
    if decide(rulebook, needs, ruled_out).fits:
        return None
    smallest = _smallest_clash(rulebook, chosen, demanding=bool(needs))
    needs, ruled_out = _demands_of(rulebook, smallest)
    left = decide(rulebook, needs, ruled_out).left
    return Conflict(
        answers=tuple(GivenAnswer(question=q, options=(option,)) for q, option in smallest),
        needs=tuple(rulebook.needs_in(left or needs)),
        ruled_out=tuple(e.key for e in rulebook.engagements if e.bit & ruled_out),
        changes=tuple(sorted(_changes(rulebook, answers, smallest), key=_commitment(rulebook))),
        dropped=tuple(_dropped(rulebook, answers, one) for one in smallest),
    )


# ---- The smallest set ----------------------------------------------------------------------


def _smallest_clash(
    rulebook: Rulebook, chosen: tuple[Chosen, ...], *, demanding: bool
) -> tuple[Chosen, ...]:
    """The first of the smallest sets of answers that nothing on offer satisfies.

    Answers that only rule something out clash with nothing yet when all of them together
    demand something; when they do not, what they rule out is the entry engagement.
    """
    gates = Gates()
    wires = {one: gates.fresh() for one in _read(rulebook, chosen)}
    picked: list[Wire] = [FALSE] * sum(len(q.option_bits) for q in rulebook.questions)
    for one, wire in wires.items():
        picked[_bit(rulebook, one).bit_length() - 1] = wire
    fired = [
        all_of(any_of(picked[at] for at in places(mask)) for mask in signal.when)
        for signal in rulebook.signals
    ]
    needs = circuit.demanded(rulebook, fired)
    steps = circuit.decide_on(rulebook, needs, circuit.ruled_out(rulebook, fired))
    gates.holds(~steps.fits)
    if demanding:
        gates.holds(steps.demanding)
    more_than = _counted(list(wires.values()))
    few = next(~many for many in more_than if gates.model(~many) is not None)
    named: list[Chosen] = []
    for one, wire in wires.items():
        if gates.model(few, *(wires[other] for other in named), wire) is not None:
            named.append(one)
    return tuple(named)


def _read(rulebook: Rulebook, chosen: tuple[Chosen, ...]) -> list[Chosen]:
    """The answers that signals read which fire; the others take no part."""
    bits = {one: _bit(rulebook, one) for one in chosen}
    fired = fired_signals(rulebook, sum(bits.values()))
    read = any_of(mask for signal in fired for mask in signal.when)
    return [one for one, bit in bits.items() if bit & read]


def _bit(rulebook: Rulebook, chosen: Chosen) -> int:
    key, option = chosen
    return next(q.option_bits[option] for q in rulebook.questions if q.key == key)


def _counted(wires: list[Wire]) -> list[Wire]:
    """Where more than none of these are true, more than one, and so on."""
    at_least: list[Wire] = [TRUE, *(FALSE for _ in wires), FALSE]
    for so_far, wire in enumerate(wires, start=1):
        for count in range(so_far, 0, -1):
            at_least[count] = at_least[count] | (at_least[count - 1] & wire)
    return at_least[1:]


def _demands_of(rulebook: Rulebook, chosen: Iterable[Chosen]) -> tuple[int, int]:
    options = {question.key: question.option_bits for question in rulebook.questions}
    bits = sum(options[question][option] for question, option in chosen)
    return demands_of(fired_signals(rulebook, bits))


# ---- What would help -----------------------------------------------------------------------


def _dropped(rulebook: Rulebook, answers: Answers, without: Chosen) -> Dropped:
    """What the answers come to without one of them, as if that had not been answered.

    What is then no longer asked does not count either.
    """
    question, option = without
    kept = tuple(other for other in answers[question] if other != option)
    ending = ending_of(rulebook, {**answers, question: kept})
    conflict = Outcome(kind=OutcomeKind.CONFLICT, engagements=())
    return Dropped(
        question=question, option=option, outcome=ending.outcome if ending.fits else conflict
    )


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
        for others in _other_answers(rulebook, questions[key], answers[key], option):
            changes = [
                change
                for instead in others
                if (change := _change(rulebook, answers, (key, option), instead))
            ]
            if changes:
                yield min(changes, key=_commitment(rulebook))
                break


def _other_answers(
    rulebook: Rulebook, question: CompiledQuestion, given: tuple[str, ...], option: str
) -> Iterator[list[tuple[str, ...]]]:
    """Of an answer with several, the same without this one. Failing that, other single options."""
    advised = advisable(rulebook, question)
    if len(given) > 1:
        left = tuple(key for key in given if key != option)
        yield [left] if any(question.option_bits[key] & advised for key in left) else []
    yield [
        (key,)
        for key, bit in question.option_bits.items()
        if bit & advised and key not in given and (len(given) == 1 or bit & question.exclusive)
    ]


def _change(
    rulebook: Rulebook, answers: Answers, chosen: Chosen, instead: tuple[str, ...]
) -> Change | None:
    """The change of one answer, with what it comes to if that is certain; None if nothing fits."""
    question, option = chosen
    changed = rulebook.live_answers({**answers, question: instead})
    endings = possible_endings(rulebook, changed)
    if not any(ending.fits for ending in endings):
        return None
    outcomes = outcomes_in(endings)
    certain = outcomes[0] if len(outcomes) == 1 else None
    return Change(question=question, option=option, instead=instead, outcome=certain)


def _commitment(rulebook: Rulebook) -> Callable[[Change], tuple[bool, Commitment]]:
    """Sort key: what is certain, then the least commitment."""

    def key(change: Change) -> tuple[bool, Commitment]:
        if change.outcome is None:
            return True, (0, 0, ())
        return False, commitment(rulebook, change.outcome.engagements)

    return key
