"""The consultants' queue: what it lists, finds and filters, and how it holds 100,000 rows."""

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import issue_recommendation
from engagements.lists import CappedPaginator
from engagements.models import Assessment, OverrideReason, Recommendation, State
from engagements.reviewing import add_note, approve, override
from tests.buyers import answered, begin, decided, text_of
from tests.factories import small_playbook
from tests.staff import consultant, editor, seller, signed_in

pytestmark = pytest.mark.django_db

QUEUE = "/admin/engagements/assessment/"
Queries = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture
def ana(db: None) -> User:
    return consultant()


@pytest.fixture
def client(ana: User) -> Client:
    """A consultant at work."""
    return signed_in(ana)


def rows_of(response: Any) -> list[list[str]]:
    """What each row says, cell by cell."""
    table = re.findall(r"<tbody>(.*?)</tbody>", response.content.decode(), re.DOTALL)
    cells = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL)
    return [
        [" ".join(re.sub(r"<[^>]*>", " ", cell).split()) for cell in cells.findall(row)]
        for row in (table[0].split("</tr>")[:-1] if table else ())
    ]


def found(client: Client, **query: str) -> set[str]:
    """The references that are listed."""
    response = client.get(QUEUE, query, follow=True)
    assert response.status_code == 200
    return {row[0] for row in rows_of(response)}


def named(assessment: Assessment, **contact: str) -> Assessment:
    """An assessment of somebody."""
    for name, value in contact.items():
        setattr(assessment, f"contact_{name}", value)
    assessment.save()
    return assessment


def older(assessment: Assessment, **ago: int) -> Assessment:
    """An assessment that was begun some time ago."""
    Assessment.objects.filter(pk=assessment.pk).update(created_at=timezone.now() - timedelta(**ago))
    assessment.refresh_from_db()
    return assessment


def test_it_works(client: Client, version: PlaybookVersion, ana: User) -> None:
    early = older(answered(version, "build"), days=9)
    pathway = older(
        decided(version, "unproven", rhythm="monthly", money="evidence-first"), days=3, hours=1
    )
    named(pathway, firm="Baltic Freight", name="Ines Marques")
    conflict = older(decided(version, "not-our-job", money="one-off"), hours=5, minutes=1)
    overridden = named(decided(version, "build"), name="Ola Nordmann")
    override(
        overridden.recommendations.get(),
        engagement="audit",
        reason=OverrideReason.RISK,
        note="!",
        by=ana,
        seen=0,
    )

    response = client.get(QUEUE)
    assert rows_of(response) == [
        [
            overridden.reference,
            "Overridden",
            "Ola Nordmann",
            "Implementation project Decided: Audit or assessment, then Implementation project",
            "100",
            "Settled",
            "0 minutes",
        ],
        [conflict.reference, "Waiting for review", "–", "Nothing fits", "–", "Settled", "5 hours"],
        [
            pathway.reference,
            "Waiting for review",
            "Baltic Freight Ines Marques",
            "Audit or assessment, then Retained engineering",
            "100",
            "Settled",
            "3 days",
        ],
        [early.reference, "Answering", "–", "–", "–", "Settled", "1 week"],
    ]
    assert f'href="{QUEUE}{pathway.pk}/change/' in response.content.decode()
    assert re.search(
        r'<time datetime="[\dT:+-]{25}" title="\d+ \w+ \d{4}, [\d:]{5}" data-ago="ago">3',
        rendered(response),
    )


def rendered(response: Any) -> str:
    return str(response.content.decode()).replace("\xa0", " ")


def test_who_has_told_little_is_still_open(client: Client, version: PlaybookVersion) -> None:
    begin(version, {"red-flags": "none"})
    [row] = rows_of(client.get(QUEUE))
    assert row[1:6] == ["Answering", "–", "–", "–", "Open"]


def test_an_empty_queue_says_so(client: Client, version: PlaybookVersion) -> None:
    assert "Nobody has begun an assessment yet." in text_of(client.get(QUEUE))
    decided(version)
    page = text_of(client.get(QUEUE, {"state": "approved"}))
    assert "No assessment is like this. Show all" in page


@pytest.mark.parametrize("who", [seller, editor])
def test_others_are_refused(who: Callable[[], User], version: PlaybookVersion) -> None:
    response = signed_in(who()).get(QUEUE)
    assert response.status_code in (302, 403)


# ---- Filters -------------------------------------------------------------------------------


def test_filter_by_state(client: Client, version: PlaybookVersion, ana: User) -> None:
    waiting, approved, answering = decided(version), decided(version), answered(version)
    approve(approved.recommendations.get(), by=ana, seen=0)
    assert found(client, state="waiting") == {waiting.reference}
    assert found(client, state="approved") == {approved.reference}
    assert found(client, state="answering") == {answering.reference}
    assert found(client, state="overridden") == set()


