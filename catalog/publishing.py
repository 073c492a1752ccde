"""Publish: freeze a playbook into the next immutable version."""

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from advisor import playbook as documents
from advisor.loading import document_hash, to_document
from catalog.models import Playbook, PlaybookVersion


@transaction.atomic
def publish(
    playbook: documents.Playbook, *, notes: str = "", by: AbstractBaseUser | None = None
) -> tuple[PlaybookVersion, bool]:
    """Publish a checked playbook; return its live version and whether that is a new one.

    The document that is live already makes no new version.
    """
    document = to_document(playbook)
    digest = document_hash(document)
    row, _ = Playbook.objects.get_or_create(key=playbook.key, defaults={"title": playbook.title})
    # Two publishers at once: the second waits here and gets the next number.
    Playbook.objects.select_for_update().get(pk=row.pk)
    live = row.versions.first()
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
    )
    return version, True


@transaction.atomic
def publish_all(
    playbooks: Iterable[documents.Playbook], *, notes: str = ""
) -> list[tuple[PlaybookVersion, bool]]:
    """Publish several playbooks, all of them or none."""
    return [publish(playbook, notes=notes) for playbook in playbooks]
