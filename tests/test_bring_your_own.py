"""A firm that has nothing to do with IT brings its own playbook: an accountancy practice.

Its file was written from README and docs/playbook.md alone; see docs/bring-your-own-playbook.md.
"""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import resolve, reverse

from advisor.answers import read_answers
from advisor.loading import load
from advisor.playbook import Playbook
from advisor.rules import Recommendation, compile_playbook, recommend
from catalog.drafts import playbook_of, problems_of, write_draft
from catalog.models import PlaybookVersion
from engagements.models import Assessment
from tests.buyers import begin, links_of, text_of, title_of, to

FILE = Path(__file__).parent / "playbooks" / "accountancy.toml"

QUIET = {"tax-letter": "none", "audit": "no", "books-state": "complete", "entries": "few"}
MONTHLY = {**QUIET, "wanted": ["monthly"], "payroll": "none", "budget": "open"}
STEERED = {**MONTHLY, "wanted": ["steer"], "entries": "many", "payroll": "some"}
INSPECTED = {"tax-letter": "dated", "fraud": "no", "wanted": ["nothing"], "audit": "no"}
BOOKS_AND_INSPECTION = {**STEERED, **INSPECTED, "wanted": ["monthly"], "books-state": "none"}

BUYERS = {
    "nothing to do": ({**QUIET, "wanted": ["nothing"]}, "entry", ["consultation"], []),
    "one question": (
        {**QUIET, "wanted": ["one-question"]},
        "single",
        ["consultation"],
        ["one-question"],
    ),
    "a letter without a date": (
        {**QUIET, "tax-letter": "undated", "wanted": ["nothing"]},
        "single",
        ["consultation"],
        ["puzzling-letter"],
    ),
    "does not know about an audit": (
        {**QUIET, "wanted": ["nothing"], "audit": "unsure"},
        "single",
        ["consultation"],
        ["unsure-about-audit"],
    ),
    "a year to close": (
        {**QUIET, "wanted": ["year-end"]},
        "single",
        ["year-end"],
        ["year-to-close"],
    ),
    "a small month": (MONTHLY, "single", ["books-small"], ["books-off-the-desk"]),
    "a small month for little money": (
        {**MONTHLY, "budget": "small"},
        "single",
        ["books-small"],
        ["books-off-the-desk", "under-450"],
    ),
    "a box of receipts": (
        {**QUIET, "wanted": ["year-end"], "books-state": "none"},
        "single",
        ["books-small"],
        ["year-to-close", "nothing-to-close"],
    ),
    "a large box of receipts": (
        {**QUIET, "wanted": ["year-end"], "books-state": "none", "entries": "many"},
        "single",
        ["books-large"],
        ["year-to-close", "nothing-to-close", "a-large-box"],
    ),
    "a full month": (
        {**MONTHLY, "entries": "many"},
        "single",
        ["books-large"],
        ["books-off-the-desk", "a-full-month"],
    ),
    "wages": (
        {**MONTHLY, "payroll": "some"},
        "single",
        ["books-large"],
        ["books-off-the-desk", "wages"],
    ),
    "too much for bookkeeping": (
        {**MONTHLY, "entries": "more"},
        "single",
        ["finance-team"],
        ["books-off-the-desk", "a-full-month", "too-many-entries"],
    ),
    "steered without figures": (
        {**STEERED, "budget": "large"},
        "single",
        ["finance-team"],
        ["a-full-month", "wages", "flying-blind"],
    ),
    "an inspection": (INSPECTED, "single", ["inspection-rescue"], ["inspection-announced"]),
    "an inspector at the door": (
        {"tax-letter": "visit", "fraud": "no"},
        "single",
        ["inspection-rescue"],
        ["inspection-announced"],
    ),
    "an inspection, and books to keep": (
        BOOKS_AND_INSPECTION,
        "pathway",
        ["inspection-rescue", "books-large"],
        ["inspection-announced", "a-large-box", "books-off-the-desk", "a-full-month", "wages"],
    ),
}


