"""What is said of an offer, edited in forms: whole or not at all, and in a buyer's order."""

from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client

from catalog.admin.inlines import MOST
from catalog.drafts import document_of, playbook_of, problems_of
from catalog.models import Chapter, Checklist, Draft, EngagementModel, Faq, Playbook, Question
from catalog.models.draft import Condition, Demand, Row
from tests.editors import (
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
from tests.factories import chapter, checklist, faq, said_of_an_offer, small_document
from tests.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Draft:
    """The draft of a small playbook whose retainer says all there is, and whose audit nothing."""
    return full_draft()


@pytest.fixture
def desk(draft: Draft) -> Client:
    """The browser of an editor."""
    return signed_in(editor())


def engagement(key: str) -> EngagementModel:
    return EngagementModel.objects.get(key=key)


def rows_refused(response: Any) -> list[str]:
    """What is said against the rows of a page as a whole."""
    formsets = [inline.formset for inline in response.context["inline_admin_formsets"]]
    return [str(error) for formset in formsets for error in formset.non_form_errors()]


def test_it_works(desk: Client) -> None:
    saved = save(
        desk,
        engagement("audit"),
        **{
            "covers": "Logs\nAlerts",
            "level_coverage": "Every day, 7:00 to 23:00",
            "level_uptime": "99.9",
            "severities-0-title": "Critical",
            "severities-0-meaning": "Nobody can work",
            "severities-0-response": "within 30 minutes",
            "credits-0-missed_by": "An hour",
            "credits-0-credit": "5 percent",
            "other_prices-0-title": "A day more",
            "other_prices-0-currency": "EUR",
            "other_prices-0-least": "900",
            "other_prices-0-unit": "per day",
            "separate_scope-0-what": "A report to the board",
            "separate_scope-0-becomes": "A day more",
            "responsibilities-0-task": "Backups",
            "responsibilities-0-party": "buyer",
            "process-0-title": "Kick-off",
            "process-0-activities": "A talk\nAccess",
            "training-0-title": "The basics",
            "training-0-hours": "3",
            "escalation_path-0-who": "The lead",
            "escalation_path-0-when": "At once",
            "follow_on_playbook": "afterwards",
            "follow_on_when": "it is written",
        },
    )

    assert saved.status_code == 302, errors_of(saved)
    audit = playbook_of(Draft.objects.get()).engagement("audit")
    assert audit.covers == ("Logs", "Alerts")
    level = audit.service_level
    assert level
    assert (level.coverage, level.uptime) == ("Every day, 7:00 to 23:00", "99.9")
    said = (
        *(*level.severities, *level.credits, *audit.other_prices, *audit.separate_scope),
        *(*audit.responsibilities, *audit.process, *audit.training, *audit.escalation_path),
        audit.follow_on,
    )
    assert [str(one) for one in said] == [
        "Critical (Nobody can work): answered within 30 minutes",
        "missed by An hour: 5 percent",
        "A day more: from EUR 900 per day",
        "A report to the board: A day more",
        "Backups: buyer",
        "Kick-off; A talk; Access",
        "The basics (3 hours)",
        "At once: The lead",
        "afterwards, once it is written",
    ]


# ---- Whole or not at all --------------------------------------------------------------------

LEVEL_TOO = "A service level needs this too; leave all of it blank for none."
BOTH = "To go on with another playbook takes both, the playbook and when; or leave both blank."


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        pytest.param({"level_uptime": "99.5"}, {"level_coverage": [LEVEL_TOO]}, id="uptime"),
        pytest.param({"level_channels": "A line"}, {"level_coverage": [LEVEL_TOO]}, id="a way"),
        pytest.param(
            {"level_credit_limit": "A third"}, {"level_coverage": [LEVEL_TOO]}, id="a limit"
        ),
        pytest.param(
            {"level_coverage": "Always", "level_uptime": "a lot"},
            {"level_uptime": ["Write it like 99.5."]},
            id="no number",
        ),
        pytest.param(
            {"follow_on_playbook": "afterwards"}, {"follow_on_when": [BOTH]}, id="no time"
        ),
        pytest.param({"follow_on_when": "it runs"}, {"follow_on_playbook": [BOTH]}, id="nowhere"),
        pytest.param(
            {"follow_on_playbook": "small", "follow_on_when": "it runs"},
            {"follow_on_playbook": ["This is the playbook itself. Name another one, or none."]},
            id="itself",
        ),
    ],
)
def test_half_of_a_group_is_refused(
    desk: Client, draft: Draft, typed: dict[str, str], errors: dict[str, list[str]]
) -> None:
    before = document_of(draft)

    refused = save(desk, engagement("audit"), **typed)

    assert refused.status_code == 422
    assert errors_of(refused) == errors
    assert {name: refused.context["adminform"].form[name].value() for name in typed} == typed
    assert document_of(Draft.objects.get()) == before


