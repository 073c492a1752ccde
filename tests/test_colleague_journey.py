"""In a browser: a buyer asks a colleague, they answer differently, and the buyer chooses."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from engagements.models import Assessment
from tests.asking import buyer, in_force
from tests.buyers import to
from tests.looking import (
    NARROW,
    heading,
    press,
    sticking_out,
    violations,
    with_and_without_javascript,
)

Look = Callable[[Page], None]


@pytest.fixture
def assessment(live_server: LiveServer) -> Assessment:
    """Of a buyer who has answered everything."""
    return buyer(cause="unknown", work="build", money="monthly", term="open")


@pytest.fixture
def colleague(browser: Browser, *, javascript: bool) -> Iterator[Page]:
    """Somebody else, on a phone of their own."""
    context: BrowserContext = browser.new_context(
        java_script_enabled=javascript, viewport={"width": NARROW, "height": 800}
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


@pytest.fixture
def look(*, javascript: bool) -> Look:
    """Looks at a page as it is now: whether a program finds fault with it, wide and narrow."""

    def look(page: Page) -> None:
        if javascript:
            size = page.viewport_size
            assert violations(page) == []
            assert sticking_out(page, NARROW) == []
            page.set_viewport_size(size)

    return look


@with_and_without_javascript
def test_it_works(
    page: Page,
    colleague: Page,
    look: Look,
    live_server: LiveServer,
    assessment: Assessment,
    *,
    javascript: bool,
) -> None:
    page.goto(live_server.url + to(assessment, "question", "money"))
    page.get_by_role("link", name="Ask a colleague").click()
    expect(page.get_by_role("radio", name="Section frame")).to_be_checked()
    press(page, "Make the link")
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    look(page)
    page.get_by_label("Who is it for?").fill("Bob Ray")
    page.get_by_label("A line for them").fill("You know the contracts.")
    press(page, "Make the link")
    expect(heading(page)).to_have_text("Send this link to Bob Ray")
    look(page)
    link = page.get_by_label("The link for Bob Ray").first.input_value()

    colleague.goto(link)
    expect(heading(colleague)).to_have_text("Section frame")
    expect(colleague.get_by_text("You know the contracts.")).to_be_visible()
    expect(colleague.get_by_role("radio", checked=True)).to_have_count(0)
    look(colleague)
    press(colleague, "Send my answers")
    expect(colleague.get_by_role("heading", name="There is a problem")).to_be_visible()
    colleague.get_by_label("Option one-off").check()
    press(colleague, "Send my answers")
    expect(heading(colleague)).to_have_text("Thank you, Bob Ray")
    look(colleague)

    page.goto(live_server.url + to(assessment, "check"))
    look(page)
    press(page, "Show my recommendation")
    summary = page.get_by_role("alert").filter(has_text="There is a problem")
    expect(summary).to_be_visible()
    look(page)
    summary.get_by_role("link").click()
    order = [
        "Keep this answer “Option monthly”",
        "Take this answer “Option one-off”",
        "Change money",
    ]
    for name in order:
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        expect(focused).to_have_accessible_name(name)
    page.get_by_role("button", name=order[1]).press("Enter")
    expect(page.get_by_text("There are 2 answers")).to_have_count(0)
    press(page, "Show my recommendation")
    expect(page).to_have_title("Your recommendation · Firm")
    assert in_force(assessment, "money") == (("one-off",), None)

    page.goto(live_server.url + to(assessment, "ask"))
    press(page, "Take the link back from Bob Ray")
    expect(page.get_by_text("You took the link back on")).to_be_visible()
    look(page)
    colleague.get_by_role("link", name="Change your answers").click()
    expect(heading(colleague)).to_have_text("This link is closed")
    look(colleague)


@pytest.mark.parametrize("javascript", [True])
def test_a_link_that_was_taken_back_meanwhile_loses_nothing(
    page: Page,
    colleague: Page,
    live_server: LiveServer,
    assessment: Assessment,
    *,
    javascript: bool,
) -> None:
    page.goto(f"{live_server.url}{to(assessment, 'ask')}?section=frame")
    page.get_by_label("Who is it for?").fill("Bob Ray")
    press(page, "Make the link")
    expect(heading(page)).to_have_text("Send this link to Bob Ray")
    colleague.goto(page.get_by_label("The link for Bob Ray").first.input_value())
    colleague.get_by_label("Option one-off").check()
    press(page, "Take the link back from Bob Ray")
    expect(page.get_by_text("You took the link back on")).to_be_visible()
    press(colleague, "Send my answers")
    expect(colleague.get_by_role("alert")).to_contain_text("This link has stopped working")
    expect(colleague.get_by_label("Option one-off")).to_be_checked()
    colleague.get_by_role("link", name="Load the page anew to read why").click()
    expect(heading(colleague)).to_have_text("This link is closed")
