"""Parts of a draft are added, moved, renamed and deleted, unless something still names them."""

import pytest
from django.db import models
from django.test import Client

from catalog.drafts import document_of, playbook_of, problems_of, write_draft
from catalog.models import (
    Chapter,
    Checklist,
    Draft,
    EngagementModel,
    Faq,
    Guide,
    Need,
    Option,
    Question,
    Section,
    ServicePath,
    Signal,
)
from tests.editors import (
    PARTS,
    editor,
    errors_of,
    filled_in,
    full_draft,
    list_of,
    page_of,
    save,
    small_draft,
    told,
)
from tests.factories import engagement, guide, question, section, small_document, small_playbook
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


def new_need(**more: str) -> dict[str, str]:
    return {
        "key": "speed",
        "title": "speed",
        "phase": "run",
        "explanation": "Why.",
        "starts_when": "Now",
        "position": "0",
        "initial-position": "0",
        **more,
    }


def test_it_works(desk: Client, draft: Draft) -> None:
    assert desk.get(list_of(Need, "add")).context["draft"] == draft
    added = desk.post(list_of(Need, "add"), new_need())
    assert added.status_code == 302
    need = Need.objects.get(key="speed")
    assert (need.draft, need.edited_by.username, need.revision) == (draft, "ada", 0)
    assert "Added." in told(desk.get(page_of(need, "history")))


@pytest.mark.parametrize(
    ("position", "order"),
    [
        ("0", "evidence outcome speed"),
        ("", "evidence outcome speed"),
        ("1", "speed evidence outcome"),
        ("2", "evidence speed outcome"),
        ("9", "evidence outcome speed"),
    ],
    ids=["last", "nowhere", "first", "between", "beyond"],
)
def test_a_part_is_added_in_its_place(
    desk: Client, draft: Draft, position: str, order: str
) -> None:
    added = desk.post(list_of(Need, "add"), new_need(position=position))

    assert added.status_code == 302
    needs = list(Need.objects.filter(draft=draft))
    assert [need.key for need in needs] == order.split()
    assert [need.position for need in needs] == [1, 2, 3]


@pytest.mark.parametrize(
    ("key", "to", "order"),
    [
        ("work", "1", "work cause money"),
        ("cause", "3", "work money cause"),
        ("cause", "0", "work money cause"),
        ("money", "2", "cause money work"),
    ],
)
def test_a_part_is_moved(desk: Client, key: str, to: str, order: str) -> None:
    page = page_of(Question.objects.get(key=key))
    assert save(desk, page, position=to).status_code == 302
    assert [question.key for question in Question.objects.all()] == order.split()


@pytest.mark.parametrize(
    ("moves", "order"),
    [
        ({2: "1"}, "not-sure known unknown"),
        ({0: "3"}, "unknown not-sure known"),
        ({0: "2", 1: "1"}, "unknown known not-sure"),
        ({0: "0"}, "unknown not-sure known"),
    ],
)
def test_options_are_moved(desk: Client, moves: dict[int, str], order: str) -> None:
    question = Question.objects.get(key="cause")
    data = filled_in(desk, page_of(question))
    data |= {f"option_set-{at}-position": to for at, to in moves.items()}

    assert desk.post(page_of(question), data).status_code == 302
    assert [option.key for option in question.option_set.all()] == order.split()


def test_adding_asks_for_the_draft_where_there_are_several(desk: Client, draft: Draft) -> None:
    other = small_draft(key="other", title="Other playbook")
    page = list_of(Need, "add")

    for named in ("", "?draft=nobody", f"?draft={'9' * 5000}"):
        asked = desk.get(page + named)
        assert "Which playbook is it for?" in told(asked)
    assert f'href="?draft={other.pk}"' in told(asked)
    assert desk.post(page, new_need()).status_code == 200
    assert not Need.objects.filter(key="speed").exists()

    added = desk.post(f"{page}?draft={other.pk}", {**new_need(), "_addanother": "1"})
    assert added["Location"] == f"{page}?draft={other.pk}"
    assert Need.objects.get(key="speed").draft == other


def test_a_list_of_one_playbook_adds_to_it(desk: Client, draft: Draft) -> None:
    other = small_draft(key="other")
    filters = f"_changelist_filters=draft__id__exact%3D{other.pk}"
    assert desk.get(f"{list_of(Need, 'add')}?{filters}").context["draft"] == other


def test_a_page_full_of_ticked_boxes_is_saved(desk: Client) -> None:
    models = [f"m{at}" for at in range(30)]
    row, *_ = guide("table", models)["rows"]
    rows = [{**row, "key": f"row-{at}"} for at in range(36)]
    sold = [engagement(key, 9, "run", ["evidence"]) for key in models]
    draft = small_draft(
        engagements=[*small_document()["engagements"], *sold],
        guides=[{**guide("table", models), "rows": rows}],
    )
    page = page_of(Guide.objects.get(draft=draft))
    data = {**filled_in(desk, page), "title": "Another title"}

    assert desk.post(page, data).status_code == 302
    assert Guide.objects.get(draft=draft).title == "Another title"


@pytest.mark.parametrize("model", PARTS)
def test_a_list_of_no_draft_is_empty(desk: Client, draft: Draft, model: type[models.Model]) -> None:
    small_draft(key="other")
    page = desk.get(f"{list_of(model)}?draft__id__exact=999999999999999999999")
    assert page.status_code == 200
    assert not page.context["cl"].result_list


