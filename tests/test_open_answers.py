"""Unanswered is unknown, and only answers on the live path count (DESIGN 3.6)."""

import pytest

from advisor.rules import Recommendation, recommend
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
    offer,
    option,
    question,
    section,
    signal,
    small_document,
    small_rulebook,
    steps,
    strict_shop,
)

# ---- 3.6 Unanswered is unknown ------------------------------------------------------------


def possible(recommendation: Recommendation) -> list[Keys]:
    return [outcome.engagements for outcome in recommendation.possible]


def test_no_answers_leave_everything_open() -> None:
    recommendation = advised({})

    assert recommendation.outcome is None
    assert not recommendation.settled
    assert [(o.kind, o.engagements) for o in recommendation.possible] == [
        ("entry", ("audit",)),
        ("single", ("audit",)),
        ("pathway", ("audit", "project")),
        ("single", ("project",)),
        ("single", ("retainer",)),
    ]
    assert recommendation.remaining == ("cause", "work")
    assert recommendation.steps == ()
    assert recommendation.certificate == ()
    assert recommendation.readiness == ()


@pytest.mark.parametrize(
    ("answers", "expected", "remaining"),
    [
        pytest.param(
            {"cause": "unknown"},
            [("audit",), ("audit", "project"), ("retainer",)],
            ("work",),
            id="money is asked after work only",
        ),
        pytest.param(
            {"work": "build"},
            [("audit", "project"), ("project",), ("retainer",)],
            ("cause", "money"),
            id="an earlier question is open",
        ),
        pytest.param(
            {"cause": "unknown", "work": "build"},
            [("audit", "project"), ("retainer",)],
            ("money",),
            id="one question is open",
        ),
    ],
)
def test_some_answers_leave_open_what_the_rest_can_lead_to(
    answers: dict[str, object], expected: list[Keys], remaining: Keys
) -> None:
    recommendation = advised(answers)

    assert recommendation.outcome is None
    assert possible(recommendation) == expected
    assert recommendation.remaining == remaining


def test_to_need_the_entry_is_another_outcome_than_to_need_nothing() -> None:
    nothing_to_do = {"work": "nothing"}

    kinds = [outcome.kind for outcome in advised(nothing_to_do).possible]
    assert kinds == ["entry", "single"]
    assert decided(advised({**nothing_to_do, "cause": "known"})) == ("entry", "audit")
    assert decided(advised({**nothing_to_do, "cause": "unknown"})) == ("single", "audit")


def test_unanswered_is_not_the_same_as_not_sure() -> None:
    paid_work = {"work": "build", "money": "monthly"}

    assert possible(advised(paid_work)) == [("project",), ("retainer",)]
    assert decided(advised({**paid_work, "cause": "not-sure"})) == ("single", "retainer")


@pytest.mark.parametrize(
    ("kind", "exclusive", "expected"),
    [
        pytest.param("one", False, [("builder",), ("mover",), ("keeper",)], id="one of them"),
        pytest.param(
            "many",
            False,
            [("builder",), ("mover",), ("keeper",), ("both",), ("all",)],
            id="any of them together",
        ),
        pytest.param(
            "many",
            True,
            [("builder",), ("mover",), ("keeper",), ("both",)],
            id="one of them by itself only",
        ),
    ],
)
def test_possible_are_all_ways_to_answer_a_question(
    kind: str, expected: list[Keys], *, exclusive: bool
) -> None:
    needs = ["build", "move", "keep"]
    shop = offer(
        engagement("builder", 1, "deliver", ["build"]),
        engagement("mover", 2, "deliver", ["move"]),
        engagement("keeper", 3, "deliver", ["keep"]),
        engagement("both", 4, "deliver", ["build", "move"]),
        engagement("all", 5, "deliver", needs),
        demands=dict.fromkeys(needs, "deliver"),
        questions=[
            question("work", ["build", "move", option("keep", exclusive=exclusive)], kind=kind)
        ],
        signals=[signal(key, {"work": [key]}, {key: 1}) for key in needs],
    )

    assert possible(advised({}, **shop)) == expected


def test_a_question_that_is_skipped_opens_no_path() -> None:
    """The last question is asked of those who know the cause; the second of those who do not."""
    questions = [
        question("cause", ["known", "unknown", "not-sure"]),
        question("since", ["today", "long"], ask_when=conditions({"cause": ["unknown"]})),
        question("work", ["build", "nothing"], ask_when=conditions({"cause": ["known"]})),
    ]
    signals = [
        signal("long", {"since": ["long"]}, {"evidence": 1}),
        signal("build", {"work": ["build"]}, {"outcome": 1}),
    ]
    models = [{**model, "prerequisites": []} for model in small_document()["engagements"]]
    parts = {"questions": questions, "signals": signals, "engagements": models}

    assert decided(advised({"cause": "not-sure"}, **parts)) == ("entry", "audit")
    assert possible(advised({"cause": "known"}, **parts)) == [("audit",), ("project",)]


def test_open_answers_tell_what_has_fired_so_far() -> None:
    recommendation = advised({"cause": "unknown"})

    assert fired(recommendation) == ["cause-unknown"]
    assert [told.need for told in recommendation.needs] == ["evidence"]


def test_settled_before_every_question_is_answered() -> None:
    """Known cause and work: the project, whatever the money."""
    recommendation = advised({"cause": "known", "work": "build"})

    assert decided(recommendation) == ("single", "project")
    assert possible(recommendation) == [("project",)]
    assert recommendation.remaining == ("money",)


