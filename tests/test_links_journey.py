"""A private link in a browser: on another device, from a mail, replaced, expired."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.links import give, replace
from engagements.models import Assessment, LinkKind
from tests.buyers import PLAYBOOK, begin, decided, to
from tests.looking import (
    NARROW,
    WIDE,
    heading,
    open_all,
    press,
    sticking_out,
    violations,
    with_and_without_javascript,
)
from tests.scenarios import rulebook_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def live_version(live_server: LiveServer) -> PlaybookVersion:
    """The published playbook, in the database that the server reads."""
    return publish(rulebook_of(PLAYBOOK).playbook)[0]


def own_link(page: Page) -> str:
    """What the field of the buyer's own link holds."""
    return page.get_by_label("Private link", exact=True).input_value()


def linked_in(letter: mail.EmailMessage) -> str:
    """The link that a mail brings."""
    [href] = set(re.findall(r"http\S+/a/\S+", letter.body))
    return href


@with_and_without_javascript
def test_a_buyer_goes_on_elsewhere_and_replaces_the_link(
    page: Page,
    browser: Browser,
    live_server: LiveServer,
    live_version: PlaybookVersion,
    console_errors: list[str],
    *,
    javascript: bool,
) -> None:
    assessment = begin(live_version, {"red-flags": "none"})
    page.goto(live_server.url + to(assessment, "question", "situation"))
    page.get_by_role("link", name="Your private link").click()
    expect(heading(page)).to_have_text("Your private link")
    first = own_link(page)
    page.get_by_label("E-mail address").fill("ada at firm")
    press(page, "Send the mail")
    expect(page.get_by_role("alert").filter(has_text="There is a problem")).to_be_visible()
    expect(page.get_by_label("E-mail address")).to_have_value("ada at firm")
    page.get_by_label("E-mail address").fill("ada@example.com")
    press(page, "Send the mail")
    told = page.get_by_role("status").filter(has_text="The mail is on its way.")
    expect(told).to_be_visible()
    if javascript:
        expect(told).to_be_focused()
    [letter] = mail.outbox
    assert linked_in(letter) == first

    with browser.new_context(java_script_enabled=javascript) as elsewhere:
        desk = elsewhere.new_page()
        desk.goto(linked_in(letter))  # from the mail, on another device
        asked = live_version.rulebook.playbook.question("situation").title
        assert desk.url.endswith("/questions/situation/")
        expect(heading(desk)).to_have_text(asked)
        desk.get_by_role("radio").first.check()

        press(page, "Replace this link")
        expect(page.get_by_text("This is your new link.")).to_be_visible()
        second = own_link(page)
        assert second != first

        press(desk, "Continue")  # on the old link
        if javascript:
            expect(desk.get_by_text("This link has stopped working")).to_be_visible()
            expect(desk.get_by_role("radio").first).to_be_checked()  # nothing is lost
            desk.get_by_role("link", name="Load the page anew").click()
        else:
            expect(desk.get_by_text("What you have just sent was not saved.")).to_be_visible()
        expect(heading(desk)).to_have_text("This link was replaced")
        assert second not in desk.content()

        desk.goto(second)
        expect(heading(desk)).to_have_text(asked)
    console_errors.clear()  # of the form that was wrong on purpose


@with_and_without_javascript
def test_an_expired_link_is_renewed_by_mail(
    page: Page,
    live_server: LiveServer,
    live_version: PlaybookVersion,
    console_errors: list[str],
    *,
    javascript: bool,
) -> None:
    assessment = decided(live_version)
    Assessment.objects.update(
        expires_at=timezone.now() - timedelta(days=1), contact_email="ada@example.com"
    )
    page.goto(live_server.url + assessment.get_absolute_url())
    expect(heading(page)).to_have_text("This link has expired")
    press(page, "Mail me a new link")
    expect(heading(page)).to_have_text("This link was replaced")
    expect(page.get_by_text("The new one was mailed on")).to_be_visible()
    [letter] = mail.outbox
    page.goto(linked_in(letter))
    expect(heading(page)).to_have_text("Hourly package")
    assert all("410" in text for text in console_errors)
    console_errors.clear()


def test_a_link_is_copied(page: Page, live_server: LiveServer, live_version: object) -> None:
    assessment = decided(live_version)
    link = give(assessment, LinkKind.READER, name="Ida")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(live_server.url + to(assessment, "links"))
    for name, href in (
        ("Private link", assessment.get_absolute_url()),
        ("Link for Ida", link.get_absolute_url()),
    ):
        page.get_by_role("button", name=f"Copy {name}").click()
        expect(page.locator("#announcer")).to_have_text("Copied")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == live_server.url + href
    page.get_by_label("Private link", exact=True).focus()
    assert page.evaluate("getSelection().toString()") == own_link(page)


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_a_link_to_read_is_made_and_taken_back(
    page: Page, live_server: LiveServer, live_version: PlaybookVersion
) -> None:
    page.goto(live_server.url + to(decided(live_version), "links"))
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)  # the field is enough
    page.get_by_label("Who is it for?").fill("Ida Holm")
    press(page, "Make a link to read")
    expect(page.get_by_label("Link for Ida Holm")).to_have_value(re.compile("/r/"))
    page.get_by_text("Mail it for Ida Holm").click()
    page.get_by_label("E-mail address for Ida Holm").fill("ida@example.com")
    press(page, "Send the mail for Ida Holm")
    expect(page.get_by_text("The mail is on its way.")).to_be_visible()
    press(page, "Take it back from Ida Holm")
    expect(page.get_by_label("Link for Ida Holm")).to_have_count(0)
    page.get_by_text("1 that does not work any more").click()
    expect(page.get_by_text("Ida Holm, taken back on")).to_be_visible()


def test_the_pages_are_for_everybody(
    page: Page, live_server: LiveServer, live_version: PlaybookVersion, console_errors: list[str]
) -> None:
    assessment = decided(live_version)
    for kind, section in ((LinkKind.READER, ""), (LinkKind.COLLEAGUE, "access")):
        give(assessment, kind, name="W" * 120, section=section)
    old = decided(live_version)
    replace(Assessment.objects.get(pk=old.pk))
    late = decided(live_version)
    Assessment.objects.filter(pk=late.pk).update(
        expires_at=timezone.now(), contact_email="ada@example.com"
    )
    page.goto(live_server.url + to(assessment, "links"))
    open_all(page)
    press(page, "Send the mail")
    for href in (None, to(assessment, "links"), to(old, "links"), to(late, "links")):
        if href:
            page.goto(live_server.url + href)
            open_all(page)
        assert violations(page) == [], href
        for width in (320, NARROW, WIDE):
            assert sticking_out(page, width) == [], href
    assert all("410" in text for text in console_errors)
    console_errors.clear()
