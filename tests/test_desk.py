"""The sales desk: which briefs are on it, what it tells of each, and how they are found."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.models import PlaybookVersion, published
from catalog.publishing import publish
from engagements.assessing import issue_recommendation, save_answers, start
from engagements.lists import CappedPaginator
from engagements.models import Assessment
from engagements.reviewing import approve, reopen
from tests.buyers import HTMX, Response, decided, links_of, text_of, title_of, to
from tests.factories import small_playbook
from tests.looking import assert_is_safe
from tests.staff import approved, consultant, named, overridden, seller, signed_in

pytestmark = pytest.mark.django_db

DESK = reverse("engagements:desk")


@pytest.fixture
def sales() -> Client:
    return signed_in(seller())


@pytest.fixture
def ana() -> User:
    return consultant()


def references(response: Response) -> list[str]:
    """The references of the listed briefs, in order."""
    return re.findall(r'<span class="reference">(SB-\d+-\d+)</span>', response.content.decode())


def test_it_works(sales: Client, version: PlaybookVersion, ana: User) -> None:
    at = timezone.now() - timedelta(days=2)
    assessment = approved(
        version, ana, "Nordlicht Druck", name="Ida Holm", email="ida@nordlicht.example", at=at
    )
    page = sales.get(DESK)
    assert page.status_code == 200
    assert title_of(page) == "Reviewed briefs · Engagement Advisor"
    price = version.rulebook.playbook.engagement("hourly-package").price
    told = text_of(page)
    for words in (
        "1 brief, newest review first",
        "Nordlicht Druck Ida Holm ida@nordlicht.example",
        "Hourly package",
        str(price),
        f"{timezone.localdate(at):%-d %b %Y} Ana Sobral",
        assessment.reference,
        "Version 1 (PDF)",
        "Noor Haddad",
    ):
        assert words in told
    assert "Overridden" not in text_of(page).replace("As recommended Overridden", "")
    links = dict(links_of(page))
    assert reverse("engagements:desk-brief", args=[assessment.pk]) in links
    assert "mailto:ida@nordlicht.example" in links
    assert_is_safe(page)


def test_an_override_is_told_with_what_was_decided(
    sales: Client, version: PlaybookVersion, ana: User
) -> None:
    overridden(version, ana)
    told = text_of(sales.get(DESK))
    assert "Audit or assessment Overridden" in told
    assert "No name given" in told


def test_where_nothing_fits_it_says_so(sales: Client, version: PlaybookVersion, ana: User) -> None:
    approved(version, ana, situation="not-our-job", money="one-off")
    told = text_of(sales.get(DESK))
    assert "None that fits Not stated" in told


def test_the_newest_review_comes_first(sales: Client, version: PlaybookVersion, ana: User) -> None:
    first, second = decided(version), decided(version)
    for assessment in (second, first):
        approve(Assessment.objects.get(pk=assessment.pk).recommendation, by=ana, seen=0)
    assert references(sales.get(DESK)) == [first.reference, second.reference]


# ---- What is on the desk -------------------------------------------------------------------


def test_what_is_not_reviewed_is_not_on_the_desk(
    sales: Client, version: PlaybookVersion, ana: User
) -> None:
    decided(version)
    changed = approved(version, ana)
    save_answers(changed, {"money": ("one-off",)})
    taken_back = approved(version, ana)
    reopen(taken_back.recommendation, by=ana, seen=1, note="One more talk.")
    assert references(sales.get(DESK)) == []


def test_what_is_approved_again_is_back(sales: Client, version: PlaybookVersion, ana: User) -> None:
    assessment = approved(version, ana)
    reopen(assessment.recommendation, by=ana, seen=1, note="One more talk.")
    approve(assessment.recommendation, by=ana, seen=2)
    page = sales.get(DESK)
    assert references(page) == [assessment.reference]
    assert "Version 2 (PDF)" in text_of(page)


def test_the_newest_brief_is_named(sales: Client, version: PlaybookVersion, ana: User) -> None:
    assessment = approved(version, ana)
    sales.post(to(assessment, "contact"), {"contact_firm": "Nordlicht"})
    assert "Version 2 (PDF)" in text_of(sales.get(DESK))


def test_nothing_reviewed_yet(sales: Client, version: PlaybookVersion) -> None:
    told = text_of(sales.get(DESK))
    assert "Nothing is reviewed yet" in told
    assert "ZIP" not in told
    assert "Nothing is reviewed yet" in text_of(sales.get(DESK, {"q": "", "page": "7"}))


def test_nothing_published_yet(sales: Client) -> None:
    assert "Nothing is reviewed yet" in text_of(sales.get(DESK))


def test_nothing_found_leads_back_to_all(
    sales: Client, version: PlaybookVersion, ana: User
) -> None:
    approved(version, ana, "Nordlicht")
    page = sales.get(DESK, {"q": "Südlicht"})
    assert "Nothing found" in text_of(page)
    assert (DESK, "Clear the filters and show all") in links_of(page)


# ---- Search and filters ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param("nordlicht", ["A"], id="firm"),
        pytest.param("  LICHT ", ["A", "B"], id="part of a firm in another case"),
        pytest.param("holm", ["A"], id="name"),
        pytest.param("holm nord", ["A"], id="two words in any order"),
        pytest.param("holm südlicht", [], id="two words of two buyers"),
        pytest.param("suedlicht.example", ["B"], id="e-mail"),
        pytest.param("ölPRESSE", ["C"], id="letters beyond ASCII"),
        pytest.param("ÖLPRESSE", ["C"], id="capital letters beyond ASCII"),
        pytest.param("100%", [], id="a sign of the database"),
        pytest.param("_", [], id="another sign of the database"),
        pytest.param("' OR 1=1 --", [], id="a piece of SQL"),
    ],
)
def test_search(
    sales: Client, version: PlaybookVersion, ana: User, asked: str, found: list[str]
) -> None:
    listed = {
        "A": approved(version, ana, "Nordlicht Druck", name="Ida Holm"),
        "B": approved(version, ana, "Südlicht Pumpen", email="mail@suedlicht.example"),
        "C": approved(version, ana, "Ölpresse Graz"),
    }
    expected = [listed[key].reference for key in reversed(found)]
    assert references(sales.get(DESK, {"q": asked})) == expected


def test_a_reference_is_found_however_it_is_said(
    sales: Client, version: PlaybookVersion, ana: User
) -> None:
    wanted, *_others = [approved(version, ana) for _ in range(3)]
    number = wanted.reference.rpartition("-")[2]
    for said in (wanted.reference, wanted.reference.lower(), number, str(wanted.pk), f"#{number}"):
        assert references(sales.get(DESK, {"q": said})) == [wanted.reference], said
    assert references(sales.get(DESK, {"q": "9" * 18})) == []
    assert references(sales.get(DESK, {"q": "9" * 40})) == []


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        pytest.param({"playbook": "small"}, ["small"], id="playbook"),
        pytest.param({"engagement": "small.audit"}, ["small"], id="model of one playbook"),
        pytest.param(
            {"engagement": "infrastructure-services.audit"}, ["overridden"], id="decided model"
        ),
        pytest.param({"engagement": "none"}, ["conflict"], id="nothing fits"),
        pytest.param({"days": "7"}, ["overridden", "conflict", "small"], id="days"),
        pytest.param({"days": "90"}, ["overridden", "conflict", "small", "old"], id="more days"),
        pytest.param({"decision": "overridden"}, ["overridden"], id="overridden"),
        pytest.param(
            {"decision": "approved", "days": "7", "q": "firm"}, ["conflict", "small"], id="all"
        ),
        pytest.param(
            {"playbook": "small", "engagement": "infrastructure-services.audit"}, [], id="none"
        ),
    ],
)
def test_filters(
    sales: Client, version: PlaybookVersion, ana: User, chosen: dict[str, str], found: list[str]
) -> None:
    other, _new = publish(small_playbook())
    small = start(other, {"cause": ("unknown",), "work": ("nothing",)})
    listed = {
        "old": approved(version, ana, "Firm", at=timezone.now() - timedelta(days=31)),
        "small": named(small, "Firm"),
    }
    approve(issue_recommendation(small), by=ana, seen=0)
    listed["conflict"] = approved(version, ana, "Firm", situation="not-our-job", money="one-off")
    listed["overridden"] = overridden(version, ana, "Firm")
    page = sales.get(DESK, chosen)
    assert references(page) == [listed[key].reference for key in found]
    for key, value in chosen.items():
        kept = rf'name="{key}" value="{value}"|value="{value}" selected'
        assert re.search(kept, page.content.decode())


def test_one_playbook_is_not_to_choose(sales: Client, version: PlaybookVersion) -> None:
    body = sales.get(DESK).content.decode()
    assert 'name="playbook"' not in body
    assert "<optgroup" not in body


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": "8"},
        {"decision": "reopened"},
        {"engagement": "infrastructure-services.nonsense"},
        {"q": "x" * 201},
        {"q": "a\x00b"},
    ],
    ids=str,
)
def test_a_wrong_address_is_told_and_lists_nothing(
    sales: Client, version: PlaybookVersion, ana: User, wrong: dict[str, str]
) -> None:
    approved(version, ana)
    page = sales.get(DESK, wrong)
    assert page.status_code == 422
    assert title_of(page) == "Error: Reviewed briefs · Engagement Advisor"
    assert references(page) == []
    assert (DESK, "Clear the filters") in links_of(page)


# ---- Pages -----------------------------------------------------------------------------------


@pytest.fixture
def _two_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engagements.desk_views.PER_PAGE", 2)


@pytest.mark.usefixtures("_two_a_page")
def test_pages_keep_the_search(sales: Client, version: PlaybookVersion, ana: User) -> None:
    listed = [approved(version, ana, "Firm & Co").reference for _ in range(5)][::-1]
    page = sales.get(DESK, {"q": "firm & co", "days": "7"})
    assert references(page) == listed[:2]
    assert "5 briefs" in text_of(page)
    seen = []
    while page:
        seen += references(page)
        [older] = [href for href, label in links_of(page) if label == "Older"] or [None]
        page = older and sales.get(older.replace("&amp;", "&"))
    assert seen == listed


@pytest.mark.usefixtures("_two_a_page")
@pytest.mark.parametrize(
    ("number", "shown"),
    [("2", 2), ("3", 3), ("4", 3), ("0", 1), ("-1", 1), ("x", 1), ("9" * 30, 1), ("²", 1)],
)
def test_a_page_that_is_not_there_is_the_nearest(
    sales: Client, version: PlaybookVersion, ana: User, number: str, shown: int
) -> None:
    for _ in range(5):
        approved(version, ana)
    assert f"Page {shown} of 3" in text_of(sales.get(DESK, {"page": number}))


@pytest.mark.usefixtures("_two_a_page")
def test_a_long_list_is_counted_no_further_than_it_can_be_leafed_through(
    sales: Client, version: PlaybookVersion, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CappedPaginator, "cap", 4)
    listed = [approved(version, ana).reference for _ in range(6)][::-1]
    told = text_of(sales.get(DESK))
    assert "more than 4 briefs" in told
    assert "The newest 4 are on these pages; search for older ones." in told
    assert "Page 1 of 2" in told
    last = sales.get(DESK, {"page": "2"})
    assert references(last) == listed[2:4]
    assert references(sales.get(DESK, {"page": "3"})) == listed[2:4]
    assert "Older" not in [label for _href, label in links_of(last)]


def test_htmx_gets_the_main_part_and_the_same_title(
    sales: Client, version: PlaybookVersion, ana: User
) -> None:
    approved(version, ana, "Nordlicht")
    whole, part = sales.get(DESK, {"q": "nord"}), sales.get(DESK, {"q": "nord"}, headers=HTMX)
    assert b"<html" not in part.content
    assert part.content.count(b"<main ") == 1
    assert title_of(part) == title_of(whole)
    assert references(part) == references(whole) != []
    assert {"HX-Request", "HX-History-Restore-Request"} <= set(part["Vary"].split(", "))
    assert "no-store" in part["Cache-Control"]


# ---- How often it asks the database ----------------------------------------------------------


def queries_of(client: Client, **chosen: str) -> int:
    """How often a page of the desk asks the database; never for a document."""
    with CaptureQueriesContext(connection) as captured:
        assert references(client.get(DESK, chosen))
    assert not [query for query in captured if '"content"' in query["sql"]]
    return len(captured)


def another(version: PlaybookVersion, summary: str) -> PlaybookVersion:
    """The next version of a playbook, with another summary."""
    return publish(version.rulebook.playbook.model_copy(update={"summary": summary}))[0]


@pytest.mark.parametrize("chosen", [{}, {"q": "firm"}, {"page": "2"}, {"days": "7"}], ids=str)
@pytest.mark.usefixtures("_two_a_page")
def test_it_asks_the_database_six_times_however_long_it_is(
    sales: Client, version: PlaybookVersion, ana: User, chosen: dict[str, str]
) -> None:
    for _ in range(3):
        approved(version, ana, "Firm")
    queries_of(sales, **chosen)  # what is published is read once by a process
    few = queries_of(sales, **chosen)
    assert few <= 6
    for number in range(6):
        approved(another(version, f"Summary {number}."), consultant(f"c{number}"), "Firm")
    queries_of(sales, **chosen)
    assert queries_of(sales, **chosen) == few


def test_versions_not_compiled_yet_cost_one_query_however_many(
    sales: Client, version: PlaybookVersion, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    for number in range(4):
        approved(another(version, f"Summary {number}."), ana)
        monkeypatch.setattr(published, "_rulebooks", {})
        counts.append(queries_of(sales))
    # The live one is read with the filters, once something was published; the others at once.
    assert counts == [7, 8, 8, 8]
    assert queries_of(sales) == 6
