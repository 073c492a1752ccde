"""Prove what holds of a playbook whatever is answered, or refute it with a witness (DESIGN 3.8).

The decision is asked of a solver as clauses: what would refute a claim is looked for among all
complete answer sets at once. What is safe is proved first, then what is sound.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial

from advisor.playbook import Claim
from advisor.rules import circuit, claims
from advisor.rules.asking import (
    Budget,
    Frugal,
    as_many_as_possible,
    ask_for,
    one_of,
    witness,
)
from advisor.rules.circuit import FALSE, Wire, any_of
from advisor.rules.claims import Advice, advice_of, advice_on
from advisor.rules.deciding import decide
from advisor.rules.evaluating import demands_of
from advisor.rules.finding import Finding
from advisor.rules.idling import about_options
from advisor.rules.inquiry import Inquiry
from advisor.rules.outcomes import ending_of
from advisor.rules.rulebook import Answers, Rulebook

SAFETY = 300_000_000
"""What may be spent on what is safe, in propagations of the solver: some half a minute."""

QUALITY, EACH = 60_000_000, 10_000_000
"""What may be spent on all the rest, and on each question to the solver there."""


def prove(rulebook: Rulebook, *, safety: int = SAFETY, quality: int = QUALITY) -> Iterator[Finding]:
    """Yield a finding for each claim and part, in the order of `Claim`, then of the playbook.

    - one-outcome, stabilisation-first, smallest, monotone: about all of the playbook.
    - needs-carried: whatever is demanded, something carries it while nothing is ruled out. Refuted
      about each need without which something would carry the rest, where no need that was told
      before is there. What is not offered is left aside.
    - always-fits: no answers are without a fit because of what they rule out. Refuted about each
      signal without which something would fit. Answers that demand what is not offered are left
      aside.
    - Both are about "" where they are proved, or refuted by several needs or signals together.
    - engagement-reached: about each engagement model. signal-fires: about each signal.
    - signal-matters: about each signal that fires: without it some outcome would be another.
    - option-matters: about each option: see `about_options`.

    What one of the budgets does not suffice for is not decided.
    """
    return _Proving(rulebook, safety, quality).findings()


class _Proving(Inquiry):
    """The decision on one answer set of all there are, asked claim by claim."""

    def __init__(self, rulebook: Rulebook, safety: int, quality: int) -> None:
        super().__init__(rulebook, Budget(safety, safety))
        self.quality = quality

    def findings(self) -> Iterator[Finding]:
        """Yield all findings in order."""
        yield from self._safety()
        self.gates.budget = Budget(self.quality, EACH)
        yield from self._needs_carried()
        yield from self._always_fits()
        for at, engagement in enumerate(self.rulebook.playbook.engagements):
            yield self.told(Claim.ENGAGEMENT_REACHED, engagement.key, partial(self._reached, at))
        fires = [
            self.told(Claim.SIGNAL_FIRES, signal.key, partial(self._fires, at))
            for at, signal in enumerate(self.rulebook.signals)
        ]
        yield from fires
        for at, finding in enumerate(fires):
            if finding.proved:
                yield self.told(Claim.SIGNAL_MATTERS, finding.about, partial(self._matters, at))
        for question in self.rulebook.questions:
            yield from about_options(self, question)

    # ---- Safety ----------------------------------------------------------------------------

    def _safety(self) -> Iterator[Finding]:
        wrong = {
            Claim.ONE_OUTCOME: [claims.more_than_one_outcome(self.advice, self.asked.steps)],
            Claim.STABILISATION_FIRST: [claims.not_stabilised_first(self.advice)],
            Claim.SMALLEST: claims.not_the_smallest(self.advice),
        }
        for claim, wires in wrong.items():
            yield self.told(claim, "", partial(self._never, claim, wires))
        yield self.told(Claim.MONOTONE, "", self._monotone)

    def _never(self, claim: Claim, wrong: Iterable[Wire]) -> Finding | None:
        """Refuted where any of this is so; the parts are what is advised there."""
        for wire in wrong:
            if found := witness(self.asked, wire):
                parts = ending_of(self.rulebook, found).engagements
                return Finding(claim, witness=found, parts=parts)
        return None

    def _monotone(self) -> Finding | None:
        """First over all sets of needs; if that fails, over answer sets that demand them."""
        gates = Frugal(self.gates.budget)
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
        needs, out = demands_of(self.fired_in(answers))
        offered = (need.key for need in self.rulebook.playbook.needs if need.offered)
        needs &= sum(self.rulebook.need_bits[key] for key in offered)
        left = decide(self.rulebook, needs, out if restricted else 0).left
        return tuple(self.rulebook.needs_in(left))

    def _always_fits(self) -> Iterator[Finding]:
        """About each signal that rules something out: something fits without it, nothing with."""
        beside = self.beside
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
        return tuple(signal.key for signal in self.fired_in(answers) if signal.rules_out)

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

        Of a suspect that is not to blame nothing is told: others may be, where it is there as well.
        So it is proved about "" or not at all.

        Of a suspect there is a wire for its being there, and one for all being well without it.
        `once`: where one that was told before is there, others are not told as well.
        """

        def refuted(about: str, *held: Wire) -> Finding | None:
            if not self.can_be(*held):
                return None
            found = self.witness(*as_many_as_possible(self.gates, wishes, list(held)))
            return Finding(claim, witness=found, parts=parts(about, found))

        told: list[Wire] = []
        for about, (there, well_without) in suspects.items():
            held = (*refuting, there, well_without, *(told if once else ()))
            found = self.told(claim, about, partial(refuted, about, *held))
            if not found.proved:
                yield found
                told.append(~there)
        rest = self.told(claim, "", partial(refuted, "", *refuting, *told))
        if not (told and rest.proved):
            yield rest

    # ---- What can happen -------------------------------------------------------------------

    def _reached(self, at: int) -> Finding | None:
        """Refuted with answers that demand much of what it carries; the parts are what they get."""
        model = self.rulebook.playbook.engagements[at]
        place = self.rulebook.engagements.index(self.rulebook.engagement(model.key))
        if place in self.sample.reached:
            return None
        if self.can_be(any_of(step[place] for step in self.advice.steps)):
            return None
        compiled = self.rulebook.engagements[place]
        out = self.advice.out[compiled.bit.bit_length() - 1]
        wishes = [~out, *(self.advice.needs[n] for n in circuit.places(compiled.carries))]
        found = self.calm_witness(*as_many_as_possible(self.gates, wishes, []))
        parts = ending_of(self.rulebook, found).engagements
        return Finding(Claim.ENGAGEMENT_REACHED, witness=found, parts=parts)

    def _fires(self, at: int) -> Finding | None:
        """Refuted with answers that meet many conditions; the parts are what cannot hold at once.

        Those are questions: of the conditions that clash, none to spare.
        """
        if at in self.sample.fires or self.can_be(self.firing.fired[at]):
            return None
        return self.clash(Claim.SIGNAL_FIRES, self.rulebook.signals[at].when)

    def _matters(self, at: int) -> Finding | None:
        """Refuted with answers on which it fires; the parts are signals that say the same."""
        beside = self.beside
        fired = self.firing.fired[at]
        if at in self.sample.matters:
            return None
        if self.can_be(fired, beside.silent[at], beside.differs):
            return None
        found = self.calm_witness(fired)
        signal = self.rulebook.signals[at]
        parts = tuple(
            other.key
            for other in self.fired_in(found)
            if other is not signal
            and (other.needs & signal.needs or other.rules_out & signal.rules_out)
        )
        return Finding(Claim.SIGNAL_MATTERS, witness=found, parts=parts)
