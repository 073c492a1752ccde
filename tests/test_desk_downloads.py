"""What leaves the desk: one brief, several as a ZIP, and the list as a CSV."""

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements import desk_views
from engagements.assessing import save_answers
from engagements.brief import Brief
from engagements.desk import CSV_HEADER
from engagements.exports import harmless
from engagements.models import Assessment, BriefVersion
from engagements.pdf import PdfError
from tests.buyers import Response, decided, links_of, text_of, title_of, to
from tests.staff import approved, consultant, overridden, seller, signed_in

pytestmark = pytest.mark.django_db

DESK = reverse("engagements:desk")
CSV = reverse("engagements:desk-csv")


@pytest.fixture
def sales() -> Client:
    return signed_in(seller())


@pytest.fixture
def ana() -> User:
    return consultant()


def brief_of(assessment: Assessment) -> str:
    """The address of a brief on the desk."""
    return reverse("engagements:desk-brief", args=[assessment.pk])


def name_in(response: Response) -> str:
    """The file name that a download suggests."""
    [name] = re.findall(r'filename="(.*?)"', response["Content-Disposition"])
    return name


def unreadable(monkeypatch: pytest.MonkeyPatch, *references: str) -> None:
    """Let the briefs of these references, or all, fail."""
    make = desk_views.pdf_of

    def fail(brief: Brief) -> Path:
        if not references or brief.reference in references:
            raise PdfError("The printer is out of ink.")
        return make(brief)

    monkeypatch.setattr("engagements.desk_views.pdf_of", fail)


# ---- One brief -------------------------------------------------------------------------------


def test_it_works(sales: Client, version: PlaybookVersion, ana: User) -> None:
    assessment = approved(version, ana, "Nordlicht Druck GmbH")
    response = sales.get(brief_of(assessment))
    content = response.getvalue()
    assert content.startswith(b"%PDF-")
    assert int(response["Content-Length"]) == len(content)
    assert response["Content-Type"] == "application/pdf"
    assert name_in(response) == f"scope-brief-{assessment.reference}-nordlicht-druck-gmbh-v1.pdf"
    assert set(response["Cache-Control"].split(", ")) == {"private", "no-cache"}


def test_what_is_there_already_is_not_sent_again(
    sales: Client, version: PlaybookVersion, ana: User, pdf: list[Brief]
) -> None:
    address = brief_of(approved(version, ana))
    first = sales.get(address)
    again = sales.get(address, headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)


def test_it_is_the_stored_brief_and_nothing_is_written(
    sales: Client, version: PlaybookVersion, ana: User, pdf: list[Brief]
) -> None:
    assessment = approved(version, ana)
    ana.first_name = "Another"
    ana.save()
    Assessment.objects.update(contact_firm="Renamed behind the back of the product")
    sales.get(brief_of(assessment))
    assert [brief.model_dump(mode="json") for brief in pdf] == [BriefVersion.objects.get().content]


def test_it_is_the_newest_version(
    sales: Client, version: PlaybookVersion, ana: User, pdf: list[Brief]
) -> None:
    assessment = approved(version, ana)
    sales.post(to(assessment, "contact"), {"contact_firm": "Nordlicht"})
    assert name_in(sales.get(brief_of(assessment))).endswith("-nordlicht-v2.pdf")
    assert [brief.version for brief in pdf] == [2]


@pytest.mark.parametrize(
    ("firm", "part"),
    [
        pytest.param("Osteria & Figli S.r.l.", "osteria-figli-srl-", id="signs"),
        pytest.param("../../etc/passwd", "etcpasswd-", id="a path"),
        pytest.param('a"; filename=b\r\nX: y', "a-filenameb-x-y-", id="a header"),
        pytest.param("", "", id="no firm"),
        pytest.param("***", "", id="nothing but signs"),
        pytest.param("Aa" * 60, "aa" * 20 + "-", id="long"),
        pytest.param("\u202egnp.exe", "gnpexe-", id="from right to left"),
    ],
)
def test_the_name_is_safe(
    sales: Client, version: PlaybookVersion, ana: User, pdf: list[Brief], *, firm: str, part: str
) -> None:
    assessment = approved(version, ana, firm)
    name = name_in(sales.get(brief_of(assessment)))
    assert name == f"scope-brief-{assessment.reference}-{part}v1.pdf"


def test_the_name_keeps_every_alphabet(
    sales: Client, version: PlaybookVersion, ana: User, pdf: list[Brief]
) -> None:
    told = sales.get(brief_of(approved(version, ana, "株式会社みなと")))["Content-Disposition"]
    assert "filename*=utf-8''scope-brief-SB-" in told
    assert "%E6%A0%AA" in told


