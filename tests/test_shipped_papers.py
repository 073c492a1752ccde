"""What brief, handover pack and operations manual of the shipped playbooks tell, per outcome."""

from typing import Any

import pytest

from catalog.publishing import publish
from engagements.assessing import issue_recommendation
from engagements.brief import Brief
from engagements.models import Assessment
from tests.buyers import begin
from tests.scenarios import UNEVENTFUL, rulebook_of
from tests.test_brief import brief_of, headings
from tests.test_brief import text_of as brief_text
from tests.test_brief_offers import SECTIONS
from tests.test_handover_pdf import manual_of, pack_of, text_of
from tests.test_shipped_offers import CARE, LEVELS, MANAGED, PARTNERS, PLATFORM, TIERS

RUN = (*TIERS, "hybrid")
BOTH = ("handover", *RUN)

OUTCOMES: dict[str, tuple[str, dict[str, Any]]] = {
    "handover": (CARE, {"operator": "us"}),
    "tier-1": (CARE, {"operator": "you"}),
    "tier-2": (CARE, {"operator": "you", "extras": ["credits"]}),
    "tier-3": (CARE, {"operator": "you", "when-down": "quarter"}),
    "hybrid": (CARE, {"operator": "shared"}),
    "emergency-support": (CARE, {"red-flags": ["down"]}),
    "retained-advisory": (PARTNERS, {"situation": "decision"}),
    "project-based": (PARTNERS, {"situation": "build"}),
    "managed-business-hours": (PARTNERS, {"situation": "upkeep", "operator": "you"}),
    "managed-extended-hours": (
        PARTNERS,
        {"situation": "upkeep", "operator": "you", "coverage": "long-days"},
    ),
    "managed-premium": (
        PARTNERS,
        {"situation": "upkeep", "operator": "you", "coverage": "any-hour"},
    ),
    "level-1": (PLATFORM, {"recent-trouble": ["updates"]}),
    "level-2": (PLATFORM, {"recent-trouble": ["pressure"], "alarms": "nobody"}),
    "level-3": (PLATFORM, {"recent-trouble": ["builds"], "delivery-trouble": "together"}),
}
"""For each engagement model of the newer playbooks, a buyer whom it is recommended to."""


def brief(engagement: str) -> Brief:
    """The brief of the buyer to whom this engagement model is recommended."""
    playbook, given = OUTCOMES[engagement]
    return brief_of(rulebook_of(playbook), {**UNEVENTFUL[playbook], **given})


def decided(engagement: str) -> Assessment:
    """The assessment of that buyer."""
    playbook, given = OUTCOMES[engagement]
    version = publish(rulebook_of(playbook).playbook)[0]
    assessment = begin(version, {**UNEVENTFUL[playbook], **given})
    issue_recommendation(assessment)
    return assessment


def test_it_works() -> None:
    for engagement, (playbook, _) in OUTCOMES.items():
        found = brief(engagement).engagement
        assert found
        assert found.title == rulebook_of(playbook).playbook.engagement(engagement).title
    newer = (rulebook_of(playbook).playbook for playbook in (CARE, PARTNERS, PLATFORM))
    assert set(OUTCOMES) == {model.key for playbook in newer for model in playbook.engagements}


# ---- The brief -------------------------------------------------------------------------------

