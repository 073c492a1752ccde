"""The check of the answers, and what a change makes necessary."""

import pytest
from django.test import Client

from catalog.models import PlaybookVersion
from engagements.models import Recommendation
from tests.buyers import (
    PLAYBOOK,
    answer_all,
    answered,
    asked,
    begin,
    decided,
    links_of,
    text_of,
    to,
)
from tests.scenarios import UNEVENTFUL

pytestmark = pytest.mark.django_db


def test_the_check_has_the_answers_that_count_and_no_others(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = answered(version, "not-our-job")
    assert "team" in assessment.answers  # a ghost: given, but not on the path
    page = client.get(to(assessment, "check"))
    rows = {row.question.key: row.quote.words for row in page.context["rows"]}
    assert list(rows) == ["red-flags", "situation", "choice", "response", "money"]
    assert rows["situation"] == ("We want to use the platform, not run it",)
    assert asked(version, "situation").title in text_of(page)
    assert asked(version, "team").title not in text_of(page)


def test_each_answer_can_be_changed_by_a_link_that_names_it(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = answered(version, "not-our-job")
    page = client.get(to(assessment, "check"))
    change = [link for link in links_of(page) if link[1].startswith("Change")]
    assert change == [
        (to(assessment, "question", key), f"Change {asked(version, key).answer_noun}")
        for key in ("red-flags", "situation", "choice", "response", "money")
    ]


def test_the_check_waits_for_what_is_open(client: Client, version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none", "situation": "build"})
    following = client.get(to(assessment, "resume"))["Location"]
    assert following.startswith(to(assessment, "question", "x").removesuffix("x/"))
    for send in (client.get, client.post):
        assert send(to(assessment, "check"))["Location"] == following
    assert not Recommendation.objects.exists()


def test_a_changed_answer_comes_back_to_the_check(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    response = client.post(to(assessment, "question", "money"), {"money": "one-off"})
    assert response["Location"] == to(assessment, "check")


def test_an_answer_given_again_comes_back_to_the_check_too(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = decided(version)
    response = client.post(to(assessment, "question", "choice"), {"choice": "no"})
    assert response["Location"] == to(assessment, "check")


def test_a_change_asks_only_what_it_has_made_necessary(
    client: Client, version: PlaybookVersion
) -> None:
    calm = {"red-flags": "none", "situation": "not-our-job", "choice": "no"}
    assessment = begin(version, {**calm, "response": "no", "money": "monthly"})
    page = client.post(to(assessment, "question", "situation"), {"situation": "build"}, follow=True)
    page, asked_now = answer_all(client, page, UNEVENTFUL[PLAYBOOK])
    assert set(asked_now) == {"clarity", "moving", "rhythm", "operator", "team"}
    assert page.request["PATH_INFO"] == to(assessment, "check")
