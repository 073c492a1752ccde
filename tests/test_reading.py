"""A recommendation that somebody may only read, by a link that the buyer has given to them."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from pytest_django.fixtures import Settings

from catalog.models import PlaybookVersion
from engagements.assessing import issue_recommendation, save_answers
from engagements.brief import Brief
from engagements.links import give, take_back
from engagements.models import Assessment, BriefVersion, Link, LinkKind, OverrideReason
from engagements.pdf import html_of
from engagements.reviewing import add_note, approve, override
from tests import continuing
from tests.buyers import HTMX, decided, links_of, shared, text_of, title_of
from tests.continuing import three_playbooks

pytestmark = pytest.mark.django_db

SECRET = "Margin is thin here"
TOMORROW = timedelta(days=1)


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana", first_name="Ana", last_name="Berg")


def link_of(assessment: Assessment) -> Link:
    """A link for a board that may read it."""
    return give(assessment, LinkKind.READER, name="The board")


def at(link: Link, page: str = "reading") -> str:
    """The address of a link."""
    return reverse(f"engagements:{page}", args=[link.token])


def test_it_works(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    assessment.contact_name, assessment.contact_firm = "Ada Byron", "Engines"
    assessment.save()
    link = link_of(assessment)
    page = client.get(at(link))
    text = text_of(page)
    model = version.rulebook.playbook.engagement("hourly-package")
    for told in (model.title, model.summary, model.next_step, assessment.reference):
        assert told in text
    assert "Shared with The board by Ada Byron, Engines ." in text
    until = timezone.localdate(link.expires_at)
    assert f"open until {until:%-d %B %Y}" in text
    assert title_of(page) == "Recommendation · Assistance"


@pytest.mark.parametrize(
    ("contact", "reader", "told"),
    [
        ("Ada", "The board", "Shared with The board by Ada ."),
        ("Ada", "", "Shared by Ada ."),
        ("", "The board", "Shared with The board by whoever answered the questions."),
        ("", "", "Shared by whoever answered the questions."),
    ],
)
def test_it_says_who_shares_it_with_whom(
    client: Client, version: PlaybookVersion, contact: str, reader: str, told: str
) -> None:
    assessment = decided(version)
    Assessment.objects.update(contact_name=contact)
    link = give(assessment, LinkKind.READER, name=reader)
    assert told in text_of(client.get(at(link)))


# ---- Nothing but to read ---------------------------------------------------------------------

OUTCOMES = {
    "single": {"situation": "work-list"},
    "pathway": {"situation": "unproven", "rhythm": "monthly", "money": "evidence-first"},
    "entry": {"situation": "looking"},
    "conflict": {"situation": "not-our-job", "money": "one-off"},
    "emergency": {"red_flags": ["down"]},
}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_nothing_leads_to_where_something_could_be_changed(
    client: Client, version: PlaybookVersion, outcome: str
) -> None:
    assessment = decided(version, **OUTCOMES[outcome])
    link = link_of(assessment)
    page = client.get(at(link))
    body = page.content.decode()
    assert assessment.token not in body
    assert "<form" not in body
    ours = {href for href, _label in links_of(page) if href.startswith("/")}
    key = version.playbook.key
    assert ours == {"/", f"/playbooks/{key}/emergency/", at(link, "reading-brief")}
    for wrong in (
        "Change",
        "Write to us",
        "Tell us what",
        "Complete the brief",
        "are saved as you",
    ):
        assert wrong not in text_of(page).replace("What would change this", "")


def test_nothing_of_a_line_of_assessments_can_be_opened(client: Client, pdf: list[Brief]) -> None:
    """Neither what it goes on from nor what goes on from it: each has a key of its own."""
    build, *_others = three_playbooks()
    earlier = continuing.decided(build)
    before_it_goes_on = text_of(client.get(shared(earlier)))
    assert "May follow, once it is built" in before_it_goes_on
    assert "Continue with" not in before_it_goes_on
    later = continuing.continued(earlier)
    for assessment in (earlier, later):
        page = client.get(shared(assessment))
        client.get(shared(assessment, "reading-brief"))
        for one in (earlier, later):
            assert one.token not in page.content.decode()
            assert one.token not in html_of(pdf[-1])
    assert earlier.reference in text_of(client.get(shared(later)))


def test_what_is_internal_is_not_told(client: Client, version: PlaybookVersion, ana: User) -> None:
    assessment = decided(version, "build")
    add_note(assessment, SECRET, by=ana)
    override(
        assessment.recommendation,
        engagement="audit",
        reason=OverrideReason.FACTS,
        note=SECRET,
        message="As agreed on the phone.",
        by=ana,
        seen=0,
    )
    page = client.get(shared(assessment))
    assert SECRET not in page.content.decode()
    assert "As agreed on the phone." in text_of(page)


def test_it_follows_the_review(client: Client, version: PlaybookVersion, ana: User) -> None:
    assessment = decided(version)
    href = shared(assessment)
    assert "Reviewed by" not in text_of(client.get(href))
    approve(assessment.recommendation, by=ana, seen=0)
    assert "Reviewed by Ana Berg" in text_of(client.get(href))


def test_a_result_that_does_not_hold_any_more_is_not_shown(
    client: Client, version: PlaybookVersion, pdf: list[Brief]
) -> None:
    assessment = decided(version)
    link = link_of(assessment)
    save_answers(assessment, {"money": ("one-off",)})
    for headers in ({}, HTMX):
        page = client.get(at(link), headers=headers)
        assert page.status_code == 200
        assert "There is no result at the moment" in text_of(page)
        assert "Hourly package" not in text_of(page)
        assert assessment.token not in page.content.decode()
    assert client.get(at(link, "reading-brief"))["Location"] == at(link)
    assert pdf == []
    issue_recommendation(assessment)
    assert "Hourly package" in text_of(client.get(at(link)))


# ---- The brief -------------------------------------------------------------------------------


def test_the_brief_is_the_buyers_and_names_no_key(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    link = link_of(assessment)
    response = client.get(at(link, "reading-brief"))
    assert f"scope-brief-{assessment.reference}-v1.pdf" in response["Content-Disposition"]
    content = b"".join(response)
    reader = PdfReader(BytesIO(content))
    told = " ".join(" ".join(sheet.extract_text() for sheet in reader.pages).split())
    attached = b"".join(part for parts in reader.attachments.values() for part in parts).decode()
    assert "Hourly package" in told
    assert attached
    for token in (assessment.token, link.token):
        assert token not in told
        assert token not in attached
        assert token.encode() not in content
    client.get(reverse("engagements:brief", args=[assessment.token]))
    assert BriefVersion.objects.count() == 1  # reading makes no version of its own


def test_a_brief_that_cannot_be_made_is_a_page(
    client: Client, version: PlaybookVersion, settings: Settings
) -> None:
    settings.BRIEFS_ROOT = "/dev/null/briefs"
    assessment = decided(version)
    link = link_of(assessment)
    page = client.get(at(link, "reading-brief"))
    assert page.status_code == 503
    assert (at(link), "To the recommendation") in links_of(page)
    assert assessment.token not in page.content.decode()


End = Callable[[Link], None]


# ---- An end ----------------------------------------------------------------------------------


def ended(link: Link) -> None:
    take_back(link)


def expired(link: Link) -> None:
    link.expires_at = timezone.now() - TOMORROW
    link.save()


@pytest.mark.parametrize(
    ("end", "told"), [(ended, "It was taken back on"), (expired, "It could be read until")]
)
def test_an_end_is_told_calmly(
    client: Client, version: PlaybookVersion, pdf: list[Brief], end: End, told: str
) -> None:
    assessment = decided(version)
    link = link_of(assessment)
    end(link)
    for address in ("reading", "reading-brief"):
        page = client.get(at(link, address))
        assert page.status_code == 410
        text = text_of(page)
        assert "This link has ended" in text
        assert told in text
        assert "Ask whoever sent it to you for a new one." in text
        for hidden in (assessment.token, assessment.reference, "Hourly package"):
            assert hidden not in page.content.decode()
    assert pdf == []


@pytest.mark.parametrize("page", ["reading", "reading-brief"])
def test_other_keys_open_nothing(client: Client, version: PlaybookVersion, page: str) -> None:
    assessment = decided(version)
    colleague = give(assessment, LinkKind.COLLEAGUE, section="goal")
    for token in (assessment.token, colleague.token, "x" * 32):
        href = reverse(f"engagements:{page}", args=[token])
        assert client.get(href).status_code == 404
    for opened in ("resume", "recommendation", "brief"):
        href = reverse(f"engagements:{opened}", args=[link_of(assessment).token])
        assert client.get(href).status_code == 404


@pytest.mark.parametrize("is_open", [True, False])
@pytest.mark.parametrize("page", ["reading", "reading-brief"])
def test_it_is_kept_out_of_indexes(
    client: Client, version: PlaybookVersion, pdf: list[Brief], page: str, *, is_open: bool
) -> None:
    link = link_of(decided(version))
    if not is_open:
        take_back(link)
    response = client.get(at(link, page))
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    if not response.streaming:
        assert re.search(r'<meta name="robots" content="noindex">', response.content.decode())
