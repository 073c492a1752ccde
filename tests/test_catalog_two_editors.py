"""Two people edit one page of the catalog: the second is told, and loses nothing."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from advisor.loading import from_document
from catalog.drafts import playbook_of, problems_of, write_draft
from catalog.models import (
    Cadence,
    Checklist,
    Draft,
    EngagementModel,
    EngagementPhase,
    Need,
    Option,
    Question,
    Responsibility,
    Signal,
)
from tests.editors import editor, filled, filled_in, page_of, small_draft, told
from tests.factories import changed, checklist, small_playbook
from tests.staff import signed_in
from tests.test_publishing import Crowd


@pytest.fixture
def draft(db: None) -> Draft:
    """The draft of the small playbook."""
    return small_draft()


@pytest.fixture
def ada(draft: Draft) -> Client:
    """The first to open a page, and the second to save it."""
    return signed_in(editor("ada"))


@pytest.fixture
def grace(draft: Draft) -> Client:
    """The first to save."""
    user = editor("grace")
    user.first_name, user.last_name = "Grace", "Lane"
    user.save()
    return signed_in(user)


def shown(client: Client, row: Any) -> dict[str, Any]:
    """What the form on the page of a row would send."""
    return filled_in(client, page_of(row))


def differences(response: Any) -> list[tuple[str, str, str]]:
    """What a page tells to be saved otherwise than it was typed."""
    return [(one.what, one.now, one.yours) for one in response.context["differences"]]


def test_it_works(ada: Client, grace: Client) -> None:
    audit = EngagementModel.objects.get(key="audit")
    opened = shown(ada, audit)
    grace.post(page_of(audit), {**shown(grace, audit), "summary": "By Grace.", "duration": "Days"})

    mine = {**opened, "summary": "By Ada.", "deliverables": "One\nTwo"}
    refused = ada.post(page_of(audit), mine)

    assert refused.status_code == 409
    assert "Grace Lane saved this on " in told(refused)
    assert ", after you had opened this page." in told(refused)
    assert differences(refused) == [
        ("Summary", "By Grace.", "By Ada."),
        ("Duration", "Days", "Weeks"),
        ("Deliverables", "A report", "One\nTwo"),
    ]
    assert EngagementModel.objects.get(key="audit").summary == "By Grace."

    again = filled(refused)
    assert {**again, "revision": "0"} == mine
    assert ada.post(page_of(audit), again).status_code == 302
    audit.refresh_from_db()
    assert (audit.summary, audit.duration, audit.revision) == ("By Ada.", "Weeks", 2)
    assert audit.edited_by.username == "ada"


def test_saving_again_is_told_again_if_somebody_was_faster_again(
    ada: Client, grace: Client
) -> None:
    need = Need.objects.get(key="evidence")
    opened = {**shown(ada, need), "title": "By Ada"}
    grace.post(page_of(need), {**shown(grace, need), "title": "By Grace"})
    refused = ada.post(page_of(need), opened)
    grace.post(page_of(need), {**shown(grace, need), "title": "By Grace again"})

    twice = ada.post(page_of(need), filled(refused))

    assert twice.status_code == 409
    assert differences(twice) == [("Title", "By Grace again", "By Ada")]
    assert ada.post(page_of(need), filled(twice)).status_code == 302


@pytest.mark.parametrize("revision", ["", "x", "-1", "7", None])
def test_a_form_without_a_known_revision_writes_over_nothing(ada: Client, revision: str) -> None:
    need = Need.objects.get(key="evidence")
    data = {**shown(ada, need), "title": "Mine", "revision": revision}
    if revision is None:
        del data["revision"]
    assert ada.post(page_of(need), data).status_code in (200, 409)
    assert Need.objects.get(key="evidence").title == "Need evidence"


def test_pages_of_different_rows_are_no_matter(ada: Client, grace: Client) -> None:
    first, second = Need.objects.all()
    opened = shown(ada, first)
    grace.post(page_of(second), {**shown(grace, second), "title": "By Grace"})
    assert ada.post(page_of(first), {**opened, "title": "By Ada"}).status_code == 302


def test_a_row_that_others_moved_stays_where_it_is_now(ada: Client, grace: Client) -> None:
    first, second = Need.objects.all()
    opened = shown(ada, first)
    grace.post(page_of(second), {**shown(grace, second), "position": "1"})

    assert ada.post(page_of(first), {**opened, "title": "By Ada"}).status_code == 302

    assert [need.key for need in Need.objects.all()] == ["outcome", "evidence"]
    assert Need.objects.get(key="evidence").title == "By Ada"


# ---- The rows that hang on a row ------------------------------------------------------------


def test_saving_rows_counts_as_saving_their_page(ada: Client, grace: Client) -> None:
    audit = EngagementModel.objects.get(key="audit")
    opened = shown(ada, audit)
    grace.post(page_of(audit), {**shown(grace, audit), "cadence-0-what": "A long talk"})

    refused = ada.post(page_of(audit), {**opened, "cadence-0-when": "Monday"})

    assert refused.status_code == 409
    assert differences(refused) == [
        ("Cadence 1: When", "Start", "Monday"),
        ("Cadence 1: What", "A long talk", "A talk"),
    ]


def test_a_row_that_the_other_removed_comes_back_on_the_second_save(
    ada: Client, grace: Client
) -> None:
    audit = EngagementModel.objects.get(key="audit")
    Cadence.objects.create(engagement=audit, position=2, when="End", what="A report")
    opened = shown(ada, audit)
    grace.post(page_of(audit), {**shown(grace, audit), "cadence-0-DELETE": "on"})

    refused = ada.post(page_of(audit), {**opened, "cadence-1-what": "A long report"})

    assert refused.status_code == 409
    assert differences(refused) == [
        ("Cadence 1: What", "A report", "A long report"),
        ("Cadence 2", "is not there", "Place: 1; When: Start; What: A talk"),
    ]
    assert ada.post(page_of(audit), filled(refused)).status_code == 302
    rows = [str(row) for row in Cadence.objects.filter(engagement=audit)]
    assert sorted(rows) == ["End: A long report", "Start: A talk"]


def test_rows_that_both_removed_are_gone(ada: Client, grace: Client) -> None:
    audit = EngagementModel.objects.get(key="audit")
    opened = shown(ada, audit)
    grace.post(page_of(audit), {**shown(grace, audit), "cadence-0-DELETE": "on"})

    refused = ada.post(page_of(audit), {**opened, "cadence-0-DELETE": "on", "handoff": "Mine."})

    assert differences(refused) == [("Handoff", "Who takes over.", "Mine.")]
    assert ada.post(page_of(audit), filled(refused)).status_code == 302
    assert not Cadence.objects.filter(engagement=audit).exists()


def test_a_row_that_the_other_added_stays(ada: Client, grace: Client) -> None:
    audit = EngagementModel.objects.get(key="audit")
    opened = shown(ada, audit)
    added = {"cadence-1-when": "End", "cadence-1-what": "A report"}
    grace.post(page_of(audit), {**shown(grace, audit), **added})

    refused = ada.post(page_of(audit), {**opened, "cadence-0-what": "Two talks"})

    assert differences(refused) == [
        ("Cadence 1: What", "A talk", "Two talks"),
        ("Cadence", "“End: A report” was added; it stays when you save", "is not there"),
    ]
    assert ada.post(page_of(audit), filled(refused)).status_code == 302
    rows = [str(row) for row in Cadence.objects.filter(engagement=audit)]
    assert sorted(rows) == ["End: A report", "Start: Two talks"]


def test_what_differs_in_rows_of_an_offer_is_told_in_words(ada: Client, grace: Client) -> None:
    audit = EngagementModel.objects.get(key="audit")
    row = {"engagement": audit, "position": 1}
    Responsibility.objects.create(task="Backups", party="firm", **row)
    EngagementPhase.objects.create(title="Set-up", activities=["A talk"], **row)
    opened = shown(ada, audit)
    theirs = {"responsibilities-0-party": "both", "process-0-activities": "A call"}
    grace.post(page_of(audit), {**shown(grace, audit), **theirs})

    mine = {"responsibilities-0-party": "nobody", "process-0-activities": "A talk\nA plan"}
    refused = ada.post(page_of(audit), {**opened, **mine})

    assert refused.status_code == 409
    assert differences(refused) == [
        ("Responsibility 1: Who answers for it", "both together", "not part of it"),
        ("Phase 1: Activities", "A call", "A talk\nA plan"),
    ]
    assert ada.post(page_of(audit), filled(refused)).status_code == 302
    audit = playbook_of(Draft.objects.get()).engagement("audit")
    assert [str(row) for row in audit.responsibilities] == ["Backups: nobody"]
    assert audit.process[0].activities == ("A talk", "A plan")


def test_items_of_a_checklist_are_not_written_over_unseen(ada: Client, grace: Client) -> None:
    write_draft(small_playbook(checklists=[checklist("setup")]))
    setup = Checklist.objects.get()
    opened = shown(ada, setup)
    grace.post(page_of(setup), {**shown(grace, setup), "groups-0-items": "One\nTwo"})

    refused = ada.post(page_of(setup), {**opened, "groups-0-title": "Mine"})

    assert refused.status_code == 409
    assert differences(refused) == [
        ("Group 1: Title", "Group before", "Mine"),
        ("Group 1: Items", "One\nTwo", "Item before 1\nItem before 2"),
    ]


def test_a_condition_that_the_other_removed_comes_back_with_its_options(
    ada: Client, grace: Client
) -> None:
    signal = Signal.objects.get(key="work-to-do")
    opened = shown(ada, signal)
    grace.post(page_of(signal), {**shown(grace, signal), "conditions-0-DELETE": "on"})

    refused = ada.post(page_of(signal), {**opened, "title": "Mine"})
    assert refused.status_code == 409
    assert ada.post(page_of(signal), filled(refused)).status_code == 302

    [condition] = playbook_of(Draft.objects.get()).signal("work-to-do").when
    assert condition.any_of == ("build", "move")


def test_an_option_that_the_other_deleted_can_no_longer_be_picked(
    ada: Client, grace: Client
) -> None:
    signal = Signal.objects.get(key="work-to-do")
    nothing = Option.objects.get(key="nothing")
    opened = shown(ada, signal)
    question = Question.objects.get(key="work")
    grace.post(page_of(question), {**shown(grace, question), "option_set-2-DELETE": "on"})
    assert not Option.objects.filter(key="nothing").exists()

    refused = ada.post(page_of(signal), {**opened, "conditions-0-any_of": [str(nothing.pk)]})

    assert refused.status_code == 422
    assert "is not one of the available choices" in told(refused)


# ---- Gone -----------------------------------------------------------------------------------


def test_what_was_typed_is_shown_when_the_row_is_gone(ada: Client, grace: Client) -> None:
    signal = Signal.objects.get(key="work-to-do")
    typed = {
        **shown(ada, signal),
        "title": "A title of mine",
        "because": "First.\r\nSecond.",
        "conditions-1-question": str(Question.objects.get(key="cause").pk),
        "conditions-1-any_of": [str(Option.objects.get(key="unknown").pk)],
    }
    page = page_of(signal)
    assert grace.post(page_of(signal, "delete"), {"post": "yes"}).status_code == 302

    gone = ada.post(page, typed)

    assert gone.status_code == 410
    kept = {one.what: one.yours for one in gone.context["typed"]}
    assert kept["Title"] == "A title of mine"
    assert kept["Because"] == "First.\nSecond."
    assert (
        kept["Condition 1"] == "The answer to: Question work?\nis any of: Option build, Option move"
    )
    assert kept["Condition 2"] == "The answer to: Question cause?\nis any of: Option unknown"
    assert kept["Demand 1"] == "Need: Need outcome\nWeight: 3"
    assert "A title of mine" in told(gone)
    assert "This buying signal was deleted meanwhile" in told(gone)
    assert not Signal.objects.filter(key="work-to-do").exists()


def test_what_was_edited_meanwhile_is_not_deleted_unseen(ada: Client, grace: Client) -> None:
    signal = Signal.objects.get(key="work-to-do")
    asked = ada.get(page_of(signal, "delete"))
    sent = dict(re.findall(r'type="hidden" name="(post|revision)" value="(\w+)"', told(asked)))
    grace.post(page_of(signal), {**shown(grace, signal), "because": "By Grace."})

    refused = ada.post(page_of(signal, "delete"), sent)

    assert "Grace Lane saved this on " in told(refused)
    assert "after you had asked to delete it." in told(refused)
    assert Signal.objects.get(key="work-to-do").because == "By Grace."

    assert ada.post(page_of(signal, "delete"), {**sent, "revision": "1"}).status_code == 302
    assert not Signal.objects.filter(key="work-to-do").exists()


def test_a_row_that_never_was_leads_to_the_start(ada: Client) -> None:
    signal = Signal.objects.get(key="work-to-do")
    assert ada.get(page_of(signal).replace(str(signal.pk), "999")).status_code == 302
    assert ada.post(page_of(signal).replace(str(signal.pk), "x"), {}).status_code == 410


# ---- The draft as a whole -------------------------------------------------------------------


def test_setting_the_draft_counts_for_the_pages_it_changes(ada: Client, grace: Client) -> None:
    changing, same = Signal.objects.get(key="work-to-do"), Signal.objects.get(key="cause-unknown")
    opened = {row: shown(ada, row) for row in (changing, same)}
    by = grace.get("/admin/").wsgi_request.user
    write_draft(from_document(changed({"signals[work-to-do].because": "Imported."})), by=by)

    refused = ada.post(page_of(changing), {**opened[changing], "title": "Mine"})
    assert refused.status_code == 409
    assert "Grace Lane saved this" in told(refused)
    assert ("Because", "Imported.", "The reason.") in differences(refused)
    assert ada.post(page_of(same), {**opened[same], "title": "Mine"}).status_code == 302


def test_setting_the_draft_may_take_a_page_away(ada: Client) -> None:
    signal = Signal.objects.get(key="work-to-do")
    opened = shown(ada, signal)
    kept = [s for s in small_playbook().signals if s.key != "work-to-do"]
    write_draft(small_playbook().model_copy(update={"signals": tuple(kept)}))
    assert ada.post(page_of(signal), opened).status_code == 410


# ---- At the same moment ---------------------------------------------------------------------


@pytest.fixture
def crowd(transactional_db: None, tmp_path: Path) -> Crowd:
    """Several people at once, on a database in a file."""
    return Crowd(tmp_path)


def test_of_several_who_save_at_the_same_moment_one_is_first(crowd: Crowd) -> None:
    def prepare() -> tuple[Need, list[tuple[Client, dict[str, Any]]]]:
        small_draft()
        need = Need.objects.get(key="evidence")
        people = [signed_in(editor(name)) for name in ("ada", "grace", "mary")]
        return need, [(one, {**shown(one, need), "title": f"{one}"}) for one in people]

    [(need, people)] = crowd.run(prepare)
    answers = crowd.run(
        *(
            lambda person=person, form=form: person.post(page_of(need), form).status_code
            for person, form in people
        )
    )

    assert sorted(answers) == [302, 409, 409]
    assert crowd.run(lambda: Need.objects.get(key="evidence").revision) == [1]


def test_an_option_is_not_deleted_while_somebody_picks_it(crowd: Crowd) -> None:
    def prepare() -> list[tuple[Client, str, dict[str, Any]]]:
        small_draft()
        question, signal = Question.objects.get(key="work"), Signal.objects.get(key="work-to-do")
        ada, grace = signed_in(editor("ada")), signed_in(editor("grace"))
        nothing = str(Option.objects.get(key="nothing").pk)
        deleting = {**shown(ada, question), "option_set-2-DELETE": "on"}
        picking = {**shown(grace, signal), "conditions-0-any_of": [nothing]}
        return [(ada, page_of(question), deleting), (grace, page_of(signal), picking)]

    [people] = crowd.run(prepare)
    answers = crowd.run(
        *(
            lambda person=person, page=page, form=form: person.post(page, form).status_code
            for person, page, form in people
        )
    )

    assert sorted(answers) == [302, 422]
    assert crowd.run(lambda: problems_of(Draft.objects.get())) == [[]]
