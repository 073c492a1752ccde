"""Write the emergency page, which works when nothing else does."""

from django.core.management.base import BaseCommand, CommandError

from catalog.shell import migrated
from engagements.emergency_page import write


class Command(BaseCommand):
    """`manage.py emergencypage`."""

    help = "Write the emergency page from what is published, as a file that a proxy can serve."

    def handle(self, **options: object) -> None:
        """Write it, and say where it lies."""
        try:
            with migrated():
                path = write()
        except OSError as error:
            raise CommandError(f"The emergency page cannot be written ({error}).") from error
        self.stdout.write(f"{path}")
