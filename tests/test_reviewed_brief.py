"""What a buyer reads once a consultant has decided: on the page and in the brief."""

import json

import page as validation
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from catalog.models import PlaybookVersion
from engagements.assessing import issue_brief, issue_recommendation, refresh, save_answers
from engagements.brief import Brief
from engagements.models import Assessment, OverrideReason
from engagements.pdf import html_of, pdf_of
from engagements.reviewing import add_note, approve, override, reopen
from tests.buyers import answered, decided, text_of, to
from tests.factories import unguarded
from tests.test_brief import text_of as brief_text

pytestmark = pytest.mark.django_db

SECRET = "Margin is thin here"
MESSAGE = "As agreed on the phone, we look at the evidence first."


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana", first_name="Ana", last_name="Berg")


def overridden(assessment: Assessment, ana: User, to_engagement: str = "audit") -> Brief:
    """The brief after a consultant decided on another engagement model."""
    assert assessment.recommendation
    add_note(assessment, SECRET, by=ana)
    override(
        assessment.recommendation,
        engagement=to_engagement,
        reason=OverrideReason.FACTS,
        note=SECRET,
        message=MESSAGE,
        by=ana,
        seen=0,
    )
    stored = assessment.briefs.first()
    assert stored
    return Brief.model_validate(stored.content)


def test_it_works(client: Client, version: PlaybookVersion, ana: User) -> None:
    assessment = decided(version)
    assert "Reviewed by" not in text_of(client.get(to(assessment, "recommendation")))
    assert assessment.recommendation
    approve(assessment.recommendation, by=ana, seen=0, message=MESSAGE, note=SECRET)

    page = text_of(client.get(to(assessment, "recommendation")))
    assert "Reviewed by Ana Berg" in page
    assert MESSAGE in page
    assert "We recommend Hourly package" in page
    stored = assessment.briefs.get()
    brief = Brief.model_validate(stored.content)
    assert stored.review == assessment.recommendation.reviews.get()
    assert "reviewed by Ana Berg" in brief_text(brief)
    assert MESSAGE in brief_text(brief)


def test_an_override_leads_page_and_brief(
    client: Client, version: PlaybookVersion, ana: User
) -> None:
    assessment = decided(version, "build")
    brief = overridden(assessment, ana)

    for told in (text_of(client.get(to(assessment, "recommendation"))), brief_text(brief)):
        assert "Audit or assessment" in told
        assert "Your answers alone lead to Implementation project" in told
        assert "our consultant decided otherwise" in told
        assert str(OverrideReason.FACTS.label) in told
        assert MESSAGE in told
        assert "It is the smallest engagement" not in told
    assert [step.title for step in brief.steps] == ["Audit or assessment", "Implementation project"]
    assert brief.engagement
    assert brief.engagement.title == "Audit or assessment"
    # The recommendation, and what is attached for programs, stay the engine's.
    assert brief.recommendation.first == "implementation-project"


def test_scope_details_follow_an_override(
    client: Client, version: PlaybookVersion, ana: User
) -> None:
    assessment = decided(version, "build")
    before = text_of(client.get(to(assessment, "scope", "readiness")))
    overridden(assessment, ana)
    after = text_of(client.get(to(assessment, "scope", "readiness")))
    assert "Access to the evidence" not in before
    assert "evidence" in after.lower()
    assert before != after


def test_a_conflict_that_a_consultant_resolves(
    client: Client, version: PlaybookVersion, ana: User
) -> None:
    assessment = decided(version, "not-our-job", operator="you", money="one-off")
    assert assessment.recommendation
    assert assessment.recommendation.kind == "conflict"
    brief = overridden(assessment, ana)
    for told in (text_of(client.get(to(assessment, "recommendation"))), brief_text(brief)):
        assert "nothing on offer fits; our consultant found a way" in told
        assert "which this does not carry" in told or "This does not carry it" in told


@pytest.mark.parametrize("page", ["recommendation", "check", "resume"])
def test_what_is_internal_is_in_no_copy_of_the_buyers(
    client: Client, version: PlaybookVersion, ana: User, page: str
) -> None:
    assessment = decided(version, "build")
    brief = overridden(assessment, ana)
    assert SECRET not in client.get(to(assessment, page), follow=True).content.decode()
    assert SECRET not in html_of(brief)
    assert SECRET not in json.dumps([row.content for row in assessment.briefs.all()])


