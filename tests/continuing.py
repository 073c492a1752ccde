"""A firm whose playbooks go on from one into the next, and buyers who have come so far."""

from collections.abc import Mapping

from django.contrib.auth.models import User

from advisor.loading import from_document
from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import issue_recommendation
from engagements.brief import Brief
from engagements.continuing import continue_with
from engagements.models import Assessment
from engagements.reviewing import approve
from tests.buyers import begin
from tests.factories import Document, question, section, small_document

BUILD = {"cause": "known", "work": ["build"], "money": "monthly"}
"""Wants the project, with which it goes on in the playbook "care"."""
CHECK = {"cause": "unknown", "work": ["nothing"], "money": "monthly"}
"""Wants the audit, with which it does not."""


def firm(key: str, goes_on_with: str = "", **changes: object) -> Document:
    """A small playbook whose project goes on with another one, and which asks for a goal."""
    document = small_document(
        key=key,
        title=f"Playbook {key}",
        decision=f"Who does {key}?",
        sections=[section("situation"), section("more", stage="scope")],
        questions=[
            *small_document()["questions"],
            question("goal", kind="line", section="more"),
            question("hope", kind="line", section="more", engagements=["audit"]),
        ],
    )
    if goes_on_with:
        follow_on = {"playbook": goes_on_with, "when": "it is built"}
        document["engagements"][1]["follow_on"] = follow_on
    return {**document, **changes}


def three_playbooks() -> list[PlaybookVersion]:
    """A line of them that would come round, were a playbook offered twice."""
    return published(firm("build", "care"), firm("care", "keep"), firm("keep", "build"))


def published(*documents: Document) -> list[PlaybookVersion]:
    """The versions of these documents."""
    return [publish(from_document(document))[0] for document in documents]


def decided(version: PlaybookVersion, given: Mapping[str, object] = BUILD) -> Assessment:
    """An assessment with a recommendation, and somebody to whom it belongs."""
    assessment = begin(version, given)
    issue_recommendation(assessment)
    for name, value in {"name": "Ada Byron", "firm": "Looms", "email": "ada@looms.example"}.items():
        setattr(assessment, f"contact_{name}", value)
    assessment.save()
    return now(assessment)


def now(assessment: Assessment) -> Assessment:
    """The assessment as it is in the database."""
    return Assessment.objects.with_version().with_decision().get(pk=assessment.pk)


def approved(assessment: Assessment, by: User) -> Assessment:
    """The assessment after a review."""
    newest = assessment.recommendation.reviews.first()
    approve(assessment.recommendation, by=by, seen=newest.number if newest else 0)
    return now(assessment)


def continued(assessment: Assessment, key: str = "care") -> Assessment:
    """The assessment that goes on from another one, with its recommendation."""
    later = continue_with(assessment, key)
    issue_recommendation(later)
    return now(later)


def brief_of(assessment: Assessment) -> Brief:
    """The newest stored brief."""
    return Brief.model_validate(assessment.briefs.first().content)