@pytest.mark.parametrize("how", ["waiting", "changed", "nowhere", "far away"])
def test_what_is_not_reviewed_is_not_handed_out(
    sales: Client, version: PlaybookVersion, ana: User, pdf: list[Brief], how: str
) -> None:
    if how == "waiting":
        pk = decided(version).pk
    elif how == "changed":
        changed = approved(version, ana)
        save_answers(changed, {"money": ("one-off",)})
        pk = changed.pk
    else:
        pk = 999 if how == "nowhere" else 10**30
    page = sales.get(f"/desk/briefs/{pk}.pdf")
    assert page.status_code == 404
    assert title_of(page) == "This brief is not on the desk · Engagement Advisor"
    assert (DESK, "To the list") in links_of(page)
    assert pdf == []


def test_a_brief_that_cannot_be_made_is_told(
    sales: Client, version: PlaybookVersion, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreadable(monkeypatch)
    page = sales.get(brief_of(approved(version, ana)))
    assert page.status_code == 503
    assert title_of(page) == "The brief is not ready · Engagement Advisor"
    assert "The printer is out of ink. Nothing is lost." in text_of(page)


# ---- Several as a ZIP ------------------------------------------------------------------------


def zip_of(client: Client, *picked: object) -> zipfile.ZipFile:
    """The ZIP of the briefs that were ticked."""
    response = client.post(DESK, {"pick": picked})
    assert response.status_code == 200, text_of(response)
    assert response.streaming
    assert response["Content-Type"] == "application/zip"
    assert name_in(response) == f"scope-briefs-{timezone.localdate()}.zip"
    archive = zipfile.ZipFile(io.BytesIO(response.getvalue()))
    assert archive.testzip() is None
    return archive


def test_several_come_as_one(
    sales: Client, version: PlaybookVersion, ana: User, pdf: list[Brief]
) -> None:
    listed = [approved(version, ana, "Same firm") for _ in range(3)]
    archive = zip_of(sales, *(one.pk for one in listed[:2]), listed[0].pk)
    names = [f"scope-brief-{one.reference}-same-firm-v1.pdf" for one in listed]
    assert archive.namelist() == [names[1], names[0]]
    assert archive.read(names[0]) == f"%PDF of a test: {listed[0].reference}-v1".encode()


def test_it_begins_before_the_last_is_made(
    sales: Client, version: PlaybookVersion, ana: User, pdf: list[Brief]
) -> None:
    listed = [approved(version, ana) for _ in range(3)]
    response = sales.post(DESK, {"pick": [one.pk for one in listed]})
    pieces = iter(response.streaming_content)
    assert len(pdf) == 1
    assert next(pieces).startswith(b"PK")
    assert len(pdf) == 1
    response.close()


def test_one_that_cannot_be_made_is_named_and_the_others_come(
    sales: Client,
    version: PlaybookVersion,
    ana: User,
    pdf: list[Brief],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed = [approved(version, ana, f"Firm {n}") for n in range(3)]
    unreadable(monkeypatch, listed[2].reference)
    archive = zip_of(sales, *(one.pk for one in listed))
    assert len(archive.namelist()) == 3
    told = archive.read("missing.txt").decode()
    assert f"{listed[2].reference} Firm 2: The printer is out of ink." in told
    assert listed[0].reference not in told


def test_when_none_can_be_made_it_says_so(
    sales: Client, version: PlaybookVersion, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreadable(monkeypatch)
    listed = [approved(version, ana, "Firm: a name") for _ in range(2)]
    page = sales.post(DESK, {"pick": [one.pk for one in listed]})
    assert page.status_code == 503
    assert "The briefs are not ready The printer is out of ink. Nothing is lost" in text_of(page)


@pytest.mark.parametrize(
    ("picked", "told"),
    [
        pytest.param([], "Tick at least one brief", id="nothing"),
        pytest.param(["x", "-1", "", "1.5", "²"], "Tick at least one brief", id="no numbers"),
        pytest.param(["waiting"], "Nothing of what was ticked is reviewed any more", id="waiting"),
        pytest.param(["9" * 18], "Nothing of what was ticked is reviewed any more", id="nowhere"),
        pytest.param(["9" * 30], "Tick at least one brief", id="far away"),
        pytest.param(
            [str(n) for n in range(1, 52)], "at most 50 briefs, and 51 are ticked", id="too many"
        ),
    ],
)
def test_what_cannot_be_sent_is_told_on_the_list(
    sales: Client,
    version: PlaybookVersion,
    ana: User,
    pdf: list[Brief],
    *,
    picked: list[str],
    told: str,
) -> None:
    waiting = decided(version)
    approved(version, ana, "Nordlicht")
    ids = [str(waiting.pk) if value == "waiting" else value for value in picked]
    page = sales.post(f"{DESK}?q=nord", {"pick": ids})
    assert page.status_code == 422
    assert title_of(page) == "Error: Reviewed briefs · Engagement Advisor"
    assert told in text_of(page)
    assert 'name="q" value="nord"' in page.content.decode()
    assert "Nordlicht" in text_of(page)
    assert pdf == []


def test_what_was_ticked_stays_ticked(sales: Client, version: PlaybookVersion, ana: User) -> None:
    assessment = approved(version, ana)
    body = sales.post(DESK, {"pick": [assessment.pk, *range(1000, 1060)]}).content.decode()
    assert f'value="{assessment.pk}" checked' in body


def test_what_is_not_reviewed_is_left_out_and_told(
    sales: Client, version: PlaybookVersion, ana: User, pdf: list[Brief]
) -> None:
    waiting, good = decided(version), approved(version, ana)
    sent = zip_of(sales, waiting.pk, good.pk, "x")
    name, missing = sent.namelist()
    assert good.reference in name
    assert missing == "missing.txt"
    assert sent.read(missing).decode().startswith("1 of those ticked is not reviewed any more")


def test_a_form_of_another_site_gets_nothing(version: PlaybookVersion, ana: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(seller())
    assert client.post(DESK, {"pick": [approved(version, ana).pk]}).status_code == 403


def test_a_zip_asks_the_database_the_same_for_one_and_for_many(
    sales: Client, version: PlaybookVersion, ana: User, pdf: list[Brief]
) -> None:
    listed = [approved(version, ana) for _ in range(5)]
    counts = []
    for picked in (listed[:1], listed):
        with CaptureQueriesContext(connection) as captured:
            zip_of(sales, *(one.pk for one in picked))
        counts.append(len(captured))
    assert counts == [5, 5]


# ---- The list as a CSV -----------------------------------------------------------------------


def rows_of(response: Response) -> list[dict[str, str]]:
    """A CSV read back, as a spreadsheet in English would."""
    assert response.status_code == 200
    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    content = response.getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_list_is_exported(sales: Client, version: PlaybookVersion, ana: User) -> None:
    assessment = approved(
        version, ana, "Müller, Söhne & “Co”", name="Ida Holm", email="ida@mueller.example"
    )
    response = sales.get(CSV)
    [row] = rows_of(response)
    assert name_in(response) == f"reviewed-briefs-{timezone.localdate()}.csv"
    price = version.rulebook.playbook.engagement("hourly-package").price
    assert price
    assert row == {
        "Reference": assessment.reference,
        "Firm": "Müller, Söhne & “Co”",
        "Name": "Ida Holm",
        "E-mail": "ida@mueller.example",
        "Playbook": version.playbook.title,
        "Engagement model": "Hourly package",
        "Decision": "Approved",
        "Price currency": price.currency,
        "Price from": str(price.least),
        "Price to": str(price.most),
        "Price unit": price.unit,
        "Reviewed by": "Ana Sobral",
        "Reviewed on": timezone.localdate().isoformat(),
        "Brief version": "1",
        "Brief": f"http://testserver{brief_of(assessment)}",
        "Continues": "",
    }


def test_an_empty_list_has_its_header(sales: Client) -> None:
    content = sales.get(CSV).getvalue().decode("utf-8-sig")
    assert content == ",".join(CSV_HEADER) + "\r\n"


def test_it_has_all_pages_and_the_filters(
    sales: Client, version: PlaybookVersion, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engagements.desk_views.PER_PAGE", 2)
    monkeypatch.setattr("engagements.desk_views.PER_BATCH", 2)
    listed = [approved(version, ana, "Firm").reference for _ in range(5)][::-1]
    chosen = overridden(version, ana, "Other")
    assert [row["Reference"] for row in rows_of(sales.get(CSV, {"q": "firm"}))] == listed
    [row] = rows_of(sales.get(CSV, {"decision": "overridden"}))
    assert (row["Reference"], row["Decision"]) == (chosen.reference, "Overridden")
    assert row["Engagement model"] == "Audit or assessment"
    found = sales.get(DESK, {"q": "firm"})
    assert (f"{CSV}?q=firm", "Export what was found (CSV)") in links_of(found)


def test_where_nothing_fits_there_is_no_price(
    sales: Client, version: PlaybookVersion, ana: User
) -> None:
    approved(version, ana, situation="not-our-job", money="one-off")
    [row] = rows_of(sales.get(CSV))
    assert row["Engagement model"] == row["Price from"] == row["Price unit"] == ""


def test_a_price_without_an_upper_end_leaves_it_empty(
    sales: Client, version: PlaybookVersion, ana: User
) -> None:
    playbook = version.rulebook.playbook
    priced = [
        model.model_copy(update={"price": model.price.model_copy(update={"most": None})})
        for model in playbook.engagements
        if model.price
    ]
    changed = playbook.model_copy(update={"engagements": tuple(priced)})
    approved(publish(changed)[0], ana)
    [row] = rows_of(sales.get(CSV))
    assert row["Price from"].isdecimal()
    assert row["Price to"] == ""


def test_wrong_filters_export_nothing_and_are_told(sales: Client) -> None:
    response = sales.get(CSV, {"days": "8"})
    assert response["Location"] == f"{DESK}?days=8"
    assert sales.get(response["Location"]).status_code == 422


def test_it_asks_the_database_the_same_for_few_and_for_many(
    sales: Client, version: PlaybookVersion, ana: User
) -> None:
    counts = []
    rows_of(sales.get(CSV))  # what is published is read once by a process
    for _ in range(2):
        for _ in range(3):
            approved(version, ana, "Firm")
        with CaptureQueriesContext(connection) as captured:
            rows_of(sales.get(CSV))
        counts.append(len(captured))
    assert counts == [6, 6]


@pytest.mark.parametrize(
    ("typed", "exported"),
    [
        pytest.param("=1+1", "'=1+1", id="equals"),
        pytest.param("+49 30 5550", "'+49 30 5550", id="plus"),
        pytest.param("-2+3", "'-2+3", id="minus"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="at"),
        pytest.param("\t=1", "'\t'=1", id="tab"),
        pytest.param("\tFirm", "'\tFirm", id="tab before a word"),
        pytest.param("\r=1", "'\r'=1", id="carriage return"),
        pytest.param("\n=1", "'\n'=1", id="line feed"),
        pytest.param("  =1", "'  =1", id="white space"),
        pytest.param("\u00a0=1", "'\u00a0=1", id="a space that does not break"),
        pytest.param("\u200b=1", "'\u200b=1", id="a space of no width"),
        pytest.param("\x08=1", "'\x08=1", id="a control character"),
        pytest.param("\u00ad=1", "'\u00ad=1", id="a hyphen that does not show"),
        pytest.param("\u202e=1", "'\u202e=1", id="a mark of direction"),
        pytest.param("\u2066=1", "'\u2066=1", id="a mark of isolation"),
        pytest.param('"=1', "'\"=1", id="quotation mark"),
        pytest.param("'=1", "''=1", id="apostrophe"),
        pytest.param("\" '=1", "'\" '=1", id="both and white space"),
        pytest.param("\uff1d1+1", "'\uff1d1+1", id="full-width equals"),
        pytest.param("\uff0b1", "'\uff0b1", id="full-width plus"),
        pytest.param("\uff0d1", "'\uff0d1", id="full-width minus"),
        pytest.param("\uff20SUM(A1)", "'\uff20SUM(A1)", id="full-width at"),
        pytest.param("Firm;=1+1", "Firm;'=1+1", id="behind a semicolon"),
        pytest.param('Firm",=1+1', "Firm\",'=1+1", id="behind a comma"),
        pytest.param("Firm\n=1+1", "Firm\n'=1+1", id="on a second line"),
        pytest.param("A = B", "A = B", id="equals within"),
        pytest.param("Nord-Süd, Ost + West", "Nord-Süd, Ost + West", id="a firm with signs"),
        pytest.param("ida+desk@firm.example", "ida+desk@firm.example", id="an address"),
        pytest.param("", "", id="nothing"),
        pytest.param("O'Brien", "O'Brien", id="a name with an apostrophe"),
    ],
)
def test_no_cell_is_run_by_a_spreadsheet(typed: str, exported: str) -> None:
    assert harmless(typed) == exported
    assert harmless(exported).replace("'", "") == typed.replace("'", "")


def test_what_buyers_and_playbooks_say_is_harmless_in_the_export(
    sales: Client, version: PlaybookVersion, ana: User
) -> None:
    playbook = version.rulebook.playbook
    hostile = "=HYPERLINK(1)"
    models = [model.model_copy(update={"title": hostile}) for model in playbook.engagements]
    changed = playbook.model_copy(update={"title": hostile, "engagements": tuple(models)})
    ana.first_name, ana.last_name = "=Ana", ""
    ana.save()
    approved(publish(changed)[0], ana, hostile, name=hostile, email="=a@b.example")
    [row] = rows_of(sales.get(CSV))
    typed = {"Firm", "Name", "E-mail", "Playbook", "Engagement model", "Reviewed by"}
    assert {name for name, cell in row.items() if cell.startswith("'=")} == typed
    assert not {name for name, cell in row.items() if cell.startswith(tuple("=+-@\t\r"))}
