"""The page of a buyer's links: to copy, mail, replace, share and take back."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.models import PlaybookVersion, known_version
from engagements.links import give, take_back
from engagements.links_views import MOST_SHARED
from engagements.models import Assessment, Link, LinkKind, Mailing
from tests.buyers import Response, begin, decided, text_of, title_of, to

pytestmark = pytest.mark.django_db


def send(client: Client, assessment: Assessment, act: str, **given: object) -> Response:
    """Send a form of the page, and open what follows."""
    return client.post(to(assessment, "links"), {"act": act, **given}, follow=True)


def fields_of(page: Response) -> dict[str, str]:
    """The links that the page shows, by the name of their field."""
    found = re.findall(
        r'<label class="link__label[^"]*" for="([^"]*)">([^<]*)</label>\s*'
        r'<input [^>]*value="([^"]*)" readonly',
        page.content.decode(),
    )
    return {label: value for _id, label, value in found}


def test_it_works(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    page = client.get(to(assessment, "links"))
    assert title_of(page) == "Your private link · Assistance"
    assert fields_of(page) == {"Private link": f"http://testserver/a/{assessment.token}/"}
    told = text_of(page)
    until = assessment.expires_at
    assert f"It works until {until.day} {until:%B %Y}." in told
    assert "for 90 days from then" in told
    assert assessment.token not in told  # nobody who looks on can read it off but from the field


def test_there_is_nothing_to_read_before_there_is_a_recommendation(
    client: Client, version: PlaybookVersion
) -> None:
    page = client.get(to(begin(version, {"red-flags": "none"}), "links"))
    assert "Once you have your recommendation" in text_of(page)
    assert "Who is it for?" not in text_of(page)


def test_a_form_that_says_nothing_does_nothing(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    page = client.post(to(assessment, "links"), {"act": "nonsense"}, follow=True)
    assert page.redirect_chain == [(to(assessment, "links"), 302)]
    assert Assessment.objects.get().token == assessment.token


# ---- Replace -------------------------------------------------------------------------------


def test_a_link_is_replaced(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    page = send(client, assessment, "replace")
    now = Assessment.objects.get()
    assert now.token != assessment.token
    assert re.fullmatch(r"[\w-]{32}", now.token)
    assert fields_of(page) == {"Private link": f"http://testserver/a/{now.token}/"}
    assert "This is your new link." in text_of(page)
    [old] = Link.objects.all()
    assert (old.kind, old.token, old.is_open) == (LinkKind.OWNER, assessment.token, False)
    assert "that does not work any more" not in text_of(page)  # it was given to nobody
    assert client.get(to(assessment, "links")).status_code == 410
    assert client.get(to(now, "recommendation")).status_code == 200


def test_replacing_leaves_the_links_of_others(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    link = give(assessment, LinkKind.READER, name="Ida")
    page = send(client, assessment, "replace")
    assert fields_of(page)["Link for Ida"] == f"http://testserver/r/{link.token}/"


# ---- Share and take back ---------------------------------------------------------------------


def test_a_link_to_read_is_made_and_taken_back(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    page = send(client, assessment, "share", name="Ida <b>Holm</b>")
    [link] = Link.objects.all()
    assert (link.kind, link.name, link.is_open) == (LinkKind.READER, "Ida <b>Holm</b>", True)
    assert "The link is made." in text_of(page)
    assert "To read the recommendation." in text_of(page)
    assert f'value="http://testserver/r/{link.token}/"' in page.content.decode()
    assert "Ida &lt;b&gt;Holm" in page.content.decode()

    page = send(client, assessment, "take-back", link=link.pk)
    assert "The link is taken back." in text_of(page)
    assert "1 that does not work any more" in text_of(page)
    assert link.token not in page.content.decode()
    assert not Link.objects.get().is_open


def test_a_link_of_a_colleague_is_listed_with_its_section(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = decided(version)
    link = give(assessment, LinkKind.COLLEAGUE, section="access", name="Ops")
    page = client.get(to(assessment, "links"))
    assert fields_of(page)["Link for Ops"] == f"http://testserver/c/{link.token}/"
    assert "To answer “Access and authority”." in text_of(page)
    send(client, assessment, "take-back", link=link.pk)
    assert not Link.objects.get().is_open


def test_a_link_that_has_expired_is_told(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    link = give(assessment, LinkKind.READER, name="Ida")
    Link.objects.update(expires_at=timezone.now() - timedelta(days=1))
    page = client.get(to(assessment, "links"))
    assert "Ida, expired on" in text_of(page)
    assert link.token not in page.content.decode()


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_link_is_for_somebody(client: Client, version: PlaybookVersion, name: str) -> None:
    page = send(client, decided(version), "share", name=name)
    assert page.status_code == 422
    assert title_of(page).startswith("Error: ")
    assert ("Shorten this" if name.strip() else "Enter whom it is for") in text_of(page)
    assert name.strip() in page.content.decode()
    assert not Link.objects.exists()


def test_there_is_an_end_to_sharing(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    made = [give(assessment, LinkKind.READER, name=str(at)) for at in range(MOST_SHARED)]
    page = send(client, assessment, "share", name="One more")
    assert page.status_code == 422
    assert "There are 20 links to read already. Take one back first." in text_of(page)
    take_back(made[0])
    assert send(client, assessment, "share", name="One more").status_code == 200


@pytest.mark.parametrize("act", ["take-back", "mail"])
@pytest.mark.parametrize("which", ["ended", "of another buyer", "the buyer's own", "nonsense"])
def test_only_a_link_that_is_given_and_works_is_dealt_with(
    client: Client, version: PlaybookVersion, act: str, which: str
) -> None:
    assessment = decided(version)
    ended = give(assessment, LinkKind.READER, name="Ida")
    take_back(ended)
    others = give(decided(version), LinkKind.READER, name="Bo")
    send(client, assessment, "replace")
    assessment = Assessment.objects.get(pk=assessment.pk)
    own = Link.objects.get(kind=LinkKind.OWNER)
    before = list(Link.objects.values())
    pk = {"ended": ended.pk, "of another buyer": others.pk, "the buyer's own": own.pk}.get(which)
    given = {"link": pk or "x1", "address": "ada@example.com"}
    page = send(client, assessment, act, **given)
    assert page.status_code == 409
    assert "That link does not work any more; below is what does." in text_of(page)
    assert list(Link.objects.values()) == before
    assert mail.outbox == []


# ---- Mail ----------------------------------------------------------------------------------


def test_the_link_is_mailed(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    page = send(client, assessment, "mail", address=" ada@example.com ")
    assert "The mail is on its way." in text_of(page)
    assert "ada@example.com" not in page.content.decode()
    [letter] = mail.outbox
    assert letter.to == ["ada@example.com"]
    assert f"http://testserver/a/{assessment.token}/" in letter.body
    [row] = Mailing.objects.all()
    assert (row.assessment, row.address, row.what) == (assessment, "ada@example.com", "own")


def test_a_link_that_was_given_is_mailed(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    link = give(assessment, LinkKind.READER, name="Ida")
    send(client, assessment, "mail", link=link.pk, address="ida@example.com")
    [letter] = mail.outbox
    assert f"http://testserver/r/{link.token}/" in letter.body
    assert assessment.token not in str(letter.message())


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "ada@firm",
        "ada@example.com, bo@example.com",
        "ada@example.com;bo@example.com",
        "ada@example.com bo@example.com",
        "Ada <ada@example.com>",
        "ada@example.com\nBcc: bo@example.com",
        "ada@example.com\r\nBcc: bo@example.com",
        "ada@example.com%0ABcc:bo@example.com",
        "ada@exam\x00ple.com",
        "ä@example.com",
        f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 63}.com",
    ],
)
def test_one_address_and_nothing_else(
    client: Client, version: PlaybookVersion, address: str
) -> None:
    page = send(client, decided(version), "mail", address=address)
    assert page.status_code == 422
    assert "Enter one e-mail address, such as name@example.com." in text_of(page)
    assert mail.outbox == []
    assert not Mailing.objects.exists()


def test_what_was_typed_is_kept_at_the_link_that_it_is_for(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = decided(version)
    link = give(assessment, LinkKind.READER, name="Ida")
    page = send(client, assessment, "mail", link=link.pk, address="ida at firm")
    [field] = re.findall(r"<input[^>]*ida at firm[^>]*>", page.content.decode())
    assert f'id="{link.pk}-address"' in field
    assert f'aria-describedby="{link.pk}-address_error"' in field
    assert f'href="#{link.pk}-address"' in page.content.decode()


def test_without_a_mail_server_links_are_copied(
    client: Client, version: PlaybookVersion, settings: Settings
) -> None:
    settings.MAILERS = {}
    assessment = decided(version)
    give(assessment, LinkKind.READER, name="Ida")
    page = client.get(to(assessment, "links"))
    assert "E-mail address" not in text_of(page)
    assert "Private link" in fields_of(page)
    page = send(client, assessment, "mail", address="ada@example.com")  # from an older page
    assert page.status_code == 503
    assert "copy the link and send it yourself" in text_of(page)
    assert not Mailing.objects.exists()


def test_what_was_done_is_said_in_our_words_only(client: Client, version: PlaybookVersion) -> None:
    href = f"{to(decided(version), 'links')}?done=<b>nonsense</b>"
    assert "nonsense" not in client.get(href).content.decode()


def test_the_page_asks_once_however_many_links_there_are(
    client: Client, version: PlaybookVersion, django_assert_num_queries: object
) -> None:
    assessment = decided(version)
    for name in ("Ida", "Bo", "Cem"):
        give(assessment, LinkKind.READER, name=name)
    assert known_version(version.pk).rulebook  # as any page before has read it
    with django_assert_num_queries(2):  # type: ignore[operator]
        client.get(reverse("engagements:links", args=[assessment.token]))
