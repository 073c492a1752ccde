"""What each part of a playbook says, in lines that can be held against another playbook's.

A line has its words, and what makes it the same line whatever the words: so that a question with
a new title changes no signal that asks for it, and a key that is renamed changes none of those
that name it.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple, cast

from advisor.checking import ABOUT
from advisor.offers import (
    Chapter,
    Checklist,
    ChecklistGroup,
    Fact,
    Faq,
    Party,
    Responsibility,
    ServiceLevel,
)
from advisor.playbook import (
    Acknowledgement,
    Claim,
    Condition,
    Demand,
    Emergency,
    EngagementModel,
    Firm,
    Guide,
    GuideRow,
    Need,
    Option,
    Playbook,
    Prerequisite,
    Question,
    Section,
    ServicePath,
    Signal,
)
from advisor.sentences import condition_sentence, listed_choice, quoted, refuted_sentence
from advisor.speech import gettext as _
from advisor.speech import gettext_noop
from advisor.texts import Part

type Keyed = (
    Chapter
    | Checklist
    | ChecklistGroup
    | EngagementModel
    | Faq
    | Guide
    | GuideRow
    | Need
    | Option
    | Prerequisite
    | Question
    | Section
    | ServicePath
    | Signal
)

PARTS = {
    "engagements": gettext_noop("engagement model"),
    "signals": gettext_noop("buying signal"),
    "questions": gettext_noop("question"),
    "sections": gettext_noop("section"),
    "needs": gettext_noop("need"),
    "guides": gettext_noop("guide"),
    "service_paths": gettext_noop("service path"),
    "faqs": gettext_noop("frequent question"),
    "checklists": gettext_noop("checklist"),
    "chapters": gettext_noop("manual chapter"),
}
"""What the lists of a playbook hold, in the order in which their changes are told."""

INNER = {
    "groups": gettext_noop("group"),
    "options": gettext_noop("option"),
    "prerequisites": gettext_noop("prerequisite"),
    "rows": gettext_noop("row"),
}
"""What the lists of a part hold that have keys of their own."""

_REFERENCES = {
    "carries": "needs",
    "engagement": "engagements",
    "engagements": "engagements",
    "entry": "engagements",
    "question": "questions",
    "rules_out": "engagements",
    "section": "sections",
    "start_with": "engagements",
}
"""The fields that name other parts, and the lists those are in."""

_WORDS = {
    "acknowledgements": gettext_noop("acknowledged"),
    "ask_when": gettext_noop("asked when"),
    "changeable": gettext_noop("could be answered differently"),
    "demands": gettext_noop("must carry"),
    "engagements": gettext_noop("only for"),
    "entry": gettext_noop("entry engagement"),
    "exclusive": gettext_noop("excludes other answers"),
    "faqs": gettext_noop("frequent questions"),
    "follow_on": gettext_noop("goes on with"),
    "if_so": gettext_noop("what it would take"),
    "issues": gettext_noop("known issues"),
    "offered": gettext_noop("on offer"),
    "process": gettext_noop("phases"),
    "when": gettext_noop("condition"),
}
"""What a field is called where its name would not do."""


_PARTIES = {
    Party.FIRM: gettext_noop("the firm"),
    Party.BUYER: gettext_noop("the client"),
    Party.BOTH: gettext_noop("both together"),
    Party.EXTRA: gettext_noop("the firm, paid by itself"),
    Party.NOBODY: gettext_noop("not part of it"),
}
"""Who answers for a task, in words."""


class Lines(NamedTuple):
    """What a part says in one field.

    Two lines are the same line when `same` is equal, whatever the words. References have no
    order of their own.
    """

    same: tuple[Hashable, ...]
    texts: tuple[str, ...]
    ordered: bool = True


def same_parts(old: Iterable[Keyed], new: Sequence[Keyed]) -> dict[str, str]:
    """The new keys of old parts that are still there: by key, or else by title."""
    old = list(old)
    there = {part.key for part in new}
    names = {part.key: part.key for part in old if part.key in there}
    left = [part for part in new if part.key not in names]
    for part in old:
        twin = next((other for other in left if title_of(other) == title_of(part)), None)
        if part.key not in names and twin:
            names[part.key] = twin.key
            left.remove(twin)
    return names


class Names:
    """The key in the new playbook of everything in the old one that is still there."""

    def __init__(self, old: Playbook, new: Playbook) -> None:
        self.parts = {
            field: same_parts(list_of(old, field), list_of(new, field)) for field in PARTS
        }
        now = {question.key: question for question in new.questions}
        self.options = {
            question.key: same_parts(
                question.options, now[self.of("questions", question.key)].options
            )
            for question in old.questions
            if question.key in self.parts["questions"]
        }

    def of(self, field: str, key: str) -> str:
        return self.parts[field].get(key, key)

    def of_option(self, question: str, key: str) -> str:
        return self.options.get(question, {}).get(key, key)


class Side:
    """One of the two playbooks, told in lines; `names` translates keys of the old one."""

    def __init__(self, playbook: Playbook, names: Names | None = None) -> None:
        self.playbook = playbook
        self.names = names
        self.titles: dict[str, dict[str, str]] = {
            field: {part.key: part.title for part in list_of(playbook, field)} for field in PARTS
        }
        self.labels = {q.key: {o.key: o.label for o in q.options} for q in playbook.questions}

    def lines_of(self, part: Part) -> dict[str, Lines]:
        """What a part says, by field, without what it holds that has a key of its own."""
        told: dict[str, Lines] = {}
        for field, value in part:
            if isinstance(value, Firm | Emergency | ServiceLevel):
                inner = self.lines_of(value)
                part_and_field = _("{part} {field}")
                told |= {
                    part_and_field.format(part=words_for(field), field=words): lines
                    for words, lines in inner.items()
                }
            elif not (field in INNER or (isinstance(part, Playbook) and field in PARTS)):
                told[words_for(field)] = self._lines(part, field, value)
        return told

    def _lines(self, part: Part, field: str, value: object) -> Lines:
        items = value if isinstance(value, tuple) else () if value is None else (value,)
        if field in _REFERENCES:
            keys = cast("tuple[str, ...]", items)
            there = _REFERENCES[field]
            return Lines(
                tuple(self._now(there, key) for key in keys),
                tuple(self._title(there, key) for key in keys),
                ordered=False,
            )
        if isinstance(part, Prerequisite) and field in ("met", "unknown"):
            keys = cast("tuple[str, ...]", items)
            return Lines(
                tuple(self._now_option(part.question, key) for key in keys),
                tuple(self._labels(part.question, keys)),
                ordered=False,
            )
        # Acknowledgements stand in the order of what they are about, which is told of that.
        ordered = field != "acknowledgements"
        return Lines(tuple(map(self._same, items)), tuple(map(self._text, items)), ordered)

    def _same(self, item: object) -> Hashable:
        match item:
            case Condition(question=question, any_of=any_of):
                options = frozenset(self._now_option(question, key) for key in any_of)
                return self._now("questions", question), options
            case Demand(need=need, weight=weight):
                return self._now("needs", need), weight
            case Fact(label=label, question=question):
                return label, self._now("questions", question)
            case Acknowledgement(claim=claim, about=about, why=why):
                return claim, self._now_about(claim, about), why
        return item

    def _text(self, item: object) -> str:
        told = str(item)
        match item:
            case Condition(question=question, any_of=any_of):
                title = self._title("questions", question)
                told = condition_sentence(title, self._labels(question, any_of))
            case Demand(need=need, weight=weight):
                told = _("{need} (weight {weight})").format(
                    need=self._title("needs", need), weight=weight
                )
            case bool():
                told = _("yes") if item else _("no")
            case Fact(label=label, question=question):
                told = _("{label}: the answer to “{question}”").format(
                    label=label, question=self._title("questions", question)
                )
            case Responsibility(task=task, party=party, note=note):
                told = f"{task}: {_(_PARTIES[party])}{f' ({note})' if note else ''}"
            case Acknowledgement(claim=claim, about=about, why=why):
                told = f"{refuted_sentence(claim, self._named(claim, about))} {why}"
        return told

    def line_of(self, part: Keyed) -> str:
        """One line that says all of a part that is an item of another."""
        match part:
            case Prerequisite(title=title, owner=owner, question=question, met=met):
                holds = condition_sentence(
                    self._title("questions", question), self._labels(question, met)
                )
                return _("{title} ({owner}): in place when {holds}").format(
                    title=title, owner=owner, holds=holds
                )
            case GuideRow(statement=statement, start_with=models, why=why):
                titles = [self._title("engagements", key) for key in models] or ["…"]
                return f"{statement}: {listed_choice(titles)}. {why}"
            case Option(label=label, hint=hint, unsure=unsure, if_so=if_so):
                more = [
                    hint,
                    _("unsure") if unsure else None,
                    _("if {if_so}").format(if_so=if_so) if if_so else None,
                ]
                told = "; ".join(filter(None, more))
                return f"{label} ({told})" if told else label
            case ChecklistGroup(title=title, items=items):
                return f"{title}: {'; '.join(items)}"
        return title_of(part)

    def _named(self, claim: Claim, about: str | None) -> str:
        """What an acknowledgement is about."""
        if about is None or claim not in ABOUT:
            return ""
        question, _dot, option = about.partition(".")
        if option:
            [label] = self._labels(question, [option])
            return _("the answer “{option}” to “{question}”").format(
                option=label, question=self._title("questions", question)
            )
        return quoted(self._title(ABOUT[claim], about))

    def _title(self, field: str, key: str) -> str:
        return self.titles[field].get(key, key)

    def _labels(self, question: str, keys: Iterable[str]) -> list[str]:
        labels = self.labels.get(question, {})
        return [labels.get(key, key) for key in keys]

    def _now(self, field: str, key: str) -> str:
        return self.names.of(field, key) if self.names else key

    def _now_about(self, claim: Claim, about: str | None) -> tuple[str, str]:
        if about is None or claim not in ABOUT:
            return "", ""
        question, _dot, option = about.partition(".")
        return self._now(ABOUT[claim], question), self._now_option(question, option)

    def _now_option(self, question: str, key: str) -> str:
        return self.names.of_option(question, key) if self.names else key


def words_for(field: str) -> str:
    """What a field of a document is called; most are called by their own names."""
    return _(_WORDS.get(field) or field.replace("_", " "))


def title_of(part: Keyed) -> str:
    """What a part is called."""
    match part:
        case Option(label=label):
            return label
        case GuideRow(statement=statement):
            return statement
    return part.title


def list_of(part: Part | None, field: str) -> tuple[Any, ...]:
    return cast("tuple[Any, ...]", getattr(part, field, ()))
