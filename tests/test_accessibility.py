"""WCAG 2.2 AA, as far as a program can tell, on every page and state, light and dark."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import issue_recommendation, save_answers, save_contact
from engagements.models import Assessment
from tests.buyers import PLAYBOOK, address, as_asked, begin, decided, to
from tests.factories import small_playbook
from tests.looking import NARROW, SCHEMES, WIDE, open_all, sticking_out, violations
from tests.offers import BUYERS, care_playbook
from tests.scenarios import rulebook_of

Address = Callable[[PlaybookVersion], str]


def issued_as_asked(version: PlaybookVersion) -> Assessment:
    """An assessment with a recommendation before all questions were asked."""
    assessment = as_asked(version, "unproven")
    issue_recommendation(assessment)
    return assessment


PAGES: dict[str, Address] = {
    "home": lambda _: "/",
    "engagement models": lambda _: f"/playbooks/{PLAYBOOK}/engagements/",
    "emergency": lambda _: f"/playbooks/{PLAYBOOK}/emergency/",
    "triage": lambda _: f"/playbooks/{PLAYBOOK}/start/",
    "question": lambda version: to(begin(version, {"red-flags": "none"}), "question", "situation"),
    "changing an answer": lambda version: to(decided(version), "question", "situation"),
    "so far": lambda version: to(
        begin(version, {"red-flags": "none", "situation": "build", "money": "one-off"}), "so-far"
    ),
    "check": lambda version: to(decided(version), "check"),
    "not asked": lambda version: to(issued_as_asked(version), "scope", "after"),
    "respond": lambda version: to(decided(version, red_flags=["down"]), "respond"),
    "single": lambda version: to(decided(version), "recommendation"),
    "pathway": lambda version: to(
        decided(version, "unproven", rhythm="monthly", money="evidence-first"), "recommendation"
    ),
    "conflict": lambda version: to(
        decided(version, "not-our-job", money="one-off"), "recommendation"
    ),
    "entry": lambda version: to(decided(version, "looking"), "recommendation"),
    "emergency recommended": lambda version: to(
        decided(version, red_flags=["down"]), "recommendation"
    ),
    "readiness": lambda version: to(
        decided(version, ready_hourly_package=["target-systems"]), "scope", "readiness"
    ),
    "texts": lambda version: to(decided(version), "scope", "goal"),
    "contact": lambda version: to(decided(version), "contact"),
    "emergencies": lambda _: "/emergency/",
    "links": lambda version: to(decided(version), "links"),
    "ask": lambda version: to(decided(version), "ask"),
    "colleague": lambda version: address(version, "colleague"),
    "colleague has sent": lambda version: address(version, "colleague-sent"),
    "reading": lambda version: address(version, "reading"),
    "long text": lambda version: to(with_a_long_answer(version), "scope", "anything-else"),
    "long names": lambda version: to(with_long_names(version), "recommendation"),
}


def with_a_long_answer(version: PlaybookVersion) -> Assessment:
    """An assessment of a buyer who has typed as much as fits, in one word."""
    assessment = decided(version)
    save_answers(assessment, {"anything-else": ("Donaudampfschifffahrt" * 190,)})
    return assessment


def with_long_names(version: PlaybookVersion) -> Assessment:
    """An assessment of a firm whose name is as long as names may be."""
    assessment = decided(version)
    names = {"contact_name": "Ada " * 30, "contact_firm": "Donaudampfschifffahrt" * 5}
    save_contact(assessment, {**names, "contact_email": "ada@firm.example"})
    return assessment


@pytest.fixture
def site(live_server: LiveServer) -> tuple[str, PlaybookVersion]:
    """The address of a site with one playbook, and its version."""
    return live_server.url, publish(rulebook_of(PLAYBOOK).playbook)[0]


@pytest.mark.parametrize("name", PAGES)
def test_it_works(page: Page, site: tuple[str, PlaybookVersion], name: str) -> None:
    url, version = site
    page.goto(url + PAGES[name](version))
    open_all(page)
    assert violations(page) == []


CARE: dict[str, Address] = {
    "playbook that says everything": lambda _: "/",
    "engagement models that say everything": lambda _: "/playbooks/care/engagements/",
    "emergency not offered": lambda version: to(issued(version, "down"), "respond"),
    "check of what is not offered": lambda v: to(begin(v, BUYERS["not offered"]), "check"),
    **{
        f"recommendation: {buyer}": lambda v, b=buyer: to(issued(v, b), "recommendation")
        for buyer in BUYERS
    },
}


def issued(version: PlaybookVersion, buyer: str) -> Assessment:
    """An assessment of a buyer who has their recommendation."""
    assessment = begin(version, BUYERS[buyer])
    issue_recommendation(assessment)
    return assessment


@pytest.mark.parametrize("name", CARE)
def test_an_offer_with_all_its_parts(page: Page, live_server: LiveServer, name: str) -> None:
    version = publish(care_playbook())[0]
    page.goto(live_server.url + CARE[name](version))
    assert violations(page) == []
    open_all(page)
    assert violations(page) == []
    for width in (NARROW, WIDE):
        assert sticking_out(page, width) == []


def test_a_fold_opens_by_key_without_a_script(page: Page, live_server: LiveServer) -> None:
    version = publish(care_playbook())[0]
    page.goto(live_server.url + to(issued(version, "tier-2"), "recommendation"))
    row = page.get_by_role("row", name="Watch the site")
    expect(row).to_be_hidden()
    page.locator("summary", has_text="Who does what").focus()
    page.keyboard.press("Enter")
    expect(row).to_be_visible()


def test_home_with_two_playbooks(page: Page, site: tuple[str, PlaybookVersion]) -> None:
    publish(small_playbook())
    page.goto(site[0])
    expect(page.get_by_role("link", name="Small playbook")).to_be_visible()
    assert violations(page) == []


def test_options_selected(page: Page, site: tuple[str, PlaybookVersion]) -> None:
    url, version = site
    page.goto(url + PAGES["triage"](version))
    page.get_by_role("checkbox").first.check()
    assert violations(page) == []
    page.goto(url + PAGES["question"](version))
    page.get_by_role("radio").first.check()
    assert violations(page) == []


@pytest.mark.parametrize("name", ["triage", "question"])
def test_errors(page: Page, site: tuple[str, PlaybookVersion], name: str) -> None:
    url, version = site
    page.goto(url + PAGES[name](version))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert violations(page) == []


def test_errors_of_what_was_typed(page: Page, site: tuple[str, PlaybookVersion]) -> None:
    url, version = site
    page.goto(url + PAGES["contact"](version))
    page.get_by_label("Your e-mail address").fill("ada at firm")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert violations(page) == []


def test_a_lost_connection(
    page: Page, site: tuple[str, PlaybookVersion], console_errors: list[str]
) -> None:
    url, version = site
    page.goto(url + PAGES["texts"](version))
    page.context.set_offline(True)
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []
    console_errors.clear()


def test_not_found(
    page: Page, site: tuple[str, PlaybookVersion], console_errors: list[str]
) -> None:
    page.goto(f"{site[0]}/a/{'x' * 32}/")
    expect(page.get_by_role("heading")).to_have_text("There is nothing at this address")
    assert violations(page) == []
    console_errors.clear()


def test_planted_violations_are_caught(page: Page, site: tuple[str, PlaybookVersion]) -> None:
    page.goto(site[0])
    page.evaluate("""
        const main = document.querySelector("main");
        const add = (name, what) => main.append(Object.assign(document.createElement(name), what));
        add("img", {src: "/static/favicon.svg"});
        add("textarea", {});
        add("button", {textContent: "i"});
        add("button", {textContent: "j"});
        main.querySelector(".three p").style.color = "#777777";
    """)
    caught = {tuple(told.split(": ")[:2]) for told in violations(page)}
    rules = {"image-alt", "label", "target-size", "color-contrast"}
    assert caught == {(scheme, rule) for scheme in SCHEMES for rule in rules}
