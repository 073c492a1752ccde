"""What is refuted of a draft as the publish page shows it: told, witnessed, and why it is right."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import models
from django.forms import BoundField
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from advisor.checking import ABOUT
from advisor.playbook import Claim, Playbook
from advisor.rules.rulebook import Answers
from catalog.models import Draft, EngagementModel, Signal
from catalog.proofs import Proof
from catalog.rows import KINDS


@dataclass(frozen=True, slots=True)
class Answered:
    """A question of a witness with its answer, and the answer beside it where there is another."""

    question: str
    answer: str
    beside: str

    @property
    def differs(self) -> bool:
        """Whether it is where the two part."""
        return self.answer != self.beside


@dataclass(frozen=True, slots=True)
class Refuted:
    """A claim that does not hold, and the part that it is about, if it is about one.

    `field` takes the words on it where somebody may write them.
    """

    proof: Proof
    playbook: Playbook
    draft: Draft
    part: models.Model | None = None
    field: BoundField | None = None

    @property
    def anchor(self) -> str:
        """Where the page jumps to."""
        return f"about-{named(self.proof)}"

    @property
    def answers(self) -> list[Answered]:
        """The witness in the playbook's words, question by question."""
        return list(_answered(self.playbook, self.proof.witness or {}, self.proof.beside))

    @property
    def places(self) -> list[tuple[str, str]]:
        """Where it is mended, as addresses and titles: the part, or the lists of what decides."""
        if self.part:
            return [(_page(self.part, "change", [self.part.pk]), _title(self.part))]
        lists = [(kind, _page(kind, "changelist", [])) for kind in (EngagementModel, Signal)]
        return [
            (
                f"{address}?draft__id__exact={self.draft.pk}",
                _("All {kinds}").format(kinds=kind._meta.verbose_name_plural),
            )
            for kind, address in lists
        ]

    @property
    def file(self) -> str:
        """The name under which the witness is downloaded."""
        return f"{self.playbook.key}-{named(self.proof)}.json"

    @property
    def downloads(self) -> list[tuple[str, str]]:
        """The witness as files for `manage.py advise`, as addresses and titles."""
        page = reverse("admin:catalog_draft_witness", args=[self.draft.pk])
        asked = {"claim": self.proof.claim, "about": self.proof.about}
        witness = (f"{page}?{urlencode(asked)}", _("Download these answers"))
        if not self.proof.witness:
            return []
        if not self.proof.beside:
            return [witness]
        beside = (f"{page}?{urlencode({**asked, 'beside': '1'})}", _("Download those beside them"))
        return [witness, beside]


def named(proof: Proof) -> str:
    """Return what a proof is called in names of fields, of files and in addresses."""
    # No key holds two hyphens, so that "a.b-c" and "a-b.c" are told apart.
    return f"{proof.claim}-{proof.about}".rstrip("-").replace(".", "--")


def parts_of(draft: Draft, proofs: Iterable[Proof]) -> dict[tuple[Claim, str], models.Model]:
    """Return the parts of a draft that proofs are about, by claim; for an option its question."""
    wanted = {
        (proof.claim, proof.about): (ABOUT[proof.claim], proof.about.partition(".")[0])
        for proof in proofs
        if proof.about
    }
    rows = {}
    for name in {name for name, _key in wanted.values()}:
        keys = {key for kind, key in wanted.values() if kind == name}
        found = KINDS[name][0].objects.filter(draft=draft, key__in=keys)
        rows |= {(name, row.key): row for row in found}
    return {claimed: rows[place] for claimed, place in wanted.items() if place in rows}


def file_of(answers: Answers) -> str:
    """Return answers as the JSON that `manage.py advise` reads."""
    return json.dumps({key: list(options) for key, options in answers.items()}, indent=2)


def _answered(playbook: Playbook, witness: Answers, beside: Answers | None) -> Iterator[Answered]:
    for question in playbook.questions:
        given = [answers.get(question.key, ()) for answers in (witness, beside or witness)]
        if any(given):
            labels = {option.key: option.label for option in question.options}
            texts = ["; ".join(labels.get(key, key) for key in keys) for keys in given]
            yield Answered(question.title, *texts)


def _page(row: models.Model | type[models.Model], what: str, args: list[int]) -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{what}", args=args)


def _title(row: models.Model) -> str:
    kind = str(row._meta.verbose_name)
    return _("{kind} “{name}”").format(kind=capfirst(kind), name=row)
