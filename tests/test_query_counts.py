"""How often a page asks the database."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import PlaybookVersion, known_version
from catalog.publishing import publish
from engagements.lists import live_versions
from tests.buyers import address
from tests.scenarios import PLAYBOOKS, rulebook_of

pytestmark = pytest.mark.django_db

Queries = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture(autouse=True)
def _all_are_published_and_compiled(version: PlaybookVersion) -> None:
    """A process reads and compiles a version once; what is counted is every page after that.

    All of ours are published, so that a page that asks once for each of them is told from one
    that asks once for all.
    """
    assert known_version(version.pk).rulebook
    for path in PLAYBOOKS:
        assert publish(rulebook_of(path.stem).playbook)[0].rulebook
    assert len(live_versions()) == len(PLAYBOOKS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("home", 2),
        ("playbook", 2),
        ("engagements", 3),
        ("emergency", 2),
        ("start", 4),  # 2, once the first one of the day has made the row to count in
        ("resume", 2),
        ("question", 1),
        ("so-far", 1),
        ("check", 2),
        ("respond", 1),
        ("recommendation", 2),
        ("reading", 2),
        ("scope", 2),
        ("contact", 2),
        ("links", 2),
        ("ask", 2),
        ("colleague", 3),
        ("colleague-sent", 3),
    ],
)
def test_a_page_asks_the_database_no_more_than_it_must(
    client: Client,
    version: PlaybookVersion,
    django_assert_num_queries: Queries,
    name: str,
    expected: int,
) -> None:
    assert name != "question" or expected <= 4
    href = address(version, name)
    with django_assert_num_queries(expected):
        client.get(href)


@pytest.mark.parametrize(
    ("name", "key", "expected"),
    [
        ("emergency", "platform-support", 3),
        ("engagements", "consulting-partnership", 3),
    ],
)
def test_what_is_published_beside_a_playbook_is_read_at_once(
    client: Client, django_assert_num_queries: Queries, name: str, key: str, expected: int
) -> None:
    href = reverse(f"engagements:{name}", args=[key])
    with django_assert_num_queries(expected):
        assert client.get(href).status_code == 200


@pytest.mark.parametrize("name", ["home", "playbook", "engagements", "emergency"])
def test_a_public_page_that_was_made_before_asks_once(
    client: Client, version: PlaybookVersion, django_assert_num_queries: Queries, name: str
) -> None:
    href = address(version, name)
    client.get(href)
    with django_assert_num_queries(1):
        assert client.get(href).status_code == 200


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *(("start", 16), ("question", 9), ("check", 6), ("scope", 15), ("contact", 6)),
        *(("ask", 10), ("colleague", 26)),
    ],
)
def test_an_answer_asks_the_database_no_more_than_it_must(
    client: Client,
    version: PlaybookVersion,
    django_assert_num_queries: Queries,
    name: str,
    expected: int,
) -> None:
    given = {"red-flags": "none", "situation": "build", "goal-outcome": "Fast", "contact_name": "A"}
    given |= {"section": "frame", "name": "Bob Ray", "response": "no"}
    href = address(version, name)
    with django_assert_num_queries(expected):
        client.post(href, given)