OWN = {
    "Infrastructure overview": ["handover"],  # a training session
    "Support, week 4 of 4": ["handover"],
    "AUD 10,000 AUD 25,000 per handover": ["handover"],
    "AUD 500 AUD 1,000 per month": ["tier-1"],
    "AUD 2,000 AUD 4,000 per month": ["tier-2"],
    "AUD 8,000 AUD 15,000 per month": ["tier-3"],
    "AUD 3,000 AUD 6,000 per month": ["hybrid"],
    "AUD 250 AUD 500 per hour": ["handover", "emergency-support"],
    "Set-up, week 1": [*TIERS],
    "Set-up, week 2": [*TIERS],
    "9:00 to 17:00 Sydney time": ["tier-1", "tier-2"],
    "87.6 hours a year": ["tier-1"],
    "43.8 hours a year": ["tier-2"],
    "8.8 hours a year": ["tier-3"],
    "24 to 48 hours": ["tier-1"],
    "4 hours at the latest": ["tier-2"],
    "within 15 minutes, at any hour": ["tier-3", "hybrid"],
    "the system is down": ["tier-2", "tier-3", "hybrid"],  # a severity
    "25 % of the month": ["tier-2", "tier-3"],  # a credit
    "30 % of the retainer": ["tier-2", "tier-3"],
    "2nd Tuesday, 10:00": [*TIERS, "hybrid"],
    "Routine deployments": ["hybrid"],  # what the buyer's people keep
    "Month to month": ["retained-advisory"],
    "4 weeks to 6 months": ["project-based"],
    "Monday to Friday, 8:00 to 18:00": ["managed-business-hours"],
    "Every day, 7:00 to 23:00": ["managed-extended-hours"],
    "24 hours a day, 365 days a year": ["managed-premium"],
    "Critical: within 4 hours": ["managed-business-hours"],
    "Critical: within 2 hours": ["managed-extended-hours"],
    "Critical: within 30 minutes": ["managed-premium"],
    "Fixed maintenance moments": ["level-1"],
    "Response inside working windows": ["level-2"],
    "Response and delivery help inside working windows": ["level-3"],
    "from EUR 1,990 per month": ["level-1"],
    "Maintenance moment": [*LEVELS],
}
"""Words of an offer, and whose brief may say them."""


@pytest.mark.parametrize("engagement", OUTCOMES)
def test_a_brief_tells_its_own_offer_and_no_other(engagement: str) -> None:
    text = brief_text(brief(engagement))
    told = {words for words in OWN if words in text}
    assert told == {words for words, models in OWN.items() if engagement in models}


@pytest.mark.parametrize("engagement", OUTCOMES)
def test_a_brief_has_the_sections_of_its_offer(engagement: str) -> None:
    told = headings(brief(engagement))
    runs = {*RUN, *MANAGED, *LEVELS}
    assert (SECTIONS["training"] in told) == (engagement == "handover")
    assert (SECTIONS["service level"] in told) == (engagement in runs)
    assert SECTIONS["who"] in told or engagement == "emergency-support"


# ---- The handover pack -----------------------------------------------------------------------

CHECKLISTS: dict[str, dict[str, tuple[tuple[str, ...], dict[str, int]]]] = {
    CARE: {
        "before-handover": (
            BOTH,
            {
                "infrastructure": 12,
                "security": 11,
                "testing": 10,
                "documentation": 11,
                "training": 6,
                "accounts": 8,
                "approval": 6,
            },
        ),
        "managed-setup": (
            TIERS,
            {
                "day-1": 6,
                "day-2": 6,
                "day-3": 6,
                "day-4": 7,
                "day-5": 7,
                "days-6-7": 8,
                "day-8": 5,
                "day-9": 6,
                "day-10": 7,
            },
        ),
        "managed-transition": (TIERS, {"contract": 9, "set-up": 9, "taking-over": 9}),
        "managed-month": (
            TIERS,
            {
                "week-1": 7,
                "week-2": 6,
                "week-3": 6,
                "review": 7,
                "calendar": 6,
                "documents": 6,
            },
        ),
        "incidents": (TIERS, {"critical": 11, "high": 7, "medium": 6}),
        "handover-preparation": (
            ("handover",),
            {
                "day-1-documents": 9,
                "day-1-runbooks": 10,
                "day-1-vault": 9,
                "day-2": 6,
                "day-3": 6,
                "day-4": 7,
                "day-5": 6,
            },
        ),
        "handover-training": (
            ("handover",),
            {
                "overview": 4,
                "deployment": 4,
                "incident-response": 6,
                "monitoring": 2,
                "backup": 4,
                "security-practice": 3,
            },
        ),
        "handover-support": (
            ("handover",),
            {"support-1": 4, "support-2": 3, "support-3": 3, "support-4": 6},
        ),
        "handover-transition": (
            ("handover",),
            {"before": 8, "during": 8, "after": 8, "consulting": 7},
        ),
        "hybrid-setup": (
            ("hybrid",),
            {"ours": 5, "yours": 5, "agreement": 3, "technical": 4, "passing-on": 6},
        ),
        "hybrid-operation": (("hybrid",), {"month": 6, "quarter": 6}),
        "delivery-managed": (TIERS, {"delivered": 7}),
        "delivery-handover": (
            ("handover",),
            {"papers": 7, "keys": 5, "material": 4, "knowledge": 4, "closing": 7},
        ),
        "delivery-hybrid": (("hybrid",), {"contractual": 4, "for-your-part": 4, "invoices": 2}),
    },
    PARTNERS: {
        "getting-started": ((), {"call": 3, "discovery": 4, "proposal": 5}),
        "retainer-start": (("retained-advisory",), {"terms": 5, "context": 5}),
        "retainer-close": (("retained-advisory",), {"review": 4, "end": 3}),
        "project-kickoff": (("project-based",), {"meeting": 4, "protocol": 5}),
        "project-delivery": (("project-based",), {"milestone": 6}),
        "project-handoff": (
            ("project-based",),
            {"delivery": 3, "knowledge": 3, "afterwards": 3},
        ),
        "managed-assessment": (MANAGED, {"assessment": 5, "onboarding": 6}),
        "managed-transition": (MANAGED, {"beside": 3, "in-charge": 4}),
        "managed-rhythm": (MANAGED, {"month": 3, "quarter": 4}),
        "extended-rhythm": (MANAGED[1:], {"optimization": 2}),
        "premium-rhythm": (MANAGED[2:], {"account-team": 2, "week": 2}),
        "managed-end": (MANAGED, {"notice": 5}),
    },
    PLATFORM: {
        "onboarding": (
            (),
            {"scope": 3, "clusters": 4, "repositories": 3, "contact-lines": 4, "calendar": 3},
        ),
        "alert-routing": (LEVELS[1:], {"alerts": 4}),
        "delivery-onboarding": (LEVELS[2:], {"delivery": 4}),
        "recurring": ((), {"before": 2, "during": 3, "after": 3}),
    },
}
"""Each checklist: the engagement models it is for (all where none is named), and its groups."""

