"""What is wrong with a brand is told at once, with where it is and how to mend it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django.fixtures import Settings

from advisor.brand import Brand, BrandError, current
from advisor.brand_checks import must_be_right, problems_of
from advisor.brand_css import css_for_pages
from tests.brands import KESTREL, LOGO, a_copy
from tests.scenarios import ROOT

RED = ('accent = "#9a3412"', 'accent = "#ff9a5c"')


def told(folder: Path) -> list[tuple[str, str]]:
    """The problems of a brand: kind, and what it is about."""
    return [
        (one.kind, f"{one.where.removeprefix(str(folder))} {one.what}")
        for one in problems_of(folder)
    ]


def test_it_works() -> None:
    assert problems_of(KESTREL) == []
    assert problems_of(None) == []


@pytest.mark.parametrize(
    ("change", "kind", "what"),
    [
        pytest.param(("[logo]", "[logo"), "E001", "/brand.toml It cannot be read", id="no TOML"),
        pytest.param(("[logo]", "colour = 1\n[logo]"), "E002", "colour is unknown", id="unknown"),
        pytest.param(
            ('icon = "icon', 'badge = "icon'), "E002", "logo.badge is unknown", id="unknown, deeper"
        ),
        pytest.param(
            ('"#33201c"', '"brown"'), "E003", "colours.light.panel: string should", id="no colour"
        ),
        pytest.param(('name = "Kestrel & Rowe"', ""), "E003", "name: field required", id="no name"),
        pytest.param(
            ("talk@kestrel-rowe.example", "talk"), "E003", "contact.email: string", id="no address"
        ),
        pytest.param(
            ('medium = "fonts/', 'medium = "../'), "E003", "paper.medium: string", id="way out"
        ),
        pytest.param(
            ('regular = "fonts/Figtree-Regular.ttf"\n', ""),
            "E003",
            "typeface.sans.paper.regular: field required",
            id="no face for PDFs",
        ),
        pytest.param(
            ("Figtree-Italic.ttf", "Figtree-Oblique.ttf"),
            "E004",
            "typeface.sans.paper.italic There is no file fonts/Figtree-Oblique.ttf",
            id="no such font",
        ),
        pytest.param(
            ("Figtree-Italic.ttf", "figtree-regular.woff2"),
            "E007",
            "typeface.sans.paper.italic figtree-regular.woff2 is no TTF font",
            id="a font for pages in PDFs",
        ),
        pytest.param(
            ("figtree-regular.woff2", "Figtree-Regular.ttf"),
            "E007",
            "typeface.sans.pages.regular Figtree-Regular.ttf is no WOFF2 font",
            id="a font for PDFs on pages",
        ),
    ],
)
def test_what_is_wrong_in_its_document(
    tmp_path: Path, change: tuple[str, str], kind: str, what: str
) -> None:
    [problem] = told(a_copy(tmp_path / "brand", change))
    assert problem[0] == kind
    assert what in problem[1]


@pytest.mark.parametrize(
    ("drawing", "kind", "what"),
    [
        pytest.param(None, "E004", "There is no file logo.svg", id="missing"),
        pytest.param("<svg", "E005", "cannot be read as SVG", id="broken"),
        pytest.param("<html/>", "E005", "no SVG drawing with a viewBox", id="something else"),
        pytest.param(LOGO.format("<!--" + "x" * 100_000 + "-->"), "E005", "larger", id="huge"),
        pytest.param(
            '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + LOGO.format("&x;"),
            "E006",
            "document type",
            id="entity",
        ),
        pytest.param(LOGO.format("<script>1</script>"), "E006", "has <script>", id="script"),
        pytest.param(
            LOGO.format("<g onload='alert(1)'/>"), "E006", "has onload=", id="event handler"
        ),
        pytest.param(
            LOGO.format("<a href='javascript:alert(1)'/>"), "E006", 'href="javascript', id="link"
        ),
        pytest.param(
            LOGO.format("<image href='https://example.com/x.png'/>"),
            "E006",
            'href="https://example.com',
            id="another site",
        ),
        pytest.param(
            LOGO.format("<g style='fill: url(https://example.com/x)'/>"),
            "E006",
            'style="fill',
            id="another site by style",
        ),
        pytest.param(
            LOGO.format("<style>@import 'https://example.com/x.css';</style>"),
            "E006",
            "<style> that loads something",
            id="another sheet",
        ),
        pytest.param(LOGO.format("<foreignObject/>"), "E006", "<foreignObject>", id="HTML"),
    ],
)
def test_a_logo_is_a_drawing_and_nothing_else(
    tmp_path: Path, drawing: str | None, kind: str, what: str
) -> None:
    [problem] = told(a_copy(tmp_path / "brand", logo=drawing))
    assert problem[0] == kind
    assert what in problem[1]
    assert "logo.light" in problem[1]


@pytest.mark.parametrize(
    "drawing",
    [
        "<defs><path id='a' d='M0 0'/></defs><use href='#a' fill='url(#b)'/>",
        "<style>.a { fill: #fff }</style><text class='a'>on</text>",
    ],
)
def test_a_logo_may_be_any_drawing(tmp_path: Path, drawing: str) -> None:
    assert told(a_copy(tmp_path / "brand", logo=LOGO.format(drawing))) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        pytest.param(RED, "colours.light accent (#ff9a5c) on paper (#faf8f4)", id="light"),
        pytest.param(
            ("[colours.dark]", '[colours.dark]\naccent = "#5a2a1a"'),
            "colours.dark accent (#5a2a1a) on paper",
            id="dark",
        ),
        pytest.param(
            ('panel = "#33201c"', 'panel = "#f4d9c8"'),
            "colours.light panel-ink (#ffffff) on panel (#f4d9c8)",
            id="a bright panel",
        ),
    ],
)
def test_colours_that_cannot_be_read(tmp_path: Path, change: tuple[str, str], what: str) -> None:
    problems = told(a_copy(tmp_path / "brand", change))
    assert {kind for kind, _what in problems} == {"E008"}
    assert any(what in told and "needs 4.5:1" in told for _kind, told in problems)


def test_everything_is_told_at_once(settings: Settings, tmp_path: Path) -> None:
    settings.BRAND = a_copy(
        tmp_path / "brand",
        RED,
        ("[logo]", "motto = 'x'\n[logo]"),
        ("talk@kestrel-rowe.example", "talk"),
        ("Bitter-Italic.ttf", "Bitter-Oblique.ttf"),
        logo=LOGO.format("<script/>"),
    )
    with pytest.raises(SystemCheckError) as caught:
        call_command("check", tags=["staticfiles"])
    ids = set(re.findall(r"\(brand\.(E\d+)\)", str(caught.value)))
    assert ids == {"E002", "E003", "E004", "E006", "E008"}
    assert str(caught.value).count("HINT: ") == len(re.findall(r"\(brand\.E", str(caught.value)))
    with pytest.raises(ImproperlyConfigured, match=r"(?s)motto is unknown.*<script>.*contrast"):
        must_be_right()


def test_a_folder_that_is_not_there(settings: Settings, tmp_path: Path) -> None:
    settings.BRAND = tmp_path / "nowhere"
    assert [kind for kind, _what in told(settings.BRAND)] == ["E001"]
    with pytest.raises(BrandError, match=r"nowhere.*Let BRAND name a folder"):
        current()


# ---- Production -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "collected",
    [
        pytest.param(None, id="nothing collected"),
        pytest.param("its own", id="its own"),
        pytest.param("none", id="those of no brand"),
    ],
)
def test_static_files_have_to_be_of_the_brand(
    settings: Settings, tmp_path: Path, collected: str | None
) -> None:
    settings.BRAND, settings.DEBUG, settings.STATIC_ROOT = KESTREL, False, tmp_path
    if collected:
        sheet = css_for_pages(current() if collected == "its own" else Brand())
        (tmp_path / "css").mkdir()
        (tmp_path / "css/brand.css").write_text(sheet)
    if collected == "its own":
        must_be_right()
    else:
        with pytest.raises(ImproperlyConfigured, match=r"another brand: run `manage.py collect"):
            must_be_right()


def test_production_does_not_start_wrongly_branded(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import advisor.wsgi"],
        cwd=ROOT,
        env={
            "SECRET_KEY": "x" * 25 + "yz" * 25,
            "ALLOWED_HOSTS": "advisor.example.com",
            "BRAND": str(a_copy(tmp_path / "brand", logo=LOGO.format("<script/>"))),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "ImproperlyConfigured: The brand cannot be shown as it is" in done.stderr
    assert "logo.svg has <script>" in done.stderr
