"""Print the scope brief on a file of answers."""

import os
import shutil
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from advisor.rules import Recommendation, Rulebook, recommend
from catalog.models import PlaybookVersion
from catalog.shell import answers_from, rulebook_named
from engagements.brief import Contact
from engagements.pdf import PdfError, pdf_of
from engagements.questionnaire import next_question
from engagements.wording import build_brief


class Command(BaseCommand):
    """`manage.py brief PLAYBOOK ANSWERS.json -o FILE.pdf`."""

    help = "Print the scope brief on the answers in a file, as a PDF."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the playbook, the answers, where to write, and for whom it is."""
        parser.add_argument("playbook", metavar="PLAYBOOK", help="a published key, or FILE.toml")
        parser.add_argument("answers", metavar="ANSWERS.json")
        parser.add_argument("-o", "--output", metavar="FILE.pdf", required=True)
        parser.add_argument("--firm", default="", help="the firm that the brief is for")
        parser.add_argument("--name", default="", help="the person who decides on it")

    def handle(
        self, *, playbook: str, answers: str, output: str, firm: str, name: str, **options: object
    ) -> None:
        """Write the brief, or say in a sentence why there is none; never half a file."""
        rulebook = rulebook_named(playbook)
        given = answers_from(answers, rulebook.playbook)
        recommendation = recommend(rulebook, given)
        if not recommendation.settled:
            raise CommandError(unsettled(rulebook, recommendation))
        brief = build_brief(
            rulebook.playbook,
            recommendation,
            given,
            contact=Contact(name=name, firm=firm),
            reference="DRAFT",
            version=1,
            issued_on=timezone.localdate(),
            playbook_number=None if playbook.endswith(".toml") else number_of(rulebook),
        )
        try:
            copy(pdf_of(brief), Path(output))
        except PdfError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{output} cannot be written ({error.strerror}); give a path that can be."
            ) from error
        self.stdout.write(f"Wrote {output}")


def unsettled(rulebook: Rulebook, recommendation: Recommendation) -> str:
    """Say what the answers leave open, and which question comes next."""
    possible = [
        ", then ".join(rulebook.playbook.engagement(key).title for key in outcome.engagements)
        or "no engagement fits"
        for outcome in recommendation.possible
    ]
    if recommendation.more_possible:
        possible.append("others")
    question = next_question(rulebook.playbook, recommendation)
    options = ", ".join(option.key for option in question.options)
    return (
        "The answers do not settle a recommendation yet; "
        f"still possible: {'; '.join(dict.fromkeys(possible))}. "
        f"Answer {question.key!r} next: {question.title} ({options})"
    )


def number_of(rulebook: Rulebook) -> int:
    """Return the number under which a published rulebook's version is known."""
    versions = PlaybookVersion.objects.filter(
        playbook__key=rulebook.playbook.key, hash=rulebook.version
    )
    return versions.values_list("number", flat=True).latest("number")


def copy(source: Path, target: Path) -> None:
    """Copy a file so that the target is there as a whole or as it was."""
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        shutil.copyfile(source, unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
