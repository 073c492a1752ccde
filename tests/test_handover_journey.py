"""The handover as people tick it, in a browser."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.buyers import to
from tests.handovers import BACKUPS, DIAGRAM, handed_over, published, send
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
from tests.staff import consultant, sign_in

pytestmark = pytest.mark.django_db


def box(page: Page, words: str) -> Locator:
    """The box of an item, by what it says."""
    return page.get_by_role("checkbox", name=words, exact=True)


@with_and_without_javascript
def test_two_people_tick_and_each_sees_who_did(
    page: Page, live_server: LiveServer, *, javascript: bool
) -> None:
    assessment = handed_over(published())
    page.goto(live_server.url + to(assessment, "handover"))
    page.get_by_role("link", name="List before").click()
    expect(heading(page)).to_have_text("List before")
    other = page.context.new_page()
    other.goto(page.url)

    box(page, "Diagram approved").check()
    press(page, "Save")
    expect(page.get_by_text("Enter your name").last).to_be_visible()
    expect(box(page, "Diagram approved")).to_be_checked()
    page.get_by_label("Your name").fill("Ida Holm")
    press(page, "Save")
    expect(page.get_by_role("status").filter(has_text="Saved: 1 change.")).to_be_visible()
    expect(box(page, "Diagram approved")).to_be_checked()
    expect(page.locator(".tick__who")).to_contain_text("Ida Holm, ")

    box(other, "Backups restored once").check()
    other.get_by_label("Your name").fill("Ana Sobral")
    press(other, "Save")
    expect(box(other, "Diagram approved")).to_be_checked()
    expect(box(other, "Backups restored once")).to_be_checked()
    expect(other.get_by_text("2 of 5 ticked")).to_be_visible()
    if javascript:
        expect(heading(other)).to_be_focused()


def test_it_is_fit_for_everybody_on_every_screen(page: Page, live_server: LiveServer) -> None:
    assessment = handed_over(published())
    href = live_server.url + to(assessment, "checklist", "before")
    for done, seen in (([DIAGRAM, BACKUPS], ""), ([DIAGRAM], f"{DIAGRAM} {BACKUPS}")):
        send(Client(), assessment, *done, seen=seen)
    pages = (live_server.url + to(assessment, "handover"), href)
    for shown in pages:
        page.goto(shown)
        open_all(page)
        assert violations(page) == []
        for width in (NARROW, WIDE):
            assert sticking_out(page, width) == []
    page.set_viewport_size({"width": NARROW, "height": 844})
    for one in page.get_by_role("checkbox").all():
        place = one.bounding_box()
        assert place
        assert min(place["width"], place["height"]) >= 24
    page.get_by_label("Your name").fill("")
    box(page, "No default passwords").check()
    press(page, "Save")
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert violations(page) == []
    assert sticking_out(page, NARROW) == []


def test_a_long_name_breaks_on_a_phone(page: Page, live_server: LiveServer) -> None:
    name = "NIGHTLY_BACKUP_OF_ALL_DATABASES_" * 3
    group = {"key": "all", "title": name, "items": [f"Switched on: {name}"]}
    facts = [{"label": name, "question": "application"}]
    assessment = handed_over(
        published(
            checklists=[{"key": "before", "title": name, "groups": [group]}],
            chapters=[{"key": "basics", "title": name, "facts": facts}],
        )
    )
    for shown in (to(assessment, "handover"), to(assessment, "checklist", "before")):
        page.goto(live_server.url + shown)
        assert sticking_out(page, NARROW) == []


def test_save_is_always_at_hand_and_hides_nothing(page: Page, live_server: LiveServer) -> None:
    items = [f"Item {place}" for place in range(1, 41)]
    group = {"key": "all", "title": "All", "items": items}
    assessment = handed_over(
        published(checklists=[{"key": "before", "title": "Long", "groups": [group]}])
    )
    page.set_viewport_size({"width": NARROW, "height": 844})
    page.goto(live_server.url + to(assessment, "checklist", "before"))
    expect(page.get_by_role("button", name="Save")).to_be_in_viewport()
    bar = page.locator(".save")
    for place in (12, 25, 40):
        one = box(page, f"Item {place}")
        one.focus()
        expect(one).to_be_in_viewport()
        mine, its = one.bounding_box(), bar.bounding_box()
        assert mine
        assert its
        assert mine["y"] + mine["height"] <= its["y"]


def test_a_consultant_comes_to_it_from_the_review(page: Page, live_server: LiveServer) -> None:
    assessment = handed_over(published())
    sign_in(page, live_server, consultant())
    screen = reverse("admin:engagements_assessment_change", args=[assessment.pk])
    page.goto(live_server.url + screen)
    page.get_by_role("link", name="Open the handover").click()
    page.get_by_role("link", name="List before").click()
    box(page, "Diagram approved").check()
    press(page, "Save")
    expect(page.locator(".tick__who")).to_contain_text("Ana Sobral, ")
