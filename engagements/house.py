"""Who is behind the pages, for every template: the brand, and the firm where there is one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, get_language_bidi

from advisor.brand import current
from advisor.playbook import Firm, Playbook
from engagements import published
from engagements.lists import live_versions


@dataclass(frozen=True, slots=True)
class House:
    """Whom to talk to about any playbook, and whether somebody answers in an emergency."""

    firm: Firm | None
    emergency: bool


def house(request: HttpRequest) -> dict[str, Any]:
    """The context of every page: its `language` and the `direction` in which that is written, the
    `brand`, and `house` where it is of no playbook.
    """
    return {
        "language": get_language(),
        "direction": "rtl" if get_language_bidi() else "ltr",
        "brand": current(),
        "house": SimpleLazyObject(_house),
    }


def house_of(playbooks: Iterable[Playbook]) -> House:
    """Return who is behind these playbooks."""
    playbooks = list(playbooks)
    answered = any(playbook.emergency for playbook in playbooks) or bool(current().emergency)
    return House(published.firm_of(playbooks), answered)


def _house() -> House:
    """A page of what went wrong asks this: a broken database is no reason to fail once more."""
    try:
        return house_of(version.rulebook.playbook for version in live_versions())
    except DatabaseError:
        return house_of([])
