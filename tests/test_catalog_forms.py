"""The forms of the catalog: what they offer, and what they say where something is wrong."""

import pytest
from django.db import models
from django.test import Client

from advisor.loading import from_document
from catalog.drafts import document_of, playbook_of, problems_of, write_draft
from catalog.models import (
    Draft,
    EngagementModel,
    Need,
    Option,
    Question,
    ServicePath,
    Signal,
)
from tests.editors import (
    PARTS,
    editor,
    errors_of,
    filled,
    filled_in,
    full_draft,
    list_of,
    page_of,
    save,
    small_draft,
    told,
)
from tests.factories import small_document
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


def test_it_works(desk: Client) -> None:
    page = page_of(EngagementModel.objects.get(key="audit"))
    typed = {"price_currency": "EUR", "price_least": "900", "price_unit": "per day"}
    typed |= {"boundaries": "Not this\r\n\r\n  Nor that "}

    assert save(desk, page, **typed).status_code == 302

    audit = playbook_of(Draft.objects.get()).engagement("audit")
    assert str(audit.price) == "from EUR 900 per day"
    assert audit.boundaries == ("Not this", "Nor that")


LONG = "x" * 301


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        (
            {"deliverables": f"One\n\n{LONG}"},
            {"deliverables": ["Line 3 has 301 characters; 300 fit. Shorten it."]},
        ),
        (
            {"boundaries": "\n".join("x" * 41)},
            {"boundaries": ["There are 41 lines; 40 fit. Join or leave out some."]},
        ),
        (
            {"good_fit": "One\nT\x00o"},
            {"good_fit": ["Line 2 holds the character U+0000, which cannot be kept. Remove it."]},
        ),
        (
            {"price_least": "900", "price_unit": "a day"},
            {"price_currency": ["A price needs this too; leave all of it blank for none."]},
        ),
        (
            {
                "price_currency": "EUR",
                "price_least": "900",
                "price_most": "800",
                "price_unit": "a day",
            },
            {"price_most": ["The price ends below where it begins."]},
        ),
        ({"price_currency": "euro"}, None),
        (
            {"key": "project"},
            {
                "key": [
                    "The engagement model “Engagement project” has this key; give this one its own."
                ]
            },
        ),
        (
            {"key": "Known Target"},
            {"key": ["Write lower-case words joined by hyphens, such as known-target."]},
        ),
        ({"handoff": ""}, {"handoff": ["This field is required."]}),
    ],
    ids=[
        "a line too long",
        "too many lines",
        "an unstorable line",
        "half a price",
        "a price that ends below its beginning",
        "no currency",
        "a key of another",
        "no key",
        "nothing",
    ],
)
def test_a_field_says_what_is_wrong(
    desk: Client, draft: Draft, changes: dict[str, str], errors: dict[str, list[str]] | None
) -> None:
    before = document_of(draft)
    audit = page_of(EngagementModel.objects.get(key="audit"))

    refused = save(desk, audit, **changes)

    assert refused.status_code == 422
    assert errors_of(refused) == errors if errors else "price_currency" in errors_of(refused)
    for name, typed in changes.items():
        assert refused.context["adminform"].form[name].value() == typed
    assert document_of(Draft.objects.get()) == before


def test_an_emergency_is_whole_or_not_there(desk: Client, draft: Draft) -> None:
    page = page_of(draft)
    typed = {**filled_in(desk, page), "emergency_have_ready": "A contact"}

    refused = desk.post(page, typed)

    assert set(errors_of(refused)) == {
        "emergency_phone",
        "emergency_hours",
        "emergency_promise",
    }
    assert errors_of(refused)["emergency_phone"] == [
        "Fill in “Emergency phone” too, or leave everything on emergencies blank."
    ]


def test_the_entry_cannot_be_left_open(desk: Client, draft: Draft) -> None:
    refused = save(desk, draft, entry="")
    assert errors_of(refused) == {"entry": ["This field is required."]}


def test_more_rows_than_fit_are_refused(desk: Client) -> None:
    page = page_of(Question.objects.get(key="cause"))
    typed = {**filled_in(desk, page), "option_set-TOTAL_FORMS": "31"}
    for at in range(3, 31):
        typed |= {f"option_set-{at}-label": f"Option {at}", f"option_set-{at}-key": f"o{at}"}

    refused = desk.post(page, typed)

    assert refused.status_code == 422
    assert "There are 31 options; 30 fit. Leave some out." in told(refused)
    assert desk.post(page, {**typed, "option_set-TOTAL_FORMS": "30"}).status_code == 302
    assert Question.objects.get(key="cause").option_set.count() == 30


def test_problems_of_the_draft_are_told_on_the_page_where_they_are_mended(
    desk: Client, draft: Draft
) -> None:
    signal = Signal.objects.get(key="work-to-do")
    signal.conditions.all().delete()
    EngagementModel.objects.get(key="audit").prerequisite_set.all().delete()
    draft.entry = None
    draft.save()
    told_of_draft = [str(problem) for problem in problems_of(draft)]

    page = desk.get(page_of(draft))
    assert [str(located.problem) for located in page.context["problems"]] == told_of_draft
    draft.entry = EngagementModel.objects.get(key="audit")
    draft.save()
    page = desk.get(page_of(draft))
    [located] = page.context["problems"]
    assert located.url == page_of(signal)
    assert "Buying signal “Signal work-to-do”" in told(page)
    assert "when: is an empty list; name at least one." in told(desk.get(located.url))
    assert "keeps the draft" not in told(desk.get(page_of(Need.objects.first())))


