"""Publishing: versions are numbered, pinned and immutable; what was issued stays as it was."""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import ProtectedError

from advisor.loading import document_hash, from_document, to_document
from catalog.immutable import ImmutableError
from catalog.models import Playbook, PlaybookVersion
from catalog.publishing import publish, publish_all
from engagements.assessing import (
    draft_brief,
    issue_brief,
    issue_recommendation,
    recommendation_for,
    start,
)
from engagements.models import Assessment, BriefVersion, Recommendation
from tests.factories import advised, engagement, small_document, small_playbook, tamper

BOTH = {"cause": ("unknown",), "work": ("build",), "money": ("monthly",)}


def published(**changes: object) -> PlaybookVersion:
    version, _ = publish(small_playbook(**changes))
    return version


@pytest.mark.django_db
def test_it_works() -> None:
    owner = User.objects.create(username="ada")

    version, is_new = publish(small_playbook(), notes="The first.", by=owner)

    assert is_new
    assert (version.number, version.notes, version.published_by) == (1, "The first.", owner)
    assert version.playbook.title == "Small playbook"
    assert version.playbook.live == version
    stored = PlaybookVersion.objects.get()
    assert stored.hash == document_hash(to_document(small_playbook()))
    assert from_document(stored.document) == small_playbook()
    assert stored.rulebook.playbook == small_playbook()
    assert stored.rulebook.version == stored.hash


@pytest.mark.django_db
def test_second_version() -> None:
    first = published()
    second, is_new = publish(small_playbook(title="Small, revised"))

    assert is_new
    assert (first.number, second.number) == (1, 2)
    assert second.hash != first.hash
    assert Playbook.objects.get().live == second
    assert Playbook.objects.get().title == "Small, revised"
    assert [v.number for v in Playbook.objects.get().versions.all()] == [2, 1]


@pytest.mark.django_db
def test_identical_document_makes_no_new_version() -> None:
    first = published()

    again, is_new = publish(small_playbook(), notes="Not kept.")

    assert (again, is_new) == (first, False)
    assert PlaybookVersion.objects.get().notes == ""


@pytest.mark.django_db
def test_going_back_to_an_older_document_is_a_version_of_its_own() -> None:
    first, second, third = published(), published(minutes=3), published()

    assert [first.number, second.number, third.number] == [1, 2, 3]
    assert first.hash == third.hash
    assert Playbook.objects.get().live == third


@pytest.mark.django_db
def test_each_playbook_counts_its_own_versions() -> None:
    published()
    assert published(key="other").number == 1
    assert published(minutes=3).number == 2


@pytest.mark.django_db
def test_nothing_is_live_before_the_first_version() -> None:
    with pytest.raises(PlaybookVersion.DoesNotExist):
        Playbook.objects.create(key="draft", title="Draft").live  # noqa: B018 - it raises


@pytest.mark.django_db
def test_several_are_published_all_or_none() -> None:
    def playbooks() -> object:
        yield small_playbook()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        publish_all(playbooks())
    assert not Playbook.objects.exists()

    both = publish_all([small_playbook(), small_playbook(key="other")], notes="Together")
    assert [(str(v), v.notes, is_new) for v, is_new in both] == [
        ("small version 1", "Together", True),
        ("other version 1", "Together", True),
    ]


# ---- Nobody changes a version -------------------------------------------------------------


def save_over(version: PlaybookVersion) -> None:
    version.notes = "Changed"
    version.save()


def save_one_field(version: PlaybookVersion) -> None:
    version.notes = "Changed"
    version.save(update_fields=["notes"])


def bulk_update(version: PlaybookVersion) -> None:
    version.notes = "Changed"
    PlaybookVersion.objects.bulk_update([version], ["notes"])


def write_over(version: PlaybookVersion) -> None:
    version.notes = "Changed"
    PlaybookVersion.objects.bulk_create(
        [version], update_conflicts=True, update_fields=["notes"], unique_fields=["id"]
    )


