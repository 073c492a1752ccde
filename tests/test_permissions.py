"""Who may what, over every address of the product: a new one without a rule fails here.

A stranger who is refused is asked to sign in; whoever is signed in and may not is told so (403).
A refused request changes nothing, and neither does a form sent to where none is taken.
"""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from html.parser import HTMLParser
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from advisor.loading import document_hash, dump
from catalog.drafts import document_of, write_draft
from catalog.publishing import publish
from engagements.assessing import issue_recommendation, start
from engagements.brief import Brief
from engagements.colleagues import ask
from engagements.groups import PARTS
from engagements.links import give
from engagements.models import Assessment, LinkKind
from engagements.reviewing import add_note, approve
from tests.buyers import Response
from tests.factories import (
    emergency,
    guide,
    question,
    said_of_a_playbook,
    section,
    service_path,
    small_document,
    small_playbook,
)
from tests.staff import PASSWORD, consultant, editor, seller, signed_in, superuser

pytestmark = pytest.mark.django_db

People = frozenset[str]

EVERYBODY: People = frozenset({"stranger", "consultant", "seller", "editor", "superuser"})
SIGNED_IN: People = EVERYBODY - {"stranger"}
STAFF: People = SIGNED_IN - {"seller"}
REVIEWERS: People = frozenset({"consultant", "superuser"})
EDITORS: People = frozenset({"editor", "superuser"})
SELLERS: People = frozenset({"seller", "superuser"})
SUPERUSERS: People = frozenset({"superuser"})
NOBODY: People = frozenset()

MAY_OPEN: dict[str, People] = {
    # Buyers need no account: the token of an assessment is its key.
    "engagements:desk*": SELLERS,
    "engagements:*": EVERYBODY,
    "favicon.ico": EVERYBODY,
    "sign-in": EVERYBODY,
    "sign-out": EVERYBODY,
    "after-sign-in": SIGNED_IN,
    "password*": SIGNED_IN,
    # History is read by those who review, and by nobody added to or taken from by hand.
    "admin:engagements_*_add": NOBODY,
    "admin:engagements_*_delete": NOBODY,
    # Numbers tell of a version, and of no buyer.
    "admin:engagements_asked_*": REVIEWERS | EDITORS,
    "admin:engagements_*": REVIEWERS,
    # Published versions are read by those who review by them and by those who write the next.
    "admin:catalog_playbook*_add": NOBODY,
    "admin:catalog_playbook*_delete": NOBODY,
    "admin:catalog_playbookversion_go_back": EDITORS,
    "admin:catalog_playbook*": REVIEWERS | EDITORS,
    "admin:catalog_draft_add": NOBODY,  # it comes with a playbook, from a file
    "admin:catalog_draft_delete": NOBODY,
    "admin:catalog_draft_*": EDITORS,
    **{f"admin:catalog_{part}_*": EDITORS for part in PARTS},
    "admin:auth_*": SUPERUSERS,
    "admin in engagements": REVIEWERS | EDITORS,
    "admin in catalog": REVIEWERS | EDITORS,
    "admin in auth": SUPERUSERS,
    "admin/r/*": NOBODY,  # it would tell the private link of any assessment
    "admin:autocomplete": NOBODY,  # no form asks for it
    "admin:logout": EVERYBODY,
    "admin/password_change/": EVERYBODY,  # leads to the page for it, which asks who it is
    "admin/*": STAFF,
    "admin:*": STAFF,
}
"""Who may open what: the first rule that an address matches by its name, or else by its route."""

MAY_SEND: dict[str, People] = {
    **dict.fromkeys(
        (f"engagements:{form}" for form in ("start", "question", "check", "scope", "contact")),
        EVERYBODY,
    ),
    "engagements:ask": EVERYBODY,
    "engagements:colleague": EVERYBODY,  # the token of the link is the key to one section
    "engagements:checklist": EVERYBODY,  # whoever holds the private link ticks
    "engagements:continue": EVERYBODY,
    "engagements:links": EVERYBODY,
    "engagements:renewal": EVERYBODY,  # to the buyer's own address, whoever asks
    "engagements:desk": SELLERS,
    "sign-in": EVERYBODY,
    "sign-out": EVERYBODY,
    "password": SIGNED_IN,
    "admin:logout": EVERYBODY,
    **dict.fromkeys(
        (
            f"admin:engagements_assessment_{act}"
            for act in ("approve", "override", "reopen", "renew")
        ),
        REVIEWERS,
    ),
    "admin:engagements_assessment_note": REVIEWERS,
    **dict.fromkeys(
        (f"admin:catalog_draft_{act}" for act in ("change", "publish", "set_back", "import")),
        EDITORS,
    ),
    "admin:catalog_playbookversion_go_back": EDITORS,
    **{f"admin:catalog_{part}_{act}": EDITORS for part in PARTS for act in ("add", "change")},
    **{f"admin:catalog_{part}_delete": EDITORS for part in PARTS},
    **{f"admin:auth_{kind}_*": SUPERUSERS for kind in ("user", "group")},
}
"""Who may send a form where; to every other address a form changes nothing, whoever sends it."""