def playbook() -> Playbook:
    """The firm's own playbook."""
    return load(FILE.read_text(), FILE.name)


def decided(given: dict[str, object]) -> Recommendation:
    """What the firm's own playbook recommends on these answers."""
    rulebook = compile_playbook(playbook(), version="of the accountancy")
    return recommend(rulebook, read_answers(rulebook.playbook, given))


def test_it_works() -> None:
    assert len(playbook().engagements) == 6


@pytest.mark.parametrize(
    ("given", "kind", "engagements", "signals"), BUYERS.values(), ids=BUYERS.keys()
)
def test_recommends_with_reasons(
    given: dict[str, object], kind: str, engagements: list[str], signals: list[str]
) -> None:
    recommendation = decided(given)
    assert recommendation.outcome is not None, f"open: {recommendation.remaining}"
    assert recommendation.outcome.kind == kind
    assert list(recommendation.outcome.engagements) == engagements
    assert [fired.signal for fired in recommendation.signals] == signals


def test_every_engagement_model_is_recommended_to_somebody() -> None:
    recommended = {key for _, _, engagements, _ in BUYERS.values() for key in engagements}
    assert recommended == {model.key for model in playbook().engagements}


@pytest.mark.parametrize(
    ("given", "answers", "changes"),
    [
        pytest.param(
            {**STEERED, "budget": "small"},
            {"wanted": ("steer",), "budget": ("small",)},
            {"wanted": ("consultation",), "budget": ("finance-team",)},
            id="a finance team for little money: another budget resolves it, or wanting nothing",
        ),
        pytest.param(
            {**MONTHLY, "payroll": "abroad"},
            {"wanted": ("monthly",), "payroll": ("abroad",)},
            {"wanted": ("consultation",)},
            id="wages abroad: nothing but wanting nothing resolves it, a consultant has to",
        ),
        pytest.param(
            {**QUIET, "wanted": ["year-end"], "audit": "yes"},
            {"audit": ("yes",)},
            {},
            id="an audit: not offered",
        ),
    ],
)
def test_what_does_not_fit_is_named(
    given: dict[str, object],
    answers: dict[str, tuple[str, ...]],
    changes: dict[str, tuple[str, ...]],
) -> None:
    recommendation = decided(given)
    assert recommendation.outcome is not None
    assert recommendation.outcome.kind == "conflict"
    conflict = recommendation.conflict
    assert conflict is not None
    assert {a.question: a.options for a in conflict.answers} == answers
    assert {c.question: c.outcome.engagements for c in conflict.changes} == changes


def test_fraud_is_no_reason_to_leave_an_inspection_alone() -> None:
    recommendation = decided({**INSPECTED, "fraud": "yes"})
    assert recommendation.first == "inspection-rescue"
    assert recommendation.conflict is not None
    assert recommendation.conflict.needs == ("criminal-defence",)


def test_a_signal_that_never_fires_would_be_no_signal() -> None:
    everybody = [
        *(given for given, *_ in BUYERS.values()),
        {**STEERED, "budget": "tiny"},
        {**STEERED, "budget": "middle", "payroll": "many"},
        {**STEERED, "payroll": "abroad"},
        {**QUIET, "wanted": ["year-end"], "audit": "yes"},
        {**INSPECTED, "fraud": "yes"},
    ]
    fired = {signal.signal for given in everybody for signal in decided(given).signals}
    assert fired == {signal.key for signal in playbook().signals}


# ---- In the product ----------------------------------------------------------------------------


@pytest.fixture
def accountancy() -> PlaybookVersion:
    """The playbook, published as README says."""
    call_command("loadplaybooks", FILE, notes="First version", verbosity=0)
    return PlaybookVersion.objects.get(playbook__key="accountancy")


@pytest.mark.django_db
def test_it_goes_through_a_draft_and_comes_out_as_it_was() -> None:
    draft = write_draft(playbook())
    assert playbook_of(draft) == playbook()
    assert problems_of(draft) == []


