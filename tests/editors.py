"""What tests of the catalog in the admin share: an editor, and forms filled in as shown."""

from collections.abc import Iterable
from html import unescape
from typing import Any

from django.contrib.auth import get_user
from django.contrib.auth.models import User
from django.db import models
from django.forms import BooleanField, ModelMultipleChoiceField
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from catalog.drafts import write_draft
from catalog.models import (
    Chapter,
    Checklist,
    Draft,
    EngagementModel,
    Faq,
    Guide,
    Need,
    Question,
    Section,
    ServicePath,
    Signal,
)
from tests import staff
from tests.factories import (
    guide,
    said_of_a_playbook,
    said_of_an_offer,
    service_path,
    small_document,
    small_playbook,
)

PARTS = (
    *(Need, EngagementModel, Section, Question, Signal, Guide, ServicePath),
    *(Faq, Checklist, Chapter),
)


def editor(name: str = "ada", *, without: Iterable[str] = ()) -> User:
    """A catalog editor, but for rights that are taken from him."""
    user = staff.editor(name, full_name="")
    if taken := set(without):
        [group] = user.groups.all()
        rights = group.permissions.exclude(codename__in=taken)
        user.groups.clear()
        user.user_permissions.set(rights)
    return user


def small_draft(**changes: object) -> Draft:
    """The draft of the small playbook."""
    return write_draft(small_playbook(**changes))


def full_draft() -> Draft:
    """The draft of the small playbook with every kind of part; its retainer says all there is."""
    audit, project, retainer = small_document()["engagements"]
    return small_draft(
        **said_of_a_playbook(),
        engagements=[audit, project, {**retainer, **said_of_an_offer()}],
        guides=[guide("table", ["audit"])],
        service_paths=[service_path("first", "audit", {"cause": ["unknown"]})],
    )


def page_of(row: models.Model, what: str = "change") -> str:
    """The address of a row's page."""
    return reverse(f"admin:catalog_{row._meta.model_name}_{what}", args=[row.pk])


def list_of(model: type[models.Model], what: str = "changelist") -> str:
    """The address of a list, or of the page on which one is added."""
    return reverse(f"admin:catalog_{model._meta.model_name}_{what}")


def filled(response: HttpResponse) -> dict[str, Any]:
    """Everything that a browser would send from the form on a page as it is shown."""
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data: dict[str, Any] = {}
    for form in forms:
        for bound in form:
            shown = bound.value()
            if bound.field.show_hidden_initial:
                data[bound.html_initial_name] = _sent(bound.initial)
            sent = _sent(shown)
            if isinstance(bound.field, BooleanField):
                sent = "on" if shown else None
            elif isinstance(bound.field, ModelMultipleChoiceField):
                sent = _sent(shown or [])
            if sent is not None:
                data[bound.html_name] = sent
    return data


def save(desk: Client, page: models.Model | str, **typed: Any) -> Any:
    """Fill in the page of a row, or at an address, as it is shown, with other values; save it.

    Names with a hyphen go in as a mapping: `**{"option_set-0-key": "unknown"}`.
    """
    href = page if isinstance(page, str) else page_of(page)
    return desk.post(href, {**filled_in(desk, href), **typed})


def filled_in(desk: Client, href: str) -> dict[str, Any]:
    """Everything that a browser would send from the form of a page.

    The page is not rendered, which takes longest of all: tests of how it looks get it themselves.
    """
    request = RequestFactory().get(href)
    request.session = desk.session
    request.user = get_user(request)
    view, args, kwargs = resolve(request.path)
    answer = view(request, *args, **kwargs)
    assert isinstance(answer, TemplateResponse), answer
    answer.context = answer.context_data
    return filled(answer)


def _sent(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [str(getattr(one, "pk", one)) for one in value]
    return "" if value is None else str(getattr(value, "pk", value))


def told(response: HttpResponse) -> str:
    """The text of a page's errors and problems, to look for a sentence in."""
    return unescape(response.content.decode())


def errors_of(response: HttpResponse) -> dict[str, list[str]]:
    """The errors of the main form of a page, by field."""
    return dict(response.context["adminform"].form.errors)
