"""Prove what holds of a playbook whatever is answered, or refute it with a witness (DESIGN 3.8).

The decision is asked of a solver as clauses: what would refute a claim is looked for among all
complete answer sets at once. What is safe is proved first, then what is sound.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial

from advisor.playbook import Claim, Kind
from advisor.rules import circuit, claims
from advisor.rules.asking import (
    Budget,
    Frugal,
    Undecided,
    as_many_as_possible,
    ask_for,
    clashing,
    one_of,
    witness,
)
from advisor.rules.circuit import FALSE, Wire, any_of
from advisor.rules.claims import Advice, Beside, advice_of, advice_on
from advisor.rules.deciding import decide
from advisor.rules.evaluating import demands_of, fired_signals
from advisor.rules.outcomes import ending_of
from advisor.rules.reading import conditions_of, read_elsewhere
from advisor.rules.rulebook import Answers, CompiledQuestion, CompiledSignal, Rulebook
from advisor.rules.sampling import Sample

SAFETY = 300_000_000
"""What may be spent on what is safe, in propagations of the solver: some half a minute."""

QUALITY, EACH = 60_000_000, 10_000_000
"""What may be spent on all the rest, and on each question to the solver there."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim about a rulebook, or of one part of it: proved, refuted, or not decided.

    `about` is the part: an engagement model, a signal, "question.option", or "" for all. A refuted
    one has a `witness`, a complete answer set that shows it; `beside` is another one to compare it
    with, where it takes two. `parts` are keys that tell more: what is chosen instead, which
    conditions cannot hold together, which need is left. One that is not `decided` was too large a
    question for what a proof may cost.
    """

    claim: Claim
    about: str = ""
    witness: Answers | None = None
    beside: Answers | None = None
    parts: tuple[str, ...] = ()
    decided: bool = True

    @property
    def proved(self) -> bool:
        """Whether it holds, whatever is answered."""
        return self.decided and self.witness is None


def prove(rulebook: Rulebook, *, safety: int = SAFETY, quality: int = QUALITY) -> Iterator[Finding]:
    """Yield a finding for each claim and part, in the order of `Claim`, then of the playbook.

    - one-outcome, stabilisation-first, smallest, monotone: about all of the playbook.
    - needs-carried: whatever is demanded, something carries it while nothing is ruled out. About
      each need: without it something would carry the rest, and no need that was told before is
      there; about "": the same of several together. What is not offered is left aside.
    - always-fits: no answers are without a fit because of what they rule out. About each signal
      that rules something out: without it something would fit; about "": the same of several
      together. Answers that demand what is not offered are left aside.
    - engagement-reached: about each engagement model. signal-fires: about each signal.
    - signal-matters: about each signal that fires: without it some outcome would be another.
    - option-matters: about each option: see `_Proving._options`.

    What one of the budgets does not suffice for is not decided.
    """
    return _Proving(rulebook, safety, quality).findings()


class _Proving:
    """The decision on one answer set of all there are, asked claim by claim."""

    def __init__(self, rulebook: Rulebook, safety: int, quality: int) -> None:
        self.rulebook = rulebook
        self.safety = safety
        self.quality = quality
        self.gates = Frugal(Budget(safety, safety))
        self.asked = ask_for(rulebook, self.gates)
        self.firing = self.asked.firing
        needs, out = self.firing.needs, self.firing.ruled_out
        self.advice = advice_of(rulebook, needs, out, self.asked.steps)

    def findings(self) -> Iterator[Finding]:
        """Yield all findings in order."""
        yield from self._safety()
        self.gates.budget = Budget(self.quality, EACH)
        yield from self._needs_carried()
        yield from self._always_fits()
        for at, engagement in enumerate(self.rulebook.playbook.engagements):
            yield self._told(Claim.ENGAGEMENT_REACHED, engagement.key, partial(self._reached, at))
        fires = [
            self._told(Claim.SIGNAL_FIRES, signal.key, partial(self._fires, at))
            for at, signal in enumerate(self.rulebook.signals)
        ]
        yield from fires
        for at, finding in enumerate(fires):
            if finding.proved:
                yield self._told(Claim.SIGNAL_MATTERS, finding.about, partial(self._matters, at))
        for question in self.rulebook.questions:
            yield from self._options(question)

    def _told(self, claim: Claim, about: str, ask: Callable[[], Finding | None]) -> Finding:
        """What comes of asking; without a finding it is proved."""
        try:
            found = ask() or Finding(claim)
        except Undecided:
            found = Finding(claim, decided=False)
        return replace(found, about=about)

    def _can_be(self, *wires: Wire) -> bool:
        return self.gates.can_be(*wires)

    def _witness(self, *wires: Wire) -> Answers:
        """The first answer set in which these hold; there has to be one."""
        found = witness(self.asked, *wires)
        if found is None:
            raise AssertionError("what could be cannot be")
        return found

    def _calm_witness(self, *wires: Wire) -> Answers:
        """A witness in which nothing else goes wrong, where there is one."""
        wishes = [~claims.asks_for_too_much(self.advice), self.advice.fits]
        return self._witness(*as_many_as_possible(self.gates, wishes, list(wires)))

    # ---- Safety ----------------------------------------------------------------------------

    def _safety(self) -> Iterator[Finding]:
        wrong = {
            Claim.ONE_OUTCOME: [claims.more_than_one_outcome(self.advice, self.asked.steps)],
            Claim.STABILISATION_FIRST: [claims.not_stabilised_first(self.advice)],
            Claim.SMALLEST: claims.not_the_smallest(self.advice),
        }
        for claim, wires in wrong.items():
            yield self._told(claim, "", partial(self._never, claim, wires))
        yield self._told(Claim.MONOTONE, "", self._monotone)

    def _never(self, claim: Claim, wrong: Iterable[Wire]) -> Finding | None:
        """Refuted where any of this is so; the parts are what is advised there."""
        for wire in wrong:
            if found := witness(self.asked, wire):
                parts = ending_of(self.rulebook, found).engagements
                return Finding(claim, witness=found, parts=parts)
        return None

    def _monotone(self) -> Finding | None:
        """First over all sets of needs; if that fails, over answer sets that demand them."""
        gates = Frugal(Budget(self.safety, self.safety))
        fewer = [gates.fresh() for _ in self.rulebook.need_bits]
        more = [need | gates.fresh() for need in fewer]
        out = [gates.fresh() for _ in self.rulebook.engagements]
        one, other = (advice_on(self.rulebook, needs, out) for needs in (fewer, more))
        if not gates.model(claims.not_monotone(one, other)):
            return None
        gates = Frugal(gates.budget)
        less, greater = ask_for(self.rulebook, gates), ask_for(self.rulebook, gates)
        one, other = (
            advice_of(self.rulebook, a.firing.needs, a.firing.ruled_out, a.steps)
            for a in (less, greater)
        )
        refuting = [
            claims.not_monotone(one, other),
            *(~a | b for a, b in zip(one.needs, other.needs, strict=True)),
            *(~a | b for a, b in zip(one.out, other.out, strict=True)),
            *(~b | a for a, b in zip(one.out, other.out, strict=True)),
        ]
        found = witness(less, *refuting)
        if found is None:
            return None
        beside = witness(greater, *refuting, *less.given(found))
        parts = tuple(
            key for a in (found, beside or {}) for key in ending_of(self.rulebook, a).engagements
        )
        return Finding(Claim.MONOTONE, witness=found, beside=beside, parts=parts)

    # ---- Something fits --------------------------------------------------------------------

    @cached_property
    def _unrestricted(self) -> Advice:
        """What would be advised for what is on offer, were nothing ruled out."""
        return advice_on(self.rulebook, claims.wanted(self.advice), self._nothing_out)

    @property
    def _nothing_out(self) -> list[Wire]:
        return [FALSE] * len(self.rulebook.engagements)

    def _needs_carried(self) -> Iterator[Finding]:
        """About each need: something carries the others without it, and nothing with it."""
        needs = claims.wanted(self.advice)
        dropped = one_of(self.gates, len(needs))
        rest = [need & ~without for need, without in zip(needs, dropped, strict=True)]
        without = advice_on(self.rulebook, rest, self._nothing_out)
        suspects = {
            need.key: (wire, drop & without.fits)
            for need, wire, drop in zip(self.rulebook.playbook.needs, needs, dropped, strict=True)
            if need.offered
        }
        wishes = [~claims.asks_for_too_much(self.advice), *(~out for out in self.advice.out)]
        return self._to_blame(
            Claim.NEEDS_CARRIED,
            suspects,
            [~self._unrestricted.fits],
            wishes,
            lambda _, found: self._left(found, restricted=False),
            once=True,
        )

    def _left(self, answers: Answers, *, restricted: bool) -> tuple[str, ...]:
        """The needs on offer that nothing carries, with what is ruled out or without that."""
        needs, out = demands_of(self._fired(answers))
        offered = (need.key for need in self.rulebook.playbook.needs if need.offered)
        needs &= sum(self.rulebook.need_bits[key] for key in offered)
        left = decide(self.rulebook, needs, out if restricted else 0).left
        return tuple(self.rulebook.needs_in(left))

    def _always_fits(self) -> Iterator[Finding]:
        """About each signal that rules something out: something fits without it, nothing with."""
        beside = self._beside
        suspects = {
            signal.key: (fired, silent & beside.advice.fits)
            for signal, fired, silent in zip(
                self.rulebook.signals, self.firing.fired, beside.silent, strict=True
            )
            if signal.rules_out
        }
        refuting = [
            ~self.advice.fits,
            self._unrestricted.fits,
            ~claims.asks_for_too_much(self.advice),
        ]
        return self._to_blame(
            Claim.ALWAYS_FITS,
            suspects,
            refuting,
            [self.advice.demanding],
            self._without_a_fit,
            once=False,
        )

    def _without_a_fit(self, about: str, answers: Answers) -> tuple[str, ...]:
        """The needs that one signal leaves without a fit, or the signals that do it together."""
        if about:
            return self._left(answers, restricted=True)
        return tuple(signal.key for signal in self._fired(answers) if signal.rules_out)

    def _to_blame(
        self,
        claim: Claim,
        suspects: dict[str, tuple[Wire, Wire]],
        refuting: list[Wire],
        wishes: list[Wire],
        parts: Callable[[str, Answers], tuple[str, ...]],
        *,
        once: bool,
    ) -> Iterator[Finding]:
        """Refuted about each of the suspects that is to blame alone, and about "" for the rest.

        Of a suspect there is a wire for its being there, and one for all being well without it.
        `once`: where one that was told before is there, others are not told as well.
        """

        def refuted(about: str, *held: Wire) -> Finding | None:
            if not self._can_be(*held):
                return None
            found = self._witness(*as_many_as_possible(self.gates, wishes, list(held)))
            return Finding(claim, witness=found, parts=parts(about, found))

        told: list[Wire] = []
        for about, (there, well_without) in suspects.items():
            held = (*refuting, there, well_without, *(told if once else ()))
            found = self._told(claim, about, partial(refuted, about, *held))
            yield found
            if not found.proved:
                told.append(~there)
        yield self._told(claim, "", partial(refuted, "", *refuting, *told))

    # ---- What can happen -------------------------------------------------------------------

    def _reached(self, at: int) -> Finding | None:
        """Refuted with answers that demand much of what it carries; the parts are what they get."""
        model = self.rulebook.playbook.engagements[at]
        place = self.rulebook.engagements.index(self.rulebook.engagement(model.key))
        if place in self._sample.reached:
            return None
        if self._can_be(any_of(step[place] for step in self.advice.steps)):
            return None
        compiled = self.rulebook.engagements[place]
        out = self.advice.out[compiled.bit.bit_length() - 1]
        wishes = [~out, *(self.advice.needs[n] for n in circuit.places(compiled.carries))]
        found = self._calm_witness(*as_many_as_possible(self.gates, wishes, []))
        parts = ending_of(self.rulebook, found).engagements
        return Finding(Claim.ENGAGEMENT_REACHED, witness=found, parts=parts)

    def _fires(self, at: int) -> Finding | None:
        """Refuted with answers that meet many conditions; the parts are what cannot hold at once.

        Those are questions: of the conditions that clash, none to spare.
        """
        if at in self._sample.fires or self._can_be(self.firing.fired[at]):
            return None
        return self._clash(Claim.SIGNAL_FIRES, self.rulebook.signals[at].when)

    def _clash(self, claim: Claim, masks: tuple[int, ...]) -> Finding:
        wires = [any_of(self.firing.counted[at] for at in circuit.places(m)) for m in masks]
        found = self._witness(*as_many_as_possible(self.gates, wires, []))
        clash = [masks[at] for at in clashing(self.gates, wires)]
        asked = (
            q.key
            for q in self.rulebook.questions
            if any(mask & bit for mask in clash for bit in q.option_bits.values())
        )
        return Finding(claim, witness=found, parts=tuple(asked))

    def _matters(self, at: int) -> Finding | None:
        """Refuted with answers on which it fires; the parts are signals that say the same."""
        beside = self._beside
        fired = self.firing.fired[at]
        if at in self._sample.matters:
            return None
        if self._can_be(fired, beside.silent[at], beside.differs):
            return None
        found = self._calm_witness(fired)
        signal = self.rulebook.signals[at]
        parts = tuple(
            other.key
            for other in self._fired(found)
            if other is not signal
            and (other.needs & signal.needs or other.rules_out & signal.rules_out)
        )
        return Finding(Claim.SIGNAL_MATTERS, witness=found, parts=parts)

    @cached_property
    def _beside(self) -> Beside:
        return Beside(self.asked, self.advice)

    @cached_property
    def _sample(self) -> Sample:
        return Sample(self.rulebook)

    # ---- Options ---------------------------------------------------------------------------

    def _options(self, question: CompiledQuestion) -> Iterator[Finding]:
        """About each option: that it says something.

        An option says nothing where picking it always comes to the same outcome as leaving the
        question out. Each question may have one of those: its plain "no". Who is unsure says
        nothing either, as long as another answer does. A second "no" is refuted beside the first:
        whoever reads the question picks between two answers that are one, unless a prerequisite, a
        service path or a scope question tells them apart. So is one of several ticks that says
        nothing, beside the same answers without it.
        """
        says = {key: self._says(question, bit) for key, bit in question.option_bits.items()}
        unsure = {o.key for o in self.rulebook.playbook.question(question.key).options if o.unsure}
        ticks = [
            key
            for key, bit in question.option_bits.items()
            if question.kind is Kind.MANY and not bit & question.exclusive
        ]
        nothing = [key for key, something in says.items() if something is False]
        read = read_elsewhere(self.rulebook.playbook, question)
        alike: dict[frozenset[int], list[str]] = {}
        for key in sorted(nothing, key=lambda key: key in unsure):
            if key not in ticks or len(ticks) == 1:
                alike.setdefault(read[key], []).append(key)
        pardoned = {same[0] for same in alike.values()}
        if len(nothing) < len(says):
            pardoned |= unsure
        for key, something in says.items():
            finding = Finding(Claim.OPTION_MATTERS, decided=something is not None)
            if (
                key in nothing
                and key not in pardoned
                and (key in alike.get(read[key], ()) or not read[key])
            ):
                instead = next(iter(alike.get(read[key], ())), None)
                ask = partial(self._same_as, question, key, instead)
                finding = self._told(Claim.OPTION_MATTERS, "", ask)
            yield replace(finding, about=f"{question.key}.{key}")

    def _says(self, question: CompiledQuestion, bit: int) -> bool | None:
        """Whether picking an option can make a difference; None where it is not decided."""
        at = bit.bit_length() - 1
        if at in self._sample.says:
            return True
        if not any(mask & bit for mask in conditions_of(self.rulebook)):
            return False
        beside = self._beside
        try:
            return self._can_be(self.asked.picked[at], beside.left_out[at], beside.differs)
        except Undecided:
            return None

    def _same_as(self, question: CompiledQuestion, key: str, instead: str | None) -> Finding:
        """Two answer sets that come to the same: with an option, and with another or without it."""
        live = self.firing.live[self.rulebook.questions.index(question)]
        picked = self.asked.picked[question.option_bits[key].bit_length() - 1]
        if not self._can_be(live):
            return self._clash(Claim.OPTION_MATTERS, question.ask_when)
        others = any_of(
            self.asked.picked[bit.bit_length() - 1]
            for other, bit in question.option_bits.items()
            if other != key and instead is None
        )
        found = self._calm_witness(live, picked, others if instead is None else circuit.TRUE)
        answer = tuple(k for k in found[question.key] if k != key) or (instead or "",)
        beside = self._witness(*self.asked.given({**found, question.key: answer}))
        return Finding(Claim.OPTION_MATTERS, witness=found, beside=beside)

    # ---- What a witness shows --------------------------------------------------------------

    def _fired(self, answers: Answers) -> tuple[CompiledSignal, ...]:
        return fired_signals(self.rulebook, self.rulebook.bits_of(answers))
