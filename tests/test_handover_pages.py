"""The pages of the handover: checklists to tick, and the links to them."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import PlaybookVersion
from engagements.assessing import save_answers
from engagements.models import Assessment, Tick
from engagements.reviewing import approve
from tests.buyers import HTMX, Response, begin, links_of, text_of, title_of, to
from tests.handovers import PROJECT, UNSETTLED, handed_over, published
from tests.looking import (
    NARROW,
    WIDE,
    assert_is_safe,
    heading,
    open_all,
    press,
    sticking_out,
    violations,
    with_and_without_javascript,
)
from tests.staff import consultant, named, seller, sign_in, signed_in

pytestmark = pytest.mark.django_db

Queries = Callable[[int], AbstractContextManager[Any]]
DIAGRAM, BACKUPS = "infrastructure.1", "infrastructure.2"


@pytest.fixture
def version() -> PlaybookVersion:
    """The small playbook with a handover."""
    return published()


@pytest.fixture
def assessment(version: PlaybookVersion) -> Assessment:
    """One with the audit recommended."""
    return handed_over(version)


def send(
    client: Client,
    assessment: Assessment,
    *done: str,
    name: str = "Ida Holm",
    seen: str = "",
    **more: Any,
) -> Response:
    """Save the first checklist as a browser would send it."""
    given = {"done": list(done), "seen": seen, "name": name}
    return client.post(to(assessment, "checklist", "before"), given, **more)


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
    assert send(client, assessment, DIAGRAM)["Location"] == to(assessment, "resume")
    assert not Tick.objects.exists()


@pytest.mark.parametrize("key", ["nonsense", "retained"])
def test_another_list_is_not_found(client: Client, assessment: Assessment, key: str) -> None:
    assert client.get(to(assessment, "checklist", key)).status_code == 404
    given = {"done": ["month.1"], "name": "Ida"}
    assert client.post(to(assessment, "checklist", key), given).status_code == 404
    assert not Tick.objects.exists()


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
    assert name_on(client.get(to(assessment, "checklist", "before"))) == "Ana Sobral"


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
    assert sales.get(pack).status_code == 404
    approve(assessment.recommendation, by=consultant(), seen=0)
    page = sales.get(reverse("engagements:desk"))
    assert pack in dict(links_of(page))
    assert assessment.token not in page.content.decode()
    assert sales.get(pack).getvalue().startswith(b"%PDF-")


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


# ---- In a browser ----------------------------------------------------------------------------


def box(page: Page, words: str) -> Locator:
    """The box of an item, by what it says."""
    return page.get_by_role("checkbox", name=words, exact=True)


@with_and_without_javascript
def test_two_people_tick_and_each_sees_who_did(
    page: Page, live_server: LiveServer, *, javascript: bool
) -> None:
    assessment = handed_over(published())
    page.goto(live_server.url + to(assessment, "handover"))
    page.get_by_role("link", name="List before").click()
    expect(heading(page)).to_have_text("List before")
    other = page.context.new_page()
    other.goto(page.url)

    box(page, "Diagram approved").check()
    press(page, "Save")
    expect(page.get_by_text("Enter your name").last).to_be_visible()
    expect(box(page, "Diagram approved")).to_be_checked()
    page.get_by_label("Your name").fill("Ida Holm")
    press(page, "Save")
    expect(page.get_by_role("status").filter(has_text="Saved: 1 change.")).to_be_visible()
    expect(box(page, "Diagram approved")).to_be_checked()
    expect(page.locator(".tick__who")).to_contain_text("Ida Holm, ")

    box(other, "Backups restored once").check()
    other.get_by_label("Your name").fill("Ana Sobral")
    press(other, "Save")
    expect(box(other, "Diagram approved")).to_be_checked()
    expect(box(other, "Backups restored once")).to_be_checked()
    expect(other.get_by_text("2 of 5 ticked")).to_be_visible()
    if javascript:
        expect(heading(other)).to_be_focused()


def test_it_is_fit_for_everybody_on_every_screen(page: Page, live_server: LiveServer) -> None:
    assessment = handed_over(published())
    href = live_server.url + to(assessment, "checklist", "before")
    for done, seen in (([DIAGRAM, BACKUPS], ""), ([DIAGRAM], f"{DIAGRAM} {BACKUPS}")):
        send(Client(), assessment, *done, seen=seen)
    pages = (live_server.url + to(assessment, "handover"), href)
    for shown in pages:
        page.goto(shown)
        open_all(page)
        assert violations(page) == []
        for width in (NARROW, WIDE):
            assert sticking_out(page, width) == []
    page.set_viewport_size({"width": NARROW, "height": 844})
    for one in page.get_by_role("checkbox").all():
        place = one.bounding_box()
        assert place
        assert min(place["width"], place["height"]) >= 24
    page.get_by_label("Your name").fill("")
    box(page, "No default passwords").check()
    press(page, "Save")
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert violations(page) == []
    assert sticking_out(page, NARROW) == []


def test_save_is_always_at_hand_and_hides_nothing(page: Page, live_server: LiveServer) -> None:
    items = [f"Item {place}" for place in range(1, 41)]
    group = {"key": "all", "title": "All", "items": items}
    assessment = handed_over(
        published(checklists=[{"key": "before", "title": "Long", "groups": [group]}])
    )
    page.set_viewport_size({"width": NARROW, "height": 844})
    page.goto(live_server.url + to(assessment, "checklist", "before"))
    expect(page.get_by_role("button", name="Save")).to_be_in_viewport()
    bar = page.locator(".save")
    for place in (12, 25, 40):
        one = box(page, f"Item {place}")
        one.focus()
        expect(one).to_be_in_viewport()
        mine, its = one.bounding_box(), bar.bounding_box()
        assert mine
        assert its
        assert mine["y"] + mine["height"] <= its["y"]


def test_a_consultant_comes_to_it_from_the_review(page: Page, live_server: LiveServer) -> None:
    assessment = handed_over(published())
    sign_in(page, live_server, consultant())
    screen = reverse("admin:engagements_assessment_change", args=[assessment.pk])
    page.goto(live_server.url + screen)
    page.get_by_role("link", name="Open the handover").click()
    page.get_by_role("link", name="List before").click()
    box(page, "Diagram approved").check()
    press(page, "Save")
    expect(page.locator(".tick__who")).to_contain_text("Ana Sobral, ")
