"""Run the rules on a file of answers and print the recommendation."""

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator

from django.core.management.base import BaseCommand

from advisor.playbook import Playbook
from advisor.rules import Recommendation, recommend
from advisor.rules.recommendation import Conflict, GivenAnswer, Outcome
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
            yield f"  {outcome.kind}: {_steps(playbook, outcome)}"
        if recommendation.more_possible:
            yield "  and others"
        yield f"Next question: {recommendation.next_question}"
    else:
        yield f"{recommendation.outcome.kind}: {_steps(playbook, recommendation.outcome)}"
        if recommendation.remaining:
            yield f"No answer changes that any more; still open: {_keys(recommendation.remaining)}"
    for fired in recommendation.signals:
        signal = playbook.signal(fired.signal)
        yield f"- {signal.title} ({_given(fired.answers)}): {signal.because}"
    if recommendation.conflict:
        yield from _conflict(playbook, recommendation.conflict)
    for changed in recommendation.counterfactuals:
        possible = " or ".join(_steps(playbook, outcome) for outcome in changed.possible)
        yield f"If {_given(changed.instead, ' and ', ' were ')}: {possible}"


def _conflict(playbook: Playbook, conflict: Conflict) -> Iterator[str]:
    needs = map(playbook.need, conflict.needs)
    missing = "; ".join(need.title for need in needs if not need.offered)
    if missing:
        yield f"Nothing on offer carries {missing}. It is asked for by:"
    else:
        yield "These answers cannot be satisfied together:"
    for answer in conflict.answers:
        yield f"- {_given([answer])}"
    for dropped in conflict.dropped:
        without = _steps(playbook, dropped.outcome)
        yield f"Without {dropped.question} = {dropped.option}: {without}"
    for change in conflict.changes:
        leads_to = _steps(playbook, change.outcome) if change.outcome else "something could fit"
        yield f"If {change.question} were {_keys(change.instead)}: {leads_to}"


def _given(answers: Iterable[GivenAnswer], between: str = "; ", equals: str = " = ") -> str:
    return between.join(f"{answer.question}{equals}{_keys(answer.options)}" for answer in answers)


def _keys(keys: Iterable[str]) -> str:
    return ", ".join(keys)


def _steps(playbook: Playbook, outcome: Outcome) -> str:
    titles = [playbook.engagement(key).title for key in outcome.engagements]
    return ", then ".join(titles) or "no engagement fits"
