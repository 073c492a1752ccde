"""The emergency page that works when nothing else does: one file, whole in itself.

It is made of the published playbooks and the brand, and written when something is published, by
`manage.py emergencypage`, and by the home page when it is out of date. Whoever asks for it gets
the file: no database, no session, no script, and nothing else to load. A proxy can serve it too.
"""

import base64
import hashlib
import logging
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import DatabaseError
from django.template.loader import render_to_string
from django.utils import translation

from advisor.brand import current, own_colours
from advisor.files import write_whole
from catalog.models import PlaybookVersion
from engagements import published
from engagements.lists import live_versions

TEMPLATE = "emergency-page.html"
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)

logger = logging.getLogger(__name__)


def place() -> Path:
    """Where the file lies."""
    return Path(settings.PUBLIC_ROOT) / "emergency.html"


def read() -> str:
    """Return the page as it was written; if it never was, made now from what can be reached."""
    try:
        return place().read_text(encoding="utf-8")
    except OSError:
        pass
    try:
        versions = live_versions()
    except DatabaseError:
        logger.exception("There is no emergency page yet, and no database to make it from.")
        return text_for([])  # of the brand alone, and not to be kept
    text = text_for(versions)
    _keep(text)
    return text


def write() -> Path:
    """Write the page anew from what is published now; raises OSError where it cannot."""
    write_whole(place(), text_for(live_versions()))
    return place()


def freshen(versions: Iterable[PlaybookVersion]) -> None:
    """Write the page anew unless it is of these versions; for whoever has them at hand."""
    versions = list(versions)
    try:
        with place().open(encoding="utf-8") as file:
            if _stamp(versions) in file.readline():
                return
    except OSError:
        pass
    _keep(text_for(versions))


def _keep(text: str) -> None:
    try:
        write_whole(place(), text)
    except OSError:  # no reason for anybody to miss the page that they asked for
        logger.exception("The emergency page cannot be written.")


def text_for(versions: Iterable[PlaybookVersion]) -> str:
    """Return the whole page."""
    versions = list(versions)
    playbooks = [version.rulebook.playbook for version in versions]
    brand = current()
    language = playbooks[0].language if playbooks else settings.LANGUAGE_CODE
    light, dark = (own | shades for own, shades in zip(own_colours(), brand.palette, strict=True))
    context = {
        "stamp": _stamp(versions),
        "brand": brand,
        "firm": published.firm_of(playbooks),
        "lines": published.emergency_lines(playbooks),
        "language": language,
        "call": light["bad"],  # red in the dark, too: nobody has to look for it
        "on_call": light["accent-contrast"],
        "light": light,
        "dark": dark,
        "icon": _icon(brand.icon),
    }
    with translation.override(language):
        return render_to_string(TEMPLATE, context)


def policy_of(page: str) -> str:
    """The content security policy under which the page shows, and does nothing besides."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
        for style in STYLE.findall(page)
    )
    return (
        f"default-src 'none'; style-src {hashes or "'none'"}; img-src data:; form-action 'none'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )


def _stamp(versions: Iterable[PlaybookVersion]) -> str:
    """A name for everything that the page is made of; it stands in its first line."""
    made_of = [_design(), current().digest, *(version.hash for version in versions)]
    return hashlib.sha256(" ".join(made_of).encode()).hexdigest()


@cache
def _design() -> str:
    """A hash of the template, and of the colours."""
    text = (settings.BASE_DIR / "templates" / TEMPLATE).read_text(encoding="utf-8")
    return hashlib.sha256(f"{text} {own_colours()}".encode()).hexdigest()


def _icon(name: str) -> str:
    """The icon as a part of the page."""
    found = finders.find(name)
    drawing = Path(str(found)).read_bytes() if found else b""
    return f"data:image/svg+xml;base64,{base64.b64encode(drawing).decode()}"