OPENED = {
    "engagements:continue": {"405"},
    "engagements:renewal": {"405"},
    "sign-out": {"405"},
    "admin:logout": {"405", "302"},
    "admin:catalog_playbookversion_go_back": {"405"},
    "admin:catalog_draft_witness": {"404"},  # it has to be told of which claim
    "admin/nowhere": {"404"},
}
"""What somebody gets who may, where it is no page and leads to none."""
UNUSED = ("signal", "guide", "servicepath", "faq", "checklist", "chapter")
"""The kinds of parts that nothing else names, so that one can be deleted."""
OTHERWISE_REFUSED = {
    "admin:catalog_playbookversion_go_back": {"405"},
    **{f"admin in {app}": {"404"} for app in ("auth", "catalog", "engagements")},
}
"""What somebody may get instead who may not: there is nothing here to open, or to see for them."""


# ---- What there is to open and to change -----------------------------------------------------


class World:
    """A playbook with two versions and a draft, and assessments: open, to review, reviewed."""

    def __init__(self) -> None:
        old = self.playbook("What it was.")
        self.people = {
            "consultant": consultant(),
            "seller": seller(),
            "editor": editor(),
            "superuser": superuser(),
        }
        self.earlier, _new = publish(old)
        self.live, _new = publish(self.playbook("What it is."))
        publish(small_playbook(key="next"))
        self.draft = write_draft(old, version=self.earlier)
        given = {"cause": ("unknown",), "work": ("nothing",)}
        self.waiting, self.reviewed = (start(self.live, given) for _ in range(2))
        issue_recommendation(self.waiting)
        approve(issue_recommendation(self.reviewed), by=self.people["consultant"], seen=0)
        add_note(self.reviewed, "A note.", by=self.people["consultant"])
        self.waiting, self.reviewed = Assessment.objects.order_by("pk")
        self.open = start(self.live, {"work": ("build",)})
        self.asked = ask(self.open, "situation", name="Bob Ray")
        self.expired = start(self.live, {"work": ("build",)})
        Assessment.objects.filter(pk=self.expired.pk).update(
            expires_at=timezone.now(), contact_email="ada@example.com"
        )

    @staticmethod
    def playbook(summary: str, key: str = "small") -> Any:
        """A playbook with one part of each kind."""
        audit, *others = small_document()["engagements"]
        return small_playbook(
            key=key,
            summary=summary,
            emergency=emergency(),
            guides=[guide("guide", ["audit"])],
            service_paths=[service_path("path", "audit", {"cause": ["known"]})],
            **said_of_a_playbook("audit"),
            engagements=[
                {**audit, "follow_on": {"playbook": "next", "when": "it is done"}},
                *others,
            ],
            sections=[section("situation"), section("more", stage="scope")],
            questions=[
                *small_document()["questions"],
                question("goal", kind="line", section="more"),
            ],
        )

    @cached_property
    def sent(self) -> dict[str, dict[str, Any]]:
        """What to send so that something changes, by name of the address."""
        waiting = {"recommendation": self.waiting.recommendation_id, "seen": 0}
        reviewed = {"recommendation": self.reviewed.recommendation_id, "seen": 1}
        draft = document_hash(document_of(self.draft))
        return {
            "engagements:start": {"cause": "known"},
            "engagements:question": {"cause": "known"},
            "engagements:scope": {"goal": "A goal"},
            "engagements:contact": {"contact_name": "Ada"},
            "engagements:ask": {"section": "more", "name": "Bob Ray"},
            "engagements:colleague": {"cause": "known"},
            "engagements:checklist": {"done": "before.1", "name": "Ada"},
            "engagements:continue": {"go": "on"},
            "engagements:links": {"act": "replace"},
            "engagements:renewal": {"go": "on"},
            "password": {
                "old_password": PASSWORD,
                "new_password1": "another horse battery",
                "new_password2": "another horse battery",
            },
            "admin:engagements_assessment_approve": waiting,
            "admin:engagements_assessment_override": {
                **waiting,
                "engagement": "retainer",
                "reason": "facts",
                "note": "We talked.",
            },
            "admin:engagements_assessment_reopen": {**reviewed, "note": "Once more."},
            "admin:engagements_assessment_note": {"text": "A note."},
            "admin:engagements_assessment_renew": {"go": "on"},
            "admin:catalog_draft_publish": {
                "notes": "As it was.",
                "seen_live": self.live.number,
                "seen_hash": draft,
            },
            "admin:catalog_draft_set_back": {"version": self.live.pk, "seen": draft},
            "admin:catalog_draft_import": {"text": dump(self.playbook("New.", key="other"))},
            "admin:catalog_playbookversion_go_back": {"seen_live": self.live.number},
            **{f"admin:catalog_{part}_change": self.renamed(part) for part in (*PARTS, "draft")},
            **{f"admin:catalog_{part}_delete": {"post": "yes"} for part in UNUSED},
        }

    def renamed(self, part: str) -> dict[str, Any]:
        """The form of a part as a browser would send it, with another title."""
        client = signed_in(self.people["superuser"])
        row = apps.get_model("catalog", part).objects.order_by("pk").first()
        fields = Fields()
        fields.feed(client.get(f"/admin/catalog/{part}/{row.pk}/change/").content.decode())
        return {**fields.found, "title": "Renamed"}

    def argument(self, address: "Address", place: str) -> object:
        """Something that is there, for a place in a route."""
        anywhere: dict[str, object] = {
            "content_type_id": ContentType.objects.get_for_model(Assessment).pk,
            **({"object_id": self.reviewed.pk} if address.route.startswith("admin/r/") else {}),
            "token": self.token(address),
            "number": 1,
            "key": {
                "engagements:question": "cause",
                "engagements:scope": "more",
                "engagements:continue": "next",
                "engagements:checklist": "setup",
            }.get(address.name, "small"),
        }
        if place in anywhere:
            return anywhere[place]
        on_reviewed = ("desk-brief", "desk-pack", "assessment_brief", "assessment_reopen")
        if address.name.endswith("assessment_renew"):
            return self.expired.pk
        if address.name.endswith(on_reviewed):
            return self.reviewed.pk
        return self.first(address)

    def token(self, address: "Address") -> str:
        """The key to an assessment, or to what somebody may only read of it."""
        if address.name.startswith("engagements:reading"):
            return give(self.waiting, LinkKind.READER).token
        if address.name.startswith("engagements:colleague"):
            return self.asked.token
        assessed = {"engagements:so-far": self.open, "engagements:renewal": self.expired}
        return assessed.get(address.name, self.waiting).token

    @staticmethod
    def first(address: "Address") -> int | None:
        """The first row of what an address of the admin is about, if it is about any."""
        if not re.match(r"admin/(auth|catalog|engagements)/\w+/", address.route):
            return None
        _admin, app, model, *_rest = address.route.split("/")
        row = apps.get_model(app, model).objects.order_by("pk").first()
        return row and row.pk


