"""A buyer who asks colleagues: a small playbook with a section for somebody else, and its pages."""

from typing import Any

from django.test import Client
from django.urls import reverse

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.colleagues import ask, save_said
from engagements.models import Answer, Assessment, Link
from tests.buyers import Response, begin, to
from tests.factories import (
    conditions,
    option,
    question,
    said_of_a_playbook,
    section,
    small_document,
    small_playbook,
)

SETTLED = {"cause": "unknown", "work": "nothing"}
"""Leads to the audit."""


def asking_playbook() -> PlaybookVersion:
    """The small playbook, where colleagues know about money and about access."""
    cause, work, money = small_document()["questions"]
    playbook = small_playbook(
        sections=[
            section("situation"),
            section("frame"),
            section("access", "scope"),
            section("ready", "scope"),
        ],
        questions=[
            cause,
            work,
            {**money, "section": "frame"},
            question(
                "term",
                ["years", "open"],
                section="frame",
                ask_when=conditions({"money": ["monthly"]}),
            ),
            question(
                "roles",
                ["change", "risk", option("none", exclusive=True)],
                kind="many",
                section="access",
            ),
            question(
                "names", kind="text", section="access", ask_when=conditions({"roles": ["change"]})
            ),
            question("owner", kind="line", section="access"),
            question("ready", ["yes", "no"], section="ready", engagements=["audit"]),
        ],
        **said_of_a_playbook("audit"),
    )
    return publish(playbook)[0]


def now(assessment: Assessment) -> Assessment:
    """The assessment, read anew."""
    return Assessment.objects.with_version().with_decision().get(pk=assessment.pk)


def buyer(**given: Any) -> Assessment:
    """A buyer with these answers."""
    return now(begin(asking_playbook(), given))


def told(
    assessment: Assessment, section: str = "frame", name: str = "Bob Ray", **said: Any
) -> Link:
    """A colleague of whom a section was asked, and who said so."""
    link = ask(now(assessment), section, name=name)
    save_said(link, {key: (v,) if isinstance(v, str) else tuple(v) for key, v in said.items()})
    return Link.objects.get(pk=link.pk)


def page_of(link: Link, page: str = "colleague") -> str:
    """The address that a link opens."""
    return reverse(f"engagements:{page}", args=[link.token])


def in_force(assessment: Assessment, key: str) -> tuple[tuple[str, ...], str | None] | None:
    """The answer in force, and the colleague who gave it."""
    answer = (
        Answer.objects.select_related("link").filter(assessment=assessment, question=key).first()
    )
    return answer and (tuple(answer.values), answer.link and answer.link.name)


def choose(client: Client, assessment: Assessment, key: str, *values: str) -> Response:
    """Press the button of one of the answers to a question."""
    return client.post(to(assessment, "check"), {"_chosen": key, key: list(values)})
