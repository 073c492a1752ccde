"""The first answer begins an assessment, and every answer is saved."""

import re
from typing import Any

import pytest
from django.test import Client

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.models import Answer, Assessment
from tests.buyers import Response, address, begin, to

pytestmark = pytest.mark.django_db


def test_the_first_answer_begins_an_assessment(client: Client, version: PlaybookVersion) -> None:
    response = client.post(address(version, "start"), {"red-flags": "none"})
    assessment = Assessment.objects.get()
    assert assessment.version == version
    assert assessment.answers == {"red-flags": ("none",)}
    following = client.get(response["Location"]).context["question"]
    assert response["Location"] == to(assessment, "question", following.key)
    assert following.key != "red-flags"


def test_the_form_of_the_first_question_sent_twice_begins_one_assessment(
    client: Client, version: PlaybookVersion
) -> None:
    href = address(version, "start")
    form = {"red-flags": "none", "begin": begin_in(client.get(href))}
    first, second = (client.post(href, form) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Assessment.objects.get().answers == {"red-flags": ("none",)}
    client.post(href, {**form, "begin": begin_in(client.get(href))})
    assert Assessment.objects.count() == 2  # whoever begins anew means another one


def test_a_form_sent_again_to_a_newer_version_finds_what_it_has_begun(
    client: Client, version: PlaybookVersion
) -> None:
    href = address(version, "start")
    form = {"red-flags": "none", "begin": begin_in(client.get(href))}
    first = client.post(href, form)
    publish(version.rulebook.playbook.model_copy(update={"title": "Renamed"}))
    assert client.post(href, form)["Location"] == first["Location"]
    assert Assessment.objects.get().version == version


@pytest.mark.parametrize("begin", ["", "chosen", "chosen:1:signed", "\x00"])
def test_nobody_chooses_a_private_link(
    client: Client, version: PlaybookVersion, begin: str
) -> None:
    client.post(address(version, "start"), {"red-flags": "none", "begin": begin})
    assert len(Assessment.objects.get().token) == 32


def begin_in(page: Response) -> str:
    """The private link that a form of the first question would begin."""
    [begin] = re.findall(r'name="begin" value="([^"]*)"', page.content.decode())
    return str(begin)


def test_looking_at_the_first_question_begins_nothing(
    client: Client, version: PlaybookVersion
) -> None:
    assert client.get(address(version, "start")).status_code == 200
    assert not Assessment.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({}, id="no answer"),
        pytest.param({"red-flags": "nonsense"}, id="no option"),
        pytest.param({"red-flags": ["none", "down"]}, id="none and one"),
    ],
)
def test_a_wrong_first_answer_begins_nothing(
    client: Client, version: PlaybookVersion, given: dict[str, Any]
) -> None:
    assert client.post(address(version, "start"), given).status_code == 422
    assert not Assessment.objects.exists()


def test_an_assessment_takes_the_live_version_and_keeps_it(
    client: Client, version: PlaybookVersion
) -> None:
    client.post(address(version, "start"), {"red-flags": "none"})
    newer, is_new = publish(version.rulebook.playbook.model_copy(update={"title": "Renamed"}))
    assert is_new
    client.post(address(version, "start"), {"red-flags": "none"})
    assert [a.version for a in Assessment.objects.order_by("pk")] == [version, newer]
    older = Assessment.objects.earliest("pk")
    page = client.post(to(older, "question", "situation"), {"situation": "looking"}, follow=True)
    assert page.context["playbook"].title == "Infrastructure services"


def test_every_answer_is_saved_when_it_is_given(client: Client, version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none"})
    for key, option in (("situation", "build"), ("clarity", "criteria"), ("choice", "no")):
        client.post(to(assessment, "question", key), {key: option})
        assert Answer.objects.get(assessment=assessment, question=key).values == [option]


def test_an_answer_given_anew_replaces_the_old_one(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = begin(version, {"red-flags": "none", "situation": "build"})
    client.post(to(assessment, "question", "situation"), {"situation": "looking"})
    assert Answer.objects.get(assessment=assessment, question="situation").values == ["looking"]