UNTICKED = {"checkbox", "radio", "submit", "button", "file"}
"""Kinds of inputs that a browser sends only when they are ticked or pressed."""


class Fields(HTMLParser):
    """What a browser would send of the form that an admin page is for."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Any] = {}
        self._inside = False
        self._select = self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what is filled in, ticked or picked."""
        told = dict(attrs)
        name, kind = told.get("name") or "", told.get("type")
        if tag == "form":
            self._inside = (told.get("id") or "").endswith("_form")
        elif not self._inside:
            return
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in told:
            self._add(self._select, told.get("value"))
        elif tag == "textarea":
            self._text = name
            self.found[name] = ""
        elif tag == "input" and ("checked" in told or kind not in UNTICKED):
            self._add(name, told.get("value"))

    def handle_data(self, data: str) -> None:
        """Take what stands in a text area."""
        if self._text:
            self.found[self._text] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        """Leave a form, or a text area."""
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._text = ""

    def _add(self, name: str, value: str | None) -> None:
        if name and "__prefix__" not in name:
            self.found.setdefault(name, []).append(value or "")


# ---- Addresses -------------------------------------------------------------------------------


class Address(NamedTuple):
    """One address of the product: its name, or else its route, and the route."""

    name: str
    route: str
    arguments: tuple[str, ...]

    def filled(self, world: World) -> str:
        """The address of something that is there."""
        filled = self.route
        for name in self.arguments:
            start_of, _, rest = filled.partition("<")
            filled = f"{start_of}{world.argument(self, name)}{rest.partition('>')[2]}"
        return f"/{filled}"


