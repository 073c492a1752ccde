"""A site with an admin that shows every kind of field, list and inline at once, to look at."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, path

from advisor.urls import urlpatterns as of_the_product


class Rows(admin.TabularInline):
    """A table of fields, with an empty row."""

    model = LogEntry
    fields = ("object_repr", "action_flag", "change_message")
    extra = 1


class Forms(admin.StackedInline):
    """One form below the other, the last one empty."""

    model = User.groups.through
    extra = 1


class History(admin.TabularInline):
    """A table to read, with nothing in it that takes the focus."""

    model = LogEntry
    verbose_name_plural = "what was done"
    fields = readonly_fields = ("action_time", "content_type", "object_repr", "change_message")

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody adds."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody deletes."""
        return False


class Everything(UserAdmin):
    """People: a list that is searched, filtered, sorted and paged, and a form with inlines."""

    inlines = (Rows, Forms, History)
    list_display = ("username", "email", "first_name", "last_name", "is_staff", "last_login")
    list_filter = ("is_staff", "is_active", "groups")
    list_per_page = 5
    date_hierarchy = "date_joined"
    search_help_text = "By name or e-mail address."
    filter_horizontal = ("user_permissions",)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Groups are boxes to tick; permissions stay two lists to choose from."""
        if db_field.name == "groups":
            kwargs["widget"] = CheckboxSelectMultiple()
        return super().formfield_for_manytomany(db_field, request, **kwargs)


site = admin.AdminSite("showcase")
site.register(User, Everything)
site.register(Group)

urlpatterns: list[URLPattern | URLResolver] = [path("showcase/", site.urls), *of_the_product]


def somebody() -> User:
    """Who is shown: a member of a group, with a history, among others."""
    group = Group.objects.create(name="people with a rather long name for a group")
    for number in range(8):
        User.objects.create(username=f"person-{number}", email=f"p{number}@long-firm.example")
    user = User.objects.get(username="person-3")
    user.groups.add(group)
    about = {"content_type": ContentType.objects.get_for_model(User), "object_id": str(user.pk)}
    LogEntry.objects.create(user=user, action_flag=ADDITION, object_repr="person-3", **about)
    return user
