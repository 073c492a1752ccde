"""The mails that bring a link: what they say, in whose name, and how many there may be."""

import re
import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.test import Client
from django.utils import timezone

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.links import give
from engagements.mail import MOST_A_DAY, MOST_AN_HOUR, MOST_TO_AN_ADDRESS, known_addresses, send
from engagements.models import Assessment, Letter, LinkKind, Mailing
from tests.buyers import PLAYBOOK, Response, begin, decided, text_of, to
from tests.scenarios import rulebook_of

pytestmark = pytest.mark.django_db

HREF = "https://advisor.example.com/a/token/"


def sent(assessment: Assessment, what: Letter = Letter.OWN, **more: Any) -> Any:
    """A mail as somebody gets it."""
    send(assessment, "ada@example.com", HREF, what=what, **more)
    return mail.outbox[-1]


def mail_it(client: Client, assessment: Assessment, address: str = "ada@example.com") -> Response:
    """Send the form for the buyer's own link."""
    return client.post(to(assessment, "links"), {"act": "mail", "address": address}, follow=True)


def test_it_works(version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none", "situation": "build"})
    letter = sent(assessment)
    assert letter.subject == "Assistance: your private link"
    assert letter.from_email == "Assistance <advisor@localhost>"
    assert letter.reply_to == ["engage@assistance.example"]
    assert letter.to == ["ada@example.com"]
    assert not letter.cc
    assert not letter.bcc
    until = assessment.expires_at
    for words in (
        HREF,
        "go on where you stopped",
        f"works until {until.day} {until:%B %Y}",
        f"Reference: {assessment.reference}",
        "+49 30 5550 0142",
        "engage@assistance.example",
    ):
        assert words in letter.body
    assert "built" not in letter.body  # none of the answers


@pytest.mark.parametrize("what", Letter)
def test_text_and_html_say_the_same(version: PlaybookVersion, what: Letter) -> None:
    assessment = decided(version)
    link = give(assessment, LinkKind.COLLEAGUE, section="access", name="Ida")
    letter = sent(assessment, what, link=link if what in ("reader", "colleague") else None)
    [html] = letter.alternatives
    assert html.mimetype == "text/html"
    told = html.content.partition("<body")[2]
    seen = " ".join(re.sub(r"<[^>]*>", " ", told.partition(">")[2]).split())
    for paragraph in letter.body.partition("\n-- \n")[0].split("\n"):
        assert paragraph.removesuffix(":") in seen
    assert letter.body.count(HREF) == 1
    assert not re.search(r"<img|<script|<link|@import|url\(", html.content)  # nothing is fetched
    hrefs = set(re.findall(r'href="([^"]*)"', html.content))
    assert hrefs == {HREF, "mailto:engage@assistance.example"}


def test_a_colleague_is_told_which_section(version: PlaybookVersion) -> None:
    assessment = decided(version)
    link = give(assessment, LinkKind.COLLEAGUE, section="access")
    body = sent(assessment, Letter.COLLEAGUE, link=link).body
    assert "asks you to answer some of our questions: Access and authority." in body


@pytest.mark.parametrize(
    ("name", "firm", "told"),
    [
        ("Ada Berg", "", "Ada Berg"),
        ("Ada Berg", "Looms & Sons", "Ada Berg (Looms & Sons)"),
        ("J. R. O’Neil-Šmíd", "", "J. R. O’Neil-Šmíd"),
        ("", "Looms", "Looms"),
        ("", "", "Somebody who is deciding with us"),
        ("Win at casino.example", "", "Somebody who is deciding with us"),
        ("https://casino", "Looms", "Looms"),
        ("Ada <ada@example.com>", "", "Somebody who is deciding with us"),
        ("Ada " * 20, "", "Somebody who is deciding with us"),
    ],
)
def test_only_a_name_is_told_of_who_sends_it(
    version: PlaybookVersion, name: str, firm: str, told: str
) -> None:
    assessment = decided(version)
    assessment.contact_name, assessment.contact_firm = name, firm
    link = give(assessment, LinkKind.READER)
    letter = sent(assessment, Letter.READER, link=link)
    assert letter.body.startswith(f"{told} would like you to read what we recommend.")


def test_a_firm_of_any_name_sends_it(client: Client) -> None:
    playbook = rulebook_of(PLAYBOOK).playbook
    firm = playbook.firm.model_copy(update={"name": 'Müller, "M" & Söhne', "email": "by phone"})
    assessment = decided(publish(playbook.model_copy(update={"firm": firm}))[0])
    letter = sent(assessment)
    header = letter.message()["From"]
    assert header.addresses[0].display_name == 'Müller, "M" & Söhne'
    assert header.addresses[0].addr_spec == "advisor@localhost"
    assert letter.reply_to == []
    assert "Müller, &quot;M&quot; &amp; Söhne" in letter.alternatives[0].content
    assert 'Müller, "M" & Söhne' in letter.body


# ---- How many ------------------------------------------------------------------------------


def later(**ago: int) -> None:
    """Let all mails have been sent so long ago."""
    Mailing.objects.update(sent_at=timezone.now() - timedelta(**ago))


def test_so_many_an_hour(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    for at in range(MOST_AN_HOUR):
        assert mail_it(client, assessment, f"ada{at}@example.com").status_code == 200
    page = mail_it(client, assessment)
    assert page.status_code == 429
    assert "Only 5 mails an hour are sent from here. Try again in an hour." in text_of(page)
    assert "You can copy the link and send it yourself." in text_of(page)
    assert 'value="ada@example.com"' in page.content.decode()
    assert len(mail.outbox) == Mailing.objects.count() == MOST_AN_HOUR
    assert mail_it(client, decided(version)).status_code == 200  # another buyer's
    later(minutes=61)
    assert mail_it(client, assessment).status_code == 200


def test_so_many_a_day(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    Mailing.objects.bulk_create(
        Mailing(assessment=assessment, what=Letter.OWN, address=f"ada{at}@example.com")
        for at in range(MOST_A_DAY)
    )
    later(hours=23)
    page = mail_it(client, assessment)
    assert page.status_code == 429
    assert "That is all that is mailed from here in a day. Try again tomorrow." in text_of(page)
    later(hours=25)
    assert mail_it(client, assessment).status_code == 200


def test_so_many_to_one_address_whoever_sends_them(
    client: Client, version: PlaybookVersion
) -> None:
    other, assessment = decided(version), decided(version)
    Mailing.objects.bulk_create(
        Mailing(assessment=other, what=Letter.OWN, address="ada@example.com")
        for _ in range(MOST_TO_AN_ADDRESS)
    )
    later(hours=2)
    assert mail_it(client, assessment, "ADA@example.com").status_code == 429
    assert mail_it(client, assessment, "bo@example.com").status_code == 200


# ---- When it cannot be sent ------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError("nobody listens"),
        TimeoutError("too slow"),
        smtplib.SMTPAuthenticationError(535, b"no"),
        smtplib.SMTPRecipientsRefused({"ada@example.com": (550, b"no")}),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_mail_that_cannot_be_sent_is_told(
    client: Client,
    version: PlaybookVersion,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    def fail(self: object, messages: object) -> int:
        raise error

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", fail)
    assessment = decided(version)
    page = mail_it(client, assessment)
    assert page.status_code == 503
    assert "because our mail server did not take it" in text_of(page)
    assert "You can copy the link and send it yourself." in text_of(page)
    assert assessment.get_absolute_url() in page.content.decode()
    assert 'value="ada@example.com"' in page.content.decode()
    assert not Mailing.objects.exists()  # it does not count
    told = [record.getMessage() for record in caplog.records if record.name == "engagements.mail"]
    assert told == [f"A mail of {assessment.reference} was not sent: {type(error).__name__}"]


# ---- To whom a new link may go -----------------------------------------------------------------


def test_a_new_link_may_go_where_this_one_went(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    assert known_addresses(assessment) == []
    give(assessment, LinkKind.READER, name="Ida")
    link = assessment.links.get()
    form = {"act": "mail", "link": link.pk, "address": "ida@example.com"}
    client.post(to(assessment, "links"), form)
    assert known_addresses(assessment) == []  # a reader is not the buyer
    mail_it(client, assessment, "ada@example.com")
    mail_it(client, assessment, "ADA@example.com")
    assert known_addresses(assessment) == ["ADA@example.com"]
    assessment.contact_email = "ada@firm.example"
    assert known_addresses(assessment) == ["ada@firm.example", "ADA@example.com"]


def test_where_a_link_went_that_was_replaced_does_not_count(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = decided(version)
    mail_it(client, assessment, "wrong@example.com")
    client.post(to(assessment, "links"), {"act": "replace"})
    assessment = Assessment.objects.get()
    assert known_addresses(assessment) == []
    mail_it(client, assessment, "ada@example.com")
    assert known_addresses(assessment) == ["ada@example.com"]
