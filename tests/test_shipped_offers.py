"""What the shipped playbooks say of each offer: the figures and tables that must not get lost.

Sentences may be reworded; a figure, a party, a row or a list that is gone is a changed offer.
"""

import re
from collections import Counter
from itertools import chain

import pytest

from advisor.offers import Party, ServiceLevel
from advisor.playbook import EngagementModel
from tests.scenarios import PLAYBOOKS, rulebook_of

CARE = "application-care"
PARTNERS = "consulting-partnership"
PLATFORM = "platform-support"
SERVICES = "infrastructure-services"

TIERS = ("tier-1", "tier-2", "tier-3")
MANAGED = ("managed-business-hours", "managed-extended-hours", "managed-premium")
LEVELS = ("level-1", "level-2", "level-3")
SERVICES_THAT_END = ("audit", "architecture-review", "hourly-package", "emergency-response")
SERVICES_THAT_GO_ON = (
    "implementation-project",
    "modernization-project",
    "retained-engineering",
    "managed-operation",
)


def offer(playbook: str, key: str) -> EngagementModel:
    """One engagement model of a shipped playbook."""
    return rulebook_of(playbook).playbook.engagement(key)


def service_level(playbook: str, key: str) -> ServiceLevel:
    level = offer(playbook, key).service_level
    assert level
    return level


def test_it_works() -> None:
    assert {path.stem for path in PLAYBOOKS} == {CARE, PARTNERS, PLATFORM, SERVICES}


# ---- What is said of which engagement model --------------------------------------------------

ALWAYS = {"covers", "responsibilities", "process", "escalation_path"}
SAID = {
    (CARE, "handover"): {*ALWAYS, "other_prices", "separate_scope", "training"},
    **{
        (CARE, key): {*ALWAYS, "other_prices", "separate_scope", "service_level"}
        for key in (*TIERS, "hybrid")
    },
    (CARE, "emergency-support"): {*ALWAYS, "other_prices"},
    (PARTNERS, "retained-advisory"): {*ALWAYS, "separate_scope"},
    (PARTNERS, "project-based"): {*ALWAYS, "separate_scope", "follow_on"},
    **{(PARTNERS, key): {*ALWAYS, "separate_scope", "service_level"} for key in MANAGED},
    **{(PLATFORM, key): {*ALWAYS, "separate_scope", "service_level"} for key in LEVELS},
    **{(SERVICES, key): set() for key in SERVICES_THAT_END},
    **{(SERVICES, key): {"follow_on"} for key in SERVICES_THAT_GO_ON},
}
OPTIONAL = set(chain.from_iterable(SAID.values()))


def test_no_engagement_model_is_left_out_here() -> None:
    shipped = {
        (path.stem, model.key)
        for path in PLAYBOOKS
        for model in rulebook_of(path.stem).playbook.engagements
    }
    assert shipped == set(SAID)


@pytest.mark.parametrize(("playbook", "key"), SAID, ids=lambda value: value)
def test_each_engagement_model_says_all_that_belongs_to_it(playbook: str, key: str) -> None:
    model = offer(playbook, key)
    assert {part for part in OPTIONAL if getattr(model, part)} == SAID[playbook, key]
    for part in ("good_fit", "deliverables", "boundaries", "cadence", "first_services"):
        assert getattr(model, part), part


ROWS = {
    (CARE, "handover"): (4, 3, 6, 4, 3),
    (CARE, "tier-1"): (5, 3, 3, 7, 3),
    (CARE, "tier-2"): (6, 2, 3, 8, 2),
    (CARE, "hybrid"): (8, 2, 4, 5, 3),
    (CARE, "tier-3"): (7, 1, 3, 9, 3),
    (CARE, "emergency-support"): (3, 0, 3, 2, 1),
    (PARTNERS, "retained-advisory"): (7, 3, 5, 3, 2),
    (PARTNERS, "project-based"): (6, 3, 5, 5, 2),
    (PARTNERS, "managed-business-hours"): (6, 3, 5, 3, 3),
    (PARTNERS, "managed-extended-hours"): (6, 3, 5, 3, 3),
    (PARTNERS, "managed-premium"): (6, 3, 5, 4, 3),
    (PLATFORM, "level-1"): (5, 5, 2, 4, 3),
    (PLATFORM, "level-2"): (4, 5, 3, 5, 3),
    (PLATFORM, "level-3"): (6, 5, 3, 5, 3),
}
"""How many rows of covers, separate scope, process, cadence and escalation path."""


