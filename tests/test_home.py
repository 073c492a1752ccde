"""Where a buyer comes in: the home page, and the pages of a playbook."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from tests.buyers import PLAYBOOK, links_of, text_of, title_of
from tests.factories import emergency, small_playbook, tamper
from tests.offers import care_playbook

pytestmark = pytest.mark.django_db


def test_home_with_one_playbook_is_its_page(client: Client, version: PlaybookVersion) -> None:
    page = client.get("/")
    playbook = version.rulebook.playbook
    assert playbook.promise in text_of(page)
    for model in playbook.engagements:
        assert model.title in text_of(page)


def test_home_with_two_playbooks_offers_both(client: Client, version: PlaybookVersion) -> None:
    publish(small_playbook())
    page = client.get("/")
    assert title_of(page) == "What do you have to decide? · Engagement Advisor"
    links = dict(links_of(page))
    decision = version.rulebook.playbook.decision
    for key, title in ((PLAYBOOK, decision), ("small", "Small playbook")):
        href = reverse("engagements:playbook", args=[key])
        assert links[href] == title
        assert client.get(href).status_code == 200


def test_home_offers_each_by_what_a_buyer_wants_to_decide(
    client: Client, version: PlaybookVersion
) -> None:
    firm = version.rulebook.playbook.firm.model_dump(mode="json", exclude_none=True)
    publish(care_playbook(firm=firm, minutes=3))
    page = client.get("/")
    care = reverse("engagements:playbook", args=["care"])
    assert dict(links_of(page))[care] == "Who keeps our site up?"
    assert "Who keeps our site up? Care of a site · under 3 minutes A few" in text_of(page)
    assert "Who keeps our site up?" in re.findall(
        r"<h1>(.*?)</h1>", client.get(care).content.decode()
    )


def test_the_firm_is_named_where_there_are_several(
    client: Client, version: PlaybookVersion
) -> None:
    publish(small_playbook())
    assert "Small playbook Firm · under 2 minutes" in text_of(client.get("/"))


@pytest.mark.parametrize(
    ("phone", "lines"),
    [
        pytest.param("+49 30 5550 0199", ["+49 30 5550 0199"], id="one number for both"),
        pytest.param(
            "+61 2 5550 0199", ["+61 2 5550 0199", "+49 30 5550 0199"], id="one number each"
        ),
    ],
)
def test_whom_to_call_is_one_tap_away(
    client: Client, version: PlaybookVersion, phone: str, lines: list[str]
) -> None:
    playbook = version.rulebook.playbook
    firm = playbook.firm.model_dump(mode="json", exclude_none=True)
    publish(care_playbook(firm=firm, emergency={**emergency(), "phone": phone}))
    page = client.get("/")
    links = [(href, label) for href, label in links_of(page) if href.startswith("tel:")]
    assert links == [(f"tel:{line.replace(' ', '')}", f"Call {line}") for line in lines]
    assert dict(links_of(page))["/emergency/"] == "What to have ready"
    assert (f"{playbook.title} What to have ready" in text_of(page)) is (len(lines) > 1)


def test_home_names_no_number_where_no_playbook_does(client: Client) -> None:
    publish(small_playbook())
    publish(small_playbook(key="other"))
    assert "tel:" not in client.get("/").content.decode()


def test_home_without_a_playbook_says_so(client: Client) -> None:
    assert "No playbook is published yet." in text_of(client.get("/"))


def test_a_playbook_without_an_emergency_line_offers_none(client: Client) -> None:
    publish(small_playbook())
    assert "mergency" not in text_of(client.get("/"))
    assert client.get(reverse("engagements:emergency", args=["small"])).status_code == 404


@pytest.mark.parametrize("page", ["playbook", "engagements", "emergency", "start"])
def test_an_unknown_playbook_is_not_found(client: Client, page: str) -> None:
    assert client.get(reverse(f"engagements:{page}", args=["nowhere"])).status_code == 404


def test_a_playbook_that_cannot_be_read_takes_no_other_down(
    client: Client, version: PlaybookVersion, caplog: pytest.LogCaptureFixture
) -> None:
    broken, _is_new = publish(small_playbook())
    tamper(broken, hash="0" * 64)
    assert version.rulebook.playbook.promise in text_of(client.get("/"))
    for name in ("playbook", "engagements", "emergency", "start"):
        assert client.get(reverse(f"engagements:{name}", args=[PLAYBOOK])).status_code == 200
    assert client.get(reverse("engagements:playbook", args=["small"])).status_code == 404
    assert "small version 1 is left out, because it cannot be read." in caplog.text


@pytest.mark.parametrize("path", ["/", "/playbooks/{key}/", "/playbooks/{key}/engagements/"])
def test_what_swaps_pages_is_not_fetched_before_there_is_anything_to_swap(
    client: Client, version: PlaybookVersion, path: str
) -> None:
    page = client.get(path.format(key=version.playbook.key), follow=True).content.decode()
    assert "htmx" not in page.replace("htmx-config", "")
    first = client.get(f"/playbooks/{version.playbook.key}/start/").content.decode()
    assert first.count("django_htmx/htmx") == 1
