"""Nothing is published that does not hold: by no file, on no page, and on no way back."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection

from advisor.loading import document_hash, dump, to_document
from advisor.playbook import Claim
from advisor.playbook import Playbook as Document
from advisor.rules import Rulebook
from advisor.rules.finding import Finding
from advisor.rules.proving import prove
from catalog import proofs, publishing
from catalog.drafts import document_of, playbook_of, write_draft
from catalog.models import Acknowledgement, Draft, Playbook, PlaybookVersion
from catalog.proofs import Proof, proofs_of
from catalog.publishing import PublishError, go_back, publish, publish_all, publish_draft
from tests.factories import acknowledgement, question, small_document, small_playbook
from tests.test_publishing import Crowd

BLUE = (Claim.OPTION_MATTERS, "colour.blue")
WHY = "The colour is asked for the delivery."


def colourful(*, why: str = "", **changes: object) -> Document:
    """The small playbook with a question that no signal reads, acknowledged or not."""
    asked = [*small_document()["questions"], question("colour", ["red", "blue"])]
    told = [acknowledgement("option-matters", "colour.blue", why)] if why else []
    return small_playbook(questions=asked, acknowledgements=told, **changes)


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create(username="ada", first_name="Ada", last_name="Lovelace")


@pytest.fixture
def unsafe(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the engine makes sure of fails, as it would with a mistake in it."""

    def unsafe_proofs(rulebook: Rulebook) -> list[Proof]:
        return [
            replace(proof, proved=False, told="An audit would do.", witness={"cause": ("known",)})
            if proof.claim is Claim.SMALLEST
            else proof
            for proof in proofs_of(rulebook)
        ]

    monkeypatch.setattr(publishing, "proofs_of", unsafe_proofs)


def attempt(
    draft: Draft,
    by: User,
    words: dict[tuple[Claim, str], str] | None = None,
    *,
    seen_live: int | None = None,
    seen_hash: str = "",
) -> PlaybookVersion:
    """Publish a draft as it is now."""
    seen_hash = seen_hash or document_hash(to_document(playbook_of(draft)))
    return publish_draft(
        draft, notes="Mine.", by=by, seen_live=seen_live, seen_hash=seen_hash, words=words
    )


def test_it_works(ada: User) -> None:
    """Words on what is refuted are written into the draft, and published with it."""
    draft = write_draft(colourful())

    version = attempt(draft, ada, {BLUE: WHY})

    assert version.rulebook.playbook == colourful(why=WHY)
    assert version.published_by == ada
    assert document_of(draft) == version.document
    [row] = Acknowledgement.objects.all()
    assert (row.claim, row.about, row.why) == (*BLUE, WHY)
    draft.refresh_from_db()
    assert (draft.revision, draft.edited_by) == (1, ada), "who edits it is told"


# ---- While others write ---------------------------------------------------------------------


def from_file(path: Path) -> None:
    path.write_text(dump(colourful(why=WHY)))
    call_command("loadplaybooks", str(path))


def from_draft(_: Path) -> None:
    attempt(write_draft(colourful(why=WHY)), User.objects.create(username="ada"))


def from_draft_of_what_is_live(_: Path) -> None:
    version, _is_new = publish(colourful())
    draft = write_draft(version.rulebook.playbook)
    attempt(draft, User.objects.create(username="ada"), {BLUE: WHY}, seen_live=1)


def back(_: Path) -> None:
    first, _is_new = publish(colourful(why=WHY))
    publish(small_playbook())
    go_back(first, by=User.objects.create(username="ada"))


