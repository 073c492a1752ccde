"""So far: what answers that settle nothing yet come to, in the words of their playbook version."""

from collections.abc import Iterator
from dataclasses import dataclass

from advisor.playbook import Emergency, EngagementModel, Playbook, Question
from advisor.rules import Recommendation, Rulebook
from advisor.rules.recommendation import Outcome
from engagements.brief import Reason
from engagements.questionnaire import (
    Possible,
    is_emergency,
    most_left,
    next_question,
    still_possible,
)
from engagements.quotes import Quote, quotes_of


@dataclass(frozen=True, slots=True)
class Start:
    """An engagement model that may come first; each of its `ways` is what follows then, in order.

    An empty one means that it may be all there is.
    """

    model: EngagementModel
    ways: tuple[tuple[str, ...], ...]

    @property
    def alone(self) -> bool:
        """Whether it may be all there is."""
        return () in self.ways

    @property
    def then(self) -> list[tuple[str, ...]]:
        """The ways on which something follows."""
        return [way for way in self.ways if way]


@dataclass(frozen=True, slots=True)
class Out:
    """Engagement models that are not possible any more, and the answers that rule them out.

    Without an answer, it is that no way to answer the rest leads to them.
    """

    titles: tuple[str, ...]
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class SoFar:
    """What is settled, what is still possible, and the one question that would help most.

    `left` is how many questions are left at most; `emergency` is there when something fails
    right now.
    """

    possible: Possible
    starts: tuple[Start, ...]
    later: tuple[EngagementModel, ...]
    out: tuple[Out, ...]
    reasons: tuple[Reason, ...]
    question: Question
    left: int
    emergency: Emergency | None


def so_far(rulebook: Rulebook, recommendation: Recommendation) -> SoFar | None:
    """Return what answers come to so far; None once they are settled, or when there is none."""
    playbook = rulebook.playbook
    question = next_question(playbook, recommendation)
    if question is None or not recommendation.answers:
        return None
    possible = still_possible(playbook, recommendation)
    starts = tuple(_starts(playbook, recommendation.possible))
    firsts = [start.model for start in starts]
    first = possible.first.key if possible.first else None
    return SoFar(
        possible=possible,
        starts=starts,
        later=tuple(model for model in possible.engagements if model not in firsts),
        out=tuple(_out(playbook, recommendation, possible)),
        reasons=tuple(_reasons(playbook, recommendation)),
        question=question,
        left=most_left(rulebook, recommendation.counted),
        emergency=playbook.emergency if is_emergency(playbook, recommendation, first) else None,
    )


def _starts(playbook: Playbook, possible: tuple[Outcome, ...]) -> Iterator[Start]:
    """What may come first, smallest first: so the outcomes come."""
    ways: dict[str, list[tuple[str, ...]]] = {}
    for first, *then in (outcome.engagements for outcome in possible if outcome.first):
        titles = tuple(playbook.engagement(key).title for key in then)
        ways.setdefault(first, []).append(titles)
    for first, told in ways.items():
        yield Start(playbook.engagement(first), tuple(told))


def _out(playbook: Playbook, recommendation: Recommendation, possible: Possible) -> Iterator[Out]:
    """What is out, those for the same reason together; what answers rule out comes first.

    Where more is possible than is known, only what answers rule out is certain to be.
    """
    fired = {fired.signal: fired for fired in recommendation.signals}
    groups: dict[tuple[str, ...], list[str]] = {}
    for score in recommendation.scores:
        model = playbook.engagement(score.engagement)
        if model not in possible.engagements and (score.ruled_out_by or not possible.more):
            groups.setdefault(score.ruled_out_by, []).append(model.title)
    for signals, titles in sorted(groups.items(), key=lambda group: not group[0]):
        answers = [answer for key in signals for answer in fired[key].answers]
        yield Out(tuple(titles), quotes_of(playbook, answers))


def _reasons(playbook: Playbook, recommendation: Recommendation) -> Iterator[Reason]:
    """What the answers show so far, the weightiest first."""
    for fired in sorted(recommendation.signals, key=lambda f: -sum(d.weight for d in f.demands)):
        signal = playbook.signal(fired.signal)
        yield Reason(
            title=signal.title,
            quotes=quotes_of(playbook, fired.answers),
            because=signal.because,
        )
