"""One stylesheet for the buyer's pages, made of one file per component, without a build step.

To Django it is a static file like any other. In debug it is written anew whenever a part of it
has changed; `collectstatic` hashes and compresses it.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from advisor.files import write_whole

BUNDLES = {
    # The tokens first: they say in which order the layers go.
    "css/pages.css": (
        "css/tokens.css",
        "css/fonts.css",
        "css/site.css",
        "css/offers.css",
        "css/checklists.css",
    )
}
"""Each bundle, and the files under static/ whose text follows one another in it."""


def text_of(bundle: str) -> str:
    """Return the text of a bundle as its parts are now."""
    static = settings.BASE_DIR / "static"
    return "\n".join((static / part).read_text(encoding="utf-8") for part in BUNDLES[bundle])


class BundleFinder(BaseFinder):
    """Finds the bundles, as files that are as new as their parts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=settings.VAR / "bundles")

    def check(self, **kwargs: Any) -> list[Any]:
        """There is nothing that could be set wrong."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's
        """Return where the file of a bundle lies; of several there is only one."""
        if path not in BUNDLES:
            return []
        file = str(self._fresh(path))
        return [file] if find_all else file

    def list(
        self, ignore_patterns: Iterable[str] | None
    ) -> Iterator[tuple[str, FileSystemStorage]]:
        """Every bundle, for `collectstatic`."""
        for bundle in BUNDLES:
            self._fresh(bundle)
            yield bundle, self.storage

    def _fresh(self, bundle: str) -> Path:
        """Return the file of a bundle, written anew if it says something else."""
        file = Path(self.storage.path(bundle))
        text = text_of(bundle)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            write_whole(file, text)
        return file
