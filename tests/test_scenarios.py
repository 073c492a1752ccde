"""What the shipped playbooks decide, and why, scenario by scenario."""

from pathlib import Path

import pytest

from advisor.rules import recommend
from advisor.rules.scope import service_paths_of
from tests.scenarios import PLAYBOOKS, Scenario, all_scenarios, rulebook_of

SCENARIOS = all_scenarios()


def test_it_works() -> None:
    assert len(SCENARIOS) >= 48


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
    }


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_every_row_of_every_table_has_scenarios(path: Path) -> None:
    for row, engagements in rows_to_cover(path.stem).items():
        scenarios = [s for s in SCENARIOS if s.playbook == path.stem and s.row == row]
        assert scenarios, f"{row} has no scenario"
        recommended = {key for scenario in scenarios for key in scenario.engagements}
        assert set(engagements) <= recommended, f"{row}: {engagements} are not all recommended"


def test_no_scenario_is_of_a_row_that_is_gone() -> None:
    for scenario in SCENARIOS:
        assert not scenario.row or scenario.row in rows_to_cover(scenario.playbook), scenario


def test_twelve_stories_were_decided_without_the_rules() -> None:
    stories = [s for s in SCENARIOS if s.playbook == "infrastructure-services" and s.texts]

    assert len(stories) == 12
    recommended = {key for story in stories for key in story.engagements}
    assert recommended == {
        model.key for model in rulebook_of("infrastructure-services").playbook.engagements
    }
    assert {story.kind for story in stories} == {"single", "pathway", "entry", "conflict"}
