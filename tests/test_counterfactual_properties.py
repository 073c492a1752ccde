"""What would change a recommendation or end a conflict, against the oracle."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from advisor.loading import from_document
from advisor.playbook import Kind, Phase, Playbook, Question
from advisor.rules import changing
from advisor.rules.counterfactuals import MOST_OF_TWO, counterfactuals_of
from advisor.rules.recommendation import Counterfactual, Outcome, OutcomeKind
from tests.factories import conditions, engagement, need, option, question, signal, small_document
from tests.generated import holds, some_of
from tests.oracle import (
    Answers,
    Case,
    Partial,
    can_change,
    cases,
    commitment,
    completions,
    conflicts,
    decision,
    live_part,
    partial_cases,
    ways_to_answer,
)

Changes = dict[str, tuple[str, ...]]


@st.composite
def settled_cases(draw: st.DrawFn) -> Partial:
    """Answers that settle an engagement model, and no emergency; all of them or some."""
    some = cases().map(lambda case: (case, case.answers))
    case, answers = draw(partial_cases() | some | choices() | many_ticks())
    live = live_part(case.playbook, answers)
    possible = ends(case.playbook, live)
    assume(len(possible) == 1 and possible != [()])
    assume(case.playbook.engagement(possible[0][0]).phase is not Phase.RESPOND)
    return case, live


@st.composite
def choices(draw: st.DrawFn) -> Partial:
    """A playbook where each engagement model is the only one for something, on two conditions."""
    keys = ["e0", "e1", "e2", "e3"]
    questions = [
        question("q0", ["a", "b", option("c", unsure=draw(st.booleans()))]),
        question("q1", ["a", "b", option("d", exclusive=True)], kind="many"),
        question("q2", ["a", "b"], ask_when=conditions({"q0": draw(some_of("abc"))})),
        question("q3", ["a", "b", "c"], changeable=draw(st.booleans())),
    ]
    pairs = list(itertools.combinations([q["key"] for q in questions], 2))
    signals = []
    for key in keys[1:]:
        one, other = draw(st.sampled_from(pairs))
        when = {one: draw(some_of("ab")), other: draw(some_of("ab", most=1))}
        signals.append(signal(key, when, {key: 1}))
    phases = draw(st.lists(st.sampled_from(["decide", "run"]), min_size=4, max_size=4))
    needs = [need(key, phase) for key, phase in zip(keys, phases, strict=True)]
    models = [engagement(key, at, "run", [key]) for at, key in enumerate(keys, start=1)]
    playbook = from_document(
        small_document(
            entry="e0", needs=needs, engagements=models, questions=questions, signals=signals
        )
    )
    ways = {q.key: ways_to_answer(q) for q in playbook.questions}
    answers = {key: draw(st.sampled_from(ways[key])) for key in ways}
    kept = draw(some_of(ways))
    return Case(playbook, answers), {key: answers[key] for key in ways if key in kept}


@st.composite
def many_ticks(draw: st.DrawFn) -> Partial:
    """A playbook where more can be ticked behind a gate than is tried way by way."""
    ticks = [f"t{at}" for at in range(draw(st.integers(6, 8)))]
    questions = [
        question("q0", ["shut", "ajar", "open"]),
        question("q1", ticks, kind="many", ask_when=conditions({"q0": ["open"]})),
        question("q2", ["a", "b"]),
    ]
    wanted = draw(st.lists(st.sampled_from(ticks), min_size=5, max_size=8, unique=True))
    all_wanted = [{"question": "q1", "any_of": [tick]} for tick in wanted]
    signals = [
        signal("shut", {"q0": ["shut"]}, {"e1": 1}),
        signal("any", {"q1": draw(some_of(ticks, most=2)), "q2": ["b"]}, {"e2": 1}),
        {**signal("all", {}, {"e3": 1}), "when": all_wanted},
    ]
    keys = ["e0", "e1", "e2", "e3"]
    playbook = from_document(
        small_document(
            entry="e0",
            needs=[need(key, "run") for key in keys],
            engagements=[
                engagement(key, at, "run", sorted({key, *draw(some_of(keys, most=2))}))
                for at, key in enumerate(keys, start=1)
            ],
            questions=questions,
            signals=signals,
        )
    )
    answers = {
        "q0": (draw(st.sampled_from(["shut", "ajar"])),),
        "q2": (draw(st.sampled_from("ab")),),
    }
    return Case(playbook, {**answers, "q1": ("t0",)}), answers


def ends(playbook: Playbook, answers: Answers) -> list[tuple[str, ...]]:
    """The engagement models of each completion, without the same advice twice."""
    found = (decision(playbook, live) for live in completions(playbook, answers))
    return list({one.advice: one.engagements for one in found}.values())


def alternatives(asked: Question, answer: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The ways to answer that are one step away, and not the way of somebody who does not know."""
    unsure = {option.key for option in asked.options if option.unsure}
    exclusive = {option.key for option in asked.options if option.exclusive}
    for way in ways_to_answer(asked):
        more, less = set(way) - set(answer), set(answer) - set(way)
        if more & unsure or set(way) <= unsure:
            continue
        tick = asked.kind is Kind.MANY and not exclusive & {*way, *answer}
        if way != answer and (not tick or len(more) + len(less) == 1):
            if not tick and asked.kind is Kind.MANY and len(way) > 1:
                continue  # from an exclusive option to one other
            yield way


