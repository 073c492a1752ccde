"""When a private link stops working: what keeps it alive, what is told then, how to renew it."""

import logging
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import save_answers, save_contact
from engagements.brief import Brief
from engagements.continuing import continue_with
from engagements.links import replace
from engagements.models import Answer, Assessment, Letter, Link, Mailing, Tick
from engagements.reviewing import approve
from tests.buyers import (
    HTMX,
    PRIVATE,
    Response,
    address,
    begin,
    decided,
    links_of,
    text_of,
    title_of,
    to,
)
from tests.handovers import DIAGRAM, handed_over, published, send
from tests.looking import assert_is_safe
from tests.scenarios import rulebook_of
from tests.staff import consultant, named, seller, signed_in

pytestmark = pytest.mark.django_db

OWN = [name for name in PRIVATE if not name.startswith(("colleague", "reading"))]
"""The pages of the buyer's own link; those given to others end by themselves."""

DAYS_LEFT = timedelta(days=3)


def left(assessment: Assessment, by: timedelta) -> Assessment:
    """The assessment with a link that works so long from now; less than nothing: not any more."""
    Assessment.objects.filter(pk=assessment.pk).update(expires_at=timezone.now() + by)
    return Assessment.objects.with_version().with_decision().get(pk=assessment.pk)


def expired(assessment: Assessment) -> Assessment:
    """The assessment with a link that has stopped working a while ago."""
    return left(assessment, -DAYS_LEFT)


def expiry(assessment: Assessment) -> datetime:
    return Assessment.objects.get(pk=assessment.pk).expires_at


def works_for_long(assessment: Assessment) -> bool:
    """Whether the link works for as long as one that was used just now."""
    return expiry(assessment) > timezone.now() + timedelta(days=89)


# ---- What keeps it alive ---------------------------------------------------------------------


def test_a_link_works_for_ninety_days(version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none"})
    assert abs(assessment.expires_at - timezone.now() - timedelta(days=90)) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("page", "args", "given"),
    [
        ("question", ["situation"], {"situation": "build"}),
        ("scope", ["goal"], {"goal-outcome": "Fast"}),
        ("contact", [], {"contact_name": "Ada"}),
    ],
)
def test_what_a_buyer_saves_keeps_it_alive(
    client: Client, version: PlaybookVersion, page: str, args: list[str], given: dict[str, str]
) -> None:
    assessment = left(decided(version), DAYS_LEFT)
    client.post(to(assessment, page, *args), given)
    assert works_for_long(assessment)


def test_ticks_keep_it_alive(client: Client) -> None:
    assessment = left(handed_over(published()), DAYS_LEFT)
    send(client, assessment, DIAGRAM)
    assert Tick.objects.exists()
    assert works_for_long(assessment)


@pytest.mark.parametrize("name", OWN)
def test_reading_does_not(
    client: Client, version: PlaybookVersion, pdf: list[Brief], name: str
) -> None:
    href = address(version, name)
    assessment = left(Assessment.objects.get(), DAYS_LEFT)
    client.get(href)
    assert expiry(assessment) == assessment.expires_at


def test_what_a_consultant_does_does_not(version: PlaybookVersion) -> None:
    assessment = left(decided(version), DAYS_LEFT)
    approve(assessment.recommendation, by=consultant(), seen=0)
    assert expiry(assessment) == assessment.expires_at


def test_the_links_that_its_pages_lead_back_to_live_as_long(version: PlaybookVersion) -> None:
    publish(rulebook_of("platform-support").playbook)
    earlier = decided(version, "not-our-job", surface=["clusters"])
    later = continue_with(
        Assessment.objects.with_version().with_decision().get(pk=earlier.pk), "platform-support"
    )
    left(earlier, DAYS_LEFT)
    save_answers(later, {"red-flags": ("none",)})
    assert works_for_long(earlier)
    assert works_for_long(later)


# ---- When it has expired ---------------------------------------------------------------------


