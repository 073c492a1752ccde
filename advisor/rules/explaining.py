"""Explain: what fired and why, what each engagement model scores, and the certificate.

The parts of explanations are few, though explanations are many: a line of a certificate depends
on which of a few signals fired, a fired signal on one answer or two. So each part is made once for
a rulebook, and an explanation is put together from those that there are.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache, partial, reduce
from operator import add, itemgetter, or_
from struct import Struct
from typing import Any, NamedTuple

from advisor.playbook import Signal
from advisor.rules.deciding import Step
from advisor.rules.evaluating import Evaluation, evaluate
from advisor.rules.keeping import Kept, Room, keys_in, rows_of
from advisor.rules.recommendation import (
    Alternative,
    DemandedNeed,
    FiredSignal,
    GivenAnswer,
    RecommendedStep,
    Score,
    Side,
    Verdict,
)
from advisor.rules.rulebook import Answers, CompiledEngagement, Rulebook


class Explanation(NamedTuple):
    """The trace of a decision as a recommendation tells it."""

    steps: tuple[RecommendedStep, ...]
    signals: tuple[FiredSignal, ...]
    needs: tuple[DemandedNeed, ...]
    scores: tuple[Score, ...]
    certificate: tuple[Alternative, ...]


def explain(rulebook: Rulebook, answers: Answers) -> Explanation:
    """Return what complete answers come to, and why. Answers off the live path never count."""
    evaluation = evaluate(rulebook, answers)
    return explain_steps(rulebook, answers, evaluation, evaluation.decision.steps)


def explain_steps(
    rulebook: Rulebook,
    answers: Answers,
    evaluation: Evaluation,
    steps: tuple[Step, ...],
    *,
    still_open: bool = False,
) -> Explanation:
    """Return why it is these steps; `still_open`: there are questions left to answer."""
    fired, (needs, ruled_out, _) = evaluation
    parts = _parts_of(rulebook)
    return parts.explanation(answers, fired, parts.outlines[needs, ruled_out, steps, still_open])


Told = tuple[int, Kept[int, Any]]
"""Some signals, and what is told for each way in which they fire."""


class Outline(NamedTuple):
    """What is told on demanded needs, whatever demands them.

    `chosen` are the places of the steps among the engagement models.
    """

    steps: tuple[RecommendedStep, ...]
    chosen: tuple[int, ...]
    needs: tuple[Told, ...]
    certificate: tuple[Told, ...]


class _Parts:
    """The parts of a rulebook's explanations that were told so far."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.room = Room()
        signals = rulebook.playbook.signals
        self.keys = rows_of([(signal.key,) for signal in signals], add, ())
        # Each engagement model has 32 bits for the weight that it carries; above is the whole.
        weights = rows_of([self._weights(signal) for signal in signals], add, 0)
        tellers = rows_of([(self._signal(signal),) for signal in signals], add, ())
        self.signals = list(zip(tellers, weights, strict=True))
        self.unpack_weights = Struct(f"<{len(rulebook.engagements) + 1}I")
        self.ruling_out = [self._ruling_out(engagement) for engagement in rulebook.engagements]
        self.ruling = reduce(or_, self.ruling_out)
        self.scoring = Kept(self.room, self._scoring)
        self.scores = Kept(self.room, self._scores)
        self.needs = {
            key: (self._demanding(bit), Kept(self.room, partial(self._need, key)))
            for key, bit in rulebook.need_bits.items()
        }
        self.lines = [Kept(self.room, partial(self._line, one)) for one in rulebook.engagements]
        self.steps = Kept(self.room, self._step)
        self.outlines = Kept(self.room, self._outline)

    def explanation(self, answers: Answers, fired: int, outline: Outline) -> Explanation:
        """Return the explanation of an outline, for answers that make these signals fire."""
        signals: list[FiredSignal] = []
        weights, left = 0, fired
        for tellers, weighing in self.signals:
            if eight := left & 255:
                signals += [told[read(answers)] for read, told in tellers[eight]]
                weights += weighing[eight]
            left >>= 8
        *carried, demanded = self.unpack_weights.unpack(
            weights.to_bytes(self.unpack_weights.size, "little")
        )
        whole = demanded or 1  # Nothing demanded weighs nothing: then only what is chosen scores.
        for place in outline.chosen:
            carried[place] = whole
        scoring = self.scoring[demanded > 0, fired & self.ruling]
        return Explanation(
            outline.steps,
            tuple(signals),
            tuple([told[fired & mask] for mask, told in outline.needs]),
            tuple([told[100 * w // whole] for w, told in zip(carried, scoring, strict=True)]),
            tuple([told[fired & mask] for mask, told in outline.certificate]),
        )

    # ---- What fired --------------------------------------------------------------------------

    def _signal(self, signal: Signal) -> tuple[Callable[[Answers], Any], Kept[Any, FiredSignal]]:
        """How to read the answers that made a signal fire, and what is told for these."""
        questions = [condition.question for condition in signal.when]
        return itemgetter(*questions), Kept(self.room, partial(self._fired, signal))

    def _fired(self, signal: Signal, given: Any) -> FiredSignal:
        """The signal with the answers that made it fire, in playbook order."""
        answers = [given] if len(signal.when) == 1 else given
        return FiredSignal(
            signal=signal.key,
            answers=tuple(
                GivenAnswer(
                    question=condition.question,
                    options=tuple(
                        option.key
                        for option in self.rulebook.playbook.question(condition.question).options
                        if option.key in answer and option.key in condition.any_of
                    ),
                )
                for condition, answer in zip(signal.when, answers, strict=True)
            ),
            demands=signal.demands,
            rules_out=signal.rules_out,
        )

    def _demanding(self, needs: int) -> int:
        """The signals that demand any of the needs."""
        return sum(1 << at for at, s in enumerate(self.rulebook.signals) if s.needs & needs)

    def _ruling_out(self, engagement: CompiledEngagement) -> int:
        """The signals that rule an engagement model out."""
        bit = engagement.bit
        return sum(1 << at for at, s in enumerate(self.rulebook.signals) if s.rules_out & bit)

    def _keys(self, fired: int) -> tuple[str, ...]:
        return keys_in(self.keys, fired)

    # ---- What it weighs ----------------------------------------------------------------------

    def _weights(self, signal: Signal) -> int:
        """What each engagement model carries of the weight that a signal demands, and all of it."""
        weights = 0
        for demand in signal.demands:
            bit = self.rulebook.need_bits[demand.need]
            carriers = [bool(e.carries & bit) for e in self.rulebook.engagements]
            for place, carries in enumerate((*carriers, True)):
                weights += demand.weight * carries << 32 * place
        return weights

    def _need(self, key: str, fired: int) -> DemandedNeed:
        """A demanded need with its weight and the signals that demand it."""
        signals = self._keys(fired)
        demands = (d for told in signals for d in self.rulebook.playbook.signal(told).demands)
        weight = sum(demand.weight for demand in demands if demand.need == key)
        return DemandedNeed(need=key, weight=weight, signals=signals)

    def _scoring(self, told: tuple[bool, int]) -> list[Kept[int, Score]]:
        """The scores of each engagement model, when these signals rule some out."""
        demanded, fired = told
        return [
            self.scores[place, demanded, fired & mask] for place, mask in enumerate(self.ruling_out)
        ]

    def _scores(self, told: tuple[int, bool, int]) -> Kept[int, Score]:
        place, demanded, fired = told
        key, ruled_out_by = self.rulebook.engagements[place].key, self._keys(fired)

        def score(score: int) -> Score:
            fits = (score == 100 or not demanded) and not ruled_out_by
            return Score(engagement=key, score=score, fits=fits, ruled_out_by=ruled_out_by)

        return Kept(self.room, score)

    # ---- What was decided --------------------------------------------------------------------

    def _outline(self, decided: tuple[int, int, tuple[Step, ...], bool]) -> Outline:
        """What is told on these needs, ruled-out engagement models and steps."""
        needs, ruled_out, steps, still_open = decided
        return Outline(
            steps=tuple([self.steps[s.engagement.key, s.chosen_for, s.carries] for s in steps]),
            chosen=tuple([step.engagement.bit.bit_length() - 1 for step in steps]),
            needs=tuple([self.needs[key] for key in self.rulebook.needs_in(needs)]),
            certificate=tuple(self._certificate(needs, ruled_out, steps, still_open=still_open)),
        )

    def _step(self, step: tuple[str, int, int]) -> RecommendedStep:
        engagement, chosen_for, carries = step
        needs_in = self.rulebook.needs_in
        return RecommendedStep(
            engagement=engagement, chosen_for=needs_in(chosen_for), carries=needs_in(carries)
        )

    def _certificate(
        self, needs: int, ruled_out: int, steps: tuple[Step, ...], *, still_open: bool
    ) -> Iterator[Told]:
        """Yield, for every other engagement model, why it is not the first step.

        Smaller ones first, each with the needs that it cannot carry; then larger ones, each with
        why it is not needed.
        """
        if not steps:
            return
        first, *later = steps
        coming = sum(step.engagement.bit for step in later)
        smaller = True
        for place, engagement in enumerate(self.rulebook.engagements):
            if engagement is first.engagement:
                smaller = False
                continue
            comes_later, out = bool(engagement.bit & coming), bool(engagement.bit & ruled_out)
            missing = first.chosen_for & ~engagement.carries
            undemanded = 0 if missing else engagement.carries & ~needs
            yield self.lines[place][smaller, comes_later, out, missing, undemanded, still_open]

    def _line(
        self, engagement: CompiledEngagement, line: tuple[bool, bool, bool, int, int, bool]
    ) -> Told:
        """What the certificate tells of an engagement model; the strongest reason is the one."""
        smaller, comes_later, ruled_out, missing, undemanded, still_open = line
        signals = needs = 0
        if comes_later:
            verdict = Verdict.COMES_LATER
        elif missing and smaller:
            verdict, needs = Verdict.CANNOT_CARRY, missing
        elif ruled_out:
            verdict, signals = Verdict.RULED_OUT, self._ruling_out(engagement)
        elif smaller:
            verdict = Verdict.OPEN_ANSWERS if still_open else Verdict.NOT_THE_START
        elif missing:
            verdict, needs = Verdict.CANNOT_CARRY, missing
        else:
            verdict, needs = Verdict.NOT_NEEDED, undemanded
        if verdict is Verdict.CANNOT_CARRY:
            signals = self._demanding(needs)
        side = Side.SMALLER if smaller else Side.LARGER
        return signals, Kept(
            self.room, partial(self._alternative, engagement, side, verdict, needs)
        )

    def _alternative(
        self, engagement: CompiledEngagement, side: Side, verdict: Verdict, needs: int, fired: int
    ) -> Alternative:
        return Alternative(
            engagement=engagement.key,
            side=side,
            verdict=verdict,
            needs=self.rulebook.needs_in(needs),
            signals=self._keys(fired),
        )


@lru_cache(maxsize=64)
def _parts_of(rulebook: Rulebook) -> _Parts:
    return _Parts(rulebook)