@pytest.mark.parametrize(("playbook", "key"), ROWS, ids=lambda value: value)
def test_no_row_of_an_offer_is_lost(playbook: str, key: str) -> None:
    model = offer(playbook, key)
    parts = (model.covers, model.separate_scope, model.process, model.cadence)
    assert (*map(len, parts), len(model.escalation_path)) == ROWS[playbook, key]


# ---- Prices ----------------------------------------------------------------------------------

PRICES = {
    (CARE, "handover"): "AUD 10,000 to 25,000 per handover",
    (CARE, "tier-1"): "AUD 500 to 1,000 per month",
    (CARE, "tier-2"): "AUD 2,000 to 4,000 per month",
    (CARE, "hybrid"): "AUD 3,000 to 6,000 per month",
    (CARE, "tier-3"): "AUD 8,000 to 15,000 per month",
    (CARE, "emergency-support"): "AUD 250 to 500 per hour",
    (PLATFORM, "level-1"): "from EUR 1,990 per month",
    (SERVICES, "audit"): "EUR 6,000 to 14,000 per audit",
    (SERVICES, "architecture-review"): "EUR 5,000 to 12,000 per decision",
    (SERVICES, "hourly-package"): "EUR 3,200 to 12,800 per package",
    (SERVICES, "implementation-project"): "EUR 15,000 to 60,000 per project",
    (SERVICES, "modernization-project"): "EUR 40,000 to 180,000 per project",
    (SERVICES, "retained-engineering"): "EUR 4,500 to 18,000 per month",
    (SERVICES, "managed-operation"): "from EUR 6,500 per month",
    (SERVICES, "emergency-response"): "EUR 260 per engineer and hour",
}
"""Whatever is not here has no price, because its source names none."""


@pytest.mark.parametrize(("playbook", "key"), SAID, ids=lambda value: value)
def test_prices(playbook: str, key: str) -> None:
    price = offer(playbook, key).price
    assert (str(price) if price else None) == PRICES.get((playbook, key))


@pytest.mark.parametrize(
    ("key", "prices"),
    [
        (
            "handover",
            [
                "AUD 10,000 once",
                "AUD 15,000 once",
                "AUD 25,000 once",
                "AUD 150 to 250 per hour",
                "AUD 250 to 500 per hour",
            ],
        ),
        *((tier, ["AUD 150 to 250 per hour"]) for tier in TIERS),
        ("hybrid", ["AUD 150 per hour"]),
        ("emergency-support", ["AUD 150 to 250 per hour"]),
    ],
)
def test_what_else_costs_something(key: str, prices: list[str]) -> None:
    assert [str(other).rpartition(": ")[2] for other in offer(CARE, key).other_prices] == prices


def test_a_handover_is_consulting_or_an_emergency_by_the_hour_afterwards() -> None:
    *_, consulting, emergency = map(str, offer(CARE, "handover").other_prices)
    assert "onsulting" in consulting
    assert "mergency" in emergency


# ---- Training and support of a handover ------------------------------------------------------


def test_training_of_a_handover() -> None:
    training = offer(CARE, "handover").training
    assert [session.hours for session in training] == [4, 4, 4, 2, 2, 2]
    assert sum(session.hours for session in training) == 18
    assert [len(session.topics) for session in training] == [4, 3, 5, 2, 3, 3]


def test_support_after_a_handover_lasts_four_weeks() -> None:
    process = offer(CARE, "handover").process
    support = [re.findall(r"week (\d) of 4", phase.title) for phase in process]
    assert support == [[], [], ["1"], ["2"], ["3"], ["4"]]
    assert [len(phase.activities) for phase in process] == [5, 6, 3, 2, 2, 2]


# ---- Service levels --------------------------------------------------------------------------

