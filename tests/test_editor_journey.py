"""A practice lead at work in a browser: from an edited draft to a version, and back again."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalog.drafts import write_draft
from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import save_answers
from engagements.models import Assessment
from tests.buyers import PLAYBOOK, answered, to
from tests.looking import (
    NARROW,
    WIDE,
    heading,
    open_all,
    press,
    sticking_out,
    violations,
    with_and_without_javascript,
)
from tests.scenarios import answers_of, rulebook_of
from tests.staff import PASSWORD, editor, sign_in


@pytest.fixture
def pavel(transactional_db: None) -> User:
    return editor()


@pytest.fixture
def first(transactional_db: None) -> PlaybookVersion:
    """The live version, and a draft that says the same."""
    version, _ = publish(rulebook_of(PLAYBOOK).playbook, notes="The first.")
    write_draft(version.rulebook.playbook, version=version)
    return version


def follow(page: Page, name: str) -> None:
    """Click a link by its name, in the page itself and not in the menu."""
    page.locator("#content").get_by_role("link", name=name, exact=True).click()


def edit_price(page: Page, live_server: LiveServer) -> None:
    """Set the lower end of the audit's price to 7,500."""
    page.goto(f"{live_server.url}/admin/catalog/engagementmodel/")
    follow(page, "Audit or assessment")
    page.locator("[name=price_least]").fill("7500")
    press(page, "Save")


def edit_signal(page: Page, live_server: LiveServer) -> None:
    """Let the signal also fire for work that has criteria."""
    page.goto(f"{live_server.url}/admin/catalog/signal/?q=right+fix")
    follow(page, "The right fix is not known yet")
    # By its place on the page: the same options stand in every condition on this question.
    clarity = page.locator("[name=conditions-1-any_of]")
    expect(clarity.nth(2)).to_be_checked()
    clarity.nth(0).check()
    press(page, "Save")


def differences(page: Page, part: str) -> Locator:
    """What is told of a kind of part: what, was, now."""
    return page.locator("section").filter(has=page.get_by_role("heading", name=part, exact=True))


def recommended(page: Page, live_server: LiveServer, assessment: Assessment) -> Locator:
    """What a buyer reads who asks for the recommendation now."""
    page.goto(live_server.url + to(assessment, "check"))
    press(page, "Show my recommendation")
    return heading(page)


def begun(page: Page, live_server: LiveServer) -> Assessment:
    """A new assessment of a buyer with a list of work, begun in the browser."""
    page.goto(live_server.url)
    page.get_by_role("link", name="Start now").click()
    page.get_by_label("None of these").check()
    press(page, "Continue")
    expect(heading(page)).to_have_text("Which sentence is closest to why you are here?")
    assessment = Assessment.objects.latest("pk")
    save_answers(assessment, answers_of(PLAYBOOK, {"situation": "work-list"}))
    return assessment


