"""Questions in numbers: what a practice lead reads, chooses and downloads, and who it is for."""

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from catalog.drafts import write_draft
from catalog.models import PlaybookVersion
from catalog.models import Question as DraftQuestion
from catalog.publishing import publish
from engagements.admin.numbers import percent, time_told
from engagements.models import Asked, Assessment, Opened
from tests.buyers import Response, begin, links_of, text_of
from tests.factories import question, small_document, small_playbook, tamper
from tests.looking import NARROW, WIDE, sticking_out, violations
from tests.staff import consultant, editor, sign_in, signed_in, superuser

pytestmark = pytest.mark.django_db

NUMBERS = "/admin/engagements/asked/"
FILE = f"{NUMBERS}numbers.csv"
Queries = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture
def client() -> Client:
    """A consultant, who reads but does not edit."""
    return signed_in(consultant())


@pytest.fixture
def small(db: None) -> PlaybookVersion:
    return publish(small_playbook())[0]


def asked(
    version: PlaybookVersion,
    key: str,
    *,
    took: int | None = None,
    left: bool = False,
    days_ago: int = 3,
) -> Assessment:
    """A buyer who began and was asked one question more: took so many seconds, or left."""
    shown = timezone.now() - timedelta(days=days_ago)
    assessment = Assessment.objects.create(version=version, created_at=shown)
    Asked.objects.create(assessment=assessment, question="cause", shown_at=shown, answered_at=shown)
    answered = None if left else shown + timedelta(seconds=took or 0)
    Asked.objects.create(
        assessment=assessment,
        question=key,
        shown_at=shown,
        answered_at=answered,
        waiting_since=shown if left else None,
    )
    return assessment


def ten_buyers(version: PlaybookVersion) -> None:
    """Ten of twelve who opened began; one left at the work, one came back to it after an hour."""
    for took in (10, 20, 30, 40, 50, 60, 70, 80):
        asked(version, "work", took=took)
    asked(version, "work", took=3600)
    asked(version, "work", left=True)
    Opened.objects.create(version=version, day=timezone.localdate(), count=12)


def cells_of(page: Response) -> dict[str, list[str]]:
    """What each line of the table says, by its first cell."""
    [table] = re.findall(r"<tbody>(.*?)</tbody>", page.content.decode(), re.DOTALL)
    found = {}
    for row in table.split("</tr>")[:-1]:
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        words = [" ".join(re.sub(r"<[^>]*>", " ", cell).split()) for cell in cells]
        found[words[0].removesuffix(" counted by openings")] = words[1:]
    return found


def lines_of(client: Client, **query: object) -> list[dict[str, str]]:
    """The lines of the file."""
    response = client.get(FILE, query)
    assert response.status_code == 200, response.status_code
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_it_works(client: Client, small: PlaybookVersion) -> None:
    ten_buyers(small)
    page = client.get(NUMBERS)
    told = cells_of(page)
    assert list(told) == ["All questions", "Question cause?", "Question work?", "Question money?"]
    assert told["Question cause?"] == [
        *("Shown 12", "Answered 10", "Left here 2 17 %", "Time to answer not known")
    ]
    assert told["Question work?"] == [
        *("Shown 10", "Answered 9", "Left here 1 10 %"),
        "Time to answer 40 s half took 20 s to 1 min 1 came back later",
    ]
    assert told["Question money?"] == ["Shown 0", "Answered 0", "Left here 0", "Time to answer –"]
    assert told["All questions"] == ["Shown 22", "Answered 19", "Left here 3", "1 came back later"]
    assert "Every line adds up" in text_of(page)
    assert "Began 10" in text_of(page)


def test_of_too_few_buyers_there_are_counts_only(client: Client, small: PlaybookVersion) -> None:
    for _ in range(3):
        asked(small, "work", took=10)
    asked(small, "work", left=True)
    page = client.get(NUMBERS)
    assert cells_of(page)["Question work?"] == [
        *("Shown 4", "Answered 3", "Left here 1", "Time to answer 3 times, too few")
    ]
    assert "Of fewer than 5 buyers there is a count but no percentage" in text_of(page)
    [line] = [line for line in lines_of(client) if line["Key"] == "work"]
    assert (line["Left here"], line["Left here, percent"], line["Median, seconds"]) == ("1", "", "")


