"""A database from before: what it holds is read as it was, and stands where its answers put it."""

import pytest
from django.core.management import call_command
from django.db import connection

from advisor.loading import document_hash
from catalog import triggers
from catalog.drafts import document_of, write_draft
from catalog.models import Draft, PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import issue_recommendation, save_answers
from engagements.models import Assessment
from tests.buyers import answered, begin, decided
from tests.factories import small_playbook, tamper
from tests.staff import approved, consultant

pytestmark = pytest.mark.django_db(transaction=True)


def standing(assessment: Assessment) -> tuple[str, bool, int | None]:
    """Where an assessment stands: state, settled, and the number of its recommendation."""
    now = Assessment.objects.select_related("recommendation").get(pk=assessment.pk)
    return now.state, now.settled, now.recommendation and now.recommendation.number


def test_it_works(version: PlaybookVersion) -> None:
    """The columns on reviews are taken away, with all reviews, and come back empty."""
    settled = decided(version)
    unfit = decided(version, "not-our-job", money="one-off")
    begun = begin(version, {"red-flags": "none"})
    unissued = answered(version)
    changed = decided(version)
    save_answers(changed, {"situation": ()})
    reviewed = approved(version, consultant())
    broken_version, _ = publish(small_playbook())
    broken = begin(broken_version, {"cause": "unknown", "work": ["nothing"]})
    issue_recommendation(broken)
    tamper(broken_version, document={"key": "broken"})

    try:
        call_command("migrate", "engagements", "0001", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)

    assert standing(settled) == ("waiting", True, 1)
    row = settled.recommendations.get()
    told = {score.engagement: score.score for score in row.value.scores}
    assert row.score == told[row.engagement]
    # Where nothing fits there is no score.
    assert standing(unfit) == ("waiting", True, 1)
    assert unfit.recommendations.get().score is None
    # What is under way stays under way.
    assert standing(begun) == ("answering", False, None)
    assert standing(unissued) == ("answering", True, None)
    assert standing(changed) == ("answering", False, None)
    # What was reviewed waits for a review once the reviews are gone.
    assert standing(reviewed) == ("waiting", True, 1)
    # A version that cannot be read stops nobody.
    assert standing(broken) == ("answering", False, None)
    assert triggers.unguarded(connection) == []


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
