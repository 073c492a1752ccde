"""The demo's accounts: one for each group, with passwords that stay."""

import stat
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from pytest_django.fixtures import Settings

from engagements.demo import STORIES
from engagements.management.commands.demo import make_accounts
from engagements.stories import Quarter

PEOPLE = Quarter.read(STORIES).people
NAMES = ["demo", "consultant", "sales", "editor"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def passwords(settings: Settings, tmp_path: Path) -> Path:
    """Where they are kept, in a folder of this test's own."""
    settings.VAR = tmp_path
    return tmp_path / "demo-account"


def read(path: Path) -> dict[str, str]:
    return dict(line.split() for line in path.read_text().splitlines())


def test_it_works(passwords: Path, client: Client) -> None:
    make_accounts(PEOPLE)

    assert list(read(passwords)) == NAMES
    for name, password in read(passwords).items():
        assert client.login(username=name, password=password)


@pytest.mark.parametrize(
    ("name", "group"),
    [("consultant", "consultants"), ("sales", "sales"), ("editor", "catalog editors")],
    ids=["consultant", "sales", "editor"],
)
def test_each_is_in_a_group_and_no_superuser(passwords: Path, name: str, group: str) -> None:
    make_accounts(PEOPLE)

    user = get_user_model().objects.get(username=name)
    assert [g.name for g in user.groups.all()] == [group]
    assert user.is_staff == (name != "sales")
    assert not user.is_superuser
    assert " " in user.get_full_name()


def test_the_second_consultant_cannot_sign_in(passwords: Path) -> None:
    make_accounts(PEOPLE)

    colleague = get_user_model().objects.get(username="tunde")
    assert not colleague.has_usable_password()
    assert [g.name for g in colleague.groups.all()] == ["consultants"]


def test_passwords_stay_the_same(passwords: Path, client: Client) -> None:
    make_accounts(PEOPLE)
    first = passwords.read_text()

    make_accounts(PEOPLE)

    assert passwords.read_text() == first
    assert client.login(username="sales", password=read(passwords)["sales"])
    assert get_user_model().objects.count() == len(PEOPLE)


@pytest.mark.parametrize("lost", ["accounts", "file", "line"])
def test_what_was_lost_comes_back(passwords: Path, client: Client, lost: str) -> None:
    make_accounts(PEOPLE)
    before = read(passwords)
    match lost:
        case "accounts":
            get_user_model().objects.all().delete()
        case "file":
            passwords.unlink()
        case "line":  # as an earlier version of the product has left it
            passwords.write_text(passwords.read_text().splitlines(keepends=True)[0])

    make_accounts(PEOPLE)

    after = read(passwords)
    assert [name for name in NAMES if after[name] == before[name]] == {
        "accounts": NAMES,
        "file": [],
        "line": ["demo"],
    }[lost]
    for name, password in after.items():
        assert client.login(username=name, password=password)


def test_groups_come_back(passwords: Path) -> None:
    Group.objects.all().delete()

    make_accounts(PEOPLE)

    assert get_user_model().objects.get(username="sales").has_perm("engagements.use_desk")


def test_passwords_are_for_their_owner_only(passwords: Path) -> None:
    make_accounts(PEOPLE)

    assert stat.S_IMODE(passwords.stat().st_mode) == 0o600
