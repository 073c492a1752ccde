"""Buyers at work in a browser: from the home page to the brief, and what may go wrong."""

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Request, Route, expect
from pypdf import PdfReader
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from advisor.playbook import Playbook
from catalog.publishing import publish
from engagements.models import Assessment
from tests.buyers import PLAYBOOK, begin, decided, to
from tests.looking import heading, press, with_and_without_javascript
from tests.scenarios import UNEVENTFUL, rulebook_of

Answers = Mapping[str, str]

PLAYBOOK_OF_BUYERS: Playbook = rulebook_of(PLAYBOOK).playbook
LIST_OF_WORK: Answers = {
    **{key: option for key, option in UNEVENTFUL[PLAYBOOK].items() if key != "red-flags"},
    "red-flags": "none",
    "situation": "work-list",
}
NO_MONEY_TO_RUN_IT: Answers = {
    "red-flags": "none",
    "situation": "not-our-job",
    "choice": "no",
    "response": "contract",
    "money": "one-off",
}


@pytest.fixture
def home(live_server: LiveServer) -> str:
    """The address of a site with one playbook."""
    publish(PLAYBOOK_OF_BUYERS)
    return live_server.url


@pytest.fixture(autouse=True)
def _nothing_leaves_the_site(context: BrowserContext, live_server: LiveServer) -> Iterator[None]:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    context.on("request", note)
    yield
    assert [url for url in asked if not url.startswith(f"{live_server.url}/")] == []


def option(page: Page, key: str, value: str) -> Locator:
    """One choice of a question."""
    return page.locator(f'input[name="{key}"][value="{value}"]')


def answer(page: Page, key: str, value: str) -> None:
    """Answer the question that the page asks, which must be this one."""
    expect(heading(page)).to_have_text(PLAYBOOK_OF_BUYERS.question(key).title)
    option(page, key, value).check()
    press(page, "Continue")


def asked_now(page: Page) -> str | None:
    """The key of the question that the page asks; None where it asks none."""
    return page.locator("main").locator("fieldset, h1").first.get_attribute("data-question")


def answer_all(page: Page, answers: Answers) -> list[str]:
    """Answer whatever is asked, up to the check; return the questions in the order of asking."""
    keys = []
    while key := asked_now(page):
        keys.append(key)
        answer(page, key, answers[key])
        expect(heading(page)).not_to_have_text(PLAYBOOK_OF_BUYERS.question(key).title)
    expect(heading(page)).to_have_text("Check your answers")
    return keys


def begin_at(page: Page, home: str) -> None:
    """Go from the home page to the first question."""
    page.goto(home)
    page.get_by_role("link", name="Start now").click()


@with_and_without_javascript
def test_it_works(page: Page, home: str, *, javascript: bool) -> None:
    begin_at(page, home)
    answer_all(page, LIST_OF_WORK)
    press(page, "Show my recommendation")
    expect(heading(page)).to_have_text("Hourly package")
    expect(page).to_have_title("Your recommendation · Assistance")

    page.get_by_role("link", name="What is already in place").click()
    page.get_by_label("Expected outputs").check()
    press(page, "Save and continue")
    page.get_by_label("What should be different when this is done?").fill("Releases every day")
    press(page, "Save and continue")
    page.get_by_label("Clusters").check()
    for title in ("Technical surface", "Access and authority", "Constraints", "Evidence"):
        expect(heading(page)).to_have_text(title)
        press(page, "Save and continue")
    page.get_by_label("Who on your side will own the result?").fill("The platform team")
    press(page, "Save and continue")
    page.get_by_label("Is there anything else we should know?").fill("We tried once.\nIt failed.")
    press(page, "Save and continue")
    for unasked in Assessment.objects.get().recommendation.value.remaining:
        section = PLAYBOOK_OF_BUYERS.section(PLAYBOOK_OF_BUYERS.question(unasked).section)
        expect(heading(page)).to_have_text(section.title)
        press(page, "Save and continue")
    expect(heading(page)).to_have_text("Who is the brief for?")
    page.get_by_label("Your firm").fill("Müller & Söhne")
    press(page, "Save")
    expect(heading(page)).to_have_text("Hourly package")
    expect(page.get_by_text("1 of 4 in place")).to_be_visible()

    with page.expect_download() as started:
        page.get_by_role("link", name="Download the scope brief (PDF)").click()
    reference = Assessment.objects.get().reference
    assert started.value.suggested_filename == f"scope-brief-{reference}-v1.pdf"
    content = Path(started.value.path()).read_bytes()
    told = " ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(content)).pages)
    for words in ("Hourly package", "Releases every day", "The platform team", "Müller & Söhne"):
        assert words in " ".join(told.split())
    expect(heading(page)).to_have_text("Hourly package")  # the page stays where it is


