"""Read: who reads an answer, in the decision and beside it."""

from collections.abc import Iterator

from advisor.playbook import Playbook, Stage
from advisor.rules.rulebook import CompiledQuestion, Rulebook
from advisor.texts import Keys


def conditions_of(rulebook: Rulebook) -> Iterator[int]:
    """Yield the masks of all conditions: for questions to be asked and for signals to fire."""
    for question in rulebook.questions:
        yield from question.ask_when
    for signal in rulebook.signals:
        yield from signal.when


def read_elsewhere(playbook: Playbook, question: CompiledQuestion) -> dict[str, frozenset[int]]:
    """Return for each option which prerequisites, service paths and scope questions read it.

    Each is a number: options are told apart by those that read one of them only.
    """
    readers: list[tuple[str, Keys]] = [
        (prerequisite.question, keys)
        for model in playbook.engagements
        for prerequisite in model.prerequisites
        for keys in (prerequisite.met, prerequisite.unknown)
    ]
    readers += [(path.when.question, path.when.any_of) for path in playbook.service_paths]
    readers += [
        (condition.question, condition.any_of)
        for asked in playbook.questions
        if playbook.stage_of(asked) is Stage.SCOPE
        for condition in playbook.conditions_of(asked)
    ]
    return {
        option: frozenset(
            at
            for at, (key, options) in enumerate(readers)
            if key == question.key and option in options
        )
        for option in question.option_bits
    }
