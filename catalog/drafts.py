"""Between the rows of a draft and the playbook that they are: read, judge, write."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from pydantic import BaseModel

from advisor import playbook as documents
from advisor.checking import Problem
from advisor.loading import PlaybookError, from_document, to_document
from catalog.models import (
    Draft,
    EngagementModel,
    Playbook,
    PlaybookVersion,
    Question,
    Section,
    ServicePath,
    Signal,
)
from catalog.rows import KINDS, Parts, columns_of, shared_names

Document = dict[str, Any]

# ---- Read ---------------------------------------------------------------------------------


def problems_of(draft: Draft) -> list[Problem]:
    """Return everything that keeps a draft from being published; nothing when it is sound."""
    try:
        playbook_of(draft)
    except PlaybookError as error:
        return error.problems
    return []


def playbook_of(draft: Draft) -> documents.Playbook:
    """Return the playbook that a draft is; raise PlaybookError with every problem of it."""
    return from_document(document_of(draft), f"The draft of {draft}")


def document_of(draft: Draft) -> Document:
    """Return the document of a draft, sound or not, as `to_document` would write it."""
    return {
        "key": draft.playbook.key,
        **_said(draft, documents.Playbook),
        **({"entry": draft.entry.key} if draft.entry else {}),
        "firm": _said(draft, documents.Firm, "firm_"),
        **_emergency(draft),
        "needs": [_said(need, documents.Need) for need in draft.need_set.all()],
        "engagements": [_engagement(model) for model in _engagements_of(draft)],
        "sections": [
            {**_said(section, documents.Section), **_when("ask_when", section)}
            for section in _with_conditions(draft.section_set)
        ],
        "questions": [_question(question) for question in _questions_of(draft)],
        "signals": [_signal(signal) for signal in _signals_of(draft)],
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
                for guide in draft.guide_set.prefetch_related("rows__start_with")
            ],
        ),
        **_if_any("service_paths", [_service_path(path) for path in _service_paths_of(draft)]),
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


def _engagements_of(draft: Draft) -> models.QuerySet[EngagementModel]:
    read = ("question", "met", "unknown")
    return draft.engagementmodel_set.prefetch_related(
        "carries", "cadence_set", *(f"prerequisite_set__{name}" for name in read)
    )


def _engagement(model: EngagementModel) -> Document:
    return {
        **_said(model, documents.EngagementModel),
        **_price(model),
        "carries": _keys(model.carries),
        "cadence": [_said(cadence, documents.Cadence) for cadence in model.cadence_set.all()],
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


def _price(model: EngagementModel) -> Document:
    columns = {name: getattr(model, f"price_{name}") for name in documents.Price.model_fields}
    price = {name: value for name, value in columns.items() if value not in ("", None)}
    return {"price": price} if price else {}


def _questions_of(draft: Draft) -> models.QuerySet[Question]:
    questions = draft.question_set.select_related("section")
    return _with_conditions(questions).prefetch_related("option_set", "engagements")


def _question(question: Question) -> Document:
    return {
        **_said(question, documents.Question),
        "section": question.section.key,
        **_if_any("options", [_said(o, documents.Option) for o in question.option_set.all()]),
        **_when("ask_when", question),
        **_if_any("engagements", _keys(question.engagements)),
    }


def _signals_of(draft: Draft) -> models.QuerySet[Signal]:
    return _with_conditions(draft.signal_set).prefetch_related("demands__need", "rules_out")


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


def _service_paths_of(draft: Draft) -> models.QuerySet[ServicePath]:
    paths = draft.servicepath_set.select_related("engagement", "question")
    return paths.prefetch_related("any_of")


def _service_path(path: ServicePath) -> Document:
    return {
        **_said(path, documents.ServicePath),
        "engagement": path.engagement.key,
        "when": _condition(path),
    }


def _with_conditions(rows: Any) -> Any:
    return rows.prefetch_related("conditions__question", "conditions__any_of")


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
    row, _ = Playbook.objects.get_or_create(key=playbook.key, defaults={"title": playbook.title})
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
    for name, (model, _) in KINDS.items():
        told = _places(after, name)
        changed = [key for key in places[name].keys() & told if places[name][key] != told[key]]
        model.objects.filter(draft=draft, key__in=changed).update(
            revision=F("revision") + 1, edited_by=by, edited_at=timezone.now()
        )
    return draft


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
