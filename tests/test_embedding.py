"""The questionnaire in a page of the firm's own site, and nothing else in any page."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from playwright.sync_api import Page, Route, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.brief import Brief
from tests.buyers import (
    FORMS,
    HTMX,
    PLAYBOOK,
    PRIVATE,
    PUBLIC,
    Response,
    address,
    decided,
    to,
)
from tests.scenarios import UNEVENTFUL, rulebook_of

FIRM = "https://www.firm.example"
EMBEDDED = {*FORMS, *PRIVATE} - {"brief", "reading", "reading-brief"}


@pytest.fixture
def _in_pages_of_the_firm(settings: Settings) -> None:
    settings.EMBED_ORIGINS = [FIRM, "https://firm.example:8443"]


def ancestors(response: Response) -> str:
    """Who may show a page in a frame, by its policy."""
    [found] = re.findall(r"frame-ancestors ([^;]*)", response["Content-Security-Policy"])
    return str(found)


@pytest.mark.django_db
@pytest.mark.usefixtures("_in_pages_of_the_firm")
@pytest.mark.parametrize("name", [*PUBLIC, *PRIVATE])
def test_it_works(client: Client, version: PlaybookVersion, pdf: list[Brief], name: str) -> None:
    href = address(version, name)
    for response in (client.get(href), client.get(href, headers=HTMX)):
        if name in EMBEDDED:
            assert ancestors(response) == f"{FIRM} https://firm.example:8443"
            assert "X-Frame-Options" not in response
        else:
            assert ancestors(response) == "'none'"
            assert response["X-Frame-Options"] == "DENY"
        assert "default-src 'none'; script-src 'self'" in response["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.usefixtures("_in_pages_of_the_firm")
@pytest.mark.parametrize("path", ["/admin/", "/sign-in/", "/desk/", "/nowhere", "handover"])
def test_nothing_else_is_shown_in_a_frame(
    client: Client, version: PlaybookVersion, path: str
) -> None:
    response = client.get(path if path.startswith("/") else to(decided(version), path))
    assert ancestors(response) == "'none'"
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
@pytest.mark.usefixtures("_in_pages_of_the_firm")
def test_what_is_refused_is_told_in_the_frame(client: Client, version: PlaybookVersion) -> None:
    href = address(version, "start")
    response = client.post(href, headers={"Sec-Fetch-Site": "cross-site"})
    assert (response.status_code, ancestors(response).split()[0]) == (403, FIRM)


@pytest.mark.django_db
def test_by_default_nobody_shows_any_page_in_a_frame(
    client: Client, version: PlaybookVersion
) -> None:
    response = client.get(address(version, "start"))
    assert ancestors(response) == "'none'"
    assert response["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(EMBEDDED - {"resume"}))
def test_a_link_that_leads_out_leaves_the_frame(
    client: Client, version: PlaybookVersion, name: str
) -> None:
    page = client.get(address(version, name)).content.decode()
    stuck = [
        link
        for link in re.findall(r"<a [^>]*>", page)
        for href in re.findall(r'href="(/[^"]*)"', link)
        if not _is_embeddable(href) and 'target="_top"' not in link
    ]
    assert stuck == []


def _is_embeddable(href: str) -> bool:
    try:
        return hasattr(resolve(urlsplit(href).path).func, "embeddable")
    except Resolver404:
        return False


@pytest.mark.django_db
def test_a_frame_has_less_around_it(client: Client, version: PlaybookVersion) -> None:
    href = address(version, "start")
    framed = client.get(href, headers={"Sec-Fetch-Dest": "iframe"})
    assert '<html lang="en" dir="ltr" class="framed">' in framed.content.decode()
    assert "Sec-Fetch-Dest" in framed["Vary"]
    assert 'class="framed"' not in client.get(href).content.decode()


# ---- In a browser ----------------------------------------------------------------------------


@pytest.fixture
def embedding(page: Page, live_server: LiveServer, settings: Settings) -> str:
    """A page of another site, which may embed ours and does so with the path in its query."""
    publish(rulebook_of(PLAYBOOK).playbook)
    theirs = live_server.url.replace("localhost", "127.0.0.1")
    assert theirs != live_server.url
    settings.EMBED_ORIGINS = [theirs]

    def embed(route: Route) -> None:
        path = route.request.url.partition("?")[2]
        body = f'<title>Firm</title><iframe src="{live_server.url}{path}" height="700" width="390">'
        route.fulfill(body=body, content_type="text/html")

    page.route(lambda url: url.startswith(f"{theirs}/"), embed)
    return f"{theirs}/embed?"


def test_a_buyer_gets_to_a_recommendation_in_a_frame(page: Page, embedding: str) -> None:
    page.goto(f"{embedding}/playbooks/{PLAYBOOK}/start/")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("link", name="Talk to a consultant")).to_be_visible()
    expect(frame.locator(".brand")).to_be_hidden()
    expect(frame.locator(".site-footer")).to_be_hidden()
    given = {**UNEVENTFUL[PLAYBOOK], "red-flags": "none", "situation": "work-list"}
    while (group := frame.locator("main fieldset")).count():
        key = group.get_attribute("data-question") or ""
        frame.locator(f'input[name="{key}"][value="{given[key]}"]').check()
        frame.get_by_role("button", name="Continue").click()
        expect(frame.locator(f'main fieldset[data-question="{key}"]')).to_have_count(0)
        expect(frame.get_by_role("heading", level=1)).to_be_focused()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Check your answers")
    frame.get_by_role("button", name="Show my recommendation").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Hourly package")
    assert page.context.cookies() == []


@pytest.mark.parametrize("path", ["/", "/admin/login/"])
def test_other_pages_refuse_to_be_framed(
    page: Page, embedding: str, console_errors: list[str], path: str
) -> None:
    with page.expect_console_message(lambda said: "frame-ancestors 'none'" in said.text):
        page.goto(f"{embedding}{path}")
    expect(page.frame_locator("iframe").get_by_role("main")).to_have_count(0)
    console_errors.clear()


def test_a_site_that_is_not_listed_is_refused(
    page: Page, embedding: str, console_errors: list[str], settings: Settings
) -> None:
    settings.EMBED_ORIGINS = [FIRM]
    with page.expect_console_message(lambda said: f"frame-ancestors {FIRM}" in said.text):
        page.goto(f"{embedding}/playbooks/{PLAYBOOK}/start/")
    expect(page.frame_locator("iframe").get_by_role("main")).to_have_count(0)
    console_errors.clear()
