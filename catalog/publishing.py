"""Publish: freeze a playbook into the next immutable version, or go back to an earlier one."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from advisor import playbook as documents
from advisor.loading import document_hash, to_document
from catalog.drafts import last_edits, playbook_of
from catalog.models import Draft, Playbook, PlaybookVersion
from catalog.people import name_of
from catalog.uses import named


class PublishError(Exception):
    """What happened meanwhile, so that nothing was published: a sentence for who wanted to."""


@transaction.atomic
def publish(
    playbook: documents.Playbook,
    *,
    notes: str = "",
    by: AbstractBaseUser | None = None,
    at: datetime | None = None,
) -> tuple[PlaybookVersion, bool]:
    """Publish a checked playbook; return its live version and whether that is a new one.

    The document that is live already makes no new version. `at` is when it happened, if not now.
    """
    document = to_document(playbook)
    digest = document_hash(document)
    row, _ = Playbook.objects.get_or_create(key=playbook.key, defaults={"title": playbook.title})
    live = _live_of(row)
    if live and live.hash == digest:
        return live, False
    if row.title != playbook.title:
        row.title = playbook.title
        row.save(update_fields=["title"])
    version = PlaybookVersion.objects.create(
        playbook=row,
        number=live.number + 1 if live else 1,
        document=document,
        hash=digest,
        notes=notes,
        published_by=by,
        published_at=at or timezone.now(),
    )
    return version, True


@transaction.atomic
def publish_all(
    playbooks: Iterable[documents.Playbook], *, notes: str = ""
) -> list[tuple[PlaybookVersion, bool]]:
    """Publish several playbooks, all of them or none."""
    return [publish(playbook, notes=notes) for playbook in playbooks]


@transaction.atomic
def publish_draft(
    draft: Draft, *, notes: str, by: AbstractBaseUser, seen_live: int | None, seen_hash: str
) -> PlaybookVersion:
    """Publish a draft as it was seen, against the live version that was seen; return its version.

    `seen_live` is the number of that version (None before the first) and `seen_hash` names the
    draft's document. The same once more returns the same version. Raises PublishError if
    somebody has published or edited meanwhile, and PlaybookError if the draft has problems.
    """
    live = _live_of(draft.playbook)
    if (live.number if live else None) != seen_live:
        twice = (live.number, live.hash, live.notes, live.published_by_id) == (
            (seen_live or 0) + 1,
            seen_hash,
            notes,
            by.pk,
        )
        if twice:
            return live
        raise PublishError(
            f"{told(live)} This page compares with what is live now: look again, then publish."
        )
    playbook = playbook_of(draft)
    if document_hash(to_document(playbook)) != seen_hash:
        raise PublishError(
            f"The draft was edited after you opened this page{_last_saved(draft)}. This page shows "
            "it as it is now: look again, then publish."
        )
    version, is_new = publish(playbook, notes=notes, by=by)
    if not is_new:
        raise PublishError(
            f"There is nothing to publish: the draft says what version {version.number} says."
        )
    return version


@transaction.atomic
def go_back(
    version: PlaybookVersion, *, by: AbstractBaseUser, seen_live: int | None = None
) -> PlaybookVersion:
    """Publish what an earlier version says as a new version, and return that.

    The same once more returns the same version. Raises PublishError if the live version is no
    longer the one that was seen (where one was), and ImmutableError or PlaybookError if the
    earlier version cannot be read.
    """
    live = _live_of(version.playbook)
    if live.hash != version.hash and seen_live not in (None, live.number):
        raise PublishError(
            f"{told(live)} If you still want to go back to version {version.number}, do it again."
        )
    return publish(version.rulebook.playbook, notes=f"Back to version {version.number}.", by=by)[0]


def _last_saved(draft: Draft) -> str:
    """Who saved what last, as far as it is known."""
    last = last_edits([draft])[draft.pk]
    return f"; {name_of(last.edited_by)} saved {named(last)} last" if last.edited_by else ""


def told(version: PlaybookVersion) -> str:
    """Return who published a version when, as a sentence."""
    who = version.published_by
    name = name_of(who) if who else "Somebody with a shell"
    at = timezone.localtime(version.published_at)
    when = f"{date_format(at, 'j F Y')} at {date_format(at, 'H:i')}"
    note = f" (“{version.notes}”)" if version.notes else ""
    return f"{name} published version {version.number} on {when}{note}."


def _live_of(playbook: Playbook) -> PlaybookVersion | None:
    """The live version; who else publishes waits here, and gets the next number."""
    Playbook.objects.select_for_update().get(pk=playbook.pk)
    return playbook.versions.select_related("playbook", "published_by").first()
