"""Run the rules on a file of answers and print the recommendation."""

from argparse import ArgumentParser
from collections.abc import Iterator

from django.core.management.base import BaseCommand

from advisor.playbook import Playbook
from advisor.rules import Recommendation, recommend
from catalog.shell import answers_from, rulebook_named


class Command(BaseCommand):
    """`manage.py advise PLAYBOOK ANSWERS.json [--json]`."""

    help = "Recommend the smallest fitting engagement for the answers in a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the playbook, the answers and the form of the output."""
        parser.add_argument("playbook", metavar="PLAYBOOK", help="a published key, or FILE.toml")
        parser.add_argument("answers", metavar="ANSWERS.json")
        parser.add_argument("--json", action="store_true", help="the whole trace, for programs")

    def handle(self, *, playbook: str, answers: str, json: bool, **options: object) -> None:
        """Print the recommendation: in a few lines, or with its whole trace."""
        rulebook = rulebook_named(playbook)
        recommendation = recommend(rulebook, answers_from(answers, rulebook.playbook))
        if json:
            self.stdout.write(recommendation.model_dump_json(indent=2))
            return
        for line in told(rulebook.playbook, recommendation):
            self.stdout.write(line)


def told(playbook: Playbook, recommendation: Recommendation) -> Iterator[str]:
    """Yield a recommendation in lines for a reader at the terminal."""
    if recommendation.outcome is None:
        yield "Not settled yet. Still possible:"
        for outcome in recommendation.possible:
            yield f"  {_steps(playbook, outcome.engagements)}"
        yield f"Next question: {recommendation.remaining[0]}"
    else:
        steps = _steps(playbook, recommendation.outcome.engagements)
        yield f"{recommendation.outcome.kind}: {steps}"
    for fired in recommendation.signals:
        signal = playbook.signal(fired.signal)
        given = "; ".join(f"{a.question} = {', '.join(a.options)}" for a in fired.answers)
        yield f"- {signal.title} ({given}): {signal.because}"
    if recommendation.conflict:
        needs = map(playbook.need, recommendation.conflict.needs)
        missing = "; ".join(need.title for need in needs if not need.offered)
        if missing:
            yield f"Nothing on offer carries {missing}. It is asked for by:"
        else:
            yield "These answers cannot be satisfied together:"
        for answer in recommendation.conflict.answers:
            yield f"- {answer.question} = {', '.join(answer.options)}"
        for change in recommendation.conflict.changes:
            leads_to = _steps(playbook, change.outcome.engagements)
            yield f"If {change.question} were {', '.join(change.instead)}: {leads_to}"


def _steps(playbook: Playbook, engagements: tuple[str, ...]) -> str:
    titles = [playbook.engagement(key).title for key in engagements]
    return ", then ".join(titles) or "no engagement fits"