# ---- Conditions -----------------------------------------------------------------------------


def option(question: str, key: str) -> str:
    return str(Option.objects.get(question__key=question, key=key).pk)


def key_of(question: str) -> str:
    return str(Question.objects.get(key=question).pk)


def conditions(signal: str) -> list[dict[str, object]]:
    document = document_of(Draft.objects.get())
    return next(s for s in document["signals"] if s["key"] == signal)["when"]


def offered(response: object, at: int, name: str = "any_of", inline: int = 0) -> list[str]:
    """The labels to tick in one row of an inline."""
    form = response.context["inline_admin_formsets"][inline].formset.forms[at]
    return [label for _, label in form[name].field.choices]


def test_a_condition_is_picked_in_two_steps_without_javascript(desk: Client) -> None:
    page = page_of(Signal.objects.get(key="work-to-do"))
    shown = desk.get(page)
    assert offered(shown, 0) == ["Option build", "Option move", "Option nothing"]
    assert offered(shown, 1) == []

    data = {**filled(shown), "conditions-1-question": key_of("cause")}
    first = desk.post(page, data)
    assert "Tick at least one option; those of this question are shown now." in told(first)
    assert offered(first, 1) == ["Option known", "Option unknown", "Option not-sure"]

    data = {**filled(first), "conditions-1-any_of": [option("cause", "known")]}
    assert desk.post(page, data).status_code == 302
    assert conditions("work-to-do") == [
        {"question": "work", "any_of": ["build", "move"]},
        {"question": "cause", "any_of": ["known"]},
    ]


def test_an_option_of_another_question_is_refused(desk: Client) -> None:
    page = page_of(Signal.objects.get(key="work-to-do"))

    refused = save(desk, page, **{"conditions-0-question": key_of("cause")})

    assert refused.status_code == 422
    assert (
        "“Option build” and “Option move” are no options of “Question cause?”. Tick options of "
        "this question, which are shown now, and save again." in told(refused)
    )
    assert offered(refused, 0) == ["Option known", "Option unknown", "Option not-sure"]
    assert conditions("work-to-do") == [{"question": "work", "any_of": ["build", "move"]}]


def test_a_condition_without_a_question_is_refused(desk: Client) -> None:
    page = page_of(Signal.objects.get(key="work-to-do"))
    refused = save(desk, page, **{"conditions-0-question": ""})
    assert refused.status_code == 422
    assert "This field is required." in told(refused)


def test_options_of_a_question_are_given_to_the_page(desk: Client) -> None:
    url = page_of(Question.objects.get(key="work")).replace("change", "options")
    answer = desk.get(url, {"name": "conditions-3-any_of"})
    assert "Option build" in told(answer)
    assert 'name="conditions-3-any_of"' in told(answer)
    assert "Option known" not in told(answer)
    assert "<script>" not in answer.content.decode()
    hostile = desk.get(url, {"name": '"><script>'}).content.decode()
    assert "<script>" not in hostile


@pytest.mark.parametrize("name", ["met", "unknown"])
def test_a_prerequisite_takes_options_of_its_question_only(desk: Client, name: str) -> None:
    page = page_of(EngagementModel.objects.get(key="retainer"))
    typed = {**filled_in(desk, page), f"prerequisite_set-0-{name}": [option("work", "build")]}
    refused = desk.post(page, typed)
    assert "“Option build” is no option of “Question money?”." in told(refused)


def test_a_service_path_takes_options_of_its_question_only(desk: Client) -> None:
    page = page_of(ServicePath.objects.get())
    refused = save(desk, page, any_of=[option("work", "build")])
    assert "“Option build” is no option of “Question cause?”." in errors_of(refused)["any_of"][0]


# ---- One playbook only ----------------------------------------------------------------------


@pytest.mark.parametrize("model", [Draft, *PARTS])
def test_nothing_of_another_playbook_can_be_picked(
    desk: Client, draft: Draft, model: type[models.Model]
) -> None:
    document = small_document(key="other")
    for part in (*document["needs"], *document["engagements"], *document["questions"]):
        part["title"] = f"Foreign {part['key']}"
    for part in document["sections"]:
        part["title"] = "Foreign section"
    write_draft(from_document(document))

    row = model.objects.filter(pk=draft.pk) if model is Draft else model.objects.filter(draft=draft)
    for page in (page_of(row.first()), f"{list_of(model, 'add')}?draft={draft.pk}"):
        shown = desk.get(page)
        if shown.status_code == 200:
            assert "Foreign" not in told(shown)


def test_what_is_posted_for_another_playbook_is_refused(desk: Client, draft: Draft) -> None:
    other = small_draft(key="other")
    need = Need.objects.get(draft=other, key="evidence")
    page = page_of(EngagementModel.objects.get(draft=draft, key="project"))

    refused = save(desk, page, carries=[str(need.pk)])

    assert refused.status_code == 422
    assert "carries" in errors_of(refused)
