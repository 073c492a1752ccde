"""The face of the firm: name, logo, colours, typeface and contact, in one place.

The environment variable BRAND names a folder with a brand.toml; without it the product shows its
own default look, and each playbook its own firm. Pages, mails and PDFs all ask `current()`.
docs/brand.md says what a brand.toml may say.
"""

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any

from django.conf import settings
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from advisor.colours import Shades, palette, tokens_in
from advisor.playbook import Firm, Playbook
from advisor.texts import Line

type FileName = Annotated[str, StringConstraints(pattern=r"^\w[\w.-]*(/\w[\w.-]*)*$")]
type Hex = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$", to_lower=True)]
type Stack = Annotated[str, StringConstraints(pattern=r"^[\w ,\"'-]+$")]

DOCUMENT = "brand.toml"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Logo(_Part):
    """SVG files: for light grounds, for dark ones, and a square one for tabs and the brief.

    `says_name` when the logo has the name in it, so that pages need not write it beside.
    """

    light: FileName
    dark: FileName | None = None
    icon: FileName | None = None
    says_name: bool = False


class Theme(_Part):
    """Colours of one theme; most of what is not given follows from the accent and the panel."""

    accent: Hex | None = None
    accent_strong: Hex | None = None
    accent_mid: Hex | None = None
    accent_soft: Hex | None = None
    accent_contrast: Hex | None = None
    focus: Hex | None = None
    panel: Hex | None = None
    panel_ink: Hex | None = None
    panel_ink_2: Hex | None = None
    panel_muted: Hex | None = None
    panel_line: Hex | None = None
    panel_accent: Hex | None = None
    panel_accent_contrast: Hex | None = None
    paper: Hex | None = None
    surface: Hex | None = None
    sunken: Hex | None = None
    ink: Hex | None = None
    ink_2: Hex | None = None
    muted: Hex | None = None
    line: Hex | None = None
    line_strong: Hex | None = None

    @property
    def given(self) -> Shades:
        """The colours that are given, by the name of their token."""
        return {
            name.replace("_", "-"): colour
            for name, colour in self.model_dump(exclude_none=True).items()
        }


class Colours(_Part):
    """What a firm's colours are by day and by night."""

    light: Theme = Theme()
    dark: Theme = Theme()


class SansOnPages(_Part):
    """WOFF2 files: for running text, and for what stands out."""

    regular: FileName
    semibold: FileName


class SerifOnPages(_Part):
    """WOFF2 files: for headings, and for quotes, which else are in the reader's own serif."""

    semibold: FileName
    regular: FileName | None = None


class OnPaper(_Part):
    """TTF files with all their characters, for PDFs."""

    regular: FileName
    italic: FileName
    semibold: FileName
    medium: FileName | None = None


class Sans(_Part):
    """The typeface of text; `fallback` is for until it is there, and where it is not."""

    pages: SansOnPages
    paper: OnPaper
    fallback: Stack = "system-ui, sans-serif"


class Serif(_Part):
    """The typeface of headings and quotes."""

    pages: SerifOnPages
    paper: OnPaper
    fallback: Stack = "Georgia, serif"


class Typeface(_Part):
    """The two voices of the page; one that is not given is the product's own."""

    sans: Sans | None = None
    serif: Serif | None = None


class Contact(_Part):
    """How to reach the firm, instead of what its playbooks say."""

    email: Annotated[str, StringConstraints(pattern=r"^[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\".]+$")]
    phone: Line
    website: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = None


class EmergencyLine(_Part):
    """Whom to call at once, instead of what its playbooks say."""

    phone: Line
    hours: Line


class BrandDocument(_Part):
    """What a brand.toml may say."""

    name: Line
    logo: Logo | None = None
    colours: Colours = Colours()
    typeface: Typeface = Typeface()
    contact: Contact | None = None
    emergency: EmergencyLine | None = None


