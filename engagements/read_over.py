"""Answers to read over before anything rests on them: who gave each, and where two differ."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advisor.playbook import Playbook, Question
from advisor.rules import Answers
from advisor.rules import Recommendation as RecommendationValue
from engagements.colleagues import choose, details_now
from engagements.differing import Difference, Side, Voice, answered_by, differences_of
from engagements.forms import AnswersForm
from engagements.models import Assessment
from engagements.questionnaire import live_questions
from engagements.quotes import Quote, quote_of

CHOSEN = "_chosen"
"""The field that names the question to which one of several answers is chosen. No key is so."""


@dataclass(frozen=True, slots=True)
class ToldSide:
    """One of the answers that differ, in words, and who gives it."""

    quote: Quote
    values: tuple[str, ...]
    voices: tuple[Voice, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A question with the answer in force; where answers differ, `sides` are all of them."""

    question: Question
    quote: Quote
    by: str = ""
    sides: tuple[ToldSide, ...] = ()

    @property
    def problem(self) -> str:
        """What has to be done before something new can rest on it; nothing where all agree."""
        if not self.sides:
            return ""
        return ngettext(
            "There is %(count)s answer to “%(question)s”. Choose the one that holds.",
            "There are %(count)s answers to “%(question)s”. Choose the one that holds.",
            len(self.sides),
        ) % {"count": len(self.sides), "question": self.question.title}


def deciding_rows(assessment: Assessment, now: RecommendationValue) -> list[Row]:
    """Return the deciding answers that count, in playbook order."""
    return list(
        _rows(assessment, live_questions(assessment.version.rulebook, now.counted), now.counted)
    )


def differing_details(assessment: Assessment) -> list[Row]:
    """Return the scope details, of those that are asked now, to which there are two answers."""
    if not assessment.colleagues:
        return []
    return [row for row in said_by_others(assessment, details_now(assessment)) if row.sides]


def said_by_others(assessment: Assessment, questions: Iterable[Question]) -> list[Row]:
    """Return of these questions those that a colleague answered, alike or differently."""
    if not assessment.colleagues:
        return []
    return [row for row in _rows(assessment, questions, assessment.answers) if row.by or row.sides]


def settle(assessment: Assessment, posted: QueryDict) -> str:
    """Take the answer that the buyer has chosen; return what is wrong with it, if anything."""
    rulebook = assessment.version.rulebook
    asked = [q for q in rulebook.playbook.questions if q.key == posted[CHOSEN]]
    form = AnswersForm(rulebook, asked, {}, posted, required=True)
    if not asked or not form.is_valid():
        return _("That answer is not there any more. Choose one of those shown.")
    for question, values in form.answers().items():
        choose(assessment, question, values)
    return ""


def sides_of(playbook: Playbook, difference: Difference) -> tuple[ToldSide, ...]:
    """Return all the answers to one question in words, the one in force first."""
    question = playbook.question(difference.question)
    return tuple(_side(playbook, question, side) for side in difference.sides)


def _rows(assessment: Assessment, questions: Iterable[Question], answers: Answers) -> Iterator[Row]:
    playbook = assessment.version.rulebook.playbook
    by, differing = answered_by(assessment), differences_of(assessment)
    for question in questions:
        if question.key in answers:
            yield Row(
                question,
                quote_of(playbook, question.key, answers[question.key]),
                by.get(question.key, ""),
                sides_of(playbook, differing[question.key]) if question.key in differing else (),
            )


def _side(playbook: Playbook, question: Question, side: Side) -> ToldSide:
    places = {option.key: at for at, option in enumerate(question.options)}
    ordered = tuple(sorted(side.values, key=lambda value: places.get(value, 0)))
    return ToldSide(quote_of(playbook, question.key, ordered), side.values, side.voices)
