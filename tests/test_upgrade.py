"""A database from before the reviews: what it holds stands where its answers put it."""

import pytest
from django.core.management import call_command
from django.db import connection

from catalog import triggers
from catalog.models import PlaybookVersion
from engagements.assessing import save_answers
from engagements.models import Assessment, Recommendation
from tests.buyers import answered, begin, decided
from tests.factories import tamper
from tests.staff import approved, consultant

pytestmark = pytest.mark.django_db(transaction=True)


def upgraded() -> None:
    """Take the columns on reviews away, with all reviews, and bring them back empty."""
    try:
        call_command("migrate", "engagements", "0001", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)


def standing(assessment: Assessment) -> tuple[str, bool, int | None]:
    """Where an assessment stands: state, settled, and the number of its recommendation."""
    now = Assessment.objects.select_related("recommendation").get(pk=assessment.pk)
    return now.state, now.settled, now.recommendation and now.recommendation.number


def test_it_works(version: PlaybookVersion) -> None:
    assessment = decided(version)

    upgraded()

    assert standing(assessment) == ("waiting", True, 1)
    row = Recommendation.objects.get()
    told = {score.engagement: score.score for score in row.value.scores}
    assert row.score == told[row.engagement]
    assert triggers.unguarded(connection) == []


def test_what_is_under_way_stays_under_way(version: PlaybookVersion) -> None:
    begun = begin(version, {"red-flags": "none"})
    unissued = answered(version)
    changed = decided(version)
    save_answers(changed, {"situation": ()})

    upgraded()

    assert standing(begun) == ("answering", False, None)
    assert standing(unissued) == ("answering", True, None)
    assert standing(changed) == ("answering", False, None)


def test_where_nothing_fits_there_is_no_score(version: PlaybookVersion) -> None:
    assessment = decided(version, "not-our-job", money="one-off")

    upgraded()

    assert standing(assessment) == ("waiting", True, 1)
    assert Recommendation.objects.get().score is None


def test_what_was_reviewed_waits_for_a_review_once_the_reviews_are_gone(
    version: PlaybookVersion,
) -> None:
    assessment = approved(version, consultant())

    upgraded()

    assert standing(assessment) == ("waiting", True, 1)


def test_a_version_that_cannot_be_read_stops_nobody(version: PlaybookVersion) -> None:
    assessment = decided(version)
    tamper(version, document={"key": "broken"})

    upgraded()

    assert standing(assessment) == ("answering", False, None)