UPTIME = {"tier-1": ("99", 87.6), "tier-2": ("99.5", 43.8), "tier-3": ("99.9", 8.8)}
RESPONSES = {
    (CARE, "tier-1"): [["24 to 48 hours"], ["24 to 48 hours"]],
    (CARE, "tier-2"): [["1 hour", "4 hours"], ["4 hours"], ["24 hours"], ["1 week"]],
    (CARE, "tier-3"): [["15 minutes", "any hour"], ["4 hours"], ["24 hours"], ["1 week"]],
    (CARE, "hybrid"): [["15 minutes", "any hour"], ["1 hour"]],
    (PARTNERS, "managed-business-hours"): [["4 hours"]],
    (PARTNERS, "managed-extended-hours"): [["2 hours"]],
    (PARTNERS, "managed-premium"): [["30 minutes"]],
    # Nothing in minutes or hours that the source does not promise.
    **{(PLATFORM, level): [] for level in LEVELS},
}
RESOLUTIONS = [["4 hours"], ["8 hours"], ["48 hours"], ["agree"]]
COVERAGE = {
    (CARE, "tier-1"): ["9:00 to 17:00", "Sydney"],
    (CARE, "tier-2"): ["9:00 to 17:00", "Sydney", "hotline"],
    (CARE, "tier-3"): ["round the clock"],
    (CARE, "hybrid"): ["round the clock", "critical"],
    (PARTNERS, "managed-business-hours"): ["Monday to Friday", "8:00 to 18:00"],
    (PARTNERS, "managed-extended-hours"): ["Every day", "7:00 to 23:00"],
    (PARTNERS, "managed-premium"): ["24 hours a day", "365 days"],
    (PLATFORM, "level-1"): ["Fixed maintenance moments", "agreed"],
    (PLATFORM, "level-2"): ["Response", "windows", "agreed"],
    (PLATFORM, "level-3"): ["delivery", "windows", "agreed"],
}


@pytest.mark.parametrize(("playbook", "key"), RESPONSES, ids=lambda value: value)
def test_response_within(playbook: str, key: str) -> None:
    told = [severity.response for severity in service_level(playbook, key).severities]
    assert len(told) == len(RESPONSES[playbook, key])
    for response, figures in zip(told, RESPONSES[playbook, key], strict=True):
        assert [figure for figure in figures if figure not in response] == [], response


@pytest.mark.parametrize(("playbook", "key"), COVERAGE, ids=lambda value: value)
def test_coverage(playbook: str, key: str) -> None:
    level = service_level(playbook, key)
    assert [words for words in COVERAGE[playbook, key] if words not in level.coverage] == []
    assert level.channels


@pytest.mark.parametrize("tier", ["tier-2", "tier-3"])
def test_what_is_critical_is_solved_and_told_at_a_fixed_pace(tier: str) -> None:
    severities = service_level(CARE, tier).severities
    for severity, figures in zip(severities, RESOLUTIONS, strict=True):
        assert severity.resolution
        assert [figure for figure in figures if figure not in severity.resolution] == []
    assert [severity.updates for severity in severities] == [
        "every 30 minutes",
        "every 4 hours",
        None,
        None,
    ]


@pytest.mark.parametrize(("playbook", "key"), RESPONSES, ids=lambda value: value)
def test_uptime_is_promised_by_the_tiers_alone(playbook: str, key: str) -> None:
    level = service_level(playbook, key)
    assert (level.uptime, level.downtime_hours) == UPTIME.get(key, (None, None))


@pytest.mark.parametrize(("playbook", "key"), RESPONSES, ids=lambda value: value)
def test_credits_are_paid_from_tier_2_on(playbook: str, key: str) -> None:
    level = service_level(playbook, key)
    told = [re.findall(r"\d+ %", one.credit) for one in level.credits]
    limit = re.findall(r"\d+ %", level.credit_limit or "")
    paid = ([["5 %"], ["10 %"], ["25 %"]], ["30 %"])
    assert (told, limit) == (paid if key in {"tier-2", "tier-3"} else ([], []))


# ---- How it goes -----------------------------------------------------------------------------


@pytest.mark.parametrize("tier", TIERS)
def test_a_tier_is_set_up_in_two_weeks(tier: str) -> None:
    first, second, taking_over = offer(CARE, tier).process
    days = [
        {int(day) for line in phase.activities for day in re.findall(r"\d+", line.split(":")[0])}
        for phase in (first, second)
    ]
    assert days == [{1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}]
    assert "Weeks 2 to 4" in (taking_over.when or "")


