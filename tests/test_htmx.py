"""What htmx gets of a page."""

import pytest
from django.test import Client

from catalog.models import PlaybookVersion
from tests.buyers import HTMX, address, title_of

pytestmark = pytest.mark.django_db

RESTORE = {**HTMX, "HX-History-Restore-Request": "true"}


@pytest.mark.parametrize(
    "name",
    [
        *("start", "question", "check", "respond", "recommendation", "scope", "contact"),
        *("ask", "colleague", "colleague-sent"),
    ],
)
def test_htmx_gets_the_main_part_and_only_htmx(
    client: Client, version: PlaybookVersion, name: str
) -> None:
    href = address(version, name)
    whole, part, restored = (client.get(href, headers=h) for h in ({}, HTMX, RESTORE))
    for page in (whole, restored):
        assert page.content.decode().startswith("<!doctype html>")
        assert page.content.count(b"<title>") == 1
    assert b"<html" not in part.content
    assert b"site-header" not in part.content
    assert part.content.count(b"<main ") == 1
    assert title_of(part) == title_of(whole)
    for page in (whole, part, restored):
        vary = page["Vary"].split(", ")
        assert {"HX-Request", "HX-History-Restore-Request"} <= set(vary)


def test_a_failed_attempt_is_no_step_of_the_history(
    client: Client, version: PlaybookVersion
) -> None:
    page = client.post(address(version, "start"), headers={"HX-Request": "true"})
    assert page.status_code == 422
    assert page["HX-Push-Url"] == "false"
