"""The handover pack and the operations manual: what they say, and what the files are."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import page
import pytest
from django.test import Client
from pypdf import PdfReader
from pytest_django.fixtures import Settings

from catalog.models import PlaybookVersion
from engagements import pages, pdf
from engagements.assessing import issue_brief, save_answers
from engagements.handover import handover_of, save_ticks
from engagements.manual import Manual, build_manual
from engagements.models import Assessment
from engagements.pack import Pack, build_pack
from engagements.pdf import PdfError, Printout, file_of, html_of, words_of
from engagements.pdf_worker import WorkerError
from tests.buyers import text_of as text_of_page
from tests.buyers import title_of, to
from tests.factories import engagement, question, signal, small_document
from tests.handovers import (
    LISTS,
    audit,
    chapter,
    checklist,
    handed_over,
    handover_parts,
    published,
)
from tests.staff import named

pytestmark = pytest.mark.django_db

LARGEST = 300_000
AT = datetime(2030, 11, 12, 14, 5, tzinfo=UTC)
LONG = "Something that takes a whole line and then goes on for quite a while. " * 4
HOSTILE = "<script>alert(1)</script> & שלום 王伟 😀 \u202eabc e\u0301 " + "W" * 200


@pytest.fixture
def version() -> PlaybookVersion:
    """The small playbook with a handover."""
    return published()


@pytest.fixture
def assessment(version: PlaybookVersion) -> Assessment:
    """One with the audit recommended, of a buyer who is known."""
    return named(handed_over(version, application="The shop"), "Nordlicht", name="Ida Holm")


def tick(assessment: Assessment, *ticked: str, seen: tuple[str, ...] = ()) -> None:
    """Tick items of the first checklist, or take ticks back."""
    found = handover_of(assessment)
    assert found
    save_ticks(
        assessment,
        found.checklists[0],
        seen=set(seen),
        ticked=set(ticked),
        name="Ana Sobral",
        at=AT,
    )


def pack_of(assessment: Assessment) -> Pack:
    found = handover_of(assessment)
    assert found
    return build_pack(assessment, found)


def manual_of(assessment: Assessment) -> Manual:
    found = handover_of(assessment)
    assert found
    return build_manual(assessment, found)


def text_of(printout: Printout) -> str:
    """What a reader sees, in one line."""
    body = words_of(printout).partition("<body")[2].partition(">")[2]
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", body)).split())


def pages_of(printout: Printout) -> list[str]:
    """What stands on each page of the file."""
    return [" ".join(p.extract_text().split()) for p in PdfReader(file_of(printout)).pages]


def test_it_works(assessment: Assessment) -> None:
    tick(assessment, "infrastructure.1", "security.2")
    pack = pack_of(assessment)
    assert (pack.done, pack.count) == (2, 6)
    first, second, third = pages_of(pack.printout)
    for words in (
        "Engagement audit",
        "for Nordlicht",
        "2 checklists with 6 items, 2 of them ticked.",
        "as of 12 November 2030",
        assessment.reference,
        "Ida Holm",
        "List before",
        "2 of 5 2",
        "0 of 1 3",
    ):
        assert words in first
    assert "All of this comes first. 2 of 5 ticked." in second
    assert "✓Diagram approved Ana Sobral, 12 Nov 2030" in second.replace("✓ ", "✓")
    assert "Backups restored once Alerts reach a person" in second
    assert second.count("✓") == 2
    assert "List training" in third
    assert "List retained" not in first + second + third


# ---- The pack --------------------------------------------------------------------------------


def test_a_pack_of_which_nothing_is_ticked(assessment: Assessment) -> None:
    told = text_of(pack_of(assessment).printout)
    assert "2 checklists with 6 items, none of them ticked yet." in told
    assert "Last change by Nobody yet" in told
    assert "✓" not in told


def test_a_tick_that_was_taken_back_is_an_empty_box(assessment: Assessment) -> None:
    tick(assessment, "infrastructure.1")
    tick(assessment, seen=("infrastructure.1",))
    pack = pack_of(assessment)
    assert pack.done == 0
    assert pack.last_by == "Ana Sobral"
    assert "✓" not in text_of(pack.printout)


def test_an_empty_pack_has_no_ticks_for_what_comes_back(
    assessment: Assessment, client: Client
) -> None:
    tick(assessment, "infrastructure.1")
    found = handover_of(assessment)
    assert found

    assert build_pack(assessment, found).done == 1
    assert build_pack(assessment, found, empty=True).done == 0

    address = to(assessment, "handover-pack")
    asked = (client.get(address), client.get(f"{address}?empty"))
    assert asked[0]["ETag"] != asked[1]["ETag"]


def test_a_pack_stays_the_same_until_something_changes(assessment: Assessment) -> None:
    before = file_of(pack_of(assessment).printout)
    assert file_of(pack_of(assessment).printout) == before
    tick(assessment, "infrastructure.1")
    assert file_of(pack_of(assessment).printout) != before


def test_only_the_newest_file_of_a_working_paper_is_kept(
    assessment: Assessment, settings: Settings
) -> None:
    other = file_of(pack_of(handed_over(assessment.version)).printout)
    manual, first = (file_of(f(assessment).printout) for f in (manual_of, pack_of))
    tick(assessment, "infrastructure.1")
    second = file_of(pack_of(assessment).printout)
    assert set(Path(settings.BRIEFS_ROOT).iterdir()) == {other, manual, second}
    assert first != second


def test_whoever_asks_while_a_newer_file_takes_its_place_asks_again(
    client: Client, assessment: Assessment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address = to(assessment, "handover-pack")
    monkeypatch.setattr(pages, "file_of", lambda _printout: tmp_path / "removed.pdf")
    assert client.get(address)["Location"] == address


# ---- The manual ------------------------------------------------------------------------------


def test_the_manual_tells_the_engagement_model_and_the_answers(assessment: Assessment) -> None:
    told = text_of(manual_of(assessment).printout)
    for words in (
        "In an emergency +49 30 5550 0001 Always",
        "Emergencies +49 30 5550 0001",
        "E-mail desk@firm.example",
        "Contact Ida Holm",
        "Coverage Reached by Uptime target Limit of credits Monday to Friday, 9:00 to 17:00",
        "Phone; Ticket 99.5 % down for at most 43.8 hours a year 30 % of the month",
        "Critical nothing works within 1 hour within 4 hours",
        "Low a question within a week –",
        "up to an hour 10 % of the month",
        "nobody answers The service lead Phone",
        "Chapter basics What this is about. Application The shop",
        "Cause Option unknown",
        "It is slow Usually: Too many visitors Look at the dashboard Add a machine",
        "How long: one hour",
        "Task Firm You Deployments – Does it Patches monthly Does it –",
        "Start A talk",
        "Can we stop? Any month.",
    ):
        assert words in told
    assert "Chapter retained" not in told
    assert "on-call" not in told


def test_what_is_missing_is_listed_first_and_marked_at_its_place(assessment: Assessment) -> None:
    manual = manual_of(assessment)
    assert [(gap.title, [e.label for e in gap.entries]) for gap in manual.gaps] == [
        ("Whom to call", ["E-mail"]),
        ("Chapter basics", ["Maintenance window"]),
    ]
    first, *rest = pages_of(manual.printout)
    assert "Still missing: 2 Whom to call E-mail Chapter basics Maintenance window" in first
    told = text_of(manual.printout)
    assert "E-mail Still missing" in told
    assert "Maintenance window Still missing" in told
    assert " ".join([first, *rest]).count("Still missing") == 3


def test_what_has_been_told_is_missing_no_longer(assessment: Assessment) -> None:
    save_answers(assessment, {"window": ("Sundays, 2:00 to 4:00",)})
    named(assessment, "Nordlicht", name="Ida Holm", email="ida@nordlicht.example")
    manual = manual_of(Assessment.objects.get())
    assert manual.missing == 0
    told = text_of(manual.printout)
    assert "Maintenance window Sundays, 2:00 to 4:00" in told
    assert "Nothing is missing" in told
    assert "Still missing" not in told


def test_answers_to_what_is_not_asked_are_neither_told_nor_missing() -> None:
    facts = [
        {"label": "On call", "question": "on-call"},
        {"label": "Money", "question": "money"},
    ]
    version = published(chapters=[chapter("basics", facts=facts)])
    assessment = handed_over(version, money="one-off", **{"on-call": "Per Lund"})
    manual = manual_of(assessment)
    assert manual.sections[0].facts == ()
    told = text_of(manual.printout)
    assert "Per Lund" not in told
    assert "Money" not in told


def test_a_question_that_was_never_come_to_is_no_gap() -> None:
    """Its answer could not change the outcome; given now, it would throw the review away."""
    size = signal("size", {"size": ["large"]}, {"evidence": 1})
    parts = handover_parts()
    version = published(
        questions=[question("size", ["large", "small"]), *parts["questions"]],
        signals=[*small_document()["signals"], size],
        chapters=[chapter("basics", facts=[{"label": "Size", "question": "size"}])],
    )
    assessment = handed_over(version)
    assert "size" in assessment.recommendation.value.remaining
    manual = manual_of(assessment)
    assert manual.sections[0].facts == ()
    assert [gap.title for gap in manual.gaps] == ["Whom to call"]


def test_a_manual_of_an_engagement_model_that_says_little() -> None:
    plain = engagement("audit", 1, "decide", ["evidence"], cadence=[])
    models = [plain, *small_document()["engagements"][1:]]
    version = published(engagements=models, faqs=[], emergency=None)
    told = text_of(manual_of(handed_over(version)).printout)
    for heading in ("Coverage and service", "Who does what", "rhythm", "that come up", "emergency"):
        assert heading not in told
    assert "When it takes too long Whom to call." in told


def test_brief_and_manual_say_the_same_of_the_offer(assessment: Assessment) -> None:
    brief = issue_brief(assessment)
    assert brief
    printed = [words_of(manual_of(assessment).printout), html_of(brief)]
    for name in ("strip", "severities", "credits", "escalation", "matrix"):
        pattern = rf'<table class="[^"]*\b{name}\b.*?</table>'
        manual, of_brief = (re.findall(pattern, words, re.DOTALL) for words in printed)
        assert manual
        assert manual == of_brief


# ---- What the files are ----------------------------------------------------------------------


def long() -> Assessment:
    """More of everything than any playbook of ours has, and what nobody should type."""
    items = [f"{place} {LONG}"[:299] for place in range(40)]
    lists = [
        checklist("long", *((f"g{n}", items) for n in range(6)), title=LONG[:299], intro=LONG),
        *LISTS,
    ]
    facts = [{"label": LONG[:299], "question": "application"}] * 30
    issue = {"title": LONG[:299], "cause": LONG, "steps": [LONG] * 40, "within": LONG}
    models = [
        audit(
            title="W" * 290,
            escalation=(LONG * 20)[:3900],
            responsibilities=[
                {"task": f"{n} {LONG}"[:299], "party": "extra", "note": LONG} for n in range(40)
            ],
            cadence=[{"when": LONG, "what": LONG}] * 20,
        ),
        *small_document()["engagements"][1:],
    ]
    version = published(
        checklists=lists,
        chapters=[chapter("long", text=LONG * 10, facts=facts, points=[LONG] * 40, issues=[issue])],
        engagements=models,
        faqs=[{"key": "long", "title": LONG[:299], "answer": LONG * 10}],
    )
    assessment = handed_over(version, application="x")
    save_answers(assessment, {"application": (HOSTILE,)})
    named(assessment, HOSTILE[:120], name="N" * 120, email=f"{'e' * 200}@x.example")
    found = handover_of(assessment)
    assert found
    everything = {f"g{n}.{place}" for n in range(3) for place in range(1, 41)}
    save_ticks(assessment, found.checklists[0], seen=set(), ticked=everything, name=HOSTILE)
    return assessment


def usual() -> Assessment:
    """A buyer of the small playbook."""
    return handed_over(published())


@pytest.mark.parametrize("document", [pack_of, manual_of], ids=["pack", "manual"])
@pytest.mark.parametrize("made", [usual, long], ids=["usual", "long and hostile"])
def test_it_is_archivable_and_accessible(
    made: Callable[[], Assessment], document: Callable[[Assessment], Pack | Manual]
) -> None:
    path = file_of(document(made()).printout)
    assert path.stat().st_mode & 0o777 == 0o600
    for profile in ("3a", "ua1"):
        report = page.validate_pdf(path, profile=profile)
        assert report.is_compliant, [(f.rule_id, f.message) for f in report.failures]


def test_a_pack_of_two_hundred_items_is_small() -> None:
    groups = [(f"g{n}", [f"Item {n} {place}" for place in range(10)]) for n in range(20)]
    assessment = handed_over(published(checklists=[checklist("all", *groups)]))
    assert file_of(pack_of(assessment).printout).stat().st_size <= LARGEST


@pytest.mark.parametrize("document", [pack_of, manual_of], ids=["pack", "manual"])
def test_two_renders_are_the_same_bytes(
    assessment: Assessment,
    document: Callable[[Assessment], Pack | Manual],
    settings: Settings,
    tmp_path: Path,
) -> None:
    printout = document(assessment).printout
    first = file_of(printout).read_bytes()
    pdf.worker.stop()
    settings.BRIEFS_ROOT = tmp_path / "again"
    assert file_of(printout).read_bytes() == first


@pytest.mark.parametrize("document", [pack_of, manual_of], ids=["pack", "manual"])
def test_a_stored_value_prints_the_same(
    assessment: Assessment, document: Callable[[Assessment], Pack | Manual]
) -> None:
    value = document(assessment)
    again = type(value).model_validate_json(value.model_dump_json())
    assert file_of(again.printout) == file_of(value.printout)


def test_nothing_is_attached(assessment: Assessment) -> None:
    for value in (pack_of(assessment), manual_of(assessment)):
        assert not PdfReader(file_of(value.printout)).attachments


# ---- As downloads ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "file"),
    [("handover-pack", "handover-pack"), ("operations-manual", "operations-manual")],
)
def test_it_is_a_private_download(
    client: Client, assessment: Assessment, name: str, file: str
) -> None:
    response = client.get(to(assessment, name))
    assert response.getvalue().startswith(b"%PDF-")
    told = f'attachment; filename="{file}-{assessment.reference}.pdf"'
    assert response["Content-Disposition"] == told
    assert set(response["Cache-Control"].split(", ")) == {"private", "no-cache"}
    again = client.get(to(assessment, name), headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("name", "noun"),
    [("handover-pack", "handover pack"), ("operations-manual", "operations manual")],
)
def test_one_that_cannot_be_made_is_told_by_its_name(
    client: Client,
    assessment: Assessment,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    noun: str,
) -> None:
    def fail(*_: object) -> bytes:
        raise WorkerError("could not be made, because of an error of ours.")

    monkeypatch.setattr(pdf.worker, "run", fail)
    response = client.get(to(assessment, name))
    assert response.status_code == 503
    assert title_of(response) == f"The {noun} is not ready · Firm"
    assert f"The {noun} could not be made, because of an error of ours." in text_of_page(response)


def test_one_that_cannot_be_stored_is_told_by_its_name(
    assessment: Assessment, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings.BRIEFS_ROOT = tmp_path / "file"
    with pytest.raises(PdfError, match=r"^The handover pack could not be stored on our side\.$"):
        file_of(pack_of(assessment).printout)