@pytest.mark.parametrize(
    ("key", "rhythm"),
    [
        ("tier-1", ["Week 1", "Week 2", "5th", "2nd Tuesday, 10:00", "1st", "quarter", "year"]),
        (
            "tier-2",
            [
                *["Week 1", "Week 2", "Week 3", "5th", "2nd Tuesday, 10:00", "1st"],
                *["quarter", "year"],
            ],
        ),
        (
            "tier-3",
            [
                *["Week 1", "Week 2", "Week 3", "5th", "2nd Tuesday, 10:00", "1st"],
                *["quarter", "any hour", "Each week"],
            ],
        ),
        ("hybrid", ["any hour", "month", "5th", "2nd Tuesday, 10:00", "quarter"]),
    ],
)
def test_the_rhythm_of_care(key: str, rhythm: list[str]) -> None:
    whens = [entry.when for entry in offer(CARE, key).cadence]
    assert len(whens) == len(rhythm)
    assert [words for words in rhythm if not any(words in when for when in whens)] == []


@pytest.mark.parametrize("model", [m.key for m in rulebook_of(PARTNERS).playbook.engagements])
def test_each_way_of_working_has_five_steps(model: str) -> None:
    process = offer(PARTNERS, model).process
    assert len(process) == 5
    assert all(phase.summary for phase in process)


@pytest.mark.parametrize(
    ("playbook", "activities"), [(PARTNERS, [5, 5, 5, 5]), (PLATFORM, [4, 3, 3]), (SERVICES, [])]
)
def test_the_process_of_a_playbook(playbook: str, activities: list[int]) -> None:
    process = rulebook_of(playbook).playbook.process
    assert [len(phase.activities) for phase in process] == activities
    assert all(phase.summary and phase.outcome for phase in process)


def test_how_application_care_begins() -> None:
    process = rulebook_of(CARE).playbook.process
    assert [len(phase.activities) for phase in process] == [4, 0, 4, 4]
    assert all(phase.when and phase.outcome for phase in process)
    assert [
        words
        for p, words in zip(
            process, ["30 minutes", "48 hours", "1 to 2 hours", "1 hour"], strict=True
        )
        if words not in (p.when or "")
    ] == []


@pytest.mark.parametrize(
    ("key", "duration", "rhythm"),
    [
        ("retained-advisory", "Month to month", ["Monthly or quarterly"]),
        ("project-based", "4 weeks to 6 months", ["Every working day", "Weekly", "Monthly"]),
        ("managed-business-hours", "90 days", ["Monthly", "Quarterly"]),
        ("managed-extended-hours", "90 days", ["Monthly", "Quarterly"]),
        ("managed-premium", "90 days", ["Weekly", "Monthly", "Quarterly"]),
    ],
)
def test_how_long_a_way_of_working_lasts_and_when_it_meets(
    key: str, duration: str, rhythm: list[str]
) -> None:
    model = offer(PARTNERS, key)
    assert duration in model.duration
    assert set(rhythm) <= {entry.when for entry in model.cadence}


# ---- Who does what ---------------------------------------------------------------------------

FIRM, NOBODY, EXTRA = Party.FIRM, Party.NOBODY, Party.EXTRA
MATRIX = {
    "Monitoring": [(FIRM, ""), (FIRM, ""), (FIRM, "")],
    "Patching": [(FIRM, ""), (FIRM, ""), (FIRM, "")],
    "Backup and recovery": [(FIRM, ""), (FIRM, ""), (FIRM, "")],
    "Response to incidents": [(FIRM, "business"), (FIRM, "business"), (FIRM, "any hour")],
    "Being there around the clock": [(NOBODY, ""), (NOBODY, ""), (FIRM, "")],
    "Credits for missed promises": [(NOBODY, ""), (FIRM, ""), (FIRM, "")],
    "Performance tuning": [(FIRM, "quarter"), (FIRM, "month"), (FIRM, "month")],
    "Security audits": [(FIRM, "year"), (FIRM, "year"), (FIRM, "quarter")],
    "Training your people": [(EXTRA, ""), (EXTRA, ""), (FIRM, "included")],
    "Architecture review": [(EXTRA, ""), (FIRM, "month"), (FIRM, "week")],
}
"""The ten rows and three tiers of the source, with what is said of how often."""