def test_settled_on_steps_that_the_answers_so_far_do_not_ask_for_yet() -> None:
    """Every answer about the work wants the outcome, so with the evidence it is the retainer."""
    first, second, _ = small_document()["signals"]
    second["when"] = conditions({"work": ["build", "move", "nothing"]})

    recommendation = advised({"cause": "unknown"}, signals=[first, second])

    assert decided(recommendation) == ("single", "retainer")
    assert recommendation.remaining == ("work",)
    # Certain are the steps; told is only what the answers given so far demand.
    assert steps(recommendation) == [("retainer", ("evidence",), ("evidence",))]


def test_an_emergency_is_settled_at_once_where_nothing_can_follow() -> None:
    shop = emergency_offer()
    shop["signals"] = [signal("flag", {"stabilisation": ["yes"]}, {"stabilisation": 1})]

    recommendation = advised({"stabilisation": "yes"}, **shop)

    assert decided(recommendation) == ("single", "rescue")
    assert recommendation.remaining == ("evidence", "outcome")


def test_a_conflict_is_settled_only_when_answers_show_it() -> None:
    """Whatever is answered last, nothing fits; but before that there is nothing to name."""
    shop = offer(
        engagement("audit", 1, "decide", ["evidence"]),
        demands={"evidence": "decide"},
        questions=[question("mood", ["good", "bad"])],
        signals=[signal("any-mood", {"mood": ["good", "bad"]}, rules_out=["audit"])],
    )

    before = advised({}, **shop)
    assert before.outcome is None
    assert before.conflict is None
    assert possible(before) == [()]
    assert before.remaining == ("mood",)
    after = advised({"mood": "good"}, **shop)
    assert decided(after) == ("conflict",)
    assert named_in(after) == [("mood", "good")]


def test_no_conflict_where_every_answer_to_come_resolves_it() -> None:
    """Nobody carries both works at once; but a look comes first anyway, and does one of them."""
    shop = offer(
        engagement("builder", 1, "deliver", ["build"]),
        engagement("mover", 2, "deliver", ["move"]),
        engagement("look", 3, "decide", ["evidence", "build"]),
        demands={"build": "deliver", "move": "deliver", "evidence": "decide"},
        questions=[question("work", ["both", "none"]), question("cause", ["vague", "unknown"])],
        signals=[
            signal("both", {"work": ["both"]}, {"build": 1, "move": 1}),
            signal("unproven", {"cause": ["vague", "unknown"]}, {"evidence": 1}),
        ],
    )

    recommendation = advised({"work": "both"}, **shop)

    assert decided(recommendation) == ("pathway", "look", "mover")
    assert recommendation.remaining == ("cause",)
    assert recommendation.conflict is None


def test_possible_outcomes_come_smallest_first_and_no_fit_last() -> None:
    recommendation = advised({"cause": "unknown", "work": "build"}, **strict_shop())

    assert possible(recommendation) == [("retainer",), ()]
    assert [outcome.kind for outcome in recommendation.possible] == ["single", "conflict"]


# ---- Only answers on the live path count --------------------------------------------------


def test_an_answer_off_the_path_never_counts() -> None:
    """Money is asked when there is work to do; the answer from before is kept by others."""
    without = advised({"cause": "unknown", "work": "nothing"})

    ghost = advised({"cause": "unknown", "work": "nothing", "money": "one-off"})

    assert ghost == without
    assert "money" not in ghost.counted
    assert "no-monthly-money" not in fired(ghost)


def test_the_path_breaks_where_its_first_question_is_off_it() -> None:
    """A question that depends on one off the path is off the path too."""
    more = question("months", ["few", "many"], ask_when=conditions({"money": ["one-off"]}))
    parts = {
        "questions": [*small_document()["questions"], more],
        "signals": [
            *small_document()["signals"],
            signal("few-months", {"months": ["few"]}, {"outcome": 1}),
        ],
    }
    ghosts = {"work": "nothing", "money": "one-off", "months": "few", "cause": "known"}

    assert decided(advised(ghosts, **parts)) == ("entry", "audit")
    assert fired(advised({**ghosts, "work": "build"}, **parts)) == [
        "work-to-do",
        "no-monthly-money",
        "few-months",
    ]


def test_the_order_of_answers_and_options_does_not_matter() -> None:
    there = {"cause": "unknown", "work": ["build", "move"], "money": "one-off"}
    back = {"money": "one-off", "work": ["move", "build"], "cause": "unknown"}

    assert advised(back).model_dump_json() == advised(there).model_dump_json()


def test_the_same_rulebook_gives_the_same_answer_again() -> None:
    rulebook = small_rulebook()
    answers = {"cause": ("unknown",), "work": ("build",), "money": ("one-off",)}

    first = recommend(rulebook, answers).model_dump_json()
    recommend(rulebook, {"cause": ("known",)})

    assert recommend(rulebook, answers).model_dump_json() == first
    assert answers == {"cause": ("unknown",), "work": ("build",), "money": ("one-off",)}


def test_typed_answers_do_not_decide() -> None:
    parts = {
        "sections": [section("situation"), section("scope", "scope")],
        "questions": [
            *small_document()["questions"],
            question("goal", kind="text", section="scope"),
        ],
    }
    assert advised({**BOTH, "goal": "An emergency!"}, **parts).model_dump(
        exclude={"version"}
    ) == advised(BOTH).model_dump(exclude={"version"})
