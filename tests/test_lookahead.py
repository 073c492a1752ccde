"""Looking ahead: what is still possible, and which question is asked next."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from advisor.rules import Rulebook, lanes, lookahead, splitting
from advisor.rules.circuit import FALSE, TRUE
from advisor.rules.lanes import Lanes
from advisor.rules.lookahead import can_fit, look_ahead, possible_endings
from advisor.rules.outcomes import Ending
from advisor.rules.recommendation import OutcomeKind
from advisor.rules.solving import Asked, Gates
from tests.factories import (
    Document,
    conditions,
    emergency,
    engagement,
    need,
    option,
    question,
    section,
    signal,
    small_rulebook,
)

Answers = dict[str, tuple[str, ...]]

EVIDENCE = {"evidence": 1}
OUTCOME = {"outcome": 1}


def asking(*questions: Document, signals: list[Document], **parts: object) -> Rulebook:
    """The small playbook with other questions and signals."""
    return small_rulebook(
        questions=list(questions),
        signals=signals,
        engagements=[
            engagement("audit", 1, "decide", ["evidence"]),
            engagement("project", 2, "deliver", ["outcome"]),
            engagement("retainer", 3, "run", ["evidence", "outcome"]),
        ],
        **parts,
    )


def yes_no(key: str, **changes: object) -> Document:
    return question(key, ["yes", "no"], **changes)


UNREAD = [question("colour", ["red", "green"], kind="many")]
"""No signal and no condition reads it."""

ALIKE = [
    signal("s", {"a": ["yes"], "b": ["yes"]}, OUTCOME),
    signal("t", {"a": ["no"], "b": ["no"]}, OUTCOME),
]
"""They fire when both answers are the same: one of them alone tells nothing."""


def ends(rulebook: Rulebook, answers: Answers) -> list[str]:
    """What is still possible, where nothing is demanded in brackets."""
    return [
        f"({outcome.first})"
        if outcome.kind == OutcomeKind.ENTRY
        else " then ".join(outcome.engagements)
        for outcome in look_ahead(rulebook, answers).outcomes
    ]


def test_it_works() -> None:
    rulebook = small_rulebook()

    assert ends(rulebook, {}) == ["(audit)", "audit", "audit then project", "project", "retainer"]
    assert look_ahead(rulebook, {}).next_question == "cause"
    known: Answers = {"work": ("build",), "cause": ("known",)}
    assert ends(rulebook, known) == ["project"]
    assert look_ahead(rulebook, known).next_question is None


@pytest.mark.parametrize(
    ("answers", "possible"),
    [
        pytest.param({"cause": ("known",)}, ["(audit)", "project"], id="an answer leaves some"),
        pytest.param({"work": ("nothing",)}, ["(audit)", "audit"], id="an exclusive option"),
        pytest.param(
            {"work": ("build", "move")},
            ["audit then project", "project", "retainer"],
            id="two ticks",
        ),
        pytest.param(
            {"cause": ("unknown",), "work": ("move",)},
            ["audit then project", "retainer"],
            id="a question that has been opened",
        ),
        pytest.param(
            {"cause": ("unknown",), "work": ("move",), "money": ("monthly",)},
            ["retainer"],
            id="all answered",
        ),
    ],
)
def test_what_is_possible(answers: Answers, possible: list[str]) -> None:
    assert ends(small_rulebook(), answers) == possible


def test_an_ending_tells_whether_anything_was_demanded() -> None:
    found = possible_endings(small_rulebook(), {"work": ("nothing",)})
    assert found == (
        Ending(("audit",), demanding=False, fits=True),
        Ending(("audit",), demanding=True, fits=True),
    )


@pytest.mark.parametrize(
    ("rulebook", "asked"),
    [
        pytest.param(
            asking(*UNREAD, yes_no("a"), signals=[signal("s", {"a": ["yes"]}, OUTCOME)]),
            "a",
            id="never one that nobody reads",
        ),
        pytest.param(
            asking(
                yes_no("a"),
                question("b", ["1", "2", "3", "4", "5", "6"]),
                signals=[
                    signal("s", {"a": ["yes"]}, OUTCOME),
                    signal("t", {"b": ["1"]}, OUTCOME),
                ],
            ),
            "a",
            id="options that nobody reads count as one",
        ),
        pytest.param(
            asking(
                yes_no("a"),
                question("b", ["known", "unknown", "to-do"]),
                signals=[
                    signal("s", {"a": ["yes"]}, OUTCOME),
                    signal("t", {"b": ["unknown"]}, EVIDENCE),
                    signal("u", {"b": ["to-do"]}, OUTCOME),
                ],
            ),
            "b",
            id="not the first but the one that tells more",
        ),
        pytest.param(
            asking(
                yes_no("a"),
                yes_no("b"),
                signals=[
                    signal("s", {"a": ["yes"]}, OUTCOME),
                    signal("t", {"b": ["yes"]}, OUTCOME),
                ],
            ),
            "a",
            id="a tie goes to playbook order",
        ),
        pytest.param(
            asking(*UNREAD, yes_no("a"), yes_no("b"), signals=ALIKE),
            "a",
            id="neither tells anything without the other",
        ),
        pytest.param(
            asking(
                yes_no("gate"),
                yes_no("a", ask_when=conditions({"gate": ["yes", "no"]})),
                signals=[signal("s", {"a": ["yes"]}, OUTCOME)],
            ),
            "gate",
            id="what opens the question that matters",
        ),
        pytest.param(
            asking(
                yes_no("red-flag", section="triage"),
                yes_no("a"),
                signals=[
                    signal("s", {"a": ["yes"]}, OUTCOME),
                    signal("t", {"a": ["no"], "red-flag": ["yes"]}, EVIDENCE),
                ],
                sections=[section("triage", "triage"), section("situation")],
            ),
            "red-flag",
            id="triage first, however little it tells",
        ),
        pytest.param(
            asking(
                yes_no("a"),
                question("b", ["x", "y", option("none", exclusive=True)], kind="many"),
                signals=[
                    signal("s", {"a": ["yes"], "b": ["x"]}, OUTCOME),
                    signal("t", {"b": ["y"]}, OUTCOME),
                ],
            ),
            "b",
            id="several ticks at once",
        ),
    ],
)
def test_the_next_question(rulebook: Rulebook, asked: str) -> None:
    assert look_ahead(rulebook, {}).next_question == asked


def test_a_question_that_splits_a_sample_by_chance_hides_none_that_matters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The evidence is demanded whatever `noise0` is; the outcome where all the others are yes."""
    monkeypatch.setattr(lanes, "MOST", 1)
    monkeypatch.setattr(lanes, "SAMPLE", 12)
    rulebook = asking(
        yes_no("noise0"),
        *(yes_no(key) for key in "abcd"),
        signals=[
            signal("anyway", {"a": ["yes", "no"]}, EVIDENCE),
            signal("noise", {"noise0": ["yes"]}, EVIDENCE),
            signal("all", {key: ["yes"] for key in "abcd"}, OUTCOME),
        ],
    )
    sample = lanes.completions(rulebook, {})
    ended = sample.endings(rulebook)
    believed = replace(sample, complete=True)
    assert splitting.best_split(rulebook, {}, believed, ended) == "noise0"

    assert splitting.best_split(rulebook, {}, sample, ended) == "a"


