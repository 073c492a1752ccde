"""What is said about an offer: each part has a place on the pages, and none is left empty."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from advisor.loading import from_document
from advisor.playbook import Playbook
from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import issue_recommendation
from engagements.comparing import Row, families_of
from tests.buyers import Response, begin, links_of, text_of, to
from tests.factories import small_document, small_playbook
from tests.offers import BUYERS, PARTS, PLAYBOOK_PARTS, care_playbook, with_part

pytestmark = pytest.mark.django_db

AUDIT = {"cause": "unknown", "work": ["nothing"]}
# The heading under which a part stands, on its own page and on the recommendation.
HEADINGS = {
    "covers": "It covers",
    "price": "ndicative",
    "other_prices": "Prices",
    "separate_scope": "Agreed separately",
    "service_level": "Service level",
    "responsibilities": "Who does what",
    "process": "How it goes",
    "training": "Training",
    "escalation_path": "Whom to turn to",
}
PLAYBOOK_HEADINGS = {
    "process": "What happens then",
    "expectations": "What you can expect",
    "faqs": "Questions that others ask",
}


def models_page(client: Client, playbook: Playbook) -> Response:
    """The page of all engagement models of a playbook, which is published for it."""
    publish(playbook)
    return client.get(reverse("engagements:engagements", args=[playbook.key]))


def recommended(client: Client, playbook: Playbook, answers: dict[str, object]) -> Response:
    """The recommendation of a buyer."""
    assessment = begin(publish(playbook)[0], answers)
    issue_recommendation(assessment)
    return client.get(to(assessment, "recommendation"))


def test_it_works(client: Client) -> None:
    text = text_of(models_page(client, care_playbook()))
    for _value, word in (*PARTS.values(), *PLAYBOOK_PARTS.values()):
        assert word in text or word == "Who keeps our site up?"
    for told in (
        "99.5 % (down for at most 43.8 hours a year)",
        "2 sessions, 7 hours in all",
        "In all 7",
        "Critical The site is down within 15 minutes a way around within 4 hours every 30 minutes",
        "an hour 5 % of the month",
        "at most 20 % of a month",
        "Watch the site day and night Does it –",
        "Answer users – Does it",
        "Plan releases Shared Shared",
        "Review the design once a year Extra –",
        "Write features Not part of it",
        "Hours beyond AUD 150 to 250 an hour",
        "A new module A project with a price",
    ):
        assert told in text


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_there_where_it_is_said_and_nowhere_else(client: Client, part: str) -> None:
    _value, word = PARTS[part]
    silent = small_playbook()
    for page in (models_page(client, silent), recommended(client, silent, AUDIT)):
        assert word not in text_of(page)
        assert HEADINGS[part] not in text_of(page)
    telling = from_document(with_part(part))
    for page in (models_page(client, telling), recommended(client, telling, AUDIT)):
        assert word in text_of(page)
        assert HEADINGS[part] in text_of(page)


@pytest.mark.parametrize("part", PLAYBOOK_HEADINGS)
def test_a_part_of_the_playbook_is_on_its_page_where_it_is_said(client: Client, part: str) -> None:
    publish(small_playbook())
    assert PLAYBOOK_HEADINGS[part] not in text_of(client.get("/"))
    value, word = PLAYBOOK_PARTS[part]
    page = models_page(client, small_playbook(**{part: value}))
    assert word in text_of(page)
    text = text_of(client.get("/"))
    assert word in text
    assert PLAYBOOK_HEADINGS[part] in text


def test_a_recommendation_has_no_section_for_details_where_there_are_none(client: Client) -> None:
    text = text_of(recommended(client, small_playbook(), AUDIT))
    assert "The offer in detail" not in text
    assert "Coverage" not in text


def test_without_a_process_of_its_own_the_one_for_all_is_told(client: Client) -> None:
    process, word = PLAYBOOK_PARTS["process"]
    assert word in text_of(recommended(client, small_playbook(process=process), AUDIT))


@pytest.mark.parametrize(
    ("buyer", "asked"),
    [
        pytest.param("tier-2", ["Can we leave?", "Who is there at night?"], id="for this and all"),
        pytest.param("tier-1", ["Can we leave?"], id="for all only"),
        pytest.param("not offered", [], id="nothing fits"),
    ],
)
def test_a_recommendation_answers_the_questions_that_are_about_it(
    client: Client, buyer: str, asked: list[str]
) -> None:
    page = recommended(client, care_playbook(), BUYERS[buyer])
    assert [faq.title for faq in page.context["faqs"]] == asked
    for title in ("Can we leave?", "Who is there at night?"):
        assert (title in text_of(page)) is (title in asked)


def test_the_contents_lead_to_every_section(client: Client) -> None:
    page = models_page(client, care_playbook())
    anchors = [href[1:] for href, _label in links_of(page) if href.startswith("#")]
    assert {"handover", "tier-2", "family-managed-care", "how-it-goes", "questions"} < {*anchors}
    ids = re.findall(r' id="([^"]+)"', page.content.decode())
    assert set(anchors) <= set(ids)
    assert len(ids) == len(set(ids))


def test_it_goes_on_only_with_a_playbook_that_is_published(client: Client) -> None:
    link = reverse("engagements:playbook", args=["elsewhere"])
    page = models_page(client, care_playbook())
    assert link not in dict(links_of(page))
    assert "Once the first year is over" not in text_of(page)
    publish(small_playbook(key="elsewhere", decision="Who goes on?"))
    page = client.get(reverse("engagements:engagements", args=["care"]))
    assert dict(links_of(page))[link] == "Who goes on?"
    assert "Once the first year is over, it goes on with" in text_of(page)


def test_where_nothing_is_demanded_only_what_finds_out_promises_evidence(client: Client) -> None:
    nothing = {"cause": "known", "work": ["nothing"]}
    page = recommended(client, small_playbook(), nothing)
    assert "the smallest one that creates useful evidence" in text_of(page)
    page = recommended(client, small_playbook(entry="project"), nothing)
    assert "If you want one all the same, this is where to begin." in text_of(page)
    assert "the smallest one that creates useful evidence" not in text_of(page)


# ---- Variants side by side -----------------------------------------------------------------


def rows_of(playbook: Playbook) -> dict[str, Row]:
    [family] = families_of(playbook)
    return {row.title: row for row in (*family.rows, *family.tasks)}


def test_variants_of_one_family_are_compared_before_the_single_ones(client: Client) -> None:
    page = models_page(client, care_playbook())
    assert page.content.index(b"Managed care, side by side</h2>") < page.content.index(b"<article")
    rows = rows_of(care_playbook())
    assert rows["Coverage"].cells == (
        ("Managed care, tier 1", "Monday to Friday, 9:00 to 17:00"),
        ("Managed care, tier 2", "Every day, 7:00 to 23:00"),
    )
    assert [text for _title, text in rows["First response to the worst"].cells] == [
        "",
        "within 15 minutes (Critical)",
    ]
    assert [text for _title, text in rows["Indicative price"].cells] == [
        "AUD 2,000 to 3,000 a month",
        "from AUD 8,000 a month",
    ]


@pytest.mark.parametrize(
    ("task", "cells"),
    [
        ("Watch the site", ["Firm", "Firm, day and night"]),
        ("Train your people", ["Extra", ""]),
        ("Be there at night", ["Not part of it", ""]),
        ("Answer users", ["", "You"]),
        ("Plan releases", ["", "Both of us"]),
    ],
)
def test_who_does_what_is_compared_in_words(task: str, cells: list[str]) -> None:
    assert [text for _title, text in rows_of(care_playbook())[task].cells] == cells


def test_variants_of_one_title_have_a_cell_each() -> None:
    document = small_document()
    for model, party in zip(document["engagements"], ("firm", "buyer", "both"), strict=True):
        model |= {"title": "Care", "family": "care"}
        model["responsibilities"] = [{"task": "Backups", "party": party}]
    told = [text for _title, text in rows_of(from_document(document))["Backups"].cells]
    assert told == ["Firm", "You", "Both of us"]


def test_what_is_alike_in_all_variants_is_said_once(client: Client) -> None:
    assert rows_of(care_playbook())["Uptime target"].same.startswith("99.5 %")
    assert rows_of(care_playbook())["Coverage"].same == ""
    assert "In each: 99.5 % (down for" in text_of(models_page(client, care_playbook()))


def test_one_of_a_family_alone_is_not_compared(client: Client, version: PlaybookVersion) -> None:
    document = small_document()
    document["engagements"][0]["family"] = "lonely"
    page = models_page(client, from_document(document))
    assert "side by side" not in text_of(page)
    assert list(families_of(version.rulebook.playbook)) == []


@pytest.mark.parametrize(
    ("party", "said"),
    [
        pytest.param("both", "Shared: done", id="shared"),
        pytest.param("extra", "Extra: done by Firm", id="extra"),
        pytest.param("firm", "", id="neither"),
    ],
)
def test_only_marks_that_are_there_are_explained(client: Client, party: str, said: str) -> None:
    document = small_document()
    document["engagements"][0]["responsibilities"] = [{"task": "Backups", "party": party}]
    text = text_of(models_page(client, from_document(document)))
    explained = [words for words in ("Shared: done", "Extra: done by Firm") if words in text]
    assert explained == ([said] if said else [])
