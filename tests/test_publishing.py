"""Publishing: versions are numbered, pinned and immutable; what was issued stays as it was."""

import re
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import IntegrityError, connection, connections, transaction

from advisor.loading import PlaybookError, document_hash, dump, from_document, to_document
from catalog.drafts import playbook_of, write_draft
from catalog.immutable import ImmutableError
from catalog.models import Draft, Playbook, PlaybookVersion
from catalog.publishing import PublishError, go_back, publish, publish_all, publish_draft
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


@pytest.mark.django_db
def test_a_version_cannot_be_saved_in_the_place_of_another() -> None:
    version = published()
    impostor = PlaybookVersion(pk=version.pk, playbook=version.playbook, number=1, document={})

    with pytest.raises(IntegrityError), transaction.atomic():
        impostor.save()

    assert PlaybookVersion.objects.get().document == version.document


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


# ---- A draft ------------------------------------------------------------------------------


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create(username="ada", first_name="Ada", last_name="Lovelace")


@pytest.fixture
def draft(db: None) -> Draft:
    """A draft of the first version, in which something has changed since."""
    version = published()
    draft = write_draft(version.rulebook.playbook, version=version)
    draft.need_set.filter(key="evidence").update(title="Proof")
    return draft


def hash_of(draft: Draft) -> str:
    return document_hash(to_document(playbook_of(draft)))


def test_a_draft_becomes_the_next_version(draft: Draft, ada: User) -> None:
    version = publish_draft(
        draft, notes="Proof, as people say.", by=ada, seen_live=1, seen_hash=hash_of(draft)
    )

    assert (version.number, version.notes, version.published_by) == (
        2,
        "Proof, as people say.",
        ada,
    )
    assert version.playbook.live == version
    assert version.rulebook.playbook == playbook_of(draft)
    assert version.rulebook.playbook.need("evidence").title == "Proof"


def test_the_first_version_may_come_from_a_draft(ada: User) -> None:
    draft = write_draft(small_playbook())

    version = publish_draft(
        draft, notes="The first.", by=ada, seen_live=None, seen_hash=hash_of(draft)
    )

    assert version.number == 1


def test_a_click_more_makes_no_version_more(draft: Draft, ada: User) -> None:
    def click() -> PlaybookVersion:
        return publish_draft(draft, notes="Once.", by=ada, seen_live=1, seen_hash=seen)

    seen = hash_of(draft)

    assert click() == click()
    assert PlaybookVersion.objects.count() == 2


def test_what_was_published_meanwhile_is_told(draft: Draft, ada: User) -> None:
    seen = hash_of(draft)
    publish(small_playbook(minutes=9), notes="Nine minutes.", by=ada)

    with pytest.raises(PublishError) as refused:
        publish_draft(draft, notes="Mine.", by=ada, seen_live=1, seen_hash=seen)

    assert re.fullmatch(
        r"Ada Lovelace published version 2 on \d+ \w+ \d{4} at \d\d:\d\d \(“Nine minutes.”\)\. "
        r"This page compares with what is live now: look again, then publish\.",
        str(refused.value),
    )
    assert draft.playbook.live.number == 2


def test_the_same_by_somebody_else_is_told_as_well(draft: Draft, ada: User) -> None:
    grace = User.objects.create(username="grace")
    seen = hash_of(draft)
    publish_draft(draft, notes="Ada's note.", by=ada, seen_live=1, seen_hash=seen)

    with pytest.raises(PublishError, match="Ada Lovelace published version 2"):
        publish_draft(draft, notes="Grace's note.", by=grace, seen_live=1, seen_hash=seen)


def test_what_was_edited_meanwhile_is_told(draft: Draft, ada: User) -> None:
    seen = hash_of(draft)
    draft.signal_set.filter(key="work-to-do").update(because="Because.")

    with pytest.raises(PublishError, match="The draft was edited after you opened this page"):
        publish_draft(draft, notes="Mine.", by=ada, seen_live=1, seen_hash=seen)

    assert draft.playbook.live.number == 1


def test_a_draft_with_problems_is_not_published(draft: Draft, ada: User) -> None:
    seen = hash_of(draft)
    draft.signal_set.get(key="work-to-do").conditions.all().delete()

    with pytest.raises(PlaybookError, match=r"signals\[work-to-do\].when: is an empty list"):
        publish_draft(draft, notes="Mine.", by=ada, seen_live=1, seen_hash=seen)

    assert draft.playbook.live.number == 1


def test_a_draft_that_says_what_is_live_is_not_published(draft: Draft, ada: User) -> None:
    write_draft(small_playbook())

    with pytest.raises(PublishError, match=r"nothing to publish: the draft says what version 1"):
        publish_draft(draft, notes="Mine.", by=ada, seen_live=1, seen_hash=hash_of(draft))


