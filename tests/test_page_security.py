"""What keeps the pages safe on the open internet."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import PlaybookVersion
from engagements.assessing import issue_brief
from engagements.brief import Brief
from engagements.models import Answer, Assessment, BriefVersion
from tests.buyers import (
    FORMS,
    HTMX,
    PRIVATE,
    PUBLIC,
    address,
    decided,
    links_of,
    text_of,
    title_of,
    to,
)
from tests.looking import assert_is_safe

pytestmark = pytest.mark.django_db

HOSTILE = """</textarea><script>alert(1)</script>"'><img src=x onerror=alert(1)>"""


@pytest.mark.parametrize("name", [*PUBLIC, *PRIVATE])
def test_every_page_is_safe(
    client: Client, version: PlaybookVersion, pdf: list[Brief], name: str
) -> None:
    assert_is_safe(client.get(address(version, name)))
    assert_is_safe(client.get(address(version, name), headers=HTMX))


def test_pages_of_what_went_wrong_are_safe(client: Client, version: PlaybookVersion) -> None:
    assert_is_safe(client.get("/nowhere"))
    assert_is_safe(client.post(address(version, "start")))
    assert_is_safe(client.put("/"))
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert_is_safe(client.post(address(version, "start"), headers=elsewhere))


def test_an_error_of_ours_is_told(
    version: PlaybookVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(assessment: Assessment) -> None:
        raise RuntimeError(assessment)

    href = address(version, "question")
    monkeypatch.setattr("engagements.views.recommendation_for", fail)
    page = Client(raise_request_exception=False).get(href)
    assert page.status_code == 500
    assert "Your answers up to this point are saved" in text_of(page)
    assert_is_safe(page)


def test_every_page_of_the_admin_is_safe(
    admin_client: Client, version: PlaybookVersion, pdf: list[Brief]
) -> None:
    admin_client.get(address(version, "brief"))  # so that there is one row of each kind
    home = reverse("admin:index")
    seen, open_links = set[str](), [home]
    while open_links:
        href = open_links.pop()
        seen.add(href)
        page = admin_client.get(href)
        assert page.status_code == 200, href
        assert_is_safe(page)
        if page.streaming:
            continue  # a brief
        there = {link.partition("?")[0] for link, _label in links_of(page)}
        ours = {link for link in there if re.match(rf"{home}(?!logout|r/)", link)}
        open_links += ours - seen - set(open_links)
    for kind in ("assessment", "recommendation", "briefversion"):
        assert any(re.fullmatch(rf"/admin/engagements/{kind}/\d+/change/", h) for h in seen)


# ---- What a buyer types ---------------------------------------------------------------------


def test_what_somebody_types_is_text_and_nothing_else(
    client: Client, admin_client: Client, version: PlaybookVersion
) -> None:
    assessment = decided(version)
    client.post(to(assessment, "scope", "anything-else"), {"anything-else": HOSTILE})
    client.post(to(assessment, "scope", "handoff"), {"handoff-owner": HOSTILE})
    names = {"contact_name": HOSTILE, "contact_firm": HOSTILE}
    client.post(to(assessment, "contact"), names)
    client.post(to(assessment, "contact"), {**names, "contact_email": HOSTILE})
    issue_brief(Assessment.objects.get())
    wrong = client.post(to(assessment, "contact"), {**names, "contact_email": HOSTILE})
    change = [
        reverse("admin:engagements_assessment_change", args=[assessment.pk]),
        reverse("admin:engagements_briefversion_change", args=[BriefVersion.objects.get().pk]),
    ]
    for page in (
        wrong,
        client.get(to(assessment, "scope", "anything-else")),
        client.get(to(assessment, "scope", "handoff")),
        client.get(to(assessment, "contact")),
        client.get(to(assessment, "recommendation")),
        *map(admin_client.get, change),
    ):
        assert "<script>alert" not in page.content.decode()
        assert "<img src=x" not in page.content.decode()
        assert "&lt;script&gt;alert(1)" in page.content.decode()


# ---- Forms and cookies ----------------------------------------------------------------------


ELSEWHERE = [
    pytest.param({"Sec-Fetch-Site": "cross-site"}, id="another site"),
    pytest.param({"Sec-Fetch-Site": "same-site"}, id="a neighbour"),
    pytest.param({"Origin": "https://evil.example"}, id="another origin, by an old browser"),
    pytest.param({"Origin": "null"}, id="an origin that is hidden"),
]
OURS = [
    pytest.param({"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}, id="our page"),
    pytest.param({"Sec-Fetch-Site": "none"}, id="loaded anew"),
    pytest.param({"Origin": "http://testserver"}, id="our page, by an old browser"),
    pytest.param({}, id="no browser"),
]


@pytest.mark.parametrize("headers", ELSEWHERE)
@pytest.mark.parametrize("name", FORMS)
def test_a_form_of_another_site_is_refused(
    version: PlaybookVersion, name: str, headers: dict[str, str]
) -> None:
    href = address(version, name)
    answers = list(Answer.objects.values_list())
    response = Client(enforce_csrf_checks=True).post(href, {"red-flags": "none"}, headers=headers)
    assert response.status_code == 403
    assert title_of(response) == "That was not saved · Assistance"
    assert "sent from a page of another site" in text_of(response)
    assert list(Answer.objects.values_list()) == answers
    assert_is_safe(response)


@pytest.mark.parametrize("headers", OURS)
@pytest.mark.parametrize("name", FORMS)
def test_a_form_of_ours_is_taken_without_a_cookie(
    version: PlaybookVersion, name: str, headers: dict[str, str]
) -> None:
    client = Client(enforce_csrf_checks=True)
    given = {"red-flags": "none", "situation": "build"}
    given |= {"section": "frame", "name": "Bob Ray", "response": "no"}
    assert client.post(address(version, name), given, headers=headers).status_code == 302


def test_a_form_of_the_handover_needs_its_cookie(version: PlaybookVersion) -> None:
    response = Client(enforce_csrf_checks=True).post(to(decided(version), "checklist", "before"))
    assert response.status_code == 403
    assert "Allow cookies for this site" in text_of(response)


def test_a_buyer_gets_no_cookie(client: Client, version: PlaybookVersion, pdf: list[Brief]) -> None:
    for name in (*PUBLIC, *PRIVATE):
        page = client.get(address(version, name), follow=True)
        if not page.streaming:
            assert "No cookies, no tracking." in text_of(page), name
    client.post(to(decided(version), "contact"), {"contact_name": "Ada"})
    assert not client.cookies


# ---- Caches and methods ---------------------------------------------------------------------


@pytest.mark.parametrize("name", PRIVATE)
def test_private_pages_are_kept_by_no_cache(
    client: Client, version: PlaybookVersion, pdf: list[Brief], name: str
) -> None:
    response = client.get(address(version, name))
    kept = (
        "no-cache" if name.endswith("brief") else "no-store"
    )  # a PDF may be kept, and is asked about
    assert {"private", kept} <= set(response["Cache-Control"].split(", "))


@pytest.mark.parametrize("name", [*PUBLIC, *PRIVATE])
def test_head_is_answered_like_get(
    client: Client, version: PlaybookVersion, pdf: list[Brief], name: str
) -> None:
    href = address(version, name)
    rows = Assessment.objects.count()
    response = client.head(href)
    assert response.status_code == client.get(href).status_code
    assert b"".join(response) == b""
    assert Assessment.objects.count() == rows


@pytest.mark.parametrize("name", [*PUBLIC, *PRIVATE])
def test_other_methods_are_refused(client: Client, version: PlaybookVersion, name: str) -> None:
    href = address(version, name)
    allowed = {"GET", "HEAD", "POST"} if name in FORMS else {"GET", "HEAD"}
    for method in {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - allowed:
        response = client.generic(method, href)
        assert response.status_code == 405, method
        assert set(response["Allow"].split(", ")) == allowed
