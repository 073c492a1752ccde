"""The parts of a draft that decide, in the admin: found, filtered, and edited in forms."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from advisor import playbook as documents
from advisor.sentences import condition_sentence, signal_sentence
from catalog.admin.choices import Choices
from catalog.admin.editing import OfDraft, PartAdmin, titles
from catalog.admin.forms import ServicePathForm, options_field
from catalog.admin.inlines import (
    Demands,
    GuideRows,
    Options,
    QuestionConditions,
    SectionConditions,
    SignalConditions,
)
from catalog.models import Guide, Need, Question, Section, ServicePath, Signal

CONDITIONS = ("conditions__question", "conditions__any_of")


def conditions_of(row: Any) -> list[str]:
    """Return each condition of a row as a sentence."""
    return [
        condition_sentence(condition.question.title, titles(condition.any_of))
        for condition in row.conditions.all()
    ]


def sentence_of(signal: Signal, *, because: bool = False) -> str:
    """Return a buying signal as a sentence."""
    return signal_sentence(
        conditions_of(signal),
        [demand.need.title for demand in signal.demands.all()],
        titles(signal.rules_out),
        signal.because if because else "",
    )


@admin.register(Need)
class NeedAdmin(PartAdmin):
    """What an engagement may have to carry."""

    list_display = ("title", "phase", "key", "offered", "used_by", "problems")
    list_filter = ("draft", "phase", "offered")
    search_fields = ("key", "title", "explanation")
    fields = ("title", ("key", "position"), "phase", "explanation", "starts_when", "offered")


class AskedWhen:
    """Parts that are asked under conditions."""

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Read the conditions at once."""
        return super().get_queryset(request).prefetch_related(*CONDITIONS)

    @admin.display(description=gettext_lazy("asked when"))
    def asked_when(self, row: Any) -> str:
        """The conditions as a sentence."""
        return _(", and ").join(conditions_of(row)) or _("always")


@admin.register(Section)
class SectionAdmin(AskedWhen, PartAdmin):
    """Questions that belong together."""

    list_display = ("title", "stage", "asked_when", "used_by", "problems")
    list_filter = ("draft", "stage")
    search_fields = ("key", "title", "intro")
    fields = ("title", ("key", "position"), "stage", "intro")
    inlines = (SectionConditions,)


@admin.register(Question)
class QuestionAdmin(AskedWhen, PartAdmin):
    """What is asked."""

    list_display = ("title", "position", "section", "kind", "asked_when", "used_by", "problems")
    sortable_by = ("title", "section", "kind")
    list_filter = ("draft", "section__stage", "kind", "changeable", ("section", OfDraft))
    list_select_related = ("draft__playbook", "draft__entry", "section")
    search_fields = ("key", "title", "answer_noun", "hint", "option__label")
    fields = (
        "title",
        ("key", "position"),
        "section",
        "answer_noun",
        "hint",
        "why",
        ("kind", "changeable"),
        "engagements",
    )
    inlines = (Options, QuestionConditions)

    def get_urls(self) -> list[URLPattern]:
        """Add the options of a question, which a form shows once the question is picked."""
        options = self.admin_site.admin_view(self.options_view)
        return [
            path("<int:pk>/options/", options, name="catalog_question_options"),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: Question, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save a question; without a place it comes after the last one of its stage."""
        if not obj.position:
            stages = list(documents.Stage)
            until = stages[: stages.index(documents.Stage(obj.section.stage)) + 1]
            before = Question.objects.filter(
                draft=request.choices.draft, section__stage__in=until
            ).exclude(pk=obj.pk)
            obj.position = before.aggregate(last=models.Max("position"))["last"] or 0
        super().save_model(request, obj, form, change)

    def options_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the options of a question to tick, as a form would show them."""
        asked = self.get_object(request, str(pk))
        if not self.has_view_permission(request, asked):
            return HttpResponse(_("Your account may not see questions."), status=403)
        field = options_field()
        if asked:
            Choices(asked.draft).limit_options(field, asked.pk)
        name = request.GET.get("name", "any_of")
        return HttpResponse(field.widget.render(name, [], {"id": f"id_{name}"}))


@admin.register(Signal)
class SignalAdmin(PartAdmin):
    """What answers show, and what follows from it."""

    list_display = ("title", "sentence", "problems")
    list_filter = (
        "draft",
        "demands__need__phase",
        ("demands__need", OfDraft),
        ("rules_out", OfDraft),
    )
    search_fields = ("key", "title", "voice", "because", "demands__need__title")
    fields = ("title", ("key", "position"), "voice", "because", "rules_out")
    inlines = (SignalConditions, Demands)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Signal]:
        """Read what the sentences need at once."""
        rows = super().get_queryset(request)
        return rows.prefetch_related(*CONDITIONS, "demands__need", "rules_out")

    def extra_of(self, row: Signal) -> dict[str, Any]:
        """Show the signal as a sentence."""
        return {**super().extra_of(row), "sentence": sentence_of(row, because=True)}

    @admin.display(description=gettext_lazy("what it says"))
    def sentence(self, signal: Signal) -> str:
        """The signal as a sentence."""
        return sentence_of(signal)


@admin.register(Guide)
class GuideAdmin(PartAdmin):
    """Tables of advice."""

    list_display = ("title", "key", "problems")
    search_fields = ("key", "title", "rows__statement", "rows__why")
    fields = ("title", ("key", "position"))
    inlines = (GuideRows,)


@admin.register(ServicePath)
class ServicePathAdmin(PartAdmin):
    """With which services an engagement usually starts."""

    form = ServicePathForm
    list_display = ("title", "engagement", "when", "problems")
    list_filter = ("draft", ("engagement", OfDraft))
    list_select_related = ("draft__playbook", "draft__entry", "engagement", "question")
    search_fields = ("key", "title", "note")
    fields = (
        "title",
        ("key", "position"),
        "engagement",
        "question",
        "any_of",
        "services",
        "note",
    )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[ServicePath]:
        """Read the options at once."""
        return super().get_queryset(request).prefetch_related("any_of")

    @admin.display(description=gettext_lazy("when"))
    def when(self, service_path: ServicePath) -> str:
        """The answer as a sentence."""
        return condition_sentence(service_path.question.title, titles(service_path.any_of))
