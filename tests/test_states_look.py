"""Pages as they are when something has come in between: for everybody, on each screen."""

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import save_answers, save_contact
from engagements.links import replace
from engagements.models import Assessment
from tests.asking import told
from tests.buyers import PLAYBOOK, as_asked, begin, decided, to
from tests.looking import (
    NARROW,
    WIDE,
    heading,
    press,
    sticking_out,
    violations,
    with_and_without_javascript,
)
from tests.scenarios import rulebook_of


@pytest.fixture
def version(live_server: LiveServer) -> PlaybookVersion:
    """The one playbook of the site."""
    return publish(rulebook_of(PLAYBOOK).playbook)[0]


def assert_looks_well(page: Page) -> None:
    """For everybody, by day and by night, and on each screen."""
    assert violations(page) == []
    for width in (NARROW, WIDE):
        assert sticking_out(page, width) == []


@with_and_without_javascript
def test_an_answer_that_another_tab_has_changed(
    page: Page, live_server: LiveServer, version: PlaybookVersion, *, javascript: bool
) -> None:
    assessment = begin(version, {"red-flags": "none"})
    page.goto(live_server.url + to(assessment, "question", "situation"))
    save_answers(assessment, {"situation": ("build",)})
    page.locator('[value="looking"]').check()
    press(page, "Continue")
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    if javascript:  # axe is a script
        assert_looks_well(page)
    else:
        assert sticking_out(page, NARROW) == []


def test_a_contact_that_another_tab_has_changed(
    page: Page, live_server: LiveServer, version: PlaybookVersion
) -> None:
    assessment = decided(version)
    page.goto(live_server.url + to(assessment, "contact"))
    save_contact(assessment, {"contact_firm": "Donaudampfschifffahrt" * 5})
    page.get_by_label("Your firm").fill("Looms " * 20)
    press(page, "Save")
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert_looks_well(page)


@pytest.mark.parametrize("page_of_it", ["check", "question"])
def test_what_was_changed_meanwhile(
    page: Page, live_server: LiveServer, version: PlaybookVersion, page_of_it: str
) -> None:
    key = ("team",) if page_of_it == "question" else ()
    href = to(as_asked(version, "build"), page_of_it, *key)
    page.goto(f"{live_server.url}{href}?meanwhile=situation&meanwhile=red-flags&kept=money")
    expect(page.get_by_role("heading", name="Meanwhile, in another tab")).to_be_visible()
    assert_looks_well(page)


@pytest.mark.parametrize("name", ["question", "check", "recommendation"])
def test_a_page_in_a_frame(
    page: Page, live_server: LiveServer, version: PlaybookVersion, name: str
) -> None:
    key = ("situation",) if name == "question" else ()
    page.goto(live_server.url + to(decided(version), name, *key))
    page.evaluate("document.documentElement.classList.add('framed')")  # as site.js does in one
    assert_looks_well(page)


@pytest.mark.parametrize("status", [500, 410])
def test_an_answer_that_is_not_taken(
    page: Page,
    live_server: LiveServer,
    version: PlaybookVersion,
    console_errors: list[str],
    status: int,
) -> None:
    assessment = begin(version, {"red-flags": "none"})
    page.goto(live_server.url + to(assessment, "question", "situation"))
    if status == 410:
        replace(assessment)
    else:

        def broken(route: Route) -> None:
            route.fulfill(status=500)

        page.route(page.url, broken)
    title = heading(page).inner_text()
    page.locator('[value="looking"]').check()
    press(page, "Continue")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(heading(page)).to_have_text(title)
    expect(page.locator('[value="looking"]')).to_be_checked()
    assert_looks_well(page)
    console_errors.clear()


@pytest.mark.parametrize(
    ("name", "said"),
    [("check", "kapitän"), ("question", "kapitän"), ("recommendation", "Answers differ.")],
)
def test_two_answers_to_one_question(
    page: Page, live_server: LiveServer, version: PlaybookVersion, name: str, said: str
) -> None:
    assessment = decided(version)
    told(assessment, "frame", name="Donaudampfschifffahrtskapitän " * 3, response="contract")
    told(assessment, "frame", name="Bob Ray", response="not-sure")
    key = ("response",) if name == "question" else ()
    page.goto(live_server.url + to(Assessment.objects.get(), name, *key))
    expect(page.get_by_role("main")).to_contain_text(said)
    assert_looks_well(page)
