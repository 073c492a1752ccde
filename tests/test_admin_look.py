"""The admin in the product's look: light and dark, at a desk and on a phone, for everybody."""

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.looking import NARROW, SCHEMES, WIDE, sticking_out, violations
from tests.scenarios import ROOT
from tests.showcase import somebody
from tests.staff import sign_in, superuser

pytestmark = pytest.mark.urls("tests.showcase")

PAGES = {
    "index": "/showcase/",
    "app": "/showcase/auth/",
    "list": "/showcase/auth/user/",
    "found": "/showcase/auth/user/?q=person&is_staff__exact=0&o=-2.1",
    "nothing found": "/showcase/auth/user/?q=nobody",
    "add": "/showcase/auth/user/add/",
    "change": "/showcase/auth/user/{}/change/",
    "password of another": "/showcase/auth/user/{}/password/",
    "delete": "/showcase/auth/user/{}/delete/",
    "history": "/showcase/auth/user/{}/history/",
    "the product's index": "/admin/",
}
PARTS = (ROOT / "static" / "css" / "admin-parts.css").read_text()


@pytest.fixture
def shown(page: Page, live_server: LiveServer) -> str:
    """The number of somebody whom the pages show; a superuser is signed in."""
    sign_in(page, live_server, superuser())
    return str(somebody().pk)


@pytest.mark.parametrize("name", PAGES)
def test_it_works(page: Page, live_server: LiveServer, shown: str, name: str) -> None:
    page.goto(live_server.url + PAGES[name].format(shown))
    for width in (WIDE, NARROW):
        assert sticking_out(page, width) == []
        assert violations(page) == []


def test_errors_are_told_where_they_are(page: Page, live_server: LiveServer, shown: str) -> None:
    page.goto(live_server.url + PAGES["change"].format(shown))
    page.get_by_label("Username").fill("")
    page.locator("#logentry_set-0").get_by_label("Object repr").fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.get_by_text("This field is required.")).to_have_count(2)
    for width in (WIDE, NARROW):
        assert sticking_out(page, width) == []
        assert violations(page) == []


def test_messages_are_told(page: Page, live_server: LiveServer, shown: str) -> None:
    page.goto(live_server.url + PAGES["list"])
    page.get_by_role("button", name="Run").click()
    expect(page.locator(".messagelist .warning")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("name", ["list", "change"])
def test_a_wide_table_scrolls_in_its_own_place(
    page: Page, live_server: LiveServer, shown: str, name: str
) -> None:
    page.goto(live_server.url + PAGES[name].format(shown))
    assert sticking_out(page, NARROW) == []
    place = page.locator(".results, .tabular .wrapper").first
    assert place.evaluate("one => one.scrollWidth > one.clientWidth")


def test_the_menu_opens_on_a_phone(page: Page, live_server: LiveServer, shown: str) -> None:
    page.goto(live_server.url + PAGES["list"])
    assert sticking_out(page, NARROW) == []
    menu = page.get_by_role("navigation", name="Sidebar")
    expect(menu).to_be_hidden()
    page.get_by_role("link", name="Menu").click()
    expect(menu.get_by_role("link", name="Groups")).to_be_visible()
    assert sticking_out(page, NARROW) == []
    assert violations(page) == []
    menu.get_by_role("link", name="Close the menu").click()
    expect(menu).to_be_hidden()


def test_the_colours_are_the_tokens_and_follow_the_reader_s_system(
    page: Page, live_server: LiveServer, shown: str
) -> None:
    names = ("accent", "paper", "ink", "line")

    def colours() -> list[str]:
        read = "names => names.map(n => getComputedStyle(document.body).getPropertyValue('--' + n))"
        return [*page.evaluate(read, names), page.evaluate("getComputedStyle(document.body).color")]

    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.goto(live_server.url + "/")
        of_the_product = colours()
        page.goto(live_server.url + PAGES["list"])
        page.evaluate("localStorage.setItem('theme', 'light')")  # by a switch of another admin
        page.reload()
        assert colours() == of_the_product
    expect(page.locator(".theme-toggle")).to_have_count(0)


def test_the_menu_needs_no_script(page: Page, live_server: LiveServer, shown: str) -> None:
    browser = page.context.browser
    assert browser
    with browser.new_context(java_script_enabled=False) as context:
        context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
        plain = context.new_page()
        plain.goto(live_server.url + PAGES["list"])
        expect(plain.get_by_role("link", name="Groups")).to_be_visible()


def test_the_product_has_a_name(page: Page, live_server: LiveServer, shown: str) -> None:
    page.goto(live_server.url + "/admin/")
    expect(page).to_have_title("Overview · Engagement Advisor")
    expect(page.get_by_role("banner")).to_contain_text("Engagement Advisor")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_title("Sign in · Engagement Advisor")


# ---- The parts of our own pages -----------------------------------------------------------


def examples() -> list[str]:
    """How each part is written, from the comment that says so."""
    comment = PARTS.partition("*/")[0]
    written = [block.partition(":\n")[2] for block in comment.split("\n\n") if ":\n" in block]
    return [example.replace(" …", "") for example in written]


def test_every_part_has_an_example_and_every_example_a_look() -> None:
    written = {
        name for names in re.findall(r'class="([^"]*)"', str(examples())) for name in names.split()
    }
    styled = set(re.findall(r"\.([a-z][\w-]*)", PARTS.partition("*/")[2]))
    states = {name for name in styled if name.startswith("state--")}
    assert written == styled - states | {"state--waiting"}
    for state in states:
        assert state.removeprefix("state--") in PARTS.partition("*/")[0]


def test_the_parts_are_for_everybody(page: Page, live_server: LiveServer, shown: str) -> None:
    page.goto(live_server.url + PAGES["list"])
    states = ("waiting", "approved", "overridden", "answering", "changed")
    pills = "".join(f'<p class="state state--{name}">{name}</p>' for name in states)
    page.evaluate(
        "all => { document.querySelector('#content-main').innerHTML = all; }",
        "".join(examples()) + pills + f'<div class="panel">{"".join(examples())}</div>',
    )
    for width in (WIDE, NARROW):
        assert sticking_out(page, width) == []
        assert violations(page) == []