@pytest.mark.parametrize("name", OWN)
def test_every_page_of_an_expired_link_says_so(
    client: Client, version: PlaybookVersion, name: str
) -> None:
    href = address(version, name)
    since = expired(Assessment.objects.get()).expires_at
    page = client.get(href)
    assert page.status_code == 410
    assert title_of(page) == "This link has expired · Assistance"
    told = text_of(page)
    assert f"It stopped working on {since.day} {since:%B %Y}, 90 days after" in told
    assert "Nothing is lost: your answers are saved." in told
    assert "Talk to a consultant" in told
    assert Assessment.objects.get().reference in told
    assert "was not saved" not in told
    assert {"no-store", "private"} <= set(page["Cache-Control"].split(", "))
    assert_is_safe(page)


def test_nothing_is_saved_by_an_expired_link(client: Client, version: PlaybookVersion) -> None:
    assessment = expired(decided(version))
    answers = list(Answer.objects.values())
    for headers in ({}, HTMX):
        href = to(assessment, "scope", "goal")
        page = client.post(href, {"goal-outcome": "Fast"}, headers=headers)
        assert page.status_code == 410
        assert "What you have just sent was not saved." in text_of(page)
    for page in (
        client.post(to(assessment, "links"), {"act": "replace"}),
        client.post(to(assessment, "links"), {"act": "mail", "address": "ada@example.com"}),
        client.post(to(assessment, "continue", "platform-support")),
        client.post(to(assessment, "checklist", "setup")),
    ):
        assert page.status_code == 410
    assert list(Answer.objects.values()) == answers
    assert Assessment.objects.get().token == assessment.token
    assert mail.outbox == []


