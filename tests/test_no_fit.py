"""Nothing demanded, and nothing that fits: both are outcomes with reasons (DESIGN 3.5)."""

import pytest

from advisor.rules import Recommendation
from tests.factories import (
    BOTH,
    Keys,
    advised,
    conditions,
    decided,
    emergency_offer,
    engagement,
    named_in,
    offer,
    option,
    question,
    section,
    signal,
    small_document,
    steps,
    strict_shop,
    wanting,
)


def changes_of(
    recommendation: Recommendation,
) -> list[tuple[str, Keys, Keys]]:
    """What to answer instead, and what it leads to."""
    assert recommendation.conflict is not None
    told = recommendation.conflict.changes
    return [(c.question, c.instead, c.outcome.engagements) for c in told]


def dropped_of(recommendation: Recommendation) -> list[tuple[str, str, Keys]]:
    """What the others come to without each answer."""
    assert recommendation.conflict is not None
    told = recommendation.conflict.dropped
    return [(d.question, d.option, (d.outcome.kind, *d.outcome.engagements)) for d in told]


@pytest.mark.parametrize("entry", ["audit", "project", "retainer"])
def test_nothing_demanded_names_the_entry_of_the_playbook(entry: str) -> None:
    recommendation = advised({"cause": "known", "work": "nothing"}, entry=entry)

    assert decided(recommendation) == ("entry", entry)
    assert steps(recommendation) == [(entry, (), ())]
    assert (recommendation.signals, recommendation.needs) == ((), ())


def test_an_entry_that_is_ruled_out_is_a_conflict() -> None:
    recommendation = advised(
        {"cause": "known", "work": ["build"], "money": "one-off"},
        entry="retainer",
        signals=small_document()["signals"][2:],
        engagements=[engagement("retainer", 3, "run", ["evidence", "outcome"])],
    )

    assert decided(recommendation) == ("conflict",)
    assert named_in(recommendation) == [("money", "one-off")]
    assert changes_of(recommendation) == [("money", ("monthly",), ("retainer",))]
    assert recommendation.conflict is not None
    assert recommendation.conflict.ruled_out == ("retainer",)
    assert recommendation.certificate == ()


def test_a_conflict_is_named_by_its_smallest_set_of_answers() -> None:
    """The unknown cause has no part in it: the audit carries that."""
    recommendation = advised({**BOTH, "money": "one-off"}, **strict_shop())

    assert decided(recommendation) == ("conflict",)
    assert recommendation.steps == ()
    assert recommendation.readiness == ()
    assert named_in(recommendation) == [("work", "build"), ("money", "one-off")]
    assert recommendation.conflict is not None
    assert recommendation.conflict.needs == ("outcome",)
    assert recommendation.conflict.ruled_out == ("project", "retainer")


def test_a_conflict_tells_which_answer_to_change_and_what_that_leads_to() -> None:
    recommendation = advised({**BOTH, "money": "one-off"}, **strict_shop())

    # Moving instead of building would be as much work.
    assert changes_of(recommendation) == [
        ("work", ("nothing",), ("audit",)),
        ("money", ("monthly",), ("retainer",)),
    ]
    assert decided(advised(BOTH, **strict_shop())) == ("single", "retainer")


def test_each_answer_is_told_what_the_others_come_to_without_it() -> None:
    recommendation = advised({**BOTH, "money": "one-off"}, **strict_shop())

    assert dropped_of(recommendation) == [
        ("work", "build", ("single", "audit")),
        ("money", "one-off", ("single", "retainer")),
    ]


def test_facts_and_triage_are_told_too_for_that_is_no_advice() -> None:
    first, second, money = small_document()["questions"]
    recommendation = advised(
        {**BOTH, "money": "one-off"},
        sections=[section("triage", "triage"), section("situation")],
        questions=[{**money, "section": "triage", "ask_when": []}, first, second],
        **strict_shop(),
    )

    assert dropped_of(recommendation) == [
        ("money", "one-off", ("single", "retainer")),
        ("work", "build", ("single", "audit")),
    ]


def test_without_one_answer_of_several_conflicts_it_still_does_not_fit() -> None:
    """Either tick of `work` clashes with the money; only the first is in the smallest set."""
    recommendation = advised(
        {"cause": "known", "work": ["build", "move"], "money": "one-off"}, **strict_shop()
    )

    assert dropped_of(recommendation) == [
        ("work", "build", ("conflict",)),
        ("money", "one-off", ("single", "project")),
    ]
    # One tick less does not help, so the advice is to have no such work at all.
    assert changes_of(recommendation) == [
        ("work", ("nothing",), ("audit",)),
        ("money", ("monthly",), ("project",)),
    ]


