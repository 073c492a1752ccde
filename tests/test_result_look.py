"""The page of a result in a browser: what is seen at once, what scrolls, what is printed."""

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import save_answers
from engagements.models import Link
from tests.buyers import PLAYBOOK, decided, shared, to
from tests.looking import NARROW, WIDE, sticking_out, violations
from tests.scenarios import rulebook_of

PATHWAY = {"situation": "unproven", "rhythm": "monthly", "money": "evidence-first"}


@pytest.fixture
def version(live_server: LiveServer) -> PlaybookVersion:
    """The published playbook of a site that runs."""
    assert live_server
    return publish(rulebook_of(PLAYBOOK).playbook)[0]


def bottom_of(place: Locator) -> float:
    """How far down the page something ends."""
    box = place.bounding_box()
    assert box
    return box["y"] + box["height"]


def test_the_first_screenful_says_what_why_and_what_next(
    page: Page, live_server: LiveServer, version: PlaybookVersion
) -> None:
    page.goto(live_server.url + to(decided(version, **PATHWAY), "recommendation"))
    panel = page.locator(".verdict")
    for width, height in ((NARROW, 844), (WIDE, 800)):
        page.set_viewport_size({"width": width, "height": height})
        for told in (
            page.get_by_role("heading", level=1),
            panel.get_by_text("You said"),
            panel.get_by_text("What to do next:"),
            page.get_by_role("link", name="Write to us"),
            panel.get_by_role("link", name=version.rulebook.playbook.firm.phone),
            panel.get_by_text("Indicative price"),
            panel.get_by_text("Not told yet"),
            page.get_by_role("link", name="Download the scope brief (PDF)"),
        ):
            assert bottom_of(told) <= height, (width, told)
        assert sticking_out(page, width) == []
    page.set_viewport_size({"width": NARROW, "height": 844})
    assert page.evaluate("document.documentElement.scrollHeight") < 5_500


def test_the_comparison_scrolls_in_its_own_place_by_key(
    page: Page, live_server: LiveServer, version: PlaybookVersion
) -> None:
    page.set_viewport_size({"width": NARROW, "height": 844})
    page.goto(live_server.url + to(decided(version), "recommendation"))
    region = page.get_by_role("region", name="Side by side: all 8 engagement models")
    name = region.get_by_role("rowheader", name="Hourly package")
    price = region.get_by_role("columnheader", name="Indicative price")
    region.focus()
    expect(region).to_be_focused()
    expect(price).not_to_be_in_viewport()
    before = name.bounding_box()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    expect(price).to_be_in_viewport()
    after = name.bounding_box()
    assert before
    assert after
    assert after["x"] == before["x"]
    assert page.evaluate("scrollX") == 0
    expect(region.get_by_role("row", name="Hourly package Recommended")).to_be_visible()


def test_what_a_phone_folds_is_open_on_a_wide_screen_and_on_paper(
    page: Page, live_server: LiveServer, version: PlaybookVersion
) -> None:
    page.set_viewport_size({"width": NARROW, "height": 844})
    page.goto(live_server.url + shared(decided(version)))
    reason = page.get_by_text("Smaller, but cannot carry").first
    received = page.get_by_text(
        version.rulebook.playbook.engagement("hourly-package").deliverables[0], exact=True
    )
    navigation = (
        page.get_by_role("banner"),
        page.get_by_role("contentinfo"),
        page.get_by_role("navigation", name="On this page"),
        page.get_by_role("link", name="Download the scope brief (PDF)"),
    )
    expect(reason).to_be_hidden()
    page.emulate_media(media="print")
    expect(reason).to_be_visible()
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": WIDE, "height": 800})
    page.reload()
    expect(reason).to_be_visible()
    expect(received).to_be_hidden()
    for place in navigation:
        expect(place).to_be_visible()
    page.emulate_media(media="print")
    for told in (reason, received, page.get_by_text("How can it be paid for?")):
        expect(told).to_be_visible()
    for place in navigation:
        expect(place).to_be_hidden()
    expect(page.get_by_text(version.rulebook.playbook.firm.email).first).to_be_visible()


def test_who_only_reads_has_a_page_without_faults(
    page: Page, live_server: LiveServer, version: PlaybookVersion
) -> None:
    page.goto(live_server.url + shared(decided(version, **PATHWAY)))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Audit or assessment")
    assert violations(page) == []
    for width in (NARROW, WIDE):
        assert sticking_out(page, width) == []


def test_what_opens_no_result_looks_well_too(
    page: Page, live_server: LiveServer, version: PlaybookVersion, console_errors: list[str]
) -> None:
    assessment = decided(version)
    href = live_server.url + shared(assessment)
    save_answers(assessment, {"money": ("one-off",)})
    page.goto(href)
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no result at the moment")
    assert violations(page) == []
    Link.objects.update(ended_at=timezone.now())
    page.goto(href)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has ended")
    assert violations(page) == []
    assert all("410" in text for text in console_errors)
    console_errors.clear()


def test_it_reads_from_right_to_left(
    page: Page, live_server: LiveServer, version: PlaybookVersion
) -> None:
    page.goto(live_server.url + to(decided(version, **PATHWAY), "recommendation"))
    page.evaluate("document.documentElement.dir = 'rtl'")
    for width in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        marks = page.locator(".line__mark")
        first, last = marks.first.bounding_box(), marks.last.bounding_box()
        assert first
        assert last
        # Down on a phone, across on a wide screen: what comes later is further left.
        assert first["y"] < last["y"] if width == NARROW else first["x"] > last["x"]
