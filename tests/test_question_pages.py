"""The questions, one after the other, and what is wrong with an answer."""

import re
from itertools import pairwise

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import issue_recommendation
from engagements.brief import Brief
from engagements.models import Assessment, Recommendation
from tests.buyers import (
    PLAYBOOK,
    address,
    answer_all,
    answered,
    as_asked,
    asked,
    back_of,
    begin,
    decided,
    links_of,
    text_of,
    title_of,
    to,
)
from tests.factories import small_playbook
from tests.scenarios import UNEVENTFUL

pytestmark = pytest.mark.django_db


def test_it_works(client: Client, version: PlaybookVersion, pdf: list[Brief]) -> None:
    answers = {**UNEVENTFUL[PLAYBOOK], "situation": "work-list", "money": "one-off"}
    page = client.get("/")
    assert reverse("engagements:start", args=[PLAYBOOK]) in dict(links_of(page))
    page, _asked = answer_all(client, client.get(address(version, "start")), answers)
    assert "Check your answers" in title_of(page)
    page = client.post(page.request["PATH_INFO"], follow=True)
    assert title_of(page) == "Your recommendation · Assistance"
    assert "Hourly package" in text_of(page)
    [brief] = [href for href, label in links_of(page) if "PDF" in label]
    assert client.get(brief)["Content-Type"] == "application/pdf"
    assert len(pdf) == 1


# ---- From question to question --------------------------------------------------------------


def test_a_question_page_has_one_question(client: Client, version: PlaybookVersion) -> None:
    page = client.get(address(version, "question"))
    question = asked(version, "situation")
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", page.content.decode()) == [question.title]
    assert title_of(page) == f"{question.title} · Assistance"
    for told in (question.hint, question.why, *(option.label for option in question.options)):
        assert str(told) in text_of(page)
    assert not re.search(r" checked[ >]", page.content.decode())


def test_every_question_has_a_title_of_its_own(version: PlaybookVersion) -> None:
    titles = [question.title for question in version.rulebook.playbook.questions]
    assert len(set(titles)) == len(titles)


def test_an_answer_given_before_is_selected(client: Client, version: PlaybookVersion) -> None:
    page = client.get(to(answered(version), "question", "situation"))
    checked = re.findall(r'value="([\w-]+)" id="[\w.-]+" checked', page.content.decode())
    assert checked == ["work-list"]


def test_what_cannot_change_the_outcome_is_not_asked(client: Client) -> None:
    assessment = begin(publish(small_playbook())[0], {"cause": "known"})
    page = client.post(to(assessment, "question", "work"), {"work": "build"}, follow=True)
    assert page.request["PATH_INFO"] == to(assessment, "check")
    assert "One more question was not asked, because no answer to it could change" in text_of(page)


def test_what_is_still_possible_is_told_and_never_grows(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = begin(version, {"red-flags": "none"})
    page = client.get(assessment.get_absolute_url(), follow=True)
    counts = []
    while question := page.context.get("question"):
        counts.append(len(page.context["possible"].engagements))
        option = {"situation": "build"}.get(question.key) or UNEVENTFUL[PLAYBOOK][question.key]
        href = to(assessment, "question", question.key)
        page = client.post(href, {question.key: option}, follow=True)
    assert counts == sorted(counts, reverse=True)
    assert "7 engagement models are still possible" in text_of(
        client.get(address(version, "question"))
    )


def test_back_leads_to_the_question_before_that_counts(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = as_asked(version)
    order = list(assessment.answers)
    assert order != [q.key for q in version.rulebook.playbook.questions if q.key in order]
    assert back_of(client.get(to(assessment, "check"))) == to(assessment, "question", order[-1])
    for before, key in pairwise(order):
        page = client.get(to(assessment, "question", key))
        assert back_of(page) == to(assessment, "question", before)
    page = client.get(to(assessment, "question", order[0]))
    assert back_of(page) == reverse("engagements:playbook", args=[PLAYBOOK])


def test_back_passes_over_what_an_answer_has_made_moot(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = begin(version, {"red-flags": "none", "situation": "build", "team": "beside"})
    assert back_of(client.get(to(assessment, "question", "money"))) == to(
        assessment, "question", "team"
    )
    client.post(to(assessment, "question", "situation"), {"situation": "not-our-job"})
    assert back_of(client.get(to(assessment, "question", "money"))) == to(
        assessment, "question", "situation"
    )


# ---- What is wrong with an answer -----------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "given", "message"),
    [
        pytest.param("situation", [], "Select why you are here.", id="one, nothing"),
        pytest.param("situation", [""], "Select why you are here.", id="one, empty"),
        pytest.param(
            "situation",
            ["nonsense"],
            "That option is not there any more. Select one of those shown.",
            id="one, no option",
        ),
        pytest.param(
            "red-flags",
            [],
            "Select what is happening in production, or “None of these”.",
            id="many, nothing",
        ),
        pytest.param(
            "red-flags",
            ["down", "nonsense"],
            "That option is not there any more. Select one of those shown.",
            id="many, no option",
        ),
        pytest.param(
            "red-flags",
            ["none", "stuck"],
            "“None of these” cannot be selected together with other options.",
            id="many, none and one",
        ),
    ],
)
def test_a_wrong_answer_is_told_twice_and_kept(
    client: Client, version: PlaybookVersion, key: str, given: list[str], message: str
) -> None:
    assessment = begin(version, {"red-flags": "none"})
    page = client.post(to(assessment, "question", key), {key: given})
    assert page.status_code == 422
    assert title_of(page) == f"Error: {asked(version, key).title} · Assistance"
    body = page.content.decode()
    summary, _, after = body.partition('<p class="kicker">')
    assert "There is a problem" in summary
    assert links_of(HttpResponse(summary))[-1] == (f"#{key}", message)
    first = asked(version, key).options[0].key
    assert f'name="{key}" value="{first}" id="{key}"' in after
    [inline] = re.findall(f'<p class="error" id="{key}-error">(.*?)</p>', after)
    assert " ".join(re.sub(r"<[^>]*>", " ", inline).split()) == f"Error: {message}"
    assert f"{key}-error" in re.findall(r'aria-describedby="([^"]*)"', after)[0].split()
    checked = re.findall(r'value="([\w-]+)" id="[\w.-]+" checked', body)
    options = {option.key for option in asked(version, key).options}
    assert set(checked) == set(given) & options
    assert Assessment.objects.get().answers == {"red-flags": ("none",)}


def test_a_question_that_is_not_live_any_more_does_no_harm(
    client: Client, version: PlaybookVersion
) -> None:
    """A second tab still shows a question that the first has made moot."""
    assessment = decided(version, "not-our-job")
    before = issue_recommendation(assessment)
    href = to(assessment, "question", "team")
    assert client.get(href)["Location"] == to(assessment, "recommendation")
    assert client.post(href, {"team": "nonsense"})["Location"] == to(assessment, "recommendation")
    assert client.post(href, {"team": "nobody"}).status_code == 302
    assert client.get(to(assessment, "recommendation")).context["issued"] == before
    assert Recommendation.objects.count() == 1
