"""The brief as a file, and whom it is for."""

import re
from pathlib import Path

import pytest
from django.test import Client

from catalog.models import PlaybookVersion
from engagements.brief import Brief
from engagements.models import Assessment, BriefVersion
from engagements.pdf import PdfError
from tests.buyers import decided, links_of, text_of, title_of, to

pytestmark = pytest.mark.django_db


def test_the_brief_is_a_private_pdf(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    response = client.get(to(assessment, "brief"))
    content = response.getvalue()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert response["Content-Type"] == "application/pdf"
    name = f"scope-brief-{assessment.reference}-v1.pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert int(response["Content-Length"]) == len(content)
    assert set(response["Cache-Control"].split(", ")) == {"private", "no-cache"}
    assert BriefVersion.objects.get().number == 1


def test_the_same_brief_is_not_issued_twice(
    client: Client, version: PlaybookVersion, pdf: list[Brief]
) -> None:
    assessment = decided(version)
    client.get(to(assessment, "brief"))
    client.get(to(assessment, "brief"))
    assert BriefVersion.objects.count() == 1
    client.post(to(assessment, "contact"), {"contact_name": "Ada"})
    response = client.get(to(assessment, "brief"))
    assert response["Content-Disposition"].endswith('-v2.pdf"')
    assert [brief.version for brief in pdf] == [1, 1, 2]
    assert pdf[-1].contact.name == "Ada"


def test_a_conflict_has_a_brief_too(
    client: Client, version: PlaybookVersion, pdf: list[Brief]
) -> None:
    assessment = decided(version, "not-our-job", money="one-off")
    assert client.get(to(assessment, "brief")).status_code == 200
    assert pdf[0].conflict


def test_a_brief_that_cannot_be_made_is_told(
    client: Client, version: PlaybookVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(brief: Brief) -> Path:
        raise PdfError("The printer is out of ink.")

    monkeypatch.setattr("engagements.views.pdf_of", fail)
    assessment = decided(version)
    page = client.get(to(assessment, "brief"))
    assert page.status_code == 503
    assert title_of(page) == "The brief is not ready · Assistance"
    assert "The printer is out of ink. Nothing is lost" in text_of(page)
    assert to(assessment, "recommendation") in dict(links_of(page))
    assert "private" in page["Cache-Control"]


# ---- Whom the brief is for ------------------------------------------------------------------


def test_a_contact_is_saved_and_told(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    given = {"contact_name": "Ada", "contact_firm": "Ada & Sons", "contact_email": "ada@firm.eu"}
    client.post(to(assessment, "contact"), given)
    stored = Assessment.objects.get()
    assert {key: getattr(stored, key) for key in given} == given
    assert "Ada & Sons" in text_of(client.get(to(assessment, "recommendation")))


def test_a_wrong_address_is_told_twice_and_kept(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    given = {"contact_name": "Ada", "contact_email": "ada at firm"}
    page = client.post(to(assessment, "contact"), given)
    assert page.status_code == 422
    assert title_of(page) == "Error: Who is the brief for? · Assistance"
    message = "Enter an e-mail address such as name@example.com, or leave it empty."
    assert ("#id_contact_email", message) in links_of(page)
    assert text_of(page).count(message) == 2
    body = page.content.decode()
    assert 'value="Ada"' in body
    assert 'value="ada at firm"' in body
    [field] = re.findall(r'<input [^>]*name="contact_email"[^>]*>', body)
    [described] = re.findall(r'aria-describedby="([^"]*)"', field)
    assert f'id="{described}"' in body
    assert Assessment.objects.get().contact_name == ""
