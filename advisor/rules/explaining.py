"""Explain: fired signals, scores and the certificate of a decision."""

from collections.abc import Iterable, Iterator

from advisor.rules.deciding import Step
from advisor.rules.recommendation import (
    Alternative,
    DemandedNeed,
    FiredSignal,
    GivenAnswer,
    Score,
    Side,
    Verdict,
)
from advisor.rules.rulebook import Answers, CompiledEngagement, CompiledSignal, Rulebook


def fired_signals(rulebook: Rulebook, bits: int) -> tuple[CompiledSignal, ...]:
    """Return the signals each of whose conditions holds on the option bits."""
    return tuple(s for s in rulebook.signals if all(bits & mask for mask in s.when))


def demands_of(fired: Iterable[CompiledSignal]) -> tuple[int, int]:
    """Return what fired signals come to: the demanded needs and the ruled-out models."""
    needs = ruled_out = 0
    for signal in fired:
        needs |= signal.needs
        ruled_out |= signal.rules_out
    return needs, ruled_out


class Explainer:
    """Words a decision's trace, by key: what fired, and what it means for each model."""

    def __init__(
        self, rulebook: Rulebook, answers: Answers, fired: tuple[CompiledSignal, ...]
    ) -> None:
        self.rulebook = rulebook
        self.answers = answers
        self.fired = fired
        live = rulebook.live_questions(answers)
        self.remaining = tuple(question.key for question in live if question.key not in answers)
        self.needs, self.ruled_out = demands_of(fired)
        self.weights = dict.fromkeys(rulebook.needs_in(self.needs), 0)
        for signal in fired:
            for demand in rulebook.playbook.signal(signal.key).demands:
                self.weights[demand.need] += demand.weight

    def signals(self) -> Iterator[FiredSignal]:
        """Yield the fired signals with the answers that made them fire, in playbook order."""
        for compiled in self.fired:
            signal = self.rulebook.playbook.signal(compiled.key)
            yield FiredSignal(
                signal=signal.key,
                answers=tuple(
                    GivenAnswer(
                        question=condition.question,
                        options=tuple(
                            option
                            for option in self.answers[condition.question]
                            if option in condition.any_of
                        ),
                    )
                    for condition in signal.when
                ),
                demands=signal.demands,
                rules_out=signal.rules_out,
            )

    def demanded_needs(self) -> Iterator[DemandedNeed]:
        """Yield each demanded need with its weight and the signals that demand it."""
        for key, weight in self.weights.items():
            yield DemandedNeed(need=key, weight=weight, signals=self._demanding([key]))

    def scores(self, steps: tuple[Step, ...]) -> Iterator[Score]:
        """Yield every engagement model's score, smallest model first."""
        scored_on = {step.engagement.key: step.carries for step in steps}
        for engagement in self.rulebook.engagements:
            needs = scored_on.get(engagement.key, self.needs)
            whole = self._weight(needs)
            carried = self._weight(needs & engagement.carries)
            ruled_out_by = self._ruling_out(engagement)
            yield Score(
                engagement=engagement.key,
                # Nothing demanded weighs nothing: then only what is recommended fits.
                score=100 * carried // whole if whole else 100 * (engagement.key in scored_on),
                fits=not needs & ~engagement.carries and not ruled_out_by,
                ruled_out_by=ruled_out_by,
            )

    def certificate(self, steps: tuple[Step, ...]) -> Iterator[Alternative]:
        """Yield, for every other engagement model, why it is not the first step.

        Smaller ones first, each with the needs it cannot carry and the signals that demanded
        them; then larger ones, each with why it is not needed.
        """
        if not steps:
            return
        first, *later = steps
        later_keys = {step.engagement.key for step in later}
        smaller = True
        for engagement in self.rulebook.engagements:
            if engagement is first.engagement:
                smaller = False
                continue
            yield self._alternative(
                engagement,
                side=Side.SMALLER if smaller else Side.LARGER,
                chosen_for=first.chosen_for,
                comes_later=engagement.key in later_keys,
            )

    def _alternative(
        self, engagement: CompiledEngagement, *, side: Side, chosen_for: int, comes_later: bool
    ) -> Alternative:
        """One line of the certificate; the strongest reason is the one that is told."""
        missing = tuple(self.rulebook.needs_in(chosen_for & ~engagement.carries))
        ruled_out_by = self._ruling_out(engagement)
        needs: tuple[str, ...] = ()
        signals: tuple[str, ...] = ()
        if comes_later:
            verdict = Verdict.COMES_LATER
        elif missing and side is Side.SMALLER:
            verdict, needs, signals = Verdict.CANNOT_CARRY, missing, self._demanding(missing)
        elif ruled_out_by:
            verdict, signals = Verdict.RULED_OUT, ruled_out_by
        elif side is Side.SMALLER:
            verdict = Verdict.OPEN_ANSWERS if self.remaining else Verdict.NOT_THE_START
        elif missing:
            verdict, needs, signals = Verdict.CANNOT_CARRY, missing, self._demanding(missing)
        else:
            verdict = Verdict.NOT_NEEDED
            needs = tuple(self.rulebook.needs_in(engagement.carries & ~self.needs))
        return Alternative(
            engagement=engagement.key, side=side, verdict=verdict, needs=needs, signals=signals
        )

    def _weight(self, needs: int) -> int:
        return sum(self.weights[key] for key in self.rulebook.needs_in(needs & self.needs))

    def _demanding(self, needs: Iterable[str]) -> tuple[str, ...]:
        mask = sum(self.rulebook.need_bits[key] for key in needs)
        return tuple(signal.key for signal in self.fired if signal.needs & mask)

    def _ruling_out(self, engagement: CompiledEngagement) -> tuple[str, ...]:
        return tuple(s.key for s in self.fired if s.rules_out & engagement.bit)
