"""Tell what differs between two versions of a playbook, in the playbook's own words.

A practice lead reads this before publishing: titles, labels and sentences, never bare keys. What
merely follows something else is not told again.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from advisor.lines import (
    INNER,
    PARTS,
    Keyed,
    Lines,
    Names,
    Side,
    list_of,
    same_parts,
    title_of,
    words_for,
)
from advisor.playbook import Playbook
from advisor.speech import gettext as _
from advisor.texts import Part

ALIKE = 0.7
"""How much of two texts is the same, at least, where marking the rest helps the reader."""

type Marked = list[tuple[str, bool]]
"""A text in pieces, and whether each is marked."""


class How(StrEnum):
    """What happened to a part."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"  # it has another key, and is the same otherwise
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Detail:
    """What differs in a part: the lines that were there and the lines that are there now.

    Of a list only the lines that went and came; of a new part everything that it says.
    """

    what: str
    was: tuple[str, ...] = ()
    now: tuple[str, ...] = ()

    @property
    def marked(self) -> tuple[list[Marked], list[Marked]]:
        """Both sides line by line; of one line that became another with what differs marked."""
        if len(self.was) == len(self.now) == 1:
            was, now = words_apart(self.was[0], self.now[0])
            return [was], [now]
        return [[(line, False)] for line in self.was], [[(line, False)] for line in self.now]


@dataclass(frozen=True, slots=True)
class Change:
    """A part of a playbook that is not as it was. `where` names it as problems do."""

    part: str
    where: str
    title: str
    how: How
    details: tuple[Detail, ...]


def changes_between(old: Playbook | None, new: Playbook) -> list[Change]:
    """Return every part that differs; none if, and only if, the playbooks are equal.

    Without an old one everything is new.
    """
    return list(_Comparison(old, new).changes())


class _Comparison:
    """Goes through both playbooks, part by part."""

    def __init__(self, old: Playbook | None, new: Playbook) -> None:
        self.names = Names(old, new) if old else None
        self.old = Side(old, self.names) if old else None
        self.new = Side(new)

    def changes(self) -> Iterator[Change]:
        old, new = self.old.playbook if self.old else None, self.new.playbook
        if details := tuple(self.details(old, new)):
            how = How.CHANGED if old else How.ADDED
            yield Change(_("playbook"), "playbook", new.title, how, details)
        for field in PARTS:
            yield from self.changes_in(field)

    def changes_in(self, field: str) -> Iterator[Change]:
        was = list_of(self.old.playbook, field) if self.old else ()
        now = list_of(self.new.playbook, field)
        names = self.names.parts[field] if self.names else {}
        before = {names[part.key]: part for part in was if part.key in names}
        moves = _moves(
            {key: title_of(part) for key, part in before.items()},
            {part.key: title_of(part) for part in now if part.key in before},
        )
        for part in now:
            if part.key not in before:
                yield self.change(field, part, How.ADDED, self.details(None, part))
                continue
            details = [*self.details(before[part.key], part), *moves.get(part.key, [])]
            if details:
                renamed = [detail.what for detail in details] == [words_for("key")]
                yield self.change(field, part, How.RENAMED if renamed else How.CHANGED, details)
        for part in was:
            if part.key not in names:
                yield self.change(field, part, How.REMOVED, self.details(part, None))

    def change(self, field: str, part: Keyed, how: How, details: Iterable[Detail]) -> Change:
        return Change(_(PARTS[field]), f"{field}[{part.key}]", title_of(part), how, tuple(details))

    def details(self, old: Part | None, new: Part | None) -> Iterator[Detail]:
        """What differs between two states of a part, or all that it says when there is one."""
        was = self.old.lines_of(old) if self.old and old else {}
        now = self.new.lines_of(new) if new else {}
        nothing = Lines((), ())
        for what in dict.fromkeys([*was, *now]):
            # A part that comes or goes is named by its title; its key is nothing to read.
            if what != words_for("key") or (old and new):
                yield from _difference(what, was.get(what, nothing), now.get(what, nothing))
        for field in INNER:
            yield from self.inner_details(field, list_of(old, field), list_of(new, field))

    def inner_details(
        self, field: str, was: Sequence[Keyed], now: Sequence[Keyed]
    ) -> Iterator[Detail]:
        """What differs between two lists inside of a part."""
        noun = _(INNER[field])
        names = same_parts(was, now)
        before = {names[part.key]: part for part in was if part.key in names}
        if gone := tuple(
            self.old.line_of(part) for part in was if self.old and part.key not in names
        ):
            yield Detail(_("{part} removed").format(part=noun), was=gone)
        if come := tuple(self.new.line_of(part) for part in now if part.key not in before):
            yield Detail(_("{part} added").format(part=noun), now=come)
        for part in now:
            if part.key in before:
                for detail in self.details(before[part.key], part):
                    what = _("{part} “{title}”: {what}").format(
                        part=noun, title=title_of(part), what=detail.what
                    )
                    yield Detail(what, detail.was, detail.now)
        kept = [part for part in now if part.key in before]
        if [part.key for part in kept] != list(before):
            yield Detail(
                _("order of {what}").format(what=words_for(field)),
                was=tuple(map(title_of, before.values())),
                now=tuple(map(title_of, kept)),
            )


