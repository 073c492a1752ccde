"""What is decided and why: signals, fit, the smallest cover, pathways (DESIGN 3.1 to 3.4)."""

import pytest

from advisor.loading import document_hash, to_document
from advisor.rules import Recommendation
from tests.factories import (
    BOTH,
    Keys,
    advised,
    conditions,
    decided,
    emergency_offer,
    engagement,
    fired,
    named_in,
    need,
    offer,
    question,
    signal,
    small_document,
    small_playbook,
    steps,
    wanting,
)


def test_it_works() -> None:
    recommendation = advised(BOTH)

    assert decided(recommendation) == ("single", "retainer")
    assert [step.model_dump() for step in recommendation.steps] == [
        {
            "engagement": "retainer",
            "chosen_for": ("evidence", "outcome"),
            "carries": ("evidence", "outcome"),
        }
    ]
    assert fired(recommendation) == ["cause-unknown", "work-to-do"]
    assert recommendation.counted == {
        "cause": ("unknown",),
        "work": ("build",),
        "money": ("monthly",),
    }
    assert recommendation.conflict is None


def test_the_hash_of_the_version_is_carried() -> None:
    playbook = small_playbook()

    recommendation = advised(BOTH)

    assert (recommendation.playbook, recommendation.version) == (
        "small",
        document_hash(to_document(playbook)),
    )


# ---- 3.1 Signals --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "fires"),
    [
        pytest.param({"cause": "unknown", "work": "build"}, True, id="both conditions"),
        pytest.param({"cause": "not-sure", "work": "build"}, True, id="the other option"),
        pytest.param({"cause": "unknown", "work": ["move", "build"]}, True, id="one of several"),
        pytest.param({"cause": "known", "work": "build"}, False, id="only the second"),
        pytest.param({"cause": "unknown", "work": "move"}, False, id="only the first"),
        pytest.param({"cause": "known", "work": "nothing"}, False, id="neither"),
    ],
)
def test_a_signal_fires_when_all_its_conditions_hold(
    answers: dict[str, object], *, fires: bool
) -> None:
    when = {"cause": ["unknown", "not-sure"], "work": ["build"]}
    signals = [signal("blind-work", when, {"evidence": 1})]

    assert fired(advised(answers, signals=signals)) == (["blind-work"] if fires else [])


def test_two_conditions_on_one_question_both_have_to_hold() -> None:
    twice = signal("both-kinds", {"work": ["build"]}, {"outcome": 1})
    twice["when"] += conditions({"work": ["move"]})

    assert fired(advised({"cause": "known", "work": ["build", "move"]}, signals=[twice])) == [
        "both-kinds"
    ]
    assert fired(advised({"cause": "known", "work": ["build"]}, signals=[twice])) == []


def test_a_fired_signal_names_the_answers_that_made_it_fire() -> None:
    when = {"work": ["build", "move"], "cause": ["unknown"]}
    signals = [signal("blind-work", when, {"evidence": 2}, rules_out=["project"])]

    [told] = advised({"cause": "unknown", "work": ["move"]}, signals=signals).signals

    assert told.model_dump() == {
        "signal": "blind-work",
        "answers": (
            {"question": "work", "options": ("move",)},
            {"question": "cause", "options": ("unknown",)},
        ),
        "demands": ({"need": "evidence", "weight": 2},),
        "rules_out": ("project",),
    }


def test_a_fired_signal_names_no_options_that_had_no_part_in_it() -> None:
    signals = [signal("builds", {"work": ["build"]}, {"outcome": 1})]

    [told] = advised({"cause": "known", "work": ["build", "move"]}, signals=signals).signals

    assert [given.options for given in told.answers] == [("build",)]


def test_weights_of_all_signals_that_demand_a_need_add_up() -> None:
    again = signal("work-again", {"work": ["build"]}, {"outcome": 4, "evidence": 2})
    signals = [*small_document()["signals"], again]

    assert [told.model_dump() for told in advised(BOTH, signals=signals).needs] == [
        {"need": "evidence", "weight": 3, "signals": ("cause-unknown", "work-again")},
        {"need": "outcome", "weight": 7, "signals": ("work-to-do", "work-again")},
    ]


# ---- 3.2 Fit and score --------------------------------------------------------------------


