"""What all tests share: a browser, marks, and a place for briefs."""

import gc
import os
import re
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.core.management.commands import flush
from django.db import connections
from django.utils import translation
from playwright.sync_api import Page
from pytest_django.fixtures import Settings

from catalog.models import PlaybookVersion, known_version
from catalog.publishing import publish
from engagements.brief import Brief
from engagements.groups import give_rights
from engagements.pdf import Printout
from tests.buyers import PLAYBOOK
from tests.factories import unguarded
from tests.on_postgres import belongs_there
from tests.scenarios import rulebook_of

# Playwright keeps an event loop running, in which Django would refuse to touch the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

FOLDERS = count()
BROWSER_FIXTURES = {"page", "context", "browser", "new_context"}


@pytest.hookimpl(tryfirst=True)  # before -m picks by mark
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Mark a test `browser`, or else `postgres` if what it shows may depend on the database."""
    for item in items:
        if BROWSER_FIXTURES & set(item.fixturenames):
            item.add_marker("browser")
        elif belongs_there(item.nodeid) or has_transactions(item):
            item.add_marker("postgres")


def pytest_collection_finish() -> None:
    """What is imported by now is there to stay: looking through it for garbage finds none."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20)  # a test leaves much behind, hardly any of it in circles


def has_transactions(item: pytest.Function) -> bool:
    """Whether a test commits, as it has to where several people are at work."""
    marked = item.get_closest_marker("django_db")
    return "transactional_db" in item.fixturenames or bool(
        marked and marked.kwargs.get("transaction")
    )


@pytest.fixture(scope="session", autouse=True)
def _tests_empty_every_table() -> Iterator[None]:
    """Between tests the tables are emptied, which the database refuses for immutable ones.

    What rights there are is left: to make them anew takes longer than many a test.
    """

    def empty(command: flush.Command, *, database: str, **options: Any) -> None:
        connection = connections[database]
        tables = set(connection.introspection.django_table_names(only_existing=True))
        stay = {model._meta.db_table for model in (ContentType, Permission)}
        emptying = connection.ops.sql_flush(no_style(), sorted(tables - stay))
        with unguarded(connection):
            connection.ops.execute_sql_flush(emptying)
        give_rights(apps, database)  # as in any database that was migrated

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", empty)
        yield


@pytest.fixture(autouse=True)
def _language_of_this_test() -> Iterator[None]:
    """What a request has switched to is spoken on until the next request."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _versions_of_this_test() -> None:
    """Versions never change, but each test begins to count them anew."""
    known_version.cache_clear()


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A folder that is only made by the few tests which write into it."""
    folder = tmp_path_factory.getbasetemp() / "files" / str(next(FOLDERS))
    settings.BRIEFS_ROOT, settings.PUBLIC_ROOT = folder / "briefs", folder / "public"


@pytest.fixture
def version() -> PlaybookVersion:
    """The published playbook that a buyer meets."""
    return publish(rulebook_of(PLAYBOOK).playbook)[0]


@pytest.fixture
def pdf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Brief]:
    """The briefs that were printed, where what the file looks like does not matter."""
    printed: list[Brief] = []

    def print_one(brief: Brief) -> Path:
        printed.append(brief)
        path = tmp_path / f"{brief.reference}-v{brief.version}.pdf"
        path.write_bytes(b"%PDF of a test: " + path.stem.encode())
        return path

    def print_other(printout: Printout) -> Path:
        path = tmp_path / f"{printout.reference}.pdf"
        path.write_bytes(b"%PDF of a test")
        return path

    for module in ("views", "result_views", "desk_views", "admin.review"):
        monkeypatch.setattr(f"engagements.{module}.pdf_of", print_one)
    monkeypatch.setattr("engagements.pages.file_of", print_other)
    return printed


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The Chromium that `make test` found, or one on the PATH, or else Playwright's own."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    on_path = map(shutil.which, names)
    chromium = os.environ.get("CHROMIUM") or next(filter(None, on_path), None)
    return {
        **browser_type_launch_args,
        **({"executable_path": chromium} if chromium else {}),
        "args": [
            "--no-sandbox",  # Chromium's sandbox refuses to start for root, as in a container
            "--disable-gpu",
            "--font-render-hinting=none",  # lines are as long as on a screen of today
            "--js-flags=--min-semi-space-size=32",  # MB; judging a page makes much garbage
            "--disable-dev-shm-usage",  # a container's /dev/shm is too small for it
            "--disable-background-networking",
            "--disable-component-update",
            # A page that a test makes up has no address, and may not frame one of this machine.
            "--disable-features=LocalNetworkAccessChecks",
        ],
    }


@pytest.fixture
def console_errors() -> list[str]:
    """What the browser complained about; a test that provokes a complaint clears it."""
    return []


@pytest.fixture
def page(page: Page, console_errors: list[str]) -> Iterator[Page]:
    """A page on which any error in the browser's console, such as a breach of the CSP, fails."""

    def note(kind: str, text: str) -> None:
        # By design, what does not validate comes back as a 422, and what clashes as a 409.
        if kind == "error" and not re.search("status of (409|422)", text):
            console_errors.append(text)

    page.set_default_timeout(10_000)  # ms; a broken page need not hold the others up
    page.on("console", lambda message: note(message.type, message.text))
    page.on("pageerror", lambda error: note("error", str(error)))
    yield page
    assert console_errors == []
