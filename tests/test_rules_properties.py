"""What holds for every playbook: the rules against the oracle over generated playbooks."""

import itertools
from collections.abc import Iterable

from hypothesis import assume, given
from hypothesis import strategies as st

from advisor.loading import from_document, to_document
from advisor.playbook import Kind, Phase
from advisor.rules import Recommendation
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
    demands_of,
    direct_cases,
    in_phase,
    live_part,
    partial_cases,
    partial_direct_cases,
    ways_to_answer,
)


@holds(200)
@given(cases())
def test_it_works(case: Case) -> None:
    recommendation = case.recommend(case.answers)
    expected = decision(case.playbook, live_part(case.playbook, case.answers))

    assert recommendation.outcome is not None
    assert recommendation.outcome.engagements == expected.engagements
    assert recommendation.outcome.kind == expected.kind
    assert {need.need for need in recommendation.needs} == expected.needs
    assert (recommendation.conflict is None) == expected.fits
    assert recommendation.possible == (recommendation.outcome,)
    assert recommendation.remaining == ()


@holds(400)
@given(partial_cases() | partial_direct_cases())
def test_possible_is_what_some_completion_leads_to(partial: Partial) -> None:
    case, answers = partial
    recommendation = case.recommend(answers)
    completed = completions(case.playbook, answers)
    expected = {decision(case.playbook, live).advice for live in completed}

    possible = [(outcome.kind, *outcome.engagements) for outcome in recommendation.possible]
    assert sorted(possible) == sorted(expected)
    # A conflict is told once the answers given so far show which of them clash.
    so_far = decision(case.playbook, live_part(case.playbook, answers)).advice
    settled = len(expected) == 1 and (("conflict",) not in expected or so_far == ("conflict",))
    assert recommendation.settled == settled


@holds(100)
@given(partial_cases())
def test_settled_never_changes(partial: Partial) -> None:
    case, answers = partial
    recommendation = case.recommend(answers)
    assume(recommendation.outcome and recommendation.remaining)
    # Of an emergency only the steps are promised: it may still turn out that they carry too little.
    first = recommendation.first and case.playbook.engagement(recommendation.first)
    urgent = first and first.phase is Phase.RESPOND

    for live in completions(case.playbook, answers):
        given_so_far = live_part(case.playbook, answers)
        for key, answer in live.items():
            given_so_far[key] = answer
            later = case.recommend(given_so_far)
            assert later.outcome == recommendation.outcome
            if not urgent:
                assert (later.conflict is None) == (recommendation.conflict is None)


@holds(100)
@given(partial_cases())
def test_answers_off_the_path_and_the_order_of_answers_change_nothing(partial: Partial) -> None:
    case, answers = partial
    live = live_part(case.playbook, answers)
    backwards = {key: answers[key][::-1] for key in reversed(answers)}

    expected = case.recommend(live).model_dump_json()
    assert case.recommend(answers).model_dump_json() == expected
    assert case.recommend(backwards).model_dump_json() == expected


@holds(100)
@given(partial_cases())
def test_the_same_answers_give_the_same_bytes(partial: Partial) -> None:
    case, answers = partial
    told = case.recommend(answers).model_dump_json()

    again = Case(from_document(to_document(case.playbook)), answers)
    assert again.recommend(dict(answers)).model_dump_json() == told
    assert Recommendation.model_validate_json(told) == case.recommend(answers)


@holds(100)
@given(partial_cases(urgent=True))
def test_stabilisation_comes_first_whatever_else_is_answered(partial: Partial) -> None:
    case, answers = partial
    recommendation = case.recommend(answers)

    assert "n0" in {need.need for need in recommendation.needs}
    for outcome in recommendation.possible:
        assert outcome.first
        assert case.playbook.engagement(outcome.first).phase is Phase.RESPOND


@holds(200)
@given(cases())
def test_no_step_has_a_smaller_fitting_alternative(case: Case) -> None:
    recommendation = case.recommend(case.answers)
    needs, ruled_out = demands_of(case.playbook, live_part(case.playbook, case.answers))
    assume(needs)

    still_open = set(needs)
    for step in recommendation.steps:
        chosen = case.playbook.engagement(step.engagement)
        assert chosen.key not in ruled_out
        assert set(step.chosen_for) <= set(step.carries) == still_open & set(chosen.carries)
        urgent = in_phase(case.playbook, still_open, Phase.RESPOND)
        for other in case.playbook.engagements:
            if urgent and other.phase is not Phase.RESPOND:
                continue
            if other.key not in ruled_out and set(step.chosen_for) <= set(other.carries):
                assert other.size >= chosen.size
        still_open -= set(step.carries)
    assert bool(still_open) == bool(recommendation.conflict)


@holds(100)
@given(direct_cases(), st.data())
def test_more_needs_never_give_a_smaller_single_cover(case: Case, data: st.DataObject) -> None:
    more = case.recommend(case.answers)
    assume(len(more.steps) == 1 and not more.conflict and more.needs)
    kept = data.draw(some_of(case.answers["wishes"]))

    fewer = case.recommend({**case.answers, "wishes": tuple(kept)})

    assert [need.need for need in fewer.needs] == kept
    assert (len(fewer.steps), fewer.conflict) == (1, None)
    sizes = [case.playbook.engagement(r.steps[0].engagement).size for r in (fewer, more)]
    assert sizes[0] <= sizes[1]