@pytest.mark.django_db
def test_it_is_published_once(
    accountancy: PlaybookVersion, capsys: pytest.CaptureFixture[str]
) -> None:
    assert accountancy.notes == "First version"
    assert accountancy.rulebook.playbook == playbook()
    call_command("loadplaybooks", FILE)
    assert "accountancy version 1 is live already" in capsys.readouterr().out


@pytest.mark.django_db
def test_home_goes_straight_there(client: Client, accountancy: PlaybookVersion) -> None:
    page = client.get("/")
    assert "How much accountant does my business need?" in text_of(page)
    assert reverse("engagements:start", args=["accountancy"]) in dict(links_of(page))


@pytest.mark.django_db
def test_home_offers_it_beside_another(
    client: Client, accountancy: PlaybookVersion, version: PlaybookVersion
) -> None:
    offered = dict(links_of(client.get("/")))
    href = reverse("engagements:playbook", args=["accountancy"])
    assert offered[href] == "How much accountant does my business need?"
    assert reverse("engagements:playbook", args=[version.playbook.key]) in offered


@pytest.mark.django_db
def test_a_buyer_goes_from_home_to_the_brief(client: Client, accountancy: PlaybookVersion) -> None:
    given = {**MONTHLY, "payroll": "some", "entries": "many", "budget": "middle"}
    asked = []
    page = client.get(reverse("engagements:start", args=["accountancy"]))
    address = page.request["PATH_INFO"]
    key = "tax-letter"
    while key:
        asked.append(key)
        page = client.post(address, {key: given[key]}, follow=True)
        address = page.request["PATH_INFO"]
        key = resolve(address).kwargs.get("key")
    # How complete the books are cannot change anything for somebody with wages to pay.
    assert asked == ["tax-letter", "wanted", "budget", "payroll", "audit", "entries"]
    assert title_of(page) == "Check your answers · Tally and Thorn"

    assessment = Assessment.objects.get()
    page = client.post(to(assessment, "check"), follow=True)
    assert page.request["PATH_INFO"] == to(assessment, "recommendation")
    text = text_of(page)
    for said in (
        "Large monthly bookkeeping",
        "GBP 480 to 890 per month",
        "Wages have a fixed day, and the small size has nobody for it.",
        "A finance team costs more than £2,500 a month.",
        "Payday, step by step",
        "Releasing payments",
    ):
        assert said in text

    details = {"year-end-date": "31 March", "software": "A ledger", "vat": "yes"}
    page = client.get(to(assessment, "scope", "details"))
    assert "By which date does the letter want an answer?" not in text_of(page)
    page = client.post(
        to(assessment, "scope", "details"), {**details, "answering-person": "named"}, follow=True
    )
    assert page.status_code == 200
    assert "1 of 1 in place" in text_of(client.get(to(assessment, "recommendation")))

    brief = client.get(to(assessment, "brief"))
    assert brief["Content-Type"] == "application/pdf"
    assert brief.getvalue().startswith(b"%PDF-")


@pytest.mark.django_db
def test_an_inspector_at_the_door_ends_the_questions(
    client: Client, accountancy: PlaybookVersion
) -> None:
    assessment = begin(accountancy, {"tax-letter": "visit"})
    page = client.post(to(assessment, "question", "fraud"), {"fraud": "no"}, follow=True)
    assert page.request["PATH_INFO"] == to(assessment, "respond")
    assert "+44 117 496 0199" in text_of(page)


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["playbook", "engagements", "emergency", "start"])
def test_its_pages_speak_of_its_own_trade(
    client: Client, accountancy: PlaybookVersion, page: str
) -> None:
    text = text_of(client.get(reverse(f"engagements:{page}", args=["accountancy"])))
    assert "Tally and Thorn" in text
    assert not re.search(r"(?i)\b(production|stable|stabili[sz]|server|deploy|outage)", text)