@pytest.mark.parametrize(
    ("answers", "fits"),
    [
        pytest.param({}, True, id="nothing answered"),
        pytest.param({"work": ("build",)}, False, id="ruled out by what has been answered"),
        pytest.param({"money": ("one-off",)}, True, id="an answer that does not count yet"),
    ],
)
def test_whether_anything_can_fit(answers: Answers, *, fits: bool) -> None:
    rulebook = small_rulebook(
        signals=[
            signal("cause-unknown", {"cause": ["unknown"]}, EVIDENCE),
            signal("work-to-do", {"work": ["build"]}, OUTCOME, ["project", "retainer"]),
        ]
    )
    assert can_fit(rulebook, answers) == fits


# ---- Large playbooks -----------------------------------------------------------------------


def shop_of_ticks(ticks: int, questions: int = 1) -> Rulebook:
    """Each tick demands a need of its own; engagement models carry one, two, three of them …"""
    keys = [f"n{at}" for at in range(min(60, ticks * questions))]
    options = [*(f"o{at}" for at in range(ticks - 1)), option("none", exclusive=True)]
    read = [(f"q{q}", f"o{o}") for q in range(questions) for o in range(ticks - 1)]
    return small_rulebook(
        entry="e0",
        needs=[need(key, "deliver") for key in keys],
        engagements=[
            engagement(f"e{at}", at + 1, "deliver", keys[: at + 1]) for at in range(len(keys))
        ],
        questions=[question(f"q{at}", options, kind="many") for at in range(questions)],
        signals=[
            signal(f"s-{q}-{o}", {q: [o]}, {keys[at % len(keys)]: 1})
            for at, (q, o) in enumerate(read[:500])
        ],
        emergency=emergency(),
    )


