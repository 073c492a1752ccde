"""Proofs agree with enumeration, both ways: over playbooks that nobody wrote, sound and broken.

The brute force below tries every way to answer every question. It states each claim on the types
of a playbook and on what the oracle decides; of a rulebook that is compiled wrong, on what the
rules make of it.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from advisor.loading import from_document
from advisor.playbook import Claim, Kind, Phase, Playbook, Question, Signal, Stage
from advisor.rules import Rulebook, compile_playbook
from advisor.rules.finding import Finding
from advisor.rules.outcomes import ending_of
from advisor.rules.proving import prove
from tests.factories import Document, need, prerequisite
from tests.generated import documents, holds
from tests.oracle import Answers, cover, decision, demands_of, in_phase, live_part, smallest
from tests.oracle import ways_to_answer as ways

Key = tuple[Claim, str]


class Outcome(NamedTuple):
    """What is recommended, whether that carries everything, and whether it is the entry."""

    engagements: tuple[str, ...]
    fits: bool
    is_entry: bool


class Enumerated:
    """A playbook with every way to answer every question, on the live path or not."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        keys = [question.key for question in playbook.questions]
        each = [ways(question) for question in playbook.questions]
        self.filled = [dict(zip(keys, way, strict=True)) for way in itertools.product(*each)]

    @cached_property
    def live(self) -> list[Answers]:
        found = {}
        for answers in self.filled:
            counted = live_part(self.playbook, answers)
            found[tuple(counted.items())] = counted
        return list(found.values())

    def refuted(self) -> Iterator[Key]:
        """All that is refuted of quality: claim and part."""
        yield from ((Claim.NEEDS_CARRIED, about) for about in self.left_over())
        yield from ((Claim.ALWAYS_FITS, about) for about in self.left_alone())
        reached = {key for live in self.live for key in decision(self.playbook, live).engagements}
        for model in self.playbook.engagements:
            if model.key not in reached:
                yield Claim.ENGAGEMENT_REACHED, model.key
        for signal in self.playbook.signals:
            firing = [live for live in self.live if fires(signal, live)]
            if not firing:
                yield Claim.SIGNAL_FIRES, signal.key
                continue
            without = without_signal(self.playbook, signal)
            if all(outcome(self.playbook, live) == outcome(without, live) for live in firing):
                yield Claim.SIGNAL_MATTERS, signal.key
        for question in self.playbook.questions:
            yield from ((Claim.OPTION_MATTERS, about) for about in self.idle(question))

    def left_over(self) -> Iterator[str]:
        """Needs that are one too many, each told of answers without those told before."""
        offered = [n.key for n in self.playbook.needs if n.offered]
        demanded = [demands_of(self.playbook, live)[0] & set(offered) for live in self.live]
        uncarried = [needs for needs in demanded if not fits(self.playbook, needs, set())]
        told: set[str] = set()
        for key in offered:
            if any(
                key in needs and not told & needs and fits(self.playbook, needs - {key}, set())
                for needs in uncarried
            ):
                told.add(key)
                yield key
        if any(not told & needs for needs in uncarried):
            yield ""

    def left_alone(self) -> Iterator[str]:
        """Signals without which something would fit that is on offer."""
        missing = {n.key for n in self.playbook.needs if not n.offered}
        unfit = [
            live
            for live in self.live
            if not outcome(self.playbook, live).fits
            and not demands_of(self.playbook, live)[0] & missing
            and fits(self.playbook, demands_of(self.playbook, live)[0], set())
        ]
        told = [
            signal
            for signal in self.playbook.signals
            if signal.rules_out
            and any(
                fires(signal, live) and outcome(without_signal(self.playbook, signal), live).fits
                for live in unfit
            )
        ]
        yield from (signal.key for signal in told)
        if any(not any(fires(signal, live) for signal in told) for live in unfit):
            yield ""

    def idle(self, question: Question) -> Iterator[str]:
        """Options that say no more than leaving the question out, but for one such and unsure."""
        silent = [o for o in question.options if not self.says(question, o.key)]
        ticks = {o.key for o in question.options if question.kind is Kind.MANY and not o.exclusive}
        pardoned: dict[object, str] = {}
        for option in sorted(silent, key=lambda o: o.unsure):
            if option.key not in ticks or len(ticks) == 1:
                pardoned.setdefault(self.readers(question, option.key), option.key)
        for option in silent:
            read = self.readers(question, option.key)
            alone = option.key in ticks and len(ticks) > 1
            forgiven = option.unsure and len(silent) < len(question.options)
            if not forgiven and option.key not in pardoned.values() and not (alone and read):
                yield f"{question.key}.{option.key}"

    def says(self, question: Question, key: str) -> bool:
        for answers in self.filled:
            if key in answers[question.key]:
                rest = tuple(k for k in answers[question.key] if k != key)
                left = {**answers, question.key: rest}
                two = [live_part(self.playbook, a) for a in (answers, left)]
                if outcome(self.playbook, two[0]) != outcome(self.playbook, two[1]):
                    return True
        return False

    def readers(self, question: Question, key: str) -> frozenset[tuple[str, str]]:
        """Which prerequisites read an option, and as what."""
        return frozenset(
            (told.key, name)
            for model in self.playbook.engagements
            for told in model.prerequisites
            for name, keys in (("met", told.met), ("unknown", told.unknown))
            if told.question == question.key and key in keys
        )


