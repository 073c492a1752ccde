"""Print the questionnaire of a playbook, with the keys that answers refer to."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from advisor.playbook import Playbook
from catalog.shell import rulebook_named


class Command(BaseCommand):
    """`manage.py questions PLAYBOOK [--json]`."""

    help = "Print the questionnaire of a playbook with its keys and options."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the playbook and the form of the output."""
        parser.add_argument("playbook", metavar="PLAYBOOK", help="a published key, or FILE.toml")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *, playbook: str, json: bool, **options: object) -> None:
        """Print every question, in the order of asking."""
        found = rulebook_named(playbook).playbook
        if json:
            self.stdout.write(_as_json(questionnaire_of(found)))
            return
        for question in questionnaire_of(found):
            self.stdout.write(f"\n{question['key']} ({question['stage']}, {question['kind']})")
            self.stdout.write(f"  {question['title']}")
            for option in question["options"]:
                self.stdout.write(f"    {option['key']:<16} {option['label']}")


def questionnaire_of(playbook: Playbook) -> list[dict[str, Any]]:
    """Return a playbook's questions as plain data, with all conditions of each."""
    return [
        {
            **question.model_dump(mode="json"),
            "stage": playbook.stage_of(question),
            "ask_when": [c.model_dump(mode="json") for c in playbook.conditions_of(question)],
        }
        for question in playbook.questions
    ]


def _as_json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)