# ---- Back ---------------------------------------------------------------------------------


def test_back_to_an_earlier_version_is_a_new_one(draft: Draft, ada: User) -> None:
    first, _ = published(), published(minutes=9)
    before = playbook_of(draft)

    version = go_back(first, by=ada)

    assert (version.number, version.notes, version.published_by) == (3, "Back to version 1.", ada)
    assert (version.hash, version.document) == (first.hash, first.document)
    assert version.playbook.live == version
    assert playbook_of(draft) == before
    assert go_back(first, by=ada, seen_live=2) == version, "a second click"
    assert PlaybookVersion.objects.count() == 3


def test_back_is_not_taken_over_what_was_published_meanwhile(ada: User) -> None:
    first = published()
    published(minutes=9)
    publish(small_playbook(minutes=3), notes="Three.", by=ada)

    with pytest.raises(PublishError, match=r"Ada Lovelace published version 3 .*do it again"):
        go_back(first, by=ada, seen_live=2)

    assert first.playbook.live.number == 3


def test_there_is_no_way_back_to_what_was_tampered_with(ada: User) -> None:
    first = published(summary="To be tampered with.")
    published(minutes=9)
    tamper(first, document=small_document(minutes=60))

    with pytest.raises(ImmutableError, match="does not match its hash"):
        go_back(PlaybookVersion.objects.get(number=1), by=ada)


# ---- Files that publish what is missing ---------------------------------------------------


def test_what_was_published_in_the_browser_is_not_overwritten_by_a_file(
    tmp_path: Path, draft: Draft, ada: User, capsys: pytest.CaptureFixture[str]
) -> None:
    for key in ("small", "other"):
        (tmp_path / f"{key}.toml").write_text(dump(small_playbook(key=key)))
    files = [str(tmp_path / "small.toml"), str(tmp_path / "other.toml")]
    live = publish_draft(draft, notes="Mine.", by=ada, seen_live=1, seen_hash=hash_of(draft))

    call_command("loadplaybooks", *files, missing=True)
    call_command("loadplaybooks", *files, missing=True)

    assert draft.playbook.live == live
    other = Playbook.objects.get(key="other")
    assert (other.live.number, other.draft.based_on) == (1, other.live)
    assert playbook_of(draft).need("evidence").title == "Proof"
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(f"small version 2 is kept as it is ({live.hash[:12]}); its file diff")
    assert told[1] == f"other version 1 published ({other.live.hash[:12]})"
    assert told[3] == f"other version 1 is kept as it is ({other.live.hash[:12]})"


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


def test_drafts_published_at_once_lose_nothing(crowd: Crowd) -> None:
    """Of people who saw the same only the first publishes; the others are told of it."""

    def prepare() -> tuple[Draft, str, list[User]]:
        version, _ = publish(small_playbook())
        draft = write_draft(small_playbook(minutes=9), version=version)
        return draft, hash_of(draft), [User.objects.create(username=name) for name in "abcd"]

    [(draft, seen, people)] = crowd.run(prepare)

    def attempt(person: User) -> PlaybookVersion | str:
        try:
            return publish_draft(
                draft, notes=f"By {person}.", by=person, seen_live=1, seen_hash=seen
            )
        except PublishError as error:
            return str(error)

    told = crowd.run(*(lambda person=person: attempt(person) for person in people))

    [version] = [one for one in told if isinstance(one, PlaybookVersion)]
    assert version.number == 2
    others = [one for one in told if isinstance(one, str)]
    assert len(others) == 3
    assert all("published version 2 on" in one and version.notes in one for one in others)
    assert crowd.run(PlaybookVersion.objects.count) == [2]


def test_two_clicks_at_once_make_one_version(crowd: Crowd) -> None:
    def prepare() -> tuple[Draft, str, User, PlaybookVersion]:
        version, _ = publish(small_playbook())
        draft = write_draft(small_playbook(minutes=9), version=version)
        return draft, hash_of(draft), User.objects.create(username="ada"), version

    [(draft, seen, ada, first)] = crowd.run(prepare)

    published = crowd.run(
        *[lambda: publish_draft(draft, notes="Once.", by=ada, seen_live=1, seen_hash=seen)] * 4
    )
    assert [version.number for version in published] == [2] * 4
    back = crowd.run(*[lambda: go_back(first, by=ada, seen_live=2)] * 4)
    assert [version.number for version in back] == [3] * 4
    assert crowd.run(PlaybookVersion.objects.count) == [3]


# ---- What was issued ----------------------------------------------------------------------


@pytest.fixture
def assessment(db: None) -> Assessment:
    """An assessment of the first version, with a recommendation and a brief."""
    assessment = start(published(), BOTH)
    issue_recommendation(assessment)
    issue_brief(assessment)
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
