"""The recommendation as the buyer reads it."""

import html
import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from catalog.models import PlaybookVersion
from engagements.brief import Brief
from engagements.models import BriefVersion, OverrideReason, Recommendation
from engagements.reviewing import override
from tests.buyers import answered, asked, begin, decided, links_of, text_of, to
from tests.staff import consultant

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


@dataclass(frozen=True)
class Told:
    """What the page of one kind of outcome says, and what it must not say."""

    buyer: dict[str, Any]
    heading: str
    why: str
    press: tuple[str, ...]
    way: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


DOWNLOAD = "Download the scope brief (PDF)"
OUTCOMES = {
    "single": Told(
        {"situation": "work-list"},
        "We recommend Hourly package",
        "You said We have a list of known work and lack senior hands for it , and this is the "
        "smallest engagement that carries everything your answers demand.",
        ("Write to us", DOWNLOAD),
        ("The way: one step", "once all that it needs is in place; 4 of 4 open."),
        ("Recommended",),
        ("Step 2",),
    ),
    "pathway": Told(
        {"situation": "unproven", "rhythm": "monthly", "money": "evidence-first"},
        "We recommend Audit or assessment then Retained engineering",
        "You said Something is wrong, but we cannot show what matters first , and this is the "
        "smallest first step: no single engagement carries everything your answers demand.",
        ("Write to us", DOWNLOAD),
        ("The pathway: 2 steps", "Why not another one first"),
        ("Step 1", "Step 2"),
        ("Recommended",),
    ),
    "entry": Told(
        {"situation": "looking"},
        "If you do anything, then Audit or assessment",
        "Your answers demand no engagement.",
        ("Write to us", DOWNLOAD),
        ("If you want it:", "Why: nothing asks for more", "so there is no score"),
        ("Where to begin",),
        ("You said", "What to do next:", "Fit of 100"),
    ),
    "conflict": Told(
        {"situation": "not-our-job", "money": "one-off"},
        "Our honest answer No engagement fits all of this",
        "You said We want to use the platform, not run it and A one-off budget only",
        ("Talk to a consultant", "Download what you told us (PDF)"),
        ("What does not go together", "can be another answer. If not, talk to a consultant."),
        (),
        ("The way", "What has to be in place first", "Why not another one", "We recommend"),
    ),
    "emergency": Told(
        {"red_flags": ["down"]},
        "We recommend Emergency response",
        "You said Customers cannot use the service , and that comes before everything else.",
        ("Call +49 30 5550 0199", "Download the brief to pass on (PDF)"),
        ("Starts: at once.", "What helps from the first minute"),
        ("Recommended",),
        ("Write to us", "What would change this", "once all that it needs"),
    ),
}


@pytest.mark.parametrize("kind", OUTCOMES)
def test_each_kind_of_outcome_says_what_it_is(
    client: Client, version: PlaybookVersion, kind: str
) -> None:
    told = OUTCOMES[kind]
    page = client.get(to(decided(version, **told.buyer), "recommendation"))
    text = text_of(page)
    for said in (told.heading, told.why, *told.way):
        assert said in text
    labels = [label for _href, label in links_of(page)]
    for press in told.press:
        assert press in labels
    for mark in told.marks:
        assert f'<span class="mark">{mark}</span>' in page.content.decode()
    assert page.content.decode().count('<span class="mark">') == len(told.marks)
    main = text.partition("Talk to a consultant")[2]  # behind the header
    for never in told.never:
        assert never not in main


def test_an_override_says_who_decided_and_why(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version, "build")
    override(
        assessment.recommendation,
        engagement="audit",
        reason=OverrideReason.FACTS,
        note="Internal.",
        by=consultant(),
        seen=0,
    )
    text = text_of(client.get(to(assessment, "recommendation")))
    assert "After review, we recommend Audit or assessment then Implementation project" in text
    lead = "We talked, and learnt something that the questions do not ask. Your answers alone"
    assert lead in text
    assert "Why your answers alone lead to Implementation project" in text
    assert "What is proposed was decided by a consultant." in text
    assert "You said" not in text.partition("Why: one sign")[0]


def test_the_comparison_has_a_row_for_each_engagement_model_smallest_first(
    client: Client, version: PlaybookVersion
) -> None:
    page = client.get(to(decided(version, money="one-off"), "recommendation"))
    body = page.content.decode()
    table = body[body.index('<table class="comparison">') :].partition("</table>")[0]
    rows = re.findall(r'<th scope="row">([^<]*)', table)
    models = sorted(version.rulebook.playbook.engagements, key=lambda model: model.size)
    assert [html.unescape(row).strip() for row in rows] == [model.title for model in models]
    assert table.count('<tr class="recommended">') == 1
    assert "Ruled out by" in table
    assert table.count("<q>A one-off budget only; nothing that runs monthly</q>") == 2
    for model in models:
        assert html.escape(str(model.price)) in table


def test_it_can_be_shared(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    page = client.get(to(assessment, "recommendation"))
    assert (to(assessment, "links"), "Share this page") in links_of(page)


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
