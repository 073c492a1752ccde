"""Publish: freeze a playbook into the next immutable version, or go back to an earlier one.

`publish` writes what it is given. People publish in the three ways below it, and there nothing
passes of which a safety claim is refuted, or another claim without a word on why that is right.
Proofs may take long, and nobody else writes during a transaction: they are made before it.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advisor import playbook as documents
from advisor.loading import PlaybookError, document_hash, from_document, to_document
from advisor.playbook import Claim
from advisor.rules import compile_playbook
from advisor.sentences import quoted
from catalog.drafts import acknowledge, last_edits, playbook_of
from catalog.models import Draft, Playbook, PlaybookVersion
from catalog.people import name_of
from catalog.proofs import Proof, proofs_of, refusal_of
from catalog.uses import named

type Words = Mapping[tuple[Claim, str], str]
"""Why refuted claims are right, by claim and what it is about."""


class PublishError(Exception):
    """Why nothing was published: a sentence for who wanted to."""


def proofs_for(playbook: documents.Playbook) -> list[Proof]:
    """Return what is proved and what is refuted of a checked playbook."""
    return proofs_of(compile_playbook(playbook, document_hash(to_document(playbook))))


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
    row, _created = Playbook.objects.get_or_create(
        key=playbook.key, defaults={"title": playbook.title}
    )
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


def prove_ahead(playbooks: Iterable[documents.Playbook]) -> None:
    """Prove what is not live yet before a transaction, where it is then known."""
    for playbook in playbooks:
        if not _is_live(playbook):
            proofs_for(playbook)


def publish_all(
    playbooks: Iterable[documents.Playbook], *, notes: str = ""
) -> list[tuple[PlaybookVersion, bool]]:
    """Publish several playbooks, all of them or none.

    Raises PublishError with a line for each that cannot be. What is live already is not asked.
    """
    playbooks = list(playbooks)
    prove_ahead(playbooks)
    with transaction.atomic():
        refused = [
            f"{playbook.key}: {refusal}"
            for playbook in playbooks
            if not _is_live(playbook) and (refusal := refusal_of(proofs_for(playbook)))
        ]
        if refused:
            raise PublishError("\n".join(refused))
        return [publish(playbook, notes=notes) for playbook in playbooks]


def publish_draft(
    draft: Draft,
    *,
    notes: str,
    by: AbstractBaseUser,
    seen_live: int | None,
    seen_hash: str,
    words: Words | None = None,
) -> PlaybookVersion:
    """Publish a draft as it was seen, against the live version that was seen; return its version.

    `seen_live` is the number of that version (None before the first) and `seen_hash` names the
    draft's document. `words` are written into the draft's acknowledgements, and those that
    nothing needs are dropped there. The same once more returns the same version. Raises
    PublishError if somebody has published or edited meanwhile or the proofs forbid it, and
    PlaybookError if the draft has problems.
    """
    words = words or {}
    with suppress(PlaybookError):  # told below
        proofs_for(playbook_of(draft))
    with transaction.atomic():
        live = _live_of(draft.playbook)
        draft = Draft.objects.select_for_update().select_related("playbook").get(pk=draft.pk)
        if (live.number if live else None) != seen_live:
            attempt = ((seen_live or 0) + 1, notes, by.pk)
            if (live.number, live.notes, live.published_by_id) == attempt and live.hash in (
                seen_hash,
                _hash_with(draft, words),
            ):
                return live
            raise PublishError(
                _(
                    "{told} This page compares with what is live now: look again, then publish."
                ).format(told=told(live))
            )
        playbook = playbook_of(draft)
        if document_hash(to_document(playbook)) != seen_hash:
            raise PublishError(edited_meanwhile(draft))
        playbook = with_words(playbook, words)
        if refusal := refusal_of(proofs_for(playbook)):
            raise PublishError(refusal)
        acknowledge(draft, playbook.acknowledgements, by)
        version, is_new = publish(playbook, notes=notes, by=by)
        if not is_new:
            raise PublishError(
                _("There is nothing to publish: the draft says what version {number} says.").format(
                    number=version.number
                )
            )
        return version


def go_back(
    version: PlaybookVersion, *, by: AbstractBaseUser, seen_live: int | None = None
) -> PlaybookVersion:
    """Publish what an earlier version says as a new version, and return that.

    The same once more returns the same version. Raises PublishError if the live version is no
    longer the one that was seen (where one was) or a safety claim is refuted, and ImmutableError
    or PlaybookError if the earlier version cannot be read. What else is refuted was so when it
    was live, and who has to go back has no time to write: the note says that it is.
    """
    playbook = version.as_published
    proofs = proofs_of(version.rulebook)
    with transaction.atomic():
        live = _live_of(version.playbook)
        if live.hash != version.hash and seen_live not in (None, live.number):
            raise PublishError(
                _("{told} If you still want to go back to version {number}, do it again.").format(
                    told=told(live), number=version.number
                )
            )
        notes = _("Back to version {number}.").format(number=version.number)
        if live.hash != version.hash:
            if refusal := refusal_of([proof for proof in proofs if proof.blocks]):
                raise PublishError(refusal)
            if count := sum(proof.needs_acknowledgement for proof in proofs):
                told_besides = ngettext(
                    "{count} claim in it is neither proved nor acknowledged.",
                    "{count} claims in it are neither proved nor acknowledged.",
                    count,
                )
                notes = f"{notes} {told_besides.format(count=count)}"
        return publish(playbook, notes=notes, by=by)[0]


def with_words(playbook: documents.Playbook, words: Words) -> documents.Playbook:
    """Return a playbook with these words on what is refuted, and what it said of the rest of it.

    What it said of claims that are proved is left out. Raises PublishError if it is too much.
    """
    said = {(told.claim, told.about or ""): told.why for told in playbook.acknowledgements}
    said |= words
    kept = [
        {"claim": proof.claim, "about": proof.about or None, "why": said[proof.claim, proof.about]}
        for proof in proofs_for(playbook)
        if not (proof.proved or proof.claim.is_safety) and (proof.claim, proof.about) in said
    ]
    try:
        return from_document({**to_document(playbook), "acknowledgements": kept})
    except PlaybookError as error:
        raise PublishError(" ".join(map(str, error.problems))) from error


def edited_meanwhile(draft: Draft) -> str:
    """Return the sentence with which a draft is not published that was seen otherwise."""
    last = last_edits([draft])[draft.pk]
    if not last.edited_by:
        return _(
            "The draft was edited after you opened this page. This page shows it as it is now: "
            "look again, then publish."
        )
    return _(
        "The draft was edited after you opened this page; {name} saved {part} last. This page "
        "shows it as it is now: look again, then publish."
    ).format(name=name_of(last.edited_by), part=named(last))


def _hash_with(draft: Draft, words: Words) -> str:
    """The hash of a draft as it is now, with these words; none if it has problems."""
    try:
        return document_hash(to_document(with_words(playbook_of(draft), words)))
    except (PlaybookError, PublishError):
        return ""


def told(version: PlaybookVersion) -> str:
    """Return who published a version when, as a sentence."""
    who = version.published_by
    name = name_of(who) if who else _("Somebody with a shell")
    at = timezone.localtime(version.published_at)
    return _("{name} published version {number} on {date} at {time}{note}.").format(
        name=name,
        number=version.number,
        date=date_format(at, "DATE_FORMAT"),
        time=date_format(at, "TIME_FORMAT"),
        note=f" ({quoted(version.notes)})" if version.notes else "",
    )


def _is_live(playbook: documents.Playbook) -> bool:
    live = PlaybookVersion.objects.filter(playbook__key=playbook.key).defer("document").first()
    return live is not None and live.hash == document_hash(to_document(playbook))


def _live_of(playbook: Playbook) -> PlaybookVersion | None:
    """The live version; who else publishes waits here, and gets the next number."""
    Playbook.objects.select_for_update().get(pk=playbook.pk)
    return playbook.versions.select_related("playbook", "published_by").first()
