"""The scope details: optional, saved one part at a time, and never deciding."""

import re
from itertools import pairwise

import pytest
from django.test import Client

from advisor.answers import LONGEST_LINE, LONGEST_TEXT
from catalog.models import PlaybookVersion
from engagements.models import Assessment, Recommendation
from tests.buyers import decided, links_of, text_of, title_of, to

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
