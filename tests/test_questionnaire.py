"""Routing the questionnaire: which question comes next, and which one was before."""

from typing import Any

import pytest

from advisor.playbook import Question
from advisor.rules import recommend
from engagements import questionnaire
from tests.factories import (
    conditions,
    emergency,
    emergency_offer,
    engagement,
    need,
    prerequisite,
    question,
    section,
    signal,
    small_document,
    small_rulebook,
    strict_shop,
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


def test_the_first_question_is_the_one_that_tells_most() -> None:
    assert questionnaire.first_question(small_rulebook()).key == "cause"


def test_triage_comes_first() -> None:
    assert questionnaire.first_question(small_rulebook(**with_red_flags())).key == "red-flags"


def test_one_question_is_asked_even_where_no_answer_matters() -> None:
    always = signal("cause-asked", {"cause": ["known", "unknown", "not-sure"]}, {"evidence": 1})
    rulebook = small_rulebook(signals=[always])
    told = recommend(rulebook, {})
    assert told.settled
    assert questionnaire.first_question(rulebook).key == "cause"
    assert questionnaire.next_question(rulebook.playbook, told).key == "cause"
    told = recommend(rulebook, {"cause": ("known",)})
    assert questionnaire.next_question(rulebook.playbook, told) is None


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


def before_of(given: Given, key: str | None) -> Question | None:
    live = questionnaire.live_questions(small_rulebook(), given)
    return questionnaire.question_before(live, given, key)


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
        pytest.param({}, "work", None, id="nothing before the first"),
        pytest.param({"work": ("build",)}, "cause", "work", id="the one answered before"),
        pytest.param(BOTH, "money", "work", id="a new one: the last that was answered"),
        pytest.param(BOTH, "work", "cause", id="an answered one: the one before it"),
        pytest.param(BOTH, "cause", None, id="the one answered first"),
        pytest.param(BOTH, None, "work", id="after all of them"),
        pytest.param({}, None, None, id="nothing answered"),
    ],
)
def test_before(given: Given, key: str | None, before: str | None) -> None:
    found = before_of(given, key)
    assert (found and found.key) == before


@pytest.mark.parametrize(
    ("work", "before"),
    [
        pytest.param("build", "money", id="live"),
        pytest.param("nothing", "work", id="off the path"),
    ],
)
def test_before_passes_over_what_is_not_live(work: str, before: str) -> None:
    given = {"work": (work,), "money": ("monthly",), "goal": ("A typed detail",)}
    found = before_of(given, "cause")
    assert found is not None
    assert found.key == before


@pytest.mark.parametrize(
    ("given", "left"),
    [
        pytest.param({}, 3, id="all, also what another one opens"),
        pytest.param({"work": ("build",)}, 2, id="what was opened"),
        pytest.param({"work": ("nothing",)}, 1, id="what can be opened no more is not left"),
        pytest.param({**BOTH, "money": ("monthly",)}, 0, id="all answered"),
    ],
)
def test_how_many_are_left_at_most(given: Given, left: int) -> None:
    assert questionnaire.most_left(small_rulebook(), given) == left


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
    ("given", "keys"),
    [
        pytest.param({}, ["audit", "project", "retainer"], id="all, smallest first"),
        pytest.param(BOTH, ["audit", "project", "retainer"], id="each step of a pathway"),
        pytest.param({"work": ("nothing",)}, ["audit"], id="one in two ways"),
        pytest.param({**BOTH, "money": ("monthly",)}, ["retainer"], id="settled"),
    ],
)
def test_possible(given: Given, keys: list[str]) -> None:
    rulebook = small_rulebook()
    possible = questionnaire.still_possible(rulebook.playbook, recommend(rulebook, given))
    assert [model.key for model in possible.engagements] == keys


@pytest.mark.parametrize(
    ("given", "entry"),
    [
        pytest.param({"work": ("nothing",)}, True, id="open"),
        pytest.param({"cause": ("unknown",)}, False, id="something is demanded"),
    ],
)
def test_whether_anything_may_be_demanded_is_told(given: Given, *, entry: bool) -> None:
    rulebook = small_rulebook()
    possible = questionnaire.still_possible(rulebook.playbook, recommend(rulebook, given))
    assert possible.entry == entry
    assert possible.only == (rulebook.playbook.engagement("audit") if entry else None)


