"""Fill a database with the demo: its accounts, and a quarter of buyers."""

import secrets

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from advisor.loading import PlaybookError
from catalog.shell import migrated
from engagements.demo import STORIES, is_there, reason_to_keep_out, tell
from engagements.groups import RIGHTS, give_rights
from engagements.stories import DemoError, Person, Quarter


class Command(BaseCommand):
    """`manage.py demo`."""

    help = "Make demo accounts, and assessments of a whole quarter; in debug only."

    def handle(self, **options: object) -> None:
        """Make what is not there yet; the quarter as a whole, or nothing of it."""
        if not settings.DEBUG:
            raise CommandError(
                "demo is for debugging on your own machine; "
                "here, make an account with `manage.py createsuperuser`."
            )
        try:
            quarter = Quarter.read(STORIES)
            with migrated():
                make_accounts(quarter.people)
                self.stdout.write(self.fill(quarter))
        except (DemoError, PlaybookError) as error:
            raise CommandError(f"The demo's quarter was not added: {error}") from error

    def fill(self, quarter: Quarter) -> str:
        """Let the quarter happen, unless it has; return what there is to say about it."""
        if is_there(quarter):
            return "The demo's quarter is there already; nothing was added."
        if reason := reason_to_keep_out(quarter):
            raise CommandError(
                f"The demo's quarter was not added: {reason}. Look at it in a database of its own, "
                "such as `make run DATABASE_URL=sqlite:///var/demo.sqlite3`."
            )
        tell(quarter, timezone.localdate())
        return f"Demo: {len(quarter.stories)} assessments of the last ninety days."


def make_accounts(people: tuple[Person, ...]) -> None:
    """Make the accounts that are not there, with passwords that stay the same in every run.

    They are kept in a file, so that every run can tell them again. An account whose password is
    not in the file gets a new one.
    """
    if Group.objects.filter(name__in=RIGHTS).count() < len(RIGHTS):  # flushed, for instance
        give_rights(apps)
    path = settings.VAR / "demo-account"
    path.touch(mode=0o600)
    passwords = dict(line.split() for line in path.read_text().splitlines())
    for person in people:
        known = person.username in passwords
        if person.signs_in and not known:
            passwords[person.username] = secrets.token_urlsafe(12)
        make_account(person, passwords.get(person.username), known=known)
    path.write_text("".join(f"{name} {password}\n" for name, password in passwords.items()))


def make_account(person: Person, password: str | None, *, known: bool) -> None:
    """Make one account; set the password of one that is there only if it was not known."""
    user, made = get_user_model().objects.get_or_create(
        username=person.username,
        defaults=person.model_dump(exclude={"username", "group", "signs_in"}),
    )
    if made or (password and not known):
        user.set_password(password)
        user.save()
    if person.group:
        user.groups.add(Group.objects.get(name=person.group))
