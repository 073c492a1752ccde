"""Static files that are made or lie elsewhere, without a build step: bundles, the brand.

The buyer's pages have one stylesheet, made of one file per component, and one script. To Django
they are static files like any other: in debug they are written anew whenever a part has changed,
and `collectstatic` hashes and compresses them. So it does the files of the firm's brand.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from advisor.brand import current
from advisor.brand_css import css_for_pages
from advisor.files import write_whole

BRAND_CSS = "css/brand.css"
BUNDLES = {
    BRAND_CSS: (BRAND_CSS,),  # by itself, for the admin
    # The tokens first, which say in which order the layers go; then what the brand changes.
    "css/pages.css": (
        "css/tokens.css",
        "css/fonts.css",
        BRAND_CSS,
        "css/site.css",
        "css/offers.css",
        "css/front.css",
        "css/checklists.css",
        "css/links.css",
        "css/colleagues.css",
        "css/result.css",
        "css/comparison.css",
        "css/questions.css",
    ),
    "site.js": ("site.js",),
}
"""Each bundle, and the files whose text follows one another in it."""


def text_of(bundle: str) -> str:
    """Return the text of a bundle as its parts are now."""
    return "\n".join(map(_text_of_part, BUNDLES[bundle]))


def _text_of_part(part: str) -> str:
    if part == BRAND_CSS:
        return css_for_pages(current())
    text = (settings.BASE_DIR / "static" / part).read_text(encoding="utf-8")
    return for_browsers(text, is_script=part.endswith(".js"))


def for_browsers(text: str, *, is_script: bool) -> str:
    """Return a sheet or script of ours without what is for people only, who read the parts.

    That is a quarter of what has to be fetched. It knows how ours are written, and no others: no
    comment begins after code on a line of a script, and no text in a sheet has a brace in it.
    """
    if is_script:  # whose lines stay lines
        return re.sub(r"\s*\n\s*", "\n", re.sub(r"(?m)^\s*//.*$", "", text)).strip()
    return re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"(?s)/\*.*?\*/", "", text)).strip()


class BundleFinder(BaseFinder):
    """Finds the bundles, as files that are as new as their parts."""

    def check(self, **kwargs: Any) -> list[Any]:
        """There is nothing that could be set wrong."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's
        """Return where the file of a bundle lies; of several there is only one."""
        return _found(self._fresh(path) if path in BUNDLES else None, find_all)

    def list(
        self, ignore_patterns: Iterable[str] | None
    ) -> Iterator[tuple[str, FileSystemStorage]]:
        """Every bundle, for `collectstatic`."""
        for bundle in BUNDLES:
            self._fresh(bundle)
            yield bundle, FileSystemStorage(location=_folder())

    def _fresh(self, bundle: str) -> Path:
        """Return the file of a bundle, written anew if it says something else."""
        file = _folder() / bundle
        text = text_of(bundle)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            write_whole(file, text)
        return file


def _folder() -> Path:
    """Where bundles are written: a folder for each brand, because two processes may show two."""
    return Path(settings.VAR, "bundles", current().digest)


class BrandFinder(BaseFinder):
    """Finds what the brand names, as brand/…, and nothing else that lies in its folder."""

    def check(self, **kwargs: Any) -> list[Any]:
        """advisor/brand_checks.py tells what is wrong."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's
        """Return where a file of the brand lies."""
        brand, (room, _, name) = current(), path.partition("/")
        there = room == "brand" and brand.folder and name in brand.files
        return _found(brand.folder / name if there and brand.folder else None, find_all)

    def list(
        self, ignore_patterns: Iterable[str] | None
    ) -> Iterator[tuple[str, FileSystemStorage]]:
        """Every file of the brand, for `collectstatic`."""
        brand = current()
        if brand.folder:
            storage = FileSystemStorage(location=brand.folder)
            storage.prefix = "brand"  # type: ignore[attr-defined]  # as Django's own finder does
            for name in brand.files:
                yield name, storage


def _found(file: Path | None, find_all: bool) -> Any:  # noqa: FBT001 - as Django asks for it
    found = [str(file)] if file else []
    return found if find_all or not found else found[0]