def test_where_there_are_more_ways_than_are_told_nothing_is_certain() -> None:
    rulebook = small_rulebook()
    told = recommend(rulebook, {"work": ("nothing",)})
    cut = told.model_copy(update={"more_possible": True})
    possible = questionnaire.still_possible(rulebook.playbook, cut)
    assert (possible.certain, possible.first) == ((), None)
    assert [model.key for model in possible.open] == ["audit"]


@pytest.mark.parametrize(
    ("given", "first", "certain", "still_open"),
    [
        pytest.param({}, None, [], ["audit", "project", "retainer"], id="all are open"),
        pytest.param(
            {"work": ("nothing",)}, "audit", ["audit"], [], id="one, for different reasons"
        ),
        pytest.param(
            {"cause": ("unknown",), "money": ("one-off",)},
            None,
            [],
            ["audit", "project", "retainer"],
            id="money does not count before there is work",
        ),
    ],
)
def test_what_is_certain_is_told_apart(
    given: Given, first: str | None, certain: list[str], still_open: list[str]
) -> None:
    rulebook = small_rulebook()
    possible = questionnaire.still_possible(rulebook.playbook, recommend(rulebook, given))
    assert (possible.first and possible.first.key) == first
    assert [model.key for model in possible.certain] == certain
    assert [model.key for model in possible.open] == still_open
    assert not possible.no_fit


def test_what_comes_first_in_any_case_is_told() -> None:
    """Without a retainer, an unknown cause begins with the audit, whatever comes after it."""
    audit, project, _retainer = small_document()["engagements"]
    rulebook = small_rulebook(engagements=[audit, project], signals=small_document()["signals"][:2])
    told = recommend(rulebook, {"cause": ("unknown",)})
    possible = questionnaire.still_possible(rulebook.playbook, told)
    assert possible.first == possible.certain[0] == rulebook.playbook.engagement("audit")
    assert [model.key for model in possible.open] == ["project"]


def test_that_nothing_may_fit_is_told_and_then_nothing_is_certain() -> None:
    rulebook = small_rulebook(**strict_shop())
    given: Given = {"cause": ("unknown",), "work": ("build",)}
    possible = questionnaire.still_possible(rulebook.playbook, recommend(rulebook, given))
    assert possible.no_fit
    assert possible.first is None
    assert possible.certain == ()
    assert [model.key for model in possible.open] == ["retainer"]


# ---- Scope details, and what was not asked --------------------------------------------------


def test_scope_sections_come_in_playbook_order_and_only_with_questions() -> None:
    given: Given = {"cause": ("unknown",), "work": ("nothing",)}
    assert sections_of(given, **with_scope()) == {"readiness": ["ready-audit"], "goal": ["goal"]}


def test_scope_questions_depend_on_the_first_step() -> None:
    given: Given = {"cause": ("known",), "work": ("build",), "money": ("one-off",)}
    assert sections_of(given, **with_scope()) == {"goal": ["goal", "limits"]}


def test_a_scope_answer_makes_another_question_necessary() -> None:
    given: Given = {"cause": ("known",), "work": ("build",), "limits": ("deadline",)}
    assert sections_of(given, **with_scope()) == {
        "goal": ["goal", "limits", "limits-detail"],
        "situation": ["money"],
    }


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


def test_deciding_questions_that_were_not_asked_come_last_and_once() -> None:
    given: Given = {"cause": ("known",), "work": ("build",)}
    assert sections_of(given, **with_scope()) == {
        "goal": ["goal", "limits"],
        "situation": ["money"],
    }
    told = sections_of({**given, "money": ("one-off",)}, **with_scope())
    assert told == {"goal": ["goal", "limits"]}


def test_who_has_an_emergency_is_not_bothered_with_the_rest() -> None:
    shop = emergency_offer()
    shop["signals"] = [signal("flag", {"stabilisation": ["yes"]}, {"stabilisation": 1})]
    rulebook = small_rulebook(**shop)
    told = recommend(rulebook, {"stabilisation": ("yes",)})
    assert told.remaining == ("evidence", "outcome")
    sections = questionnaire.scope_sections(rulebook.playbook, told, told.first, told.counted)
    assert list(sections) == []
