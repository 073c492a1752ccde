"""Read answers: from what somebody gave to answers that the rules may trust."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from advisor.playbook import Kind, Playbook, Question

LONGEST_TEXT = 4000
LONGEST_LINE = 300


class AnswersError(Exception):
    """Answers that do not fit the playbook. `problems` has a sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def read_answers(playbook: Playbook, given: object) -> dict[str, tuple[str, ...]]:
    """Return answers by question key, from a mapping of keys to an option key, a list, a text.

    Empty answers are left out: they are unanswered. Raises AnswersError with every problem.
    """
    if not isinstance(given, Mapping):
        raise AnswersError(['The answers are no table; write {"question-key": "option-key", ...}.'])
    problems: list[str] = []
    answers: dict[str, tuple[str, ...]] = {}
    questions = {question.key: question for question in playbook.questions}
    for key, value in given.items():
        question = questions.get(key)
        if question is None:
            problems.append(
                f"There is no question {key!r} in {playbook.key}{_nearest(key, questions)}."
            )
        elif (values := _values(value)) is None:
            problems.append(f"The answer to {key!r} is {value!r}; give a string or a list of them.")
        elif values:
            problems.extend(problems_with(question, values))
            answers[key] = values
    if problems:
        raise AnswersError(problems)
    return answers


def problems_with(question: Question, values: tuple[str, ...]) -> Iterator[str]:
    """Yield a sentence for each thing that is wrong with a non-empty answer to a question."""
    if not question.kind.has_options:
        longest = LONGEST_LINE if question.kind is Kind.LINE else LONGEST_TEXT
        if len(values) > 1:
            yield f"The question {question.key!r} takes one text."
        elif len(values[0]) > longest:
            yield f"The answer to {question.key!r} is too long; {longest} characters fit."
        return
    options = {option.key: option for option in question.options}
    for value in values:
        if value not in options:
            yield (
                f"The question {question.key!r} has no option {value!r}{_nearest(value, options)}."
            )
    if len(set(values)) < len(values):
        yield f"The answer to {question.key!r} names an option twice."
    elif len(values) > 1 and question.kind is Kind.ONE:
        yield f"The question {question.key!r} takes one option, not {len(values)}."
    elif len(values) > 1 and any(options[v].exclusive for v in values if v in options):
        alone = next(v for v in values if v in options and options[v].exclusive)
        yield f"The question {question.key!r} takes the option {alone!r} by itself only."


def _values(value: Any) -> tuple[str, ...] | None:
    """One string or a list of strings as a tuple without empty ones; None if it is neither."""
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list | tuple) or not all(isinstance(v, str) for v in values):
        return None
    return tuple(stripped for v in values if (stripped := v.strip()))


def _nearest(key: str, there: Mapping[str, object]) -> str:
    """A hint to what was probably meant, or to what there is."""
    close = difflib.get_close_matches(str(key), there, n=1)
    if close:
        return f" (did you mean {close[0]!r}?)"
    return f" (there is {', '.join(there)})"