@pytest.mark.parametrize("task", MATRIX)
@pytest.mark.parametrize("column", range(3), ids=TIERS)
def test_the_matrix_of_the_tiers(column: int, task: str) -> None:
    party, how = MATRIX[task][column]
    [row] = [r for r in offer(CARE, TIERS[column]).responsibilities if r.task == task]
    assert row.party == party
    assert how in (row.note or "")


PARTIES = {
    (CARE, "handover"): {"firm": 3, "both": 1, "buyer": 3, "extra": 2},
    (CARE, "tier-1"): {"firm": 6, "buyer": 1, "extra": 3, "nobody": 2},
    (CARE, "tier-2"): {"firm": 8, "buyer": 1, "extra": 2, "nobody": 1},
    (CARE, "tier-3"): {"firm": 10, "buyer": 1, "extra": 1},
    (CARE, "hybrid"): {"firm": 6, "buyer": 6, "both": 1, "extra": 1, "nobody": 1},
    (CARE, "emergency-support"): {"firm": 1, "buyer": 2, "extra": 1},
    (PARTNERS, "retained-advisory"): {"firm": 3, "buyer": 2, "both": 1, "nobody": 1},
    (PARTNERS, "project-based"): {"firm": 4, "buyer": 3, "both": 1},
    (PARTNERS, "managed-business-hours"): {"firm": 4, "buyer": 3, "both": 2, "nobody": 2},
    (PARTNERS, "managed-extended-hours"): {"firm": 6, "buyer": 3, "both": 1, "nobody": 1},
    (PARTNERS, "managed-premium"): {"firm": 7, "buyer": 3, "both": 1},
    (PLATFORM, "level-1"): {"firm": 3, "buyer": 6, "both": 1, "extra": 3, "nobody": 2},
    (PLATFORM, "level-2"): {"firm": 6, "buyer": 3, "both": 1, "extra": 3, "nobody": 2},
    (PLATFORM, "level-3"): {"firm": 8, "buyer": 1, "both": 1, "extra": 3, "nobody": 2},
}


@pytest.mark.parametrize(("playbook", "key"), PARTIES, ids=lambda value: value)
def test_who_does_how_much(playbook: str, key: str) -> None:
    parties = Counter(row.party.value for row in offer(playbook, key).responsibilities)
    assert parties == PARTIES[playbook, key]


def test_the_split_of_hybrid_care() -> None:
    rows = offer(CARE, "hybrid").responsibilities
    named = {
        party: " ".join(row.task for row in rows if row.party == party).lower()
        for party in (Party.FIRM, Party.BUYER)
    }
    for party, words in (
        (Party.FIRM, ["monitoring", "critical", "patches", "failover", "performance", "backups"]),
        (Party.BUYER, ["deployments", "bugs", "users", "operating system", "small", "documents"]),
    ):
        assert [word for word in words if word not in named[party]] == []


@pytest.mark.parametrize("level", LEVELS)
def test_what_no_support_level_contains(level: str) -> None:
    told = " ".join(scope.what for scope in offer(PLATFORM, level).separate_scope).lower()
    for word in ("extensions", "redesign", "modules", "applications", "emergency"):
        assert word in told


# ---- What is told beside the offers ----------------------------------------------------------


@pytest.mark.parametrize(
    ("playbook", "faqs", "expectations"),
    [(CARE, 5, 7), (PARTNERS, 7, 12), (PLATFORM, 12, 5), (SERVICES, 0, 0)],
)
def test_questions_of_buyers_and_what_they_may_expect(
    playbook: str, faqs: int, expectations: int
) -> None:
    told = rulebook_of(playbook).playbook
    assert (len(told.faqs), len(told.expectations)) == (faqs, expectations)


def test_figures_in_answers_of_consulting_partnership() -> None:
    answers = {faq.key: faq.answer for faq in rulebook_of(PARTNERS).playbook.faqs}
    for key, figures in (
        ("beginning", ["30 to 60 minutes", "5 business days"]),
        ("contracts", ["90 days", "month to month"]),
        ("response", ["same business day", "4 hours", "2 hours", "30 minutes"]),
    ):
        assert [figure for figure in figures if figure not in answers[key]] == []
