"""How a result is laid out on its page: its one reason, the way, the comparison. Pure.

What is said is the brief's (`engagements.brief`); here it is put together as a page shows it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext_lazy

from advisor.playbook import Phase, Playbook, Question, Stage
from advisor.rules import Recommendation
from advisor.rules.recommendation import ReadinessStatus, RecommendedStep, Side
from advisor.rules.recommendation import Score as ScoreValue
from engagements.brief import Alternative, Brief, Prerequisite, Reason
from engagements.continuing import Onward
from engagements.quotes import Quote, quotes_of
from engagements.wording import weightiest_first

MOST_STATIONS_ABREAST = 4
"""Of the stations of a way: more of them stand one below the other on a wide screen, too."""

PHASES = {
    Phase.RESPOND: gettext_lazy("Respond"),
    Phase.DECIDE: gettext_lazy("Decide"),
    Phase.DELIVER: gettext_lazy("Deliver"),
    Phase.RUN: gettext_lazy("Run"),
}


@dataclass(frozen=True, slots=True)
class Station:
    """A stop on the way: a recommended step, or a playbook that may follow once it is done.

    `place` counts the steps; what only may follow has none. `starts` are the conditions on which
    it starts.
    """

    title: str
    place: int | None
    phase: str
    facts: tuple[str, ...]
    starts: tuple[str, ...]
    carries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A row of the comparison: one engagement model beside what the answers demand.

    `carries` has each demanded need and whether it is carried; `ruled_out` the answers that rule
    it out; `step` its place among those recommended.
    """

    title: str
    step: int | None
    carries: tuple[tuple[str, bool], ...]
    ruled_out: tuple[Quote, ...]
    score: int
    duration: str
    commercial_shape: str
    price: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Engagement models that are not the one, for the same reason."""

    titles: tuple[str, ...]
    line: Alternative


@dataclass(frozen=True, slots=True)
class Result:
    """What the page of a result tells besides the brief."""

    why: Reason | None
    stations: tuple[Station, ...]
    rows: tuple[Compared, ...]
    smaller: tuple[Refused, ...]
    larger: tuple[Refused, ...]
    readiness: tuple[Prerequisite, ...]
    asks: Question | None
    asks_decide: bool

    @property
    def abreast(self) -> bool:
        """Whether the stations fit beside each other on a wide screen."""
        return len(self.stations) <= MOST_STATIONS_ABREAST

    @property
    def rules_out(self) -> bool:
        """Whether the answers rule any engagement model out."""
        return any(row.ruled_out for row in self.rows)

    @property
    def prices(self) -> bool:
        """Whether any engagement model says what it costs."""
        return any(row.price for row in self.rows)

    @property
    def open_count(self) -> int:
        """How many prerequisites are missing, or not known to be in place."""
        return sum(one.status != ReadinessStatus.MET for one in self.readiness)

    @property
    def smaller_count(self) -> int:
        """How many engagement models are smaller than the first step."""
        return sum(len(refused.titles) for refused in self.smaller)

    @property
    def larger_count(self) -> int:
        """How many engagement models are larger than the first step."""
        return sum(len(refused.titles) for refused in self.larger)


def result_of(
    playbook: Playbook, brief: Brief, steps: tuple[RecommendedStep, ...], onward: Iterable[Onward]
) -> Result:
    """Lay a result out; `steps` are those decided on, `onward` what can follow them."""
    recommendation = brief.recommendation
    refused = tuple(_refused(brief.alternatives))
    asks = _asks(playbook, brief, steps)
    return Result(
        why=_why(brief, steps),
        stations=(*_steps(brief), *map(_what_follows, onward)),
        rows=tuple(_rows(playbook, recommendation, steps)),
        smaller=tuple(one for one in refused if one.line.side is Side.SMALLER),
        larger=tuple(one for one in refused if one.line.side is Side.LARGER),
        readiness=(*brief.missing, *brief.unknown, *brief.met),
        asks=asks,
        asks_decide=asks is not None and playbook.stage_of(asks) is not Stage.SCOPE,
    )


def _why(brief: Brief, steps: tuple[RecommendedStep, ...]) -> Reason | None:
    """The weightiest reason for the first step; none where it was not the answers that decided."""
    if brief.overridden or not steps:
        return None
    needed = set(steps[0].chosen_for)
    fired = weightiest_first(brief.recommendation)
    for signal, reason in zip(fired, brief.reasons, strict=True):
        if needed & {demand.need for demand in signal.demands}:
            return reason
    return None


def _steps(brief: Brief) -> Iterator[Station]:
    for place, step in enumerate(brief.steps, start=1):
        facts = (step.duration, step.commercial_shape, str(step.price or ""))
        yield Station(
            title=step.title,
            place=place,
            phase=str(PHASES[step.phase]),
            facts=tuple(filter(None, facts)),
            starts=step.starts_when if place > 1 else (),
            carries=step.carries,
        )


def _what_follows(onward: Onward) -> Station:
    found = onward.playbook
    return Station(
        title=found.decision or found.title,
        place=None,
        phase="",
        facts=(found.title,) if found.decision else (),
        starts=(onward.when,),
        carries=(),
    )


def _rows(
    playbook: Playbook, recommendation: Recommendation, steps: tuple[RecommendedStep, ...]
) -> Iterator[Compared]:
    """Every engagement model, the smallest first."""
    places = {step.engagement: place for place, step in enumerate(steps, start=1)}
    scores = {score.engagement: score for score in recommendation.scores}
    demanded = [playbook.need(need.need) for need in recommendation.needs]
    for model in sorted(playbook.engagements, key=lambda model: model.size):
        score = scores[model.key]
        yield Compared(
            title=model.title,
            step=places.get(model.key),
            carries=tuple((need.title, need.key in model.carries) for need in demanded),
            ruled_out=_ruled_out(playbook, recommendation, score),
            score=score.score,
            duration=model.duration,
            commercial_shape=model.commercial_shape,
            price=str(model.price or ""),
        )


def _ruled_out(
    playbook: Playbook, recommendation: Recommendation, score: ScoreValue
) -> tuple[Quote, ...]:
    fired = (signal for signal in recommendation.signals if signal.signal in score.ruled_out_by)
    return quotes_of(playbook, (answer for signal in fired for answer in signal.answers))


def _refused(alternatives: Iterable[Alternative]) -> Iterator[Refused]:
    """Those of equal grounds together; they stand side by side in a brief."""
    for _grounds, group in groupby(alternatives, key=lambda line: line.grounds):
        same = list(group)
        yield Refused(titles=tuple(line.title for line in same), line=same[0])


def _asks(playbook: Playbook, brief: Brief, steps: tuple[RecommendedStep, ...]) -> Question | None:
    """The question by which a buyer tells what is in place, while something is not."""
    open_ones = {one.title for one in (*brief.missing, *brief.unknown)}
    for prerequisite in playbook.engagement(steps[0].engagement).prerequisites if steps else ():
        if prerequisite.title in open_ones:
            return playbook.question(prerequisite.question)
    return None
