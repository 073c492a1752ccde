"""One stylesheet for the buyer's pages, made of its parts."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from pytest_django.fixtures import Settings

from advisor.brand import Brand
from advisor.brand_css import css_for_pages
from advisor.bundles import BRAND_CSS, BUNDLES
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
        own = css_for_pages(Brand()) if part == BRAND_CSS else (ROOT / "static" / part).read_text()
        assert text.startswith(own), part
        text = text.removeprefix(own).removeprefix("\n")
    assert text == ""


def test_a_bundle_is_as_new_as_its_parts(settings: Settings, tmp_path: Path) -> None:
    settings.BASE_DIR = settings.VAR = tmp_path
    sheets = [part for part in BUNDLES["css/pages.css"] if part != BRAND_CSS]
    parts = [tmp_path / "static" / part for part in sheets]
    parts[0].parent.mkdir(parents=True)
    for part in parts:
        part.write_text("a {}")
    finders.get_finder.cache_clear()  # it keeps where its files lie
    try:
        for told in ("b {}", "c {}"):
            parts[-1].write_text(told)
            assert Path(str(finders.find("css/pages.css"))).read_text().endswith(told)
    finally:
        finders.get_finder.cache_clear()


def test_it_is_collected_like_any_other(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": MANIFEST}}
    call_command("collectstatic", interactive=False, verbosity=0)
    [hashed] = tmp_path.glob("css/pages.*.css")
    assert hashed.with_name(hashed.name + ".br").exists()
    assert "inter-400.woff2" not in hashed.read_text()  # it names the hashed font
    assert re.search(r"inter-400\.[0-9a-f]{12}\.woff2", hashed.read_text())


def test_every_stylesheet_of_ours_is_used() -> None:
    """One that no bundle, no template and no document names is left over, or forgotten."""
    named = {part for parts in BUNDLES.values() for part in parts}
    sources = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "engagements").rglob("*.py")]
    texts = "".join(source.read_text() for source in sources)
    for sheet in (ROOT / "static/css").glob("*.css"):
        name = f"css/{sheet.name}"
        assert name in named or name in texts, name