LEVEL = ("level_coverage", "level_channels", "level_uptime", "level_credit_limit")
NO_LEVEL = dict.fromkeys(LEVEL, "")


def test_rows_of_a_service_level_do_not_stand_alone(desk: Client, draft: Draft) -> None:
    before = document_of(draft)

    refused = save(desk, engagement("retainer"), **NO_LEVEL)

    assert refused.status_code == 422
    assert rows_refused(refused) == [
        ("Severities belong to a service level: fill in its hours of coverage, or delete them."),
        ("Credits belong to a service level: fill in its hours of coverage, or delete them."),
    ]
    assert document_of(Draft.objects.get()) == before

    gone = {"severities-0-DELETE": "on", "credits-0-DELETE": "on"}
    assert save(desk, engagement("retainer"), **NO_LEVEL, **gone).status_code == 302
    assert playbook_of(Draft.objects.get()).engagement("retainer").service_level is None


def test_a_price_row_does_not_end_below_where_it_begins(desk: Client, draft: Draft) -> None:
    refused = save(desk, engagement("retainer"), **{"other_prices-0-most": "149"})

    assert refused.status_code == 422
    assert "The price ends below where it begins." in told(refused)
    assert save(desk, engagement("retainer"), **{"other_prices-0-most": "150"}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"other_prices-0-currency": "eur"}, "Write it like EUR."),
        ({"training-0-hours": "81"}, "Ensure this value is less than or equal to 80."),
        ({"responsibilities-0-party": "fate"}, "fate is not one of the available choices."),
        ({"process-0-activities": "x" * 301}, "Line 1 has 301 characters; 300 fit. Shorten it."),
        ({"severities-0-response": ""}, "This field is required."),
    ],
    ids=["currency", "hours", "party", "a long line", "no response"],
)
def test_a_row_says_what_is_wrong(
    desk: Client, draft: Draft, typed: dict[str, str], sentence: str
) -> None:
    before = document_of(draft)
    refused = save(desk, engagement("retainer"), **typed)
    assert refused.status_code == 422
    assert sentence in told(refused)
    assert document_of(Draft.objects.get()) == before


# ---- As many rows as fit --------------------------------------------------------------------


def test_every_table_of_rows_has_the_limit_of_its_type() -> None:
    tables = apps.get_app_config("catalog").get_models()
    rows = {table for table in tables if issubclass(table, Row)}
    unlimited = {table for table in rows if issubclass(table, Condition)} | {Demand}
    assert set(MOST) == rows - unlimited
    assert {table._meta.model_name: most for table, most in MOST.items()} == {
        "acknowledgement": 200,
        "cadence": 20,
        "checklistgroup": 30,
        "credit": 8,
        "draftphase": 20,
        "engagementphase": 20,
        "escalationstep": 10,
        "expectation": 20,
        "fact": 30,
        "guiderow": 60,
        "knownissue": 20,
        "option": 30,
        "otherprice": 20,
        "prerequisite": 20,
        "responsibility": 40,
        "separatescope": 20,
        "severity": 8,
        "training": 20,
    }


