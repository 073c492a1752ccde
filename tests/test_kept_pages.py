"""Public pages are made once and kept; never what is of one visitor or out of date."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django.fixtures import Settings

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements import kept as keeping
from engagements.kept import kept
from tests.buyers import PLAYBOOK
from tests.factories import small_playbook
from tests.scenarios import rulebook_of

pytestmark = pytest.mark.django_db
PAGES = [
    "/",
    *(reverse(f"engagements:{name}", args=[PLAYBOOK]) for name in ("playbook", "emergency")),
]


@pytest.mark.parametrize("href", PAGES)
def test_it_works(client: Client, version: PlaybookVersion, href: str) -> None:
    made, again = client.get(href), client.get(href)

    assert made.context is not None
    assert again.context is None  # no template was asked
    assert again.content == made.content
    assert again.headers == made.headers
    assert "nonce" not in again["Content-Security-Policy"]


def test_what_is_published_is_there_at_once(client: Client, version: PlaybookVersion) -> None:
    client.get("/")
    publish(small_playbook(title="Something else to decide"))
    assert "Something else to decide" in client.get("/").text
    changed = rulebook_of(PLAYBOOK).playbook.model_copy(update={"title": "Another title"})
    publish(changed)
    assert "Another title" in client.get("/").text


def counted(request: HttpRequest) -> HttpResponse:
    """A page that tells how often it was made."""
    counted.times = getattr(counted, "times", 0) + 1
    if request.path == "/token":
        get_token(request)
    response = HttpResponse(str(counted.times), status=404 if request.path == "/missing" else 200)
    if request.path == "/cookie":
        response.set_cookie("seen", "yes")
    return response


@pytest.mark.parametrize(
    ("href", "is_kept"),
    [
        pytest.param("/plain", True, id="the same for everybody"),
        pytest.param("/token", False, id="a form's token"),
        pytest.param("/cookie", False, id="a cookie"),
        pytest.param("/missing", False, id="not found"),
        pytest.param("/plain?a=b", False, id="asked for something"),
    ],
)
def test_only_what_is_the_same_for_everybody_is_kept(
    version: PlaybookVersion, href: str, *, is_kept: bool
) -> None:
    first, second = (kept(counted)(RequestFactory().get(href)).content for _ in range(2))
    assert (first == second) is is_kept


def test_each_host_has_its_own(version: PlaybookVersion, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "localhost"]
    pages = {
        kept(counted)(RequestFactory().get("/hosts", headers={"host": host})).content
        for host in ("testserver", "localhost")
    }
    assert len(pages) == 2


def test_no_more_are_kept_than_fit(
    version: PlaybookVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST", 3)
    for at in range(7):
        kept(counted)(RequestFactory().get(f"/page-{at}"))
    assert len(keeping._pages) <= 3  # noqa: SLF001 - what it is about
