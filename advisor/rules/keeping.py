"""Keep: what has been worked out once is looked up from then on."""

from collections.abc import Callable, Hashable, Iterable
from itertools import batched

MOST = 1 << 15
"""So much has room, unless less is said: the answers that people think up must not fill the memory.

A rulebook has four rooms: what its answers leave, what could be answered instead, what that leads
to, and how it is explained.
"""


class Room:
    """How much more may be kept. Tables that share it have no more together."""

    __slots__ = ("left",)

    def __init__(self, left: int = MOST) -> None:
        self.left = left

    def keep[K, V](self, table: dict[K, V], key: K, value: V) -> None:
        """Put a value into one of the tables if there is room."""
        if self.left > 0:
            self.left -= 1
            table[key] = value


class Kept[Key: Hashable, Value](dict[Key, Value]):
    """A table that works out what it does not have, and keeps it while there is room."""

    __slots__ = ("room", "work_out")

    def __init__(self, room: Room, work_out: Callable[[Key], Value]) -> None:
        self.room = room
        self.work_out = work_out

    def __missing__(self, key: Key) -> Value:
        value = self.work_out(key)
        self.room.keep(self, key, value)
        return value


type Rows[Value] = tuple[tuple[Value, ...], ...]
"""For each eight bits of a mask, what any of them come to: 256 values, by these bits."""


def rows_of[Value](
    parts: Iterable[Value], join: Callable[[Value, Value], Value], nothing: Value
) -> Rows[Value]:
    """Return what the bits of a mask come to, from what each of them does, lowest first."""
    rows = []
    for eight in batched(parts, 8):
        row = [nothing]
        for part in eight:
            row += [join(joined, part) for joined in row]
        rows.append(tuple(row))
    return tuple(rows)


Keys = tuple[str, ...]


def keys_in(rows: Rows[Keys], mask: int) -> Keys:
    """Return the keys of the bits in a mask, lowest first, from rows of these keys."""
    keys: Keys = ()
    for row in rows:
        keys += row[mask & 255]
        mask >>= 8
    return keys
