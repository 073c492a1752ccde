"""The recommendation as the buyer reads it."""

import re

import pytest
from django.test import Client

from catalog.models import PlaybookVersion
from engagements.brief import Brief
from engagements.models import BriefVersion, Recommendation
from tests.buyers import answered, asked, begin, decided, text_of, to

pytestmark = pytest.mark.django_db


def test_the_recommendation_is_stored_once(client: Client, version: PlaybookVersion) -> None:
    assessment = answered(version)
    for _ in range(2):
        response = client.post(to(assessment, "check"))
        assert response["Location"] == to(assessment, "recommendation")
    assert Recommendation.objects.get().engagement == "hourly-package"


def test_a_recommendation_says_what_why_and_what_next(
    client: Client, version: PlaybookVersion
) -> None:
    page = client.get(to(decided(version, money="one-off"), "recommendation"))
    model = version.rulebook.playbook.engagement("hourly-package")
    text = text_of(page)
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", page.content.decode()) == [model.title]
    for told in (model.summary, model.duration, model.commercial_shape, model.next_step):
        assert told in text
    assert "We have a list of known work and lack senior hands for it" in text  # why
    assert version.rulebook.playbook.signal("bounded-backlog").because in text
    for other in version.rulebook.playbook.engagements:  # the certificate
        assert other.title in text
    assert "Ruled out by A one-off budget only" in re.sub("[“”]", "", text)
    for prerequisite in model.prerequisites:
        assert prerequisite.title in text
        assert prerequisite.owner in text


def test_readiness_follows_the_scope_details(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    page = client.get(to(assessment, "recommendation"))
    assert "Prerequisites Not told yet" in text_of(page)
    given = {"ready-hourly-package": ["agreed-priorities", "target-systems"]}
    client.post(to(assessment, "scope", "readiness"), given)
    page = client.get(to(assessment, "recommendation"))
    assert "Prerequisites 2 of 4 in place" in text_of(page)
    assert text_of(page).count("Missing") == 2


def test_a_pathway_says_when_each_step_starts(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version, "unproven", rhythm="monthly", money="evidence-first")
    page = client.get(to(assessment, "recommendation"))
    assert page.context["brief"].kind == "pathway"
    assert "Audit or assessment then Retained engineering" in text_of(page)
    assert version.rulebook.playbook.need("continuity").starts_when in text_of(page)


def test_where_nothing_is_demanded_it_says_so(client: Client, version: PlaybookVersion) -> None:
    page = client.get(to(decided(version, "looking"), "recommendation"))
    assert page.context["brief"].kind == "entry"
    assert "Your answers demand no engagement." in text_of(page)
    assert "You said:" not in text_of(page)


def test_a_conflict_names_the_answers_and_each_way_out(
    client: Client, version: PlaybookVersion
) -> None:
    calm = {"red-flags": "none", "situation": "not-our-job", "choice": "no"}
    assessment = begin(version, {**calm, "response": "contract", "money": "one-off"})
    page = client.post(to(assessment, "check"), follow=True)
    text = text_of(page)
    assert "No engagement fits all of this" in text
    for question, option in (("situation", "not-our-job"), ("money", "one-off")):
        assert asked(version, question).option(option).label in text
    [change] = page.context["brief"].conflict.changes
    assert change.quote.key == "money"
    assert change.instead.words == ("A monthly budget is possible",)
    [title] = change.leads_to
    assert f"“A monthly budget is possible” leads to {title} Change" in text
    client.post(to(assessment, "question", "money"), {"money": "monthly"})
    client.post(to(assessment, "check"))
    page = client.get(to(assessment, "recommendation"))
    assert page.context["brief"].engagement.title == title


def test_the_pages_after_a_decision_wait_for_it(client: Client, version: PlaybookVersion) -> None:
    assessment = answered(version)
    for href in (
        to(assessment, "recommendation"),
        to(assessment, "respond"),
        to(assessment, "scope", "goal"),
        to(assessment, "contact"),
        to(assessment, "brief"),
    ):
        assert client.get(href)["Location"] == to(assessment, "check")
    assert not BriefVersion.objects.exists()


def test_a_recommendation_on_answers_that_have_changed_is_not_shown(
    client: Client, version: PlaybookVersion, pdf: list[Brief]
) -> None:
    assessment = decided(version)
    client.post(to(assessment, "question", "money"), {"money": "one-off"})
    for page in ("recommendation", "contact", "brief"):
        assert client.get(to(assessment, page))["Location"] == to(assessment, "check")
    assert pdf == []
    client.post(to(assessment, "check"))
    assert client.get(to(assessment, "recommendation")).context["issued"].number == 2
    assert Recommendation.objects.count() == 2