@pytest.mark.parametrize(
    ("key", "prefix", "row", "sentence"),
    [
        (
            "retainer",
            "credits",
            {"missed_by": "An hour", "credit": "5 percent"},
            "There are 9 credits; 8 fit. Leave some out.",
        ),
        (
            "audit",
            "training",
            {"title": "Basics", "hours": "2"},
            "There are 21 training sessions; 20 fit. Leave some out.",
        ),
        (
            "audit",
            "escalation_path",
            {"who": "The lead", "when": "At once"},
            "There are 11 escalation steps; 10 fit. Leave some out.",
        ),
    ],
)
def test_more_rows_than_fit_are_refused(
    desk: Client, key: str, prefix: str, row: dict[str, str], sentence: str
) -> None:
    count = int(sentence.split()[2])
    typed = {f"{prefix}-{at}-{name}": value for at in range(count) for name, value in row.items()}
    total = f"{prefix}-TOTAL_FORMS"

    refused = save(desk, engagement(key), **typed, **{total: str(count)})

    assert refused.status_code == 422
    assert rows_refused(refused) == [sentence]
    assert save(desk, engagement(key), **typed, **{total: str(count - 1)}).status_code == 302


# ---- A long page by subject -----------------------------------------------------------------


def folded(response: Any) -> list[str]:
    return [one.subject.title for one in response.context["subjects"] if one.is_folded]


OPTIONAL = ["Prices", "Service level", "Who does what", "Training", "Before it starts"]


def test_a_subject_is_folded_while_there_is_nothing_in_it(desk: Client, draft: Draft) -> None:
    assert folded(desk.get(page_of(engagement("audit")))) == OPTIONAL
    assert folded(desk.get(list_of(EngagementModel, "add"))) == OPTIONAL
    assert folded(desk.get(page_of(engagement("retainer")))) == []
    assert folded(desk.get(page_of(draft))) == ["Emergencies"]
    assert folded(desk.get(page_of(small_draft(key="other")))) == [
        "Emergencies",
        "How every engagement goes",
        "What buyers may expect",
        "What is meant to be so",
    ]


@pytest.mark.parametrize(
    ("typed", "subject"),
    [
        ({"price_unit": "a day"}, "Prices"),
        ({"other_prices-0-title": "A day more"}, "Prices"),
        ({"level_uptime": "99.5"}, "Service level"),
        ({"training-0-title": "The basics"}, "Training"),
    ],
)
def test_what_is_wrong_is_not_folded(desk: Client, typed: dict[str, str], subject: str) -> None:
    refused = save(desk, engagement("audit"), **typed)
    assert refused.status_code == 422
    assert folded(refused) == [one for one in OPTIONAL if one != subject]


def test_every_field_and_every_row_has_a_subject(desk: Client) -> None:
    response = desk.get(page_of(engagement("retainer")))
    body = told(response)
    for inline in response.context["inline_admin_formsets"]:
        assert body.count(f'id="{inline.formset.prefix}-group"') == 1
    for name in response.context["adminform"].form.fields:
        assert body.count(f'name="{name}"') >= 1
    for one in response.context["subjects"]:
        assert body.count(f'href="#{one.anchor}"') == body.count(f'id="{one.anchor}"') == 1


def test_whoever_may_only_look_sees_every_subject(draft: Draft) -> None:
    looker = signed_in(
        editor(
            "eve",
            without=[f"{verb}_engagementmodel" for verb in ("add", "change", "delete")],
        )
    )
    response = looker.get(page_of(engagement("retainer")))
    assert folded(response) == []
    assert "Monday to Friday, 9:00 to 17:00" in told(response)
    assert "within 1 hour" in told(response)


def test_other_playbooks_are_proposed_to_go_on_with(desk: Client) -> None:
    Playbook.objects.create(key="afterwards", title="What comes after")
    body = told(desk.get(page_of(engagement("audit"))))
    assert '<option value="afterwards">What comes after</option>' in body
    assert '<option value="small">' not in body


