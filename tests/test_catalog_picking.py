"""Picking a question shows its options at once, where the browser runs scripts."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from catalog.drafts import document_of
from catalog.models import Draft, EngagementModel, Signal
from tests.editors import editor, full_draft, page_of
from tests.staff import sign_in


@pytest.fixture
def draft(page: Page, live_server: LiveServer) -> Draft:
    """The draft of a small playbook, in the browser of an editor."""
    sign_in(page, live_server, editor())
    return full_draft()


def test_it_works(page: Page, live_server: LiveServer, draft: Draft) -> None:
    page.goto(live_server.url + page_of(Signal.objects.get(key="work-to-do")))
    page.get_by_role("button", name="Add another Condition").click()
    row = page.locator("#conditions-2")

    row.get_by_label("The answer to").select_option(label="Question cause?")
    row.get_by_label("Option unknown").check()
    page.get_by_role("button", name="Save and continue editing").click()

    expect(page.locator(".sentence")).to_contain_text(
        "and “Question cause?” is answered “Option unknown”"
    )
    [signal] = [s for s in document_of(Draft.objects.get())["signals"] if s["key"] == "work-to-do"]
    assert signal["when"][1] == {"question": "cause", "any_of": ["unknown"]}


def test_picking_another_question_changes_every_list_of_options(
    page: Page, live_server: LiveServer, draft: Draft
) -> None:
    page.goto(live_server.url + page_of(EngagementModel.objects.get(key="retainer")))
    row = page.locator("#prerequisite_set-0")
    row.locator("summary").click()
    expect(row.get_by_label("Option monthly")).to_have_count(2)

    row.get_by_label("Read from the answer to").select_option(label="Question work?")

    expect(row.get_by_label("Option build")).to_have_count(2)
    expect(row.get_by_label("Option monthly")).to_have_count(0)
    row.get_by_label("Read from the answer to").select_option(label="Pick a question")
    expect(row.get_by_role("checkbox", name="Option")).to_have_count(0)


def test_a_lost_connection_is_told(
    page: Page, live_server: LiveServer, draft: Draft, console_errors: list[str]
) -> None:
    page.goto(live_server.url + page_of(Signal.objects.get(key="work-to-do")))
    page.context.set_offline(True)
    page.locator("#conditions-0").get_by_label("The answer to").select_option(index=1)
    expect(page.locator("#conditions-0")).to_contain_text("The options could not be loaded.")
    page.context.set_offline(False)
    console_errors.clear()
