"""Every problem of the firm's brand at once, as `manage.py check` tells it.

In production the product does not start with one: advisor/wsgi.py asks `must_be_right`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from advisor.brand import DOCUMENT, Brand, Problem, current, files_of, own_colours, read
from advisor.brand_css import css_for_pages
from advisor.colours import unreadable

MARKS = {".woff2": (b"wOF2",), ".ttf": (b"\0\1\0\0", b"true")}
"""How a font file begins."""

LIVELY = {"script", "foreignobject", "iframe", "embed", "object", "audio", "video", "handler"}
LARGEST_LOGO = 100_000  # bytes; it goes with every page


@checks.register(checks.Tags.staticfiles)
def check_brand(**options: Any) -> list[checks.CheckMessage]:
    """Tell what is wrong with the brand that BRAND names."""
    return [
        checks.Error(f"{one.where}: {one.what}", hint=one.hint, id=f"brand.{one.kind}")
        for one in problems_of(settings.BRAND)
    ]


def problems_of(folder: str | Path | None) -> list[Problem]:
    """Return everything that is wrong with the brand in a folder."""
    if not folder:
        return []
    brand, problems = read(Path(folder))
    if brand is None:
        return problems
    where = str(Path(folder) / DOCUMENT)
    return [*problems, *_files(brand, Path(folder), where), *_colours(brand, where)]


def must_be_right() -> None:
    """Raise ImproperlyConfigured unless the brand is right, and the one that was collected."""
    if problems := problems_of(settings.BRAND):
        lines = "\n".join(f"  {one.where}: {one.what} {one.hint}" for one in problems)
        raise ImproperlyConfigured(f"The brand cannot be shown as it is:\n{lines}")
    collected = Path(settings.STATIC_ROOT) / "css/brand.css"
    there = collected.read_text(encoding="utf-8") if collected.exists() else css_for_pages(Brand())
    if not settings.DEBUG and there != css_for_pages(current()):
        raise ImproperlyConfigured(
            "The static files are those of another brand: run `manage.py collectstatic --noinput`."
        )


def _files(brand: Brand, folder: Path, where: str) -> Iterator[Problem]:
    for name, key in files_of(brand):
        place = f"{where}, {key}"
        path = folder / name
        if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
            what = f"There is no file {name} in the folder of the brand."
            yield Problem("E004", place, what, "Put it there, or name one that is there.")
        elif key.startswith("logo."):
            yield from _logo(path, place)
        else:
            yield from _font(path, place, ".woff2" if ".pages." in key else ".ttf")


def _logo(path: Path, place: str) -> Iterator[Problem]:
    """A logo is a drawing and nothing else: it must not run, load or animate anything."""
    hint = "Save it as a plain SVG file."
    try:
        text = path.read_text(encoding="utf-8")
        if len(text.encode()) > LARGEST_LOGO:
            what = f"{path.name} is larger than {LARGEST_LOGO // 1000} kB."
            yield Problem("E005", place, what, "It goes with every page: leave out what is unseen.")
            return
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            what = f"{path.name} has a document type, which may name other files."
            yield Problem("E006", place, what, "Take the line with <!DOCTYPE out of it.")
            return
        root = ElementTree.fromstring(text)  # noqa: S314 - without a document type there are no entities
    except (OSError, UnicodeDecodeError, ElementTree.ParseError) as error:
        yield Problem("E005", place, f"{path.name} cannot be read as SVG ({error}).", hint)
        return
    if _local(root.tag) != "svg" or "viewBox" not in root.attrib:
        what = f"{path.name} is no SVG drawing with a viewBox."
        yield Problem("E005", place, what, hint)
    for lively in sorted(set(_lively_in(root))):
        what = f"{path.name} has {lively}, and a logo only shows."
        yield Problem("E006", place, what, "Take it out, or save the drawing as a plain SVG file.")


def _lively_in(root: ElementTree.Element) -> Iterator[str]:
    for element in root.iter():
        tag = _local(element.tag)
        if tag.lower() in LIVELY:
            yield f"<{tag}>"
        if tag == "style" and ("@import" in (element.text or "") or "url(" in (element.text or "")):
            yield "<style> that loads something"
        for name, value in element.attrib.items():
            key, told = _local(name).lower(), value.strip().lower()
            if key.startswith("on"):
                yield f"{key}="
            elif key == "href" and not told.startswith(("#", "data:image/")):
                yield f'href="{value[:40]}"'
            elif "javascript:" in told or ("url(" in told and "url(#" not in told.replace('"', "")):
                yield f'{key}="{value[:40]}"'


def _local(name: object) -> str:
    """The name of an element or attribute without its namespace; a comment has none."""
    return name.rpartition("}")[2] if isinstance(name, str) else ""


def _font(path: Path, place: str, suffix: str) -> Iterator[Problem]:
    with path.open("rb") as file:
        begin = file.read(4)
    if path.suffix.lower() != suffix or begin not in MARKS[suffix]:
        use = "Pages take WOFF2" if suffix == ".woff2" else "PDFs take TTF"
        what = f"{path.name} is no {suffix[1:].upper()} font."
        yield Problem("E007", place, what, f"{use}: convert it, for instance with fonttools.")


def _colours(brand: Brand, where: str) -> Iterator[Problem]:
    for theme, own, shades in zip(("light", "dark"), own_colours(), brand.palette, strict=True):
        for voice, ground, there, least in unreadable(own, shades):
            every = own | shades
            what = (
                f"{voice} ({every[voice]}) on {ground} ({every[ground]}) has a contrast of "
                f"{there:.2f}:1, and needs {least:g}:1."
            )
            hint = f"Give {voice.replace('-', '_')} there, or a darker accent."
            if theme == "dark":
                hint = hint.replace("darker", "lighter")
            yield Problem("E008", f"{where}, colours.{theme}", what, hint)
