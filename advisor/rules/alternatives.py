"""Alternatives: what a buyer could have answered instead, one step away from what was."""

from collections.abc import Iterator

from advisor.playbook import Kind
from advisor.rules.rulebook import CompiledQuestion, Rulebook


def advisable(rulebook: Rulebook, question: CompiledQuestion) -> int:
    """Return the options that somebody may be advised to pick: nobody is, not to know."""
    options = rulebook.playbook.question(question.key).options
    return sum(question.option_bits[option.key] for option in options if not option.unsure)


def alternatives_of(question: CompiledQuestion, given: int, advised: int) -> Iterator[int]:
    """Yield the answers to a question that are one step from the one given, in playbook order.

    Another option instead. Where several can be ticked, one tick more, or one less but the last,
    or an exclusive option by itself, and from that each of the others. All are option bits.
    """
    several = bool(given & (given - 1))
    ticks = question.kind is Kind.MANY and not given & question.exclusive
    for bit in question.option_bits.values():
        if given & bit:
            if several and (left := given & ~bit) & advised:
                yield left
        elif advised & bit:
            alone = not ticks or bool(bit & question.exclusive)
            yield bit if alone else given | bit


def options_in(question: CompiledQuestion, bits: int) -> tuple[str, ...]:
    """Return the keys of the options in a mask, in playbook order."""
    return tuple(key for key, bit in question.option_bits.items() if bits & bit)


Commitment = tuple[int, int, tuple[int, ...]]


def commitment(rulebook: Rulebook, engagements: tuple[str, ...]) -> Commitment:
    """Return what sorts engagement models that follow each other: least commitment first.

    By the largest of them, then by how many there are, then in the order of the rulebook.
    """
    places = tuple(
        at
        for key in engagements
        for at, engagement in enumerate(rulebook.engagements)
        if engagement.key == key
    )
    largest = max(rulebook.engagements[at].size for at in places)
    return largest, len(places), places
