"""Publish playbook files: every one of them, or none when anything is wrong."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalog.publishing import publish_all
from catalog.shell import migrated, playbook_in


class Command(BaseCommand):
    """`manage.py loadplaybooks [FILE.toml …]`."""

    help = "Publish playbook files as new versions (default: fixtures/playbooks/*.toml)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the files and a note for the new versions."""
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE.toml")
        parser.add_argument("--notes", default="", help="what changed, kept with the version")

    def handle(self, *, files: list[Path], notes: str, **options: object) -> None:
        """Check all files first, then publish; the live document makes no new version."""
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
        with migrated():
            published = publish_all(playbooks, notes=notes)
        for version, is_new in published:
            told = "published" if is_new else "is live already"
            self.stdout.write(f"{version} {told} ({version.hash[:12]})")
