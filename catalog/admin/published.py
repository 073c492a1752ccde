"""The catalog in the admin: all of it to read, nothing to break."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from advisor.loading import dump, from_document
from catalog.models import Playbook, PlaybookVersion


class ReadOnly:
    """A page on which nobody adds, changes or deletes anything."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody deletes."""
        return False


class VersionInline(ReadOnly, admin.TabularInline):
    """The versions of a playbook, newest first."""

    model = PlaybookVersion
    fields = ("number", "hash", "published_at", "published_by", "notes")
    readonly_fields = fields
    ordering = ("-number",)
    show_change_link = True


@admin.register(Playbook)
class PlaybookAdmin(ReadOnly, admin.ModelAdmin):
    """The playbooks by name."""

    list_display = ("title", "key", "created_at")
    inlines = (VersionInline,)


@admin.register(PlaybookVersion)
class PlaybookVersionAdmin(ReadOnly, admin.ModelAdmin):
    """Published versions with their documents."""

    list_display = ("playbook", "number", "short_hash", "published_at", "published_by")
    list_filter = ("playbook",)
    list_select_related = ("playbook", "published_by")
    fields = ("playbook", "number", "hash", "published_at", "published_by", "notes", "as_toml")
    readonly_fields = fields

    @admin.display(description="hash")
    def short_hash(self, version: PlaybookVersion) -> str:
        """The start of the hash, as people quote it."""
        return version.hash[:12]

    @admin.display(description="document")
    def as_toml(self, version: PlaybookVersion) -> SafeString:
        """The document as it would be exported."""
        return format_html("<pre>{}</pre>", dump(from_document(version.document, str(version))))
