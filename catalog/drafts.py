"""Between the rows of a draft and the playbook that they are: read, judge, write."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import BaseModel

from advisor import offers
from advisor import playbook as documents
from advisor.checking import ABOUT, Problem
from advisor.loading import PlaybookError, from_document, to_document
from catalog.models import (
    Acknowledgement,
    Chapter,
    Checklist,
    Draft,
    EngagementModel,
    Faq,
    Playbook,
    PlaybookVersion,
    Question,
    Section,
    ServicePath,
    Signal,
)
from catalog.models.draft import Edited
from catalog.rows import (
    GROUPS,
    KINDS,
    OF_DRAFTS,
    OF_ENGAGEMENTS,
    OF_SERVICE_LEVELS,
    REFERENCES,
    Kind,
    Parts,
    columns_of,
    shared_names,
)

Document = dict[str, Any]

# ---- Read ---------------------------------------------------------------------------------


CONDITIONED = ("section", "question", "signal")
WHOLE = (
    "need_set",
    models.Prefetch("question_set", Question.objects.select_related("section")),
    models.Prefetch(
        "servicepath_set", ServicePath.objects.select_related("engagement", "question")
    ),
    *OF_DRAFTS,
    *(f"engagementmodel_set__{name}" for name in ("carries", *OF_ENGAGEMENTS, *OF_SERVICE_LEVELS)),
    *(f"engagementmodel_set__prerequisite_set__{name}" for name in ("question", "met", "unknown")),
    *(f"{part}_set__conditions__{name}" for part in CONDITIONED for name in ("question", "any_of")),
    *(f"question_set__{name}" for name in ("option_set", "engagements")),
    *(f"signal_set__{name}" for name in ("demands__need", "rules_out")),
    "guide_set__rows__start_with",
    "servicepath_set__any_of",
    *(f"{part}_set__engagements" for part in ("faq", "checklist", "chapter")),
    *("checklist_set__groups", "chapter_set__facts__question", "chapter_set__issues"),
    models.Prefetch(
        "acknowledgements",
        Acknowledgement.objects.select_related(*REFERENCES.values(), "option__question"),
    ),
)
"""Everything that hangs on a draft, as Django reads it ahead."""


def playbook_of(draft: Draft) -> documents.Playbook:
    """Return the playbook that a draft is; raise PlaybookError with every problem of it."""
    return from_document(document_of(draft), _("The draft of {draft}").format(draft=draft))


def problems_of(draft: Draft) -> list[Problem]:
    """Return everything that keeps a draft from being published; nothing when it is sound."""
    return problems_in(document_of(draft))


def problems_in(document: Document) -> list[Problem]:
    """Return everything that keeps a document from being published."""
    try:
        from_document(document)
    except PlaybookError as error:
        return error.problems
    return []


def document_of(draft: Draft) -> Document:
    """Return the document of a draft, sound or not, as `to_document` would write it."""
    return documents_of([draft])[draft.pk]


def documents_of(drafts: Iterable[Draft]) -> dict[int, Document]:
    """Return the documents of drafts by id, in as many queries as for one."""
    whole = Draft.objects.filter(pk__in=[draft.pk for draft in drafts])
    read = whole.select_related("playbook", "entry").prefetch_related(*WHOLE)
    return {draft.pk: _document(draft) for draft in read}


def last_edits(drafts: Iterable[Draft]) -> dict[int, Edited]:
    """Return what of each draft was saved last, by the draft's id: a part, or the draft itself."""
    rows: dict[int, list[Edited]] = {draft.pk: [draft] for draft in drafts}
    for model, _several in KINDS.values():
        for row in model.objects.filter(draft__in=rows).select_related("edited_by"):
            rows[row.draft_id].append(row)
    return {pk: max(edited, key=lambda row: row.edited_at) for pk, edited in rows.items()}


