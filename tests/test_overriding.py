"""What follows when a consultant starts with another engagement model."""

import pytest
from hypothesis import given

from advisor.playbook import Phase
from advisor.rules.overriding import override
from tests.factories import (
    BOTH,
    Document,
    advised,
    emergency_offer,
    small_rulebook,
    strict_shop,
    wanting,
)
from tests.generated import holds
from tests.oracle import Case, cases, cover, demands_of, in_phase

Told = tuple[list[tuple[str, tuple[str, ...]]], tuple[str, ...]]


def told(engagement: str, answers: Document, **changes: object) -> Told:
    """The steps with what each carries, and what is not carried, of the small playbook."""
    chosen = override(small_rulebook(**changes), advised(answers, **changes), engagement)
    return [(step.engagement, step.carries) for step in chosen.steps], chosen.uncarried


def test_it_works() -> None:
    steps, uncarried = told("audit", BOTH)
    assert steps == [("audit", ("evidence",)), ("project", ("outcome",))]
    assert uncarried == ()


@pytest.mark.parametrize(
    ("engagement", "answers", "expected"),
    [
        pytest.param(
            "retainer",
            {"cause": "unknown", "work": "nothing"},
            ([("retainer", ("evidence",))], ()),
            id="larger than needed",
        ),
        pytest.param(
            "project",
            {"cause": "unknown", "work": "nothing"},
            ([("project", ())], ("evidence",)),
            id="what belongs before it is put aside",
        ),
        pytest.param(
            "retainer",
            {"cause": "unknown", "work": "build", "money": "one-off"},
            ([("retainer", ("evidence", "outcome"))], ()),
            id="ruled out by the answers, but chosen",
        ),
        pytest.param(
            "project",
            {"cause": "known", "work": "nothing"},
            ([("project", ())], ()),
            id="nothing is demanded",
        ),
    ],
)
def test_what_is_left_is_decided_by_the_rules(
    engagement: str, answers: Document, expected: Told
) -> None:
    assert told(engagement, answers) == expected


def test_what_nothing_carries_is_named() -> None:
    answers = {"cause": "unknown", "work": "build", "money": "one-off"}
    assert told("audit", answers, **strict_shop()) == ([("audit", ("evidence",))], ("outcome",))


def test_an_emergency_put_aside_is_named_and_not_planned_for_later() -> None:
    offer = emergency_offer()
    urgent = wanting("stabilisation", "evidence", "outcome", of=offer)
    chosen = override(small_rulebook(**offer), urgent, "audit")
    assert [step.engagement for step in chosen.steps] == ["audit", "partner"]
    assert chosen.uncarried == ("stabilisation",)


def test_an_engagement_model_of_another_playbook_is_refused() -> None:
    with pytest.raises(KeyError):
        told("spaceship", BOTH)


@holds(150)
@given(cases())
def test_each_need_is_carried_by_one_step_or_named(case: Case) -> None:
    recommendation = case.recommend(case.answers)
    demanded = [need.need for need in recommendation.needs]
    live = recommendation.counted
    ruled_out = demands_of(case.playbook, live)[1]
    for model in case.playbook.engagements:
        chosen = override(case.rulebook, recommendation, model.key)
        first, *later = chosen.steps
        assert first.engagement == model.key
        carried = [need for step in chosen.steps for need in step.carries]
        assert sorted([*carried, *chosen.uncarried]) == sorted(demanded)
        for step in chosen.steps:
            assert set(step.carries) <= set(case.playbook.engagement(step.engagement).carries)
        left = set(demanded) - set(model.carries)
        earlier = [phase for phase in Phase if phase.rank < model.phase.rank]
        aside = {need for phase in earlier for need in in_phase(case.playbook, left, phase)}
        expected = cover(case.playbook, left - aside, {*ruled_out, model.key})
        assert [step.engagement for step in later] == (expected or [])
        assert set(chosen.uncarried) == (left if expected is None else aside)
