"""Rows that are written once: published versions, issued recommendations, issued briefs.

What a row said when somebody relied on it must be what it says later. So every way that Django
offers to change or delete one refuses, and says so; and whatever goes around Django's ways meets
the triggers that `catalog.triggers` makes in the database.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models


class ImmutableError(Exception):
    """An attempt to change or delete what is kept for good."""


def refusal(model: type[models.Model], refused: str) -> str:
    """Return the sentence that says what rows of a model cannot be."""
    return f"{str(model._meta.verbose_name_plural).capitalize()} cannot be {refused}."


class ImmutableQuerySet[Row: models.Model](models.QuerySet[Row]):
    """Rows to read and to add, never to change. `bulk_update` goes through `update`."""

    def update(self, **kwargs: object) -> int:
        """Refuse."""
        raise ImmutableError(refusal(self.model, "changed; add a new one instead"))

    def bulk_create(self, objs: Iterable[Row], *args: Any, **options: Any) -> list[Row]:
        """Add rows; refuse to write over those that are there."""
        if options.get("update_conflicts") or any(args[2:3]):
            raise ImmutableError(refusal(self.model, "written over; add a new one instead"))
        return super().bulk_create(objs, *args, **options)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise ImmutableError(refusal(self.model, "deleted"))


class Immutable(models.Model):
    """A row that is written once."""

    objects = ImmutableQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: object, **kwargs: object) -> None:
        """Save a new row; refuse to change one that is there."""
        if not self._state.adding:
            raise ImmutableError(f"{self} cannot be changed; add a new one instead.")
        super().save(force_insert=True)

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise ImmutableError(f"{self} cannot be deleted.")