def _document(draft: Draft) -> Document:
    return {
        "key": draft.playbook.key,
        **_said(draft, documents.Playbook),
        **({"entry": draft.entry.key} if draft.entry else {}),
        "firm": _said(draft, documents.Firm, "firm_"),
        **_emergency(draft),
        "needs": [_said(need, documents.Need) for need in draft.need_set.all()],
        "engagements": [_engagement(model) for model in draft.engagementmodel_set.all()],
        "sections": [
            {**_said(section, documents.Section), **_when("ask_when", section)}
            for section in draft.section_set.all()
        ],
        "questions": [_question(question) for question in draft.question_set.all()],
        "signals": [_signal(signal) for signal in draft.signal_set.all()],
        **_if_any(
            "guides",
            [
                {
                    **_said(guide, documents.Guide),
                    "rows": [
                        {**_said(row, documents.GuideRow), "start_with": _keys(row.start_with)}
                        for row in guide.rows.all()
                    ],
                }
                for guide in draft.guide_set.all()
            ],
        ),
        **_if_any("service_paths", [_service_path(path) for path in draft.servicepath_set.all()]),
        **_rows(draft, OF_DRAFTS),
        **_if_any("faqs", [_for_some(faq, offers.Faq) for faq in draft.faq_set.all()]),
        **_if_any("checklists", [_checklist(row) for row in draft.checklist_set.all()]),
        **_if_any("chapters", [_chapter(chapter) for chapter in draft.chapter_set.all()]),
        **_if_any("acknowledgements", _acknowledgements(draft)),
    }


def _said(row: models.Model, kind: type[BaseModel], prefix: str = "") -> Document:
    """What the columns of a row say, without what is left at its default."""
    said = {}
    for name in shared_names(type(row), kind, prefix):
        field, value = kind.model_fields[name], getattr(row, prefix + name)
        if field.is_required() or value not in ("", [], field.default):
            said[name] = value
    return said


def _emergency(draft: Draft) -> Document:
    if not (draft.emergency_phone or draft.emergency_hours or draft.emergency_promise):
        return {}
    return {"emergency": _said(draft, documents.Emergency, "emergency_")}


def _engagement(model: EngagementModel) -> Document:
    return {
        **_said(model, documents.EngagementModel),
        **_groups(model),
        "carries": _keys(model.carries),
        "cadence": [],
        **_rows(model, OF_ENGAGEMENTS),
        "prerequisites": [
            {
                **_said(prerequisite, documents.Prerequisite),
                "question": prerequisite.question.key,
                "met": _keys(prerequisite.met),
                **_if_any("unknown", _keys(prerequisite.unknown)),
            }
            for prerequisite in model.prerequisite_set.all()
        ],
    }


def _groups(model: EngagementModel) -> Document:
    """What a row has as columns and a document as tables inside of an engagement model."""
    groups = {}
    for name, prefix in GROUPS.items():
        columns = [f.name for f in EngagementModel._meta.fields if f.name.startswith(prefix)]
        said = {column.removeprefix(prefix): getattr(model, column) for column in columns}
        groups[name] = {key: value for key, value in said.items() if value not in ("", None, [])}
    groups["service_level"] |= _rows(model, OF_SERVICE_LEVELS)
    return {name: said for name, said in groups.items() if said}


def _rows(owner: models.Model, kinds: dict[str, Kind]) -> Document:
    """The plain rows that hang on something, under the names that a document has for them."""
    return {
        name: rows
        for name, (_table, kind) in kinds.items()
        if (rows := [_said(row, kind) for row in getattr(owner, name).all()])
    }


def _question(question: Question) -> Document:
    return {
        **_said(question, documents.Question),
        "section": question.section.key,
        **_if_any("options", [_said(o, documents.Option) for o in question.option_set.all()]),
        **_when("ask_when", question),
        **_if_any("engagements", _keys(question.engagements)),
    }


def _signal(signal: Signal) -> Document:
    return {
        **_said(signal, documents.Signal),
        "when": [_condition(condition) for condition in signal.conditions.all()],
        **_if_any(
            "demands",
            [
                {**_said(demand, documents.Demand), "need": demand.need.key}
                for demand in signal.demands.all()
            ],
        ),
        **_if_any("rules_out", _keys(signal.rules_out)),
    }


def _service_path(path: ServicePath) -> Document:
    return {
        **_said(path, documents.ServicePath),
        "engagement": path.engagement.key,
        "when": _condition(path),
    }


def _for_some(part: Faq | Checklist | Chapter, kind: type[BaseModel]) -> Document:
    return {**_said(part, kind), **_if_any("engagements", _keys(part.engagements))}


def _checklist(checklist: Checklist) -> Document:
    groups = [_said(group, offers.ChecklistGroup) for group in checklist.groups.all()]
    return {**_for_some(checklist, offers.Checklist), "groups": groups}


def _chapter(chapter: Chapter) -> Document:
    facts = [{"label": fact.label, "question": fact.question.key} for fact in chapter.facts.all()]
    return {
        **_for_some(chapter, offers.Chapter),
        **_if_any("facts", facts),
        **_if_any("issues", [_said(issue, offers.KnownIssue) for issue in chapter.issues.all()]),
    }


