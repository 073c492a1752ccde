"""Numbers: which question buyers leave at, and which one takes long. Pure: tallies in, table out.

Every count is of buyers who saw the question. Where there are few of them, a share would tell of
single buyers and look like a rule, so there is none.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil

from advisor.playbook import Playbook, Question, Stage

FEWEST = 5
"""Of fewer buyers than this there is neither a share nor a median."""
LONGEST = 30 * 60
"""Seconds; whoever takes longer did something else meanwhile, and came back later."""


class Fate(StrEnum):
    """What became of a question that a buyer was asked."""

    BEGAN = "began"  # answered on the start page, where nobody is known before
    ANSWERED = "answered"
    LEFT = "left"
    OPEN = "open"
    MOOT = "moot"


@dataclass(frozen=True, slots=True)
class Tally:
    """So many buyers to whom a question came to the same; `seconds` if it is known how long."""

    question: str
    fate: Fate
    count: int
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """How long buyers took: a quarter took no longer than `lower`, half than `median`, …."""

    lower: int
    median: int
    upper: int


@dataclass(frozen=True, slots=True)
class Line:
    """What came of one question, or of all of them together.

    `shown` is all the others together: `answered`, `left`, `open` (may still be at it) and `moot`
    (other answers made it unnecessary). Of those who answered, `timed` did at once, which `times`
    tell about, and `later` after a break.
    """

    shown: int = 0
    answered: int = 0
    left: int = 0
    open: int = 0
    moot: int = 0
    timed: int = 0
    later: int = 0
    times: Times | None = None

    @property
    def share_left(self) -> float | None:
        """How many of those who saw it left there, in percent; None of too few."""
        return 100 * self.left / self.shown if self.shown >= FEWEST else None


@dataclass(frozen=True, slots=True)
class Row:
    """A question with its numbers; `opens` is the first one, which is counted by openings."""

    question: Question
    line: Line
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The deciding questions of a playbook in its order, and all of them together."""

    rows: tuple[Row, ...]
    total: Line

    @property
    def most_left(self) -> float:
        """The largest share that there is, in percent."""
        return max((row.line.share_left or 0 for row in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far buyers of a version have come, as it stands now; each is part of the one before."""

    started: int = 0
    settled: int = 0
    recommended: int = 0
    downloaded: int = 0

    def share(self, count: int) -> float | None:
        """How many of those who started, in percent; None of too few."""
        return 100 * count / self.started if self.started >= FEWEST else None


def table_of(playbook: Playbook, first: str, tallies: Iterable[Tally], *, opened: int) -> Table:
    """Return the numbers of a playbook's questions; `first` was opened so many times."""
    fates: dict[str, Counter[Fate]] = defaultdict(Counter)
    seconds: dict[str, Counter[int]] = defaultdict(Counter)
    for tally in tallies:
        fates[tally.question][tally.fate] += tally.count
        if tally.seconds is not None:
            seconds[tally.question][tally.seconds] += tally.count
    rows = []
    for question in playbook.questions:
        if playbook.stage_of(question) is Stage.SCOPE:
            continue
        opens = question.key == first
        line = _line(fates[question.key], seconds[question.key], opened if opens else 0)
        rows.append(Row(question, line, opens))
    return Table(tuple(rows), _total(row.line for row in rows))


def _line(fates: Counter[Fate], seconds: Counter[int], opened: int) -> Line:
    """Count one question.

    Somebody may begin without an opening that was counted, but nobody without one.
    """
    began = fates[Fate.BEGAN]
    openings = max(opened, began)
    in_time = Counter({took: count for took, count in seconds.items() if took <= LONGEST})
    return Line(
        shown=openings + fates.total() - began,
        answered=began + fates[Fate.ANSWERED],
        left=openings - began + fates[Fate.LEFT],
        open=fates[Fate.OPEN],
        moot=fates[Fate.MOOT],
        timed=in_time.total(),
        later=seconds.total() - in_time.total(),
        times=_times(in_time),
    )


def _times(seconds: Counter[int]) -> Times | None:
    """The median and the quartiles, each the time of somebody; None of too few."""
    if seconds.total() < FEWEST:
        return None
    in_order = sorted(seconds.items())

    def at(share: float) -> int:
        wanted = ceil(share * seconds.total())
        for took, count in in_order:
            wanted -= count
            if wanted <= 0:
                return took
        raise AssertionError  # a share is of all of them at most

    return Times(at(0.25), at(0.5), at(0.75))


def _total(lines: Iterable[Line]) -> Line:
    """Add up what can be: a median of medians means nothing."""
    total = Line()
    for line in lines:
        total = replace(
            total,
            shown=total.shown + line.shown,
            answered=total.answered + line.answered,
            left=total.left + line.left,
            open=total.open + line.open,
            moot=total.moot + line.moot,
            timed=total.timed + line.timed,
            later=total.later + line.later,
        )
    return total
