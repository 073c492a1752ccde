"""Answers in the buyer's own words, as they can be stored and printed."""

import unicodedata
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from advisor.playbook import Playbook
from advisor.rules.recommendation import GivenAnswer

LONGEST_TEXT = 4000
LONGEST_NAME = 200
MOST_LINES = 60


class Said(BaseModel):
    """A frozen part of a brief.

    Briefs are stored: a field keeps its name and meaning, and a new one has a default. The types
    borrowed from playbooks keep to that as well, because playbook versions are stored, too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


class Quote(Said):
    """An answer in the buyer's own words: the options picked, or the one text typed.

    `by` names the colleague who gave it instead of the buyer.
    """

    key: str
    question: str
    noun: str
    words: tuple[str, ...]
    typed: bool = False
    by: str = ""


def quote_of(playbook: Playbook, key: str, answer: tuple[str, ...]) -> Quote:
    """Return an answer in the words in which the buyer gave it."""
    question = playbook.question(key)
    picked = question.kind.has_options
    return Quote(
        key=question.key,
        question=question.title,
        noun=question.answer_noun,
        words=tuple(
            question.option(value).label if picked else text_on_paper(value) for value in answer
        ),
        typed=not picked,
    )


def quotes_of(playbook: Playbook, given: Iterable[GivenAnswer]) -> tuple[Quote, ...]:
    """Return answers as quotes, each question's once."""
    options: dict[str, dict[str, None]] = {}
    for answer in given:
        options.setdefault(answer.question, {}).update(dict.fromkeys(answer.options))
    return tuple(quote_of(playbook, key, tuple(picked)) for key, picked in options.items())


# Control characters, lone surrogates, private ones. Formatting ones are left out without a
# trace: those that reverse the reading direction would reorder the words of the brief.
UNPRINTABLE = {"Cc": " ", "Cs": " ", "Co": " ", "Cf": ""}


def text_on_paper(typed: str) -> str:
    """Return a typed text that can be stored and printed, and that does not run on for pages."""
    lines: list[str] = []
    for line in typed[:LONGEST_TEXT].splitlines():
        printable = (UNPRINTABLE.get(unicodedata.category(c), c) for c in line)
        clean = " ".join("".join(printable).split())
        if clean or (lines and lines[-1]):
            lines.append(clean)
    head, rest = lines[:MOST_LINES], lines[MOST_LINES:]
    return "\n".join([*head, " / ".join(filter(None, rest))]).strip()


def name_on_paper(typed: str) -> str:
    """Return a typed name as one line that can be stored and printed."""
    return text_on_paper(typed[:LONGEST_NAME]).replace("\n", " ")