def test_without_any_answer_that_demands_the_entry_is_named() -> None:
    recommendation = advised(
        {"cause": "known", "work": ["build"], "money": "one-off"}, **strict_shop()
    )

    assert dropped_of(recommendation)[0] == ("work", "build", ("entry", "audit"))


def test_what_is_not_asked_without_an_answer_counts_no_longer() -> None:
    """Only who rents is asked whether it is shared."""
    shop = offer(
        engagement("start", 1, "decide", ["paper"]),
        engagement("keeper", 2, "run", ["keys"]),
        demands={"paper": "decide", "keys": "run"},
        questions=[
            question("home", ["rented", "owned"]),
            question("how", ["shared", "alone"], ask_when=conditions({"home": ["rented"]})),
        ],
        signals=[
            signal("rented", {"home": ["rented"]}, {"keys": 1}),
            signal("shared", {"how": ["shared"]}, {"paper": 1}, rules_out=["keeper"]),
        ],
    )

    recommendation = advised({"home": "rented", "how": "shared"}, **shop)

    assert named_in(recommendation) == [("home", "rented"), ("how", "shared")]
    assert dropped_of(recommendation) == [
        ("home", "rented", ("entry", "start")),
        ("how", "shared", ("single", "keeper")),
    ]


def test_the_change_with_the_least_commitment_is_advised_first() -> None:
    shop = offer(
        engagement("audit", 1, "decide", ["evidence"]),
        engagement("keeper", 5, "run", ["operations"]),
        demands={"evidence": "decide", "operations": "run"},
        questions=[
            question("money", ["none", "monthly"]),
            question("goal", ["rest", "facts", "calm"]),
        ],
        signals=[
            signal("no-money", {"money": ["none"]}, rules_out=["keeper"]),
            signal("rest", {"goal": ["rest"]}, {"operations": 1}),
            signal("facts", {"goal": ["facts"]}, {"evidence": 1}),
        ],
    )

    recommendation = advised({"money": "none", "goal": "rest"}, **shop)

    assert named_in(recommendation) == [("money", "none"), ("goal", "rest")]
    assert changes_of(recommendation) == [
        ("goal", ("facts",), ("audit",)),
        ("money", ("monthly",), ("keeper",)),
    ]


@pytest.mark.parametrize(
    ("given", "instead"),
    [
        pytest.param(["crowd", "clock"], ("clock",), id="one of two"),
        pytest.param(["crowd", "cloud", "clock"], ("clock", "cloud"), id="one of three"),
    ],
)
def test_one_of_several_options_is_left_out(given: list[str], instead: Keys) -> None:
    shop = offer(
        engagement("audit", 1, "decide", ["evidence"]),
        demands={"evidence": "decide"},
        questions=[question("limits", ["clock", "cloud", "crowd"], kind="many")],
        signals=[
            signal("clock", {"limits": ["clock"]}, {"evidence": 1}),
            signal("crowd", {"limits": ["crowd"]}, rules_out=["audit"]),
        ],
    )

    recommendation = advised({"limits": given}, **shop)

    assert named_in(recommendation) == [("limits", "clock"), ("limits", "crowd")]
    # Without `clock` nothing is demanded, and the audit that would be named is ruled out.
    assert changes_of(recommendation) == [("limits", instead, ("audit",))]


def test_nobody_is_advised_to_change_an_answer_of_triage() -> None:
    money = question("money", ["monthly", "one-off"], section="triage")
    recommendation = advised(
        {**BOTH, "money": "one-off"},
        sections=[section("triage", "triage"), section("situation")],
        questions=[money, *small_document()["questions"][:2]],
        **strict_shop(),
    )

    assert named_in(recommendation) == [("money", "one-off"), ("work", "build")]
    assert changes_of(recommendation) == [("work", ("nothing",), ("audit",))]


def test_nobody_is_advised_to_change_a_fact() -> None:
    first, second, money = small_document()["questions"]
    recommendation = advised(
        {**BOTH, "money": "one-off"},
        questions=[first, second, {**money, "changeable": False}],
        **strict_shop(),
    )

    assert named_in(recommendation) == [("work", "build"), ("money", "one-off")]
    assert changes_of(recommendation) == [("work", ("nothing",), ("audit",))]