STAGES = {
    "before handover": dict.fromkeys(BOTH, "before-handover"),
    "set-up or training": {
        "handover": "handover-training",
        **dict.fromkeys(TIERS, "managed-setup"),
        "hybrid": "hybrid-setup",
    },
    "transition": {
        "handover": "handover-transition",
        **dict.fromkeys(TIERS, "managed-transition"),
        "hybrid": "hybrid-setup/passing-on",  # the source has both in one list
    },
    "operation": {
        "handover": "handover-support",
        **dict.fromkeys(TIERS, "managed-month"),
        "hybrid": "hybrid-operation",
    },
    "final delivery": {
        "handover": "delivery-handover",
        **dict.fromkeys(TIERS, "delivery-managed"),
        "hybrid": "delivery-hybrid",
    },
}


@pytest.mark.parametrize("playbook", [CARE, PARTNERS, PLATFORM])
def test_checklists_with_the_number_of_their_items(playbook: str) -> None:
    shipped = {
        checklist.key: (
            set(checklist.engagements),
            {group.key: len(group.items) for group in checklist.groups},
        )
        for checklist in rulebook_of(playbook).playbook.checklists
    }
    assert shipped == {
        key: (set(models), groups) for key, (models, groups) in CHECKLISTS[playbook].items()
    }


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("engagement", BOTH)
def test_each_stage_of_the_way_has_a_checklist(engagement: str, stage: str) -> None:
    key, _, group = STAGES[stage][engagement].partition("/")
    checklists = {
        one.key: one
        for one in rulebook_of(CARE).playbook.checklists
        if engagement in one.engagements
    }
    assert key in checklists
    assert not group or group in {one.key for one in checklists[key].groups}


@pytest.mark.django_db
@pytest.mark.parametrize("engagement", [key for key in OUTCOMES if key != "emergency-support"])
def test_a_pack_has_the_checklists_of_its_offer_with_every_item(engagement: str) -> None:
    playbook = OUTCOMES[engagement][0]
    expected = [
        sum(groups.values())
        for models, groups in CHECKLISTS[playbook].values()
        if not models or engagement in models
    ]
    pack = pack_of(decided(engagement))
    assert [sheet.count for sheet in pack.sheets] == expected
    text = text_of(pack.printout)
    lines = [line.words for sheet in pack.sheets for group in sheet.groups for line in group.lines]
    assert len(lines) == sum(expected)
    assert [words for words in lines if words not in text] == []


# ---- The operations manual -------------------------------------------------------------------

