"""Assessments in the admin: all of them to read, nothing to break."""

import json

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin import ReadOnly
from engagements.models import Answer, Assessment, BriefVersion, Recommendation


class AnswerInline(ReadOnly, admin.TabularInline):
    """Every answer as it was given, also those that do not count."""

    model = Answer
    fields = ("question", "values", "answered_at")
    readonly_fields = fields


class RecommendationInline(ReadOnly, admin.TabularInline):
    """What was recommended, newest first."""

    model = Recommendation
    fields = ("number", "kind", "engagement", "created_at")
    readonly_fields = fields
    show_change_link = True


class BriefInline(ReadOnly, admin.TabularInline):
    """The briefs that were issued, newest first."""

    model = BriefVersion
    fields = ("number", "recommendation", "created_at")
    readonly_fields = fields
    show_change_link = True


@admin.register(Assessment)
class AssessmentAdmin(ReadOnly, admin.ModelAdmin):
    """Assessments with their answers, recommendations and briefs."""

    list_display = ("reference", "version", "contact_firm", "contact_name", "created_at")
    list_filter = ("version__playbook",)
    search_fields = ("contact_firm", "contact_name", "contact_email")
    fields = (
        "reference",
        "version",
        "contact_firm",
        "contact_name",
        "contact_email",
        "created_at",
        "updated_at",
    )
    readonly_fields = ("reference", "created_at", "updated_at")
    inlines = (AnswerInline, RecommendationInline, BriefInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assessment]:
        """Join the version without its large document."""
        return super().get_queryset(request).with_version()


def _as_json(document: object) -> SafeString:
    return format_html("<pre>{}</pre>", json.dumps(document, ensure_ascii=False, indent=2))


@admin.register(Recommendation)
class RecommendationAdmin(ReadOnly, admin.ModelAdmin):
    """Recommendations exactly as the engine returned them."""

    list_display = ("assessment", "number", "kind", "engagement", "created_at")
    list_filter = ("kind", "engagement")
    list_select_related = ("assessment",)
    fields = ("assessment", "number", "kind", "engagement", "created_at", "as_returned")
    readonly_fields = fields

    @admin.display(description="as the engine returned it")
    def as_returned(self, row: Model) -> SafeString:
        """The whole trace."""
        return _as_json(row.document)


@admin.register(BriefVersion)
class BriefVersionAdmin(ReadOnly, admin.ModelAdmin):
    """What each version of a brief says."""

    list_display = ("assessment", "number", "created_at")
    list_select_related = ("assessment",)
    fields = ("assessment", "recommendation", "number", "created_at", "as_printed")
    readonly_fields = fields

    @admin.display(description="what it says")
    def as_printed(self, row: Model) -> SafeString:
        """The content that the PDF is made from."""
        return _as_json(row.content)
