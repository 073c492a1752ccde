from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        """Let the database refuse to change history after each `migrate`, and check the brand."""
        from advisor import brand_checks  # noqa: F401, PLC0415 - settings are read only now
        from catalog import triggers  # noqa: PLC0415 - models are loaded only now

        def make_triggers(using: str, **options: Any) -> None:
            triggers.make(connections[using])

        # Django sends it when all migrations of all rooms are done.
        post_migrate.connect(make_triggers, sender=self, weak=False)
