"""Where an assessment stands, and the way there from any of its pages."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from advisor.playbook import Question, Section, Stage
from advisor.rules import Answers
from engagements import questionnaire
from engagements.assessing import first_step, issue_recommendation, recommendation_for
from engagements.forms import ProblemsMixin
from engagements.meanwhile import Seen, Value
from engagements.models import Assessment

SEEN = "seen"
"""What a form calls what was stored when its page was made."""
MEANWHILE, KEPT = "meanwhile", "kept"
"""What an address calls the answers that have changed meanwhile, and one that is moot now."""


def posted(request: HttpRequest) -> Any:
    """Return what a form has sent, if one was sent."""
    return request.POST if request.method == "POST" else None


def seen_by(request: HttpRequest) -> Seen | None:
    """Return what the page knew whose form was sent."""
    return Seen.read(request.POST.get(SEEN, ""))


def seen_now(
    request: HttpRequest, assessment: Assessment, form: ProblemsMixin, stored: Mapping[str, Value]
) -> str:
    """Return what a page knows that is made now, for its form to carry.

    A form that comes back because of what is wrong in it shows nothing newer than before.
    """
    if form.is_bound and not form.clashed:
        return request.POST.get(SEEN, "")
    return str(Seen.of(form.names, stored, assessment.given))


def changed_since(assessment: Assessment, seen: Seen | None, sent: Iterable[str]) -> list[str]:
    """Return the deciding questions with other answers than when a form was made, but for its own.

    They may have made its question moot, or the way another one.
    """
    if seen is None:
        return []
    found, own = assessment.version.rulebook.playbook, set(sent)
    return [
        key
        for key in seen.since(assessment.given)
        if key not in own and found.stage_of(found.question(key)) is not Stage.SCOPE
    ]


def go_on(
    assessment: Assessment,
    *,
    to_check: bool = False,
    meanwhile: Iterable[str] = (),
    kept: str | None = None,
) -> HttpResponse:
    """Redirect to where an assessment stands: question, check, recommendation or emergency.

    The page there tells which answers have changed `meanwhile`, and that one is `kept` for which
    nobody asks any more.
    """
    page, *args = _place_of(assessment, to_check=to_check)
    told = {MEANWHILE: list(meanwhile), KEPT: [kept] if kept else []}
    query = {name: keys for name, keys in told.items() if keys} if told[MEANWHILE] else None
    href = reverse(f"engagements:{page}", args=[assessment.token, *args], query=query)
    return HttpResponseRedirect(href)


def _place_of(assessment: Assessment, *, to_check: bool) -> tuple[str, ...]:
    found = assessment.version.rulebook.playbook
    now = recommendation_for(assessment)
    following = questionnaire.next_question(found, now)
    if following is not None:
        return "question", following.key
    first = first_step(assessment) if assessment.review else now.first
    if questionnaire.is_emergency(found, now, first):
        issue_recommendation(assessment)
        return ("respond",)
    if to_check or assessment.recommendation is None:
        return ("check",)
    return ("recommendation",)


def scope_sections_of(assessment: Assessment) -> list[tuple[Section, list[Question]]]:
    """Return the sections of what may be told after the recommendation, with their questions."""
    return list(
        questionnaire.scope_sections(
            assessment.version.rulebook.playbook,
            assessment.recommendation.value,
            first_step(assessment),
            assessment.answers,
        )
    )


def told_meanwhile(request: HttpRequest, assessment: Assessment) -> dict[str, Any]:
    """Return what a page tells of answers that have changed elsewhere: the question, its answer.

    `kept` is the title of the question whose answer was taken but is moot.
    """
    found = assessment.version.rulebook.playbook
    questions = {question.key: question for question in found.questions}
    changed = _labels(questions, assessment.answers, request.GET.getlist(MEANWHILE))
    kept = _labels(questions, assessment.answers, request.GET.getlist(KEPT))
    return {"meanwhile": changed, "kept": kept[0][0] if kept else None}


def _labels(
    questions: dict[str, Any], answers: Answers, keys: Iterable[str]
) -> list[tuple[str, list[str]]]:
    return [
        (questions[key].title, [questions[key].option(value).label for value in answers[key]])
        for key in dict.fromkeys(keys)
        if key in answers and key in questions and questions[key].kind.has_options
    ]