# ---- What a buyer is given to keep ----------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "typed", "document"),
    [
        pytest.param(
            Faq,
            {"title": "Does new matter?", "answer": "It does."},
            {**faq("new"), "engagements": ["audit"]},
            id="frequent question",
        ),
        pytest.param(
            Checklist,
            {
                "title": "Checklist new",
                "intro": "Tick it off.",
                "groups-TOTAL_FORMS": "2",
                "groups-0-title": "Group before",
                "groups-0-key": "before",
                "groups-0-items": "Item before 1\r\nItem before 2",
                "groups-1-title": "Group after",
                "groups-1-key": "after",
                "groups-1-items": "Item after 1\n\nItem after 2\n",
            },
            checklist("new", ["audit"]),
            id="checklist",
        ),
        pytest.param(
            Chapter,
            {
                "title": "Chapter new",
                "text": "Keep it at hand.",
                "points": "Call first",
                "facts-0-label": "Fact new",
                "issues-0-title": "It is slow",
                "issues-0-cause": "Load",
                "issues-0-steps": "Wait",
                "issues-0-within": "an hour",
            },
            chapter("new", "cause", ["audit"]),
            id="chapter",
        ),
    ],
)
def test_a_part_is_added_for_an_engagement_model(
    desk: Client, draft: Draft, model: type[models.Model], typed: dict[str, str], document: Any
) -> None:
    page = list_of(model, "add")
    data = {**filled_in(desk, page), **typed, "key": "new"}
    data["engagements"] = [str(engagement("audit").pk)]
    if model is Chapter:
        data["facts-0-question"] = str(Question.objects.get(key="cause").pk)

    added = desk.post(page, data)

    assert added.status_code == 302, (errors_of(added), rows_refused(added))
    name = {Faq: "faqs", Checklist: "checklists", Chapter: "chapters"}[model]
    assert document_of(Draft.objects.get())[name][-1] == document
    assert problems_of(Draft.objects.get()) == []


def test_problems_are_told_on_the_page_of_what_they_are_in(desk: Client, draft: Draft) -> None:
    retainer, setup = engagement("retainer"), Checklist.objects.get(key="setup")
    retainer.other_prices.update(most=1)
    setup.groups.filter(key="before").update(items=["Once", "Once"])
    Checklist.objects.create(draft=draft, key="bare", title="Bare", position=2)

    assert "other prices 1: ends below where it begins" in told(desk.get(page_of(retainer)))
    assert "groups before, items: 'Once' stands there 2 times" in told(desk.get(page_of(setup)))
    bare = Checklist.objects.get(key="bare")
    assert "groups: is an empty list; name at least one." in told(desk.get(page_of(bare)))
    urls = {located.url for located in desk.get(page_of(draft)).context["problems"]}
    assert urls == {page_of(row) for row in (retainer, setup, bare)}


def test_lists_tell_whom_a_part_is_for(desk: Client) -> None:
    assert "Engagement retainer" in told(desk.get(list_of(Checklist)))
    rows = {row.key: row for row in desk.get(list_of(Faq)).context["cl"].result_list}
    assert set(rows) == {"price", "time"}
    assert '<td class="field-only_for">all</td>' in told(desk.get(list_of(Faq)))
    assert "Question money?" in told(desk.get(list_of(Chapter)))


def test_a_need_is_no_longer_offered(desk: Client, draft: Draft) -> None:
    need = draft.need_set.get(key="outcome")
    data = {**filled_in(desk, page_of(need)), "title": "Anything"}
    del data["offered"]

    assert desk.post(page_of(need), data).status_code == 302

    [problem] = problems_of(Draft.objects.get())
    assert problem.where == "needs[outcome]"
    assert "is not offered, and yet project, retainer carries it" in told(desk.get(page_of(need)))


def test_what_it_says_is_what_a_file_says() -> None:
    """The document of the draft is that of the file, with every part that an offer may have."""
    draft = small_draft(
        engagements=[{**model, **said_of_an_offer()} for model in small_document()["engagements"]]
    )
    said = document_of(draft)["engagements"]
    assert all(model.items() >= said_of_an_offer().items() for model in said)