def _acknowledgements(draft: Draft) -> list[Document]:
    """In the order of claims, and then of what they are about."""
    claims = list(documents.Claim)
    rows = sorted(
        draft.acknowledgements.all(), key=lambda row: (claims.index(row.claim), row.place)
    )
    return [
        {
            "claim": row.claim,
            **({"about": row.about} if row.about else {}),
            "why": row.why,
        }
        for row in rows
    ]


def _when(name: str, row: Section | Question) -> Document:
    return _if_any(name, [_condition(condition) for condition in row.conditions.all()])


def _condition(row: Any) -> Document:
    return {"question": row.question.key, "any_of": _keys(row.any_of)}


def _if_any(name: str, items: list[Any]) -> Document:
    return {name: items} if items else {}


def _keys(rows: Any) -> list[str]:
    """The keys of what is referred to; each table has the order of the playbook."""
    return [row.key for row in rows.all()]


# ---- Write --------------------------------------------------------------------------------


@transaction.atomic
def write_draft(
    playbook: documents.Playbook,
    *,
    version: PlaybookVersion | None = None,
    by: AbstractBaseUser | None = None,
) -> Draft:
    """Make the draft of a playbook, or set the one that is there, to this playbook.

    Rows with the same key stay the same rows. `version` is the one it is set to, if any.
    """
    row, _created = Playbook.objects.get_or_create(
        key=playbook.key, defaults={"title": playbook.title}
    )
    Playbook.objects.select_for_update().get(pk=row.pk)  # one writer at a time
    draft = Draft.objects.select_for_update().filter(playbook=row).first()
    before = document_of(draft) if draft else {}
    places = {name: _places(before, name) for name in KINDS}
    draft = _write_header(draft or Draft(playbook=row), playbook)
    Parts(draft, playbook, by).write()
    after = to_document(playbook)
    draft.entry = draft.engagementmodel_set.get(key=playbook.entry)
    draft.based_on, draft.edited_by, draft.edited_at = version, by, timezone.now()
    if before and _header(before) != _header(after):
        draft.revision += 1
    draft.save()
    for name, (model, _several) in KINDS.items():
        told = _places(after, name)
        changed = [key for key in places[name].keys() & told if places[name][key] != told[key]]
        model.objects.filter(draft=draft, key__in=changed).update(
            revision=F("revision") + 1, edited_by=by, edited_at=timezone.now()
        )
    return draft


def acknowledge(
    draft: Draft,
    acknowledgements: Iterable[documents.Acknowledgement],
    by: AbstractBaseUser | None = None,
) -> None:
    """Set the acknowledgements of a draft that somebody has locked; rows of the same stay."""
    rows = draft.acknowledgements.select_related(*REFERENCES.values(), "option__question")
    there = {(row.claim, row.about): row for row in rows}
    changed = False
    for said in acknowledgements:
        row = there.pop((said.claim, said.about), None)
        if row is None:
            row = Acknowledgement(draft=draft, claim=said.claim, **_referred(draft, said))
        if row.why != said.why:
            row.why, changed = said.why, True
            row.save()
    if there:
        rows.filter(pk__in=[row.pk for row in there.values()]).delete()
    if changed or there:
        Draft.objects.filter(pk=draft.pk).update(
            revision=F("revision") + 1, edited_by=by, edited_at=timezone.now()
        )


def _referred(draft: Draft, said: documents.Acknowledgement) -> dict[str, models.Model]:
    """The row that an acknowledgement is about, under the name of its column."""
    if not said.about:
        return {}
    name, (key, _dot, option) = ABOUT[said.claim], said.about.partition(".")
    row = KINDS[name][0].objects.get(draft=draft, key=key)
    return {REFERENCES[name]: row.option_set.get(key=option) if option else row}


def _places(document: Document, name: str) -> dict[str, tuple[int, Document]]:
    """The parts of one kind by key, with where they stand."""
    return {part["key"]: (at, part) for at, part in enumerate(document.get(name, ()))}


def _header(document: Document) -> Document:
    return {name: value for name, value in document.items() if name not in KINDS}


def _write_header(draft: Draft, playbook: documents.Playbook) -> Draft:
    columns = {
        **columns_of(Draft, playbook),
        **columns_of(Draft, playbook.firm, "firm_"),
        **columns_of(Draft, playbook.emergency or _no_emergency(), "emergency_"),
    }
    for name, value in columns.items():
        setattr(draft, name, value)
    draft.save()
    return draft


def _no_emergency() -> documents.Emergency:
    return documents.Emergency.model_construct(phone="", hours="", promise="", have_ready=())