def scores(recommendation: Recommendation) -> dict[str, tuple[int, bool]]:
    return {told.engagement: (told.score, told.fits) for told in recommendation.scores}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param(
            BOTH,
            {"audit": (25, False), "project": (75, False), "retainer": (100, True)},
            id="part of the weight, and only all of it fits",
        ),
        pytest.param(
            {**BOTH, "work": "nothing"},
            {"audit": (100, True), "project": (0, False), "retainer": (100, True)},
            id="two fit",
        ),
        pytest.param(
            {**BOTH, "money": "one-off"},
            {"audit": (100, True), "project": (100, True), "retainer": (100, False)},
            id="steps of a pathway on what each is for, and one that is ruled out",
        ),
        pytest.param(
            {"cause": "known", "work": "nothing"},
            {"audit": (100, True), "project": (0, True), "retainer": (0, True)},
            id="nothing demanded",
        ),
    ],
)
def test_scores(answers: dict[str, object], expected: dict[str, tuple[int, bool]]) -> None:
    assert scores(advised(answers)) == expected


def test_a_score_is_rounded_down_so_that_only_all_is_100() -> None:
    heavy = [
        signal("cause-unknown", {"cause": ["unknown"]}, {"evidence": 1}),
        *(signal(f"w{at}", {"work": ["build"]}, {"outcome": 100}) for at in range(2)),
    ]
    assert scores(advised(BOTH, signals=heavy))["project"] == (99, False)


def test_a_score_names_what_rules_out() -> None:
    told = {s.engagement: s.ruled_out_by for s in advised({**BOTH, "money": "one-off"}).scores}
    assert told == {"audit": (), "project": (), "retainer": ("no-monthly-money",)}


def test_only_the_fit_decides_however_much_is_carried() -> None:
    """The project carries 99 of 100 and does not fit; a pathway of what fits it is."""
    heavy = [
        signal("cause-unknown", {"cause": ["unknown"]}, {"evidence": 1}),
        signal("work-to-do", {"work": ["build"]}, {"outcome": 99}),
    ]
    audit, project, _ = small_document()["engagements"]

    recommendation = advised(BOTH, signals=heavy, engagements=[audit, project])

    assert decided(recommendation) == ("pathway", "audit", "project")


# ---- 3.3 The smallest single cover --------------------------------------------------------


def test_the_smallest_of_those_that_fit() -> None:
    shop = offer(
        engagement("large", 9, "run", ["evidence", "outcome"]),
        engagement("small", 1, "decide", ["evidence"]),
        engagement("middle", 4, "deliver", ["evidence", "outcome"]),
        demands={"evidence": "decide", "outcome": "deliver"},
    )

    assert decided(wanting("evidence", of=shop)) == ("single", "small")
    assert decided(wanting("evidence", "outcome", of=shop)) == ("single", "middle")


def test_the_next_larger_one_when_the_smallest_is_ruled_out() -> None:
    shop = offer(
        engagement("small", 1, "decide", ["evidence"]),
        engagement("large", 2, "run", ["evidence"]),
        demands={"evidence": "decide"},
    )
    shop["questions"] = [*shop["questions"], question("staff", ["some", "none"])]
    shop["signals"] = [*shop["signals"], signal("x", {"staff": ["none"]}, rules_out=["small"])]

    assert decided(advised({"evidence": "yes", "staff": "some"}, **shop)) == ("single", "small")
    assert decided(advised({"evidence": "yes", "staff": "none"}, **shop)) == ("single", "large")


@pytest.mark.parametrize("order", [("first", "second"), ("second", "first")], ids="-".join)
def test_of_one_size_the_first_in_the_playbook(order: tuple[str, str]) -> None:
    models = [engagement(key, 2, "decide", ["evidence"]) for key in order]
    shop = offer(*models, demands={"evidence": "decide"})

    assert decided(wanting("evidence", of=shop)) == ("single", order[0])


def test_one_engagement_for_everything_comes_before_a_pathway_of_smaller_ones() -> None:
    shop = offer(
        engagement("audit", 1, "decide", ["evidence"]),
        engagement("project", 2, "deliver", ["outcome"]),
        engagement("huge", 99, "run", ["evidence", "outcome"]),
        demands={"evidence": "decide", "outcome": "deliver"},
    )

    assert decided(wanting("evidence", "outcome", of=shop)) == ("single", "huge")


# ---- 3.4 Pathways -------------------------------------------------------------------------

PHASED = {"operations": "run", "outcome": "deliver", "evidence": "decide"}


