from typing import Any

from django.apps import AppConfig
from django.db import transaction
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _

from catalog.implied import translate_names


class EngagementsConfig(AppConfig):
    name = "engagements"
    verbose_name = _("Assessments and reviews")

    def ready(self) -> None:
        """Let the emergency page follow what is published, and translate names."""
        from catalog.models import PlaybookVersion  # noqa: PLC0415 - models are loaded only now
        from engagements import emergency_page  # noqa: PLC0415

        translate_names(self)

        def write_page(using: str, **options: Any) -> None:
            # A disk that is full is no reason to publish nothing: what goes wrong is logged.
            transaction.on_commit(emergency_page.write, using=using, robust=True)

        post_save.connect(write_page, sender=PlaybookVersion, weak=False)
