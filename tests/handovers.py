"""A small playbook with something to hand over, and buyers who have come so far."""

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import issue_recommendation
from engagements.models import Assessment, OverrideReason
from engagements.reviewing import override
from tests.buyers import Response, begin, to
from tests.factories import (
    Document,
    emergency,
    engagement,
    question,
    section,
    small_document,
    small_playbook,
)

ON = {"cause": "unknown", "work": ["nothing"]}
"""Leads to the audit."""
PROJECT = {"cause": "known", "work": ["build"], "money": "one-off"}
UNSETTLED = {"cause": "unknown"}
DIAGRAM, BACKUPS = "infrastructure.1", "infrastructure.2"
"""Items of the first checklist."""


def checklist(key: str, *groups: tuple[str, list[str]], **changes: object) -> Document:
    """A checklist with groups of items."""
    told = [{"key": name, "title": f"Group {name}", "items": items} for name, items in groups]
    return {"key": key, "title": f"List {key}", "groups": told, **changes}


def chapter(key: str, **changes: object) -> Document:
    """A chapter of the manual."""
    return {"key": key, "title": f"Chapter {key}", "points": ["A point"], **changes}


LISTS = [
    checklist(
        "before",
        ("infrastructure", ["Diagram approved", "Backups restored once", "Alerts reach a person"]),
        ("security", ["No default passwords", "Secrets in the vault"]),
        intro="All of this comes first.",
    ),
    checklist("training", ("week", ["First session held"]), engagements=["audit"]),
    checklist("retained", ("month", ["Report delivered"]), engagements=["retainer"]),
]
CHAPTERS = [
    chapter(
        "basics",
        text="What this is about.",
        facts=[
            {"label": "Application", "question": "application"},
            {"label": "Maintenance window", "question": "window"},
            {"label": "Cause", "question": "cause"},
        ],
    ),
    chapter(
        "known-issues",
        issues=[
            {
                "title": "It is slow",
                "cause": "Too many visitors",
                "steps": ["Look at the dashboard", "Add a machine"],
                "within": "one hour",
            }
        ],
    ),
    chapter("retained", engagements=["retainer"]),
]
SERVICE_LEVEL = {
    "coverage": "Monday to Friday, 9:00 to 17:00",
    "channels": ["Phone", "Ticket"],
    "uptime": "99.5",
    "severities": [
        {
            "title": "Critical",
            "meaning": "nothing works",
            "response": "within 1 hour",
            "resolution": "within 4 hours",
        },
        {"title": "Low", "meaning": "a question", "response": "within a week"},
    ],
    "credits": [{"missed_by": "up to an hour", "credit": "10 % of the month"}],
    "credit_limit": "30 % of the month",
}


def audit(**changes: object) -> Document:
    """The audit with everything that a manual tells of an engagement model."""
    told = {
        "service_level": SERVICE_LEVEL,
        "responsibilities": [
            {"task": "Deployments", "party": "buyer"},
            {"task": "Patches", "party": "firm", "note": "monthly"},
        ],
        "escalation_path": [
            {"who": "The service lead", "when": "nobody answers", "reach": "Phone"}
        ],
    }
    return engagement("audit", 1, "decide", ["evidence"], **{**told, **changes})


def handover_parts(**changes: Any) -> dict[str, Any]:
    """Parts of the small document with checklists and a manual."""
    document = small_document()
    return {
        "emergency": emergency(),
        "engagements": [audit(), *document["engagements"][1:]],
        "sections": [*document["sections"], section("more", "scope")],
        "questions": [
            *document["questions"],
            question("application", kind="line", section="more"),
            question("window", kind="line", section="more"),
            question("on-call", kind="line", section="more", engagements=["retainer"]),
        ],
        "faqs": [{"key": "notice", "title": "Can we stop?", "answer": "Any month."}],
        "checklists": LISTS,
        "chapters": CHAPTERS,
        **changes,
    }


def published(**changes: Any) -> PlaybookVersion:
    """The small playbook with a handover, published."""
    return publish(small_playbook(**handover_parts(**changes)))[0]


def handed_over(version: PlaybookVersion, **given: object) -> Assessment:
    """An assessment with the audit recommended, and more answers."""
    assessment = begin(version, {**ON, **given})
    issue_recommendation(assessment)
    return Assessment.objects.get(pk=assessment.pk)


def decided_on(assessment: Assessment, engagement_key: str, by: User) -> Assessment:
    """The assessment after a consultant has decided on another engagement model."""
    override(
        assessment.recommendation,
        engagement=engagement_key,
        reason=OverrideReason.RISK,
        note="We talked.",
        by=by,
        seen=0,
    )
    return Assessment.objects.get(pk=assessment.pk)


def send(
    client: Client,
    assessment: Assessment,
    *done: str,
    name: str = "Ida Holm",
    seen: str = "",
    **more: Any,
) -> Response:
    """Save the first checklist as a browser would send it."""
    given = {"done": list(done), "seen": seen, "name": name}
    return client.post(to(assessment, "checklist", "before"), given, **more)
