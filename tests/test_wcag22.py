"""What WCAG 2.2 asks of a process and no scanner sees: help, titles, announcements, focus."""

import re

import pytest
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from catalog.models import PlaybookVersion
from tests.buyers import HTML, address, decided, title_of, to
from tests.handovers import handed_over, published
from tests.looking import NARROW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", HTML)
def test_help_is_in_the_same_place_on_every_page(
    client: Client, version: PlaybookVersion, name: str
) -> None:
    page = client.get(address(version, name)).content.decode()
    places = re.findall(r"<(header|nav|main|footer)\b", page)
    assert places[:3] == ["header", "nav", "main"]
    [nav] = re.findall(r'<nav class="site-nav" aria-label="Help">(.*?)</nav>', page, re.DOTALL)
    assert re.findall(r">([^<>]+)</a>", nav) == ["Emergency", "Talk to a consultant"]


@pytest.mark.parametrize("name", HTML)
def test_every_page_can_announce_what_changes(
    client: Client, version: PlaybookVersion, name: str
) -> None:
    page = client.get(address(version, name)).content.decode()
    assert len(re.findall(r'id="announcer"[^>]* role="status"', page)) == 1
    assert page.count("<h1") == 1


def test_every_page_has_a_title_of_its_own(client: Client, version: PlaybookVersion) -> None:
    titles = {name: title_of(client.get(address(version, name))) for name in HTML}
    shared = {"home", "playbook"}  # one page, where there is one playbook
    told = [title for name, title in titles.items() if name not in shared]
    assert len(set(told)) == len(told), titles
    assert all(title.endswith(" · Assistance") for title in titles.values()), titles


HIDDEN = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const { left, top, width, height } = one.getBoundingClientRect();
    const spots = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.1], [0.5, 0.9]];
    const seen = spots.some(([x, y]) => {
        const there = document.elementFromPoint(left + x * width, top + y * height);
        const ours = [one, ...(one.labels ?? [])];
        return there && (there.contains(one) || ours.some((part) => part.contains(there)));
    });
    return { name: one.textContent.trim() || one.name || one.tagName, seen };
}"""
"""What has the focus, and whether any of it can be seen where it is."""


@pytest.mark.parametrize("name", ["question", "recommendation", "links", "checklist"])
def test_what_has_the_focus_is_never_hidden(
    page: Page, live_server: LiveServer, request: pytest.FixtureRequest, name: str
) -> None:
    """Neither by the bar that sticks below a checklist, nor by a column beside a table."""
    if name == "checklist":
        href = to(handed_over(published()), "checklist", "before")
    else:
        version = request.getfixturevalue("version")
        assessment = decided(version, "unproven", rhythm="monthly", money="evidence-first")
        href = to(assessment, name, *(["situation"] if name == "question" else []))
    page.set_viewport_size({"width": NARROW, "height": 600})
    page.goto(live_server.url + href)
    assert hidden_in(page) == []


def test_a_bar_over_what_has_the_focus_is_caught(page: Page, live_server: LiveServer) -> None:
    page.set_viewport_size({"width": NARROW, "height": 600})
    page.goto(live_server.url + to(handed_over(published()), "checklist", "before"))
    page.evaluate("""() => {
        const bar = document.body.appendChild(document.createElement("div"));
        Object.assign(bar.style, { position: "fixed", inset: "50% 0 0 0", zIndex: 9 });
    }""")
    assert "done" in hidden_in(page)


def hidden_in(page: Page) -> list[str]:
    """What cannot be seen when it gets the focus, of all that the Tab key reaches."""
    hidden, reached = [], 0
    for _press in range(120):
        page.keyboard.press("Tab")
        focused = page.evaluate(HIDDEN)
        if focused is None:
            break
        reached += 1
        if not focused["seen"]:
            hidden.append(focused["name"])
    assert reached > 5
    return hidden
