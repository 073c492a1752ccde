"""Meanwhile: what others have saved since a page was made, so that two tabs do no harm. Pure.

A form carries, as `seen`, what was stored when its page was made. What is sent is then told from
what was changed elsewhere: nothing is overwritten unread, and nothing that was typed is lost.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol, Self

Value = str | tuple[str, ...]
"""What is stored of one thing that a form asks; empty where nothing is."""


class Dated(Protocol):
    """What is known of an answer besides what it is: a row of it."""

    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """What was stored when a page was made: when the newest answer was given, and a mark of each
    thing that the page asks.
    """

    newest: datetime | None
    marks: Mapping[str, str]

    @classmethod
    def of(
        cls,
        asked: Iterable[str],
        stored: Mapping[str, Value],
        rows: Mapping[str, Dated] | None = None,
    ) -> Self:
        """Return what a page knows that is made now."""
        dates = [row.answered_at for row in (rows or {}).values()]
        return cls(max(dates, default=None), {key: mark(stored.get(key, ())) for key in asked})

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return what a form has sent along; None when it is not of our making."""
        date, *marks = text.split(" ")
        try:
            newest = datetime.fromisoformat(date) if date != "-" else None
            pairs = dict(part.split("=") for part in marks)
        except ValueError:
            return None
        return None if newest and newest.tzinfo is None else cls(newest, pairs)

    def __str__(self) -> str:
        date = self.newest.isoformat() if self.newest else "-"
        return " ".join([date, *(f"{key}={value}" for key, value in self.marks.items())])

    def since(self, rows: Mapping[str, Dated]) -> list[str]:
        """Return the questions that have a new or another answer since the page was made."""
        if self.newest is None:
            return []
        return [key for key, row in rows.items() if row.answered_at > self.newest]


@dataclass(frozen=True, slots=True)
class Clash:
    """Something that was sent, and that somebody else has changed meanwhile to what is stored.

    `since` is when, where that is known: nobody notes when an answer was taken back.
    """

    key: str
    stored: Value
    since: datetime | None


class ChangedMeanwhileError(Exception):
    """Somebody else has changed what was sent, so that nothing of it was saved."""

    def __init__(self, clashes: list[Clash]) -> None:
        self.clashes = clashes
        super().__init__(", ".join(clash.key for clash in clashes))


def settled[V: Value](
    seen: Seen | None,
    sent: Mapping[str, V],
    stored: Mapping[str, V],
    rows: Mapping[str, Dated] | None = None,
) -> dict[str, V]:
    """Return what of a form is to be saved.

    What the page left as it was is left as it is now, but for the answer to the only question of
    a page: to send it is to confirm it. Raises ChangedMeanwhileError when what was changed or
    confirmed there was changed elsewhere too, to something else.
    """
    if seen is None:
        return dict(sent)
    to_save: dict[str, V] = {}
    clashes = []
    for key, value in sent.items():
        there = stored.get(key, ())
        if seen.marks.get(key, mark(there)) == mark(there) or mark(value) == mark(there):
            to_save[key] = value
        elif mark(value) != seen.marks[key] or (value and len(sent) == 1):
            row = (rows or {}).get(key)
            clashes.append(Clash(key, there, row.answered_at if row else None))
    if clashes:
        raise ChangedMeanwhileError(clashes)
    return to_save


def mark(value: Value) -> str:
    """Return a short mark of a value: others have others, in whichever order options come."""
    parts = [value] if isinstance(value, str) else sorted(value)
    text = "\n".join(part for part in parts if part)
    return sha256(text.encode()).hexdigest()[:10] if text else "-"
