"""Routing the questionnaire: which question comes next, and which one was before."""

from typing import Any

import pytest

from advisor.rules import recommend
from engagements import questionnaire
from tests.factories import (
    conditions,
    emergency,
    engagement,
    need,
    prerequisite,
    question,
    section,
    signal,
    small_document,
    small_rulebook,
)

Given = dict[str, tuple[str, ...]]

BOTH: Given = {"cause": ("unknown",), "work": ("build",)}
"""An unknown cause and work to do: the retainer carries both, unless money rules it out."""


def with_red_flags() -> dict[str, Any]:
    """The small playbook's parts with a triage before its questions."""
    document = small_document()
    calm = [{"question": "red-flags", "any_of": ["none"]}]
    return {
        "emergency": emergency(),
        "needs": [need("stabilisation", "respond"), *document["needs"]],
        "engagements": [
            *document["engagements"],
            engagement("response", 4, "respond", ["stabilisation"]),
        ],
        "sections": [section("triage", "triage"), section("situation", ask_when=calm)],
        "questions": [
            question("red-flags", ["down", "none"], section="triage"),
            *document["questions"],
        ],
        "signals": [
            signal("failing", {"red-flags": ["down"]}, {"stabilisation": 9}),
            *document["signals"],
        ],
    }


def with_scope() -> dict[str, Any]:
    """The small playbook's parts with sections of scope details, one of them not used."""
    document = small_document()
    return {
        "sections": [
            *document["sections"],
            section("readiness", "scope"),
            section("goal", "scope"),
            section("access", "scope"),
        ],
        "engagements": [
            engagement(
                "audit",
                1,
                "decide",
                ["evidence"],
                prerequisites=[prerequisite("access", "ready-audit", met=["access"])],
            ),
            *document["engagements"][1:],
        ],
        "questions": [
            *document["questions"],
            question(
                "ready-audit",
                ["access", "nothing"],
                section="readiness",
                engagements=["audit"],
            ),
            question("goal", kind="text", section="goal"),
            question("limits", ["deadline", "nothing"], section="goal", engagements=["project"]),
            question(
                "limits-detail",
                kind="text",
                section="goal",
                ask_when=conditions({"limits": ["deadline"]}),
                engagements=["project"],
            ),
            question(
                "owner",
                kind="line",
                section="access",
                ask_when=conditions({"money": ["monthly"]}),
            ),
        ],
    }


def sections_of(given: Given, **changes: object) -> dict[str, list[str]]:
    """The scope sections after the recommendation on these answers, with their questions."""
    rulebook = small_rulebook(**changes)
    told = recommend(rulebook, given)
    sections = questionnaire.scope_sections(rulebook.playbook, told, told.first, given)
    return {section.key: [question.key for question in asked] for section, asked in sections}


def next_of(given: Given, **changes: object) -> str | None:
    """The key of the question to ask next."""
    rulebook = small_rulebook(**changes)
    found = questionnaire.next_question(rulebook.playbook, recommend(rulebook, given))
    return found.key if found else None


def test_it_works() -> None:
    rulebook = small_rulebook()
    asked: Given = {}
    answer = {"cause": "unknown", "work": "build", "money": "monthly"}
    while following := questionnaire.next_question(rulebook.playbook, recommend(rulebook, asked)):
        asked[following.key] = (answer[following.key],)
    assert list(asked) == ["cause", "work", "money"]


# ---- The first and the next question --------------------------------------------------------


def test_the_first_question_is_the_first_that_decides() -> None:
    assert questionnaire.first_question(small_rulebook()).key == "cause"


def test_triage_comes_first() -> None:
    assert questionnaire.first_question(small_rulebook(**with_red_flags())).key == "red-flags"


def test_what_was_skipped_is_asked_next() -> None:
    assert next_of({"work": ("build",), "money": ("monthly",)}) == "cause"


def test_what_cannot_change_the_outcome_is_not_asked() -> None:
    # The audit carries an unknown cause; with no work there is nothing that money could rule out.
    assert next_of({"cause": ("unknown",), "work": ("nothing",)}) is None
    # With a known cause the project is recommended, however it is paid for.
    rulebook = small_rulebook()
    told = recommend(rulebook, {"cause": ("known",), "work": ("build",)})
    assert told.remaining == ("money",)
    assert questionnaire.next_question(rulebook.playbook, told) is None


def test_what_can_change_the_outcome_is_asked() -> None:
    assert next_of(BOTH) == "money"


def test_a_red_flag_ends_the_questions() -> None:
    assert next_of({"red-flags": ("down",)}, **with_red_flags()) is None
    assert next_of({"red-flags": ("none",)}, **with_red_flags()) == "cause"


# ---- Live questions, and the one before -----------------------------------------------------


