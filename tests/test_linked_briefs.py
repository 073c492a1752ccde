"""What the briefs of a line of assessments say of each other, and when they say it anew."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from catalog.models import PlaybookVersion
from engagements.assessing import issue_brief, issue_recommendation, save_answers
from engagements.brief import Brief
from engagements.continuing import continue_with
from engagements.models import BriefVersion, OverrideReason
from engagements.pdf import html_of
from engagements.reviewing import approve, override, reopen
from tests.buyers import to
from tests.continuing import (
    approved,
    brief_of,
    continued,
    decided,
    firm,
    now,
    published,
    three_playbooks,
)
from tests.factories import prerequisite, question
from tests.staff import consultant

pytestmark = pytest.mark.django_db


@pytest.fixture
def build(db: None) -> PlaybookVersion:
    """A playbook whose project goes on with the playbook "care", which goes on with "keep"."""
    return three_playbooks()[0]


@pytest.fixture
def ana(db: None) -> User:
    return consultant()


def test_it_works(build: PlaybookVersion) -> None:
    """Each brief holds both results."""
    earlier = decided(build)
    later = continued(earlier)
    [before] = issue_brief(later).earlier
    [after] = issue_brief(earlier).following
    assert (before.reference, after.reference) == (earlier.reference, later.reference)
    for link in (before, after):
        assert [step.title for step in link.steps] == ["Engagement project"]
        assert link.reasons == ("Signal work-to-do",)
        assert link.when == "it is built"
        assert link.issued_on
    for assessment, told in ((earlier, "What follows this"), (later, "What this follows")):
        page = html_of(issue_brief(assessment))
        assert told in page
        assert before.reference in page
        assert after.reference in page


def test_a_brief_without_another_result_says_nothing_of_it(build: PlaybookVersion) -> None:
    earlier = decided(build)
    brief = issue_brief(earlier)
    assert (brief.earlier, brief.following) == ((), ())
    continue_with(earlier, "care")  # begun, and not come to a result
    assert issue_brief(now(earlier)) == brief
    assert "What follows this" not in html_of(brief)


def test_in_a_line_of_three_each_brief_holds_all(build: PlaybookVersion) -> None:
    first = decided(build)
    second = continued(first)
    third = continued(second, "keep")
    told = {
        one.reference: [link.reference for link in (*brief.earlier, *brief.following)]
        for one in (first, second, third)
        for brief in [issue_brief(now(one))]
    }
    references = [one.reference for one in (first, second, third)]
    assert told == {
        reference: [other for other in references if other != reference] for reference in references
    }


def test_a_brief_that_was_stored_before_still_loads(build: PlaybookVersion) -> None:
    issue_brief(decided(build))
    content = dict(BriefVersion.objects.get().content)
    del content["earlier"], content["following"]
    assert Brief.model_validate(content).earlier == ()


# ---- Reviewed briefs are kept current --------------------------------------------------------


def test_the_earlier_brief_tells_each_news_of_the_later_one(
    build: PlaybookVersion, ana: User
) -> None:
    earlier = approved(decided(build), ana)
    later = continue_with(earlier, "care")
    assert earlier.briefs.count() == 1
    issue_recommendation(later)
    assert [link.reviewer for link in brief_of(earlier).following] == [""]
    later = approved(now(later), ana)
    assert [link.reviewer for link in brief_of(earlier).following] == ["Ana Sobral"]
    save_answers(later, {"cause": ("unknown",)})
    assert brief_of(earlier).following == ()
    issue_recommendation(later)
    [link] = brief_of(earlier).following
    assert [step.title for step in link.steps] == ["Engagement retainer"]
    assert [brief.number for brief in earlier.briefs.all()] == [5, 4, 3, 2, 1]
    assert len({brief.review_id for brief in earlier.briefs.all()}) == 1


def test_a_detail_of_the_later_one_is_no_news_to_the_earlier_one(client: Client, ana: User) -> None:
    care = firm("care")
    care["engagements"][1]["prerequisites"] = [prerequisite("there", "ready", met=["yes"])]
    care["questions"].append(question("ready", ["yes", "no"], section="more"))
    build, _care = published(firm("build", "care"), care)
    earlier = approved(decided(build), ana)
    later = continued(earlier)
    [told] = brief_of(earlier).following
    client.post(to(later, "scope", "more"), {"goal": "Sleep", "ready": "yes"})
    assert later.recommendations.count() == 2
    tomorrow = timezone.now() + timedelta(days=1)
    save_answers(later, {"ready": ("no",)}, at=tomorrow)
    issue_recommendation(later, at=tomorrow)
    assert later.recommendations.count() == 3
    assert brief_of(earlier).following == (told,)
    assert earlier.briefs.count() == 2
    save_answers(later, {"cause": ("unknown",)}, at=tomorrow)  # which is news
    issue_recommendation(later, at=tomorrow)
    [told] = brief_of(earlier).following
    assert told.issued_on == timezone.localdate(tomorrow)


def test_the_certificate_of_the_earlier_one_stays_as_it_was(
    build: PlaybookVersion, ana: User
) -> None:
    earlier = approved(decided(build), ana)
    before = brief_of(earlier)
    continued(earlier)
    after = brief_of(earlier)
    assert after.following
    told_anew = {"following": (), "version": before.version, "issued_on": before.issued_on}
    assert after.model_copy(update=told_anew) == before
    assert earlier.recommendations.count() == 1


def test_the_later_brief_tells_each_news_of_the_earlier_one(
    build: PlaybookVersion, ana: User
) -> None:
    earlier = decided(build)
    later = approved(continued(earlier), ana)
    review = approve(earlier.recommendation, by=ana, seen=0)
    assert [link.reviewer for link in brief_of(later).earlier] == ["Ana Sobral"]
    reopen(earlier.recommendation, by=ana, seen=review.number, note="Once more.")
    sent = {"reason": OverrideReason.RISK, "note": "Too risky.", "by": ana, "seen": 2}
    override(earlier.recommendation, engagement="retainer", **sent)
    [link] = brief_of(later).earlier
    assert [step.title for step in link.steps] == ["Engagement retainer"]
    assert link.override == OverrideReason.RISK.label
    save_answers(now(earlier), {"cause": ()})
    [link] = brief_of(later).earlier
    assert (link.issued_on, link.steps) == (None, ())
    assert "Nothing at present: answers have changed" in html_of(brief_of(later))


def test_the_first_of_three_hears_of_the_last(build: PlaybookVersion, ana: User) -> None:
    first = approved(decided(build), ana)
    second = continued(first)
    third = continued(second, "keep")
    assert [link.reference for link in brief_of(first).following] == [
        second.reference,
        third.reference,
    ]


def test_what_the_decision_does_not_lead_to_any_more_is_no_result_of_it(
    build: PlaybookVersion, ana: User
) -> None:
    earlier = decided(build)
    continued(earlier)
    sent = {"reason": OverrideReason.LESS, "note": "Less.", "by": ana, "seen": 0}
    override(earlier.recommendation, engagement="retainer", **sent)
    assert brief_of(earlier).following == ()


def test_what_is_not_reviewed_gets_no_brief_by_that(build: PlaybookVersion, ana: User) -> None:
    earlier = decided(build)
    approved(continued(earlier), ana)
    assert not earlier.briefs.exists()
