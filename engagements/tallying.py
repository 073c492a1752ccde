"""Tally: what was counted, added up by the database, which may hold 100,000 assessments."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Least

from catalog.models import PlaybookVersion
from engagements.counting import beginning_of
from engagements.models import Asked, Assessment, BriefVersion, Opened
from engagements.numbers import LONGEST, Fate, Progress, Tally

STILL_AT_IT = timedelta(days=1)
"""Who was sent to a question less than this ago may still be thinking about it."""


class SecondsBetween(Func):
    """Whole seconds from one moment to another, computed by the database itself.

    Django's own difference is a Python function on SQLite, called for each of a million rows.
    """

    arity = 2
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Both moments are texts in UTC."""
        first, second = (compiler.compile(one) for one in self.source_expressions)
        sql = f"(strftime('%%s', {second[0]}) - strftime('%%s', {first[0]}))"
        return sql, (*second[1], *first[1])

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Both are moments; their difference is an interval."""
        first, second = (compiler.compile(one) for one in self.source_expressions)
        sql = f"FLOOR(EXTRACT(EPOCH FROM ({second[0]} - {first[0]})))::integer"
        return sql, (*second[1], *first[1])


def tallies_of(version: PlaybookVersion, first: str, *, since: date, now: datetime) -> list[Tally]:
    """Return what became of each question for buyers who began since a day.

    `first` is the question of the start page. A question is left when it was the last one that a
    buyer was sent to, nothing is settled, and nothing has come for a day.
    """
    later = Asked.objects.filter(
        assessment=OuterRef("assessment"), waiting_since__gt=OuterRef("waiting_since")
    )
    answered = Q(answered_at__isnull=False)
    fate = Case(
        When(answered & Q(question=first, assessment__continues=None), then=Value(Fate.BEGAN)),
        When(answered, then=Value(Fate.ANSWERED)),
        When(Q(assessment__settled=True) | Exists(later), then=Value(Fate.MOOT)),
        When(waiting_since__gt=now - STILL_AT_IT, then=Value(Fate.OPEN)),
        default=Value(Fate.LEFT),
        output_field=CharField(),
    )
    # Of the same moment only that it was answered is known, and not how long it took.
    took = SecondsBetween("shown_at", "answered_at")
    at_most = Least(took, Value(LONGEST + 1))  # so that there are few different ones to fetch
    seconds = Case(When(answered_at__gt=F("shown_at"), then=at_most))
    rows = (
        Asked.objects.filter(
            assessment__version=version, assessment__created_at__gte=beginning_of(since)
        )
        .order_by()
        .values("question")
        .annotate(fate=fate, seconds=seconds, count=Count("pk"))
        .values_list("question", "fate", "count", "seconds")
    )
    return [Tally(key, Fate(what), count, took) for key, what, count, took in rows]


def progress_of(version: PlaybookVersion, *, since: date) -> Progress:
    """Return how far buyers have come who began since a day and were asked anything.

    A brief that is older than any review can only have been made for a buyer who downloaded it.
    """
    recommended = Q(settled=True, recommendation__isnull=False)
    downloaded = Exists(BriefVersion.objects.filter(assessment=OuterRef("pk"), review__isnull=True))
    counts = (
        Assessment.objects.filter(
            Exists(Asked.objects.filter(assessment=OuterRef("pk"))),
            version=version,
            created_at__gte=beginning_of(since),
        )
        .order_by()
        .aggregate(
            started=Count("pk"),
            recommended=Count("pk", filter=recommended),
            downloaded=Count("pk", filter=recommended & Q(downloaded)),
            settled=Count("pk", filter=Q(settled=True)),  # last: it hides the column of its name
        )
    )
    return Progress(**counts)


def openings_of(version: PlaybookVersion, *, since: date) -> int:
    """Return how often the first question was opened since a day."""
    days = Opened.objects.filter(version=version, day__gte=since)
    return days.aggregate(count=Sum("count", default=0))["count"]
