"""The catalog in the admin: found, read as sentences, and open to those who may."""

import pytest
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pydantic import BaseModel

from advisor.ordering import in_order
from advisor.playbook import Playbook
from catalog.drafts import document_of, playbook_of, problems_of, write_draft
from catalog.models import (
    Chapter,
    Checklist,
    Draft,
    EngagementModel,
    Faq,
    Need,
    Question,
    Section,
    Signal,
)
from tests.buyers import PLAYBOOK
from tests.editors import (
    PARTS,
    editor,
    filled,
    full_draft,
    list_of,
    page_of,
    save,
    small_draft,
    told,
)
from tests.factories import saying_everything
from tests.scenarios import rulebook_of
from tests.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Draft:
    """The draft of a small playbook with every kind of part."""
    return full_draft()


@pytest.fixture
def desk(draft: Draft) -> Client:
    """The browser of an editor."""
    return signed_in(editor())


def test_it_works(desk: Client, draft: Draft) -> None:
    audit = page_of(EngagementModel.objects.get(key="audit"))
    data = filled(desk.get(audit))

    saved = desk.post(
        audit, {**data, "summary": "A short look.", "deliverables": "A\r\n\r\n B \r\n"}
    )

    assert saved.status_code == 302
    model = playbook_of(Draft.objects.get()).engagement("audit")
    assert (model.summary, model.deliverables) == ("A short look.", ("A", "B"))
    row = EngagementModel.objects.get(key="audit")
    assert (row.revision, row.edited_by.username) == (1, "ada")
    assert "Changed Summary and Deliverables" in told(desk.get(page_of(row, "history")))


@pytest.mark.parametrize("model", [Draft, *PARTS])
def test_saving_a_page_as_it_is_changes_nothing(
    desk: Client, draft: Draft, model: type[models.Model]
) -> None:
    before = document_of(draft)
    for row in model.objects.all():
        saved = desk.post(page_of(row), filled(desk.get(page_of(row))))
        assert saved.status_code == 302, told(saved)
    assert document_of(Draft.objects.get()) == before
    assert set(model.objects.values_list("revision", flat=True)) == {0}


def test_saving_the_pages_of_a_large_playbook_changes_nothing() -> None:
    playbook = saying_everything(rulebook_of(PLAYBOOK).playbook)
    draft = write_draft(playbook)
    desk = signed_in(editor())
    for model in PARTS:
        rows = model.objects.all()[:6]
        assert desk.get(page_of(rows[0])).status_code == 200
        for row in rows:
            assert save(desk, row).status_code == 302
        assert not model.objects.exclude(revision=0).exists(), model
    assert playbook_of(Draft.objects.get(pk=draft.pk)) == playbook


# ---- Found ----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [Draft, *PARTS])
def test_lists_are_in_the_order_of_the_playbook(
    desk: Client, draft: Draft, model: type[models.Model]
) -> None:
    page = desk.get(list_of(model))
    assert page.status_code == 200
    rows = model.objects.all()
    assert [row.pk for row in page.context["cl"].result_list] == [row.pk for row in rows]
    assert [row.pk for row in rows] == sorted(row.pk for row in rows)


def doubled(playbook: Playbook) -> Playbook:
    """A playbook with each of its parts twice, the second with another key."""

    def twice[Part: BaseModel](parts: tuple[Part, ...], **changes: object) -> tuple[Part, ...]:
        return tuple(
            one
            for part in parts
            for one in (part, part.model_copy(update={"key": f"{part.key}-2", **changes}))
        )

    carrying = tuple(
        model.model_copy(update={"carries": (*model.carries, *(f"{n}-2" for n in model.carries))})
        for model in playbook.engagements
    )
    return in_order(
        playbook.model_copy(
            update={
                "needs": twice(playbook.needs),
                "engagements": twice(carrying, prerequisites=()),
                "sections": twice(playbook.sections),
                "questions": twice(playbook.questions),
                "signals": twice(playbook.signals),
                "guides": twice(playbook.guides),
                "service_paths": twice(playbook.service_paths),
                "faqs": twice(playbook.faqs),
                "checklists": twice(playbook.checklists),
                "chapters": twice(playbook.chapters),
            }
        )
    )


def test_lists_ask_the_database_as_often_for_few_and_many_rows() -> None:
    desk = signed_in(editor())
    playbook = saying_everything(rulebook_of(PLAYBOOK).playbook)
    draft = write_draft(playbook)

    def asked() -> dict[str, int]:
        return {model.__name__: asked_for(model) for model in PARTS}

    def asked_for(model: type[models.Model]) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(list_of(model)).status_code == 200
        return len(queries)

    asked()  # what Django keeps for the process
    few, rows = asked(), {model: model.objects.count() for model in PARTS}
    write_draft(doubled(playbook))
    assert problems_of(Draft.objects.get(pk=draft.pk)) == []
    assert {model: model.objects.count() for model in PARTS} == {m: 2 * n for m, n in rows.items()}
    assert asked() == few
    assert max(few.values()) <= 70


