"""The list of what runs on PostgreSQL too names tests that are there."""

import re
from pathlib import Path

import pytest

from tests.on_postgres import ON_POSTGRES, belongs_there

TESTS = Path(__file__).parent


@pytest.mark.parametrize("name", ON_POSTGRES)
def test_it_works(name: str) -> None:
    file, _, test = name.partition("::")
    text = (TESTS / file).read_text()
    assert re.search(rf"^def {test.partition('[')[0] or 'test_'}", text, re.MULTILINE)
    assert belongs_there(f"tests/{name}")


def test_the_others_do_not() -> None:
    assert belongs_there("tests/test_queue.py::test_it_works[x/y]")
    assert not belongs_there("tests/test_permissions.py::test_who_may_open_what[editor]")
    assert not belongs_there("tests/test_home.py::test_it_works")
