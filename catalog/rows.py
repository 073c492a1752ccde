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

from advisor import offers
from advisor import playbook as documents
from advisor.checking import ABOUT
from advisor.texts import Part
from catalog.models import (
    Acknowledgement,
    Cadence,
    Chapter,
    Checklist,
    ChecklistGroup,
    Credit,
    Demand,
    Draft,
    DraftPhase,
    EngagementModel,
    EngagementPhase,
    EscalationStep,
    Expectation,
    Fact,
    Faq,
    Guide,
    GuideRow,
    KnownIssue,
    Need,
    Option,
    OtherPrice,
    Prerequisite,
    Question,
    QuestionCondition,
    Responsibility,
    Section,
    SectionCondition,
    SeparateScope,
    ServicePath,
    Severity,
    Signal,
    SignalCondition,
    Training,
)

Columns = dict[str, Any]

Kind = tuple[type[models.Model], type[Part]]

KINDS: dict[str, Kind] = {
    "needs": (Need, documents.Need),
    "engagements": (EngagementModel, documents.EngagementModel),
    "sections": (Section, documents.Section),
    "questions": (Question, documents.Question),
    "signals": (Signal, documents.Signal),
    "guides": (Guide, documents.Guide),
    "service_paths": (ServicePath, documents.ServicePath),
    "faqs": (Faq, offers.Faq),
    "checklists": (Checklist, offers.Checklist),
    "chapters": (Chapter, offers.Chapter),
}
"""The parts with a page of their own: how a document names them, their rows and their types."""

OF_DRAFTS: dict[str, Kind] = {
    "process": (DraftPhase, offers.ProcessPhase),
    "expectations": (Expectation, offers.Expectation),
}
OF_ENGAGEMENTS: dict[str, Kind] = {
    "cadence": (Cadence, offers.Cadence),
    "other_prices": (OtherPrice, offers.OtherPrice),
    "separate_scope": (SeparateScope, offers.SeparateScope),
    "responsibilities": (Responsibility, offers.Responsibility),
    "process": (EngagementPhase, offers.ProcessPhase),
    "training": (Training, offers.Training),
    "escalation_path": (EscalationStep, offers.EscalationStep),
}
OF_SERVICE_LEVELS: dict[str, Kind] = {
    "severities": (Severity, offers.Severity),
    "credits": (Credit, offers.Credit),
}
"""The plain rows that hang on a draft and on engagement models, as a document names them."""

REFERENCES = {
    "needs": "need",
    "engagements": "engagement",
    "signals": "signal",
    "questions": "option",
}
"""The column of an acknowledgement that says what it is about, by the list that this is in."""

GROUPS: dict[str, str] = {"price": "price_", "service_level": "level_", "follow_on": "follow_on_"}
"""What a document has as a table inside of an engagement model, and a row as columns."""


@cache
def shared_names(model: type[models.Model], kind: type[BaseModel], prefix: str = "") -> list[str]:
    """The names that a table and a type have in common, references left out."""
    columns = {field.name for field in model._meta.concrete_fields if not field.is_relation}
    return [name for name in kind.model_fields if prefix + name in columns]


def columns_of(model: type[models.Model], part: BaseModel, prefix: str = "") -> Columns:
    """The columns of a row that say what a part says."""
    names = shared_names(model, type(part), prefix)
    return {prefix + name: _stored(model, prefix + name, getattr(part, name)) for name in names}


def _stored(model: type[models.Model], column: str, value: Any) -> Any:
    if value is None:
        return _blank(model, column)
    return list(value) if isinstance(value, tuple) else value


def _blank(model: type[models.Model], column: str) -> Any:
    """What a column holds when nothing is said."""
    field = model._meta.get_field(column)
    return None if field.null else field.get_default()


def _group_columns(model: documents.EngagementModel) -> Columns:
    """The columns of what a document has as tables inside of an engagement model."""
    columns = {}
    for name, prefix in GROUPS.items():
        said = getattr(model, name)
        if said is None:
            own = [f.name for f in EngagementModel._meta.fields if f.name.startswith(prefix)]
            columns |= {column: _blank(EngagementModel, column) for column in own}
        else:
            columns |= columns_of(EngagementModel, said, prefix)
    return columns


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
        self.part("engagements", _group_columns)
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
        for name in ("faqs", "checklists", "chapters"):
            self.part(name)
        self.write_engagements()
        self.write_conditions()
        self.write_signals()
        self.write_tables()
        self.write_handover()
        self.write_acknowledgements()
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
        of_draft = "draft" if owner == "draft" else f"{owner}__draft"
        for row in model.objects.filter(**{of_draft: self.draft}):
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
        for name, (table, _) in OF_ENGAGEMENTS.items():
            self.children(table, "engagement", [(pk, getattr(m, name)) for pk, m in owners])
        levels = [(pk, m.service_level) for pk, m in owners]
        for name, (table, _) in OF_SERVICE_LEVELS.items():
            self.children(table, "engagement", [(pk, getattr(of, name, ())) for pk, of in levels])
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

    def write_handover(self) -> None:
        """What holds for every engagement, frequent questions, checklists and the manual."""
        book = self.playbook
        for name, (table, _) in OF_DRAFTS.items():
            self.children(table, "draft", [(self.draft.pk, getattr(book, name))])
        for name, model in (("faqs", Faq), ("checklists", Checklist), ("chapters", Chapter)):
            parts = {self.pk(name, part.key): part for part in getattr(book, name)}
            _link(
                model.engagements,
                {pk: self.pks("engagements", part.engagements) for pk, part in parts.items()},
            )
        lists = [(self.pk("checklists", part.key), part.groups) for part in book.checklists]
        self.children(ChecklistGroup, "checklist", lists)
        chapters = [(self.pk("chapters", part.key), part) for part in book.chapters]
        self.children(
            Fact,
            "chapter",
            [(pk, part.facts) for pk, part in chapters],
            lambda fact: {"question_id": self.pk("questions", fact.question)},
        )
        self.children(KnownIssue, "chapter", [(pk, part.issues) for pk, part in chapters])

    def write_acknowledgements(self) -> None:
        """Why what is refuted is as it is meant to be, about the parts that are there now."""
        wanted = [(self.draft.pk, self.playbook.acknowledgements)]
        self.children(Acknowledgement, "draft", wanted, self.about)

    def about(self, part: documents.Acknowledgement) -> Columns:
        """The one reference of an acknowledgement, if it has any."""
        columns: Columns = dict.fromkeys(f"{column}_id" for column in REFERENCES.values())
        name, (key, _, option) = ABOUT[part.claim], (part.about or "").partition(".")
        if key:
            pk = self.pk(name, key)
            columns[f"{REFERENCES[name]}_id"] = self.options[pk, option].pk if option else pk
        return columns

    def pk(self, name: str, key: str) -> int:
        """The row of a part."""
        return self.rows[name][key].pk

    def pks(self, name: str, keys: Iterable[str]) -> set[int]:
        """The rows of parts."""
        return {self.pk(name, key) for key in keys}

    def option_pks(self, question: str, keys: Iterable[str]) -> set[int]:
        """The rows of options."""
        return {self.options[self.pk("questions", question), key].pk for key in keys}


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
