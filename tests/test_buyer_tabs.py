"""Buyers in a hurry: two tabs, two clicks, keys instead of a mouse, and a slow connection."""

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.models import Assessment
from tests.buyers import PLAYBOOK, as_asked, begin, to
from tests.looking import NARROW, WIDE, heading, press, with_and_without_javascript
from tests.scenarios import rulebook_of


@pytest.fixture
def site(live_server: LiveServer) -> tuple[str, PlaybookVersion]:
    """The address of a site with one playbook, and its version."""
    return live_server.url, publish(rulebook_of(PLAYBOOK).playbook)[0]


@with_and_without_javascript
def test_two_tabs_lose_nothing(
    page: Page, site: tuple[str, PlaybookVersion], *, javascript: bool
) -> None:
    home, version = site
    assessment = begin(version, {"red-flags": "none"})
    first, second = page, page.context.new_page()
    for tab, width in ((first, NARROW), (second, WIDE)):
        tab.set_viewport_size({"width": width, "height": 900})
        tab.goto(home + to(assessment, "question", "situation"))
    title = heading(first).inner_text()
    second.locator('[value="build"]').check()
    press(second, "Continue")
    expect(heading(second)).not_to_have_text(title)

    first.locator('[value="looking"]').check()
    press(first, "Continue")
    summary = first.get_by_role("alert").filter(has_text="There is a problem")
    expect(summary).to_contain_text("given in another tab or on another device")
    if javascript:
        expect(summary).to_be_focused()
    expect(first.locator('[value="looking"]')).to_be_checked()
    assert Assessment.objects.get().answers["situation"] == ("build",)
    press(first, "Continue")
    expect(heading(first)).not_to_have_text(title)
    assert Assessment.objects.get().answers["situation"] == ("looking",)


def test_the_other_tab_is_told_that_its_question_is_moot(
    page: Page, site: tuple[str, PlaybookVersion]
) -> None:
    home, version = site
    assessment = as_asked(version, "build")
    first, second = page, page.context.new_page()
    first.goto(home + to(assessment, "question", "team"))
    second.goto(home + to(assessment, "question", "situation"))
    second.locator('[value="not-our-job"]').check()
    press(second, "Continue")
    expect(heading(second)).to_have_text("Check your answers")

    first.locator('[value="nobody"]').check()
    press(first, "Continue")
    expect(heading(first)).to_have_text("Check your answers")
    expect(heading(first)).to_be_focused()
    expect(first.get_by_role("status")).to_contain_text("Meanwhile, in another tab")
    expect(first.get_by_role("main")).to_contain_text("Your answer to it is kept")
    assert Assessment.objects.get().answers["team"] == ("nobody",)


@with_and_without_javascript
def test_two_clicks_begin_one_assessment(
    page: Page, site: tuple[str, PlaybookVersion], *, javascript: bool
) -> None:
    page.goto(f"{site[0]}/playbooks/{PLAYBOOK}/start/")
    title = heading(page).inner_text()
    page.locator('[value="none"]').check()
    page.get_by_role("button", name="Continue").dblclick()
    expect(heading(page)).not_to_have_text(title)
    assert Assessment.objects.count() == 1


def test_a_button_says_that_it_waits_and_keeps_its_place(
    page: Page, site: tuple[str, PlaybookVersion]
) -> None:
    home, version = site
    page.goto(home + to(begin(version, {"red-flags": "none"}), "question", "situation"))
    held: list[Route] = []
    page.route(page.url, lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    title = heading(page).inner_text()
    page.locator('[value="looking"]').check()
    button = page.get_by_role("main").get_by_role("button")
    before = button.bounding_box()
    page.keyboard.press("Enter")  # in a field it sends the form
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_role("status")).to_have_text("One moment, please.")
    assert button.bounding_box() == before
    page.keyboard.press("Enter")  # a second time, which is dropped
    held[0].continue_()
    expect(heading(page)).not_to_have_text(title)
    expect(heading(page)).to_be_focused()
    assert len(held) == 1
