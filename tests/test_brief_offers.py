"""What a brief tells of an offer depends on what is recommended."""

import json

import pytest

from advisor.loading import document_hash, to_document
from advisor.rules import Rulebook, compile_playbook
from engagements.brief import Brief, Engagement, Step
from engagements.pdf import html_of
from tests.factories import conditions, question, signal
from tests.offers import BUYERS, PARTS, care_playbook, with_part
from tests.test_brief import AUDIT, a_brief, brief_of, headings, text_of

SECTIONS = {
    "service level": "Coverage and service level",
    "who": "Who does what",
    "process": "How it goes",
    "training": "Training plan",
    "prices": "Indicative prices",
}
NEW = {
    "covers",
    "other_prices",
    "separate_scope",
    "service_level",
    "responsibilities",
    "process",
    "training",
    "escalation_path",
}


def care() -> Rulebook:
    playbook = care_playbook()
    return compile_playbook(playbook, document_hash(to_document(playbook)))


def brief(buyer: str) -> Brief:
    return brief_of(care(), BUYERS[buyer])


@pytest.mark.parametrize(
    ("buyer", "parts"),
    [
        ("handover", {"process", "training", "prices"}),
        ("tier-1", {"service level", "who", "process"}),
        ("shared", {"who", "process"}),
        ("tier-2", set(SECTIONS)),
        ("not offered", set()),
        ("down", set()),
    ],
)
def test_sections_follow_from_what_is_recommended(buyer: str, parts: set[str]) -> None:
    told = set(headings(brief(buyer)))
    assert told & set(SECTIONS.values()) == {SECTIONS[part] for part in parts}


@pytest.mark.parametrize(
    ("buyer", "words"),
    [
        pytest.param(
            "handover",
            [
                "Training 7 hours 2 sessions",
                "2 sessions, 7 hours in all.",
                "How it is built Servers; Data 4",
                "Support after it 30 days Included. Questions by mail",
                "Handover to your own people AUD 10,000 AUD 25,000 once",
                "Hours beyond AUD 150 AUD 250 an hour",
                "A new module A project with a price",
            ],
            id="handover: its training plan and the support after it",
        ),
        pytest.param(
            "tier-1",
            [
                "Coverage Monday to Friday, 9:00 to 17:00",
                "99.5 % down for at most 43.8 hours a year",
                "Be there at night Not part of it",
            ],
            id="a support level: its coverage",
        ),
        pytest.param(
            "shared",
            ["Watch the site day and night Does it –", "Plan releases Shared Shared"],
            id="shared work: who does what",
        ),
        pytest.param(
            "tier-2",
            [
                "Coverage Every day, 7:00 to 23:00 Critical: within 15 minutes",
                "Set-up Week 1 Access comes first. Get access Put monitoring in place",
                "Critical The site is down within 15 minutes a way around within 4 hours",
                "an hour 5 % of the month",
                "at most 20 % of a month",
                "Managed care, tier 2 AUD 8,000 open a month",
                "It is down The engineer on call the hotline",
                "Patches of the week",
            ],
            id="managed care: set-up, severities, credits",
        ),
    ],
)
def test_what_it_tells_of_each_kind(buyer: str, words: list[str]) -> None:
    text = text_of(brief(buyer))
    for told in words:
        assert told in text


@pytest.mark.parametrize("part", sorted(NEW))
def test_a_part_is_printed_where_it_is_said_and_nowhere_else(part: str) -> None:
    _value, word = PARTS[part]
    assert word not in text_of(a_brief(AUDIT))
    parts = with_part(part)
    assert word in text_of(a_brief(AUDIT, **parts))


def test_a_step_that_comes_later_tells_its_coverage() -> None:
    playbook = care_playbook()
    document = playbook.model_dump(mode="json", exclude_none=True)
    both = {
        "questions": [
            *document["questions"],
            question("also", ["yes", "no"], ask_when=conditions({"who": ["own"]})),
        ],
        "signals": [*document["signals"], signal("also", {"also": ["yes"]}, {"upkeep": 1})],
    }
    both["questions"].sort(key=lambda q: q["section"] == "details")
    told = a_brief({**BUYERS["handover"], "also": "yes"}, **{**document, **both})
    assert [step.title for step in told.steps] == [
        "Handover to your own people",
        "Managed care, tier 1",
    ]
    assert "AUD 2,000 to 3,000 a month, indicative Monday to Friday, 9:00 to 17:00" in text_of(told)


def test_a_price_that_is_fixed_is_one_sum() -> None:
    fixed = [{"title": "One day", "currency": "EUR", "least": 900, "most": 900, "unit": "a day"}]
    parts = with_part("other_prices")
    parts["engagements"][0]["other_prices"] = fixed
    assert "One day EUR 900 a day" in text_of(a_brief(AUDIT, **parts))


def test_a_brief_that_was_stored_before_offers_said_more_still_loads() -> None:
    told = a_brief(AUDIT)
    stored = json.loads(json.dumps(told.model_dump(mode="json")))
    assert set(stored["engagement"]) > NEW
    for name in NEW:
        del stored["engagement"][name]
    for step in stored["steps"]:
        del step["coverage"]
    loaded = Brief.model_validate(stored)
    assert loaded == told  # so that no new version of it is issued either
    assert html_of(loaded) == html_of(told)


def test_what_is_new_has_a_default() -> None:
    assert all(not Engagement.model_fields[name].is_required() for name in NEW)
    assert not Step.model_fields["coverage"].is_required()
