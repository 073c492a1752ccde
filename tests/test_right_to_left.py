"""A playbook in a language that is written from right to left: the layout holds, mirrored.

Nobody has translated our interface into Arabic, so its words stay English; what the playbook says
is Arabic, and everything lies on the other side.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from advisor.loading import from_document
from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import issue_brief, issue_recommendation
from engagements.models import Assessment
from engagements.pdf import html_of, pdf_of
from tests.buyers import begin, to
from tests.factories import emergency, need, put, small_document
from tests.looking import NARROW, WIDE, heading, sticking_out, violations
from tests.scenarios import ROOT

pytestmark = pytest.mark.django_db(transaction=True)

TITLE = "مساعدة في تشغيل الأنظمة"
QUESTION = "هل تعرفون سبب المشكلة؟"
MODEL = "مراجعة الأنظمة القائمة"
PATHWAY = {"cause": "unknown", "work": ["build"], "money": "one-off"}

SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
SIDES = re.compile(
    r"(?:(?:margin|padding|border)-(?:left|right)|^\s*(?:left|right))\b[^;{]*:"
    r"|(?:text-align|float): (?:left|right)"
)


def arabic_document() -> dict[str, Any]:
    """A small playbook that an Arab firm might have."""
    document = small_document(
        language="ar", title=TITLE, summary="أسئلة قليلة.", decision="كم نحتاج من الدعم؟"
    )
    document["needs"].append(need("stability", "respond", offered=False))
    document["emergency"] = emergency()
    put(document, "firm.name", "شركة المساعدة")
    put(document, "questions[cause].title", QUESTION)
    put(document, "questions[cause].options[known].label", "نعم، السبب معروف ومثبت")
    put(document, "engagements[audit].title", MODEL)
    put(document, "engagements[audit].summary", "ننظر في كل شيء ثم نكتب ما وجدناه.")
    return document


@pytest.fixture
def arabic() -> PlaybookVersion:
    """The Arabic playbook, published."""
    return publish(from_document(arabic_document()))[0]


@pytest.fixture
def decided(arabic: PlaybookVersion) -> Assessment:
    """An assessment with a pathway."""
    assessment = begin(arabic, PATHWAY)
    issue_recommendation(assessment)
    return assessment


def pages(assessment: Assessment) -> Iterator[str]:
    """The pages of a buyer, from the first to the last."""
    yield "/"
    yield f"/playbooks/{assessment.version.playbook.key}/engagements/"
    yield to(assessment, "question", "cause")
    yield to(assessment, "check")
    yield to(assessment, "recommendation")
    yield to(assessment, "contact")


def test_it_works(page: Page, live_server: LiveServer, decided: Assessment) -> None:
    """No page scrolls sideways, at a desk or on a phone, and each says where it begins."""
    for address in pages(decided):
        page.goto(f"{live_server.url}{address}")
        root = page.locator("html")
        expect(root).to_have_attribute("dir", "rtl")
        expect(root).to_have_attribute("lang", "ar")
        for width in (NARROW, WIDE):
            assert sticking_out(page, width) == [], f"{address} at {width}"


def test_the_header_is_mirrored_and_the_keys_follow(
    page: Page, live_server: LiveServer, arabic: PlaybookVersion, decided: Assessment
) -> None:
    page.set_viewport_size({"width": WIDE, "height": 900})
    page.goto(f"{live_server.url}{to(decided, 'question', 'cause')}")
    expect(heading(page)).to_have_text(QUESTION)
    brand, nav = page.locator(".brand").bounding_box(), page.locator(".site-nav").bounding_box()
    assert brand
    assert nav
    assert brand["x"] > nav["x"]
    # What is reached one after another lies from top to bottom, and from right to left in a line.
    places = []
    for _key in range(4):
        page.keyboard.press("Tab")
        box = page.locator(":focus").bounding_box()
        assert box
        places.append((box["y"], -box["x"]))
    assert places[1:] == sorted(places[1:], key=lambda place: (round(place[0] / 40), place[1]))
    # Back points to where one came from, which is on the right.
    arrow = "getComputedStyle(document.querySelector('.back a'), '::before').content"
    assert page.evaluate(arrow) == '"→"'
    assert violations(page) == []


def test_a_brief_is_printed_from_right_to_left(decided: Assessment) -> None:
    brief = issue_brief(decided)
    assert brief
    printed = html_of(brief)
    assert '<html lang="ar" dir="rtl">' in printed
    assert MODEL in printed
    assert pdf_of(brief).read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_style_sheet_knows_no_left_and_right(sheet: Any) -> None:
    """But for the margins of a printed page, whose boxes have those names."""
    css = re.sub(r"@page[^{]*\{(?:[^{}]|\{[^{}]*\})*\}", "", sheet.read_text())
    found = [line for line in css.splitlines() if SIDES.search(line)]
    assert [line for line in found if not line.endswith("*/")] == []  # which says why