def test_the_largest_share_has_the_longest_bar(client: Client, small: PlaybookVersion) -> None:
    ten_buyers(small)
    bars = re.findall(
        r'<svg class="(.*?)".*?<rect class="share__part" width="(\d+)"', page_of(client)
    )
    assert bars == [("share share--most", "100"), ("share", "60")]


def page_of(client: Client, **query: object) -> str:
    """The page as it is sent."""
    return client.get(NUMBERS, query).content.decode()


# ---- Choosing --------------------------------------------------------------------------------


def test_the_live_version_is_shown_until_another_one_is_picked(
    client: Client, small: PlaybookVersion
) -> None:
    asked(small, "work", left=True)
    live, _ = publish(small_playbook(summary="Another one."))
    other, _ = publish(small_playbook(key="other", title="Another playbook"))
    assert "Began 0" in text_of(client.get(NUMBERS, {"playbook": "small"}))
    assert "Began 1" in text_of(client.get(NUMBERS, {"version": small.pk}))
    page = page_of(client, playbook="small")
    options = re.findall(r"<option value=\"(\d+)\"( selected)?>(.*?: .*?)</option>", page)
    assert options == [
        (str(other.pk), "", "Another playbook: version 1, live"),
        (str(live.pk), " selected", "Small playbook: version 2, live"),
        (str(small.pk), "", "Small playbook: version 1"),
    ]


@pytest.mark.parametrize(("period", "began"), [("30", 1), ("90", 2), ("all", 3)])
def test_only_buyers_who_began_in_the_period_are_shown(
    client: Client, small: PlaybookVersion, period: str, began: int
) -> None:
    for days in (3, 40, 100, 400):  # the last one is older than anything that is kept
        asked(small, "work", left=True, days_ago=days)
    assert f"Began {began}" in text_of(client.get(NUMBERS, {"period": period}))


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"version": "999999"}, "There is no such version. Pick another."),
        ({"version": "one"}, "There is no such version. Pick another."),
        ({"playbook": "nobody-s"}, "There is no such version. Pick another."),
        ({"period": "7"}, "There is no such period. Pick another."),
        ({"period": "' OR 1"}, "There is no such period. Pick another."),
    ],
)
def test_what_there_is_not_is_said_in_a_sentence(
    client: Client, small: PlaybookVersion, query: dict[str, str], told: str
) -> None:
    page = client.get(NUMBERS, query)
    assert page.status_code == 404
    assert told in text_of(page)
    assert "<title>Error:" in page.content.decode()
    assert "<tbody>" not in page.content.decode()
    assert client.get(FILE, query).status_code == 404


def test_nothing_is_published_yet(client: Client) -> None:
    page = client.get(NUMBERS)
    assert page.status_code == 200
    assert "Nothing is published yet." in text_of(page)


def test_counting_is_switched_off(
    client: Client, small: PlaybookVersion, settings: Settings
) -> None:
    settings.NUMBERS_DAYS = 0
    assert "Counting is switched off here: NUMBERS_DAYS is 0." in text_of(client.get(NUMBERS))


def test_a_version_that_cannot_be_read(client: Client, small: PlaybookVersion) -> None:
    tamper(small, document={"key": "broken"}, hash="0" * 64)
    page = client.get(NUMBERS)
    assert "This version cannot be read" in text_of(page)
    assert client.get(FILE).status_code == 404


# ---- The way to a question, and the way here ---------------------------------------------------


