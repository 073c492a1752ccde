"""One stylesheet for the buyer's pages, made of its parts."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from fontTools.ttLib import TTFont
from pytest_django.fixtures import Settings

from advisor.brand import Brand
from advisor.brand_css import css_for_pages
from advisor.bundles import BRAND_CSS, BUNDLES, for_browsers
from catalog.models import PlaybookVersion
from engagements.brief import Brief
from tests.buyers import HTML, address
from tests.scenarios import ROOT

MANIFEST = "whitenoise.storage.CompressedManifestStaticFilesStorage"


@pytest.mark.django_db
@pytest.mark.parametrize("name", HTML)
def test_it_works(client: Client, version: PlaybookVersion, pdf: list[Brief], name: str) -> None:
    page = client.get(address(version, name)).content.decode()
    assert re.findall(r'<link rel="stylesheet" href="(.*?)">', page) == ["/static/css/pages.css"]
    assert len(re.findall(r"<script\b", page)) <= 2


@pytest.mark.parametrize("bundle", BUNDLES)
def test_a_bundle_is_its_parts_in_order(bundle: str) -> None:
    text = Path(str(finders.find(bundle))).read_text()
    for part in BUNDLES[bundle]:
        own = sent(part)
        assert text.startswith(own), part
        text = text.removeprefix(own).removeprefix("\n")
    assert text == ""


def written(part: str) -> str:
    return css_for_pages(Brand()) if part == BRAND_CSS else (ROOT / "static" / part).read_text()


def sent(part: str) -> str:
    if part == BRAND_CSS:
        return written(part)
    return for_browsers(written(part), is_script=part.endswith(".js"))


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        ("/* Why. */\n\na {\n  color: red;\n}\n", "a{color: red;}"),
        ('a::before {\n  content: attr(b) ": ";\n}', 'a::before{content: attr(b) ": ";}'),
        (
            ":is(a, b) > c {\n  & d {\n    gap: 0 1px; /* x */\n  }\n}",
            ":is(a,b) > c{& d{gap: 0 1px;}}",
        ),
    ],
)
def test_a_sheet_is_sent_without_what_people_read(sheet: str, expected: str) -> None:
    assert for_browsers(sheet, is_script=False) == expected


def test_a_script_is_sent_line_by_line() -> None:
    script = "// Why.\n(() => {\n  // How.\n  go('https://a.example//');\n\n  stop()\n})();\n"
    told = "(() => {\ngo('https://a.example//');\nstop()\n})();"
    assert for_browsers(script, is_script=True) == told


def test_no_sheet_has_what_would_be_cut_wrongly() -> None:
    """In a string, spaces around a comma, a brace or a semicolon would be lost."""
    sheets = {part for parts in BUNDLES.values() for part in parts if part.endswith(".css")}
    for part in sheets:
        strings = re.findall(r'"[^"\n]*"', re.sub(r"(?s)/\*.*?\*/", "", written(part)))
        assert not [text for text in strings if re.search(r"\s[{};,]|[{};,]\s", text)], part


def test_a_bundle_is_as_new_as_its_parts(settings: Settings, tmp_path: Path) -> None:
    settings.BASE_DIR = settings.VAR = tmp_path
    sheets = [part for part in BUNDLES["css/pages.css"] if part != BRAND_CSS]
    parts = [tmp_path / "static" / part for part in sheets]
    parts[0].parent.mkdir(parents=True)
    for part in parts:
        part.write_text("a {}")
    for told in ("b {}", "c {}"):
        parts[-1].write_text(told)
        text = Path(str(finders.find("css/pages.css"))).read_text()
        assert text.endswith(told.replace(" ", ""))


def test_it_is_collected_like_any_other(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": MANIFEST}}
    # To compress all that is not of this sheet takes long.
    others = ["admin", "*.ttf"]
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=others)
    [hashed] = tmp_path.glob("css/pages.*.css")
    assert hashed.with_name(hashed.name + ".br").exists()
    assert "inter-400.woff2" not in hashed.read_text()  # it names the hashed font
    assert re.search(r"inter-400\.[0-9a-f]{12}\.woff2", hashed.read_text())


@pytest.mark.parametrize("face", ["inter-400", "inter-600", "source-serif-600"])
def test_a_face_says_which_letters_it_has(face: str) -> None:
    """A browser fetches a file for the letters that are promised of it, and only for those."""
    first, more = (promised(f"{face}{which}") for which in ("", "-more"))
    assert first == letters_in(f"{face}")
    assert more >= letters_in(f"{face}-more")
    assert not first & more


def promised(face: str) -> set[int]:
    [told] = re.findall(
        rf"{face}\.woff2[^}}]*?unicode-range: (.*?);", written("css/fonts.css"), re.DOTALL
    )
    spreads = re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", told)
    return {
        code
        for first, last in spreads
        for code in range(int(first, 16), int(last or first, 16) + 1)
    }


def letters_in(face: str) -> set[int]:
    return set(TTFont(ROOT / f"static/fonts/web/{face}.woff2").getBestCmap())


def test_every_stylesheet_of_ours_is_used() -> None:
    """One that no bundle, no template and no document names is left over, or forgotten."""
    named = {part for parts in BUNDLES.values() for part in parts}
    sources = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "engagements").rglob("*.py")]
    texts = "".join(source.read_text() for source in sources)
    for sheet in (ROOT / "static/css").glob("*.css"):
        name = f"css/{sheet.name}"
        assert name in named or name in texts, name
