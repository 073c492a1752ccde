"""Evaluating looks up what the rules would work out, and finds the same."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.rules import Answers, Rulebook, recommend
from advisor.rules.evaluating import Evaluation, evaluate
from advisor.rules.explaining import explain
from advisor.rules.keeping import Kept, Room, keys_in, rows_of
from advisor.rules.outcomes import engagements_of
from tests.factories import (
    BOTH,
    conditions,
    question,
    section,
    signal,
    small_document,
    small_rulebook,
)
from tests.generated import holds
from tests.oracle import Case, Partial, cases, decision, live_part, partial_cases, ways_to_answer
from tests.scenarios import PLAYBOOKS, rulebook_of

SHIPPED = [path.stem for path in PLAYBOOKS]
"""Unlike generated playbooks, these have far more than eight signals and needs."""


def answered(**answers: str) -> dict[str, tuple[str, ...]]:
    """Answers as they are stored; several options of one answer have a blank between them."""
    return {key: tuple(options.split()) for key, options in answers.items()}


def buyers(rulebook: Rulebook, count: int) -> Iterator[tuple[random.Random, Answers]]:
    """Answers to all deciding questions at random, also off the live path."""
    chance = random.Random(rulebook.playbook.key)  # noqa: S311 - buyers, not secrets
    ways = {q.key: ways_to_answer(rulebook.playbook.question(q.key)) for q in rulebook.questions}
    for _ in range(count):
        yield chance, {key: chance.choice(ways[key]) for key in ways}


def fired(rulebook: Rulebook, evaluation: Evaluation) -> list[str]:
    return [s.key for at, s in enumerate(rulebook.signals) if evaluation.fired >> at & 1]


def agrees(rulebook: Rulebook, answers: Answers, live: Answers) -> None:
    """Assert that answers come to what the oracle says of those on the live path."""
    evaluation = evaluate(rulebook, answers)
    expected = decision(rulebook.playbook, dict(live))

    assert fired(rulebook, evaluation) == [
        found.key
        for found in rulebook.playbook.signals
        if all(set(live.get(c.question, ())) & set(c.any_of) for c in found.when)
    ]
    assert set(rulebook.needs_in(evaluation.needs)) == expected.needs
    ruled_out = {e.key for e in rulebook.engagements if e.bit & evaluation.ruled_out}
    assert ruled_out == expected.ruled_out
    assert engagements_of(evaluation.decision) == expected.engagements
    assert evaluation.decision.fits == expected.fits


def test_it_works() -> None:
    rulebook = small_rulebook()
    evaluation = evaluate(rulebook, answered(**BOTH))

    assert fired(rulebook, evaluation) == ["cause-unknown", "work-to-do"]
    assert rulebook.needs_in(evaluation.needs) == ("evidence", "outcome")
    assert evaluation.ruled_out == 0
    assert engagements_of(evaluation.decision) == ("retainer",)


@holds(400)
@given(partial_cases())
def test_answers_come_to_what_the_oracle_says(partial: Partial) -> None:
    case, answers = partial
    agrees(case.rulebook, answers, live_part(case.playbook, answers))


@holds(100)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_ticks_and_of_answers_changes_nothing(
    case: Case, chance: random.Random
) -> None:
    answers = [(key, tuple(chance.sample(a, k=len(a)))) for key, a in case.answers.items()]
    chance.shuffle(answers)

    for _ in "worked out", "looked up":
        agrees(case.rulebook, dict(answers), live_part(case.playbook, case.answers))


@pytest.mark.parametrize("playbook", SHIPPED)
def test_shipped_playbooks_come_to_what_the_oracle_says(playbook: str) -> None:
    rulebook = rulebook_of(playbook)
    for chance, complete in buyers(rulebook, 300):
        answers = {key: answer for key, answer in complete.items() if chance.random() < 0.9}
        agrees(rulebook, answers, rulebook.live_answers(answers))


def test_an_empty_answer_is_none() -> None:
    rulebook = small_rulebook()

    assert evaluate(rulebook, answered(cause="", work="build")) == evaluate(
        rulebook, answered(work="build")
    )


def test_answers_off_the_live_path_do_not_count() -> None:
    rulebook = small_rulebook()
    unasked = evaluate(rulebook, answered(cause="known", work="nothing", money="one-off"))

    assert fired(rulebook, unasked) == []


def test_a_question_asked_after_one_that_is_not_asked_does_not_count() -> None:
    document = small_document()
    signals = [*document["signals"], signal("they-pay", {"payer": ["them"]}, {"evidence": 1})]
    payer = question("payer", ["us", "them"], ask_when=conditions({"money": ["monthly"]}))
    rulebook = small_rulebook(questions=[*document["questions"], payer], signals=signals)
    told = {"cause": "known", "money": "monthly", "payer": "them"}

    asked = evaluate(rulebook, answered(**told, work="build"))
    assert fired(rulebook, asked) == ["work-to-do", "they-pay"]
    assert fired(rulebook, evaluate(rulebook, answered(**told, work="nothing"))) == []


def test_scope_details_and_typed_answers_are_ignored() -> None:
    document = small_document()
    rulebook = small_rulebook(
        sections=[*document["sections"], section("after", "scope")],
        questions=[
            *document["questions"],
            question("when", ["soon", "later"], section="after"),
            question("note", kind="text", section="after"),
        ],
    )
    details = {"when": ("soon",), "note": ("Anything at all.",)}

    assert evaluate(rulebook, {**answered(**BOTH), **details}) == evaluate(
        rulebook, answered(**BOTH)
    )


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param({"cause": "unheard-of"}, id="on the live path"),
        pytest.param({"work": "nothing", "money": "unheard-of"}, id="off the live path"),
        pytest.param({"work": "build unheard-of"}, id="one of several"),
    ],
)
def test_an_unknown_option_is_loud(answers: dict[str, str]) -> None:
    rulebook = small_rulebook()

    for _ in "first", "again":
        with pytest.raises(KeyError, match="unheard-of"):
            evaluate(rulebook, answered(**answers))


@holds(100)
@given(cases())
def test_a_recommendation_tells_the_explanation(case: Case) -> None:
    recommendation = recommend(case.rulebook, case.answers)
    explanation = explain(case.rulebook, case.answers)

    assert explanation._asdict() == {
        part: getattr(recommendation, part) for part in explanation._fields
    }


@pytest.mark.parametrize("playbook", SHIPPED)
def test_shipped_playbooks_explain_what_they_weigh(playbook: str) -> None:
    rulebook = rulebook_of(playbook)
    for _, answers in buyers(rulebook, 100):
        told = explain(rulebook, answers)
        signals = [rulebook.playbook.signal(one.signal) for one in told.signals]

        assert [found.key for found in signals] == fired(rulebook, evaluate(rulebook, answers))
        weights: dict[str, int] = {}
        for demand in (demand for found in signals for demand in found.demands):
            weights[demand.need] = weights.get(demand.need, 0) + demand.weight
        assert {one.need: one.weight for one in told.needs} == weights
        steps = {step.engagement for step in told.steps}
        for score in told.scores:
            carried = rulebook.playbook.engagement(score.engagement).carries
            part = sum(weight for need, weight in weights.items() if need in carried)
            whole = sum(weights.values())
            ruling_out = [s.key for s in signals if score.engagement in s.rules_out]
            assert list(score.ruled_out_by) == ruling_out
            if score.engagement in steps:
                assert (score.score, score.fits) == (100, True)
            else:
                assert score.score == (100 * part // whole if whole else 0)
                assert score.fits == (part == whole and not ruling_out)


# ---- What is kept ------------------------------------------------------------------------------


def test_what_is_kept_is_worked_out_once() -> None:
    asked: list[int] = []
    squares = Kept(Room(), lambda number: asked.append(number) or number * number)

    assert [squares[3], squares[3]] == [9, 9]
    assert asked == [3]


def test_tables_keep_no_more_than_there_is_room_for() -> None:
    room = Room(2)
    halves, doubles = Kept(room, lambda n: n // 2), Kept(room, lambda n: n * 2)

    assert [halves[6], doubles[6], halves[8], doubles[8]] == [3, 12, 4, 16]
    assert (dict(halves), dict(doubles)) == ({6: 3}, {6: 12})


def test_ticks_are_looked_up_or_worked_out_when_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Room, "keep", lambda *_: None)
    rulebook = small_rulebook()
    several = answered(work="move build", cause="unknown")

    assert [fired(rulebook, evaluate(rulebook, several)) for _ in "12"] == [
        ["cause-unknown", "work-to-do"]
    ] * 2


@pytest.mark.parametrize("count", [1, 7, 8, 9, 16, 21])
def test_rows_tell_what_the_bits_of_a_mask_come_to(count: int) -> None:
    keys = [f"k{at}" for at in range(count)]
    rows = rows_of([(key,) for key in keys], lambda some, more: some + more, ())
    chance = random.Random(count)  # noqa: S311 - masks, not secrets

    for mask in [0, 1, (1 << count) - 1, *(chance.getrandbits(count) for _ in range(50))]:
        assert keys_in(rows, mask) == tuple(k for at, k in enumerate(keys) if mask >> at & 1)
