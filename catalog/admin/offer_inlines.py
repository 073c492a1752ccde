"""Rows that say something about an offer, each on the page of what it is said of."""

from collections.abc import Iterator

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.forms import FactForm, OtherPriceForm
from catalog.admin.inlines import FoldedInline, RowInline, Rows
from catalog.models import (
    Acknowledgement,
    Cadence,
    ChecklistGroup,
    Credit,
    Draft,
    DraftPhase,
    EngagementPhase,
    EscalationStep,
    Expectation,
    Fact,
    KnownIssue,
    OtherPrice,
    Responsibility,
    SeparateScope,
    Severity,
    Training,
)
from catalog.rows import REFERENCES

PHASE_FIELDS = (("position", "title", "when"), "summary", "activities", "outcome")

# ---- Of an engagement model ---------------------------------------------------------------


class OtherPrices(RowInline, admin.TabularInline):
    """Prices beside the main one."""

    form = OtherPriceForm
    model = OtherPrice
    fields = ("position", "title", "currency", "least", "most", "unit")


class SeparateScopes(RowInline, admin.TabularInline):
    """What can be had beside an engagement, and as what."""

    model = SeparateScope
    fields = ("position", "what", "becomes")


class LevelRows(Rows):
    """Rows of a service level, which has its hours of coverage or is none."""

    def refusals(self) -> Iterator[str]:
        """Refuse them where there is no service level."""
        yield from super().refusals()
        if self.count and not self.instance.level_coverage:
            yield _(
                "{rows} belong to a service level: fill in its hours of coverage, or delete them."
            ).format(rows=capfirst(self.many))


class Severities(FoldedInline):
    """How fast trouble is answered, the worst first."""

    formset = LevelRows
    model = Severity
    fields = (("position", "title"), "meaning", ("response", "resolution", "updates"))


class Credits(RowInline, admin.TabularInline):
    """What is taken off the bill."""

    formset = LevelRows
    model = Credit
    fields = ("position", "missed_by", "credit")


class Responsibilities(RowInline, admin.TabularInline):
    """Who answers for what."""

    model = Responsibility
    fields = ("position", "task", "party", "note")


class EngagementPhases(FoldedInline):
    """How an engagement goes, phase by phase."""

    model = EngagementPhase
    fields = PHASE_FIELDS


class Rhythms(RowInline, admin.TabularInline):
    """When an engagement meets, and what for."""

    model = Cadence
    fields = ("position", "when", "what")


class TrainingSessions(FoldedInline):
    """What is taught while it is handed over."""

    model = Training
    fields = (("position", "title", "hours"), "topics")


class EscalationSteps(RowInline, admin.TabularInline):
    """Whom to turn to, step by step."""

    model = EscalationStep
    fields = ("position", "who", "when", "reach")


# ---- Of a draft ---------------------------------------------------------------------------


class DraftPhases(FoldedInline):
    """How every engagement goes, phase by phase."""

    model = DraftPhase
    fields = PHASE_FIELDS


class Expectations(FoldedInline):
    """What a buyer may expect."""

    model = Expectation
    fields = (("position", "title"), "text")


class Acknowledgements(FoldedInline):
    """Why what is refuted is right; it is asked for where a draft is published."""

    model = Acknowledgement
    verbose_name_plural = gettext_lazy("acknowledged")
    fields = ("why",)
    extra = 0

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Acknowledgement]:
        """Read what they are about, by which they are called."""
        about = (*REFERENCES.values(), "option__question")
        return super().get_queryset(request).select_related(*about)

    def has_add_permission(self, request: HttpRequest, obj: Draft | None = None) -> bool:
        """Nobody adds one here."""
        return False


# ---- Of a checklist and of a chapter ------------------------------------------------------


class ChecklistGroups(RowInline, admin.StackedInline):
    """Items that belong together."""

    model = ChecklistGroup
    fields = (("position", "title", "key"), "items")


class Facts(RowInline, admin.TabularInline):
    """What answers fill in."""

    form = FactForm
    model = Fact
    verbose_name_plural = gettext_lazy("facts: lines that answers fill in")
    fields = ("position", "label", "question")


class KnownIssues(RowInline, admin.StackedInline):
    """What goes wrong now and then."""

    model = KnownIssue
    fields = (("position", "title"), "cause", "steps", "within")
