"""The scope details: optional, saved one part at a time, and never deciding."""

import re
from itertools import pairwise

import pytest
from django.test import Client

from advisor.answers import LONGEST_LINE, LONGEST_TEXT
from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import issue_recommendation
from engagements.models import Assessment, Recommendation, State
from engagements.reviewing import approve
from tests.buyers import as_asked, begin, decided, links_of, text_of, title_of, to
from tests.factories import conditions, question, signal, small_document, small_playbook
from tests.staff import consultant

pytestmark = pytest.mark.django_db


def test_scope_details_are_optional(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    page = client.get(to(assessment, "recommendation"))
    sections = [section.key for section, _given, _all in page.context["sections"]]
    assert len(sections) > 4
    for section, following in pairwise(sections):
        response = client.post(to(assessment, "scope", section))
        assert response["Location"] == to(assessment, "scope", following)
    response = client.post(to(assessment, "scope", sections[-1]))
    assert response["Location"] == to(assessment, "contact")
    response = client.post(to(assessment, "contact"))
    assert response["Location"] == to(assessment, "recommendation")
    assert client.get(response["Location"]).status_code == 200
    assert Recommendation.objects.count() == 1


def test_scope_details_are_saved_shown_and_taken_back(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = decided(version)
    href = to(assessment, "scope", "goal")
    client.post(href, {"goal-outcome": " Faster releases. ", "goal-done": "A test\r\nruns"})
    answers = Assessment.objects.get().answers
    assert answers["goal-outcome"] == ("Faster releases.",)
    assert answers["goal-done"] == ("A test\nruns",)
    page = client.get(href)
    assert "Faster releases.</textarea>" in page.content.decode()
    assert "Goal 2 of 2 answered" in text_of(client.get(to(assessment, "recommendation")))
    client.post(href, {"goal-outcome": "", "goal-done": "A test runs"})
    assert "goal-outcome" not in Assessment.objects.get().answers


def test_scope_details_never_change_the_decision(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    client.post(to(assessment, "scope", "readiness"), {"ready-hourly-package": "none-yet"})
    issued = list(Recommendation.objects.all())
    assert {row.engagement for row in issued} == {"hourly-package"}
    assert client.get(to(assessment, "recommendation")).status_code == 200  # still current


def test_one_part_can_be_saved_without_the_rest(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    given = {"goal-outcome": "Faster releases.", "return": "1"}
    response = client.post(to(assessment, "scope", "goal"), given)
    assert response["Location"] == to(assessment, "recommendation")
    assert Assessment.objects.get().answers["goal-outcome"] == ("Faster releases.",)


def test_scope_details_off_the_path_are_not_shown(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)  # an hourly package
    page = client.get(to(assessment, "scope", "constraints"))
    assert 'name="constraints"' in page.content.decode()
    assert 'name="downtime"' not in page.content.decode()  # of projects only
    emergency = decided(version, red_flags=["down"])
    assert client.get(to(emergency, "scope", "goal")).status_code == 404


def test_an_answer_makes_another_detail_necessary(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    href = to(assessment, "scope", "constraints")
    assert 'name="constraints-detail"' not in client.get(href).content.decode()
    response = client.post(href, {"constraints": ["deadline"]})
    assert response["Location"] == href
    assert 'name="constraints-detail"' in client.get(href).content.decode()
    response = client.post(href, {"constraints": ["deadline"], "constraints-detail": "In May"})
    assert response["Location"] != href


def test_a_conflict_can_be_described_too(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version, "not-our-job", money="one-off")
    response = client.post(to(assessment, "scope", "anything-else"), {"anything-else": "Help"})
    assert response["Location"] == to(assessment, "contact")
    assert Assessment.objects.get().answers["anything-else"] == ("Help",)


@pytest.mark.parametrize(
    ("section", "key", "longest"),
    [
        pytest.param("anything-else", "anything-else", LONGEST_TEXT, id="text"),
        pytest.param("handoff", "handoff-owner", LONGEST_LINE, id="line"),
    ],
)
def test_a_text_that_is_too_long_is_kept_to_be_shortened(
    client: Client, version: PlaybookVersion, section: str, key: str, longest: int
) -> None:
    assessment = decided(version)
    long = "Long " * (longest // 5) + "x"
    page = client.post(to(assessment, "scope", section), {key: long})
    assert page.status_code == 422
    assert title_of(page).startswith("Error: ")
    body = page.content.decode()
    assert long in body
    message = f"Shorten this to {longest} characters; it has {longest + 1} now."
    assert (f"#{key}", message) in links_of(page)
    assert text_of(page).count(message) == 2
    [field] = re.findall(rf'<(?:textarea|input) [^>]*name="{key}"[^>]*>', body)
    assert 'aria-invalid="true"' in field
    assert f"{key}-error" in field
    assert key not in Assessment.objects.get().answers


def test_the_end_of_a_line_counts_as_one_character(
    client: Client, version: PlaybookVersion
) -> None:
    """A browser counts it as one, too, but sends two."""
    assessment = decided(version)
    lines = "123456789\r\n" * (LONGEST_TEXT // 10 - 1) + "1234567890"
    response = client.post(to(assessment, "scope", "anything-else"), {"anything-else": lines})
    assert response.status_code == 302
    [stored] = Assessment.objects.get().answers["anything-else"]
    assert len(stored) == LONGEST_TEXT


def test_a_text_that_no_database_can_store_is_refused(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = decided(version)
    href = to(assessment, "scope", "anything-else")
    assert client.post(href, {"anything-else": "a\x00b"}).status_code == 422


def test_nothing_typed_is_lost_when_another_tab_changes_an_answer(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = decided(version)
    client.post(to(assessment, "question", "money"), {"money": "evidence-first"})
    assert client.get(to(assessment, "recommendation"))["Location"] == to(assessment, "check")

    response = client.post(to(assessment, "scope", "goal"), {"goal-outcome": "Faster releases."})
    assert response["Location"] == to(assessment, "check")
    response = client.post(to(assessment, "contact"), {"contact_firm": "Halden Freight"})

    kept = Assessment.objects.get()
    assert kept.answers["goal-outcome"] == ("Faster releases.",)
    assert kept.contact_firm == "Halden Freight"
    assert client.get(response["Location"])["Location"] == to(assessment, "check")


# ---- What was not asked ---------------------------------------------------------------------


def settled_early(version: PlaybookVersion, **more: object) -> Assessment:
    """A buyer with a recommendation, who was not asked about the team nor about an audience."""
    assessment = as_asked(version, "unproven", **more)
    value = issue_recommendation(assessment).value
    assert value.remaining == ("team", "audience")
    return assessment


def test_what_was_not_asked_is_offered_last(client: Client, version: PlaybookVersion) -> None:
    assessment = settled_early(version)
    page = client.get(to(assessment, "recommendation"))
    sections = [(section.key, given, of) for section, given, of in page.context["sections"]]
    assert sections[-2:] == [("after", 0, 1), ("frame", 0, 1)]
    page = client.get(to(assessment, "scope", "after"))
    assert 'name="team"' in page.content.decode()
    assert 'name="operator"' not in page.content.decode()  # it was asked
    assert "no answer to it can change what we recommend" in text_of(page)


def test_an_answer_more_is_counted_and_changes_no_outcome(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = settled_early(version)
    response = client.post(to(assessment, "scope", "after"), {"team": "nobody"})
    assert response["Location"] == to(assessment, "scope", "frame")
    newer, older = Recommendation.objects.all()
    assert newer.value.outcome == older.value.outcome
    assert newer.value.counted == {**older.value.counted, "team": ("nobody",)}
    page = client.get(to(assessment, "recommendation"))
    assert "after" not in [section.key for section, _given, _of in page.context["sections"]]
    rows = client.get(to(assessment, "check")).context["rows"]
    assert "team" in [row.question.key for row in rows]


def test_what_is_left_open_again_changes_nothing(client: Client, version: PlaybookVersion) -> None:
    assessment = settled_early(version)
    response = client.post(to(assessment, "scope", "frame"))
    assert response["Location"] == to(assessment, "contact")
    assert "audience" not in Assessment.objects.get().answers
    assert Recommendation.objects.count() == 1


def test_a_section_that_is_all_answered_leads_to_where_answers_are_changed(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = settled_early(version)
    client.post(to(assessment, "scope", "after"), {"team": "nobody"})
    for section in ("after", "situation"):
        assert client.get(to(assessment, "scope", section))["Location"] == to(assessment, "check")
    assert client.get(to(assessment, "scope", "frame")).status_code == 200


def test_of_two_tabs_the_later_answer_counts(client: Client, version: PlaybookVersion) -> None:
    assessment = settled_early(version)
    for team in ("nobody", "dedicated"):
        client.post(to(assessment, "scope", "after"), {"team": team})
    client.post(to(assessment, "scope", "after"))  # a third one, left empty
    assert Assessment.objects.get().answers["team"] == ("dedicated",)


def test_an_answer_more_is_kept_while_another_tab_changes_what_decides(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = settled_early(version)
    client.post(to(assessment, "question", "situation"), {"situation": "build"})
    client.post(to(assessment, "scope", "after"), {"team": "nobody"})
    assert Assessment.objects.get().answers["team"] == ("nobody",)


def test_an_answer_that_opens_another_question_leads_to_it(client: Client) -> None:
    """The project is settled before money is asked; months are asked of who pays once only."""
    months = question("months", ["few", "many"], ask_when=conditions({"money": ["one-off"]}))
    document = small_document()
    shop = {
        "questions": [*document["questions"], months],
        "signals": [*document["signals"], signal("few", {"months": ["few"]}, {"outcome": 1})],
    }
    assessment = begin(publish(small_playbook(**shop))[0], {"work": "build", "cause": "known"})
    issue_recommendation(assessment)
    href = to(assessment, "scope", "situation")
    assert client.post(href, {"money": "one-off"})["Location"] == href
    assert 'name="money"' not in client.get(href).content.decode()
    assert client.post(href, {"months": "few"})["Location"] == to(assessment, "contact")
    assert client.get(to(assessment, "recommendation")).context["issued"].number == 3


def test_an_answer_more_after_a_review_is_reviewed_anew_as_the_page_says(
    client: Client, version: PlaybookVersion
) -> None:
    """Nothing that is recommended changes, but a consultant has not seen this answer."""
    assessment = settled_early(version)
    assert assessment.recommendation
    approve(assessment.recommendation, by=consultant(), seen=0)
    page = client.get(to(assessment, "scope", "after"))
    assert "it stays the same and is reviewed anew" in text_of(page)

    client.post(to(assessment, "scope", "after"))
    assert Assessment.objects.get().state == State.APPROVED  # nothing was added
    client.post(to(assessment, "scope", "after"), {"team": "nobody"})
    now = Assessment.objects.get()
    assert now.state == State.WAITING
    assert now.recommendation.engagement == assessment.recommendation.engagement