def test_changed_answers_take_the_review_with_them(
    client: Client, version: PlaybookVersion, ana: User
) -> None:
    assessment = decided(version)
    assert assessment.recommendation
    approve(assessment.recommendation, by=ana, seen=0)
    assert "If you change one, it will be reviewed anew." in text_of(
        client.get(to(assessment, "check"))
    )
    save_answers(assessment, {"rhythm": ("monthly",)})
    assert "Ana Berg" not in text_of(client.get(to(assessment, "resume"), follow=True))


def test_a_review_taken_back_is_not_told(
    client: Client, version: PlaybookVersion, ana: User
) -> None:
    assessment = decided(version)
    assert assessment.recommendation
    approve(assessment.recommendation, by=ana, seen=0)
    reopen(assessment.recommendation, by=ana, seen=1, note="Wrong firm")
    page = text_of(client.get(to(assessment, "recommendation")))
    assert "Ana Berg" not in page
    assert "Wrong firm" not in page


def test_an_emergency_that_is_none_after_all(
    client: Client, version: PlaybookVersion, ana: User
) -> None:
    assessment = decided(version, red_flags=["down"])
    brief = overridden(assessment, ana)
    assert brief.emergency is None
    assert brief.reviewed
    assert brief.reviewed.uncarried
    page = client.get(to(assessment, "resume"), follow=True)
    assert page.redirect_chain[-1][0] == to(assessment, "recommendation")


def test_an_emergency_that_only_the_consultant_saw(
    client: Client, version: PlaybookVersion, ana: User
) -> None:
    assessment = decided(version)
    overridden(assessment, ana, "emergency-response")
    page = text_of(client.get(to(assessment, "resume"), follow=True))
    assert "Ana Berg reads your answers as an emergency" in page
    assert MESSAGE in page
    assert "What you told us" not in page
    assert "Not happening" not in page


def test_a_release_that_tells_more_takes_no_review_back(
    version: PlaybookVersion, ana: User
) -> None:
    """The stored recommendation lacks what only a later release explains."""
    assessment = decided(version)
    assert assessment.recommendation
    approve(assessment.recommendation, by=ana, seen=0)
    document = {**assessment.recommendation.document, "certificate": [], "scores": []}
    with unguarded(connection):
        type(assessment.recommendation)._base_manager.update(document=document)  # noqa: SLF001
    refresh(Assessment.objects.get())
    assert Assessment.objects.get().state == "approved"


def test_a_brief_is_on_what_the_answers_lead_to_now(version: PlaybookVersion, ana: User) -> None:
    """A download that began before the answers changed and another review was made."""
    stale = decided(version, "build")
    fresh = Assessment.objects.get()
    save_answers(fresh, {"clarity": ("no",), "choice": ("no",)})
    issue_recommendation(fresh)
    assert fresh.recommendation
    approve(fresh.recommendation, by=ana, seen=0)
    brief = issue_brief(stale)
    assert brief
    assert brief.recommendation.first == fresh.recommendation.engagement
    assert [row.recommendation for row in fresh.briefs.all()] == [fresh.recommendation]


def test_what_the_buyer_adds_reaches_the_reviewed_brief(
    client: Client, version: PlaybookVersion, ana: User
) -> None:
    assessment = decided(version)
    assert assessment.recommendation
    approve(assessment.recommendation, by=ana, seen=0)
    client.post(to(assessment, "contact"), {"contact_firm": "Kestrel Foods"})
    newest, first = assessment.briefs.all()
    assert newest.content["contact"]["firm"] == "Kestrel Foods"
    assert newest.review == first.review


def test_an_assessment_that_nobody_reviewed_gets_no_brief_by_itself(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = answered(version)
    client.post(to(assessment, "check"))
    client.post(to(assessment, "contact"), {"contact_firm": "Kestrel Foods"})
    assert not assessment.briefs.exists()


def test_the_brief_on_an_override_is_archivable_and_accessible(
    version: PlaybookVersion, ana: User
) -> None:
    path = pdf_of(overridden(decided(version, "build"), ana))
    for profile in ("3a", "ua1"):
        report = validation.validate_pdf(path, profile=profile)
        assert report.is_compliant, [(f.rule_id, f.message) for f in report.failures]
