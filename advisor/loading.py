"""Load and dump: between a playbook and its document, as TOML text or as plain data.

Reading reports everything that is wrong with a document at once, in sentences for its owner.
"""

import hashlib
import json
import tomllib
from typing import Any, cast

import tomlkit
from pydantic import ValidationError

from advisor.checking import Problem, problems_of
from advisor.ordering import in_order
from advisor.playbook import Playbook
from advisor.speech import gettext as _
from advisor.speech import gettext_noop, ngettext

BYTE_ORDER_MARK = "\ufeff"  # some editors on Windows begin a file with it


class PlaybookError(Exception):
    """A document that is no playbook. `problems` has a line for each thing to mend."""

    def __init__(self, source: str, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        told = ngettext(
            "{source}: {count} problem; nothing was loaded.",
            "{source}: {count} problems; nothing was loaded.",
            len(problems),
        ).format(source=source, count=len(problems))
        super().__init__("\n".join([told, *map(str, problems)]))


def load(text: str, source: str = "playbook") -> Playbook:
    """Return the playbook in a TOML text; `source` names it in messages.

    Raises PlaybookError with every problem of the document.
    """
    try:
        document = tomllib.loads(text.removeprefix(BYTE_ORDER_MARK))
    except tomllib.TOMLDecodeError as error:
        problem = Problem("TOML", f"{error}", _("mend the syntax at that place"))
        raise PlaybookError(source, [problem]) from error
    except ValueError as error:  # Python reads no number of more than 4,300 digits
        problem = Problem("TOML", _("a number has thousands of digits"), _("write a shorter one"))
        raise PlaybookError(source, [problem]) from error
    except RecursionError as error:
        problem = Problem(
            "TOML", _("lists or tables stand too deep in each other"), _("flatten them")
        )
        raise PlaybookError(source, [problem]) from error
    return from_document(document, source)


def from_document(document: object, source: str = "playbook") -> Playbook:
    """Return the playbook of a plain document (dicts, lists, strings, numbers).

    Raises PlaybookError with every problem of the document.
    """
    try:
        playbook = Playbook.model_validate(document)
    except ValidationError as error:
        raise PlaybookError(source, _shape_problems(error, document)) from error
    if problems := problems_of(playbook):
        raise PlaybookError(source, problems)
    return in_order(playbook)


def to_document(playbook: Playbook) -> dict[str, Any]:
    """Return a playbook as plain data, without what is left at its default."""
    return playbook.model_dump(mode="json", exclude_defaults=True)


def dump(playbook: Playbook) -> str:
    """Return a playbook as TOML text; `load(dump(p)) == p`."""
    return tomlkit.dumps(to_document(playbook))


def document_hash(document: dict[str, Any]) -> str:
    """Return the SHA-256 (hex) of a document in canonical JSON; it names a playbook version."""
    canonical = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _shape_problems(error: ValidationError, document: object) -> list[Problem]:
    details = cast("list[dict[str, Any]]", error.errors(include_url=False))
    return [
        Problem(
            _place(cast("tuple[str | int, ...]", detail["loc"]), document),
            *_told(detail, document),
        )
        for detail in details
    ]


_TOLD = {
    "missing": (gettext_noop("is missing"), gettext_noop("add it")),
    "extra_forbidden": (
        gettext_noop("is not a name that a playbook knows"),
        gettext_noop("correct the spelling or remove it"),
    ),
    "model_type": (
        gettext_noop("is {input!r:.60}, which is no table"),
        gettext_noop("write its names and values"),
    ),
    "tuple_type": (
        gettext_noop("is {input!r:.60}, which is no list"),
        gettext_noop("write it in [ and ]"),
    ),
    "int_type": (
        gettext_noop("is {input!r:.60}, which is no whole number"),
        gettext_noop("write digits only, without quotes"),
    ),
    "too_long": (gettext_noop("has more than {max_length} items"), gettext_noop("leave some out")),
    "string_pattern_mismatch": (
        gettext_noop("is {input!r:.60}, which is not of the form asked for"),
        gettext_noop("keys are lower-case words joined by hyphens, such as known-target"),
    ),
}
"""What is wrong and how to mend it, for the commonest shape errors."""


_FORMS = {
    "language": (gettext_noop("no language code"), gettext_noop("write it like en or de-AT")),
    "currency": (
        gettext_noop("no currency code"),
        gettext_noop("write it in three capital letters, like GBP"),
    ),
    "uptime": (gettext_noop("no percentage"), gettext_noop('write it like "99.5"')),
}
"""What is asked of texts that have a form and are not keys."""

_NAMED_IN = {
    "entry": "engagements",
    "engagement": "engagements",
    "engagements": "engagements",
    "rules_out": "engagements",
    "start_with": "engagements",
    "carries": "needs",
    "need": "needs",
    "section": "sections",
    "question": "questions",
}
"""The list whose parts a name refers to by their keys."""


def _told(detail: dict[str, Any], document: object) -> tuple[str, str]:
    """What is wrong and how to mend it; for rare errors in pydantic's words."""
    if detail["type"] == "string_pattern_mismatch" and (key := _key_behind(detail, document)):
        what = _("is {input!r:.60}, which is a title").format(input=detail["input"])
        return what, _("write the key, {key}").format(key=key)
    if detail["type"] == "string_pattern_mismatch" and detail["loc"][-1] in _FORMS:
        what, mend = _FORMS[detail["loc"][-1]]
        is_none = _("is {input!r:.60}, which is {what}")
        return is_none.format(input=detail["input"], what=_(what)), _(mend)
    if told := _TOLD.get(detail["type"]):
        what, mend = told
        return _(what).format(input=detail["input"], **detail.get("ctx", {})), _(mend)
    message = str(detail["msg"])
    mend = _("correct the value {input!r:.60}").format(input=detail["input"])
    return message[:1].lower() + message[1:], mend


def _place(location: tuple[str | int, ...], document: object) -> str:
    """Where in the document, naming list items by their key: `signals[known-target].when`."""
    place, here = "", document
    for step in location:
        try:
            here = cast("Any", here)[step]
        except (KeyError, IndexError, TypeError):
            here = None
        if isinstance(step, int):
            key = here.get("key") if isinstance(here, dict) else None
            place += f"[{key or step + 1}]"
        else:
            place += f".{step}" if place else step
    return place or "document"


def _key_behind(detail: dict[str, Any], document: object) -> str | None:
    """The key of the part whose title somebody wrote where its key belongs."""
    names = [step for step in detail["loc"] if isinstance(step, str)]
    parts = document.get(_NAMED_IN.get(names[-1], "")) if isinstance(document, dict) else None
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, dict) and part.get("title") == detail["input"]:
            return str(part["key"]) if "key" in part else None
    return None
