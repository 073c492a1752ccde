"""A firm's own face: name, logo, colours, typeface and contact, in one place."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.staticfiles import finders
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader
from pytest_django.fixtures import Settings

from advisor.brand import Brand, current, own_colours, read
from advisor.brand_css import css_for_pages, css_for_paper
from advisor.colours import PAIRS, contrast, mix, palette, unreadable
from advisor.loading import dump
from catalog.admin.published import said_by
from catalog.models import PlaybookVersion, published
from catalog.publishing import go_back, publish
from engagements import pdf
from engagements.assessing import issue_brief
from engagements.mail import send
from engagements.models import Letter
from engagements.pdf import pdf_of
from tests.brands import KESTREL
from tests.buyers import HTML, PLAYBOOK, address, decided, text_of, title_of
from tests.factories import small_playbook
from tests.scenarios import rulebook_of
from tests.test_brief import a_brief


@pytest.fixture
def kestrel(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Brand:
    """The product as if started with the brand of the fixtures."""
    settings.BRAND = KESTREL
    monkeypatch.setattr(published, "_rulebooks", {})  # a process has one brand
    return current()


# ---- Pages ----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("name", HTML)
def test_it_works(client: Client, kestrel: Brand, version: PlaybookVersion, name: str) -> None:
    page = client.get(address(version, name))
    assert title_of(page).endswith(" · Kestrel & Rowe")
    assert "Assistance" not in text_of(page)
    html = page.content.decode()
    assert 'srcset="/static/brand/logo-dark.svg" media="(prefers-color-scheme: dark)"' in html
    assert 'src="/static/brand/logo.svg"' in html
    assert '<link rel="icon" href="/static/brand/icon.svg"' in html
    assert re.findall(r'href="/static/brand/fonts/(.*?)\.woff2" as="font"', html) == [
        "figtree-regular",
        "figtree-semibold",
        "bitter-semibold",
    ]
    assert 'href="mailto:talk@kestrel-rowe.example"' in html


@pytest.mark.django_db
def test_without_a_brand_each_playbook_shows_its_own_firm(
    client: Client, version: PlaybookVersion
) -> None:
    assert current() == Brand()
    page = client.get(address(version, "playbook"))
    assert title_of(page).endswith(" · Assistance")
    assert "brand/" not in page.content.decode()


@pytest.mark.django_db
def test_the_emergency_line_is_the_brands(
    client: Client, kestrel: Brand, version: PlaybookVersion
) -> None:
    publish(small_playbook())  # which has none, and gets none
    for page in (client.get(address(version, "emergency")), client.get("/emergency/")):
        assert 'href="tel:+441614960199"' in page.content.decode()
        assert "Every hour of the year" in text_of(page)
    assert client.get(reverse("engagements:emergency", args=["small"])).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/nowhere", "/sign-in/", "/"])
def test_pages_of_no_playbook_are_the_firms_too(client: Client, kestrel: Brand, path: str) -> None:
    page = client.get(path)
    assert title_of(page).endswith(" · Kestrel & Rowe")
    assert ("Talk to a consultant", "mailto:talk@kestrel-rowe.example") in {
        (label, href)
        for href, label in re.findall(r'<a href="(.*?)">(.*?)</a>', page.content.decode())
    }


@pytest.mark.django_db
def test_a_mail_follows(kestrel: Brand, version: PlaybookVersion) -> None:
    send(decided(version), "ada@example.com", "https://advisor.example.com/a/x/", what=Letter.OWN)
    letter = mail.outbox[-1]
    [(html, _kind)] = letter.alternatives
    assert letter.from_email == "Kestrel & Rowe <advisor@localhost>"
    assert letter.reply_to == ["talk@kestrel-rowe.example"]
    assert "background:#33201c" in html  # the panel
    assert "background:#9a3412" in html  # the button
    assert "#0e5a66" not in html  # nothing of our own accent


@pytest.mark.django_db
def test_the_admin_follows(admin_client: Client, kestrel: Brand) -> None:
    page = admin_client.get("/admin/").content.decode()
    assert "<span>Kestrel &amp; Rowe</span>" in page
    assert '<link rel="stylesheet" href="/static/css/brand.css">' in page


def test_its_files_are_found_and_no_other_of_its_folder(kestrel: Brand) -> None:
    for name in kestrel.files:
        assert finders.find(f"brand/{name}") == str(KESTREL / name)
    assert finders.find("brand/brand.toml") is None
    assert finders.find("brand/../brand.toml") is None


def test_it_is_collected(kestrel: Brand, settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    manifest = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": manifest}}
    call_command("collectstatic", interactive=False, verbosity=0)
    [sheet] = tmp_path.glob("css/pages.*.css")
    assert "--accent: #9a3412;" in sheet.read_text()
    assert re.search(r"brand/fonts/figtree-regular\.[0-9a-f]{12}\.woff2", sheet.read_text())
    assert not (tmp_path / "brand" / "brand.toml").exists()


# ---- What is published stays what it is -------------------------------------------------------


@pytest.mark.django_db
def test_a_version_says_word_for_word_what_was_published(
    kestrel: Brand, version: PlaybookVersion, admin_user: AbstractBaseUser
) -> None:
    own = rulebook_of(PLAYBOOK).playbook
    assert version.rulebook.playbook.firm.name == "Kestrel & Rowe"
    assert version.rulebook.version == version.hash
    assert version.as_published == own
    assert said_by(version, None)["toml"] == dump(own)
    later = publish(own.model_copy(update={"title": "Another title"}))[0]
    assert "Kestrel" not in str(said_by(later, version)["groups"])
    back = go_back(version, by=admin_user)
    assert (back.number, back.hash) == (3, version.hash)


# ---- PDFs -------------------------------------------------------------------------------------


def test_a_brief_is_in_the_firms_own_type(kestrel: Brand) -> None:
    reader = PdfReader(pdf_of(a_brief()))
    fonts = reader.pages[0]["/Resources"]["/Font"].values()
    names = {re.sub(r".*\+", "", font.get_object()["/BaseFont"]) for font in fonts}
    assert {" ".join(name.split("-")[:2]) for name in names} == {"Brand Sans", "Brand Serif"}


@pytest.mark.django_db
def test_a_brief_names_the_firm(kestrel: Brand, version: PlaybookVersion) -> None:
    brief = issue_brief(decided(version))
    assert (brief.firm.name, brief.firm.phone) == ("Kestrel & Rowe", "+44 161 496 0142")


def test_another_brand_is_another_file(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf.worker, "run", lambda *_: b"%PDF")
    paths = {pdf_of(a_brief())}
    settings.BRAND = KESTREL
    paths.add(pdf_of(a_brief()))
    assert len(paths) == 2


# ---- Colours ----------------------------------------------------------------------------------


def test_the_products_own_colours_can_be_read() -> None:
    for shades in own_colours():
        assert list(unreadable(shades, {})) == []
        assert {name for pair in PAIRS for name in pair[:2]} <= set(shades)


ACCENTS = ["#8a2b4f", "#9a3412", "#1f4fd8", "#2b6b2f", "#5b3a9e", "#0e5a66", "#111111", "#b00020"]


@pytest.mark.parametrize("accent", ACCENTS)
def test_what_follows_from_an_accent_can_be_read(accent: str) -> None:
    for own, shades in zip(
        own_colours(), palette(own_colours(), {"accent": accent}, {}), strict=True
    ):
        assert list(unreadable(own, shades)) == []
        assert {"accent", "accent-strong", "accent-soft", "panel", "panel-accent"} <= set(shades)


def test_what_is_given_is_kept() -> None:
    light, dark = palette(own_colours(), {"accent": "#9a3412", "accent-soft": "#fff1e9"}, {})
    assert (light["accent"], light["accent-soft"]) == ("#9a3412", "#fff1e9")
    assert dark["accent"] != "#9a3412"
    assert palette(own_colours(), {}, {"accent": "#ffb08a"})[0] == {}


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#ffffff", "#000000", 21), ("#777777", "#ffffff", 4.48), ("#0e5a66", "#0e5a66", 1)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.01)


def test_mixing() -> None:
    assert mix("#000000", "#ffffff", 0.5) == "#808080"


def test_css_of_a_brand_and_of_none() -> None:
    brand, problems = read(KESTREL)
    assert brand
    assert problems == []
    pages, paper = css_for_pages(brand), css_for_paper(brand)
    assert '--font-sans: "Brand Sans", "Trebuchet MS", system-ui, sans-serif;' in pages
    assert 'url("asset:brand/fonts/Bitter-Italic.ttf")' in paper
    assert "woff2" not in paper
    assert css_for_paper(Brand()) == ""
    assert "{" not in css_for_pages(Brand())
