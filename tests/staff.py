"""People who work with the product: one of each group, a way into the browser, and reviews."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from catalog.models import PlaybookVersion
from engagements.groups import CONSULTANTS, EDITORS, SALES, give_rights
from engagements.models import Assessment, OverrideReason
from engagements.reviewing import approve, override
from tests.buyers import decided

PASSWORD = "correct horse battery"


def consultant(username: str = "ana", full_name: str = "Ana Sobral") -> User:
    """Somebody who reviews in the admin."""
    return _member(CONSULTANTS, username, full_name, staff=True)


def seller(username: str = "noor", full_name: str = "Noor Haddad") -> User:
    """Somebody at the sales desk, who has no business in the admin."""
    return _member(SALES, username, full_name, staff=False)


def editor(username: str = "pavel", full_name: str = "Pavel Dvořák") -> User:
    """A practice lead, who edits and publishes the catalog in the admin."""
    return _member(EDITORS, username, full_name, staff=True)


def superuser(username: str = "root", full_name: str = "Ruth Okafor") -> User:
    """Somebody who makes accounts."""
    return User.objects.create_superuser(username, password=PASSWORD, **_names(full_name))


def signed_in(user: User) -> Client:
    """A client that is signed in."""
    client = Client()
    client.force_login(user)
    return client


def sign_in(page: Page, live_server: LiveServer, user: User) -> None:
    """Give a browser the session of somebody, as the sign-in page would."""
    cookie = signed_in(user).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "url": live_server.url, "httpOnly": True}]
    )


# ---- What they have decided -----------------------------------------------------------------


def named(assessment: Assessment, firm: str, name: str = "", email: str = "") -> Assessment:
    """An assessment whose buyer has told these."""
    Assessment.objects.filter(pk=assessment.pk).update(
        contact_firm=firm, contact_name=name, contact_email=email
    )
    assessment.refresh_from_db()
    return assessment


def approved(version: PlaybookVersion, by: User, firm: str = "", **more: Any) -> Assessment:
    """A reviewed assessment: for a list of work, the hourly package."""
    columns = {key: more.pop(key) for key in ("name", "email") if key in more}
    at = more.pop("at", None)
    assessment = named(decided(version, **more), firm, **columns)
    approve(Assessment.objects.get(pk=assessment.pk).recommendation, by=by, seen=0, at=at)
    return Assessment.objects.get(pk=assessment.pk)


def overridden(version: PlaybookVersion, by: User, firm: str = "") -> Assessment:
    """One for which a consultant decided on the audit."""
    assessment = named(decided(version), firm)
    override(
        Assessment.objects.get(pk=assessment.pk).recommendation,
        engagement="audit",
        reason=OverrideReason.LESS,
        note="Only the evidence is missing.",
        by=by,
        seen=0,
    )
    return Assessment.objects.get(pk=assessment.pk)


# ---- Accounts -------------------------------------------------------------------------------


def _member(group: str, username: str, full_name: str, *, staff: bool) -> User:
    user = User.objects.create_user(
        username, password=PASSWORD, is_staff=staff, **_names(full_name)
    )
    if not Group.objects.filter(name=group).exists():  # a test with transactions flushes them
        give_rights(apps)
    user.groups.add(Group.objects.get(name=group))
    return user


def _names(full_name: str) -> dict[str, str]:
    first, _, last = full_name.partition(" ")
    return {"first_name": first, "last_name": last}