def test_a_pathway_goes_by_phases_and_tells_what_starts_each_step() -> None:
    shop = offer(
        engagement("keeper", 1, "run", ["operations"]),
        engagement("project", 2, "deliver", ["outcome"]),
        engagement("audit", 3, "decide", ["evidence"]),
        demands=PHASED,
        needs=[
            need(key, phase, starts_when=f"When it is time to {phase}")
            for key, phase in PHASED.items()
        ],
    )

    recommendation = wanting(*PHASED, of=shop)

    assert decided(recommendation) == ("pathway", "audit", "project", "keeper")
    assert steps(recommendation) == [
        ("audit", ("evidence",), ("evidence",)),
        ("project", ("outcome",), ("outcome",)),
        ("keeper", ("operations",), ("operations",)),
    ]
    playbook = small_playbook(**shop)
    assert [playbook.need(s.chosen_for[0]).starts_when for s in recommendation.steps] == [
        "When it is time to decide",
        "When it is time to deliver",
        "When it is time to run",
    ]


def test_what_a_step_carries_is_struck_off() -> None:
    shop = offer(
        engagement("audit", 2, "decide", ["evidence", "operations"]),
        engagement("project", 3, "deliver", ["outcome"]),
        engagement("keeper", 1, "run", ["operations"]),
        demands=PHASED,
    )

    assert steps(wanting(*PHASED, of=shop)) == [
        ("audit", ("evidence",), ("operations", "evidence")),
        ("project", ("outcome",), ("outcome",)),
    ]


def test_the_rest_of_a_pathway_is_one_engagement_when_one_fits_it() -> None:
    shop = offer(
        engagement("audit", 1, "decide", ["evidence"]),
        engagement("project", 2, "deliver", ["outcome"]),
        engagement("keeper", 3, "run", ["operations"]),
        engagement("partner", 4, "run", ["outcome", "operations"]),
        demands=PHASED,
    )

    assert steps(wanting(*PHASED, of=shop)) == [
        ("audit", ("evidence",), ("evidence",)),
        ("partner", ("operations", "outcome"), ("operations", "outcome")),
    ]


def test_the_first_step_is_the_smallest_for_all_needs_of_the_earliest_phase() -> None:
    shop = offer(
        engagement("look", 1, "decide", ["evidence"]),
        engagement("review", 2, "decide", ["evidence", "decision"]),
        engagement("project", 3, "deliver", ["outcome"]),
        demands={"evidence": "decide", "decision": "decide", "outcome": "deliver"},
    )

    assert decided(wanting("evidence", "outcome", of=shop)) == ("pathway", "look", "project")
    assert decided(wanting("evidence", "decision", "outcome", of=shop)) == (
        "pathway",
        "review",
        "project",
    )


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(["stabilisation"], ("single", "rescue"), id="alone"),
        pytest.param(["stabilisation", "evidence"], ("pathway", "rescue", "audit"), id="and more"),
        pytest.param(
            ["stabilisation", "evidence", "outcome"],
            ("pathway", "rescue", "partner"),
            id="though one smaller engagement carries everything",
        ),
        pytest.param(["evidence", "outcome"], ("single", "partner"), id="not without it"),
    ],
)
def test_stabilisation_comes_first(wanted: list[str], expected: Keys) -> None:
    assert decided(wanting(*wanted, of=emergency_offer())) == expected


def test_of_several_that_respond_the_smallest_that_carries_everything() -> None:
    shop = offer(
        engagement("first-aid", 1, "respond", ["stabilisation"]),
        engagement("audit", 2, "decide", ["evidence"]),
        engagement("rescue", 3, "respond", ["stabilisation", "evidence"]),
        demands={"evidence": "decide", "stabilisation": "respond"},
    )

    assert decided(wanting("stabilisation", of=shop)) == ("single", "first-aid")
    assert decided(wanting("stabilisation", "evidence", of=shop)) == ("single", "rescue")


def test_stabilisation_comes_first_also_when_the_rest_does_not_fit() -> None:
    shop = emergency_offer()
    shop["questions"] = [*shop["questions"], question("money", ["some", "none"])]
    no_money = signal("no-money", {"money": ["none"]}, rules_out=["audit", "partner"])
    shop["signals"] = [*shop["signals"], no_money]

    recommendation = advised(
        {"evidence": "yes", "outcome": "no", "stabilisation": "yes", "money": "none"}, **shop
    )

    assert [step.engagement for step in recommendation.steps] == ["rescue"]
    assert recommendation.outcome is not None
    assert recommendation.outcome.first == "rescue"
    assert recommendation.conflict is not None
    assert recommendation.conflict.needs == ("evidence",)
    assert named_in(recommendation) == [("evidence", "yes"), ("money", "none")]
