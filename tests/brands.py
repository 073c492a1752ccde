"""Brands for tests: one that is complete, and ways to spoil it."""

import shutil
from pathlib import Path

from tests.scenarios import ROOT

KESTREL = ROOT / "fixtures" / "brands" / "kestrel"
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">{}</svg>'


def a_copy(folder: Path, *changes: tuple[str, str], **files: str | None) -> Path:
    """The complete brand in a folder of its own.

    With other words in its brand.toml, which have to be there, and other texts in its SVG files,
    by their name, or without them.
    """
    shutil.copytree(KESTREL, folder)
    text = (folder / "brand.toml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "brand.toml").write_text(text)
    for name, drawing in files.items():
        path = folder / f"{name}.svg"
        if drawing is None:
            path.unlink()
        else:
            path.write_text(drawing)
    return folder