@holds(200)
@given(cases())
def test_certificate_is_true(case: Case) -> None:
    recommendation = case.recommend(case.answers)
    assume(recommendation.steps)
    needs, ruled_out = demands_of(case.playbook, live_part(case.playbook, case.answers))
    first, *later = recommendation.steps
    by_size = sorted(case.playbook.engagements, key=lambda model: model.size)
    place = [model.key for model in by_size].index(first.engagement)
    fired = {told.signal for told in recommendation.signals}
    others = [model for model in by_size if model.key != first.engagement]

    assert [line.engagement for line in recommendation.certificate] == [o.key for o in others]
    for at, (model, line) in enumerate(zip(others, recommendation.certificate, strict=True)):
        assert line.side == ("smaller" if at < place else "larger")
        missing = set(first.chosen_for) - set(model.carries)
        signals = [case.playbook.signal(key) for key in line.signals]
        assert {found.key for found in signals} <= fired
        match line.verdict:
            case "comes-later":
                assert model.key in {step.engagement for step in later}
            case "cannot-carry":
                assert set(line.needs) == missing
                assert missing <= {demand.need for found in signals for demand in found.demands}
                assert missing
            case "ruled-out":
                assert model.key in ruled_out
                assert signals
                assert all(model.key in found.rules_out for found in signals)
            case "not-needed":
                assert line.side == "larger"
                assert not missing
                assert model.key not in ruled_out
                assert set(line.needs) == set(model.carries) - needs
            case "not-the-start":
                # Here the playbook itself names what comes first.
                assert line.side == "smaller"
                assert not needs or in_phase(case.playbook, needs, Phase.RESPOND)
            case verdict:
                raise AssertionError(verdict)


@holds(100)
@given(cases())
def test_nothing_scores_higher_than_what_is_recommended(case: Case) -> None:
    recommendation = case.recommend(case.answers)
    scores = {score.engagement: score for score in recommendation.scores}
    steps = {step.engagement for step in recommendation.steps}
    weights = {need.need: need.weight for need in recommendation.needs}

    assert scores.keys() == {model.key for model in case.playbook.engagements}
    for key, score in scores.items():
        carried = set(case.playbook.engagement(key).carries)
        if key in steps:
            assert (score.score, score.fits) == (100, True)
        elif weights:
            part = sum(weight for need, weight in weights.items() if need in carried)
            assert score.score == 100 * part // sum(weights.values())
            assert score.fits == (not score.ruled_out_by and weights.keys() <= carried)


@holds(100)
@given(conflicts())
def test_a_conflict_is_one_and_has_no_smaller_one(case: Case) -> None:
    recommendation = case.recommend(case.answers)
    assert recommendation.conflict is not None
    needs, _ = demands_of(case.playbook, case.answers)

    def clash(chosen: Iterable[tuple[str, str]]) -> bool:
        answers: Answers = {}
        for key, picked in chosen:
            answers[key] = (*answers.get(key, ()), picked)
        found = decision(case.playbook, answers)
        # Where something is demanded, answers that only rule out clash with nothing by themselves.
        return not found.fits and bool(found.needs or not needs)

    everything = [(key, picked) for key, answer in case.answers.items() for picked in answer]
    named = [(given.question, given.options[0]) for given in recommendation.conflict.answers]
    assert set(named) <= set(everything)
    assert clash(named)
    smaller = (c for size in range(len(named)) for c in itertools.combinations(everything, size))
    assert not any(clash(chosen) for chosen in smaller)


@holds(100)
@given(conflicts())
def test_each_change_out_of_a_conflict_gives_what_it_says(case: Case) -> None:
    conflict = case.recommend(case.answers).conflict
    assert conflict is not None

    for change in conflict.changes:
        assert (change.question, change.option) in {
            (given.question, given.options[0]) for given in conflict.answers
        }
        asked = case.playbook.question(change.question)
        assert can_change(case.playbook, asked)
        assert change.option not in change.instead
        changed = case.recommend({**case.answers, change.question: change.instead})
        assert changed.conflict is None
        if change.outcome is None:
            assert changed.outcome is None
            assert any(outcome.engagements for outcome in changed.possible)
        else:
            assert changed.outcome is not None
            assert changed.outcome.engagements == change.outcome.engagements


@holds(100)
@given(conflicts())
def test_a_conflict_offers_every_change_that_helps(case: Case) -> None:
    conflict = case.recommend(case.answers).conflict
    assert conflict is not None

    for given_answer in conflict.answers:
        asked = case.playbook.question(given_answer.question)
        if asked.kind is not Kind.ONE or not can_change(case.playbook, asked):
            continue
        certain, helping = [], False
        advised = [way for way in ways_to_answer(asked) if not asked.option(*way).unsure]
        for way in advised:
            changed = live_part(case.playbook, {**case.answers, asked.key: way})
            decisions = [decision(case.playbook, c) for c in completions(case.playbook, changed)]
            helping |= any(d.fits for d in decisions)
            if all(d.fits for d in decisions) and len({d.engagements for d in decisions}) == 1:
                certain.append(decisions[0].engagements)
        offered = [c.outcome for c in conflict.changes if c.question == asked.key]
        assert len(offered) == helping
        assert [outcome for outcome in offered if outcome is None] == [None] * (
            helping and not certain
        )
        if certain:
            assert commitment(case.playbook, offered[0].engagements) == min(
                commitment(case.playbook, engagements) for engagements in certain
            )