def test_whoever_edits_is_led_to_the_question_in_the_draft(small: PlaybookVersion) -> None:
    publish(small_playbook(questions=[*small_document()["questions"], question("new", ["a", "b"])]))
    write_draft(small_playbook(), version=small)  # the newest question is not in the draft
    row = DraftQuestion.objects.get(key="work")
    href = f"/admin/catalog/question/{row.pk}/change/"
    assert (href, "Question work?") in links_of(signed_in(editor()).get(NUMBERS))
    assert (href, "Question work?") not in links_of(signed_in(consultant()).get(NUMBERS))
    edited = [label for _href, label in links_of(signed_in(superuser()).get(NUMBERS))]
    assert "Question new?" not in edited


def test_the_overview_leads_here(small: PlaybookVersion) -> None:
    write_draft(small_playbook(), version=small)
    overview = signed_in(editor()).get("/admin/")
    assert (f"{NUMBERS}?playbook=small", "Its questions in numbers") in links_of(overview)
    assert (NUMBERS, "Questions in numbers") in links_of(overview)


# ---- The file --------------------------------------------------------------------------------


def test_the_file_says_the_same(client: Client, small: PlaybookVersion) -> None:
    ten_buyers(small)
    first, work, money = lines_of(client, version=small.pk, period="30")
    assert first["Counted by"] == "Openings of the page"
    assert work == {
        "Key": "work",
        "Question": "Question work?",
        "Counted by": "Buyers",
        "Shown": "10",
        "Answered": "9",
        "Left here": "1",
        "Left here, percent": "10",
        "May still be at it": "0",
        "No longer asked": "0",
        "Timed": "8",
        "Came back later": "1",
        "Lower quartile, seconds": "20",
        "Median, seconds": "40",
        "Upper quartile, seconds": "60",
    }
    assert money["Shown"] == "0"
    assert money["Median, seconds"] == ""
    named = client.get(FILE)["Content-Disposition"]
    assert named.startswith('attachment; filename="small-version-1-since-')


def test_no_spreadsheet_runs_a_question(client: Client) -> None:
    first, *others = small_document()["questions"]
    publish(small_playbook(questions=[{**first, "title": "=HYPERLINK(1)"}, *others]))
    assert lines_of(client)[0]["Question"] == "'=HYPERLINK(1)"


# ---- What it costs ---------------------------------------------------------------------------


def test_the_number_of_queries_is_the_same_for_any_number_of_buyers(
    small: PlaybookVersion, django_assert_num_queries: Queries
) -> None:
    write_draft(small_playbook(), version=small)
    client = signed_in(superuser())
    assert small.rulebook
    for _ in range(2):
        with django_assert_num_queries(2 + 5):  # 2 for who it is
            client.get(NUMBERS)
        for _ in range(5):
            begin(small, {"cause": "known"})
            asked(small, "work", took=10)


# ---- In words --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "told"),
    [(None, ""), (0.0, "0 %"), (0.2, "under 1 %"), (1.0, "1 %"), (16.7, "17 %"), (100.0, "100 %")],
)
def test_shares_are_told(share: float | None, told: str) -> None:
    assert percent(share) == told


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (95, "1 min 35 s")]
)
def test_times_are_told(seconds: int, told: str) -> None:
    assert time_told(seconds) == told


# ---- In a browser ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_practice_lead_looks_at_another_version(page: Page, live_server: LiveServer) -> None:
    version, _ = publish(small_playbook())
    ten_buyers(version)
    publish(small_playbook(summary="Another one."))
    sign_in(page, live_server, editor())
    page.goto(live_server.url + "/admin/")
    page.get_by_role("link", name="Questions in numbers").first.click()
    expect(page.get_by_role("row", name="All questions")).to_contain_text("0")
    page.get_by_label("Playbook version").select_option("Small playbook: version 1")
    page.get_by_role("button", name="Show").press("Enter")
    expect(page.get_by_role("row", name="Question work?")).to_contain_text("10 %")
    for width in (WIDE, NARROW):
        assert sticking_out(page, width) == []
        assert violations(page) == []
    with page.expect_download() as told:
        page.get_by_role("link", name="Download (CSV)").click()
    assert told.value.suggested_filename.startswith("small-version-1-since-")
