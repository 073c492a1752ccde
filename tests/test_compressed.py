"""Pages are sent compressed; files that are compressed already are left as they are."""

import gzip

import pytest
from django.test import Client

from catalog.models import PlaybookVersion
from engagements.brief import Brief
from tests.buyers import HTML, address, decided, to
from tests.staff import consultant, signed_in

pytestmark = pytest.mark.django_db
BROWSER = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize("name", HTML)
def test_it_works(client: Client, version: PlaybookVersion, pdf: list[Brief], name: str) -> None:
    response = client.get(address(version, name), headers=BROWSER)
    assert response["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response["Vary"]
    assert gzip.decompress(response.content).lstrip().startswith(b"<!doctype html>")


def test_the_admin_is_compressed_too() -> None:
    response = signed_in(consultant()).get("/admin/", headers=BROWSER)
    assert response["Content-Encoding"] == "gzip"


def test_equal_pages_do_not_tell_by_their_length(client: Client, version: PlaybookVersion) -> None:
    """Or else what somebody has typed could be guessed from it, letter by letter (BREACH)."""
    href = to(decided(version), "recommendation")
    lengths = {len(client.get(href, headers=BROWSER).content) for _ in range(40)}
    assert len(lengths) > 1


def test_a_brief_keeps_its_length_and_its_mark(
    client: Client, version: PlaybookVersion, pdf: list[Brief]
) -> None:
    href = to(decided(version), "brief")
    response = client.get(href, headers=BROWSER)
    assert "Content-Encoding" not in response
    assert int(response["Content-Length"]) == len(response.getvalue())
    assert response["ETag"].startswith('"')
    again = client.get(href, headers={**BROWSER, "If-None-Match": response["ETag"]})
    assert again.status_code == 304