def test_a_question_is_live_once_its_condition_holds() -> None:
    rulebook = small_rulebook()

    def live(**given: str) -> list[str]:
        answers = {key: (option,) for key, option in given.items()}
        return [q.key for q in questionnaire.live_questions(rulebook, answers)]

    assert live() == ["cause", "work"]
    assert live(work="build") == ["cause", "work", "money"]
    assert live(work="nothing", money="one-off") == ["cause", "work"]


@pytest.mark.parametrize(
    ("given", "key", "before"),
    [
        pytest.param({}, "cause", None, id="nothing before the first"),
        pytest.param({}, "work", "cause", id="the first"),
        pytest.param(BOTH, "money", "work", id="the one above"),
        pytest.param({}, "money", "work", id="the last live one, for one that is not live"),
    ],
)
def test_before(given: Given, key: str, before: str | None) -> None:
    found = questionnaire.question_before(small_rulebook(), given, key)
    assert (found and found.key) == before


def test_before_passes_over_what_is_not_live() -> None:
    last = question("last", ["yes", "no"])
    questions = [*small_document()["questions"], last]
    signals = [
        *small_document()["signals"],
        signal("last", {"last": ["yes"]}, {"evidence": 1}),
    ]
    rulebook = small_rulebook(questions=questions, signals=signals)

    def before_last(work: str) -> str:
        found = questionnaire.question_before(rulebook, {"work": (work,)}, "last")
        assert found is not None
        return found.key

    assert before_last("build") == "money"
    assert before_last("nothing") == "work"


# ---- Emergencies, and what is still possible ------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"red-flags": ("down",)}, True, id="a red flag"),
        pytest.param({"red-flags": ("none",)}, False, id="not settled yet"),
        pytest.param(
            {"red-flags": ("none",), "cause": ("unknown",), "work": ("nothing",)},
            False,
            id="settled otherwise",
        ),
        pytest.param({}, False, id="nothing answered"),
    ],
)
def test_emergency(given: Given, *, expected: bool) -> None:
    rulebook = small_rulebook(**with_red_flags())
    told = recommend(rulebook, given)
    assert questionnaire.is_emergency(rulebook.playbook, told, told.first) is expected


def test_a_conflict_is_no_emergency() -> None:
    no_money = signal("no-money", {"money": ["one-off"]}, rules_out=["retainer", "project"])
    signals = [*small_document()["signals"][:2], no_money]
    rulebook = small_rulebook(signals=signals)
    told = recommend(rulebook, {**BOTH, "cause": ("known",), "money": ("one-off",)})
    assert told.outcome
    assert told.outcome.engagements == ()
    assert not questionnaire.is_emergency(rulebook.playbook, told, told.first)


@pytest.mark.parametrize(
    ("given", "titles"),
    [
        pytest.param(
            {},
            ["Engagement audit", "Engagement project", "Engagement retainer"],
            id="all, smallest first",
        ),
        pytest.param(
            BOTH,
            ["Engagement audit", "Engagement project", "Engagement retainer"],
            id="each step of a pathway",
        ),
        pytest.param({"work": ("nothing",)}, ["Engagement audit"], id="one in two ways"),
        pytest.param({**BOTH, "money": ("monthly",)}, ["Engagement retainer"], id="settled"),
    ],
)
def test_possible(given: Given, titles: list[str]) -> None:
    rulebook = small_rulebook()
    told = recommend(rulebook, given)
    assert questionnaire.possible_engagements(rulebook.playbook, told) == titles


# ---- Scope details --------------------------------------------------------------------------


def test_scope_sections_come_in_playbook_order_and_only_with_questions() -> None:
    given: Given = {"cause": ("unknown",), "work": ("nothing",)}
    assert sections_of(given, **with_scope()) == {"readiness": ["ready-audit"], "goal": ["goal"]}


def test_scope_questions_depend_on_the_first_step() -> None:
    given: Given = {"cause": ("known",), "work": ("build",), "money": ("one-off",)}
    assert sections_of(given, **with_scope()) == {"goal": ["goal", "limits"]}


def test_a_scope_answer_makes_another_question_necessary() -> None:
    given: Given = {"cause": ("known",), "work": ("build",), "limits": ("deadline",)}
    assert sections_of(given, **with_scope()) == {"goal": ["goal", "limits", "limits-detail"]}


def test_answers_off_the_path_open_no_scope_question() -> None:
    ghost: Given = {"cause": ("unknown",), "work": ("nothing",), "money": ("monthly",)}
    assert "access" not in sections_of(ghost, **with_scope())
    given: Given = {**BOTH, "money": ("monthly",)}
    assert sections_of(given, **with_scope())["access"] == ["owner"]


def test_where_nothing_fits_everybodys_questions_are_asked() -> None:
    no_money = signal("no-money", {"money": ["one-off"]}, rules_out=["retainer", "project"])
    signals = [*small_document()["signals"][:2], no_money]
    given: Given = {"cause": ("known",), "work": ("build",), "money": ("one-off",)}
    assert sections_of(given, **with_scope(), signals=signals) == {"goal": ["goal"]}
