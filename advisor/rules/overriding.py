"""Override: what follows when a consultant starts with another engagement model."""

from dataclasses import dataclass

from advisor.rules.deciding import Step, decide
from advisor.rules.recommendation import Recommendation, RecommendedStep
from advisor.rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Override:
    """The steps from the engagement model that was chosen, and the needs that none carries."""

    steps: tuple[RecommendedStep, ...]
    uncarried: tuple[str, ...]


def override(rulebook: Rulebook, recommendation: Recommendation, engagement: str) -> Override:
    """Return the pathway that starts with this engagement model, chosen by a person.

    What belongs to an earlier phase, and is not carried by it, has been put aside by that choice:
    evidence after the delivery, or an emergency later, would make no sense. The rest is decided
    by the rules as if it stood alone; if that does not fit, nothing is added. What then no step
    carries is named. Raises KeyError when the playbook has no such engagement model.
    """
    needs = 0
    for need in recommendation.needs:
        needs |= rulebook.need_bits[need.need]
    first = rulebook.engagement(engagement)
    ruled_out = first.bit
    for score in recommendation.scores:
        if score.ruled_out_by:
            ruled_out |= rulebook.engagement(score.engagement).bit
    carried = needs & first.carries
    left = needs & ~carried
    later = left
    for phase, mask in rulebook.phase_needs:
        if phase.rank < first.phase.rank:
            later &= ~mask
    rest = decide(rulebook, later, ruled_out) if later else None
    follow_on = rest.steps if rest and rest.fits else ()
    for step in follow_on:
        left &= ~step.carries
    return Override(
        steps=tuple(
            RecommendedStep(
                engagement=step.engagement.key,
                chosen_for=tuple(rulebook.needs_in(step.chosen_for)),
                carries=tuple(rulebook.needs_in(step.carries)),
            )
            for step in (Step(first, carried, carried), *follow_on)
        ),
        uncarried=tuple(rulebook.needs_in(left)),
    )
