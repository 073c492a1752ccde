from functools import partial
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from advisor.speech import speak_by
from catalog.implied import translate_names


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        """Let the database refuse to change history, translate names, and check the brand."""
        from advisor import brand_checks  # noqa: F401, PLC0415 - settings are read only now
        from catalog import triggers  # noqa: PLC0415 - models are loaded only now

        translate_names(self)
        speak_by(gettext, ngettext, partial(number_format, force_grouping=True))

        def make_triggers(using: str, **options: Any) -> None:
            triggers.make(connections[using])

        # Django sends it when all migrations of all rooms are done.
        post_migrate.connect(make_triggers, sender=self, weak=False)