ATTEMPTS: dict[str, Callable[[PlaybookVersion], object]] = {
    "save": save_over,
    "save of one field": save_one_field,
    "update": lambda version: PlaybookVersion.objects.update(notes="Changed"),
    "update of some": lambda version: PlaybookVersion.objects.filter(number=1).update(hash="0"),
    "update through the playbook": lambda version: version.playbook.versions.update(number=7),
    "update or create": lambda version: PlaybookVersion.objects.update_or_create(
        pk=version.pk, defaults={"notes": "Changed"}
    ),
    "bulk update": bulk_update,
    "bulk create over it": write_over,
    "delete": lambda version: version.delete(),
    "delete of all": lambda version: PlaybookVersion.objects.all().delete(),
    "delete through the playbook": lambda version: version.playbook.versions.all().delete(),
}


@pytest.mark.django_db
@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_a_version_can_be_neither_changed_nor_deleted(
    attempt: Callable[[PlaybookVersion], object],
) -> None:
    version = published()
    before = PlaybookVersion.objects.values().get()

    refused = pytest.raises(ImmutableError, match=r"cannot be (changed|deleted|written over)")
    with refused, transaction.atomic():
        attempt(version)

    assert PlaybookVersion.objects.values().get() == before


@pytest.mark.django_db
def test_a_version_cannot_be_saved_in_the_place_of_another() -> None:
    version = published()
    impostor = PlaybookVersion(pk=version.pk, playbook=version.playbook, number=1, document={})

    with pytest.raises(IntegrityError), transaction.atomic():
        impostor.save()

    assert PlaybookVersion.objects.get().document == version.document


@pytest.mark.django_db
def test_what_a_version_hangs_on_cannot_be_deleted() -> None:
    owner = User.objects.create(username="ada")
    version, _ = publish(small_playbook(), by=owner)

    with pytest.raises(ProtectedError):
        version.playbook.delete()
    with pytest.raises(ProtectedError):
        owner.delete()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"document": small_document(minutes=60)}, id="document"),
        pytest.param({"hash": "0" * 64}, id="hash"),
    ],
)
def test_tampering_is_noticed(columns: dict[str, object]) -> None:
    version = published(summary=f"Not compiled before: {columns.keys()}")
    tamper(version, **columns)

    with pytest.raises(ImmutableError, match=r"small version 1 does not match its hash; restore"):
        PlaybookVersion.objects.get().rulebook  # noqa: B018 - it raises


@pytest.mark.django_db
def test_tampering_does_not_reach_what_is_compiled_already() -> None:
    version = published(summary="Compiled before.")
    rulebook = version.rulebook
    tamper(version, document={**version.document, "minutes": 60})

    assert PlaybookVersion.objects.get().rulebook is rulebook
    assert rulebook.playbook.minutes == 2


# ---- Two publishers at once ---------------------------------------------------------------


class Crowd:
    """Runs jobs at once, each on a database connection of its own.

    The tests' SQLite database lies in memory, where a writer fails instead of waiting for
    another; so the crowd works on a copy in a file, which is what the product runs on.
    """

    def __init__(self, folder: Path) -> None:
        self.file: Path | None = None
        if connection.vendor == "sqlite":
            connection.ensure_connection()
            self.file = folder / "crowd.sqlite3"
            with closing(sqlite3.connect(self.file)) as copy:
                connection.connection.backup(copy)
                # As after `migrate`: the switch itself is for one connection at a time.
                copy.execute("PRAGMA journal_mode=WAL")

    def run[T](self, *jobs: Callable[[], T]) -> list[T]:
        ready = threading.Barrier(len(jobs))

        def work(job: Callable[[], T]) -> T:
            if self.file:
                connections["default"] = connections["default"].copy()
                connections["default"].settings_dict["NAME"] = str(self.file)
            try:
                connections["default"].ensure_connection()
                ready.wait(timeout=30)
                return job()
            finally:
                connections["default"].close()

        with ThreadPoolExecutor(len(jobs)) as pool:
            return list(pool.map(work, jobs))


@pytest.fixture
def crowd(transactional_db: None, tmp_path: Path) -> Crowd:
    return Crowd(tmp_path)


def test_publishers_at_once_get_numbers_without_a_gap(crowd: Crowd) -> None:
    documents = [small_playbook(minutes=minutes) for minutes in range(1, 9)]

    told = crowd.run(*(lambda document=document: publish(document) for document in documents))

    assert all(is_new for _, is_new in told)
    assert sorted(version.number for version, _ in told) == list(range(1, 9))
    [stored] = crowd.run(lambda: list(PlaybookVersion.objects.all()))
    assert [version.number for version in stored] == list(range(8, 0, -1))
    assert {v.document["minutes"] for v in stored} == set(range(1, 9))