@with_and_without_javascript
def test_an_emergency_is_two_clicks_away(page: Page, home: str, *, javascript: bool) -> None:
    begin_at(page, home)
    answer(page, "red-flags", "degraded")
    expect(heading(page)).to_have_text("Call us now")
    emergency = PLAYBOOK_OF_BUYERS.emergency
    assert emergency is not None
    number = page.get_by_role("main").get_by_role("link", name=emergency.phone)
    expect(number).to_have_attribute("href", f"tel:{emergency.phone.replace(' ', '')}")
    expect(number).to_be_in_viewport(ratio=1)
    page.get_by_role("link", name="Reasons, and a brief").click()
    expect(heading(page)).to_have_text("Emergency response")
    expect(page.get_by_role("link", name=f"Call {emergency.phone}")).to_be_visible()
    page.get_by_role("link", name="What to have ready").click()
    page.get_by_role("link", name="Change the answer").click()
    option(page, "red-flags", "degraded").uncheck()
    answer(page, "red-flags", "none")
    expect(heading(page)).not_to_have_text(PLAYBOOK_OF_BUYERS.question("red-flags").title)
    assert asked_now(page)


def test_a_conflict_is_told_and_resolved(page: Page, home: str) -> None:
    begin_at(page, home)
    answer_all(page, NO_MONEY_TO_RUN_IT)
    press(page, "Show what follows")
    expect(heading(page)).to_have_text("No engagement fits all of this")
    money = PLAYBOOK_OF_BUYERS.question("money").title
    way_out = page.get_by_role("row").filter(has_text=money)
    way_out.get_by_role("link", name="Change").click()
    answer(page, "money", "monthly")
    expect(heading(page)).not_to_have_text(money)
    answer_all(page, NO_MONEY_TO_RUN_IT)
    press(page, "Show my recommendation")
    expect(heading(page)).to_have_text("Managed operation")


def test_the_private_link_comes_back_to_the_same_place(page: Page, home: str) -> None:
    begin_at(page, home)
    answer(page, "red-flags", "none")
    expect(heading(page)).not_to_have_text(PLAYBOOK_OF_BUYERS.question("red-flags").title)
    second = asked_now(page)
    assert second
    answer(page, second, LIST_OF_WORK[second])
    expect(heading(page)).not_to_have_text(PLAYBOOK_OF_BUYERS.question(second).title)
    third = heading(page).inner_text()
    page.get_by_role("link", name="Your private link").click()
    link = page.get_by_label("Private link", exact=True).input_value()
    page.goto(home)
    page.goto(link)
    expect(heading(page)).to_have_text(third)
    page.get_by_role("link", name="Back").click()
    expect(option(page, second, LIST_OF_WORK[second])).to_be_checked()


@with_and_without_javascript
def test_who_stops_sees_the_result_so_far_and_may_go_on(
    page: Page, home: str, *, javascript: bool
) -> None:
    begin_at(page, home)
    answer(page, "red-flags", "none")
    page.get_by_role("link", name="Stop here and see the result so far").click()
    expect(heading(page)).to_have_text("The result so far")
    expect(page).to_have_title("The result so far · Assistance")
    best = page.get_by_role("region", name="The question that would help most")
    asked = best.locator("p").first.inner_text()
    best.get_by_role("link", name="Answer it").click()
    expect(heading(page)).to_have_text(asked)
    page.go_back()
    expect(heading(page)).to_have_text("The result so far")
    page.go_forward()
    expect(heading(page)).to_have_text(asked)
    answer_all(page, LIST_OF_WORK)