def test_what_waits_is_the_first_tab(client: Client, version: PlaybookVersion) -> None:
    page = client.get(QUEUE, {"q": "417"}).content.decode()
    tabs = re.search(r'<nav class="tabs".*?</nav>', page, re.DOTALL)
    assert tabs
    links = re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', tabs[0])
    assert links[:2] == [("?q=417", "All"), ("?q=417&amp;state=waiting", "Waiting for review")]
    assert {label for _, label in links} == {"All", *State.labels}


def test_filter_by_playbook_and_recommendation(client: Client, version: PlaybookVersion) -> None:
    other, _ = publish(small_playbook())
    small = begin(other, {"cause": "unknown", "work": "nothing"})
    issue_recommendation(small)
    hourly, project = decided(version), decided(version, "build")
    conflict = decided(version, "not-our-job", money="one-off")
    answered(version)
    assert found(client, playbook="small") == {small.reference}
    assert found(client, engagement="small/audit") == {small.reference}
    key = version.playbook.key
    assert found(client, engagement=f"{key}/hourly-package") == {hourly.reference}
    assert found(client, engagement=f"{key}/implementation-project") == {project.reference}
    assert found(client, engagement="none") == {conflict.reference}
    assert found(client, engagement="rubbish") == set()
    page = text_of(client.get(QUEUE))
    assert "Engagement audit (Small playbook)" in page
    assert "Hourly package (Infrastructure services)" in page
    page = text_of(client.get(QUEUE, {"playbook": "small"}))
    assert "Engagement audit" in page
    assert "Managed operation" not in page


def test_filter_by_settled(client: Client, version: PlaybookVersion) -> None:
    is_open, settled = begin(version, {"red-flags": "none"}), decided(version)
    assert found(client, settled__exact="1") == {settled.reference}
    assert found(client, settled__exact="0") == {is_open.reference}


@pytest.mark.parametrize(
    ("age", "expected"),
    [("7", {6}), ("30", {6, 8, 29}), ("older", {31, 200}), ("rubbish", {6, 8, 29, 31, 200})],
)
def test_filter_by_age(
    client: Client, version: PlaybookVersion, age: str, expected: set[int]
) -> None:
    days = {older(answered(version), days=days).reference: days for days in (6, 8, 29, 31, 200)}
    assert {days[reference] for reference in found(client, age=age)} == expected


def test_filters_and_search_go_together(client: Client, version: PlaybookVersion) -> None:
    both = named(decided(version), firm="Baltic Freight")
    named(answered(version), firm="Baltic Freight")
    decided(version)
    assert found(client, state="waiting", q="baltic") == {both.reference}


# ---- Search --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("SB-{year}-0417", True),
        ("sb-{year}-0417", True),
        ("0417", True),
        ("417", True),
        (" 417 ", True),
        ("41", False),
        ("SB-{year}-0418", False),
        ("baltic", True),
        ("freight baltic", True),
        ("Marques", True),
        ("ines@freight.example", True),
        ("freight nobody", False),
        ("99999999999999999999999", False),
        ("%", False),
    ],
)
def test_search(client: Client, version: PlaybookVersion, text: str, *, is_found: bool) -> None:
    Assessment.objects.create(
        pk=417,
        version=version,
        contact_firm="Baltic Freight",
        contact_name="Ines Marques",
        contact_email="ines@freight.example",
    )
    Assessment.objects.create(pk=4, version=version, contact_firm="Casa Verde")
    query = text.format(year=datetime.now(UTC).year)
    assert found(client, q=query) == ({f"SB-{datetime.now(UTC).year}-0417"} if is_found else set())


# ---- 100,000 of them -----------------------------------------------------------------------


def many(versions: Iterable[PlaybookVersion], each: int) -> None:
    """So many more assessments of each version, with recommendations as the engine makes them."""
    for version in versions:
        first = begin(version, {"cause": "unknown", "work": "build", "money": "one-off"})
        issued = issue_recommendation(first)
        made = Assessment.objects.bulk_create(
            Assessment(version=version, state=State.WAITING, settled=True) for _ in range(each)
        )
        copied = Recommendation.objects.bulk_create(
            Recommendation(
                assessment=row,
                number=1,
                document=issued.document,
                kind=issued.kind,
                engagement=issued.engagement,
                score=issued.score,
            )
            for row in made
        )
        for row, recommendation in zip(made, copied, strict=True):
            row.recommendation = recommendation
        Assessment.objects.bulk_update(made, ["recommendation"])


