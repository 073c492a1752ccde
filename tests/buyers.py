"""Buyers who have come so far, and what they read of a page."""

import html
import re
from collections.abc import Mapping
from typing import Any

from django.test import Client
from django.urls import reverse

from advisor.answers import read_answers
from advisor.playbook import Question
from catalog.models import PlaybookVersion
from engagements.assessing import issue_recommendation, recommendation_for, save_answers, start
from engagements.colleagues import ask, save_said
from engagements.links import give
from engagements.models import Assessment, LinkKind
from engagements.questionnaire import first_question, next_question
from tests.scenarios import answers_of

PLAYBOOK = "infrastructure-services"
PUBLIC = ("home", "playbook", "engagements", "emergency", "start")
PRIVATE = (
    "resume",
    "question",
    "so-far",
    "check",
    "respond",
    "recommendation",
    "scope",
    "contact",
    "links",
    "brief",
    "ask",
    "colleague",
    "colleague-sent",
    "reading",
    "reading-brief",
)
PAPERS = ("brief", "reading-brief")
HTML = [name for name in (*PUBLIC, *PRIVATE) if name not in ("resume", *PAPERS)]
"""The pages that answer with themselves; `resume` leads to one of them."""
FORMS = ("start", "question", "check", "scope", "contact", "links", "ask", "colleague")
HTMX = {"HX-Request": "true"}
Response = Any  # the test client's own, which also tells the context


def begin(version: PlaybookVersion, given: Mapping[str, object]) -> Assessment:
    """An assessment with these answers and no others."""
    return start(version, read_answers(version.rulebook.playbook, given))


def answered(version: PlaybookVersion, situation: str = "work-list", **more: Any) -> Assessment:
    """An assessment with all answers of a buyer who is uneventful but for these."""
    given = {key.replace("_", "-"): value for key, value in more.items()}
    return start(version, answers_of(PLAYBOOK, {"situation": situation, **given}))


def decided(version: PlaybookVersion, situation: str = "work-list", **more: Any) -> Assessment:
    """An assessment with a recommendation: for a list of work, the hourly package."""
    assessment = answered(version, situation, **more)
    issue_recommendation(assessment)
    return assessment


def as_asked(version: PlaybookVersion, situation: str = "work-list", **more: Any) -> Assessment:
    """An assessment of the same buyer, who answers one question after another, as they come."""
    given = {key.replace("_", "-"): value for key, value in more.items()}
    answers = answers_of(PLAYBOOK, {"situation": situation, **given})
    first = first_question(version.rulebook)
    assessment = start(version, {first.key: answers[first.key]})
    playbook = version.rulebook.playbook
    while question := next_question(playbook, recommendation_for(assessment)):
        save_answers(assessment, {question.key: answers[question.key]})
    return assessment


def answer_all(
    client: Client, page: Response, answers: Mapping[str, object]
) -> tuple[Response, list[str]]:
    """Answer whatever is asked; return the page that follows, and which questions it were."""
    keys = []
    while question := page.context.get("question"):
        assert question.key not in keys, f"{question.key} is asked twice"
        keys.append(question.key)
        given = {question.key: answers[question.key]}
        page = client.post(page.request["PATH_INFO"], given, follow=True)
    return page, keys


def to(assessment: Assessment, page: str, *args: str) -> str:
    """The address of a page of an assessment."""
    return reverse(f"engagements:{page}", args=[assessment.token, *args])


def shared(assessment: Assessment, page: str = "reading") -> str:
    """The address of what somebody may only read, by a new link."""
    link = give(assessment, LinkKind.READER, name="The board")
    return reverse(f"engagements:{page}", args=[link.token])


def address(version: PlaybookVersion, page: str) -> str:
    """An address at which a page answers with itself, for a buyer who has come so far."""
    key = version.playbook.key
    match page:
        case "home":
            return reverse("engagements:home")
        case "playbook" | "engagements" | "emergency" | "start":
            return reverse(f"engagements:{page}", args=[key])
        case "question" | "so-far":
            begun = begin(version, {"red-flags": "none"})
            return to(begun, page, *(["situation"] if page == "question" else []))
        case "respond":
            return to(decided(version, red_flags=["down"]), page)
        case "colleague" | "colleague-sent" | "reading" | "reading-brief":
            return _address_for_others(version, page)
        case _:
            return to(decided(version), page, *(["goal"] if page == "scope" else []))


def _address_for_others(version: PlaybookVersion, page: str) -> str:
    if page.startswith("reading"):
        return shared(decided(version), page)
    link = ask(decided(version), "frame", name="Bob Ray")
    if page == "colleague-sent":
        save_said(link, {"response": ("no",)})
    return reverse(f"engagements:{page}", args=[link.token])


def asked(version: PlaybookVersion, key: str) -> Question:
    """A question of the published playbook."""
    return version.rulebook.playbook.question(key)


def text_of(response: Response) -> str:
    """What a reader reads of a page, as one line."""
    body = response.content.decode().partition("<body>")[2] or response.content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def title_of(response: Response) -> str:
    """The title in the browser's tab."""
    [title] = re.findall(r"<title>(.*?)</title>", response.content.decode(), re.DOTALL)
    return html.unescape(title)


def links_of(response: Response) -> list[tuple[str, str]]:
    """The links of a page: address and text."""
    found = re.findall(
        r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', response.content.decode(), re.DOTALL
    )
    return [(href, " ".join(re.sub(r"<[^>]*>", " ", label).split())) for href, label in found]


def back_of(response: Response) -> str:
    """Where the page's own Back leads."""
    [href] = [href for href, label in links_of(response) if label == "Back"]
    return href
