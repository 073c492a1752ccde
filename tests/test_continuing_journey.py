"""A buyer goes on from one playbook into the next in a browser; one brief holds both results."""

from io import BytesIO
from pathlib import Path

import page as pdfs
import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from pytest_django.live_server_helper import LiveServer

from advisor.playbook import Playbook
from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import issue_brief, issue_recommendation
from engagements.continuing import continue_with, ways_on
from engagements.models import Assessment
from engagements.pdf import pdf_of
from tests.buyers import decided, to
from tests.looking import (
    NARROW,
    WIDE,
    heading,
    press,
    sticking_out,
    violations,
    with_and_without_javascript,
)
from tests.scenarios import UNEVENTFUL, rulebook_of

NEXT = "platform-support"
SUPPORT: Playbook = rulebook_of(NEXT).playbook
ANSWERS = {**UNEVENTFUL[NEXT], "recent-trouble": ["updates"]}


@pytest.fixture
def earlier(version: PlaybookVersion) -> Assessment:
    """A buyer who is recommended a managed operation, which goes on with the support levels."""
    publish(SUPPORT)
    assessment = decided(version, "not-our-job", surface=["clusters"])
    assessment.contact_firm = "Looms"
    assessment.save()
    return now(assessment)


def now(assessment: Assessment) -> Assessment:
    """The assessment as it is in the database."""
    return Assessment.objects.with_version().with_decision().get(pk=assessment.pk)


def answer_what_is_asked(page: Page) -> list[str]:
    """Answer one question after another up to the check; return what was asked."""
    titles = {question.title: question.key for question in SUPPORT.questions}
    asked = []
    while (title := heading(page).inner_text()) in titles:
        key = titles[title]
        asked.append(key)
        given = ANSWERS[key]
        for value in [given] if isinstance(given, str) else given:
            page.locator(f'input[name="{key}"][value="{value}"]').check()
        press(page, "Continue")
        expect(heading(page)).not_to_have_text(title)
    expect(heading(page)).to_have_text("Check your answers")
    return asked


def text_of(pdf: bytes) -> str:
    """What a reader reads of a PDF, as one line."""
    return " ".join(
        " ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(pdf)).pages).split()
    )


def downloaded(page: Page) -> str:
    """What the brief says that the page offers."""
    with page.expect_download() as started:
        page.get_by_role("link", name="Download the scope brief (PDF)").click()
    return text_of(Path(started.value.path()).read_bytes())


@with_and_without_javascript
def test_it_works(
    page: Page, live_server: LiveServer, earlier: Assessment, *, javascript: bool
) -> None:
    page.goto(live_server.url + to(earlier, "recommendation"))
    expect(heading(page)).to_have_text("Managed operation")
    expect(page.get_by_role("heading", name=f"Afterwards: {SUPPORT.decision}")).to_be_visible()
    [onward] = ways_on(earlier)
    along = f"{len(onward.carried)} of your answers come along"
    expect(page.get_by_text(along)).to_be_visible()
    press(page, f"Continue with {SUPPORT.title}")

    told = f"Continues {earlier.reference}, Managed operation"
    expect(page.get_by_text(told)).to_be_visible()
    asked = answer_what_is_asked(page)
    assert asked
    assert not set(asked) & onward.carried.keys()
    expect(page.get_by_text(told)).to_be_visible()
    expect(page.get_by_text(f"Brought along from {earlier.reference}").first).to_be_visible()
    press(page, "Show my recommendation")
    title = "Level 1: Platform maintenance"
    expect(heading(page)).to_have_text(title)

    later = Assessment.objects.get(continues=earlier)
    brief = downloaded(page)
    for words in ("for Looms", title, "What this follows", "Managed operation", earlier.reference):
        assert words in brief
    page.get_by_role("link", name=f"Back to {earlier.reference}").click()
    expect(heading(page)).to_have_text("Managed operation")
    brief = downloaded(page)
    for words in ("for Looms", title, "What follows this", "Managed operation", later.reference):
        assert words in brief
    page.get_by_role("link", name=f"Go to {later.reference}").click()
    expect(heading(page)).to_have_text(title)


def test_pressed_twice_it_is_one(page: Page, live_server: LiveServer, earlier: Assessment) -> None:
    second_tab = page.context.new_page()
    for tab in (page, second_tab):
        tab.goto(live_server.url + to(earlier, "recommendation"))
    for tab in (page, second_tab):
        press(tab, f"Continue with {SUPPORT.title}")
        expect(tab.get_by_text(f"Continues {earlier.reference}")).to_be_visible()
    assert page.url == second_tab.url
    assert Assessment.objects.filter(continues=earlier).count() == 1


@pytest.mark.parametrize("name", ["offer", "question", "check", "result", "brought back"])
def test_pages_are_accessible_and_fit(
    page: Page, live_server: LiveServer, earlier: Assessment, name: str
) -> None:
    href = to(earlier, "recommendation")
    if name != "offer":
        later = continue_with(earlier, NEXT)
        page.goto(live_server.url + later.get_absolute_url())
        if name != "question":
            answer_what_is_asked(page)
            issue_recommendation(now(later))
        href = {
            "question": page.url.removeprefix(live_server.url),
            "check": to(later, "check"),
            "result": to(later, "recommendation"),
        }.get(name, href)
    page.goto(live_server.url + href)
    assert violations(page) == []
    for width in (NARROW, WIDE):
        assert sticking_out(page, width) == []


def test_both_briefs_are_archivable_and_accessible(
    page: Page, live_server: LiveServer, earlier: Assessment
) -> None:
    later = continue_with(earlier, NEXT)
    page.goto(live_server.url + later.get_absolute_url())
    answer_what_is_asked(page)
    issue_recommendation(now(later))
    for assessment in (earlier, later):
        path = pdf_of(issue_brief(now(assessment)))
        for profile in ("3a", "ua1"):
            report = pdfs.validate_pdf(path, profile=profile)
            assert report.is_compliant, [(f.rule_id, f.message) for f in report.failures]
