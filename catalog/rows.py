"""The rows of a draft written in bulk: set to what a playbook says, keeping those of the same key.

A row has the columns of its part under the same names, so that both ways go by name. What is
missing in a document is left blank in a row; keys there are foreign keys here.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from functools import cache
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from pydantic import BaseModel

from advisor import playbook as documents
from catalog.models import (
    Cadence,
    Demand,
    Draft,
    EngagementModel,
    Guide,
    GuideRow,
    Need,
    Option,
    Prerequisite,
    Question,
    QuestionCondition,
    Section,
    SectionCondition,
    ServicePath,
    Signal,
    SignalCondition,
)

Columns = dict[str, Any]

KINDS: dict[str, tuple[type[models.Model], type[documents.Part]]] = {
    "needs": (Need, documents.Need),
    "engagements": (EngagementModel, documents.EngagementModel),
    "sections": (Section, documents.Section),
    "questions": (Question, documents.Question),
    "signals": (Signal, documents.Signal),
    "guides": (Guide, documents.Guide),
    "service_paths": (ServicePath, documents.ServicePath),
}
"""The parts with a page of their own: how a document names them, their rows and their types."""


@cache
def shared_names(model: type[models.Model], kind: type[BaseModel], prefix: str = "") -> list[str]:
    """The names that a table and a type have in common, references left out."""
    columns = {field.name for field in model._meta.concrete_fields if not field.is_relation}
    return [name for name in kind.model_fields if prefix + name in columns]


def columns_of(model: type[models.Model], part: BaseModel, prefix: str = "") -> Columns:
    """The columns of a row that say what a part says."""
    names = shared_names(model, type(part), prefix)
    return {prefix + name: _stored(getattr(part, name)) for name in names}


def _stored(value: Any) -> Any:
    if value is None:
        return ""
    return list(value) if isinstance(value, tuple) else value


class Parts:
    """Everything that hangs on a draft, set to what a playbook says."""

    def __init__(
        self, draft: Draft, playbook: documents.Playbook, by: AbstractBaseUser | None
    ) -> None:
        self.draft = draft
        self.playbook = playbook
        self.by = by
        self.rows: dict[str, dict[str, Any]] = {}
        self.old: list[models.QuerySet[Any]] = []

    def write(self) -> None:
        """What is named comes before what names it, and goes after it."""
        book = self.playbook
        self.part("needs")
        self.part("engagements", lambda model: _price_columns(model.price))
        self.part("sections")
        self.part("questions", lambda asked: {"section_id": self.pk("sections", asked.section)})
        self.options = self.children(
            Option, "question", [(self.pk("questions", q.key), q.options) for q in book.questions]
        )
        self.part("signals")
        self.part("guides")
        self.part(
            "service_paths",
            lambda path: {
                "engagement_id": self.pk("engagements", path.engagement),
                "question_id": self.pk("questions", path.when.question),
            },
        )
        self.write_engagements()
        self.write_conditions()
        self.write_signals()
        self.write_tables()
        for rows in reversed(self.old):
            rows.delete()

    def part(self, name: str, more: Any = lambda part: {}) -> None:
        """Write the parts of one kind; those that are to go are kept until nothing names them."""
        model, _ = KINDS[name]
        there = {row.key: row for row in model.objects.filter(draft=self.draft)}
        wanted = {
            part.key: {"position": at, **columns_of(model, part), **more(part)}
            for at, part in enumerate(getattr(self.playbook, name), start=1)
        }
        new = {"draft": self.draft, "edited_by": self.by}
        self.rows[name] = _write(model, there, wanted, new)
        gone = [row.pk for key, row in there.items() if key not in wanted]
        self.old.append(model.objects.filter(pk__in=gone))

    def children(
        self,
        model: type[models.Model],
        owner: str,
        wanted: Iterable[tuple[int, Iterable[documents.Part]]],
        more: Any = lambda part: {},
    ) -> dict[Hashable, Any]:
        """Write the rows that hang on parts, named by their key or else by their place.

        Returns them by owner and name. Those that nobody wants are deleted.
        """
        there: dict[Hashable, Any] = {}
        surplus: list[int] = []
        counts: defaultdict[int, int] = defaultdict(int)
        for row in model.objects.filter(**{f"{owner}__draft": self.draft}):
            owner_pk = getattr(row, f"{owner}_id")
            counts[owner_pk] += 1
            name = (owner_pk, getattr(row, "key", counts[owner_pk]))
            if name in there:
                surplus.append(row.pk)
            there.setdefault(name, row)
        columns = {
            (owner_pk, getattr(part, "key", at)): {
                f"{owner}_id": owner_pk,
                "position": at,
                **columns_of(model, part),
                **more(part),
            }
            for owner_pk, parts in wanted
            for at, part in enumerate(parts, start=1)
        }
        surplus += [row.pk for name, row in there.items() if name not in columns]
        model.objects.filter(pk__in=surplus).delete()
        return _write(model, there, columns, {})

    def write_engagements(self) -> None:
        """What engagement models carry, when they meet and what they need first."""
        owners = [(self.pk("engagements", m.key), m) for m in self.playbook.engagements]
        _link(EngagementModel.carries, {pk: self.pks("needs", m.carries) for pk, m in owners})
        self.children(Cadence, "engagement", [(pk, m.cadence) for pk, m in owners])
        prerequisites = self.children(
            Prerequisite,
            "engagement",
            [(pk, m.prerequisites) for pk, m in owners],
            lambda part: {"question_id": self.pk("questions", part.question)},
        )
        parts = [
            (prerequisites[pk, part.key].pk, part) for pk, m in owners for part in m.prerequisites
        ]
        _link(
            Prerequisite.met, {pk: self.option_pks(part.question, part.met) for pk, part in parts}
        )
        _link(
            Prerequisite.unknown,
            {pk: self.option_pks(part.question, part.unknown) for pk, part in parts},
        )

    def write_conditions(self) -> None:
        """When sections and questions are asked, and signals fire."""
        book = self.playbook
        for model, name, parts in (
            (SectionCondition, "sections", [(s.key, s.ask_when) for s in book.sections]),
            (QuestionCondition, "questions", [(q.key, q.ask_when) for q in book.questions]),
            (SignalCondition, "signals", [(s.key, s.when) for s in book.signals]),
        ):
            owned = [(self.pk(name, key), conditions) for key, conditions in parts]
            rows = self.children(
                model,
                "owner",
                owned,
                lambda part: {"question_id": self.pk("questions", part.question)},
            )
            _link(
                model.any_of,
                {
                    rows[pk, at].pk: self.option_pks(condition.question, condition.any_of)
                    for pk, conditions in owned
                    for at, condition in enumerate(conditions, start=1)
                },
            )

    def write_signals(self) -> None:
        """What signals demand and rule out, and after which engagement models is asked."""
        owners = [(self.pk("signals", signal.key), signal) for signal in self.playbook.signals]
        self.children(
            Demand,
            "signal",
            [(pk, signal.demands) for pk, signal in owners],
            lambda part: {"need_id": self.pk("needs", part.need)},
        )
        _link(Signal.rules_out, {pk: self.pks("engagements", s.rules_out) for pk, s in owners})
        asked = self.playbook.questions
        _link(
            Question.engagements,
            {self.pk("questions", q.key): self.pks("engagements", q.engagements) for q in asked},
        )

    def write_tables(self) -> None:
        """The rows of guides, and the answers of service paths."""
        owners = [(self.pk("guides", guide.key), guide) for guide in self.playbook.guides]
        rows = self.children(GuideRow, "guide", [(pk, guide.rows) for pk, guide in owners])
        _link(
            GuideRow.start_with,
            {
                rows[pk, part.key].pk: self.pks("engagements", part.start_with)
                for pk, guide in owners
                for part in guide.rows
            },
        )
        _link(
            ServicePath.any_of,
            {
                self.pk("service_paths", path.key): self.option_pks(
                    path.when.question, path.when.any_of
                )
                for path in self.playbook.service_paths
            },
        )

    def pk(self, name: str, key: str) -> int:
        """The row of a part."""
        return self.rows[name][key].pk

    def pks(self, name: str, keys: Iterable[str]) -> set[int]:
        """The rows of parts."""
        return {self.pk(name, key) for key in keys}

    def option_pks(self, question: str, keys: Iterable[str]) -> set[int]:
        """The rows of options."""
        return {self.options[self.pk("questions", question), key].pk for key in keys}


def _price_columns(price: documents.Price | None) -> Columns:
    if price is None:
        return {"price_currency": "", "price_least": None, "price_most": None, "price_unit": ""}
    return {f"price_{name}": value for name, value in price}


def _write(
    model: type[models.Model],
    there: dict[Any, Any],
    wanted: dict[Any, Columns],
    new: Columns,
) -> dict[Any, Any]:
    """Change the rows that are there and add those that are not; return the wanted ones by name."""
    rows, added, changed = {}, [], []
    names: set[str] = set()
    for name, columns in wanted.items():
        row = there.get(name)
        if row is None:
            row = model(**columns, **new)
            added.append(row)
        elif differing := [c for c, value in columns.items() if getattr(row, c) != value]:
            for column in differing:
                setattr(row, column, columns[column])
            names.update(differing)
            changed.append(row)
        rows[name] = row
    model.objects.bulk_create(added)
    if changed:
        model.objects.bulk_update(changed, sorted(names))
    return rows


def _link(field: Any, wanted: dict[int, set[int]]) -> None:
    """Set a many-to-many reference of several rows at once: from each row to the rows named."""
    through, owner = field.through, field.field.m2m_column_name()
    target = field.field.m2m_reverse_name()
    there = {
        (getattr(row, owner), getattr(row, target)): row.pk
        for row in through.objects.filter(**{f"{owner}__in": wanted})
    }
    pairs = [(pk, to) for pk, targets in wanted.items() for to in targets]
    gone = there.keys() - set(pairs)
    through.objects.filter(pk__in=[there[pair] for pair in gone]).delete()
    through.objects.bulk_create(
        through(**{owner: pk, target: to}) for pk, to in pairs if (pk, to) not in there
    )
