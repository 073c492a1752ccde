"""Publish playbook files: every one of them, or none when anything is wrong."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import OuterRef, QuerySet

from advisor import playbook as documents
from advisor.loading import document_hash, to_document
from catalog.drafts import write_draft
from catalog.models import PlaybookVersion
from catalog.publishing import PublishError, prove_ahead, publish_all
from catalog.shell import as_published, migrated, playbook_in


class Command(BaseCommand):
    """`manage.py loadplaybooks [FILE.toml …] [--missing]`."""

    help = "Publish playbook files as new versions (default: fixtures/playbooks/*.toml)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the files and a note for the new versions."""
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE.toml")
        parser.add_argument("--notes", default="", help="what changed, kept with the version")
        parser.add_argument(
            "--missing",
            action="store_true",
            help="leave playbooks as they are that have a version already",
        )

    def handle(self, *, files: list[Path], notes: str, missing: bool, **options: object) -> None:
        """Check all files first, then publish; the live document makes no new version."""
        playbooks = self.playbooks_in(files)
        with migrated():
            there = {version.playbook.key for version in live_versions_of(playbooks) if missing}
            prove_ahead(playbook for playbook in playbooks if playbook.key not in there)
        with migrated(), transaction.atomic():
            there = {version.playbook.key: version for version in live_versions_of(playbooks)}
            kept = there if missing else {}
            try:
                published = publish_all((p for p in playbooks if p.key not in kept), notes=notes)
            except PublishError as error:
                raise CommandError(
                    f"{error}\nNothing was published. `manage.py proveplaybook FILE.toml` shows "
                    "the answers that refute it."
                ) from error
            for version in live_versions_of(playbooks).filter(playbook__draft=None):
                write_draft(as_published(version), version=version)
        for playbook in playbooks:
            if version := kept.get(playbook.key):
                same = version.hash == document_hash(to_document(playbook))
                told = "" if same else "; its file differs, and is published without --missing"
                self.stdout.write(f"{version} is kept as it is ({version.hash[:12]}){told}")
        for version, is_new in published:
            told = "published" if is_new else "is live already"
            self.stdout.write(f"{version} {told} ({version.hash[:12]})")

    def playbooks_in(self, files: list[Path]) -> list[documents.Playbook]:
        """Return what the files hold; raise CommandError with every problem of all of them."""
        files = files or sorted((settings.BASE_DIR / "fixtures" / "playbooks").glob("*.toml"))
        playbooks, problems = [], []
        for path in files:
            try:
                playbooks.append(playbook_in(path))
            except CommandError as error:
                problems.append(str(error))
        if problems:
            raise CommandError("\n\n".join(problems))
        keys = Counter(playbook.key for playbook in playbooks)
        if doubles := [key for key, files in keys.items() if files > 1]:
            raise CommandError(
                f"Several files have the key {', '.join(doubles)}; give each file its own."
            )
        return playbooks


def live_versions_of(playbooks: list[documents.Playbook]) -> QuerySet[PlaybookVersion]:
    """The live versions of those playbooks that have one."""
    newest = PlaybookVersion.objects.filter(playbook=OuterRef("playbook")).values("number")[:1]
    return PlaybookVersion.objects.select_related("playbook").filter(
        playbook__key__in=[playbook.key for playbook in playbooks], number=newest
    )
