"""What holds for every playbook: the rules against a brute force over generated playbooks.

The oracle below is written from DESIGN section 3 in plain loops over the types of a playbook. It
shares no code with the rules and tries everything; the playbooks are small enough for that.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hypothesis import assume, given
from hypothesis import strategies as st

from advisor.loading import from_document, to_document
from advisor.playbook import EngagementModel, Kind, Phase, Playbook, Question, Stage
from advisor.rules import Recommendation, compile_playbook, recommend
from tests.factories import option, question, signal
from tests.generated import documents, holds, some_of

Answers = dict[str, tuple[str, ...]]

# ---- The oracle ---------------------------------------------------------------------------


def ways_to_answer(question: Question) -> list[tuple[str, ...]]:
    """Every way to answer a question."""
    alone = [(o.key,) for o in question.options if question.kind is Kind.ONE or o.exclusive]
    together = [o.key for o in question.options if (o.key,) not in alone]
    sizes = range(1, len(together) + 1)
    return [*alone, *(way for size in sizes for way in itertools.combinations(together, size))]


def is_asked(question: Question, live: Answers) -> bool:
    return all(set(live.get(c.question, ())) & set(c.any_of) for c in question.ask_when)


def live_part(playbook: Playbook, answers: Answers) -> Answers:
    """The answers on the live path."""
    live: Answers = {}
    for asked in playbook.questions:
        if asked.key in answers and is_asked(asked, live):
            live[asked.key] = answers[asked.key]
    return live


def completions(playbook: Playbook, answers: Answers) -> Iterator[Answers]:
    """Every way to answer what is not answered yet, along the live path."""
    counted = live_part(playbook, answers)

    def walk(questions: tuple[Question, ...], live: Answers) -> Iterator[Answers]:
        if not questions:
            yield live
            return
        first, *rest = questions
        if not is_asked(first, live):
            yield from walk(tuple(rest), live)
            return
        ways = [counted[first.key]] if first.key in counted else ways_to_answer(first)
        for way in ways:
            yield from walk(tuple(rest), {**live, first.key: way})

    return walk(playbook.questions, {})


def demands_of(playbook: Playbook, live: Answers) -> tuple[set[str], set[str]]:
    """What fired signals demand, and what they rule out."""
    needs: set[str] = set()
    ruled_out: set[str] = set()
    for found in playbook.signals:
        if all(set(live.get(c.question, ())) & set(c.any_of) for c in found.when):
            needs |= {demand.need for demand in found.demands}
            ruled_out |= set(found.rules_out)
    return needs, ruled_out


def smallest(models: Iterable[EngagementModel], needs: set[str], ruled_out: set[str]) -> str | None:
    """The smallest that carries all needs. What does scores 100, so ties go to playbook order."""
    fitting = [m for m in models if needs <= set(m.carries) and m.key not in ruled_out]
    return min(fitting, key=lambda m: m.size).key if fitting else None


def in_phase(playbook: Playbook, needs: set[str], phase: Phase) -> set[str]:
    return {n.key for n in playbook.needs if n.key in needs and n.phase is phase}


def cover(playbook: Playbook, needs: set[str], ruled_out: set[str]) -> list[str] | None:
    """One engagement model for all needs, else one for the earliest phase, and so on."""
    if not needs:
        return []
    if single := smallest(playbook.engagements, needs, ruled_out):
        return [single]
    phases = (in_phase(playbook, needs, phase) for phase in Phase)
    first = smallest(playbook.engagements, next(filter(None, phases)), ruled_out)
    if first is None:
        return None
    rest = cover(playbook, needs - set(playbook.engagement(first).carries), ruled_out)
    return None if rest is None else [first, *rest]


class Decision(NamedTuple):
    """What the oracle says: the engagement models in order, and whether they carry everything."""

    engagements: tuple[str, ...]
    fits: bool
    needs: set[str]
    ruled_out: set[str]

    @property
    def kind(self) -> str:
        if len(self.engagements) == 1:
            return "single" if self.needs else "entry"
        return "pathway" if self.engagements else "conflict"


def decision(playbook: Playbook, live: Answers) -> Decision:
    """The decision on answers that are all on the live path."""
    needs, ruled_out = demands_of(playbook, live)
    if not needs:
        fits = playbook.entry not in ruled_out
        return Decision((playbook.entry,) if fits else (), fits, needs, ruled_out)
    urgent = in_phase(playbook, needs, Phase.RESPOND)
    if not urgent:
        steps = cover(playbook, needs, ruled_out)
        return Decision(tuple(steps or ()), steps is not None, needs, ruled_out)
    responders = [m for m in playbook.engagements if m.phase is Phase.RESPOND]
    first = smallest(responders, urgent, ruled_out)
    assert first, "checked: an emergency can always be answered"
    rest = cover(playbook, needs - set(playbook.engagement(first).carries), ruled_out)
    return Decision((first, *(rest or ())), rest is not None, needs, ruled_out)


# ---- Playbooks and answers ----------------------------------------------------------------


class Case:
    """A playbook and an answer to each of its questions, on the live path or not."""

    def __init__(self, playbook: Playbook, answers: Answers) -> None:
        self.playbook = playbook
        self.answers = answers
        self.rulebook = compile_playbook(playbook, "under test")

    def recommend(self, answers: Answers) -> Recommendation:
        return recommend(self.rulebook, answers)

    def __repr__(self) -> str:
        p = self.playbook
        lines = [
            *(f"need {n.key} {n.phase}" for n in p.needs),
            *(f"model {m.key} size {m.size} {m.phase} carries {m.carries}" for m in p.engagements),
            f"entry {p.entry}",
            *(
                f"question {q.key} {q.kind} {q.section} {[(o.key, o.exclusive) for o in q.options]}"
                f" when {[(c.question, c.any_of) for c in q.ask_when]}"
                for q in p.questions
            ),
            *(
                f"signal {s.key} when {[(c.question, c.any_of) for c in s.when]}"
                f" demands {[(d.need, d.weight) for d in s.demands]} rules out {s.rules_out}"
                for s in p.signals
            ),
            f"answers {self.answers}",
        ]
        return "\n".join(lines)


Partial = tuple[Case, Answers]


@st.composite
def cases(draw: st.DrawFn, *, urgent: bool = False) -> Case:
    playbook = from_document(draw(documents(urgent=urgent)))
    ways = {q.key: ways_to_answer(q) for q in playbook.questions}
    return Case(playbook, {key: draw(st.sampled_from(ways[key])) for key in ways})


@st.composite
def partial_cases(draw: st.DrawFn, *, urgent: bool = False) -> Partial:
    """A case, and its answers without some of them; the answer that makes it urgent is kept."""
    case = draw(cases(urgent=urgent))
    kept = draw(some_of(("", *sorted(case.answers))))
    answers = {key: answer for key, answer in case.answers.items() if key in kept}
    return case, {**answers, "q0": ("o0",)} if urgent else answers


@st.composite
def conflicts(draw: st.DrawFn) -> Case:
    """A case that does not fit: all ways to answer a generated playbook are tried."""
    playbook = from_document(draw(documents()))
    every = completions(playbook, {})
    clashing = [live for live in every if not decision(playbook, live).fits]
    assume(clashing)
    return Case(playbook, draw(st.sampled_from(clashing)))


@st.composite
def direct_cases(draw: st.DrawFn) -> Case:
    """A playbook that asks for the needs themselves, and for one engagement model to leave out."""
    document = draw(documents())
    needs = [n["key"] for n in document["needs"]]
    respond = {n["key"] for n in document["needs"] if n["phase"] == "respond"}
    models = [
        m["key"]
        for m in document["engagements"]
        if m["phase"] != "respond" or not respond <= set(m["carries"])
    ]
    document["questions"] = [
        question("wishes", [*needs, option("none", exclusive=True)], kind="many"),
        question("without", [*models, "none"]),
    ]
    document["signals"] = [
        *(signal(key, {"wishes": [key]}, {key: 1}) for key in needs),
        *(signal(key, {"without": [key]}, rules_out=[key]) for key in models),
    ]
    wishes = tuple(draw(some_of(needs))) if draw(st.booleans()) else ("none",)
    without = draw(st.sampled_from([*models, "none"]))
    return Case(from_document(document), {"wishes": wishes, "without": (without,)})


@st.composite
def partial_direct_cases(draw: st.DrawFn) -> Partial:
    case = draw(direct_cases())
    kept = draw(st.sampled_from(["", *case.answers]))
    return case, {key: answer for key, answer in case.answers.items() if key == kept}


# ---- What holds ---------------------------------------------------------------------------


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
    expected = {decision(case.playbook, live).engagements for live in completed}

    assert {outcome.engagements for outcome in recommendation.possible} == expected
    assert len(recommendation.possible) == len(expected)
    # A conflict is told once the answers given so far show which of them clash.
    so_far = decision(case.playbook, live_part(case.playbook, answers)).engagements
    settled = len(expected) == 1 and (() not in expected or so_far == ())
    assert recommendation.settled == settled


@holds(100)
@given(partial_cases())
def test_settled_never_changes(partial: Partial) -> None:
    case, answers = partial
    recommendation = case.recommend(answers)
    assume(recommendation.outcome and recommendation.remaining)

    for live in completions(case.playbook, answers):
        given_so_far = live_part(case.playbook, answers)
        for key, answer in live.items():
            given_so_far[key] = answer
            later = case.recommend(given_so_far).outcome
            assert later is not None
            assert later.engagements == recommendation.outcome.engagements


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
        for way in ways_to_answer(asked):
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


def can_change(playbook: Playbook, asked: Question) -> bool:
    return asked.changeable and playbook.stage_of(asked) is not Stage.TRIAGE


def commitment(playbook: Playbook, engagements: tuple[str, ...]) -> tuple[int, int]:
    return max(playbook.engagement(key).size for key in engagements), len(engagements)
