"""The table that comes of tallies: it adds up, whatever they are, and says nothing of too few."""

from math import ceil
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagements.numbers import (
    FEWEST,
    LONGEST,
    Fate,
    Line,
    Progress,
    Table,
    Tally,
    Times,
    table_of,
)
from tests.factories import question, section, small_document, small_playbook
from tests.generated import holds

PLAYBOOK = small_playbook(
    sections=[section("situation"), section("more", stage="scope")],
    questions=[
        *small_document()["questions"],
        question("goal", kind="line", section="more"),
    ],
)
KEYS = ("cause", "work", "money")


def table(*tallies: Tally, opened: int = 0) -> Table:
    """The table of these tallies, where the first question is about the cause."""
    return table_of(PLAYBOOK, "cause", tallies, opened=opened)


def line(key: str, *tallies: Tally, opened: int = 0) -> Line:
    """The numbers of one question."""
    [found] = [r.line for r in table(*tallies, opened=opened).rows if r.question.key == key]
    return found


def timed(*seconds: int) -> list[Tally]:
    """Answers about work that took so long."""
    return [Tally("work", Fate.ANSWERED, 1, took) for took in seconds]


def test_it_works() -> None:
    found = table(
        Tally("cause", Fate.BEGAN, 10),
        Tally("work", Fate.ANSWERED, 7, 20),
        Tally("work", Fate.LEFT, 2),
        Tally("work", Fate.OPEN, 1),
        Tally("money", Fate.ANSWERED, 5, 90),
        Tally("money", Fate.MOOT, 2),
        opened=16,
    )
    assert [row.question.key for row in found.rows] == list(KEYS)  # no scope details
    assert [row.opens for row in found.rows] == [True, False, False]
    cause, work, money = (row.line for row in found.rows)
    assert (cause.shown, cause.answered, cause.left, cause.share_left) == (16, 10, 6, 37.5)
    assert (work.shown, work.answered, work.left, work.open, work.share_left) == (10, 7, 2, 1, 20)
    assert (money.shown, money.moot, money.left) == (7, 2, 0)
    assert work.times == Times(20, 20, 20)
    assert (found.total.shown, found.total.answered, found.total.left) == (33, 22, 8)
    assert found.total.times is None
    assert found.most_left == 37.5


def test_nothing_was_counted() -> None:
    found = table()
    assert {row.line for row in found.rows} == {Line()}
    assert found.total == Line()
    assert found.most_left == 0


def test_the_share_is_of_those_who_saw_the_question_and_not_of_those_who_began() -> None:
    found = line(
        "money",
        Tally("cause", Fate.BEGAN, 1000),
        Tally("money", Fate.ANSWERED, 5),
        Tally("money", Fate.LEFT, 5),
        opened=1000,
    )
    assert found.share_left == 50


def test_whoever_comes_from_another_playbook_is_shown_the_first_question_without_opening_it() -> (
    None
):
    found = line(
        "cause",
        Tally("cause", Fate.BEGAN, 4),
        Tally("cause", Fate.ANSWERED, 3, 10),
        Tally("cause", Fate.LEFT, 1),
        opened=6,
    )
    assert (found.shown, found.answered, found.left) == (10, 7, 3)


def test_nobody_begins_without_opening_even_if_no_opening_was_counted() -> None:
    found = line("cause", Tally("cause", Fate.BEGAN, 8), opened=3)
    assert (found.shown, found.answered, found.left) == (8, 8, 0)


@pytest.mark.parametrize(("shown", "share"), [(FEWEST - 1, None), (FEWEST, 20.0)])
def test_of_too_few_there_is_a_count_and_no_share(shown: int, share: float | None) -> None:
    found = line("work", Tally("work", Fate.LEFT, 1), Tally("work", Fate.OPEN, shown - 1))
    assert found.left == 1
    assert found.share_left == share


@pytest.mark.parametrize(("started", "share"), [(FEWEST - 1, None), (FEWEST, 40.0)])
def test_of_too_few_who_began_there_is_no_share_either(started: int, share: float | None) -> None:
    assert Progress(started=started).share(2) == share


def test_of_too_few_there_is_no_time() -> None:
    assert line("work", *timed(*range(FEWEST - 1))).times is None
    assert line("work", *timed(*range(FEWEST))).times == Times(1, 2, 3)


def test_whoever_came_back_later_is_told_apart_and_not_averaged_in() -> None:
    found = line("work", *timed(1, 2, 3, 4, LONGEST, LONGEST + 1, 99 * LONGEST))
    assert (found.timed, found.later, found.answered) == (5, 2, 7)
    assert found.times == Times(2, 3, 4)


def test_an_answer_without_a_time_counts_as_an_answer_only() -> None:
    found = line("work", Tally("work", Fate.ANSWERED, 9))
    assert (found.answered, found.timed, found.later, found.times) == (9, 0, 0, None)


def test_what_a_version_does_not_ask_is_in_no_total() -> None:
    assert table(Tally("gone", Fate.LEFT, 9)).total == Line()


# ---- Whatever the tallies are ----------------------------------------------------------------


@st.composite
def tallies(draw: st.DrawFn) -> list[Tally]:
    """Any number of them, also several of the same kind."""
    found = []
    for _ in range(draw(st.integers(0, 25))):
        key = draw(st.sampled_from(KEYS))
        fate = draw(st.sampled_from([f for f in Fate if f is not Fate.BEGAN or key == "cause"]))
        took = st.none() | st.integers(0, LONGEST + 1)
        seconds = draw(took) if fate is Fate.ANSWERED else None
        found.append(Tally(key, fate, draw(st.integers(1, 40)), seconds))
    return found


@holds(300)
@given(found=tallies(), opened=st.integers(0, 500))
def test_every_line_adds_up_and_nothing_is_over_a_hundred_percent(
    found: list[Tally], opened: int
) -> None:
    told = table(*found, opened=opened)
    for one in (*(row.line for row in told.rows), told.total):
        assert one.shown == one.answered + one.left + one.open + one.moot
        assert one.timed + one.later <= one.answered
        assert min(one.shown, one.answered, one.left, one.open, one.moot) >= 0
        assert one.share_left is None or 0 <= one.share_left <= 100
        assert (one.share_left is None) == (one.shown < FEWEST)
    for name in ("shown", "answered", "left", "open", "moot", "timed", "later"):
        lines = [getattr(row.line, name) for row in told.rows]
        assert getattr(told.total, name) == sum(lines)


@holds(100)
@given(found=tallies(), seed=st.integers(0, 2**32))
def test_the_order_of_tallies_does_not_matter(found: list[Tally], seed: int) -> None:
    other = list(found)
    Random(seed).shuffle(other)  # noqa: S311 - any order will do
    assert table(*other) == table(*found)


@holds(100)
@given(found=tallies())
def test_a_tally_of_many_is_as_good_as_many_of_one(found: list[Tally]) -> None:
    one_by_one = [
        Tally(one.question, one.fate, 1, one.seconds) for one in found for _ in range(one.count)
    ]
    assert table(*one_by_one) == table(*found)


@holds(200)
@given(seconds=st.lists(st.integers(0, LONGEST), min_size=FEWEST, max_size=60))
def test_a_quartile_is_the_time_of_somebody(seconds: list[int]) -> None:
    in_order = sorted(seconds)

    def at(share: float) -> Any:
        return in_order[ceil(share * len(in_order)) - 1]

    assert line("work", *timed(*seconds)).times == Times(at(0.25), at(0.5), at(0.75))