def one_change(case: Case, live: Answers) -> list[Changes]:
    return [
        {key: way}
        for key in live
        if can_change(case.playbook, asked := case.playbook.question(key))
        for way in alternatives(asked, live[key])
    ]


def two_changes(case: Case, live: Answers) -> list[Changes]:
    pairs = itertools.combinations(one_change(case, live), 2)
    return [{**one, **other} for one, other in pairs if one.keys() != other.keys()]


def changes_of(told: Counterfactual) -> Changes:
    return {answer.question: answer.options for answer in told.instead}


@holds(100)
@given(settled_cases())
def test_it_works(settled: Partial) -> None:
    """Each change, applied, gives exactly what it promised."""
    case, live = settled
    now = case.recommend(live).outcome
    assert now

    for told in counterfactuals_of(case.rulebook, live):
        applied = case.recommend({**live, **changes_of(told)})
        assert applied.outcome == told.outcome
        assert applied.possible == told.possible
        assert len(told.instead) in (1, 2)
        if told.outcome is None:
            assert len(told.instead) == 1
            assert any(o.engagements not in ((), now.engagements) for o in told.possible)
        else:
            assert told.possible == (told.outcome,)
            assert told.outcome.engagements not in ((), now.engagements)


@holds(100)
@given(settled_cases())
def test_only_what_a_buyer_can_change_is_told(settled: Partial) -> None:
    case, live = settled

    for told in counterfactuals_of(case.rulebook, live):
        for key, options in changes_of(told).items():
            asked = case.playbook.question(key)
            assert can_change(case.playbook, asked)
            assert options in alternatives(asked, live[key])
            picked = set(options) - set(live[key])
            assert not any(asked.option(key).unsure for key in picked)


@holds(100)
@given(settled_cases())
def test_no_change_of_one_answer_is_missing(settled: Partial) -> None:
    case, live = settled
    [now] = ends(case.playbook, live)
    expected = []
    for changes in one_change(case, live):
        possible = ends(case.playbook, live_part(case.playbook, {**live, **changes}))
        if any(engagements not in ((), now) for engagements in possible):
            expected.append((changes, set(possible)))

    told = [
        (changes_of(t), {outcome.engagements for outcome in t.possible})
        for t in counterfactuals_of(case.rulebook, live)
        if len(t.instead) == 1
    ]
    assert all(one in told for one in expected)
    assert len(told) == len(expected)


@holds(100)
@given(settled_cases())
def test_two_answers_are_told_for_first_steps_that_one_does_not_lead_to(settled: Partial) -> None:
    case, live = settled
    [now] = ends(case.playbook, live)
    within_reach = {now[0]}
    for changes in one_change(case, live):
        possible = ends(case.playbook, live_part(case.playbook, {**live, **changes}))
        within_reach |= {engagements[0] for engagements in possible if engagements}
    expected: dict[str, list[tuple[tuple[int, int], Changes]]] = {}
    for changes in two_changes(case, live):
        [first, *others] = ends(case.playbook, live_part(case.playbook, {**live, **changes}))
        if not others and first and first[0] not in within_reach:
            ways = expected.setdefault(first[0], [])
            ways.append((commitment(case.playbook, first), changes))

    told: dict[str, list[tuple[tuple[int, int], Changes]]] = {}
    for found in counterfactuals_of(case.rulebook, live):
        if len(found.instead) == 2:
            assert found.outcome
            [first] = found.outcome.engagements[:1]
            least = commitment(case.playbook, found.outcome.engagements)
            told.setdefault(first, []).append((least, changes_of(found)))
    assert told.keys() == expected.keys()
    for first, ways in expected.items():
        assert all(way in ways for way in told[first])
        least = sorted(least for least, _ in ways)
        assert [least for least, _ in told[first]] == least[:MOST_OF_TWO]