def test_publishers_of_one_document_at_once_make_one_version(crowd: Crowd) -> None:
    told = crowd.run(*[lambda: publish(small_playbook())] * 8)

    assert [version.number for version, _ in told] == [1] * 8
    assert sorted(is_new for _, is_new in told) == [False] * 7 + [True]
    assert crowd.run(PlaybookVersion.objects.count) == [1]


# ---- What was issued ----------------------------------------------------------------------


@pytest.fixture
def assessment(db: None) -> Assessment:
    """An assessment of the first version, with a recommendation and a brief."""
    assessment = start(published(), BOTH)
    issue_brief(assessment, issue_recommendation(assessment))
    return assessment


def other_offer() -> PlaybookVersion:
    """A second version that decides otherwise: the retainer is no longer what it was."""
    audit, project, _ = small_document()["engagements"]
    partner = engagement("partner", 3, "run", ["evidence", "outcome"])
    signals = small_document()["signals"][:2]
    return published(engagements=[audit, project, partner], signals=signals)


def test_an_assessment_stays_on_its_version(assessment: Assessment) -> None:
    first = assessment.version
    second = other_offer()

    [kept] = Assessment.objects.all()
    assert kept.version == first
    assert kept.version.playbook.live == second
    recommendation = recommendation_for(kept)
    assert recommendation == advised(BOTH)
    assert recommendation.version == first.hash
    assert recommendation.steps[0].engagement == "retainer"
    new = recommendation_for(start(second, BOTH))
    assert new.version == second.hash
    assert new.steps[0].engagement == "partner"


def test_a_version_with_assessments_cannot_be_deleted(assessment: Assessment) -> None:
    with pytest.raises(ImmutableError, match="cannot be deleted"):
        assessment.version.delete()
    assert Assessment.objects.filter(pk=assessment.pk).exists()


def test_an_issued_recommendation_is_stored_as_it_was_returned(assessment: Assessment) -> None:
    other_offer()

    row = Recommendation.objects.get()
    assert row.value == advised(BOTH)
    assert row.value.model_dump_json() == advised(BOTH).model_dump_json()
    assert (row.number, row.kind, row.engagement) == (1, "single", "retainer")
    assert issue_recommendation(assessment) == row
    content = draft_brief(assessment, row, 1).model_dump(mode="json")
    assert BriefVersion.objects.get().content == content


ISSUED = pytest.mark.parametrize("model", [Recommendation, BriefVersion], ids=lambda m: m.__name__)


@ISSUED
@pytest.mark.parametrize("options", [{}, {"update_fields": ["number"]}], ids=["save", "one field"])
def test_what_was_issued_cannot_be_changed(
    assessment: Assessment,
    model: type[Recommendation | BriefVersion],
    options: dict[str, list[str]],
) -> None:
    row = model.objects.get()
    before = model.objects.values().get()
    row.number = 7

    with pytest.raises(ImmutableError, match="cannot be changed; add a new one"):
        row.save(**options)

    assert model.objects.values().get() == before


IN_BULK: dict[str, Callable[[Recommendation | BriefVersion], object]] = {
    "update": lambda row: type(row).objects.update(number=7),
    "bulk update": lambda row: type(row).objects.bulk_update([row], ["number"]),
    "bulk create over it": lambda row: type(row).objects.bulk_create(
        [row], update_conflicts=True, update_fields=["number"], unique_fields=["id"]
    ),
    "delete": lambda row: row.delete(),
    "delete of all": lambda row: type(row).objects.all().delete(),
}


@ISSUED
@pytest.mark.parametrize("change", IN_BULK.values(), ids=IN_BULK.keys())
def test_what_was_issued_cannot_be_changed_in_bulk(
    assessment: Assessment,
    model: type[Recommendation | BriefVersion],
    change: Callable[[Recommendation | BriefVersion], object],
) -> None:
    row = model.objects.get()
    before = model.objects.values().get()
    row.number = 7

    with pytest.raises(ImmutableError), transaction.atomic():
        change(row)

    assert model.objects.values().get() == before