@pytest.mark.parametrize("asked", ["0", "x", "999999999999999999999", "-1"])
def test_adding_to_no_draft_asks_which(desk: Client, draft: Draft, asked: str) -> None:
    small_draft(key="other")
    page = desk.get(f"{list_of(Need, 'add')}?draft={asked}")
    assert "Which playbook is it for?" in told(page)


@pytest.mark.parametrize(
    ("model", "key", "because"),
    [
        (
            Need,
            "outcome",
            (
                "The need “Need outcome” cannot be deleted: the engagement model "
                "“Engagement project”, the engagement model “Engagement retainer” and the buying "
                "signal “Signal work-to-do” use it. Change them first."
            ),
        ),
        (
            Section,
            "situation",
            (
                "The section “Section situation” cannot be deleted: the question “Question "
                "cause?”, the question “Question work?” and the question “Question money?” use it. "
                "Change them first."
            ),
        ),
        (
            Question,
            "money",
            (
                "The question “Question money?” cannot be deleted: the engagement model "
                "“Engagement retainer”, the buying signal “Signal no-monthly-money” and the "
                "chapter of the manual “Chapter contacts” use it. Change them first."
            ),
        ),
        (
            EngagementModel,
            "audit",
            (
                "The engagement model “Engagement audit” cannot be deleted: the draft “Small "
                "playbook”, the guide “Guide table” and the service path “Path first” use it. "
                "Change them first."
            ),
        ),
        (
            EngagementModel,
            "retainer",
            (
                "The engagement model “Engagement retainer” cannot be deleted: the buying signal "
                "“Signal no-monthly-money”, the frequent question “Does price matter?”, the "
                "checklist “Checklist setup” and the chapter of the manual “Chapter contacts” use "
                "it. Change them first."
            ),
        ),
    ],
    ids=["need", "section", "question", "engagement model", "engagement model of what is kept"],
)
def test_what_is_used_cannot_be_deleted(
    desk: Client, model: type[models.Model], key: str, because: str
) -> None:
    row = model.objects.get(key=key)
    for response in (
        desk.get(page_of(row, "delete")),
        desk.post(page_of(row, "delete"), {"post": "yes"}),
    ):
        assert response.status_code == 200
        assert because in told(response)
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", [Signal, Guide, ServicePath, Faq, Checklist, Chapter])
def test_what_is_not_used_can_be_deleted(
    desk: Client, draft: Draft, model: type[models.Model]
) -> None:
    row = model.objects.first()
    assert "Published versions stay as they are." in told(desk.get(page_of(row, "delete")))
    assert desk.post(page_of(row, "delete"), {"post": "yes"}).status_code == 302
    assert not model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("question", "at", "used"),
    [
        (
            "work",
            0,
            "the question “Question money?” and the buying signal “Signal work-to-do” use it",
        ),
        ("money", 0, "the engagement model “Engagement retainer” uses it"),
        (
            "cause",
            1,
            "the buying signal “Signal cause-unknown” and the service path “Path first” use it",
        ),
    ],
    ids=["conditions", "prerequisite", "service path"],
)
def test_an_option_that_is_used_cannot_be_deleted(
    desk: Client, draft: Draft, question: str, at: int, used: str
) -> None:
    before = document_of(draft)
    page = page_of(Question.objects.get(key=question))
    refused = save(desk, page, **{f"option_set-{at}-DELETE": "on"})
    assert refused.status_code == 422
    assert used in told(refused)
    assert document_of(Draft.objects.get()) == before


def test_an_option_that_is_not_used_can_be_deleted(desk: Client) -> None:
    page = page_of(Question.objects.get(key="work"))
    assert save(desk, page, **{"option_set-2-DELETE": "on"}).status_code == 302
    assert not Option.objects.filter(key="nothing").exists()


def test_references_follow_a_key(desk: Client) -> None:
    page = page_of(Need.objects.get(key="outcome"))
    assert save(desk, page, key="result").status_code == 302
    playbook = playbook_of(Draft.objects.get())
    assert playbook.signal("work-to-do").demands[0].need == "result"
    assert playbook.engagement("project").carries == ("result",)


def test_keys_of_options_cannot_be_the_same(desk: Client) -> None:
    page = page_of(Question.objects.get(key="cause"))
    refused = save(desk, page, **{"option_set-0-key": "unknown"})
    assert refused.status_code == 422
    assert "Another option of this question has this key." in told(refused)


def test_a_new_question_comes_before_those_of_a_later_stage(desk: Client, draft: Draft) -> None:
    later = [section("situation"), section("details", "scope")]
    asked = [*small_document()["questions"], question("goal", kind="text", section="details")]
    draft = write_draft(small_playbook(sections=later, questions=asked))
    page = list_of(Question, "add")
    data = filled_in(desk, page) | {
        "title": "How soon?",
        "key": "soon",
        "section": Section.objects.get(key="situation").pk,
        "answer_noun": "how soon",
        "why": "It decides.",
        "kind": "one",
        "option_set-TOTAL_FORMS": "2",
        **{f"option_set-{at}-{name}": f"{name}-{at}" for at in (0, 1) for name in ("key", "label")},
    }
    added = desk.post(page, data)
    assert added.status_code == 302, errors_of(added)
    keys = Question.objects.filter(draft=draft).values_list("key", flat=True)
    assert list(keys) == ["cause", "work", "money", "soon", "goal"]
    assert problems_of(draft) == []
