"""Which language is spoken when: a playbook's own, else the reader's."""

import re
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from advisor.offers import OtherPrice, Price
from advisor.sentences import listed, listed_choice, signal_sentence
from catalog.models import PlaybookVersion
from engagements.admin.forms import ApproveForm
from engagements.assessing import issue_brief, issue_recommendation
from engagements.handover import handover_of
from engagements.manual import build_manual
from engagements.models import Assessment, OverrideReason
from engagements.offer_words import decimal, itemised, money
from engagements.pack import build_pack
from engagements.pdf import file_of, pdf_of
from engagements.reviewing import override
from tests.buyers import begin, decided, text_of, title_of, to
from tests.german import english_in, english_pieces, german

pytestmark = pytest.mark.django_db

ENGLISH, GERMAN = {"Accept-Language": "en-GB,en;q=0.9"}, {"Accept-Language": "de-AT,de;q=0.9"}
MOVES = {"ausfall": "nein", "befund": "nein", "vorhaben": ["umziehen"]}
FAILS = {"ausfall": "ja"}
CONFLICTS = {"ausfall": "nein", "befund": "ja", "vorhaben": ["betreiben"], "geld": "einmalig"}
NEEDS_NOTHING = {"ausfall": "nein", "befund": "ja", "vorhaben": ["nichts"]}
WANTS_CARE = {"ausfall": "nein", "befund": "nein", "vorhaben": ["betreiben"], "geld": "monatlich"}


def language_of(response: Any) -> tuple[str, str]:
    """What a page says of its language and direction."""
    found = re.search(r'<html lang="([^"]*)" dir="([^"]*)"', response.content.decode())
    assert found
    return found[1], found[2]


def concluded(version: PlaybookVersion, answers: dict[str, Any]) -> Assessment:
    """An assessment with its recommendation."""
    assessment = begin(version, answers)
    issue_recommendation(assessment)
    return assessment


# ---- A playbook's own ------------------------------------------------------------------------


def test_it_works(client: Client, version: PlaybookVersion) -> None:
    """Each playbook is told in its own language, whatever the browser asks for."""
    for found, languages, words in (
        (german(), ("de", "ltr"), "Jetzt beginnen"),
        (version, ("en", "ltr"), "Start now"),
    ):
        for headers in (ENGLISH, GERMAN):
            address = reverse("engagements:playbook", args=[found.playbook.key])
            page = client.get(address, headers=headers)
            assert language_of(page) == languages
            assert page.headers["Content-Language"] == languages[0]
            assert words in text_of(page)


def walk(client: Client, version: PlaybookVersion) -> dict[str, Any]:
    """Every page that a buyer of this playbook can come to, by what it is."""
    key = version.playbook.key
    pages = {
        name: client.get(reverse(f"engagements:{name}", args=[key]))
        for name in ("playbook", "engagements", "emergency", "start")
    }
    pages["home"] = client.get(reverse("engagements:home"))
    pages["start refused"] = client.post(reverse("engagements:start", args=[key]), {})
    begun = begin(version, {"ausfall": "nein"})
    pages["question"] = client.get(to(begun, "question", "befund"))
    pages["question refused"] = client.post(to(begun, "question", "vorhaben"), {})
    pages["excluded"] = client.post(
        to(begun, "question", "vorhaben"), {"vorhaben": ["umziehen", "nichts"]}
    )
    pages["so far"] = client.get(to(begun, "so-far"))
    for name, answers in (
        ("pathway", MOVES),
        ("care", WANTS_CARE),
        ("conflict", CONFLICTS),
        ("entry", NEEDS_NOTHING),
    ):
        ended = concluded(version, answers)
        pages[f"check {name}"] = client.get(to(ended, "check"))
        pages[f"recommendation {name}"] = client.get(to(ended, "recommendation"))
    moving = concluded(version, MOVES)
    pages["scope"] = client.get(to(moving, "scope", "rahmen"))
    pages["contact"] = client.get(to(moving, "contact"))
    pages["contact refused"] = client.post(to(moving, "contact"), {"contact_email": "nobody"})
    pages["handover"] = client.get(to(moving, "handover"))
    pages["checklist"] = client.get(to(moving, "checklist", "start"))
    item = re.findall(r'name="done" value="([^"]*)"', pages["checklist"].content.decode())[0]
    pages["nameless"] = client.post(to(moving, "checklist", "start"), {"done": [item], "seen": ""})
    named = {"done": [item], "seen": "", "name": "Ada"}
    pages["ticked"] = client.post(to(moving, "checklist", "start"), named, follow=True)
    failing = concluded(version, FAILS)
    pages["respond"] = client.get(to(failing, "respond"))
    pages["recommendation emergency"] = client.get(to(failing, "recommendation"))
    return pages