class Brand(BrandDocument):
    """Everything that makes the product look like a firm's own: a document, and where it lies."""

    name: Line = "Engagement Advisor"
    folder: Path | None = None
    digest: str = ""

    @property
    def firm(self) -> Firm | None:
        """Who is behind it, when the brand says how to reach them."""
        if not self.contact:
            return None
        return Firm(name=self.name, **self.contact.model_dump())

    @property
    def files(self) -> list[FileName]:
        """Every file of the folder that the brand names, each once."""
        return sorted({name for name, _where in files_of(self)})

    @property
    def icon(self) -> str:
        """The static file of the square logo, for tabs and briefs."""
        return f"brand/{self.logo.icon or self.logo.light}" if self.logo else "favicon.svg"

    @property
    def logo_by_day(self) -> str | None:
        """The static file of the logo on light grounds."""
        return f"brand/{self.logo.light}" if self.logo else None

    @property
    def logo_by_night(self) -> str | None:
        """The static file of the logo on dark grounds."""
        return f"brand/{self.logo.dark or self.logo.light}" if self.logo else None

    @property
    def faces(self) -> tuple[str, ...]:
        """The static files of the faces that every page needs, that of running text first."""
        sans, serif = self.typeface.sans, self.typeface.serif
        return (
            f"brand/{sans.pages.regular}" if sans else "fonts/web/inter-400.woff2",
            f"brand/{sans.pages.semibold}" if sans else "fonts/web/inter-600.woff2",
            f"brand/{serif.pages.semibold}" if serif else "fonts/web/source-serif-600.woff2",
        )

    @cached_property
    def palette(self) -> tuple[Shades, Shades]:
        """The colours that differ from the product's own, in light and in dark."""
        return palette(own_colours(), self.colours.light.given, self.colours.dark.given)

    @property
    def colours_by_day(self) -> Shades:
        """Every colour in light by the name of its token, for what knows no style sheet: mails."""
        shades = own_colours()[0] | self.palette[0]
        return {name.replace("-", "_"): colour for name, colour in shades.items()}

    def on(self, playbook: Playbook) -> Playbook:
        """Return a playbook with this brand's firm and emergency line, where it has them."""
        if not self.folder:
            return playbook
        firm = self.firm or playbook.firm.model_copy(update={"name": self.name})
        emergency = playbook.emergency
        if emergency and self.emergency:
            emergency = emergency.model_copy(update=self.emergency.model_dump())
        return playbook.model_copy(update={"firm": firm, "emergency": emergency})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a brand: which kind, where, what, and how to mend it."""

    kind: str
    where: str
    what: str
    hint: str


class BrandError(Exception):
    """A brand that cannot be shown as it is, with a line for each problem."""


def current() -> Brand:
    """Return the brand of this product; raise BrandError when its brand.toml cannot be read."""
    return _at(Path(settings.BRAND)) if settings.BRAND else _own()


@cache
def _own() -> Brand:
    return Brand()


@cache
def _at(folder: Path) -> Brand:
    brand, problems = read(folder)
    if brand is None or problems:
        raise BrandError("\n".join(f"{one.where}: {one.what} {one.hint}" for one in problems))
    return brand


def read(folder: Path) -> tuple[Brand | None, list[Problem]]:
    """Return the brand in a folder, without what is wrong in its brand.toml, and what that is.

    There is none when nothing of it can be used.
    """
    where = str(folder / DOCUMENT)
    try:
        text = (folder / DOCUMENT).read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        hint = "Let BRAND name a folder with a brand.toml, as docs/brand.md shows."
        return None, [Problem("E001", where, f"It cannot be read ({error}).", hint)]
    problems: dict[tuple[int | str, ...], Problem] = {}
    brand = _checked(document)
    while isinstance(brand, ValidationError):
        errors = brand.errors(include_url=False)
        for one in errors:  # what was taken out is missing then, which is no news
            problems.setdefault(one["loc"], _problem(where, one))
        if not all(_drop(document, error) for error in errors):
            return None, list(problems.values())
        brand = _checked(document)
    digest = _digest_of(text, folder, brand)
    return Brand(**dict(brand), folder=folder, digest=digest), list(problems.values())


def _checked(document: dict[str, Any]) -> BrandDocument | ValidationError:
    try:
        return BrandDocument.model_validate(document)
    except ValidationError as error:
        return error


def _problem(where: str, error: Any) -> Problem:
    path = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        return Problem("E002", where, f"{path} is unknown.", "docs/brand.md lists what there is.")
    what = f"{path}: {error['msg'].lower()}."
    return Problem("E003", where, what, "docs/brand.md says what it has to be.")


def _drop(document: dict[str, Any], error: Any) -> bool:
    """Take what is wrong out of a document, or the part that lacks it; False if that is all."""
    path = error["loc"]
    if error["type"] == "missing":
        path = path[: 2 if path[0] == "typeface" else 1]
    *way, last = path
    within: Any = document
    for key in way:
        within = within[key] if isinstance(within, dict) and key in within else None
    if not isinstance(within, dict):
        return bool(way)  # gone already, with the part that it was in
    return within.pop(last, None) is not None or bool(way)


def _digest_of(text: str, folder: Path, brand: BrandDocument) -> str:
    """A name for everything that the brand is made of."""
    digest = hashlib.sha256(text.encode())
    for name, _where in files_of(brand):
        path = folder / name
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def files_of(brand: BrandDocument) -> list[tuple[str, str]]:
    """Every file that a brand names, and where it names it."""
    parts: list[tuple[str, _Part]] = []
    if brand.logo:
        parts.append(("logo", brand.logo))
    for voice in ("sans", "serif"):
        if face := getattr(brand.typeface, voice):
            at = f"typeface.{voice}"
            parts += [(f"{at}.pages", face.pages), (f"{at}.paper", face.paper)]
    return [
        (name, f"{at}.{key}") for at, part in parts for key, name in part if isinstance(name, str)
    ]


@cache
def own_colours() -> tuple[Shades, Shades]:
    """The colours of the product's own look, in light and in dark."""
    tokens = Path(__file__).parent.parent / "static/css/tokens.css"
    return tokens_in(tokens.read_text(encoding="utf-8"))