def test_the_list_of_drafts_asks_as_often_for_one_and_for_many() -> None:
    desk = signed_in(editor())

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(list_of(Draft)).status_code == 200
        return len(queries)

    small_draft()
    asked()  # what Django keeps for the process
    one = asked()
    for key in ("second", "third", "fourth"):
        small_draft(key=key)
    assert asked() == one


@pytest.mark.parametrize(
    ("model", "query", "found"),
    [
        (Signal, "q=work-to-do", ["work-to-do"]),
        (Signal, "rules_out__key=retainer", ["no-monthly-money"]),
        (Question, "q=build", ["work"]),
        (Question, "kind__exact=many", ["work"]),
        (EngagementModel, "phase__exact=run", ["retainer"]),
        (Need, "q=evidence", ["evidence"]),
        (Need, "offered__exact=0", []),
        (Section, "stage__exact=decide", ["situation"]),
        (Faq, "q=matter", ["price", "time"]),
        (Checklist, "q=before", ["setup"]),
        (Chapter, "q=slow", ["contacts"]),
    ],
)
def test_parts_are_found(
    desk: Client, model: type[models.Model], query: str, found: list[str]
) -> None:
    if query.startswith("rules_out__key"):
        query = f"rules_out__id__exact={EngagementModel.objects.get(key='retainer').pk}"
    page = desk.get(f"{list_of(model)}?{query}")
    assert [row.key for row in page.context["cl"].result_list] == found


def test_the_page_of_a_draft_leads_to_its_parts(desk: Client, draft: Draft) -> None:
    other = small_draft(key="other")
    page = desk.get(page_of(draft))

    counts = {part["name"]: part["count"] for part in page.context["parts"]}
    assert counts == {
        "needs": 2,
        "engagement models": 3,
        "section": 1,
        "questions": 3,
        "buying signals": 3,
        "guide": 1,
        "service path": 1,
        "frequent questions": 2,
        "checklist": 1,
        "chapter of the manual": 1,
    }
    for part in page.context["parts"]:
        rows = desk.get(part["url"]).context["cl"].result_list
        assert len(rows) == part["count"]
        assert all(row.draft != other for row in rows)


# ---- Read as a sentence ---------------------------------------------------------------------


def test_a_signal_reads_as_a_sentence(desk: Client) -> None:
    signal = Signal.objects.get(key="work-to-do")
    signal.rules_out.add(EngagementModel.objects.get(key="audit"))
    sentence = (
        "When “Question work?” is answered “Option build” or “Option move”, the engagement must "
        "carry Need outcome and cannot be “Engagement audit”."
    )

    assert sentence in told(desk.get(list_of(Signal)))
    assert f"{sentence[:-1]}, because: The reason." in told(desk.get(page_of(signal)))


def test_a_list_tells_what_uses_a_part_and_what_is_wrong_with_it(desk: Client) -> None:
    Signal.objects.get(key="work-to-do").conditions.all().delete()

    needs = {row.key: row for row in desk.get(list_of(Need)).context["cl"].result_list}
    signals = {row.key: row for row in desk.get(list_of(Signal)).context["cl"].result_list}

    assert needs["evidence"].users == "2 engagement models, 1 buying signal"
    assert [located.sentence for located in signals["work-to-do"].problems] == [
        "when: is an empty list; name at least one."
    ]
    assert signals["cause-unknown"].problems == []


# ---- Who may --------------------------------------------------------------------------------


def test_whoever_may_only_look_changes_nothing(draft: Draft) -> None:
    looker = signed_in(
        editor(
            "eve",
            without=["change_signal", "add_signal", "delete_signal", "change_draft", "add_draft"],
        )
    )
    page = page_of(Signal.objects.get(key="work-to-do"))
    assert "When “Question work?”" in told(looker.get(page))
    assert looker.post(page, {"title": "Mine"}).status_code == 403
    assert looker.get(list_of(Signal, "add")).status_code == 403
    assert (
        looker.post(page_of(Signal.objects.first(), "delete"), {"post": "yes"}).status_code == 403
    )


@pytest.mark.parametrize("what", ["add", "delete"])
def test_a_draft_is_neither_added_nor_deleted(desk: Client, draft: Draft, what: str) -> None:
    page = list_of(Draft, "add") if what == "add" else page_of(draft, "delete")
    assert desk.get(page).status_code == 403
    assert desk.post(page, {"post": "yes"}).status_code == 403
    assert Draft.objects.count() == 1


def test_a_stranger_sees_nothing(draft: Draft) -> None:
    for page in (
        list_of(Signal),
        page_of(draft),
        page_of(Question.objects.first()).replace("change", "options"),
    ):
        assert Client().get(page).status_code == 302
