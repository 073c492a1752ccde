"""Delete what was counted longer ago than it is to be kept."""

from django.conf import settings
from django.core.management.base import BaseCommand

from catalog.shell import migrated
from engagements.counting import forget


class Command(BaseCommand):
    """`manage.py forgetnumbers`, for a timer that runs it each day."""

    help = "Delete what was counted of questions more than NUMBERS_DAYS days ago."

    def handle(self, **options: object) -> None:
        """Delete it, and say how much it was."""
        with migrated():
            questions, days = forget()
        self.stdout.write(
            f"Older than {settings.NUMBERS_DAYS} days, and deleted: "
            f"{questions} counted questions, {days} daily counts of openings."
        )
