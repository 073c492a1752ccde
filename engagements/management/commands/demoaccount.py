import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

NAME = "demo"


class Command(BaseCommand):
    help = "Make the account with which a newcomer signs in to the admin; in debug only."

    def handle(self, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "demoaccount is for debugging on your own machine; "
                "here, make an account with `manage.py createsuperuser`."
            )
        # Kept in a file, so that every run can tell it again.
        path = settings.VAR / "demo-account"
        users = get_user_model().objects
        user = users.filter(username=NAME).first()
        known = path.exists()
        if not known:
            path.touch(mode=0o600)
            path.write_text(f"{NAME} {secrets.token_urlsafe(12)}\n")
        password = path.read_text().split()[1]
        if user is None:
            users.create_superuser(NAME, password=password)
        elif not known:
            user.set_password(password)
            user.save()
        self.stdout.write(f"Demo account: {NAME} with the password {password}")