def _difference(what: str, was: Lines, now: Lines) -> Iterator[Detail]:
    """The lines that went and came; all of them when only their order differs."""
    gone, come = Counter(was.same) - Counter(now.same), Counter(now.same) - Counter(was.same)
    if gone or come:
        yield Detail(what, _those(was, gone), _those(now, come))
    elif was.ordered and was.same != now.same:
        yield Detail(_("order of {what}").format(what=what), was.texts, now.texts)


def _those(lines: Lines, which: Counter[Hashable]) -> tuple[str, ...]:
    left = Counter(which)
    told = []
    for same, text in zip(lines.same, lines.texts, strict=True):
        if left[same]:
            left[same] -= 1
            told.append(text)
    return tuple(told)


def _moves(was: dict[str, str], now: dict[str, str]) -> dict[str, list[Detail]]:
    """Where the parts stand that were moved past others, by key; the titles are in order.

    As few are told as can be, and of those that moved together the first.
    """
    stayed = _longest_rising([list(was).index(key) for key in now])
    before, after = _places(was), _places(now)
    return {
        key: [_move(before[key], after[key])]
        for at, key in enumerate(now)
        if at not in stayed and before[key][0] != after[key][0]
    }


def _move(was: tuple[str, str], now: tuple[str, str]) -> Detail:
    """Behind which other it stood and stands; of two with the same title by their keys."""
    keys = [f" ({behind})" if was[1] == now[1] else "" for behind, _ in (was, now)]
    return Detail(_("position"), (f"{was[1]}{keys[0]}",), (f"{now[1]}{keys[1]}",))


def words_apart(was: str, now: str) -> tuple[Marked, Marked]:
    """Return two texts with the words marked that the other lacks; plain if most differ."""
    old, new = _words(was), _words(now)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return [(was, False)], [(now, False)]
    steps = matcher.get_opcodes()
    return (
        [("".join(old[a:b]), how != "equal") for how, a, b, _, _ in steps if a < b],
        [("".join(new[a:b]), how != "equal") for how, _, _, a, b in steps if a < b],
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\S+", text)


def _places(titles: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Behind which other each stands: its key, and in words."""
    behind = ["", *titles]
    words = [_("first"), *(_("after “{title}”").format(title=title) for title in titles.values())]
    return dict(zip(titles, zip(behind, words, strict=False), strict=False))


def _longest_rising(numbers: list[int]) -> set[int]:
    """The places of the most numbers that rise from left to right."""
    ends: list[int] = []  # the place of the least number that ends a rise of each length
    behind: list[int | None] = []
    for at, number in enumerate(numbers):
        length = bisect_left([numbers[end] for end in ends], number)
        behind.append(ends[length - 1] if length else None)
        ends[length : length + 1] = [at]
    places: set[int] = set()
    place = ends[-1] if ends else None
    while place is not None:
        places.add(place)
        place = behind[place]
    return places