def test_a_question_with_more_ticks_than_can_be_tried() -> None:
    rulebook = shop_of_ticks(30)
    outlook = look_ahead(rulebook, {})

    assert [end.engagements for end in outlook.endings if end.demanding] == [
        (f"e{at}",) for at in range(29)
    ]
    assert outlook.next_question == "q0"


def test_many_such_questions() -> None:
    rulebook = shop_of_ticks(30, questions=20)
    outlook = look_ahead(rulebook, {"q3": ("none",)})

    assert {end.engagements for end in outlook.endings} == {(f"e{at}",) for at in range(60)}
    assert outlook.next_question


def test_a_question_with_many_ways_is_told_by_its_best_condition(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(splitting, "MOST_GROUPS", 2)
    rulebook = asking(
        yes_no("a"),
        question("b", ["x", "y", "z"], kind="many"),
        signals=[
            signal("s", {"b": ["x"]}, OUTCOME),
            signal("t", {"b": ["y"], "a": ["yes"]}, EVIDENCE),
        ],
    )
    assert look_ahead(rulebook, {}).next_question == "b"


def test_a_rare_set_of_ticks_is_found() -> None:
    ticks = [f"o{at}" for at in range(12)]
    all_of_them = signal("all", {}, OUTCOME)
    all_of_them["when"] = [{"question": "b", "any_of": [tick]} for tick in ticks]
    rulebook = asking(question("b", ticks, kind="many"), signals=[all_of_them])

    assert ends(rulebook, {}) == ["(audit)", "project"]


# ---- What stands in the lanes --------------------------------------------------------------


def laid_out(rulebook: Rulebook, side_by_side: Lanes) -> list[Answers]:
    """The answers in each lane."""
    count = side_by_side.all.bit_length()
    return [side_by_side.answers(rulebook, lane) for lane in range(count)]


def test_every_completion_has_a_lane() -> None:
    rulebook = small_rulebook()
    found = laid_out(rulebook, lanes.completions(rulebook, {"money": ("one-off",)}))

    assert found == [
        {"cause": cause, "work": work, "money": ("one-off",)}
        for work in [("nothing",), ("build",)]
        for cause in [("known",), ("unknown",)]
    ]


def test_all_lanes_answer_one_question_another_way() -> None:
    rulebook = small_rulebook()
    before = lanes.completions(rulebook, {})
    found = laid_out(rulebook, before.otherwise(rulebook, 0))

    turned = {("known",): ("unknown",), ("unknown",): ("known",)}
    assert found == [{**one, "cause": turned[one["cause"]]} for one in laid_out(rulebook, before)]


def test_around_a_completion_are_those_that_differ_in_one_answer() -> None:
    rulebook = small_rulebook()
    one: Answers = {"cause": ("known",), "work": ("build", "move"), "money": ("monthly",)}
    found = laid_out(rulebook, lanes.around(rulebook, {"money": ("monthly",)}, one))

    assert found == [
        one,
        one,
        {**one, "cause": ("unknown",)},
        {**one, "work": ("nothing",)},
        {**one, "work": ("build",)},
    ]


def test_between_two_completions_each_lane_takes_one_answer_more() -> None:
    rulebook = small_rulebook()
    one: Answers = {"cause": ("known",), "work": ("build",), "money": ("monthly",)}
    other: Answers = {"cause": ("unknown",), "work": ("move",), "money": ("one-off",)}

    assert laid_out(rulebook, lanes.between(rulebook, one, other)) == [
        one,
        {**one, "cause": ("unknown",)},
        {**other, "money": ("monthly",)},
        other,
    ]


# ---- A solver that is kept -----------------------------------------------------------------


def test_threads_share_a_rulebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "MOST", 1)
    monkeypatch.setattr(lanes, "SAMPLE", 1)
    rulebook = shop_of_ticks(6, questions=3)
    ways: list[Answers] = [{"q0": (f"o{a}",), "q1": (f"o{b}",)} for a in range(5) for b in range(5)]
    expected = [look_ahead(shop_of_ticks(6, questions=3), way) for way in ways]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(partial(look_ahead, rulebook), ways * 4)) == expected * 4


