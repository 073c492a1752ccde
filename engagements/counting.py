"""Count: which questions were asked and answered, and how often the first one was opened.

Nothing here is about a person, and nothing is needed for an assessment: a buyer gets the page
whether or not it could be counted. `numbers` makes a table of it, docs/numbers.md tells all of it.
"""

import logging
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from advisor.playbook import Stage
from advisor.rules import Recommendation as RecommendationValue
from catalog.models import PlaybookVersion
from engagements.models import Asked, Assessment, Opened
from engagements.questionnaire import next_question

logger = logging.getLogger(__name__)


def count_asked(
    assessment: Assessment,
    now: RecommendationValue,
    *,
    answered: Iterable[str] = (),
    at: datetime | None = None,
) -> None:
    """Count the questions that were answered for the first time, and the one that is asked next.

    For the transaction that saves the answers: the buyer is sent to the next question with its
    answer, so that opening a page never writes. It is one query, or none.
    """
    if not settings.NUMBERS_DAYS:
        return
    playbook = assessment.version.rulebook.playbook
    moment = at or timezone.now()
    rows = {
        key: Asked(assessment=assessment, question=key, shown_at=moment, answered_at=moment)
        for key in answered
        if playbook.stage_of(playbook.question(key)) is not Stage.SCOPE
    }
    if question := next_question(playbook, now):
        rows[question.key] = Asked(
            assessment=assessment, question=question.key, shown_at=moment, waiting_since=moment
        )
    if rows:  # what is there already keeps the moment at which it was shown first
        Asked.objects.bulk_create(
            rows.values(),
            update_conflicts=True,
            unique_fields=["assessment", "question"],
            update_fields=["waiting_since", "answered_at"],
        )


# ---- The first question ----------------------------------------------------------------------


def is_opening(request: HttpRequest) -> bool:
    """Whether somebody may be looking: not a browser that fetches ahead or brings a page back."""
    purpose = request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or ""
    fetched_ahead = "prefetch" in purpose.lower()
    restored = request.htmx.history_restore_request
    return request.method == "GET" and not fetched_ahead and not restored


def count_opening(version: PlaybookVersion) -> None:
    """Add one to the openings of the day; a count that cannot be written is let go."""
    if not settings.NUMBERS_DAYS:
        return
    day = timezone.localdate()
    today = Opened.objects.filter(version=version, day=day)
    try:
        if not today.update(count=F("count") + 1):  # the first one of the day
            Opened.objects.bulk_create([Opened(version=version, day=day)], ignore_conflicts=True)
            today.update(count=F("count") + 1)
    except DatabaseError:
        logger.warning("An opening of %s was not counted.", version, exc_info=True)


# ---- What is kept, and for how long ----------------------------------------------------------


def first_day_kept() -> date:
    """The first of so many days up to today; with none of them, tomorrow."""
    return timezone.localdate() - timedelta(days=settings.NUMBERS_DAYS - 1)


def forget() -> tuple[int, int]:
    """Delete what is older; return how many questions and how many days of openings it were."""
    first = first_day_kept()
    begun_before = {"assessment__created_at__lt": beginning_of(first)}
    questions, _kinds = Asked.objects.filter(**begun_before).delete()
    days, _kinds = Opened.objects.filter(day__lt=first).delete()
    return questions, days


def beginning_of(day: date) -> datetime:
    """When a day begins where the firm is."""
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))
