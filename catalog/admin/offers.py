"""The engagement models in the admin: all that a firm says of an offer, in a buyer's order."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from advisor import offers
from catalog.admin.editing import OfDraft, PartAdmin, titles
from catalog.admin.forms import EngagementForm
from catalog.admin.inlines import Prerequisites
from catalog.admin.offer_inlines import (
    Credits,
    EngagementPhases,
    EscalationSteps,
    OtherPrices,
    Responsibilities,
    Rhythms,
    SeparateScopes,
    Severities,
    TrainingSessions,
)
from catalog.admin.subjects import Subject, fieldsets_of, inlines_of
from catalog.models import EngagementModel, Playbook

SUBJECTS = (
    Subject(
        gettext_lazy("Name and size"), ("title", ("key", "position"), ("family", "size", "phase"))
    ),
    Subject(
        gettext_lazy("What buyers read first"),
        ("summary", "use_when", ("duration", "commercial_shape"), "good_fit"),
    ),
    Subject(gettext_lazy("What it can carry"), ("carries",)),
    Subject(
        gettext_lazy("Prices"),
        (("price_currency", "price_least", "price_most", "price_unit"),),
        (OtherPrices,),
        gettext_lazy(
            "Indicative, in whole units of the currency. Leave the main price blank for none."
        ),
        folds=True,
    ),
    Subject(
        gettext_lazy("What is in it and what is not"),
        ("first_services", "covers", "deliverables", "boundaries"),
        (SeparateScopes,),
    ),
    Subject(
        gettext_lazy("Service level"),
        ("level_coverage", "level_channels", ("level_uptime", "level_credit_limit")),
        (Severities, Credits),
        gettext_lazy("Leave all of it blank where there is none."),
        folds=True,
    ),
    Subject(gettext_lazy("Who does what"), (), (Responsibilities,), folds=True),
    Subject(gettext_lazy("How it goes"), ("operating_model",), (EngagementPhases, Rhythms)),
    Subject(gettext_lazy("Training"), (), (TrainingSessions,), folds=True),
    Subject(gettext_lazy("Handover and escalation"), ("handoff", "escalation"), (EscalationSteps,)),
    Subject(gettext_lazy("Before it starts"), (), (Prerequisites,), folds=True),
    Subject(
        gettext_lazy("What comes next"), ("next_step", ("follow_on_playbook", "follow_on_when"))
    ),
)


@admin.register(EngagementModel)
class EngagementModelAdmin(PartAdmin):
    """What is for sale."""

    form = EngagementForm
    list_display = ("title", "size", "phase", "price", "carried", "problems")
    list_filter = ("draft", "phase", ("carries", OfDraft))
    search_fields = ("key", "title", "summary", "use_when")
    subjects = SUBJECTS
    fieldsets = fieldsets_of(SUBJECTS)
    inlines = inlines_of(SUBJECTS)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[EngagementModel]:
        """Read what they carry at once."""
        return super().get_queryset(request).prefetch_related("carries")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Propose the other playbooks to go on with."""
        draft = request.choices.draft
        context["playbooks"] = Playbook.objects.exclude(pk=draft.playbook_id)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("price"))
    def price(self, model: EngagementModel) -> str:
        """The price as buyers read it."""
        if model.price_least is None:
            return ""
        names = offers.Price.model_fields
        columns = {name: getattr(model, f"price_{name}") for name in names}
        return str(offers.Price.model_construct(**columns))

    @admin.display(description=gettext_lazy("carries"))
    def carried(self, model: EngagementModel) -> str:
        """The needs by title."""
        return "; ".join(titles(model.carries))
