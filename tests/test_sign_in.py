"""Signing in and out, changing a password, and being told that one may not."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.buyers import Response, links_of, text_of, title_of
from tests.looking import NARROW, WIDE, assert_is_safe, sticking_out, violations
from tests.staff import PASSWORD, consultant, seller, sign_in, signed_in

pytestmark = pytest.mark.django_db

SIGN_IN = "/sign-in/"
QUEUE = "/admin/engagements/assessment/"
NEW = "staple orange kettle"


def desk() -> str:
    """Where people work who are not staff."""
    try:
        return reverse("engagements:desk")
    except NoReverseMatch:
        return "/"


def enter(client: Client, user: User, href: str = SIGN_IN, **more: str) -> Response:
    """Send the form of the sign-in page."""
    return client.post(href, {"username": user.username, "password": PASSWORD, **more})


def who(client: Client) -> str | None:
    """The number of the account that a client is signed in with."""
    return client.session.get("_auth_user_id")


def test_it_works(client: Client) -> None:
    page = client.get(SIGN_IN)
    assert page.status_code == 200
    assert title_of(page) == "Sign in · Engagement Advisor"
    ana = consultant()
    answer = enter(client, ana)
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert who(client) == str(ana.pk)


# ---- Where it leads -----------------------------------------------------------------------


def test_staff_go_to_the_admin(client: Client) -> None:
    enter(client, consultant())
    assert client.get("/account/")["Location"] == "/admin/"


def test_everybody_else_goes_to_the_desk(client: Client) -> None:
    enter(client, seller())
    assert client.get("/account/")["Location"] == desk()


def test_nobody_has_no_pages_of_his_own(client: Client) -> None:
    assert client.get("/account/")["Location"] == "/sign-in/?next=/account/"


def test_who_was_on_the_way_somewhere_gets_there(client: Client) -> None:
    sent = client.get(f"{QUEUE}?q=a%26b", follow=True)
    assert sent.redirect_chain[-1][0].startswith(SIGN_IN)
    assert enter(client, consultant(), next=sent.context["next"])["Location"] == f"{QUEUE}?q=a%26b"


@pytest.mark.parametrize(
    "there", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"]
)
def test_nobody_is_led_to_another_site(client: Client, there: str) -> None:
    ana = consultant()
    assert enter(client, ana, next=there)["Location"] == "/account/"
    led = client.get("/admin/login/", {"next": there})
    assert led["Location"] == "/admin/"


# ---- What is refused ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "password", "told"),
    [
        pytest.param("ana", "wrong", "do not belong together", id="wrong password"),
        pytest.param("nobody", PASSWORD, "do not belong together", id="no such account"),
        pytest.param("noor", PASSWORD, "do not belong together", id="an account that is closed"),
        pytest.param("ana", "", "Password: This field is required", id="no password"),
    ],
)
def test_who_is_not_let_in_is_told_what_to_check(
    client: Client, name: str, password: str, told: str
) -> None:
    consultant()
    User.objects.filter(pk=seller().pk).update(is_active=False)
    page = client.post(SIGN_IN, {"username": name, "password": password, "next": QUEUE})
    assert page.status_code == 422
    assert title_of(page).startswith("Error: ")
    assert told in text_of(page)
    assert f'value="{name}"' in page.content.decode()
    assert f'value="{QUEUE}"' in page.content.decode()
    assert PASSWORD not in page.content.decode()
    assert who(client) is None


def test_who_may_not_is_told_who_he_is(client: Client) -> None:
    client.force_login(seller())
    page = client.get(QUEUE, follow=True)
    assert page.status_code == 403
    assert title_of(page) == "You may not open this page · Engagement Advisor"
    assert "You are signed in as noor" in text_of(page)
    assert (f"{SIGN_IN}?next={QUEUE}", "Sign in as somebody else") in links_of(page)
    assert ("/account/", "To my own pages") in links_of(page)


def test_somebody_else_can_sign_in_instead(client: Client) -> None:
    client.force_login(seller())
    page = client.get(f"{SIGN_IN}?next={QUEUE}")
    assert "You are signed in as noor" in text_of(page)
    ana = consultant()
    assert enter(client, ana, next=QUEUE)["Location"] == QUEUE
    assert who(client) == str(ana.pk)


def test_the_admin_has_no_sign_in_of_its_own(client: Client) -> None:
    sent = client.get("/admin/login/", {"next": QUEUE})
    assert sent["Location"] == f"{SIGN_IN}?next={QUEUE}"
    assert client.get("/admin/login/")["Location"] == f"{SIGN_IN}?next=/admin/"
    assert enter(client, consultant(), "/admin/login/").status_code == 405
    assert who(client) is None


def test_a_form_of_another_site_signs_nobody_in() -> None:
    client = Client(enforce_csrf_checks=True)
    assert enter(client, consultant()).status_code == 403
    assert who(client) is None


# ---- Leaving, and another password -----------------------------------------------------------


@pytest.mark.parametrize("href", ["/sign-out/", "/admin/logout/"])
def test_signing_out_leads_to_signing_in(href: str) -> None:
    client = signed_in(consultant())
    assert client.get(href).status_code == 405  # a link may not sign anybody out
    assert client.post(href)["Location"] == SIGN_IN
    assert who(client) is None


@pytest.mark.parametrize("href", ["/account/password/", "/admin/password_change/"])
def test_a_password_is_changed_by_who_knows_the_old_one(href: str) -> None:
    ana = consultant()
    client, elsewhere = signed_in(ana), signed_in(ana)
    form = client.get(href, follow=True)
    given = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    page = client.post(form.request["PATH_INFO"], given, follow=True)
    assert title_of(page) == "Your password is changed · Engagement Advisor"
    ana.refresh_from_db()
    assert ana.check_password(NEW)
    assert client.get(QUEUE).status_code == 200
    assert elsewhere.get(QUEUE).status_code == 302


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param({"old_password": "wrong"}, "Old password:", id="wrong old one"),
        pytest.param({"new_password2": "another"}, "New password confirmation:", id="two of them"),
        pytest.param(
            {"new_password1": "12345", "new_password2": "12345"}, "too short", id="too easy"
        ),
    ],
)
def test_a_password_that_cannot_be_taken_changes_nothing(given: dict[str, str], told: str) -> None:
    ana = consultant()
    good = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    page = signed_in(ana).post("/account/password/", {**good, **given})
    assert page.status_code == 422
    assert told in text_of(page)
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)


@pytest.mark.parametrize("href", ["/account/password/", "/account/password/changed/"])
def test_who_is_nobody_has_no_password(client: Client, href: str) -> None:
    assert client.get(href)["Location"] == f"{SIGN_IN}?next={href}"


# ---- The pages ----------------------------------------------------------------------------


def test_the_pages_are_safe(client: Client) -> None:
    noor = signed_in(seller())
    for page in (
        client.get(SIGN_IN),
        client.post(SIGN_IN, {"username": "x", "password": "y"}),
        noor.get(SIGN_IN),
        noor.get("/account/password/"),
        noor.get("/account/password/changed/"),
        noor.get(QUEUE, follow=True),
    ):
        assert_is_safe(page)


def test_in_a_browser(page: Page, live_server: LiveServer) -> None:
    consultant()
    page.goto(live_server.url + QUEUE)
    for width in (WIDE, NARROW):
        assert sticking_out(page, width) == []
        assert violations(page) == []
    page.get_by_label("Username").fill("ana")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert", name="There is a problem")).to_be_focused()
    for width in (WIDE, NARROW):
        assert sticking_out(page, width) == []
        assert violations(page) == []
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    page.wait_for_url(live_server.url + QUEUE)


def test_the_other_pages_in_a_browser(
    page: Page, live_server: LiveServer, console_errors: list[str]
) -> None:
    sign_in(page, live_server, seller())
    for href in (SIGN_IN, "/account/password/", "/account/password/changed/", QUEUE):
        page.goto(live_server.url + href)
        for width in (WIDE, NARROW):
            assert sticking_out(page, width) == []
            assert violations(page) == []
    expect(page.get_by_role("heading")).to_have_text("You may not open this page")
    console_errors.clear()  # the browser notes the 403 itself


def test_a_wrong_new_password_in_a_browser(page: Page, live_server: LiveServer) -> None:
    sign_in(page, live_server, seller())
    page.goto(f"{live_server.url}/account/password/")
    page.get_by_label("Old password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("12345")
    page.get_by_label("New password confirmation").fill("12345")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("alert", name="There is a problem")).to_be_focused()
    for width in (WIDE, NARROW):
        assert sticking_out(page, width) == []
        assert violations(page) == []