@with_and_without_javascript
def test_it_works(
    page: Page, live_server: LiveServer, pavel: User, first: PlaybookVersion, *, javascript: bool
) -> None:
    running = answered(first)

    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("Username").fill(pavel.username)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")
    expect(page).to_have_url(f"{live_server.url}/admin/")
    edit_price(page, live_server)
    edit_signal(page, live_server)

    page.goto(f"{live_server.url}/admin/catalog/draft/")
    follow(page, "Infrastructure services")
    follow(page, "Publish …")
    price = differences(page, "Engagement model")
    expect(price.get_by_role("heading", level=3)).to_have_text("Audit or assessment")
    expect(price.locator(".diff__what")).to_have_text("Price")
    expect(price.locator("del")).to_have_text("EUR 6,000 to 14,000 per audit")
    expect(price.locator("ins")).to_have_text("EUR 7,500 to 14,000 per audit")
    signal = differences(page, "Buying signal")
    expect(signal.get_by_role("heading", level=3)).to_have_text("The right fix is not known yet")
    expect(signal.locator("del")).to_have_text(
        "“Could you write down today how to check that the work is done?” is answered “No: we "
        "cannot describe the right fix yet” or “I'm not sure”"
    )
    expect(signal.locator("ins")).to_contain_text(
        "is answered “Yes: the criteria exist, or we could write them this week”, “No"
    )
    page.get_by_label("What changes, and why").fill("A look before each list of work.")
    press(page, "Publish")
    expect(heading(page)).to_have_text("Infrastructure services, version 2")
    expect(page.get_by_text("Version 2 is live.")).to_be_visible()

    # The one that was under way goes by what it began with; a new one by what is live.
    expect(recommended(page, live_server, running)).to_have_text("Hourly package")
    new = begun(page, live_server)
    assert new.version.number == 2
    expect(recommended(page, live_server, new)).to_contain_text("Audit or assessment")

    page.goto(f"{live_server.url}/admin/catalog/playbook/")
    follow(page, "Infrastructure services")
    follow(page, "Version 1")
    press(page, "Make this version live again")
    expect(heading(page)).to_have_text("Infrastructure services, version 3")
    expect(page.get_by_text("Version 3 is live and says what version 1 says.")).to_be_visible()
    expect(page.get_by_text("The draft says something else")).to_be_visible()
    newest = begun(page, live_server)
    assert newest.version.number == 3
    expect(recommended(page, live_server, newest)).to_have_text("Hourly package")
    expect(recommended(page, live_server, new)).to_contain_text("Audit or assessment")


@with_and_without_javascript
def test_a_service_level_is_written_row_by_row(
    page: Page, live_server: LiveServer, pavel: User, first: PlaybookVersion, *, javascript: bool
) -> None:
    """What is empty is unfolded, what is saved is folded to its name, and one can be deleted."""
    sign_in(page, live_server, pavel)
    page.goto(f"{live_server.url}/admin/catalog/engagementmodel/")
    follow(page, "Audit or assessment")
    level = page.locator("#about-service-level")
    expect(level).to_contain_text("nothing yet")
    level.locator("> summary").click()
    for name, said in {"title": "Critical", "meaning": "down", "response": "in an hour"}.items():
        level.locator(f"[name=severities-0-{name}]").fill(said)
    press(page, "Save and continue editing")
    expect(level.get_by_text("Severities belong to a service level")).to_be_visible()
    expect(level.locator("[name=severities-0-meaning]")).to_be_visible()

    level.get_by_label("Hours of coverage").fill("Monday to Friday")
    press(page, "Save and continue editing")
    expect(level.locator("[name=severities-0-meaning]")).to_be_hidden()
    if javascript:
        level.get_by_role("button", name="Add another Severity").click()
        expect(level.locator("[name=severities-2-title]")).to_be_visible()
    level.locator("#severities-0 summary").click()
    expect(level.locator("[name=severities-0-meaning]")).to_have_value("down")
    level.locator("#severities-0").get_by_label("Delete").check()
    press(page, "Save and continue editing")

    expect(level.locator("#severities-0")).to_contain_text("#1")
    expect(level.get_by_label("Hours of coverage")).to_have_value("Monday to Friday")


def test_pages_are_accessible_and_fit_every_screen(
    page: Page, live_server: LiveServer, pavel: User, first: PlaybookVersion
) -> None:
    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("Username").fill(pavel.username)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")
    expect(page).to_have_url(f"{live_server.url}/admin/")
    edit_price(page, live_server)
    second, _ = publish(first.rulebook.playbook.model_copy(update={"minutes": 7}), by=pavel)
    draft = first.playbook.draft

    for address in (
        f"draft/{draft.pk}/publish/",
        f"playbookversion/{second.pk}/change/",
        f"playbookversion/{first.pk}/change/",
        f"playbook/{first.playbook_id}/change/",
        "playbookversion/",
        "playbook/",
    ):
        page.goto(f"{live_server.url}/admin/catalog/{address}")
        open_all(page)
        assert violations(page) == [], address
        for width in (WIDE, NARROW):
            assert sticking_out(page, width) == [], (address, width)
