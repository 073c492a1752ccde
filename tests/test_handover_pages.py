"""The pages of the handover: checklists to tick, and the links to them."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import PlaybookVersion
from engagements.assessing import save_answers
from engagements.handover import handover_of
from engagements.models import Assessment, Tick
from engagements.pack import build_pack
from engagements.pdf import PdfError, Printout
from engagements.reviewing import approve
from tests.buyers import HTMX, Response, begin, links_of, text_of, title_of, to
from tests.handovers import BACKUPS, DIAGRAM, PROJECT, UNSETTLED, handed_over, published, send
from tests.looking import (
    assert_is_safe,
)
from tests.staff import consultant, named, seller, signed_in

pytestmark = pytest.mark.django_db

Queries = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture
def version() -> PlaybookVersion:
    """The small playbook with a handover."""
    return published()


@pytest.fixture
def assessment(version: PlaybookVersion) -> Assessment:
    """One with the audit recommended."""
    return handed_over(version)


def ticked_on(response: Response) -> set[str]:
    """The boxes that a page shows as ticked."""
    return set(re.findall(r'value="([\w.-]+)" checked', response.content.decode()))


def seen_on(response: Response) -> str:
    """What the page will say that it showed."""
    [seen] = re.findall(r'name="seen" value="([^"]*)"', response.content.decode())
    return seen


def test_it_works(client: Client, assessment: Assessment) -> None:
    page = client.get(to(assessment, "handover"))
    told = text_of(page)
    for words in (
        f"{assessment.reference}, Engagement audit",
        "List before 0 of 5",
        "List training 0 of 1",
        "Nothing ticked yet",
    ):
        assert words in told
    assert "List retained" not in told
    links = dict(links_of(page))
    for name in ("handover-pack", "operations-manual", "recommendation"):
        assert to(assessment, name) in links
    page = client.get(to(assessment, "checklist", "before"))
    assert title_of(page) == "List before · Firm"
    assert "All of this comes first. 0 of 5 ticked" in text_of(page)
    assert ticked_on(page) == set()
    assert_is_safe(page)

    page = send(client, assessment, DIAGRAM, BACKUPS)
    assert page["Location"] == to(assessment, "checklist", "before")
    page = client.get(page["Location"])
    assert "Saved: 2 changes." in text_of(page)
    assert "Saved" not in text_of(client.get(page.request["PATH_INFO"]))
    assert ticked_on(page) == {DIAGRAM, BACKUPS}
    assert seen_on(page) == f"{DIAGRAM} {BACKUPS}"
    assert re.search(r"Diagram approved Ida Holm, \d+ \w+ \d{4}, \d\d:\d\d", text_of(page))
    told = text_of(client.get(to(assessment, "handover")))
    assert "List before 2 of 5" in told
    assert "Last ticked by Ida Holm" in told


# ---- Where there is a handover ---------------------------------------------------------------

PAGES = ("handover", "checklist", "handover-pack", "operations-manual")


def address(assessment: Assessment, page: str) -> str:
    return to(assessment, page, *(["before"] if page == "checklist" else []))


def test_each_page_says_which_cookies_it_keeps(client: Client, assessment: Assessment) -> None:
    ticking = "another one remembers your name once you have ticked something."
    keeps = {
        "/": (client, "No cookies, no tracking."),
        to(assessment, "recommendation"): (client, "No cookies, no tracking."),
        to(assessment, "handover"): (client, ticking),
        address(assessment, "checklist"): (client, ticking),
        "/sign-in/": (client, "another one keeps you signed in."),
        reverse("engagements:desk"): (signed_in(seller()), "another one keeps you signed in."),
    }
    for href, (visitor, told) in keeps.items():
        page = visitor.get(href)
        assert page.status_code == 200, href
        footer = page.content.decode().partition("<footer")[2]
        assert told in footer, href
        assert ("No cookies" in footer) == (told == "No cookies, no tracking."), href


@pytest.mark.parametrize("page", PAGES)
def test_before_a_recommendation_a_page_leads_to_the_next_question(
    client: Client, version: PlaybookVersion, page: str
) -> None:
    assessment = begin(version, UNSETTLED)
    response = client.get(address(assessment, page), follow=True)
    assert response.redirect_chain[-1][0] == to(assessment, "question", "work")


@pytest.mark.parametrize("page", PAGES)
def test_without_a_handover_a_page_leads_to_the_recommendation(client: Client, page: str) -> None:
    assessment = handed_over(published(checklists=[], chapters=[]))
    response = client.get(address(assessment, page), follow=True)
    assert response.redirect_chain[-1][0] == to(assessment, "recommendation")
    assert "handover" not in text_of(response)


def test_ticks_for_answers_that_have_changed_meanwhile_are_not_saved(
    client: Client, assessment: Assessment
) -> None:
    save_answers(assessment, {"cause": ()})
    for headers in ({}, HTMX):
        page = send(client, assessment, DIAGRAM, headers=headers)
        assert page.status_code == 422
        assert title_of(page) == "Error: Nothing was saved · Firm"
        assert "None of your ticks was saved." in text_of(page)
        assert (to(assessment, "resume"), "See where it stands") in links_of(page)
    assert not Tick.objects.exists()


def test_ticks_on_a_list_of_another_decision_are_not_saved_and_it_says_so(
    client: Client, assessment: Assessment
) -> None:
    given = {"done": ["month.1"], "name": "Ida"}
    page = client.post(to(assessment, "checklist", "retained"), given)
    assert page.status_code == 422
    assert "None of your ticks was saved." in text_of(page)
    assert not Tick.objects.exists()


@pytest.mark.parametrize("key", ["nonsense", "retained"])
def test_another_list_is_not_found(client: Client, assessment: Assessment, key: str) -> None:
    assert client.get(to(assessment, "checklist", key)).status_code == 404
    assert client.post(to(assessment, "checklist", "nonsense"), {"name": "Ida"}).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_a_wrong_link_is_not_found(client: Client, assessment: Assessment, page: str) -> None:
    assessment.token = "x" * 32
    assert client.get(address(assessment, page)).status_code == 404


def test_there_may_be_lists_only_or_a_manual_only(client: Client) -> None:
    lists = handed_over(published(chapters=[]))
    links = dict(links_of(client.get(to(lists, "handover"))))
    assert to(lists, "handover-pack") in links
    assert to(lists, "operations-manual") not in links
    assert client.get(to(lists, "operations-manual"))["Location"] == to(lists, "resume")
    manual = handed_over(published(checklists=[]))
    links = dict(links_of(client.get(to(manual, "handover"))))
    assert to(manual, "handover-pack") not in links
    assert to(manual, "operations-manual") in links
    assert client.get(to(manual, "handover-pack"))["Location"] == to(manual, "resume")


# ---- Saving ----------------------------------------------------------------------------------


def test_a_missing_name_is_told_and_nothing_is_lost(client: Client, assessment: Assessment) -> None:
    page = send(client, assessment, DIAGRAM, name=" ")
    assert page.status_code == 422
    assert title_of(page) == "Error: List before · Firm"
    assert ("#id_name", "Enter your name, so that others see who ticked what.") in links_of(page)
    assert ticked_on(page) == {DIAGRAM}
    assert not Tick.objects.exists()
    send(client, assessment, *ticked_on(page), seen=seen_on(page))
    assert [tick.item for tick in Tick.objects.all()] == ["Diagram approved"]


def test_an_error_keeps_what_was_changed_and_shows_what_others_did(
    client: Client, assessment: Assessment
) -> None:
    """Ida takes one back and ticks another one, without a name; Ana ticked a third meanwhile."""
    send(client, assessment, DIAGRAM)
    send(client, assessment, "security.1", DIAGRAM, seen=DIAGRAM, name="Ana")
    page = send(client, assessment, BACKUPS, seen=DIAGRAM, name="")
    assert ticked_on(page) == {BACKUPS, "security.1"}
    send(client, assessment, *ticked_on(page), seen=seen_on(page))
    after = client.get(to(assessment, "checklist", "before"))
    assert ticked_on(after) == {BACKUPS, "security.1"}


def test_a_second_tab_loses_nothing(client: Client, assessment: Assessment) -> None:
    first = second = seen_on(client.get(to(assessment, "checklist", "before")))
    send(client, assessment, DIAGRAM, seen=first)
    send(client, assessment, BACKUPS, seen=second)
    page = client.get(to(assessment, "checklist", "before"))
    assert ticked_on(page) == {DIAGRAM, BACKUPS}


def test_saving_without_a_change_is_harmless(client: Client, assessment: Assessment) -> None:
    page = client.get(send(client, assessment, name="")["Location"])
    assert "Nothing had changed, so nothing was saved." in text_of(page)
    assert not Tick.objects.exists()


def test_a_tick_taken_back_is_told_with_its_history(client: Client, assessment: Assessment) -> None:
    send(client, assessment, DIAGRAM, name="Ida Holm")
    page = client.get(send(client, assessment, seen=DIAGRAM, name="Ana Sobral")["Location"])
    assert ticked_on(page) == set()
    told = text_of(page)
    assert "Diagram approved Taken back: Ana Sobral, " in told
    assert re.search(r"History of Diagram approved Ticked: Ida Holm.*Taken back: Ana", told)
    assert "A tick taken back by Ana Sobral" in text_of(client.get(to(assessment, "handover")))


def test_an_unknown_item_is_refused_in_words(client: Client, assessment: Assessment) -> None:
    page = send(client, assessment, "nonsense.1")
    assert page.status_code == 422
    assert "Nothing was saved: the list “List before” has no such item." in text_of(page)
    assert not Tick.objects.exists()


def test_a_name_that_is_too_long_is_told(client: Client, assessment: Assessment) -> None:
    page = send(client, assessment, DIAGRAM, name="n" * 121)
    assert page.status_code == 422
    assert "Shorten your name to 120 characters." in text_of(page)
    assert ticked_on(page) == {DIAGRAM}


def test_htmx_gets_the_main_part(client: Client, assessment: Assessment) -> None:
    page = client.get(to(assessment, "checklist", "before"), headers=HTMX)
    assert "<html" not in page.content.decode()
    page = send(client, assessment, DIAGRAM, name="", headers=HTMX)
    assert page.status_code == 422
    assert "<html" not in page.content.decode()


# ---- Who ticks -------------------------------------------------------------------------------


def name_on(response: Response) -> str:
    """The name that is filled in."""
    [field] = re.findall(r'<input type="text" name="name"[^>]*>', response.content.decode())
    return "".join(re.findall(r'value="([^"]*)"', field))


def test_the_name_is_that_of_who_is_known_best(client: Client, assessment: Assessment) -> None:
    href = to(assessment, "checklist", "before")
    assert name_on(client.get(href)) == ""
    named(assessment, "Firm", name="Ida Holm")
    assert name_on(client.get(href)) == "Ida Holm"
    send(client, assessment, DIAGRAM, name="Per Lund")
    assert name_on(client.get(href)) == "Per Lund"
    assert name_on(Client().get(href)) == "Ida Holm"
    assert name_on(signed_in(consultant()).get(href)) == "Ana Sobral"


def test_who_is_signed_in_is_kept_with_the_tick(assessment: Assessment) -> None:
    ana = consultant()
    client = signed_in(ana)
    send(client, assessment, DIAGRAM, name="Ana, for Ida")
    send(Client(), assessment, BACKUPS)
    assert [(t.name, t.user) for t in Tick.objects.all()] == [
        ("Ana, for Ida", ana),
        ("Ida Holm", None),
    ]
    page = client.get(to(assessment, "checklist", "before"))
    assert name_on(page) == "Ana Sobral"
    assert "Diagram approved Ana, for Ida (account: Ana Sobral), " in text_of(page)
    assert "Backups restored once Ida Holm, " in text_of(page)


def test_a_name_that_is_not_the_accounts_is_told_with_it_everywhere(
    assessment: Assessment,
) -> None:
    client = signed_in(consultant())
    send(client, assessment, BACKUPS, name="Ana Sobral")
    send(client, assessment, DIAGRAM, name="Ida Holm")
    told = "Ida Holm (account: Ana Sobral)"
    assert f"Last ticked by {told}, " in text_of(client.get(to(assessment, "handover")))
    pack = build_pack(assessment, handover_of(assessment))
    assert pack.last_by == told
    assert [line.who for line in pack.sheets[0].groups[0].lines] == [told, "Ana Sobral", ""]


# ---- The ways to it --------------------------------------------------------------------------


def test_the_recommendation_leads_to_it(client: Client, version: PlaybookVersion) -> None:
    assessment = handed_over(version)
    links = dict(links_of(client.get(to(assessment, "recommendation"))))
    for name in ("handover", "handover-pack", "operations-manual"):
        assert to(assessment, name) in links
    without = handed_over(published(checklists=[], chapters=[]))
    links = dict(links_of(client.get(to(without, "recommendation"))))
    assert to(without, "handover") not in links


def test_what_has_none_does_not_lead_to_it(client: Client) -> None:
    assessment = begin(published(checklists=[], chapters=[]), PROJECT)
    screen = reverse("admin:engagements_assessment_change", args=[assessment.pk])
    page = signed_in(consultant()).get(screen)
    assert to(assessment, "handover") not in dict(links_of(page))


def test_the_review_leads_to_it(assessment: Assessment) -> None:
    screen = reverse("admin:engagements_assessment_change", args=[assessment.pk])
    page = signed_in(consultant()).get(screen)
    assert to(assessment, "handover") in dict(links_of(page))


def test_the_desk_hands_out_the_pack_and_no_private_link(assessment: Assessment) -> None:
    pack = reverse("engagements:desk-pack", args=[assessment.pk])
    sales = signed_in(seller())
    refused = sales.get(pack)
    assert refused.status_code == 404
    assert "This handover pack is not on the desk It is not reviewed, " in text_of(refused)
    approve(assessment.recommendation, by=consultant(), seen=0)
    page = sales.get(reverse("engagements:desk"))
    assert pack in dict(links_of(page))
    assert assessment.token not in page.content.decode()
    assert sales.get(pack).getvalue().startswith(b"%PDF-")


def test_a_pack_that_cannot_be_made_is_told_on_the_desk(
    assessment: Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_printout: Printout) -> Path:
        raise PdfError("The printer is out of ink.")

    monkeypatch.setattr("engagements.pages.file_of", fail)
    approve(assessment.recommendation, by=consultant(), seen=0)
    told = signed_in(seller()).get(reverse("engagements:desk-pack", args=[assessment.pk]))
    assert told.status_code == 503
    assert "The printer is out of ink. Nothing is lost." in text_of(told)
    assert assessment.token not in told.content.decode()


# ---- In the database -------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "expected"), [("handover", 3), ("checklist", 2)])
def test_a_page_asks_the_database_no_more_than_it_must(
    client: Client,
    assessment: Assessment,
    django_assert_num_queries: Queries,
    name: str,
    expected: int,
) -> None:
    for place in range(1, 4):
        send(Client(), assessment, f"infrastructure.{place}")
    assert assessment.version.rulebook
    with django_assert_num_queries(expected):
        client.get(address(assessment, name))
