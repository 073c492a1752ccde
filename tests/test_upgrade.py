"""A database from before: what it holds is read as it was, and stands where its answers put it."""

import pytest
from django.core.management import call_command
from django.db import connection

from advisor.loading import document_hash
from catalog import triggers
from catalog.drafts import document_of, write_draft
from catalog.models import Draft, PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import save_answers
from engagements.models import Assessment, Recommendation
from tests.buyers import answered, begin, decided
from tests.factories import small_playbook, tamper
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


# ---- Before offers had more to say ----------------------------------------------------------

HASH = "78a361d4b9f4378d1f0d8f54983c47d71c8b868a9157461c9092672f0060ef13"
"""Of the small playbook, as it was stored then."""


def test_what_was_stored_before_offers_had_more_to_say_reads_as_it_was() -> None:
    version, _ = publish(small_playbook())
    draft = write_draft(small_playbook(), version=version)
    try:
        call_command("migrate", "catalog", "0002", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)

    stored = PlaybookVersion.objects.get()
    assert stored.hash == document_hash(stored.document) == HASH
    assert stored.rulebook.playbook == small_playbook()
    assert document_hash(document_of(Draft.objects.get(pk=draft.pk))) == HASH
    assert triggers.unguarded(connection) == []