@holds(60)
@given(settled_cases())
def test_what_is_certain_comes_first_and_then_the_least_commitment(settled: Partial) -> None:
    case, live = settled
    [now] = ends(case.playbook, live)

    def rank(told: Counterfactual) -> tuple[bool, tuple[int, int]]:
        others = [o.engagements for o in told.possible if o.engagements not in ((), now)]
        return told.outcome is None, commitment(case.playbook, others[0])

    ranks = [rank(told) for told in counterfactuals_of(case.rulebook, live)]
    assert ranks == sorted(ranks)


@holds(60)
@given(settled_cases())
def test_the_order_of_answers_and_what_was_asked_before_change_nothing(settled: Partial) -> None:
    case, live = settled
    told = counterfactuals_of(case.rulebook, live)

    again = Case(case.playbook, case.answers)
    assert counterfactuals_of(again.rulebook, dict(reversed(live.items()))) == told


@holds(60)
@given(settled_cases())
def test_many_completions_are_looked_ahead_with_the_same_result(settled: Partial) -> None:
    case, live = settled
    told = counterfactuals_of(case.rulebook, live)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(changing, "MOST", 1)
        again = Case(case.playbook, case.answers)
        assert counterfactuals_of(again.rulebook, live) == told


@holds(60)
@given(partial_cases() | partial_cases(urgent=True))
def test_a_conflict_an_emergency_and_what_is_open_have_none(partial: Partial) -> None:
    case, answers = partial
    live = live_part(case.playbook, answers)
    possible = ends(case.playbook, live)
    first = next(iter(possible[0]), "")
    responds = {e.key for e in case.playbook.engagements if e.phase is Phase.RESPOND}
    assume(len(possible) > 1 or not first or first in responds)

    assert counterfactuals_of(case.rulebook, live) == ()


# ---- Out of a conflict --------------------------------------------------------------------


@holds(60)
@given(conflicts())
def test_without_each_answer_of_a_conflict_the_others_come_to_what_is_told(case: Case) -> None:
    conflict = case.recommend(case.answers).conflict
    assert conflict

    told = [(dropped.question, (dropped.option,)) for dropped in conflict.dropped]
    assert told == [(answer.question, answer.options) for answer in conflict.answers]
    for dropped in conflict.dropped:
        answers = live_part(case.playbook, case.answers)
        kept = tuple(o for o in answers[dropped.question] if o != dropped.option)
        left = live_part(case.playbook, {**answers, dropped.question: kept})
        found = decision(case.playbook, left)
        if found.fits:
            assert dropped.outcome.kind == found.kind
            assert dropped.outcome.engagements == found.engagements
        else:
            assert dropped.outcome == Outcome(kind=OutcomeKind.CONFLICT, engagements=())


@holds(60)
@given(conflicts())
def test_a_change_of_several_ticks_is_the_smallest_that_helps(case: Case) -> None:
    conflict = case.recommend(case.answers).conflict
    assert conflict

    for answer in conflict.answers:
        asked = case.playbook.question(answer.question)
        if asked.kind is Kind.ONE or not can_change(case.playbook, asked):
            continue
        [option] = answer.options
        given_options = case.answers[asked.key]
        offered = [c for c in conflict.changes if (c.question, c.option) == (asked.key, option)]
        unsure = {o.key for o in asked.options if o.unsure}
        exclusive = {o.key for o in asked.options if o.exclusive}
        ways = [w for w in ways_to_answer(asked) if not set(w) <= unsure and option not in w]
        less = [w for w in ways if len(w) == len(given_options) - 1 and {*w} < {*given_options}]
        alone = [
            w
            for w in ways
            if len(w) == 1 and not {*w} & {*given_options, *unsure}
            if len(given_options) == 1 or {*w} & exclusive
        ]
        helps = case_fits(case, asked)
        helping = [*filter(helps, less)] or [*filter(helps, alone)]
        assert len(offered) == bool(helping)
        assert all(change.instead in helping for change in offered)


def case_fits(case: Case, asked: Question) -> Callable[[tuple[str, ...]], bool]:
    """Whether something can fit with another answer to a question."""

    def fits(way: tuple[str, ...]) -> bool:
        changed = live_part(case.playbook, {**case.answers, asked.key: way})
        return any(decision(case.playbook, c).fits for c in completions(case.playbook, changed))

    return fits