def test_the_whole_way_of_a_german_buyer_has_no_english(client: Client) -> None:
    pages = walk(client, german())
    assert {page.status_code for page in pages.values()} == {200, 422}
    assert {name for name, page in pages.items() if language_of(page) != ("de", "ltr")} == set()
    told = {name: english_in(page.content.decode()) for name, page in pages.items()}
    assert {name: found for name, found in told.items() if found} == {}


def test_english_would_be_found(client: Client, version: PlaybookVersion) -> None:
    """The same look at English pages finds a lot, so that it is one."""
    assert len(english_pieces()) > 1000
    page = client.get(to(decided(version), "recommendation"))
    assert len(english_in(page.content.decode())) > 20


def test_only_the_main_part_is_in_german_too(client: Client) -> None:
    begun = begin(german(), {"ausfall": "nein"})
    part = client.get(to(begun, "question", "befund"), headers={"HX-Request": "true"})
    assert "Warum wir das fragen" in text_of(part)
    assert part.headers["Content-Language"] == "de"


def test_a_wrong_link_is_told_in_the_language_of_the_reader(client: Client) -> None:
    german()
    page = client.get("/a/nobody/", headers=GERMAN)
    assert page.status_code == 404
    assert language_of(page) == ("de", "ltr")
    assert "Unter dieser Adresse gibt es nichts" in text_of(page)


# ---- The reader's ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "language", "words"),
    [
        (ENGLISH, "en", "What do you have to decide?"),
        (GERMAN, "de", "Was haben Sie zu entscheiden?"),
    ],
    ids=["english", "german"],
)
def test_before_a_playbook_the_browser_says(
    client: Client, version: PlaybookVersion, headers: dict[str, str], language: str, words: str
) -> None:
    german()
    home = client.get(reverse("engagements:home"), headers=headers)
    assert language_of(home) == (language, "ltr")
    assert words in text_of(home)
    # What a playbook says of itself is in the playbook's language, and says so.
    assert re.search(r'<a [^>]*lang="de">Wie viel Unterstützung', home.content.decode())
    assert re.search(r'<p lang="en">', home.content.decode())


def test_a_language_that_is_not_there_is_english(client: Client) -> None:
    page = client.get(reverse("sign-in"), headers={"Accept-Language": "fr-FR,fr"})
    assert language_of(page) == ("en", "ltr")


def test_signing_in_is_in_german_too(client: Client) -> None:
    page = client.post(reverse("sign-in"), {"username": "a", "password": "b"}, headers=GERMAN)
    assert language_of(page) == ("de", "ltr")
    assert title_of(page).startswith("Fehler: Anmelden")
    assert english_in(page.content.decode()) == []


def test_no_cookie_remembers_a_language(client: Client) -> None:
    client.get(reverse("sign-in"), headers=GERMAN)
    assert "django_language" not in client.cookies
    assert "sessionid" not in client.cookies


def test_the_next_request_begins_anew(client: Client, version: PlaybookVersion) -> None:
    """A page of a German playbook leaves nothing behind for the next reader of this process."""
    client.get(reverse("engagements:playbook", args=[german().playbook.key]))
    assert language_of(client.get(reverse("sign-in"), headers=ENGLISH)) == ("en", "ltr")


# ---- On paper --------------------------------------------------------------------------------


def words_in(path: Any) -> str:
    """What a PDF says, as one line."""
    reader = PdfReader(BytesIO(path.read_bytes()))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.mark.parametrize("answers", [MOVES, CONFLICTS], ids=["pathway", "conflict"])