def versions_of(count: int) -> list[PlaybookVersion]:
    return [publish(small_playbook(minutes=minutes))[0] for minutes in range(1, count + 1)]


@pytest.mark.parametrize("query", ["", "?state=waiting", "?engagement=small/audit", "?q=417"])
@pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "new process"])
@pytest.mark.parametrize(("versions", "each"), [(1, 0), (1, 70), (6, 12)], ids=str)
def test_the_queue_asks_the_database_no_more_than_it_must(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Queries,
    *,
    versions: int,
    each: int,
    compiled: bool,
    query: str,
) -> None:
    """Session, user, two for what the user may, the rows with their number, the versions."""
    many(versions_of(versions), each)
    if compiled:
        client.get(QUEUE)
    else:
        monkeypatch.setattr("catalog.models.published._rulebooks", {})
    with django_assert_num_queries(6):
        response = client.get(QUEUE + query)
    assert response.status_code == 200


def test_nothing_large_is_fetched_for_the_list(
    client: Client, version: PlaybookVersion, ana: User, django_assert_max_num_queries: Any
) -> None:
    approve(decided(version).recommendations.get(), by=ana, seen=0)
    with django_assert_max_num_queries(6) as asked:
        response = client.get(QUEUE)
    assert not [query for query in asked.captured_queries if "DISTINCT" in query["sql"]]
    [row] = response.context["cl"].result_list
    assert row.recommendation.get_deferred_fields() == {"document"}
    assert row.version.get_deferred_fields() == {"document"}
    assert row.review.get_deferred_fields() == {"note", "message"}


def test_more_than_anybody_leafs_through_is_not_counted(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CappedPaginator, "cap", 100)
    many(versions_of(1), 120)
    page = client.get(QUEUE, {"p": "2"})
    assert len(rows_of(page)) == 50
    assert "More than 100 assessments. Filter or search" in text_of(page)
    assert len(rows_of(client.get(QUEUE, {"p": "99"}))) == 50
    assert "121 assessments" not in text_of(client.get(QUEUE))


def test_a_page_of_many_goes_on_where_the_one_before_ended(client: Client) -> None:
    many(versions_of(1), 120)
    pages = [[row[0] for row in rows_of(client.get(QUEUE, {"p": str(at)}))] for at in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 21]
    assert len({reference for page in pages for reference in page}) == 121
    assert "121 assessments" in text_of(client.get(QUEUE))


@pytest.mark.parametrize("kind", ["answer", "recommendation", "review", "note", "briefversion"])
def test_lists_of_what_is_kept_ask_no_more_than_they_must(
    client: Client,
    version: PlaybookVersion,
    django_assert_max_num_queries: Any,
    kind: str,
) -> None:
    for at in range(3):
        reviewer = consultant(f"c{at}")
        assessment = decided(version)
        approve(assessment.recommendations.get(), by=reviewer, seen=0)
        add_note(assessment, "Call them.", by=reviewer)
    with django_assert_max_num_queries(5):
        response = client.get(f"/admin/engagements/{kind}/")
    assert len(rows_of(response)) >= 3
    assert len(rows_of(client.get(f"/admin/engagements/{kind}/", {"q": assessment.reference}))) < (
        len(rows_of(response))
    )


# ---- Kept for good -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["assessment", "answer", "recommendation", "review", "note", "briefversion"]
)
def test_nothing_is_deleted_added_or_changed(
    client: Client, version: PlaybookVersion, ana: User, kind: str
) -> None:
    assessment = decided(version)
    approve(assessment.recommendations.get(), by=ana, seen=0, note="Easy.")
    add_note(assessment, "Call them.", by=ana)
    related = {
        "assessment": Assessment.objects.filter(pk=assessment.pk),
        "answer": assessment.answer_set,
        "recommendation": assessment.recommendations,
        "review": assessment.reviews,
        "note": assessment.notes,
        "briefversion": assessment.briefs,
    }[kind]
    row = related.first()
    before = related.count()
    listing = reverse(f"admin:engagements_{kind}_changelist")
    page = reverse(f"admin:engagements_{kind}_change", args=[row.pk])
    delete = reverse(f"admin:engagements_{kind}_delete", args=[row.pk])
    assert client.get(listing).status_code == 200
    assert client.get(page).status_code == 200
    for refused in (
        client.get(delete),
        client.post(delete, {"post": "yes"}),
        client.post(listing, {"action": "delete_selected", "_selected_action": [row.pk]}),
    ):
        assert refused.status_code == 403
        assert "cannot be deleted" in text_of(refused)
    assert client.get(reverse(f"admin:engagements_{kind}_add")).status_code == 403
    assert client.post(page, {"state": "approved", "text": "Changed"}).status_code in (403, 405)
    assert related.count() == before