def test_a_link_that_nobody_gave_an_address_for_is_renewed_by_talking(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = expired(begin(version, {"red-flags": "none"}))
    page = client.get(assessment.get_absolute_url())
    assert "Mail me a new link" not in text_of(page)
    assert ("tel:+493055500142", "+49 30 5550 0142") in links_of(page)
    assert client.post(to(assessment, "renewal")).status_code == 410
    assert mail.outbox == []
    assert Assessment.objects.get().token == assessment.token


# ---- Renewed by mail ---------------------------------------------------------------------------


def known(version: PlaybookVersion) -> Assessment:
    """An assessment with an expired link, whose buyer has told where mail reaches them."""
    return expired(named(decided(version), "Looms", "Ada", "ada@example.com"))


def test_a_new_link_is_mailed(client: Client, version: PlaybookVersion) -> None:
    assessment = known(version)
    page = client.get(assessment.get_absolute_url())
    assert "to the address that you gave us and to no other" in text_of(page)
    assert "ada@" not in page.content.decode()
    page = client.post(to(assessment, "renewal"), follow=True)
    assert page.redirect_chain == [(assessment.get_absolute_url(), 302)]
    assert page.status_code == 410
    assert title_of(page) == "This link was replaced · Assistance"
    assert "The new one was mailed on" in text_of(page)
    assert "ada@" not in page.content.decode()
    now = Assessment.objects.get()
    assert now.token not in page.content.decode()
    assert works_for_long(now)
    [letter] = mail.outbox
    assert letter.to == ["ada@example.com"]
    assert f"http://testserver/a/{now.token}/" in letter.body
    assert "The link that you had has expired; this one takes its place." in letter.body
    assert client.get(to(now, "recommendation")).status_code == 200


def test_it_goes_to_each_address_by_itself(client: Client, version: PlaybookVersion) -> None:
    assessment = named(decided(version), "Looms", "Ada", "ada@example.com")
    client.post(to(assessment, "links"), {"act": "mail", "address": "ada@home.example"})
    mail.outbox.clear()
    client.post(to(expired(assessment), "renewal"))
    assert [letter.to for letter in mail.outbox] == [["ada@example.com"], ["ada@home.example"]]
    assert len({letter.body for letter in mail.outbox}) == 1


def test_pressed_twice_one_is_mailed(client: Client, version: PlaybookVersion) -> None:
    assessment = known(version)
    for _ in range(2):
        page = client.post(to(assessment, "renewal"), follow=True)
        assert "The new one was mailed on" in text_of(page)
    assert len(mail.outbox) == 1


def test_a_link_that_works_is_not_renewed(client: Client, version: PlaybookVersion) -> None:
    assessment = named(decided(version), "Looms", "Ada", "ada@example.com")
    page = client.post(to(assessment, "renewal"))
    assert page["Location"] == assessment.get_absolute_url()
    assert Assessment.objects.get().token == assessment.token
    assert mail.outbox == []


def test_when_it_cannot_be_mailed_the_link_stays_as_it_was(
    client: Client, version: PlaybookVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object, messages: object) -> int:
        raise ConnectionRefusedError

    assessment = known(version)
    monkeypatch.setattr(locmem.EmailBackend, "send_messages", fail)
    page = client.post(to(assessment, "renewal"))
    assert page.status_code == 503
    assert "because our mail server did not take it" in text_of(page)
    assert ">Mail me a new link<" in page.content.decode()
    now = Assessment.objects.get()
    assert (now.token, now.expires_at) == (assessment.token, assessment.expires_at)
    assert not Link.objects.exists()
    monkeypatch.undo()
    assert client.post(to(assessment, "renewal")).status_code == 302
    assert len(mail.outbox) == 1


def test_there_is_an_end_to_mailing(client: Client, version: PlaybookVersion) -> None:
    assessment = known(version)
    Mailing.objects.bulk_create(
        Mailing(assessment=assessment, what=Letter.READER, address="ida@example.com")
        for _ in range(5)
    )
    page = client.post(to(assessment, "renewal"))
    assert page.status_code == 429
    assert "Only 5 mails an hour are sent from here." in text_of(page)
    assert Assessment.objects.get().token == assessment.token


def test_without_a_mail_server_a_consultant_renews(
    client: Client, version: PlaybookVersion, settings: Settings
) -> None:
    settings.MAILERS = {}
    assessment = known(version)
    page = client.get(assessment.get_absolute_url())
    assert "Mail me a new link" not in text_of(page)
    assert client.post(to(assessment, "renewal")).status_code == 410


# ---- When it was replaced ----------------------------------------------------------------------


@pytest.mark.parametrize("name", OWN)
def test_every_page_of_a_replaced_link_says_so(
    client: Client, version: PlaybookVersion, name: str
) -> None:
    href = address(version, name)
    assessment = named(Assessment.objects.get(), "Looms", "Ada", "ada@example.com")
    replace(Assessment.objects.get())
    page = client.get(href)
    assert page.status_code == 410
    assert title_of(page) == "This link was replaced · Assistance"
    told = page.content.decode()
    assert Assessment.objects.get().token not in told  # it leads nowhere
    assert assessment.reference not in told
    for words in ("Looms", "Ada", "Mail me"):
        assert words not in text_of(page)
    assert_is_safe(page)
    assert client.post(to(assessment, "renewal"), follow=True).status_code == 410
    assert mail.outbox == []


def test_all_of_a_line_are_replaced_together(client: Client, version: PlaybookVersion) -> None:
    """Their pages lead to one another: one old link would lead to the new ones."""
    publish(rulebook_of("platform-support").playbook)
    earlier = decided(version, "not-our-job", surface=["clusters"])
    later = continue_with(
        Assessment.objects.with_version().with_decision().get(pk=earlier.pk), "platform-support"
    )
    other = decided(version)
    for one, act_on in ((earlier, "earlier"), (later, "later")):
        before = {row.pk: row.token for row in Assessment.objects.all()}
        token = before[one.pk]
        page = client.post(reverse("engagements:links", args=[token]), {"act": "replace"})
        after = {row.pk: row.token for row in Assessment.objects.all()}
        changed = {pk for pk in after if after[pk] != before[pk]}
        assert changed == {earlier.pk, later.pk}, act_on
        assert after[one.pk] in page["Location"]
        for pk in changed:
            old = reverse("engagements:resume", args=[before[pk]])
            assert client.get(old).status_code == 410
    assert client.get(other.get_absolute_url()).status_code == 302


def test_renewing_one_of_a_line_leaves_alone_what_works(
    client: Client, version: PlaybookVersion
) -> None:
    publish(rulebook_of("platform-support").playbook)
    earlier = named(decided(version, "not-our-job"), "Looms", "Ada", "ada@example.com")
    later = continue_with(
        Assessment.objects.with_version().with_decision().get(pk=earlier.pk), "platform-support"
    )
    client.post(to(expired(later), "renewal"))
    tokens = {row.pk: row.token for row in Assessment.objects.all()}
    assert tokens[earlier.pk] == earlier.token
    assert tokens[later.pk] != later.token
    assert len(mail.outbox) == 1


def test_of_two_who_replace_it_the_second_finds_the_new_one(version: PlaybookVersion) -> None:
    first, second = (Assessment.objects.get(pk=pk) for pk in [decided(version).pk] * 2)
    assert len(replace(first)) == 1
    assert replace(second) == []
    assert second.token == first.token == Assessment.objects.get().token


def test_who_saves_meanwhile_does_not_bring_the_old_one_back(version: PlaybookVersion) -> None:
    assessment = decided(version)
    replace(Assessment.objects.get())
    token = Assessment.objects.get().token
    save_answers(assessment, {"goal-outcome": ("Fast",)})
    save_contact(assessment, {"contact_name": "Ada"})
    assert Assessment.objects.get().token == token


# ---- Renewed by a consultant -------------------------------------------------------------------


def renew(client: Client, assessment: Assessment) -> Response:
    """Press the button on the review screen."""
    href = reverse("admin:engagements_assessment_renew", args=[assessment.pk])
    return client.post(href, follow=True)


def test_a_consultant_makes_a_new_link(version: PlaybookVersion) -> None:
    assessment = expired(decided(version))
    ana = signed_in(consultant())
    screen = reverse("admin:engagements_assessment_change", args=[assessment.pk])
    page = ana.get(screen)
    assert "Make a new link" in text_of(page)
    assert assessment.token not in page.content.decode().partition("Handover")[0]
    page = renew(ana, assessment)
    now = Assessment.objects.get()
    assert now.token != assessment.token
    assert works_for_long(now)
    assert "There is a new link; pass it on." in text_of(page)
    assert f"http://testserver/a/{now.token}/" in text_of(page)
    [note] = now.notes.all()
    assert (note.text, note.author.get_username()) == (
        "Made a new private link for the buyer.",
        "ana",
    )
    assert Client().get(to(now, "recommendation")).status_code == 200
    assert Client().get(to(assessment, "recommendation")).status_code == 410


def test_a_link_that_works_is_left_alone(version: PlaybookVersion) -> None:
    assessment = decided(version)
    ana = signed_in(consultant())
    screen = reverse("admin:engagements_assessment_change", args=[assessment.pk])
    assert "Make a new link" not in text_of(ana.get(screen))
    page = renew(ana, assessment)
    assert page.status_code == 409
    assert "The link works. Somebody has renewed it meanwhile" in text_of(page)
    assert Assessment.objects.get().token == assessment.token


def test_only_who_reviews_makes_a_new_link(version: PlaybookVersion) -> None:
    assessment = expired(decided(version))
    for client in (Client(), signed_in(seller())):
        renew(client, assessment)
    assert Assessment.objects.get().token == assessment.token


# ---- Who must not learn of it ------------------------------------------------------------------


@pytest.mark.parametrize("name", OWN)
def test_private_pages_are_found_by_no_search_engine(
    client: Client, version: PlaybookVersion, pdf: list[Brief], name: str
) -> None:
    assert client.get(address(version, name))["X-Robots-Tag"] == "noindex, nofollow"
    assert "X-Robots-Tag" not in client.get("/")


def test_a_wrong_link_is_marked_as_private_too(client: Client, db: None) -> None:
    page = client.get(f"/a/{'x' * 32}/")
    assert page.status_code == 404
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda client, one: client.get(to(one, "question", "nonsense")), "Not Found: /a/…/q"),
        (lambda client, one: client.put(to(one, "check")), "Method Not Allowed (PUT): /a/…/check/"),
        (lambda client, one: client.get(to(expired(one), "check")), "Gone: /a/…/check/"),
    ],
    ids=["404", "405", "410"],
)
def test_no_line_of_the_log_holds_a_link(
    client: Client,
    version: PlaybookVersion,
    caplog: pytest.LogCaptureFixture,
    ask: object,
    told: str,
) -> None:
    assessment = begin(version, {"red-flags": "none"})
    ask(client, assessment)  # type: ignore[operator]
    [handler] = [one for one in logging.getLogger("django").handlers if one.get_name() == "stderr"]
    lines = [handler.format(record) for record in caplog.records]
    assert any(told in line for line in lines), lines
    assert not any(assessment.token in line for line in lines)
    assert any(
        assessment.token in record.getMessage() for record in caplog.records
    )  # else no proof