def addresses(patterns: Any = None, before: str = "", space: str = "") -> Iterator[Address]:
    """Every address of the product, each once."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern.url_patterns, route, inner)
        elif pattern.name == "app_list":  # a regular expression
            for app in ("auth", "catalog", "engagements"):
                yield Address(f"admin in {app}", f"admin/{app}/", ())
        elif "(?P<url>" in route:
            yield Address("admin/nowhere", "admin/nowhere", ())
        else:
            name = f"{space}{pattern.name}" if pattern.name else route
            yield Address(name, route, tuple(pattern.pattern.converters))


ADDRESSES = list({address.route: address for address in reversed(list(addresses()))}.values())
"""Where two have the same route, the first one answers."""


def rule_for(address: Address, rules: Mapping[str, People]) -> People | None:
    """Who may, by the first rule that matches; None when there is none."""
    return next((who for glob, who in rules.items() if fnmatchcase(address.name, glob)), None)


# ---- The table -------------------------------------------------------------------------------


@pytest.fixture
def world() -> World:
    return World()


def client_of(world: World, who: str) -> Client:
    """A client of somebody."""
    return Client() if who == "stranger" else signed_in(world.people[who])


def answer(client: Client, method: str, href: str, data: Any = None) -> tuple[str, bool]:
    """What somebody gets, in a word, and whether anything is written; then it is undone."""
    written = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        # Who is signed in, and what the next page tells, is kept in the session.
        if re.match(r"(INSERT INTO|UPDATE|DELETE FROM) (?!.?django_session)", sql):
            written.append(sql)
        return execute(sql, *rest)

    with transaction.atomic(), connection.execute_wrapper(note):
        response: Response = getattr(client, method)(href, data)
        # The admin leads to its own address for signing in, which tells the two apart.
        while response.status_code == 302 and response["Location"].startswith("/admin/login/"):
            response = client.get(response["Location"])
        if response.streaming:
            assert b"".join(response.streaming_content)
        transaction.set_rollback(True)
    if response.status_code == 302 and response["Location"].startswith("/sign-in/?next="):
        return "sign in", bool(written)
    return str(response.status_code), bool(written)


def test_every_address_has_a_rule_and_every_rule_an_address() -> None:
    assert [address for address in ADDRESSES if rule_for(address, MAY_OPEN) is None] == []
    for rules in (MAY_OPEN, MAY_SEND):
        names = [address.name for address in ADDRESSES]
        assert [glob for glob in rules if not any(fnmatchcase(n, glob) for n in names)] == []
    assert len(ADDRESSES) > 100


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_who_may_open_what(world: World, pdf: list[Brief], who: str) -> None:
    client, wrong = client_of(world, who), []
    refused = "sign in" if who == "stranger" else "403"
    for address in ADDRESSES:
        told, changed = answer(client, "get", address.filled(world))
        if who in rule_for(address, MAY_OPEN):
            fine = told in OPENED.get(address.name, {"200", "301", "302"})
        else:
            fine = told in {refused, *OTHERWISE_REFUSED.get(address.name, ())} and not changed
        if not fine:
            wrong.append((address.name, told, changed))
    assert wrong == []


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_who_may_send_what(world: World, pdf: list[Brief], who: str) -> None:
    wrong = []
    refused = "sign in" if who == "stranger" else "403"
    for address in ADDRESSES:
        href, senders = address.filled(world), rule_for(address, MAY_SEND)
        sent = world.sent.get(address.name)
        ticked = world.first(address) or ""
        data = sent or {"post": "yes", "action": "delete_selected", "_selected_action": ticked}
        # Somebody new each time: one form signs out, another one changes the password.
        told, changed = answer(client_of(world, who), "post", href, data)
        if senders is None:
            fine = not changed and told[0] != "5"
        elif who in senders:
            fine = told in {"200", "302", "409", "422"} and (changed or sent is None)
        else:
            fine = not changed and told == refused
        if not fine:
            wrong.append((address.name, told, changed))
    assert wrong == []