@pytest.mark.parametrize("kind", ["one", "many"])
def test_nobody_is_advised_not_to_know(kind: str) -> None:
    money = question("money", ["one-off", option("not-sure", unsure=True), "monthly"], kind=kind)
    first, second, _ = small_document()["questions"]
    recommendation = advised(
        {**BOTH, "money": "one-off"},
        questions=[{**first, "changeable": False}, {**second, "changeable": False}, money],
        **strict_shop(),
    )

    assert changes_of(recommendation) == [("money", ("monthly",), ("retainer",))]


def test_what_is_left_without_a_tick_is_not_that_nobody_knows() -> None:
    unsure = [option("not-sure", unsure=True), option("monthly", unsure=True)]
    money = question("money", ["one-off", *unsure], kind="many")
    first, second, _ = small_document()["questions"]
    recommendation = advised(
        {**BOTH, "money": ["one-off", "not-sure"]},
        questions=[first, {**second, "changeable": False}, money],
        **strict_shop(),
    )

    assert changes_of(recommendation) == []


def test_never_the_nearest_tier() -> None:
    """Both needs of one phase, each carried by somebody, and by nobody together."""
    shop = offer(
        engagement("audit", 1, "decide", ["evidence"]),
        engagement("review", 2, "decide", ["decision"]),
        demands={"evidence": "decide", "decision": "decide"},
    )

    recommendation = wanting("evidence", "decision", of=shop)

    assert decided(recommendation) == ("conflict",)
    assert recommendation.steps == ()
    assert named_in(recommendation) == [("evidence", "yes"), ("decision", "yes")]
    assert changes_of(recommendation) == [
        ("decision", ("no",), ("audit",)),
        ("evidence", ("no",), ("review",)),
    ]


def test_no_pathway_towards_something_that_nobody_offers() -> None:
    shop = offer(
        engagement("audit", 1, "decide", ["evidence"]),
        engagement("project", 2, "deliver", ["outcome"]),
        engagement("mover", 3, "deliver", ["migration"]),
        demands={"evidence": "decide", "outcome": "deliver", "migration": "deliver"},
    )

    recommendation = wanting("evidence", "outcome", "migration", of=shop)

    assert decided(recommendation) == ("conflict",)
    assert recommendation.steps == ()
    assert named_in(recommendation) == [("outcome", "yes"), ("migration", "yes")]
    assert recommendation.conflict is not None
    assert recommendation.conflict.needs == ("outcome", "migration")


def test_a_conflict_behind_an_emergency_names_only_what_is_left() -> None:
    """One answer demands both; the rescue carries its part of it."""
    shop = emergency_offer()
    shop["questions"] = [question("flag", ["intrusion", "none"]), question("money", ["some", "no"])]
    shop["signals"] = [
        signal("intrusion", {"flag": ["intrusion"]}, {"stabilisation": 9, "evidence": 1}),
        signal("no-money", {"money": ["no"]}, rules_out=["audit", "partner"]),
    ]

    recommendation = advised({"flag": "intrusion", "money": "no"}, **shop)

    assert [step.engagement for step in recommendation.steps] == ["rescue"]
    assert named_in(recommendation) == [("flag", "intrusion"), ("money", "no")]
    assert recommendation.conflict is not None
    assert recommendation.conflict.needs == ("evidence",)

    assert dropped_of(recommendation) == [
        ("flag", "intrusion", ("conflict",)),  # nothing is demanded then, and the entry ruled out
        ("money", "no", ("pathway", "rescue", "audit")),
    ]


def test_what_does_not_fit_behind_an_emergency_is_a_conflict_still() -> None:
    shop = emergency_offer()
    shop["questions"] = [
        question("flag", ["intrusion", "none"]),
        question("limits", ["money", "people"], kind="many"),
    ]
    shop["signals"] = [
        signal("intrusion", {"flag": ["intrusion"]}, {"stabilisation": 9, "evidence": 1}),
        signal("no-money", {"limits": ["money"]}, rules_out=["audit", "partner"]),
        signal("no-people", {"limits": ["people"]}, rules_out=["audit", "partner"]),
    ]

    recommendation = advised({"flag": "intrusion", "limits": ["money", "people"]}, **shop)

    assert dropped_of(recommendation)[1] == ("limits", "money", ("conflict",))


def test_the_smallest_set_is_found_among_many_answers() -> None:
    """Six of forty answers clash: to try all sets of that size would take minutes."""
    keys = [f"n{at:02}" for at in range(40)]
    clashing = keys[::7]
    shop = offer(
        *(engagement(f"without-{key}", 1, "decide", {*keys} - {key}) for key in clashing),
        demands=dict.fromkeys(keys, "decide"),
    )

    recommendation = wanting(*keys, of=shop)

    assert named_in(recommendation) == [(key, "yes") for key in clashing]
