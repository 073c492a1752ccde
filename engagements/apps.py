from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from catalog.implied import translate_names


class EngagementsConfig(AppConfig):
    name = "engagements"
    verbose_name = _("Assessments and reviews")

    def ready(self) -> None:
        """Let the names of models and fields follow the language of whoever reads them."""
        translate_names(self)
