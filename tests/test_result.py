"""How a result is laid out: its one reason, the way, the comparison, what to do about readiness."""

from dataclasses import replace
from datetime import date

import pytest

from advisor.playbook import Playbook
from advisor.rules import compile_playbook, recommend
from advisor.rules.overriding import override as steps_from
from engagements.brief import Contact
from engagements.result import Result, result_of
from engagements.wording import Decided, build_brief
from tests.factories import engagement, prerequisite, question, signal, small_playbook
from tests.offers import BUYERS, care_playbook


def laid_out(playbook: Playbook, answers: dict[str, tuple[str, ...]], override: str = "") -> Result:
    """The result of a buyer; `override` is what a consultant decided on instead."""
    rulebook = compile_playbook(playbook, version="under test")
    value = recommend(rulebook, answers)
    steps, decided = value.steps, None
    if override:
        steps = steps_from(rulebook, value, override).steps
        decided = Decided(reviewer="Ana", on=date(2026, 11, 2), reason="Facts.", steps=steps)
    brief = build_brief(
        playbook,
        value,
        answers,
        contact=Contact(),
        reference="SB-2026-0001",
        version=1,
        issued_on=date(2026, 11, 2),
        playbook_number=1,
        decided=decided,
    )
    return result_of(playbook, brief, steps, [])


UNKNOWN = {"cause": ("unknown",), "work": ("nothing",)}
BOTH = {"cause": ("unknown",), "work": ("build",), "money": ("one-off",)}
NOTHING = {"cause": ("known",), "work": ("nothing",)}


def test_it_works() -> None:
    result = laid_out(small_playbook(), BOTH)
    assert result.why
    assert result.why.title == "Signal cause-unknown"
    assert [(stop.place, stop.title, stop.phase) for stop in result.stations] == [
        (1, "Engagement audit", "Decide"),
        (2, "Engagement project", "Deliver"),
    ]
    assert [(row.title, row.step) for row in result.rows] == [
        ("Engagement audit", 1),
        ("Engagement project", 2),
        ("Engagement retainer", None),
    ]


@pytest.mark.parametrize(
    ("answers", "override", "why"),
    [
        pytest.param(UNKNOWN, "", "Signal cause-unknown", id="single"),
        # What weighs most of all is what the second step is for.
        pytest.param(BOTH, "", "Signal cause-unknown", id="the first step's"),
        pytest.param(NOTHING, "", None, id="nothing demanded"),
        pytest.param(UNKNOWN, "project", None, id="a consultant decided otherwise"),
    ],
)
def test_the_one_reason(
    answers: dict[str, tuple[str, ...]], override: str, why: str | None
) -> None:
    reason = laid_out(small_playbook(), answers, override).why
    assert (reason and reason.title) == why


def test_the_weightiest_reason_comes_before_the_others() -> None:
    """Both demand the same; the one that is written last weighs more."""
    playbook = small_playbook(
        signals=[
            signal("light", {"cause": ["unknown"]}, {"evidence": 1}),
            signal("heavy", {"work": ["nothing"]}, {"evidence": 5}),
        ]
    )
    result = laid_out(playbook, UNKNOWN)
    assert result.why
    assert result.why.title == "Signal heavy"


def test_what_starts_each_step() -> None:
    first, second = laid_out(small_playbook(), BOTH).stations
    assert first.starts == ()  # what it waits for is what has to be in place
    assert second.starts == ("When it is time",)
    assert second.carries == ("Need outcome",)


@pytest.mark.parametrize(("count", "abreast"), [(1, True), (4, True), (5, False)])
def test_only_a_few_stations_stand_abreast(count: int, *, abreast: bool) -> None:
    result = laid_out(small_playbook(), UNKNOWN)
    assert replace(result, stations=result.stations * count).abreast is abreast


# ---- Side by side --------------------------------------------------------------------------


def test_the_smallest_comes_first_whatever_the_playbook_s_order() -> None:
    playbook = small_playbook()
    upside_down = playbook.model_copy(update={"engagements": playbook.engagements[::-1]})
    titles = [row.title for row in laid_out(upside_down, BOTH).rows]
    assert titles == ["Engagement audit", "Engagement project", "Engagement retainer"]


