"""Where a problem of a draft is mended: the part that it names, and its page."""

import re
from dataclasses import dataclass
from functools import cached_property

from django.db import models
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from advisor.checking import Problem
from catalog.drafts import Document, document_of, problems_in
from catalog.models import Draft
from catalog.rows import KINDS

PLACES = {model: name for name, (model, _) in KINDS.items()}
"""How a problem names the parts of a kind."""


@dataclass(frozen=True, slots=True)
class Located:
    """A problem, and the part on whose page it is mended; without one it is the draft's own."""

    problem: Problem
    part: models.Model

    @property
    def url(self) -> str:
        """The page of the part."""
        meta = self.part._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[self.part.pk])

    @property
    def title(self) -> str:
        """What the part is and is called."""
        kind = str(self.part._meta.verbose_name)
        return _("{kind} “{name}”").format(kind=capfirst(kind), name=self.part)

    @property
    def sentence(self) -> str:
        """What is wrong, where on that page, and how to mend it."""
        place = _within(self.problem.where)
        return f"{f'{place}: ' if place else ''}{self.problem.what}; {self.problem.mend}."


class Problems:
    """The problems of a draft by the part that they name; its document, if it is at hand."""

    def __init__(self, draft: Draft, document: Document | None = None) -> None:
        self.draft = draft
        self.document = document or document_of(draft)

    @cached_property
    def all(self) -> list[Located]:
        """Every problem with its part, in the order in which they are told."""
        found = problems_in(self.document)
        parts = {}
        for name in {kind for problem in found if (kind := _named(problem)[0])}:
            model, _several = KINDS[name]
            keys = {key for kind, key in map(_named, found) if kind == name}
            rows = model.objects.filter(draft=self.draft, key__in=keys)
            parts |= {(name, row.key): row for row in rows}
        return [Located(problem, parts.get(_named(problem), self.draft)) for problem in found]

    def of(self, row: models.Model) -> list[Located]:
        """The problems that are mended on the page of a row."""
        return [located for located in self.all if located.part == row]


def _named(problem: Problem) -> tuple[str, str]:
    """The kind and the key of the part that a problem names, if any."""
    found = re.match(r"(\w+)\[([^\]]+)\]", problem.where)
    return (found[1], found[2]) if found and found[1] in KINDS else ("", "")


def _within(where: str) -> str:
    """Where on the page of a part: `signals[x].when[1].any_of` is when 1, any of."""
    place = re.sub(rf"^(?:{'|'.join(KINDS)})\[[^\]]+\]\.?", "", where)
    return re.sub(r"\[([^\]]+)\]", r" \1", place).replace("_", " ").replace(".", ", ")
