"""A playbook in German, and what of our English must not be read on its pages."""

import html
import re
from functools import cache
from pathlib import Path

import polib

from advisor.loading import load
from catalog.models import PlaybookVersion
from catalog.publishing import publish
from tests.words import po_of

FILE = Path(__file__).parent / "playbooks" / "betriebshilfe.toml"

TO_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|{[^{}]*}")
SHORTEST = 12
"""Letters of several words; a shorter piece may stand in German as well, or in an address."""


def german() -> PlaybookVersion:
    """The German playbook, published."""
    return publish(load(FILE.read_text()))[0]


@cache
def english_pieces() -> frozenset[str]:
    """What our interface says in English and not in German, between placeholders."""
    pieces: set[str] = set()
    translated: set[str] = set()
    for entry in polib.pofile(po_of("de"), wrapwidth=0):
        pieces |= _pieces(entry.msgid) | _pieces(entry.msgid_plural)
        for text in (entry.msgstr, *entry.msgstr_plural.values()):
            translated |= _pieces(text)
    return frozenset(piece for piece in pieces if not any(piece in text for text in translated))


def _pieces(text: str) -> set[str]:
    bare = re.sub(r"<[^>]*>", "\n", TO_PLACEHOLDER.sub("\n", text.replace("%%", "%")))
    pieces = {" ".join(part.split()) for part in bare.split("\n")}
    return {piece for piece in pieces if len(piece) >= SHORTEST and " " in piece}


def english_in(text: str) -> list[str]:
    """The English of ours that stands in a text, or in a whole page with its attributes."""
    read = " ".join(re.sub(r"<!--.*?-->", " ", html.unescape(text), flags=re.DOTALL).split())
    return sorted(
        piece for piece in english_pieces() if re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", read)
    )