CHAPTERS: dict[str, dict[str, tuple[tuple[str, ...], tuple[int, int, int]]]] = {
    CARE: {
        "people": (BOTH, (4, 0, 0)),
        "reporting": (RUN, (0, 7, 0)),
        "escalation-facts": (RUN, (1, 0, 0)),
        "maintenance": (RUN, (1, 3, 0)),
        "changes": (RUN, (0, 5, 0)),
        "monitoring": (RUN, (2, 7, 0)),
        "reports": (RUN, (0, 3, 0)),
        "known-issues": (RUN, (0, 0, 4)),
        "covered-managed": (TIERS, (0, 3, 0)),
        "covered-hybrid": (("hybrid",), (0, 4, 0)),
        "what-to-expect": (RUN, (0, 8, 0)),
        "after-handover": (("handover",), (2, 5, 0)),
    },
    PARTNERS: {
        "service": (MANAGED, (4, 0, 0)),
        "contacts": (MANAGED, (5, 0, 0)),
        "reporting": (MANAGED, (0, 5, 0)),
        "outside-hours": (MANAGED[:2], (0, 2, 0)),
        "maintenance": (MANAGED, (3, 2, 0)),
        "reviews": (MANAGED, (0, 2, 0)),
    },
    PLATFORM: {
        "contacts": ((), (4, 3, 0)),
        "covered": ((), (3, 2, 0)),
        "windows": (LEVELS[1:], (2, 2, 0)),
        "reporting": ((), (0, 4, 0)),
        "known-signs": (LEVELS[1:], (0, 0, 3)),
        "known-deliveries": (LEVELS[2:], (2, 0, 2)),
    },
}
"""Each chapter: the engagement models it is for, and how many facts, points and issues it has."""

MANUALS = [
    key
    for key in OUTCOMES
    if key not in {"emergency-support", "retained-advisory", "project-based"}
]
IN_MANUAL = {
    "Week 1": [*TIERS],
    "87.6 hours a year": ["tier-1"],
    "43.8 hours a year": ["tier-2"],
    "8.8 hours a year": ["tier-3"],
    "24 to 48 hours": ["tier-1"],
    "4 hours at the latest": ["tier-2"],
    "within 15 minutes, at any hour": ["tier-3", "hybrid"],
    "25 % of the month": ["tier-2", "tier-3"],
    "30 % of the retainer": ["tier-2", "tier-3"],
    "No contact within 5 minutes": ["tier-2", "tier-3", "hybrid"],
    "2nd Tuesday": [*RUN],
    "5th of each month": [*RUN],
    "2:00 to 4:00": [*RUN],  # the maintenance window
    "48 hours before": [*RUN],
    "alert above 85 %": [*RUN],
    "alert above 90 %": [*RUN],
    "Error 503": [*RUN],
    "1 to 4 hours until": [*RUN],
    "AUD 150 to 250 an hour": ["handover"],
    "AUD 250 to 500 an hour": ["handover"],
    "AUD 150 an hour": ["hybrid"],
    "Monday to Friday, 8:00 to 18:00": ["managed-business-hours"],
    "Every day, 7:00 to 23:00": ["managed-extended-hours"],
    "24 hours a day, 365 days a year": ["managed-premium"],
    "Notice is usually 90 days": [*MANAGED],
    "Fixed maintenance moments": ["level-1"],
    "Pods stay pending": ["level-2", "level-3"],
    "A pipeline stops": ["level-3"],
}


@pytest.mark.parametrize("playbook", [CARE, PARTNERS, PLATFORM])
def test_chapters_of_the_manual_with_what_is_in_them(playbook: str) -> None:
    shipped = {
        chapter.key: (
            set(chapter.engagements),
            (len(chapter.facts), len(chapter.points), len(chapter.issues)),
        )
        for chapter in rulebook_of(playbook).playbook.chapters
    }
    assert shipped == {
        key: (set(models), counts) for key, (models, counts) in CHAPTERS[playbook].items()
    }


@pytest.mark.django_db
@pytest.mark.parametrize("engagement", MANUALS)
def test_a_manual_tells_its_own_offer_and_no_other(engagement: str) -> None:
    manual = manual_of(decided(engagement))
    assert [section.key for section in manual.sections] == [
        key
        for key, (models, _) in CHAPTERS[OUTCOMES[engagement][0]].items()
        if not models or engagement in models
    ]
    text = text_of(manual.printout)
    told = {words for words in IN_MANUAL if words in text}
    assert told == {words for words, models in IN_MANUAL.items() if engagement in models}