def test_a_process_that_is_forked_can_go_on_asking() -> None:
    script = """
import os
from advisor.rules import lanes
from advisor.rules.lookahead import look_ahead
from tests.test_lookahead import shop_of_ticks
lanes.MOST = lanes.SAMPLE = 1
rulebook = shop_of_ticks(6, questions=3)
before = look_ahead(rulebook, {"q0": ("o3",)})
child = os.fork()
assert look_ahead(rulebook, {"q0": ("o3",)}) == before
if child:
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
os._exit(0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_solver_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "MOST", 1)
    monkeypatch.setattr(lanes, "SAMPLE", 1)
    monkeypatch.setattr(lookahead, "MOST_KEPT", 3)
    taken = []

    class Noted(lookahead.Possibilities):
        def __init__(self, rulebook: Rulebook) -> None:
            super().__init__(rulebook)
            taken.append(self)

    monkeypatch.setattr(lookahead, "Possibilities", Noted)
    rulebook = shop_of_ticks(6, questions=2)
    expected = look_ahead(rulebook, {})
    assert taken[0].asked.kept > lookahead.MOST_KEPT

    for at in range(5):
        look_ahead(rulebook, {"q0": (f"o{at}",)})
    look_ahead(rulebook, {"q0": ("o4",), "q1": ("none",)})
    assert taken[-1].asked.kept <= lookahead.MOST_KEPT
    assert look_ahead(rulebook, {}) == expected


def test_the_solver_never_ticks_an_exclusive_option_with_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lanes, "MOST", 1)
    monkeypatch.setattr(lanes, "SAMPLE", 1)
    rulebook = asking(
        question("b", ["x", option("none", exclusive=True)], kind="many"),
        signals=[signal("s", {"b": ["x"]}, EVIDENCE), signal("t", {"b": ["none"]}, OUTCOME)],
    )
    assert ends(rulebook, {}) == ["audit", "project"]


def test_the_first_answers_are_the_same_whatever_was_asked() -> None:
    rulebook = asking(yes_no("a"), yes_no("b"), signals=ALIKE)
    asked = Asked(rulebook, Gates())
    nothing = asked.ends_in(Ending(("audit",), demanding=False, fits=True))
    for wire in asked.picked:
        assert asked.first(nothing, wire)

    assert asked.first(nothing) == {"a": ("yes",), "b": ("no",)}
    assert asked.first(nothing, ~asked.picked[0]) == {"a": ("no",), "b": ("yes",)}
    assert asked.first(nothing, asked.picked[0], asked.picked[2]) is None


# ---- Gates ---------------------------------------------------------------------------------


def test_gates_with_what_is_certain() -> None:
    gates = Gates()
    a, b = gates.fresh(), gates.fresh()

    assert (a & TRUE, a & FALSE, a | FALSE, a | TRUE) == (a, FALSE, a, TRUE)
    assert ((a & a).name, (a | a).name) == (a.name, a.name)
    assert (a & ~a, a | ~a) == (FALSE, TRUE)
    assert (a & b).name == (b & a).name
    assert gates.model(a & b, TRUE) == {a.name, b.name, (a & b).name}
    assert gates.model(FALSE) is None
    assert gates.model(~(a & b), a, b) is None


def test_what_holds_holds_from_then_on() -> None:
    gates = Gates()
    a, b = gates.fresh(), gates.fresh()
    gates.holds(TRUE)
    gates.holds(a | b)
    assert gates.model(~a, b)
    assert gates.model(~a, ~b) is None

    gates.holds(a & ~a)
    assert gates.model() is None
