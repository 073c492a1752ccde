"""A salesperson at work in a browser, before a call: from signing in to the files."""

import csv
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Download, Locator, Page, expect
from pypdf import PdfReader
from pytest_django.live_server_helper import LiveServer

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.models import Assessment
from tests.buyers import PLAYBOOK, decided
from tests.looking import NARROW, WIDE, sticking_out, violations, with_and_without_javascript
from tests.scenarios import rulebook_of
from tests.staff import PASSWORD, approved, consultant, overridden, seller, sign_in


@pytest.fixture
def noor(transactional_db: None) -> User:
    return seller()


@pytest.fixture
def listed(transactional_db: None) -> list[Assessment]:
    """Two briefs of one firm, one of another, and one that nobody has reviewed."""
    version: PlaybookVersion = publish(rulebook_of(PLAYBOOK).playbook)[0]
    ana = consultant()
    decided(version)
    return [
        approved(version, ana, "Nordlicht Druck", name="Ida Holm", email="ida@nordlicht.example"),
        approved(version, ana, "Süßwaren Krämer", situation="not-our-job", money="one-off"),
        overridden(version, ana, "Nordlicht Druck"),
    ]


def desk(live_server: LiveServer) -> str:
    """The address of the desk."""
    return f"{live_server.url}/desk/"


def rows(page: Page) -> Locator:
    """The rows of the list."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader"))


def saved(download: Download, folder: Path) -> Path:
    """A download under the name that it suggests."""
    path = folder / download.suggested_filename
    download.save_as(path)
    return path


@with_and_without_javascript
def test_it_works(
    page: Page,
    live_server: LiveServer,
    noor: User,
    listed: list[Assessment],
    tmp_path: Path,
    *,
    javascript: bool,
) -> None:
    page.goto(desk(live_server))
    page.get_by_label("Username").fill(noor.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reviewed briefs")
    expect(rows(page)).to_have_count(3)

    page.get_by_label("Firm, name, e-mail or reference").fill("nordlicht")
    page.get_by_role("button", name="Search").click()
    expect(rows(page)).to_have_count(2)
    expect(page).to_have_url(f"{desk(live_server)}?q=nordlicht&engagement=&days=&decision=")

    for assessment in (listed[0], listed[2]):
        page.get_by_label(f"Tick {assessment.reference}").check()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download as ZIP").click()
    archive = zipfile.ZipFile(saved(started.value, tmp_path))
    files = [archive.open(name) for name in sorted(archive.namelist())]
    told = [PdfReader(file).pages[0].extract_text() for file in files]
    assert len(told) == 2
    assert listed[0].reference in told[0]
    assert listed[2].reference in told[1]
    assert "Ana Sobral" in told[0]

    with page.expect_download() as started:
        page.get_by_role("link", name="Export what was found (CSV)").click()
    content = saved(started.value, tmp_path).read_text("utf-8-sig")
    exported = list(csv.DictReader(content.splitlines()))
    assert [row["Firm"] for row in exported] == ["Nordlicht Druck"] * 2
    assert [row["Decision"] for row in exported] == ["Overridden", "Approved"]

    with page.expect_download() as started:
        rows(page).nth(1).get_by_role("link", name="Version 1 (PDF)").click()
    name = f"scope-brief-{listed[0].reference}-nordlicht-druck-v1.pdf"
    assert started.value.suggested_filename == name
    assert PdfReader(saved(started.value, tmp_path)).pages

    page.get_by_role("link", name="Clear the filters").click()
    expect(rows(page)).to_have_count(3)
    page.get_by_role("button", name="Sign out").click()
    page.goto(desk(live_server))
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


@with_and_without_javascript
def test_nothing_ticked_is_told(
    page: Page, live_server: LiveServer, noor: User, listed: list[Assessment], *, javascript: bool
) -> None:
    sign_in(page, live_server, noor)
    page.goto(desk(live_server) + "?q=nordlicht")
    page.get_by_role("button", name="Download as ZIP").click()
    expect(page.get_by_role("alert").first).to_contain_text("Tick at least one brief of the list")
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_label("Firm, name, e-mail or reference")).to_have_value("nordlicht")


def test_all_on_a_page_are_ticked_at_once(
    page: Page, live_server: LiveServer, noor: User, listed: list[Assessment]
) -> None:
    sign_in(page, live_server, noor)
    page.goto(desk(live_server))
    everything = page.get_by_label("All on this page")
    everything.check()
    expect(page.get_by_text("3 ticked")).to_be_visible()
    page.get_by_label(f"Tick {listed[1].reference}").uncheck()
    expect(page.get_by_text("2 ticked")).to_be_visible()
    expect(everything).not_to_be_checked()

    page.get_by_label("Firm, name, e-mail or reference").fill("nordlicht")
    page.get_by_role("button", name="Search").click()
    expect(rows(page)).to_have_count(2)
    everything.check()
    expect(page.get_by_text("2 ticked")).to_be_visible()


def test_back_and_forward_keep_the_search(
    page: Page, live_server: LiveServer, noor: User, listed: list[Assessment]
) -> None:
    sign_in(page, live_server, noor)
    page.goto(desk(live_server))
    page.get_by_label("Firm, name, e-mail or reference").fill("krämer")
    page.get_by_role("button", name="Search").click()
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.go_back()
    expect(rows(page)).to_have_count(3)
    page.go_forward()
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_label("Firm, name, e-mail or reference")).to_have_value("krämer")


# ---- How it looks and reads -------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("", id="list"),
        pytest.param("?q=nobody", id="nothing found"),
        pytest.param("?days=8", id="wrong address"),
    ],
)
def test_everybody_can_read_it(
    page: Page, live_server: LiveServer, noor: User, listed: list[Assessment], query: str
) -> None:
    sign_in(page, live_server, noor)
    page.goto(desk(live_server) + query)
    if query == "":
        page.get_by_label(f"Tick {listed[0].reference}").check()
    assert violations(page) == []
    for width in (WIDE, NARROW):
        assert sticking_out(page, width) == []
        assert violations(page) == []


def test_everybody_can_read_that_it_is_empty(
    page: Page, live_server: LiveServer, noor: User
) -> None:
    sign_in(page, live_server, noor)
    page.goto(desk(live_server))
    expect(page.get_by_role("heading", name="Nothing is reviewed yet")).to_be_visible()
    assert violations(page) == []


def test_what_has_the_focus_is_in_sight(
    page: Page, live_server: LiveServer, noor: User, listed: list[Assessment]
) -> None:
    sign_in(page, live_server, noor)
    page.set_viewport_size({"width": NARROW, "height": 500})
    page.goto(desk(live_server))
    bar = page.locator(".picks")
    for assessment in listed[::-1]:
        tick = page.get_by_label(f"Tick {assessment.reference}")
        tick.focus()
        box, below = tick.bounding_box(), bar.bounding_box()
        assert box
        assert below
        assert box["y"] + box["height"] <= below["y"]
