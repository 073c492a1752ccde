"""What the shipped playbooks decide, and why, scenario by scenario."""

from collections import Counter
from pathlib import Path

import pytest

from advisor.rules import recommend
from advisor.rules.scope import service_paths_of
from tests.scenarios import PLAYBOOKS, Scenario, all_scenarios, rulebook_of

SCENARIOS = all_scenarios()

FEWEST = {
    "application-care": 103,
    "consulting-partnership": 68,
    "infrastructure-services": 53,
    "platform-support": 41,
}
"""How many scenarios each playbook had when this was written; more are welcome."""

GUIDES = {
    "application-care": {"framework": 14, "responsibilities": 11, "best-for": 15},
    "consulting-partnership": {"ideal-for": 18, "sla-tiers": 3, "combinations": 6},
    "infrastructure-services": {"buying-signals": 7, "choosing-between-models": 8},
    "platform-support": {"levels": 3, "examples": 5, "next-step": 3},
}
"""How many rows each table of a playbook's source has."""

CONTRADICTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "application-care": {
        "uptime-99-95": (),
        "uptime-99-99": (),
        "between-6000-and-8000": (),
        "no-staff-and-not-critical": ("tier-1",),
        "overwhelmed-and-not-critical": ("tier-1",),
        "handover-to-nobody": (),
        "uptime-in-a-split": (),
        "credits-in-a-split": (),
        "one-off-budget": ("handover",),
        "production-down": ("emergency-support",),
    },
}
"""Where a source contradicts itself, and what is recommended then; nothing: a named conflict."""

NOT_OFFERED = {
    "application-care": {"uptime-beyond"},
    "consulting-partnership": {
        "stabilisation",
        "within-minutes",
        "monthly-hands",
        "promise-for-others",
    },
    "platform-support": {
        "stabilisation",
        "platform-project",
        "application-work",
        "other-surface",
        "delivery-only",
        "open-advice",
        "sla",
        "round-the-clock",
    },
}
"""What buyers ask for and nobody here sells."""


def test_it_works() -> None:
    counts = Counter(scenario.playbook for scenario in SCENARIOS)
    assert set(counts) == set(FEWEST) == {path.stem for path in PLAYBOOKS}
    assert {name: count for name, count in counts.items() if count < FEWEST[name]} == {}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_recommends_with_reasons(scenario: Scenario) -> None:
    rulebook = rulebook_of(scenario.playbook)
    recommendation = recommend(rulebook, scenario.answers)

    assert recommendation.outcome is not None, f"open: {recommendation.remaining}"
    assert recommendation.outcome.engagements == scenario.engagements
    assert tuple(fired.signal for fired in recommendation.signals) == scenario.signals
    if scenario.kind:
        assert recommendation.outcome.kind == scenario.kind
    if scenario.needs is not None:
        assert tuple(need.need for need in recommendation.needs) == scenario.needs
    if scenario.readiness is not None:
        in_place = {r.prerequisite: r.status for r in recommendation.readiness}
        assert in_place == scenario.readiness
    if scenario.services is not None:
        first = recommendation.steps[0].engagement
        [path] = service_paths_of(rulebook.playbook, first, scenario.answers)
        assert path.services == scenario.services
    if scenario.conflict is not None:
        assert recommendation.conflict is not None
        named = {a.question: ",".join(a.options) for a in recommendation.conflict.answers}
        assert named == scenario.conflict


def rows_to_cover(playbook_name: str) -> dict[str, tuple[str, ...]]:
    """Each row of a playbook's tables, with the engagement models that it names."""
    playbook = rulebook_of(playbook_name).playbook
    return {
        **{f"{g.key}/{row.key}": row.start_with for g in playbook.guides for row in g.rows},
        **{f"prerequisites/{m.key}": (m.key,) for m in playbook.engagements},
        **{f"service-paths/{p.key}": (p.engagement,) for p in playbook.service_paths},
        **{f"contradictions/{name}": m for name, m in CONTRADICTIONS.get(playbook.key, {}).items()},
    }


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_every_row_of_every_table_has_scenarios(path: Path) -> None:
    for row, engagements in rows_to_cover(path.stem).items():
        scenarios = [s for s in SCENARIOS if s.playbook == path.stem and s.row == row]
        assert scenarios, f"{row} has no scenario"
        recommended = {key for scenario in scenarios for key in scenario.engagements}
        assert set(engagements) <= recommended, f"{row}: {engagements} are not all recommended"


@pytest.mark.parametrize("playbook", GUIDES)
def test_the_guides_have_every_row_of_the_source(playbook: str) -> None:
    guides = rulebook_of(playbook).playbook.guides
    assert {guide.key: len(guide.rows) for guide in guides} == GUIDES[playbook]


@pytest.mark.parametrize(
    ("playbook", "name"), [(key, name) for key, names in CONTRADICTIONS.items() for name in names]
)
def test_a_contradiction_that_nothing_resolves_is_a_named_conflict(
    playbook: str, name: str
) -> None:
    row = f"contradictions/{name}"
    scenarios = [s for s in SCENARIOS if (s.playbook, s.row) == (playbook, row)]
    assert scenarios
    if not CONTRADICTIONS[playbook][name]:
        assert {s.kind for s in scenarios} == {"conflict"}
        assert all(s.conflict for s in scenarios)


@pytest.mark.parametrize("playbook", GUIDES)
def test_what_is_not_offered_ends_in_a_conflict(playbook: str) -> None:
    needs = {need.key for need in rulebook_of(playbook).playbook.needs if not need.offered}
    assert needs == NOT_OFFERED.get(playbook, set())
    conflicts = [s for s in SCENARIOS if s.playbook == playbook and s.kind == "conflict"]
    assert needs <= {need for scenario in conflicts for need in scenario.needs or ()}


def test_no_scenario_is_of_a_row_that_is_gone() -> None:
    for scenario in SCENARIOS:
        assert not scenario.row or scenario.row in rows_to_cover(scenario.playbook), scenario


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_at_least_three_buyer_stories_are_told_and_judged(path: Path) -> None:
    stories = [s for s in SCENARIOS if s.playbook == path.stem and s.texts]
    assert len(stories) >= 3
    for story in stories:
        assert set(story.texts) == {"title", "story", "why"}, story
        assert all(text.strip() for text in story.texts.values()), story


def test_twelve_stories_were_decided_without_the_rules() -> None:
    stories = [s for s in SCENARIOS if s.playbook == "infrastructure-services" and s.texts]

    assert len(stories) == 12
    recommended = {key for story in stories for key in story.engagements}
    assert recommended == {
        model.key for model in rulebook_of("infrastructure-services").playbook.engagements
    }
    assert {story.kind for story in stories} == {"single", "pathway", "entry", "conflict"}
