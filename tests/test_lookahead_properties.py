"""What holds of every look ahead: the lanes and the solver against the oracle.

In complete mode every completion has a lane. Here the playbooks are small, so lanes are also made
scarce: then a sample of three, and the solver, have to find the same.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import islice

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from advisor.loading import from_document
from advisor.playbook import Stage
from advisor.rules import Rulebook, circuit, compile_playbook, lanes, lookahead
from advisor.rules.deciding import decide
from advisor.rules.lookahead import Outlook, can_fit, look_ahead, possible_endings
from advisor.rules.outcomes import Ending, ending_on
from advisor.rules.solving import Gates
from tests.factories import engagement, option, question
from tests.generated import documents, holds, some_of, some_of_each, some_signal
from tests.oracle import (
    Answers,
    Case,
    Partial,
    completions,
    decision,
    filled_in,
    helps_most,
    live_part,
    matters,
    open_questions,
    opened_by,
    partial_cases,
    ways_to_answer,
)


@contextmanager
def few_lanes(most: int = 1, sample: int = 3) -> Iterator[None]:
    """Only so many completions are looked at; the solver has to find the rest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lanes, "MOST", most)
        patch.setattr(lanes, "SAMPLE", sample)
        yield


@contextmanager
def few_endings(most: int) -> Iterator[None]:
    """Only so many endings are told."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lookahead, "MOST_ENDINGS", most)
        yield


MODES = st.sampled_from([nullcontext, few_lanes])
"""Every completion in a lane, or hardly any."""


def fresh(case: Case) -> Rulebook:
    """A rulebook of which nothing has been asked, or kept, before."""
    return compile_playbook(case.playbook, "under test")


@st.composite
def wider_cases(draw: st.DrawFn) -> Partial:
    """More questions, perhaps a second engagement model that responds; few of the answers."""
    document = draw(documents())
    respond = [n["key"] for n in document["needs"] if n["phase"] == "respond"]
    needs = [n["key"] for n in document["needs"]]
    if respond and draw(st.booleans()):
        more = draw(some_of(needs))
        carried = [key for key in needs if key in {*respond, *more}]
        second = engagement("second", draw(st.integers(1, 4)), "respond", carried)
        document["engagements"].append(second)
    for at in range(draw(st.integers(1, 2))):
        later = question(f"later{at}", [option(f"o{n}") for n in range(3)], kind="one")
        if draw(st.booleans()):
            gates = draw(some_of_each(document["questions"]))
            later["ask_when"] = [
                {"question": key, "any_of": options} for key, options in gates.items()
            ]
        document["questions"].append(later)
        signals = (some_signal(f"t{at}{n}", document["questions"], needs, []) for n in range(2))
        document["signals"] += map(draw, signals)
    playbook = from_document(document)
    ways = {q.key: ways_to_answer(q) for q in playbook.questions}
    answers = {key: draw(st.sampled_from(ways[key])) for key in ways}
    kept = draw(some_of(("", *answers), most=2))
    case = Case(playbook, answers)
    return case, live_part(playbook, {key: answers[key] for key in answers if key in kept})


@st.composite
def on_the_path(draw: st.DrawFn) -> Partial:
    """A case, and some of its answers, all on the live path."""
    case, answers = draw(partial_cases())
    return case, live_part(case.playbook, answers)


ANY = on_the_path() | wider_cases()


def endings(case: Case, answers: Answers) -> set[Ending]:
    """What the oracle says is possible."""
    found = (decision(case.playbook, live) for live in completions(case.playbook, answers))
    return {Ending(d.engagements, bool(d.needs), d.fits) for d in found}


def told(outlook: Outlook) -> set[tuple[str, ...]]:
    """What an outlook says is possible, as the oracle puts it."""
    assert len(set(outlook.outcomes)) == len(outlook.outcomes)
    return {(outcome.kind, *outcome.engagements) for outcome in outlook.outcomes}


@holds(120)
@given(ANY)
def test_it_works(partial: Partial) -> None:
    case, answers = partial
    outlook = look_ahead(case.rulebook, answers)

    expected = endings(case, answers)
    assert set(outlook.endings) == expected
    assert (len(outlook.endings), outlook.more) == (len(expected), False)
    completed = completions(case.playbook, answers)
    assert told(outlook) == {decision(case.playbook, live).advice for live in completed}
    assert (outlook.next_question is None) == (len(outlook.outcomes) == 1)


@holds(120)
@given(ANY, st.sampled_from([1, 2, 5]), st.integers(1, 8))
def test_a_solver_finds_what_a_sample_misses(partial: Partial, most: int, sample: int) -> None:
    case, answers = partial
    with few_lanes(most, sample):
        assert look_ahead(fresh(case), answers).endings == possible_endings(case.rulebook, answers)
        assert set(possible_endings(fresh(case), answers)) == endings(case, answers)


@holds(60)
@given(partial_cases(), MODES)
def test_the_smallest_comes_first_and_no_fit_last(partial: Partial, mode: type) -> None:
    case, answers = partial
    with mode():
        found = possible_endings(fresh(case), live_part(case.playbook, answers))

    sizes = [[case.playbook.engagement(key).size for key in end.engagements] for end in found]
    assert sizes == sorted(sizes, key=lambda one: (not one, one))


@holds(60)
@given(partial_cases(), MODES)
def test_answers_to_what_is_not_asked_yet_are_reckoned_with(partial: Partial, mode: type) -> None:
    case, answers = partial
    found = [
        decision(case.playbook, live_part(case.playbook, filled))
        for filled in filled_in(case.playbook, answers)
    ]
    demanding = [d for d in found if d.needs]
    with mode():
        rulebook = fresh(case)
        ahead = {ending.engagements for ending in possible_endings(rulebook, answers)}
        assert ahead == {d.engagements for d in found}
        assert can_fit(rulebook, answers) == (not demanding or any(d.fits for d in demanding))


@holds(120)
@given(ANY)
def test_the_next_question_is_the_one_that_splits_best(partial: Partial) -> None:
    case, answers = partial
    outlook = look_ahead(case.rulebook, answers)
    assume(len(outlook.outcomes) > 1)

    best = helps_most(case.playbook, answers)
    if best:
        assert outlook.next_question == best
    else:
        assert_it_may_help(case, answers, outlook)


@holds(120)
@given(ANY)
def test_with_a_sample_the_next_question_may_help_too(partial: Partial) -> None:
    case, answers = partial
    with few_lanes():
        outlook = look_ahead(fresh(case), answers)
    assume(len(outlook.outcomes) > 1)

    assert_it_may_help(case, answers, outlook)


def assert_it_may_help(case: Case, answers: Answers, outlook: Outlook) -> None:
    """It is open, triage goes first, and another answer to it, or to what it opens, can matter."""
    unanswered = open_questions(case.playbook, answers)
    key = outlook.next_question
    assert key in [question.key for question in unanswered]
    triage = [q.key for q in unanswered if case.playbook.stage_of(q) is Stage.TRIAGE]
    if triage:
        assert key == triage[0]
    else:
        leads_to = [key, *opened_by(case.playbook, key)]
        assert any(matters(case.playbook, answers, later) for later in leads_to)


@holds(100)
@given(ANY, MODES)
def test_asking_on_settles_on_the_decision_of_all_answers(partial: Partial, mode: type) -> None:
    case, answers = partial
    expected = {**case.answers, **answers}
    with mode():
        rulebook = fresh(case)
        asked = dict(answers)
        while (outlook := look_ahead(rulebook, asked)).next_question:
            assert outlook.next_question not in asked
            asked[outlook.next_question] = expected[outlook.next_question]

    end = decision(case.playbook, live_part(case.playbook, expected))
    assert told(outlook) == {end.advice}


@holds(60)
@given(ANY, MODES, st.randoms(use_true_random=False))
def test_what_was_asked_before_changes_nothing(
    partial: Partial, mode: type, chance: random.Random
) -> None:
    case, answers = partial
    with mode():
        rulebook = fresh(case)
        expected = look_ahead(rulebook, answers)
        others = [live for live in completions(case.playbook, {}) if chance.random() < 1 / 8]
        for live in others[:20]:
            half = {key: live[key] for key in list(live)[: len(live) // 2]}
            look_ahead(rulebook, half)
        assert look_ahead(rulebook, answers) == expected
        shuffled = dict(chance.sample(list(answers.items()), k=len(answers)))
        assert look_ahead(rulebook, shuffled) == expected


@holds(60)
@given(wider_cases(), MODES, st.integers(1, 3))
def test_of_too_many_endings_some_are_told(partial: Partial, mode: type, most: int) -> None:
    case, answers = partial
    expected = endings(case, answers)
    assume(len(expected) > most)
    with mode(), few_endings(most):
        rulebook = fresh(case)
        outlook = look_ahead(rulebook, answers)
        for completed in islice(completions(case.playbook, {}), 100):
            possible_endings(rulebook, dict(islice(completed.items(), 2)))
        assert look_ahead(rulebook, answers) == outlook

    assert outlook.more
    assert set(outlook.endings) <= expected
    assert len(outlook.endings) <= most + 1
    several = len({ending.outcome for ending in expected}) > 1
    assert (len(outlook.outcomes) > 1) == several
    assert (outlook.next_question is not None) == several


@holds(40)
@given(partial_cases() | wider_cases())
def test_the_circuit_decides_as_the_rules_do(partial: Partial) -> None:
    rulebook = partial[0].rulebook
    needs, models = len(rulebook.need_bits), len(rulebook.engagements)
    cases = 1 << needs + models
    everything = (1 << cases) - 1

    def column(place: int) -> int:
        block = 1 << place
        return everything // ((1 << 2 * block) - 1) * (((1 << block) - 1) << block)

    columns = [column(place) for place in range(needs + models)]
    steps = circuit.decide_on(rulebook, columns[:needs], columns[needs:])
    told = lanes.endings_of(rulebook, steps, everything)

    assert sum(told.values()) == everything
    for ending, here in told.items():
        for lane in circuit.places(here):
            demanded, out = lane % (1 << needs), lane >> needs
            assert ending_on(decide(rulebook, demanded, out), demanded) == ending


@holds(15)
@given(partial_cases() | wider_cases(), st.randoms(use_true_random=False))
def test_the_solver_decides_as_the_rules_do(partial: Partial, chance: random.Random) -> None:
    rulebook = partial[0].rulebook
    gates = Gates()
    needs = [gates.fresh() for _ in rulebook.need_bits]
    out = [gates.fresh() for _ in rulebook.engagements]
    steps = circuit.decide_on(rulebook, needs, out)
    for _ in range(60):
        demanded = chance.randrange(1 << len(needs))
        without = chance.randrange(1 << len(out))
        expected = ending_on(decide(rulebook, demanded, without), demanded)
        wires = [
            *(wire if demanded >> at & 1 else ~wire for at, wire in enumerate(needs)),
            *(wire if without >> at & 1 else ~wire for at, wire in enumerate(out)),
        ]
        so = circuit.spells(rulebook, steps, expected.engagements)
        fits = steps.fits if expected.fits else ~steps.fits
        demanding = steps.demanding if expected.demanding else ~steps.demanding
        assert gates.model(*wires, so, fits, demanding)
        for wrong in (~so, ~fits, ~demanding):
            assert gates.model(*wires, wrong) is None
