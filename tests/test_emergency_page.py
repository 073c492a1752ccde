"""The emergency page that works when nothing else does."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from playwright.sync_api import Page
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements import emergency_page
from engagements.emergency_page import place
from tests.brands import KESTREL
from tests.buyers import links_of, text_of
from tests.factories import emergency, small_playbook
from tests.looking import NARROW, WIDE, sticking_out, violations
from tests.offers import care_playbook


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is not there: whoever asks it anything gets an error."""

    def gone(*args: object, **kwargs: object) -> None:
        raise OperationalError("the database is gone")

    monkeypatch.setattr(connection, "cursor", gone)
    monkeypatch.setattr(connection, "ensure_connection", gone)


@pytest.mark.django_db
def test_it_works(client: Client, version: PlaybookVersion) -> None:
    page = client.get("/emergency/")
    told = version.rulebook.playbook.emergency
    assert told
    assert f'href="tel:{told.phone.replace(" ", "")}"' in page.content.decode()
    for words in (told.hours, told.promise, *told.have_ready, *told.meanwhile):
        assert words in text_of(page)
    assert page.cookies.keys() == set()
    assert place().read_text() == page.content.decode()


@pytest.mark.django_db
def test_it_is_served_without_a_database(
    client: Client,
    version: PlaybookVersion,
    request: pytest.FixtureRequest,
) -> None:
    there = client.get("/emergency/").content
    request.getfixturevalue("no_database")
    with pytest.raises(OperationalError):
        client.get("/")
    page = client.get("/emergency/")
    assert (page.status_code, page.content) == (200, there)


def test_it_is_served_without_a_database_before_it_was_ever_written(
    client: Client, no_database: None, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    assert "No emergency number is published here" in text_of(client.get("/emergency/"))
    settings.BRAND = KESTREL
    assert 'href="tel:+441614960199"' in client.get("/emergency/").content.decode()
    assert not place().exists()  # or it would stay like that
    assert "no database to make it from" in caplog.text


@pytest.mark.django_db
def test_its_policy_lets_it_look_like_itself_and_nothing_else(
    client: Client, version: PlaybookVersion
) -> None:
    page = client.get("/emergency/")
    [style] = re.findall(r"<style>(.*?)</style>", page.content.decode(), re.DOTALL)
    told = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert page["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{told}'; img-src data:; form-action 'none'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    assert page["Cache-Control"] == "public, max-age=60, stale-if-error=86400"
    assert not re.search(r"<script|<link rel=\"stylesheet|url\(|@import| src=| style=", page.text)
    assert client.head("/emergency/").status_code == 200
    assert client.post("/emergency/").status_code == 405


# ---- How it stays up to date ------------------------------------------------------------------


@pytest.mark.django_db
def test_publishing_writes_it_anew(
    version: PlaybookVersion, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    other = {**emergency(), "phone": "+61 2 5550 0199"}
    with django_capture_on_commit_callbacks(execute=True):
        publish(care_playbook(emergency=other))
    assert "+61 2 5550 0199" in place().read_text()


@pytest.mark.django_db
def test_a_place_that_cannot_be_written_keeps_nobody_from_publishing(
    settings: Settings,
    tmp_path: Path,
    client: Client,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").touch()
    settings.PUBLIC_ROOT = tmp_path / "file"
    with django_capture_on_commit_callbacks(execute=True):
        publish(care_playbook())
    assert "Error calling" in caplog.text
    assert client.get("/").status_code == 200
    assert "The emergency page cannot be written." in caplog.text
    assert client.get("/emergency/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("out_of_date", ["<!doctype html><!-- of old -->", None])
def test_the_home_page_heals_it(
    client: Client, version: PlaybookVersion, out_of_date: str | None
) -> None:
    if out_of_date:
        place().parent.mkdir(parents=True)
        place().write_text(out_of_date)
    client.get("/")
    whole = place().read_text()
    assert whole == emergency_page.text_for([version])
    place().write_text(whole + "<!-- as it was -->")
    client.get("/")
    assert place().read_text().endswith("<!-- as it was -->")  # what is up to date is left alone


@pytest.mark.django_db
def test_the_command_writes_it(
    version: PlaybookVersion, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("emergencypage")
    assert capsys.readouterr().out == f"{place()}\n"
    assert place().read_text() == emergency_page.text_for([version])


@pytest.mark.django_db
def test_a_number_for_each_of_several_lines(client: Client, version: PlaybookVersion) -> None:
    publish(care_playbook(emergency={**emergency(), "phone": "+61 2 5550 0199"}))
    numbers = [href for href, _label in links_of(client.get("/emergency/")) if "tel:" in href]
    assert numbers == ["tel:+61255500199", "tel:+493055500199"]


@pytest.mark.django_db
def test_a_firm_without_a_line_says_so(client: Client) -> None:
    publish(small_playbook())
    page = client.get("/emergency/")
    assert "No emergency number is published here" in text_of(page)
    assert "tel:" not in page.content.decode()


# ---- In a browser -----------------------------------------------------------------------------


def test_from_the_home_page_in_one_tap(
    page: Page, live_server: LiveServer, transactional_db: None
) -> None:
    publish(care_playbook(emergency=emergency()))
    publish(small_playbook())
    page.set_viewport_size({"width": NARROW, "height": 844})
    page.goto(live_server.url)
    link = page.get_by_role("link", name="Emergency", exact=True)
    box = link.bounding_box()
    assert box
    assert box["y"] + box["height"] < 844
    link.click()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    assert asked == [f"{live_server.url}/emergency/"]
    call = page.get_by_role("link", name=re.compile("Call")).bounding_box()
    assert call
    assert call["height"] > 64
    assert call["y"] + call["height"] < 844
    assert violations(page) == []
    for width in (NARROW, WIDE):
        assert sticking_out(page, width) == []
