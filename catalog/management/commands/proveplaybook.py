"""Prove what holds of a playbook whatever is answered, and show the answers where it does not."""

import json as jsons
from argparse import ArgumentParser
from collections.abc import Iterator
from shlex import quote

from django.core.management.base import BaseCommand, CommandError

from advisor.playbook import Claim
from advisor.rules.rulebook import Answers
from catalog.proofs import Proof, proofs_of, refusal_of, unused_acknowledgements
from catalog.shell import rulebook_named


class Command(BaseCommand):
    """`manage.py proveplaybook PLAYBOOK [--json]`."""

    help = "Prove a playbook, or refute it with answers that `advise` replays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the playbook and the form of the output."""
        parser.add_argument("playbook", metavar="PLAYBOOK", help="a published key, or FILE.toml")
        parser.add_argument("--json", action="store_true", help="every proof, for programs")

    def handle(self, *, playbook: str, json: bool, **options: object) -> None:
        """Print what is proved and what is refuted; fail where it cannot be published."""
        rulebook = rulebook_named(playbook)
        proofs = proofs_of(rulebook)
        if json:
            self.stdout.write(jsons.dumps([_plain(proof) for proof in proofs], indent=2))
        else:
            for line in told(playbook, proofs):
                self.stdout.write(line)
            for unused in unused_acknowledgements(rulebook.playbook, proofs):
                named = f"{unused.claim} {unused.about or ''}".strip()
                self.stdout.write(f"{named}: its acknowledgement is not needed any more.")
        if refusal := refusal_of(proofs):
            raise CommandError(refusal)


def told(name: str, proofs: list[Proof]) -> Iterator[str]:
    """Yield the proofs in lines for a reader at the terminal, those that hold counted."""
    for claim in Claim:
        of_it = [proof for proof in proofs if proof.claim is claim]
        if of_it:
            yield f"{claim}: {sum(proof.proved for proof in of_it)} of {len(of_it)} proved"
        for proof in of_it:
            if not proof.proved:
                yield from _refuted(name, proof)


def _refuted(name: str, proof: Proof) -> Iterator[str]:
    state = "refuted" if proof.decided else "not decided"
    yield f"  {state} {proof.about}".rstrip() + f": {proof.told}"
    if proof.acknowledgement:
        yield f"    acknowledged: {' '.join(proof.acknowledgement.why.split())}"
    for saying, answers in (("replay", proof.witness), ("beside", proof.beside)):
        if answers is not None:
            command = f"python manage.py advise {quote(name)} /dev/stdin"
            yield f"    {saying}: echo {quote(_line(answers))} | {command}"


def _line(answers: Answers) -> str:
    """Answers as JSON on one line, as `advise` reads them."""
    return jsons.dumps({key: list(options) for key, options in answers.items()})


def _plain(proof: Proof) -> dict[str, object]:
    said = proof.acknowledgement
    return {
        "claim": proof.claim,
        "about": proof.about,
        "title": proof.title,
        "proved": proof.proved,
        "decided": proof.decided,
        "told": proof.told,
        "witness": proof.witness,
        "beside": proof.beside,
        "acknowledged": said.why if said else None,
    }
