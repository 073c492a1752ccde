"""What would change a recommendation, in words: one other answer, or two (DESIGN 3.7)."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from advisor.answers import read_answers
from advisor.rules import recommend
from advisor.rules.counterfactuals import counterfactuals_of
from advisor.rules.recommendation import Counterfactual
from tests.factories import (
    BOTH,
    Document,
    advised,
    conditions,
    emergency_offer,
    engagement,
    offer,
    option,
    question,
    section,
    signal,
    small_document,
    small_rulebook,
    strict_shop,
)
from tests.scenarios import PLAYBOOKS, all_scenarios, rulebook_of

WORK = {"cause": "known", "work": "build", "money": "monthly"}
"""Work and nothing else: wants the project of the small playbook."""


def told(answers: Mapping[str, object], **parts: object) -> list[str]:
    """What would change what the small playbook with other parts recommends, in words."""
    rulebook = small_rulebook(**parts)
    live = rulebook.live_answers(read_answers(rulebook.playbook, answers))
    return [in_words(one) for one in counterfactuals_of(rulebook, live)]


def in_words(told: Counterfactual) -> str:
    """The changes, and what they lead to or could lead to."""
    changes = " and ".join(f"{a.question}: {', '.join(a.options)}" for a in told.instead)
    leads = "leads to" if told.outcome else "could lead to"
    ends = " or ".join(", then ".join(o.engagements) or "a conflict" for o in told.possible)
    return f"{changes} {leads} {ends}"


def test_it_works() -> None:
    assert told(WORK) == [
        "work: nothing leads to audit",
        "cause: unknown leads to retainer",
        "cause: not-sure leads to retainer",
    ]


def test_a_recommendation_has_them_once_it_is_settled() -> None:
    settled, open_ = advised(WORK), advised({"work": "build"})

    assert [in_words(one) for one in settled.counterfactuals] == told(WORK)
    assert (open_.settled, open_.counterfactuals) == (False, ())


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param(
            {"cause": "known", "work": "nothing"},
            # Nothing is demanded; with some work the money is asked for, and makes no difference.
            ["work: build leads to project", "work: move leads to project"],
            id="from an exclusive option to each tick",
        ),
        pytest.param(
            {"cause": "known", "work": ["build", "move"], "money": "monthly"},
            [
                "work: nothing leads to audit",
                "cause: unknown leads to retainer",
                "cause: not-sure leads to retainer",
            ],
            id="one tick less makes no difference",
        ),
        pytest.param(
            {"cause": "unknown", "work": "nothing"},
            [
                "cause: known and work: build leads to project",
                "cause: known and work: move leads to project",
                # The money decides what an unknown cause and work come to.
                "work: build could lead to audit, then project or retainer",
                "work: move could lead to audit, then project or retainer",
            ],
            id="a question that is open then leaves it open",
        ),
        pytest.param(
            {**BOTH, "money": "one-off"},
            [
                "work: nothing leads to audit",
                "cause: known leads to project",
                "money: monthly leads to retainer",
            ],
            id="the smallest commitment first",
        ),
    ],
)
def test_one_other_answer(answers: Mapping[str, object], expected: list[str]) -> None:
    assert told(answers) == expected


def test_answers_off_the_live_path_do_not_count() -> None:
    """Without work nobody asks for money, so that its answer is not kept for afterwards."""
    assert told({"cause": "unknown", "work": "nothing", "money": "monthly"}) == told(
        {"cause": "unknown", "work": "nothing"}
    )


def test_what_is_not_answered_yet_is_unknown() -> None:
    """The audit is certain whatever the budget is, but no longer if there is work."""
    money = question("money", ["monthly", "one-off"])
    cause, work, _ = small_document()["questions"]

    found = told({"cause": "unknown", "work": "nothing"}, questions=[cause, work, money])

    assert found[2:] == [
        "work: build could lead to audit, then project or retainer",
        "work: move could lead to audit, then project or retainer",
    ]


def test_what_may_end_in_a_conflict_too_says_so() -> None:
    """Without a budget nobody does the work."""
    assert told({"cause": "known", "work": "nothing"}, **strict_shop()) == [
        "work: build could lead to project or a conflict",
        "work: move could lead to project or a conflict",
    ]


def test_nothing_leads_to_a_conflict() -> None:
    """Without monthly money there would be nobody for the work."""
    assert told(WORK, **strict_shop()) == [
        "work: nothing leads to audit",
        "cause: unknown leads to retainer",
        "cause: not-sure leads to retainer",
    ]


@pytest.mark.parametrize("count", [6, 7, 8])
def test_what_one_of_very_many_ways_to_tick_leads_to_is_possible(count: int) -> None:
    """Behind the gate there is a vault for who ticks everything."""
    ticks = [f"t{at}" for at in range(count)]
    all_ticked = [{"question": "ticks", "any_of": [tick]} for tick in ticks]
    shop = offer(
        engagement("desk", 1, "decide", ["paper"]),
        engagement("vault", 2, "run", ["gold"]),
        engagement("guard", 3, "run", ["watch"]),
        demands={"paper": "decide", "gold": "run", "watch": "run"},
        questions=[
            question("gate", ["shut", "open"]),
            question("ticks", ticks, kind="many", ask_when=conditions({"gate": ["open"]})),
        ],
        signals=[
            signal("shut", {"gate": ["shut"]}, {"watch": 1}),
            {**signal("all", {}, {"gold": 1}), "when": all_ticked},
        ],
    )

    assert told({"gate": "shut"}, **shop) == ["gate: open could lead to desk or vault"]


# ---- Only what a buyer can change -----------------------------------------------------------


@pytest.mark.parametrize("part", [{"changeable": False}, {"section": "triage"}])
def test_no_fact_and_no_triage_is_to_be_different(part: Mapping[str, object]) -> None:
    cause, work, money = small_document()["questions"]
    sections = [section("triage", "triage"), section("situation")]

    assert told(WORK, sections=sections, questions=[{**cause, **part}, work, money]) == [
        "work: nothing leads to audit"
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("known", ["cause: unknown leads to retainer"], id="nobody is to be unsure"),
        pytest.param(
            "not-sure", ["cause: known leads to project"], id="who is unsure may find out"
        ),
    ],
)
def test_nobody_is_advised_not_to_know(given: str, expected: list[str]) -> None:
    cause = question("cause", ["known", "unknown", option("not-sure", unsure=True)])
    others = [{**q, "changeable": False} for q in small_document()["questions"][1:]]

    assert told({**WORK, "cause": given}, questions=[cause, *others]) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            ["evidence"],
            [
                "wishes: none leads to start",
                "wishes: evidence, outcome leads to both",
            ],
            id="one tick more, but not the last one less",
        ),
        pytest.param(
            ["evidence", "outcome"],
            [
                "wishes: none leads to start",
                "wishes: evidence leads to audit",
                "wishes: outcome leads to project",
            ],
            id="one tick less",
        ),
        pytest.param(
            ["evidence", "unsure"],
            [
                "wishes: none leads to start",
                "wishes: evidence, outcome, unsure leads to both",
            ],
            id="what is left is not that nobody knows",
        ),
    ],
)
def test_ticks_change_one_by_one(given: list[str], expected: list[str]) -> None:
    shop = offer(
        engagement("start", 1, "decide", ["paper"]),
        engagement("audit", 2, "decide", ["evidence"]),
        engagement("project", 3, "deliver", ["outcome"]),
        engagement("both", 4, "run", ["evidence", "outcome"]),
        demands={"paper": "decide", "evidence": "decide", "outcome": "deliver"},
        questions=[
            question(
                "wishes",
                [
                    "evidence",
                    "outcome",
                    option("unsure", unsure=True),
                    option("none", exclusive=True),
                ],
                kind="many",
            )
        ],
        signals=[
            signal("evidence", {"wishes": ["evidence"]}, {"evidence": 1}),
            signal("outcome", {"wishes": ["outcome"]}, {"outcome": 1}),
        ],
    )

    assert told({"wishes": given}, **shop) == expected


# ---- Two answers ----------------------------------------------------------------------------


def two_keys(*questions: Document) -> dict[str, object]:
    """Who turns two keys gets to the vault; one key does nothing."""
    return offer(
        engagement("desk", 1, "decide", ["paper"]),
        engagement("vault", 2, "run", ["gold"]),
        demands={"paper": "decide", "gold": "run"},
        questions=list(questions)
        or [question("left", ["off", "on"]), question("right", ["off", "on"])],
        signals=[signal("both", {"left": ["on"], "right": ["on"]}, {"gold": 1})],
    )


def test_two_answers_where_one_is_not_enough() -> None:
    assert told({"left": "off", "right": "off"}, **two_keys()) == [
        "left: on and right: on leads to vault"
    ]


def test_two_answers_are_not_told_where_one_is_enough() -> None:
    assert told({"left": "on", "right": "off"}, **two_keys()) == ["right: on leads to vault"]


def test_two_answers_are_not_told_where_one_may_be_enough() -> None:
    """With the left key on, the right lock is asked for: that one may be turned."""
    questions = [
        question("left", ["off", "on"]),
        question("light", ["off", "on"]),
        question("right", ["off", "on"], ask_when=conditions({"left": ["on"]})),
    ]

    assert told({"left": "off", "light": "off"}, **two_keys(*questions)) == [
        "left: on could lead to desk or vault"
    ]


def test_two_answers_are_told_only_when_it_is_certain() -> None:
    """A third lock that is open by then would have to be turned, too."""
    shop = two_keys(
        question("left", ["off", "on"]),
        question("right", ["off", "on"]),
        question("third", ["off", "on"], ask_when=conditions({"left": ["on"], "right": ["on"]})),
    )
    shop["signals"] = [
        signal("all", {"left": ["on"], "right": ["on"], "third": ["on"]}, {"gold": 1})
    ]

    assert told({"left": "off", "right": "off"}, **shop) == []


def test_of_many_pairs_the_first_are_told() -> None:
    keys = ["on", "half", "spare", "copy"]
    questions = [question("left", ["off", *keys]), question("right", ["off", "on"])]
    shop = two_keys(*questions)
    shop["signals"] = [signal("both", {"left": keys, "right": ["on"]}, {"gold": 1})]

    assert told({"left": "off", "right": "off"}, **shop) == [
        "left: on and right: on leads to vault",
        "left: half and right: on leads to vault",
        "left: spare and right: on leads to vault",
    ]


# ---- Where nothing is told ------------------------------------------------------------------


def test_a_conflict_names_its_own_changes() -> None:
    assert told({**BOTH, "money": "one-off"}, **strict_shop()) == []


def test_an_emergency_is_no_time_for_it() -> None:
    answers = {"evidence": "no", "outcome": "yes", "stabilisation": "yes"}

    assert told(answers, **emergency_offer()) == []
    assert told({**answers, "stabilisation": "no"}, **emergency_offer()) != []


# ---- The shipped playbooks ------------------------------------------------------------------


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)
def test_each_change_gives_what_it_says_whatever_is_answered(playbook: Path) -> None:
    rulebook = rulebook_of(playbook.stem)
    told_of = 0
    for scenario in all_scenarios():
        if scenario.playbook == playbook.stem:
            live = rulebook.live_answers(scenario.answers)
            for found in counterfactuals_of(rulebook, live):
                instead = {answer.question: answer.options for answer in found.instead}
                applied = recommend(rulebook, {**live, **instead})
                assert (applied.outcome, applied.possible) == (found.outcome, found.possible)
                told_of += 1
    # Which level of support it is, only facts decide.
    assert bool(told_of) == (playbook.stem != "platform-support")