def test_each_row_tells_what_is_carried_and_what_rules_it_out() -> None:
    result = laid_out(small_playbook(), BOTH)
    audit, project, retainer = result.rows
    assert dict(audit.carries) == {"Need evidence": True, "Need outcome": False}
    assert dict(project.carries) == {"Need evidence": False, "Need outcome": True}
    assert [quote.words for quote in retainer.ruled_out] == [("Option one-off",)]
    assert audit.ruled_out == project.ruled_out == ()
    assert result.rules_out
    assert not result.prices


def test_where_nothing_is_demanded_there_is_nothing_to_carry() -> None:
    result = laid_out(small_playbook(), NOTHING)
    assert {row.carries for row in result.rows} == {()}
    assert [row.step for row in result.rows] == [1, None, None]
    assert not result.rules_out


def test_what_nobody_offers_nobody_carries() -> None:
    answers = {
        key: tuple([given] if isinstance(given, str) else given)
        for key, given in BUYERS["not offered"].items()
    }
    result = laid_out(care_playbook(), answers)
    assert {dict(row.carries)["an uptime above 99.9 %"] for row in result.rows} == {False}
    assert [row.step for row in result.rows] == [None] * len(result.rows)
    assert (result.stations, result.smaller, result.larger) == ((), (), ())
    assert result.prices


def test_a_consultants_steps_are_the_marked_ones() -> None:
    rows = laid_out(small_playbook(), UNKNOWN, "project").rows
    assert {row.title: row.step for row in rows}["Engagement project"] == 1


# ---- Why not another one ---------------------------------------------------------------------


def test_smaller_and_larger_are_told_apart_and_counted() -> None:
    answers = {"cause": ("known",), "work": ("build",), "money": ("monthly",)}
    result = laid_out(small_playbook(), answers)
    assert [one.titles for one in result.smaller] == [("Engagement audit",)]
    assert [one.titles for one in result.larger] == [("Engagement retainer",)]
    assert (result.smaller_count, result.larger_count) == (1, 1)


def test_those_of_the_same_reason_are_told_together() -> None:
    document = [
        engagement(f"audit-{at}", at, "decide", ["evidence"], title=f"Audit {at}") for at in (1, 2)
    ]
    playbook = small_playbook(
        entry="project",
        engagements=[*document, engagement("project", 3, "deliver", ["outcome"])],
        signals=[signal("work", {"work": ["build"]}, {"outcome": 1})],
    )
    answers = {"cause": ("known",), "work": ("build",), "money": ("monthly",)}
    result = laid_out(playbook, answers)
    assert [one.titles for one in result.smaller] == [("Audit 1", "Audit 2")]
    assert result.smaller_count == 2


# ---- What has to be in place -----------------------------------------------------------------


def ready(budget: str) -> Result:
    """The result of a buyer who has people, and for whom a budget is or is not there."""
    needs = [
        prerequisite("people", "cause", met=["known"]),
        prerequisite("budget", "money", met=["monthly"], unknown=["not-sure"]),
    ]
    playbook = small_playbook(
        entry="retainer",
        engagements=[
            engagement("retainer", 1, "run", ["evidence", "outcome"], prerequisites=needs),
        ],
        questions=[
            question("cause", ["known", "unknown", "not-sure"]),
            question("work", ["build", "move", "nothing"]),
            question("money", ["monthly", "one-off", "not-sure"]),
        ],
        signals=[signal("work", {"work": ["build"]}, {"outcome": 1})],
    )
    return laid_out(playbook, {"cause": ("known",), "work": ("build",), "money": (budget,)})


@pytest.mark.parametrize(
    ("budget", "told", "asks"),
    [
        ("one-off", [("budget", "missing"), ("people", "met")], "money"),
        ("not-sure", [("budget", "unknown"), ("people", "met")], "money"),
        ("monthly", [("people", "met"), ("budget", "met")], None),
    ],
)
def test_what_is_open_comes_first_and_says_where_to_tell_of_it(
    budget: str, told: list[tuple[str, str]], asks: str | None
) -> None:
    result = ready(budget)
    named = [(one.title.removeprefix("Prerequisite "), str(one.status)) for one in result.readiness]
    assert named == told
    assert result.open_count == sum(status != "met" for _name, status in told)
    assert (result.asks and result.asks.key) == asks
    assert result.asks_decide is (asks is not None)
