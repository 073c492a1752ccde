"""How often a page asks the database."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client

from catalog.models import PlaybookVersion
from tests.buyers import address

pytestmark = pytest.mark.django_db

Queries = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture(autouse=True)
def _is_compiled(version: PlaybookVersion) -> None:
    """A process reads and compiles a version once; what is counted is every page after that."""
    assert version.rulebook


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("home", 3),
        ("playbook", 2),
        ("engagements", 3),
        ("emergency", 2),
        ("start", 2),
        ("resume", 2),
        ("question", 2),
        ("check", 2),
        ("respond", 1),
        ("recommendation", 2),
        ("scope", 2),
        ("contact", 2),
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
    ("name", "expected"),
    [("start", 17), ("question", 14), ("check", 7), ("scope", 21), ("contact", 2)],
)
def test_an_answer_asks_the_database_no_more_than_it_must(
    client: Client,
    version: PlaybookVersion,
    django_assert_num_queries: Queries,
    name: str,
    expected: int,
) -> None:
    given = {"red-flags": "none", "situation": "build", "goal-outcome": "Fast", "contact_name": "A"}
    href = address(version, name)
    with django_assert_num_queries(expected):
        client.post(href, given)
