"""The oracle: DESIGN section 3 in plain loops over the types of a playbook.

It shares no code with the rules and tries everything; the playbooks of `tests.generated` are small
enough for that. Below it, cases to try: playbooks and answers.
"""

import itertools
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

from hypothesis import assume
from hypothesis import strategies as st

from advisor.loading import from_document
from advisor.playbook import EngagementModel, Kind, Phase, Playbook, Question, Stage
from advisor.rules import Recommendation, compile_playbook, recommend
from tests.factories import option, question, signal
from tests.generated import documents, some_of

Answers = dict[str, tuple[str, ...]]

# ---- What answers come to ------------------------------------------------------------------


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

    @property
    def advice(self) -> tuple[str, ...]:
        """What a buyer is told in short: to need the entry is not the same as to need nothing."""
        return (self.kind, *self.engagements)


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
    # One that carries everything is preferred to a smaller one that needs another after it.
    first = smallest(responders, needs, ruled_out) or smallest(responders, urgent, ruled_out)
    if first is None:  # what responds is not offered
        return Decision((), fits=False, needs=needs, ruled_out=ruled_out)
    rest = cover(playbook, needs - set(playbook.engagement(first).carries), ruled_out)
    return Decision((first, *(rest or ())), rest is not None, needs, ruled_out)


# ---- Which question helps most -------------------------------------------------------------


def open_questions(playbook: Playbook, live: Answers) -> list[Question]:
    """What is asked by now and not answered."""
    return [q for q in playbook.questions if q.key not in live and is_asked(q, live)]


def ways_that_differ(playbook: Playbook, question: Question) -> list[tuple[str, ...]]:
    """Of the ways to answer after which the same conditions hold, one."""
    readers = (*playbook.questions, *playbook.signals)
    conditions = [
        set(condition.any_of)
        for reader in readers
        for condition in (reader.ask_when if isinstance(reader, Question) else reader.when)
        if condition.question == question.key
    ]
    found = {}
    for way in ways_to_answer(question):
        held = tuple(bool(set(way) & options) for options in conditions)
        found.setdefault(held, way)
    return list(found.values())


def chances(playbook: Playbook, live: Answers) -> dict[tuple[str, ...], Fraction]:
    """How likely each end is when every way to answer is as likely as the others."""
    unanswered = open_questions(playbook, live)
    if not unanswered:
        return {decision(playbook, live).advice: Fraction(1)}
    question = unanswered[0]
    ways = ways_that_differ(playbook, question)
    found: dict[tuple[str, ...], Fraction] = {}
    for way in ways:
        for end, chance in chances(playbook, {**live, question.key: way}).items():
            found[end] = found.get(end, Fraction(0)) + chance / len(ways)
    return found


def agreement(playbook: Playbook, live: Answers) -> Fraction:
    """How likely two completions are to end alike."""
    return sum((chance**2 for chance in chances(playbook, live).values()), Fraction(0))


def agreement_after(playbook: Playbook, live: Answers, question: Question) -> Fraction:
    """How likely two completions are to end alike that agree on this question."""
    ways = ways_that_differ(playbook, question)
    each = (agreement(playbook, {**live, question.key: way}) for way in ways)
    return sum(each, Fraction(0)) / len(ways)


def helps_most(playbook: Playbook, live: Answers) -> str | None:
    """Triage in its order, then what splits best; None where nothing does by itself."""
    unanswered = open_questions(playbook, live)
    for unasked in unanswered:
        if playbook.stage_of(unasked) is Stage.TRIAGE:
            return unasked.key
    told = [agreement_after(playbook, live, unasked) for unasked in unanswered]
    best = max(told)
    return unanswered[told.index(best)].key if best > agreement(playbook, live) else None


def filled_in(playbook: Playbook, answers: Answers) -> Iterator[Answers]:
    """These answers with one to every other question, also off the live path."""
    ways = [
        [answers[q.key]] if q.key in answers else ways_that_differ(playbook, q)
        for q in playbook.questions
    ]
    keys = [question.key for question in playbook.questions]
    for all_ways in itertools.product(*ways):
        yield dict(zip(keys, all_ways, strict=True))


def matters(playbook: Playbook, answers: Answers, key: str) -> bool:
    """Whether two ways to fill in these answers end differently that differ in one question."""
    ends: dict[object, tuple[str, ...]] = {}
    for filled in filled_in(playbook, answers):
        others = tuple(filled[q] for q in filled if q != key)
        end = decision(playbook, live_part(playbook, filled)).advice
        if ends.setdefault(others, end) != end:
            return True
    return False


def opened_by(playbook: Playbook, key: str) -> set[str]:
    """The questions that are only asked after certain answers to this one, or to such a one."""
    found = {key}
    for asked in playbook.questions:
        if found & {condition.question for condition in asked.ask_when}:
            found.add(asked.key)
    return found - {key}


# ---- What is compared ----------------------------------------------------------------------


def can_change(playbook: Playbook, asked: Question) -> bool:
    return asked.changeable and playbook.stage_of(asked) is not Stage.TRIAGE


def commitment(playbook: Playbook, engagements: tuple[str, ...]) -> tuple[int, int]:
    return max(playbook.engagement(key).size for key in engagements), len(engagements)


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
    playbook = from_document(draw(documents(urgent=urgent, all_offered=urgent)))
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
    playbook = from_document(draw(documents(all_offered=False)))
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
