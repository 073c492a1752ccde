"""Give a published playbook version back as its TOML document."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from advisor.loading import dump
from catalog.models import PlaybookVersion
from catalog.shell import as_published, migrated


class Command(BaseCommand):
    """`manage.py exportplaybook PLAYBOOK [--number N] [-o FILE.toml]`."""

    help = "Write a published playbook version as TOML (default: the live one, to the terminal)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the playbook's key, the version's number and a file."""
        parser.add_argument("playbook", metavar="PLAYBOOK")
        parser.add_argument("--number", type=int, help="the version's number")
        parser.add_argument("-o", "--output", type=Path, metavar="FILE.toml")

    @migrated()
    def handle(
        self, *, playbook: str, number: int | None, output: Path | None, **options: object
    ) -> None:
        """Write the document, which `loadplaybooks` reads back to the same version."""
        versions = PlaybookVersion.objects.filter(playbook__key=playbook)
        version = (versions if number is None else versions.filter(number=number)).first()
        if version is None:
            wanted = "live version" if number is None else f"version {number}"
            there = ", ".join(map(str, versions)) or "nothing of that name is published"
            raise CommandError(
                f"There is no {wanted} of {playbook!r} ({there}); "
                "publish a file with `manage.py loadplaybooks FILE.toml`."
            )
        text = dump(as_published(version))
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{output} cannot be written ({error.strerror}).") from error
        self.stdout.write(f"{version} written to {output}")
