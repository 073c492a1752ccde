"""The playbook application-care: what became of its source's questions, and how few are asked."""

import random
import re
from functools import cache
from pathlib import Path

import pytest

from advisor.playbook import Kind, Question
from advisor.rules import Recommendation, recommend
from advisor.rules.scope import scope_questions, with_details
from tests.scenarios import ROOT, rulebook_of

KEY = "application-care"
RECORD = ROOT / "docs" / "decisions" / "0009-source-of-application-care.md"

MOST_DECIDING = 10
FEWER_IN_ALL_THAN = 30

Answers = tuple[tuple[str, tuple[str, ...]], ...]

SOURCE = [
    *(f"Q{number}" for number in range(1, 31)),
    *(f"D{number}" for number in range(1, 14)),
    *(f"F{number}" for number in range(1, 6)),
]
"""The questionnaire, the discovery call and the decision framework of the source."""


def rows_of(record: Path) -> list[tuple[str, str]]:
    """Each question of the source with what becomes of it, from the table in the record."""
    return re.findall(r"^\| ([QDF]\d+) [^|]+\| ([^|]+) \|", record.read_text(), re.MULTILINE)


ROWS = rows_of(RECORD)


def test_it_works() -> None:
    assert [number for number, _ in ROWS] == SOURCE


@pytest.mark.parametrize(("number", "becomes"), ROWS, ids=[number for number, _ in ROWS])
def test_each_question_of_the_source_is_asked_or_left_out_for_a_reason(
    number: str, becomes: str
) -> None:
    asked = {question.key for question in rulebook_of(KEY).playbook.questions}
    if becomes.startswith("left out:"):
        assert len(becomes.removeprefix("left out:").split()) >= 3, f"{number} has no reason"
        return
    named = re.findall(r"`([a-z0-9-]+)`", becomes)
    assert named, f"{number} becomes nothing"
    assert set(named) <= asked


# ---- How many are asked -------------------------------------------------------------------


@cache
def advised(answers: Answers) -> Recommendation:
    """What is recommended on these answers; the first questions are the same for many buyers."""
    return recommend(rulebook_of(KEY), dict(answers))


def some_way_to_answer(question: Question, chance: random.Random) -> tuple[str, ...]:
    """Any option, or up to three where several can be picked; hardly ever an emergency."""
    if question.key == "red-flags":
        return ("none",) if chance.random() < 0.95 else ("down",)
    if question.kind is Kind.ONE:
        return (chance.choice(question.options).key,)
    if chance.random() < 0.5:
        return (chance.choice([o.key for o in question.options if o.exclusive]),)
    together = [option.key for option in question.options if not option.exclusive]
    return tuple(chance.sample(together, chance.randint(1, 3)))


def asked_of_a_buyer(seed: int) -> tuple[Recommendation, int, int]:
    """What one buyer is recommended, after how many deciding and scope questions."""
    chance = random.Random(seed)  # noqa: S311 - a buyer, not a secret
    playbook = rulebook_of(KEY).playbook
    answers: Answers = ()
    while not (found := advised(answers)).settled:
        question = playbook.question(found.remaining[0])
        answers += ((question.key, some_way_to_answer(question, chance)),)
    assert found.outcome is not None
    counted = with_details(playbook, found.counted, dict(answers))
    scope = list(scope_questions(playbook, found.outcome.first or "", counted))
    return found, len(answers), len(scope)


def test_nobody_is_asked_thirty() -> None:
    buyers = [asked_of_a_buyer(seed) for seed in range(400)]

    assert max(deciding for _, deciding, _ in buyers) <= MOST_DECIDING
    assert max(deciding + scope for _, deciding, scope in buyers) < FEWER_IN_ALL_THAN
    # The sample says something only if it gets everywhere.
    recommended = {
        key for found, _, _ in buyers if found.outcome for key in found.outcome.engagements
    }
    assert recommended == {model.key for model in rulebook_of(KEY).playbook.engagements}


# ---- Money only ever rules out --------------------------------------------------------------

BANDS = ["under-500", "500-2000", "2000-3000", "3000-6000", "6000-8000", "8000-up"]


def test_no_signal_demands_more_because_there_is_more_money() -> None:
    for signal in rulebook_of(KEY).playbook.signals:
        if any(
            condition.question in {"monthly-budget", "one-off-budget"} for condition in signal.when
        ):
            assert not signal.demands, signal.key


@pytest.mark.parametrize("band", BANDS)
def test_a_band_rules_out_just_what_costs_more(band: str) -> None:
    """The upper end of a band pays everything that begins below it, and nothing beyond."""
    playbook = rulebook_of(KEY).playbook
    ends = {"under-500": 500, "8000-up": 10**9}
    end = ends.get(band) or int(band.split("-")[1])
    ruled_out = {
        key
        for signal in playbook.signals
        for condition in signal.when
        if condition.question == "monthly-budget" and band in condition.any_of
        for key in signal.rules_out
    }

    monthly = {m.key: m.price for m in playbook.engagements if m.phase == "run"}
    assert ruled_out == {key for key, price in monthly.items() if price and price.least >= end}