@with_and_without_javascript
def test_what_was_not_asked_can_be_told_afterwards(
    page: Page, home: str, *, javascript: bool
) -> None:
    begin_at(page, home)
    keys = answer_all(page, LIST_OF_WORK)
    expect(page.get_by_text("because no answer to it could change the outcome")).to_be_visible()
    press(page, "Show my recommendation")
    expect(heading(page)).to_have_text("Hourly package")
    before = page.url
    [key] = Assessment.objects.get().recommendation.value.remaining
    assert key not in keys
    section = PLAYBOOK_OF_BUYERS.section(PLAYBOOK_OF_BUYERS.question(key).section)
    page.get_by_role("main").get_by_role("link", name=section.title, exact=True).click()
    option(page, key, LIST_OF_WORK[key]).check()
    press(page, "Save and return")
    expect(heading(page)).to_have_text("Hourly package")
    assert page.url == before
    page.go_back()  # to a page that asks nothing any more
    expect(heading(page)).to_have_text("Check your answers")
    expect(page.get_by_text(PLAYBOOK_OF_BUYERS.question(key).title)).to_be_visible()


# ---- Where the focus is ---------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "htmx did not load"])
def test_the_summary_of_errors_has_the_focus_and_leads_to_the_field(
    page: Page, home: str, console_errors: list[str], *, htmx: bool
) -> None:
    if not htmx:
        page.route("**/htmx*.js", lambda route: route.abort())
    begin_at(page, home)
    press(page, "Continue")
    summary = page.get_by_role("alert").filter(has_text="There is a problem")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    summary.get_by_role("link", name="Select what is happening in production").click()
    expect(option(page, "red-flags", "down")).to_be_focused()
    expect(option(page, "red-flags", "down")).to_be_in_viewport()
    expect(heading(page)).to_be_in_viewport()
    console_errors.clear()  # of the script that was not to load


def test_the_summary_of_errors_leads_to_a_typed_field(page: Page, home: str) -> None:
    page.goto(home + to(decided(publish(PLAYBOOK_OF_BUYERS)[0]), "contact"))
    page.get_by_label("Your e-mail address").fill("ada at firm")
    press(page, "Save")
    page.get_by_role("alert").get_by_role("link").click()
    field = page.get_by_label("Your e-mail address")
    expect(field).to_be_focused()
    expect(field).to_have_value("ada at firm")
    expect(field).to_have_accessible_description(re.compile("Enter an e-mail address"))


def test_the_focus_follows_to_the_next_page(page: Page, home: str) -> None:
    begin_at(page, home)
    answer(page, "red-flags", "none")
    expect(heading(page)).not_to_have_text(PLAYBOOK_OF_BUYERS.question("red-flags").title)
    following = heading(page).inner_text()
    expect(heading(page)).to_be_focused()
    expect(page).to_have_title(f"{following} · Assistance")
    expect(page.get_by_role("status")).to_have_text(f"{following} · Assistance")
    page.get_by_role("link", name="Back").click()
    expect(heading(page)).to_have_text(PLAYBOOK_OF_BUYERS.question("red-flags").title)
    expect(heading(page)).to_be_focused()


