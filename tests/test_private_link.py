"""The private link of an assessment, and where it resumes."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import PlaybookVersion
from engagements.assessing import issue_recommendation, recommendation_for, save_answers
from engagements.models import Assessment
from tests.buyers import PRIVATE, address, answered, begin, decided, links_of, text_of, title_of, to

pytestmark = pytest.mark.django_db


def test_the_private_link_cannot_be_guessed(version: PlaybookVersion) -> None:
    tokens = {begin(version, {"red-flags": "none"}).token for _ in range(20)}
    assert len(tokens) == 20
    assert all(re.fullmatch(r"[\w-]{32}", token) for token in tokens)  # 192 bits


@pytest.mark.parametrize("name", PRIVATE)
def test_a_wrong_link_is_not_found(client: Client, version: PlaybookVersion, name: str) -> None:
    args = {"question": ["situation"], "scope": ["goal"]}.get(name, [])
    begin(version, {"red-flags": "none"})
    page = client.get(reverse(f"engagements:{name}", args=["x" * 32, *args]))
    assert page.status_code == 404
    assert title_of(page) == "There is nothing at this address · Assistance"
    assert "check that you have all of it" in text_of(page)


@pytest.mark.parametrize("token", ["%00", "x%00y", "%F0%9F%94%91", "a.b", "x" * 5_000])
def test_what_is_no_link_at_all_is_not_found(client: Client, db: None, token: str) -> None:
    assert client.get(f"/a/{token}/").status_code == 404


@pytest.mark.parametrize(
    ("page", "key"),
    [
        pytest.param("question", "nonsense", id="no question"),
        pytest.param("question", "goal-outcome", id="a scope detail"),
        pytest.param("scope", "nonsense", id="no section"),
    ],
)
def test_what_there_is_not_is_not_found(
    client: Client, version: PlaybookVersion, page: str, key: str
) -> None:
    assert client.get(to(decided(version), page, key)).status_code == 404


def test_the_link_resumes_at_the_next_question(client: Client, version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none", "situation": "build"})
    following = recommendation_for(assessment).next_question
    link = assessment.get_absolute_url()
    assert client.get(link)["Location"] == to(assessment, "question", following)


def test_the_link_resumes_at_the_check(client: Client, version: PlaybookVersion) -> None:
    assessment = answered(version)
    assert client.get(assessment.get_absolute_url())["Location"] == to(assessment, "check")


def test_the_link_resumes_at_the_recommendation(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    link = assessment.get_absolute_url()
    assert client.get(link)["Location"] == to(assessment, "recommendation")


def test_the_link_resumes_at_the_check_when_answers_have_changed(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = decided(version)
    save_answers(assessment, {"money": ("one-off",)})
    assert client.get(assessment.get_absolute_url())["Location"] == to(assessment, "check")


def test_the_link_resumes_at_a_question_that_has_become_necessary(
    client: Client, version: PlaybookVersion
) -> None:
    calm = {"red-flags": "none", "situation": "not-our-job", "choice": "no"}
    assessment = begin(version, {**calm, "response": "no", "money": "monthly"})
    issue_recommendation(assessment)
    save_answers(assessment, {"situation": ("build",)})
    following = recommendation_for(assessment).next_question
    assert following not in assessment.answers
    link = assessment.get_absolute_url()
    assert client.get(link)["Location"] == to(assessment, "question", following)


def test_the_link_resumes_at_the_emergency(client: Client, version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "down"})
    assert client.get(assessment.get_absolute_url())["Location"] == to(assessment, "respond")


@pytest.mark.parametrize("name", ["question", "check", "respond", "recommendation", "scope"])
def test_each_page_leads_to_the_private_link(
    client: Client, version: PlaybookVersion, name: str
) -> None:
    href = address(version, name)
    page, assessment = client.get(href), Assessment.objects.get()
    told = (to(assessment, "links"), "Your private link, to go on later or elsewhere")
    assert told in links_of(page)
    assert assessment.token not in text_of(page)  # nobody who looks on can read it off