def fires(signal: Signal, live: Answers) -> bool:
    return all(set(live.get(c.question, ())) & set(c.any_of) for c in signal.when)


def without_signal(playbook: Playbook, signal: Signal) -> Playbook:
    others = tuple(other for other in playbook.signals if other is not signal)
    return playbook.model_copy(update={"signals": others})


def outcome(playbook: Playbook, live: Answers) -> Outcome:
    found = decision(playbook, live)
    return Outcome(found.engagements, found.fits, found.fits and not found.needs)


def fits(playbook: Playbook, needs: set[str], ruled_out: set[str]) -> bool:
    """Whether something carries these needs."""
    if not needs:
        return playbook.entry not in ruled_out
    urgent = in_phase(playbook, needs, Phase.RESPOND)
    if not urgent:
        return cover(playbook, needs, ruled_out) is not None
    responders = [m for m in playbook.engagements if m.phase is Phase.RESPOND]
    first = smallest(responders, needs, ruled_out) or smallest(responders, urgent, ruled_out)
    if first is None:
        return False
    return cover(playbook, needs - set(playbook.engagement(first).carries), ruled_out) is not None


# ---- Sound playbooks: only quality is refuted ----------------------------------------------


@st.composite
def wide_documents(draw: st.DrawFn) -> Document:
    """A playbook with a need that is not offered, and a prerequisite, in some."""
    document = draw(documents())
    if draw(st.booleans()):
        phase = draw(st.sampled_from(["decide", "run"]))
        document["needs"].append(need("elsewhere", phase, offered=False))
        demands = document["signals"][0]["demands"]
        demands.append({"need": "elsewhere", "weight": 1})
    if draw(st.booleans()):
        read = draw(st.sampled_from(document["questions"]))
        met = [draw(st.sampled_from(read["options"]))["key"]]
        document["engagements"][0]["prerequisites"] = [prerequisite("pre", read["key"], met=met)]
    return document


@holds(150)
@given(wide_documents())
def test_proofs_agree_with_enumeration(document: Document) -> None:
    playbook = from_document(document)
    rulebook = compile_playbook(playbook, "under test")
    enumerated = Enumerated(playbook)

    findings = list(prove(rulebook))

    assert all(finding.decided for finding in findings)
    refuted = [(f.claim, f.about) for f in findings if not f.proved]
    assert refuted == list(dict.fromkeys(refuted))
    assert sorted(refuted) == sorted(enumerated.refuted())
    for finding in findings:
        if not finding.proved:
            assert_shown(rulebook, finding)