def tab_to(page: Page, place: Locator) -> None:
    """Press Tab until a place has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if place.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"Tab never comes to {place}")


def test_keys_are_enough(page: Page, home: str) -> None:
    page.goto(home)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name="Start now"))
    page.keyboard.press("Enter")
    expect(heading(page)).to_have_text(PLAYBOOK_OF_BUYERS.question("red-flags").title)
    tab_to(page, option(page, "red-flags", "none"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Continue"))
    page.keyboard.press("Enter")
    expect(heading(page)).not_to_have_text(PLAYBOOK_OF_BUYERS.question("red-flags").title)
    while key := asked_now(page):
        question, value = PLAYBOOK_OF_BUYERS.question(key), NO_MONEY_TO_RUN_IT[key]
        tab_to(page, option(page, key, question.options[0].key))
        page.keyboard.press("Space")
        for other in question.options:
            if other.key == value:
                break
            page.keyboard.press("ArrowDown")
        expect(option(page, key, value)).to_be_checked()
        page.keyboard.press("Enter")  # in a field it sends the form
        expect(heading(page)).not_to_have_text(question.title)
    expect(heading(page)).to_have_text("Check your answers")
    tab_to(page, page.get_by_role("button", name="Show what follows"))
    page.keyboard.press("Enter")
    expect(heading(page)).to_have_text("No engagement fits all of this")


# ---- Back and forward -----------------------------------------------------------------------


@with_and_without_javascript
def test_back_and_forward_restore_the_pages(page: Page, home: str, *, javascript: bool) -> None:
    begin_at(page, home)
    keys = []
    for _ in range(4):
        key = asked_now(page)
        assert key
        keys.append(key)
        answer(page, key, LIST_OF_WORK[key])
        expect(heading(page)).not_to_have_text(PLAYBOOK_OF_BUYERS.question(key).title)
    fifth = heading(page).inner_text()

    for key in (keys[3], keys[2]):
        page.go_back()
        expect(heading(page)).to_have_text(PLAYBOOK_OF_BUYERS.question(key).title)
        expect(page).to_have_title(f"{PLAYBOOK_OF_BUYERS.question(key).title} · Assistance")
        expect(option(page, key, LIST_OF_WORK[key])).to_be_checked()
        expect(page.get_by_role("main")).to_have_count(1)
    page.go_forward()
    expect(heading(page)).to_have_text(PLAYBOOK_OF_BUYERS.question(keys[3]).title)
    page.go_forward()
    expect(heading(page)).to_have_text(fifth)
    answer_all(page, LIST_OF_WORK)
    assert Assessment.objects.count() == 1


def test_no_answer_stays_behind_in_the_browser(page: Page, home: str) -> None:
    page.goto(home + to(decided(publish(PLAYBOOK_OF_BUYERS)[0]), "scope", "goal"))
    page.get_by_label("What should be different when this is done?").fill("Releases every day")
    press(page, "Save and continue")
    expect(heading(page)).to_have_text("Technical surface")
    page.get_by_role("link", name="Back").click()
    expect(heading(page)).to_have_text("Goal")
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "Releases" not in kept
    assert "<" not in kept


def test_back_passes_over_failed_attempts(page: Page, home: str) -> None:
    begin_at(page, home)
    press(page, "Continue")
    expect(page.get_by_role("alert").filter(has_text="There is a problem")).to_be_visible()
    press(page, "Continue")
    answer(page, "red-flags", "none")
    expect(heading(page)).not_to_have_text(PLAYBOOK_OF_BUYERS.question("red-flags").title)
    second = asked_now(page)
    assert second
    press(page, "Continue")
    expect(page.get_by_role("alert").filter(has_text="There is a problem")).to_be_visible()
    answer(page, second, LIST_OF_WORK[second])
    expect(heading(page)).not_to_have_text(PLAYBOOK_OF_BUYERS.question(second).title)
    page.go_back()
    expect(option(page, second, LIST_OF_WORK[second])).to_be_checked()
    # The address that begins an assessment is not gone back to: it would begin another one.
    page.go_back()
    expect(page.get_by_role("link", name="Start now")).to_be_visible()


def test_back_passes_over_a_result_that_was_loaded_anew(page: Page, home: str) -> None:
    begin_at(page, home)
    answer_all(page, LIST_OF_WORK)
    press(page, "Show my recommendation")
    expect(heading(page)).to_have_text("Hourly package")
    page.get_by_role("link", name="Share this page").click()
    expect(heading(page)).not_to_have_text("Hourly package")
    page.go_back()  # to a page of its own now, which has no htmx
    expect(heading(page)).to_have_text("Hourly package")
    page.go_back()
    expect(heading(page)).to_have_text("Check your answers")
    page.go_forward()
    expect(heading(page)).to_have_text("Hourly package")


# ---- When something fails -------------------------------------------------------------------


@pytest.mark.parametrize("restored", [False, True], ids=["at first", "after going back"])
def test_a_lost_connection_is_told_and_loses_nothing(
    page: Page, home: str, context: BrowserContext, console_errors: list[str], *, restored: bool
) -> None:
    assessment = decided(publish(PLAYBOOK_OF_BUYERS)[0])
    page.goto(home + to(assessment, "scope", "goal"))
    if restored:
        press(page, "Save and continue")
        expect(heading(page)).to_have_text("Technical surface")
        page.go_back()
    field = page.get_by_label("What should be different when this is done?")
    field.fill("Releases every day")
    context.set_offline(True)
    press(page, "Save and continue")
    expect(page.get_by_role("alert")).to_contain_text("That did not reach us.")
    expect(page.get_by_role("alert")).to_be_in_viewport()
    expect(field).to_have_value("Releases every day")
    context.set_offline(False)
    press(page, "Save and continue")
    expect(heading(page)).to_have_text("Technical surface")
    expect(page.get_by_text("That did not reach us.")).to_be_hidden()
    assert Assessment.objects.get().answers["goal-outcome"] == ("Releases every day",)
    assert all("DISCONNECTED" in text or "htmx:" in text for text in console_errors)
    console_errors.clear()


def test_an_error_of_ours_is_told_and_loses_nothing(
    page: Page, home: str, console_errors: list[str]
) -> None:
    assessment = decided(publish(PLAYBOOK_OF_BUYERS)[0])
    page.goto(home + to(assessment, "scope", "goal"))

    def fail_once(route: Route) -> None:
        route.fulfill(status=500, body="<h1>Something went wrong on our side</h1>")

    page.route(page.url, fail_once, times=1)
    field = page.get_by_label("What should be different when this is done?")
    field.fill("Releases every day")
    press(page, "Save and continue")
    expect(page.get_by_role("alert")).to_contain_text("Something went wrong on our side.")
    expect(field).to_have_value("Releases every day")
    press(page, "Save and continue")
    expect(heading(page)).to_have_text("Technical surface")
    assert all("500" in text or "htmx:" in text for text in console_errors)
    console_errors.clear()


def test_a_brief_that_cannot_be_made_is_a_page(
    page: Page,
    home: str,
    console_errors: list[str],
    settings: Settings,
    tmp_path: Path,
) -> None:
    (tmp_path / "no folder").write_text("")
    settings.BRIEFS_ROOT = tmp_path / "no folder" / "briefs"
    page.goto(home + to(decided(publish(PLAYBOOK_OF_BUYERS)[0]), "recommendation"))
    page.get_by_role("link", name="Download the scope brief (PDF)").click()
    expect(heading(page)).to_have_text("The brief is not ready")
    page.get_by_role("link", name="To the recommendation").click()
    expect(heading(page)).to_have_text("Hourly package")
    assert all("503" in text for text in console_errors)
    console_errors.clear()


def test_a_double_click_begins_one_assessment(page: Page, home: str) -> None:
    begin_at(page, home)
    option(page, "red-flags", "none").check()
    page.get_by_role("button", name="Continue").dblclick()
    expect(heading(page)).not_to_have_text(PLAYBOOK_OF_BUYERS.question("red-flags").title)
    assert asked_now(page)
    assert Assessment.objects.count() == 1


# ---- Small screens --------------------------------------------------------------------------


def test_no_page_scrolls_sideways(page: Page, home: str) -> None:
    version = publish(PLAYBOOK_OF_BUYERS)[0]
    long = {"contact_firm": "W" * 120, "contact_name": "W" * 120}
    single = decided(version)
    Assessment.objects.filter(pk=single.pk).update(**long)
    pathway = decided(version, "unproven", rhythm="monthly", money="evidence-first")
    conflict = decided(version, "not-our-job", money="one-off")
    emergency = decided(version, red_flags=["down", "intrusion"])
    started = begin(version, {"red-flags": "none"})
    for path in (
        "/",
        f"/playbooks/{PLAYBOOK}/engagements/",
        f"/playbooks/{PLAYBOOK}/emergency/",
        f"/playbooks/{PLAYBOOK}/start/",
        to(started, "question", "situation"),
        to(started, "so-far"),
        to(single, "check"),
        *(to(made, "recommendation") for made in (single, pathway, conflict, emergency)),
        to(emergency, "respond"),
        to(single, "scope", "readiness"),
        to(single, "scope", "goal"),
        to(single, "contact"),
    ):
        page.goto(home + path)
        page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        for width in (320, 390):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") == width, path
