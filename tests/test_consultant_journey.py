"""A consultant at work in a browser: from signing in to what the buyer reads of it."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import save_answers
from engagements.models import Assessment
from engagements.reviewing import add_note, approve
from tests.buyers import PLAYBOOK, answered, decided, to
from tests.looking import (
    NARROW,
    heading,
    open_all,
    press,
    sticking_out,
    violations,
    with_and_without_javascript,
)
from tests.scenarios import rulebook_of
from tests.staff import PASSWORD, consultant, named, overridden, sign_in

QUEUE = "/admin/engagements/assessment/"
SECRET = "They pay late."


@pytest.fixture
def site(live_server: LiveServer) -> tuple[LiveServer, PlaybookVersion]:
    """A site with one playbook."""
    return live_server, publish(rulebook_of(PLAYBOOK).playbook)[0]


def open_from_queue(page: Page, url: str, assessment: Assessment) -> None:
    """Filter the queue to what waits, and open one."""
    page.goto(url + QUEUE)
    page.get_by_role("link", name="Waiting for review").click()
    expect(page).to_have_url(re.compile(r"\?state=waiting$"))
    page.get_by_role("link", name=assessment.reference).click()
    expect(heading(page)).to_contain_text(f"{assessment.reference} Waiting for review")


@with_and_without_javascript
def test_it_works(
    page: Page, site: tuple[LiveServer, PlaybookVersion], *, javascript: bool
) -> None:
    server, version = site
    consultant()
    answered(version, "build")
    first = named(decided(version, "build"), "Baltic Freight")
    second = named(decided(version), "Casa Verde")

    page.goto(server.url + QUEUE)
    page.get_by_label("Username").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")
    expect(page.locator("#result_list tbody tr")).to_have_count(3)
    page.get_by_role("link", name="Waiting for review").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(2)

    page.get_by_role("link", name=first.reference).click()
    expect(page.get_by_role("heading", name="Implementation project").first).to_be_visible()
    page.locator("#approve-message").fill("Start whenever you like.")
    page.locator("#approve-note").fill(SECRET)
    press(page, "Approve")
    expect(page.locator(".messagelist")).to_contain_text("Approved. The buyer’s page")
    expect(heading(page)).to_contain_text("Approved")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)

    open_from_queue(page, server.url, second)
    page.get_by_text("Decide on another engagement model").click()
    page.get_by_role("radio", name="Audit or assessment").check()
    page.get_by_role("radio", name="The risk is larger than the answers show.").check()
    press(page, "Override")
    expect(page.get_by_role("alert")).to_contain_text("Write a note that says why.")
    expect(page.get_by_role("radio", name="Audit or assessment")).to_be_checked()
    page.locator("#override-note").fill(SECRET)
    press(page, "Override")
    expect(heading(page)).to_contain_text("Overridden")
    page.locator("#note-text").fill("Ask for the contract.")
    press(page, "Add note")
    expect(page.locator("section", has_text="Internal notes").last).to_contain_text(
        "Ask for the contract."
    )

    page.context.clear_cookies()
    for assessment, title, told in (
        (first, "Implementation project", "Start whenever you like."),
        (second, "Audit or assessment", "The risk is larger than the answers show."),
    ):
        page.goto(server.url + to(assessment, "recommendation"))
        expect(heading(page)).to_contain_text(title)
        expect(page.locator("main")).to_contain_text("Reviewed by Ana Sobral")
        expect(page.locator("main")).to_contain_text(told)
        expect(page.locator("body")).not_to_contain_text(SECRET)
        expect(page.locator("body")).not_to_contain_text("Ask for the contract.")


def test_what_a_colleague_decided_meanwhile(
    page: Page, site: tuple[LiveServer, PlaybookVersion], console_errors: list[str]
) -> None:
    server, version = site
    assessment = decided(version, "build")
    sign_in(page, server, consultant())
    open_from_queue(page, server.url, assessment)
    page.locator("#approve-message").fill("I have looked at this for ten minutes.")
    approve(assessment.recommendations.get(), by=consultant("ben", "Ben Adeyemi"), seen=0)
    press(page, "Approve")
    expect(page.get_by_role("alert")).to_contain_text("Ben Adeyemi decided meanwhile: approved.")
    expect(page.get_by_label("Message to the buyer")).to_have_value(
        "I have looked at this for ten minutes."
    )
    assert [text for text in console_errors if "409" not in text] == []
    console_errors.clear()


# ---- Every state, for everybody ------------------------------------------------------------


def in_state(state: str, version: PlaybookVersion, by: User) -> Assessment:
    """An assessment of which the screen looks different."""
    match state:
        case "answering":
            assessment = answered(version, "build")
            save_answers(assessment, {"situation": ()})
        case "conflict":
            assessment = decided(version, "not-our-job", money="one-off")
        case "pathway":
            assessment = decided(version, "unproven", rhythm="monthly", money="evidence-first")
        case "overridden":
            assessment = overridden(version, by, "Baltic Freight")
        case _:
            assessment = named(decided(version), "Casa Verde", "Ines", "ines@x.example")
    add_note(assessment, "Ask for the contract.", by=by)
    return assessment


@pytest.mark.parametrize("state", ["answering", "waiting", "conflict", "pathway", "overridden"])
def test_a_screen_is_for_everybody(
    page: Page, site: tuple[LiveServer, PlaybookVersion], state: str
) -> None:
    server, version = site
    ana = consultant()
    sign_in(page, server, ana)
    page.goto(f"{server.url}{QUEUE}{in_state(state, version, ana).pk}/change/")
    open_all(page)
    assert violations(page) == []
    assert sticking_out(page, NARROW) == []


def test_errors_are_for_everybody(page: Page, site: tuple[LiveServer, PlaybookVersion]) -> None:
    server, version = site
    sign_in(page, server, consultant())
    page.goto(f"{server.url}{QUEUE}{decided(version).pk}/change/")
    open_all(page)
    press(page, "Override")
    expect(page.get_by_role("alert")).to_contain_text("Select the reason.")
    page.get_by_role("alert").get_by_role("link", name="Select the reason.").click()
    expect(page).to_have_url(re.compile("#override-reason$"))
    assert violations(page) == []


@pytest.mark.parametrize("query", ["", "?state=waiting", "?q=nobody"])
def test_the_queue_is_for_everybody(
    page: Page, site: tuple[LiveServer, PlaybookVersion], query: str
) -> None:
    server, version = site
    ana = consultant()
    sign_in(page, server, ana)
    for state in ("answering", "waiting", "conflict", "pathway", "overridden"):
        in_state(state, version, ana)
    page.goto(server.url + QUEUE + query)
    assert violations(page) == []
    assert sticking_out(page, NARROW) == []
