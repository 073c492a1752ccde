"""Where a buyer comes in: the home page, and the pages of a playbook."""

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from tests.buyers import PLAYBOOK, links_of, text_of, title_of
from tests.factories import small_playbook

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
    for key, title in ((PLAYBOOK, version.playbook.title), ("small", "Small playbook")):
        href = reverse("engagements:playbook", args=[key])
        assert links[href] == title
        assert client.get(href).status_code == 200


def test_home_without_a_playbook_says_so(client: Client) -> None:
    assert "No playbook is published yet." in text_of(client.get("/"))


def test_a_playbook_without_an_emergency_line_offers_none(client: Client) -> None:
    publish(small_playbook())
    assert "mergency" not in text_of(client.get("/"))
    assert client.get(reverse("engagements:emergency", args=["small"])).status_code == 404


@pytest.mark.parametrize("page", ["playbook", "engagements", "emergency", "start"])
def test_an_unknown_playbook_is_not_found(client: Client, page: str) -> None:
    assert client.get(reverse(f"engagements:{page}", args=["nowhere"])).status_code == 404