def assert_shown(rulebook: Rulebook, finding: Finding) -> None:
    """The witness is complete, and it shows what it says."""
    live = dict(finding.witness or {})
    assert live
    for answers in (finding.witness, finding.beside):
        if answers is not None:
            assert_complete(rulebook.playbook, dict(answers))
    if finding.claim is Claim.MONOTONE:
        assert shrinks(rulebook, live, dict(finding.beside or {}))
    elif finding.claim in WRONG:
        assert WRONG[finding.claim](rulebook, live)
        assert finding.parts == ending_of(rulebook, live).engagements
    else:
        SHOWN[finding.claim](rulebook.playbook, finding, live)


def nothing_carries_it(playbook: Playbook, finding: Finding, live: Answers) -> None:
    needs = demands_of(playbook, live)[0] & {n.key for n in playbook.needs if n.offered}
    assert finding.parts
    assert set(finding.parts) <= needs
    assert not fits(playbook, needs, set())
    assert finding.about in {"", *needs}


def nothing_fits(playbook: Playbook, finding: Finding, live: Answers) -> None:
    assert not outcome(playbook, live).fits
    if finding.about:
        signal = playbook.signal(finding.about)
        assert fires(signal, live)
        assert outcome(without_signal(playbook, signal), live).fits
    else:
        assert len(finding.parts) > 1
        assert all(fires(playbook.signal(key), live) for key in finding.parts)


def is_not_reached(playbook: Playbook, finding: Finding, live: Answers) -> None:
    assert finding.about not in finding.parts
    assert finding.parts == outcome(playbook, live).engagements


def does_not_fire(playbook: Playbook, finding: Finding, live: Answers) -> None:
    signal = playbook.signal(finding.about)
    assert not fires(signal, live)
    assert finding.parts
    assert set(finding.parts) <= {condition.question for condition in signal.when}


def changes_nothing(playbook: Playbook, finding: Finding, live: Answers) -> None:
    signal = playbook.signal(finding.about)
    assert fires(signal, live)
    assert outcome(playbook, live) == outcome(without_signal(playbook, signal), live)
    assert all(fires(playbook.signal(key), live) for key in finding.parts)


def says_nothing(playbook: Playbook, finding: Finding, live: Answers) -> None:
    question, _, option = finding.about.partition(".")
    if finding.beside is None:
        assert question not in live
        assert finding.parts
        return
    beside = dict(finding.beside)
    assert option in live[question]
    assert option not in beside[question]
    assert outcome(playbook, live) == outcome(playbook, beside)


SHOWN = {
    Claim.NEEDS_CARRIED: nothing_carries_it,
    Claim.ALWAYS_FITS: nothing_fits,
    Claim.ENGAGEMENT_REACHED: is_not_reached,
    Claim.SIGNAL_FIRES: does_not_fire,
    Claim.SIGNAL_MATTERS: changes_nothing,
    Claim.OPTION_MATTERS: says_nothing,
}


def assert_complete(playbook: Playbook, answers: Answers) -> None:
    """Each question on the live path has one of its answers, and no other question has."""
    deciding = tuple(
        asked.model_copy(update={"ask_when": playbook.conditions_of(asked)})
        for asked in playbook.questions
        if playbook.stage_of(asked) is not Stage.SCOPE
    )
    questions = {question.key: question for question in deciding}
    assert all(answers[key] in ways(questions[key]) for key in answers)
    filled = {key: answers.get(key, ways(question)[0]) for key, question in questions.items()}
    assert live_part(playbook.model_copy(update={"questions": deciding}), filled) == answers


# ---- Broken rulebooks: safety is refuted ---------------------------------------------------


@st.composite
def broken_rulebooks(draw: st.DrawFn) -> Rulebook:
    """A rulebook that was compiled from other sizes and carries than its playbook has."""
    document = draw(documents())
    playbook = from_document(document)
    needs = [n.key for n in playbook.needs]
    engagements = [
        model.model_copy(
            update={
                "size": draw(st.sampled_from([model.size, 1, 4])),
                "carries": draw(st.sampled_from([model.carries, model.carries, tuple(needs)])),
            }
        )
        for model in playbook.engagements
    ]
    if draw(st.booleans()):
        engagements[0] = engagements[0].model_copy(update={"carries": tuple(needs[:1])})
    other = playbook.model_copy(update={"engagements": tuple(engagements)})
    return replace(compile_playbook(other, "broken"), playbook=playbook)