def test_a_brief_speaks_the_language_of_its_playbook(answers: dict[str, Any]) -> None:
    """Also when somebody with an English browser asks for it."""
    assessment = concluded(german(), answers)
    with translation.override("en"):
        brief = issue_brief(assessment)
        assert brief
        path = pdf_of(brief)
    told = words_in(path)
    assert "Leistungsumriss" in told
    assert english_in(told) == []
    reader = PdfReader(BytesIO(path.read_bytes()))
    assert reader.root_object["/Lang"] == "de"


def test_the_papers_of_a_handover_speak_it_too() -> None:
    assessment = concluded(german(), WANTS_CARE)
    found = handover_of(assessment)
    assert found
    for build, words in ((build_pack, "Übergabemappe"), (build_manual, "Betriebshandbuch")):
        with translation.override("en"):
            told = words_in(file_of(build(assessment, found).printout))
        assert words in told
        assert english_in(told) == []


def test_an_override_is_told_to_the_buyer_in_the_buyers_language() -> None:
    """The reason is one of ours; a consultant who reads English picks it."""
    assessment = concluded(german(), MOVES)
    with translation.override("en"):
        override(
            assessment.recommendation,
            engagement="umzugsprojekt",
            reason=OverrideReason.TIMING,
            note="They have a date.",
            by=User.objects.create(username="grace"),
            seen=0,
        )
    assessment.refresh_from_db()
    brief = issue_brief(assessment)
    assert brief
    assert brief.reviewed
    assert brief.reviewed.reason == "Der Termin verlangt einen anderen ersten Schritt."


# ---- Dates, money, numbers, lists ------------------------------------------------------------


@pytest.mark.parametrize(
    ("least", "most", "english", "in_german"),
    [
        (6000, 14000, "EUR 6,000 to 14,000 per audit", "6.000 bis 14.000 EUR per audit"),
        (6000, 6000, "EUR 6,000 per audit", "6.000 EUR per audit"),
        (48000, None, "from EUR 48,000 per audit", "ab 48.000 EUR per audit"),
    ],
    ids=["range", "fixed", "open"],
)
def test_a_price(least: int, most: int | None, english: str, in_german: str) -> None:
    price = Price(currency="EUR", least=least, most=most, unit="per audit")
    with translation.override("en"):
        assert str(price) == english
    with translation.override("de"):
        assert str(price) == in_german


def test_a_price_beside_the_main_one_names_what_it_is_for() -> None:
    price = OtherPrice(title="Extra", currency="EUR", least=1400, most=1400, unit="pro Tag")
    with translation.override("de"):
        assert str(price) == "Extra: 1.400 EUR pro Tag"


@pytest.mark.parametrize(
    ("say", "english", "in_german"),
    [
        (lambda: decimal("99.95"), "99.95", "99,95"),
        (lambda: money(1234567, "EUR"), "EUR 1,234,567", "1.234.567 EUR"),
        (lambda: itemised(("a", "b")), "a, and b", "a und b"),
        (lambda: itemised(("a", "b", "c")), "a; b; and c", "a; b; und c"),
        (lambda: itemised(("a",)), "a", "a"),
        (lambda: itemised(()), "", ""),
        (lambda: listed(["a", "b", "c"]), "a, b and c", "a, b und c"),
        (lambda: listed_choice(["a", "b"]), "a or b", "a oder b"),
        (
            lambda: signal_sentence(["x"], ["a"], []),
            "When x, the engagement must carry a.",
            "Wenn x, gilt für die Leistung: muss a tragen.",
        ),
        (
            lambda: str(ApproveForm.base_fields["message"].label),
            "Message to the buyer",
            "Nachricht an den Interessenten",
        ),
    ],
)
def test_what_is_put_together(say: Any, english: str, in_german: str) -> None:
    with translation.override("en"):
        assert say() == english
    with translation.override("de"):
        assert say() == in_german


def test_dates_and_figures_on_a_page(client: Client) -> None:
    page = client.get(to(concluded(german(), WANTS_CARE), "recommendation"))
    told = text_of(page)
    assert "5.200 bis 12.500 EUR pro Monat" in told
    assert "99,9 % Verfügbarkeit" in told
    assert "höchstens 8,8 Stunden Ausfall im Jahr" in told
    assert re.search(r"ausgestellt am \d{1,2}\. [A-ZÄ]\w+ 20\d\d", told)