@pytest.mark.parametrize(
    "way",
    [
        from_file,
        from_draft,
        from_draft_of_what_is_live,
        back,
        lambda _: publish_all([colourful(why=WHY)]),
    ],
    ids=["a file", "a draft", "words only", "back", "several"],
)
@pytest.mark.usefixtures("transactional_db")
def test_nobody_waits_for_proofs(
    way: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are made before the transaction that keeps others from writing."""
    in_transaction = []

    def proving(rulebook: Rulebook) -> Iterator[Finding]:
        in_transaction.append(connection.in_atomic_block)
        return prove(rulebook)

    proofs.findings_of.cache_clear()
    monkeypatch.setattr(proofs, "prove", proving)

    way(tmp_path / "colourful.toml")

    assert in_transaction == [False]
    assert Playbook.objects.get().live.rulebook.playbook == colourful(why=WHY)


def test_what_was_not_proved_before_is_proved_then(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing slips in, should what was proved before the transaction be forgotten."""
    draft = write_draft(colourful())
    monkeypatch.setattr(proofs, "findings_of", proofs.findings_of.__wrapped__)

    with pytest.raises(PublishError, match=r"option-matters colour\.blue"):
        attempt(draft, ada)
    with pytest.raises(PublishError, match=r"option-matters colour\.blue"):
        publish_all([colourful()])

    assert not PlaybookVersion.objects.exists()


# ---- A draft --------------------------------------------------------------------------------


def test_what_is_refuted_needs_words(ada: User) -> None:
    draft = write_draft(colourful())

    with pytest.raises(PublishError, match=r"option-matters colour\.blue"):
        attempt(draft, ada)
    with pytest.raises(PublishError, match=r"option-matters colour\.blue"):
        attempt(draft, ada, {(Claim.OPTION_MATTERS, "colour.red"): WHY})

    assert not PlaybookVersion.objects.exists()
    assert not Acknowledgement.objects.exists()


def test_words_that_the_draft_has_are_enough(ada: User) -> None:
    draft = write_draft(colourful(why=WHY))

    assert attempt(draft, ada).rulebook.playbook == colourful(why=WHY)
    assert Draft.objects.get().revision == 0, "nothing was written"


def test_other_words_take_their_place(ada: User) -> None:
    draft = write_draft(colourful(why="Once it was so."))
    row = draft.acknowledgements.get()

    assert attempt(draft, ada, {BLUE: WHY}).rulebook.playbook == colourful(why=WHY)
    assert draft.acknowledgements.get() == row


def test_words_on_what_holds_are_dropped(ada: User) -> None:
    told = [acknowledgement("engagement-reached", "audit"), acknowledgement("always-fits")]
    draft = write_draft(small_playbook(acknowledgements=told))

    assert attempt(draft, ada).rulebook.playbook == small_playbook()
    assert not Acknowledgement.objects.exists()


def test_what_is_not_published_leaves_the_draft_as_it_was(ada: User) -> None:
    """There is nothing to publish; so what nobody needs any more stays, too."""
    version, _ = publish(colourful(why=WHY))
    draft = write_draft(version.rulebook.playbook)
    draft.acknowledgements.create(claim="always-fits", why="Not any more.")

    with pytest.raises(PublishError, match="There is nothing to publish"):
        attempt(draft, ada, seen_live=1)

    assert draft.acknowledgements.count() == 2


def test_a_click_more_makes_no_version_more(ada: User) -> None:
    draft = write_draft(colourful())
    seen = document_hash(to_document(colourful()))

    versions = [attempt(draft, ada, {BLUE: WHY}, seen_hash=seen) for _ in range(2)]

    assert versions[0] == versions[1]
    with pytest.raises(PublishError, match=r"Ada Lovelace published version 1"):
        attempt(draft, ada, {BLUE: "Other words."}, seen_hash=seen)


def test_words_edited_meanwhile_are_not_written_over(ada: User) -> None:
    draft = write_draft(colourful(why="Before."))
    seen = document_hash(to_document(playbook_of(draft)))
    draft.acknowledgements.update(why="Somebody was faster.")

    with pytest.raises(PublishError, match="The draft was edited after you opened this page"):
        attempt(draft, ada, {BLUE: WHY}, seen_hash=seen)

    assert draft.acknowledgements.get().why == "Somebody was faster."


def test_two_clicks_at_once_make_one_version(crowd: Crowd) -> None:
    def prepare() -> tuple[Draft, User, str]:
        draft = write_draft(colourful())
        return draft, User.objects.create(username="ada"), document_hash(to_document(colourful()))

    [(draft, ada, seen)] = crowd.run(prepare)

    versions = crowd.run(*[lambda: attempt(draft, ada, {BLUE: WHY}, seen_hash=seen)] * 4)

    assert [version.number for version in versions] == [1] * 4
    assert crowd.run(Acknowledgement.objects.count) == [1]


@pytest.fixture
def crowd(transactional_db: None, tmp_path: Path) -> Crowd:
    return Crowd(tmp_path)


@pytest.mark.usefixtures("unsafe")
def test_no_words_stand_in_for_safety(ada: User) -> None:
    draft = write_draft(small_playbook())

    with pytest.raises(PublishError, match="smallest is not proved"):
        attempt(draft, ada, {(Claim.SMALLEST, ""): WHY})

    assert not PlaybookVersion.objects.exists()


# ---- Files ----------------------------------------------------------------------------------


def test_a_file_is_refused_that_says_nothing_on_what_is_refuted(tmp_path: Path, db: None) -> None:
    files = {"sound": small_playbook(key="sound"), "colourful": colourful(key="colourful")}
    for key, playbook in files.items():
        (tmp_path / f"{key}.toml").write_text(dump(playbook))

    with pytest.raises(CommandError) as refused:
        call_command("loadplaybooks", *(str(tmp_path / f"{key}.toml") for key in files))

    told = str(refused.value)
    assert told.startswith("colourful: ")
    assert "option-matters colour.blue" in told
    assert "manage.py proveplaybook" in told
    assert not Playbook.objects.exists()
    assert not Draft.objects.exists()


def test_a_file_is_published_that_says_why(tmp_path: Path, db: None) -> None:
    path = tmp_path / "colourful.toml"
    path.write_text(dump(colourful(why=WHY)))

    call_command("loadplaybooks", str(path))

    assert Playbook.objects.get().live.rulebook.playbook == colourful(why=WHY)
    assert playbook_of(Draft.objects.get()) == colourful(why=WHY)


def test_every_file_that_is_refused_is_told(db: None) -> None:
    with pytest.raises(PublishError) as refused:
        publish_all([colourful(key="one"), colourful(key="other", why=WHY), colourful(key="two")])

    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == ["one", "two"]


def test_what_is_live_already_is_not_asked(db: None) -> None:
    publish(colourful())

    [(version, is_new)] = publish_all([colourful()])

    assert (version.number, is_new) == (1, False)
    with pytest.raises(PublishError):
        publish_all([colourful(minutes=9)])


@pytest.mark.usefixtures("unsafe")
def test_no_file_is_published_that_is_not_safe(db: None) -> None:
    with pytest.raises(PublishError, match=r"^small: smallest is not proved"):
        publish_all([small_playbook()])


# ---- Back -----------------------------------------------------------------------------------


def test_back_to_a_version_from_before_is_noted(ada: User) -> None:
    """It was live once, and who has to go back has no time to write."""
    first, _ = publish(colourful())
    publish(small_playbook())

    version = go_back(first, by=ada)

    assert version.document == first.document
    assert version.notes == "Back to version 1. 1 claim in it is neither proved nor acknowledged."


def test_back_to_a_version_that_says_why_needs_no_note(ada: User) -> None:
    first, _ = publish(colourful(why=WHY))
    publish(small_playbook())

    assert go_back(first, by=ada).notes == "Back to version 1."


@pytest.mark.usefixtures("unsafe")
def test_there_is_no_way_back_to_what_is_not_safe(ada: User) -> None:
    first, _ = publish(small_playbook())
    live, _ = publish(small_playbook(minutes=9))

    with pytest.raises(PublishError, match="smallest is not proved"):
        go_back(first, by=ada)

    assert first.playbook.live == live
    assert go_back(live, by=ada) == live, "what is live stays"