@holds(150)
@given(broken_rulebooks())
def test_safety_is_refuted_wherever_it_does_not_hold(rulebook: Rulebook) -> None:
    playbook = rulebook.playbook
    live = Enumerated(playbook).live

    found = {f.claim: f for f in prove(rulebook) if f.claim.is_safety}

    for claim, wrong in WRONG.items():
        assert found[claim].proved is not any(wrong(rulebook, answers) for answers in live), claim
    pairs = [(a, b) for a in live for b in live if shrinks(rulebook, a, b)]
    assert found[Claim.MONOTONE].proved is not bool(pairs)
    for finding in found.values():
        if not finding.proved:
            assert_shown(rulebook, finding)


def does_not_do_what_it_says(rulebook: Rulebook, live: Answers) -> bool:
    playbook = rulebook.playbook
    needs, ruled_out = demands_of(playbook, live)
    engagements, _, fits_all = ending_of(rulebook, live)
    if set(engagements) & ruled_out:
        return True
    if not needs:
        said = () if playbook.entry in ruled_out else (playbook.entry,)
        return (engagements, fits_all) != (said, bool(said))
    carried = {key for e in engagements for key in playbook.engagement(e).carries}
    if fits_all:
        return not engagements or not needs <= carried
    return bool(engagements) and not in_phase(playbook, needs, Phase.RESPOND)


def stabilises_late(rulebook: Rulebook, live: Answers) -> bool:
    playbook = rulebook.playbook
    needs, _ = demands_of(playbook, live)
    urgent = {k for k in in_phase(playbook, needs, Phase.RESPOND) if playbook.need(k).offered}
    engagements = ending_of(rulebook, live).engagements
    if not urgent:
        return False
    first = playbook.engagement(engagements[0]) if engagements else None
    return first is None or first.phase is not Phase.RESPOND or not urgent <= set(first.carries)


def is_too_large(rulebook: Rulebook, live: Answers) -> bool:
    playbook = rulebook.playbook
    needs, ruled_out = demands_of(playbook, live)
    emergency = in_phase(playbook, needs, Phase.RESPOND)
    engagements = ending_of(rulebook, live).engagements
    if not needs:
        return False
    left = set(needs)
    for n, key in enumerate(engagements or ("",)):
        may = [m for m in playbook.engagements if m.key not in ruled_out]
        if emergency and n == 0:
            may = [m for m in may if m.phase is Phase.RESPOND]
        whole = [m for m in may if left <= set(m.carries)]
        if not key:
            return bool(whole)
        step = playbook.engagement(key)
        if left <= set(step.carries):
            if any(m.size < step.size for m in whole):
                return True
        else:
            due = next(d for phase in Phase if (d := in_phase(playbook, left, phase)))
            if whole or any(m.size < step.size and due <= set(m.carries) for m in may):
                return True
        left -= set(step.carries)
    return False


WRONG = {
    Claim.ONE_OUTCOME: does_not_do_what_it_says,
    Claim.STABILISATION_FIRST: stabilises_late,
    Claim.SMALLEST: is_too_large,
}


def shrinks(rulebook: Rulebook, fewer: Answers, more: Answers) -> bool:
    playbook = rulebook.playbook
    (some, out), (all_of_them, also_out) = (demands_of(playbook, a) for a in (fewer, more))
    if not some <= all_of_them or out != also_out:
        return False
    singles = []
    for answers in (fewer, more):
        engagements, demanding, fits_all = ending_of(rulebook, answers)
        if not (demanding and fits_all and len(engagements) == 1):
            return False
        singles.append(playbook.engagement(engagements[0]).size)
    return singles[1] < singles[0]
