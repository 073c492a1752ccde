"""A draft as a whole in the admin: imported, exported, and set back to a version."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from advisor.loading import dump, load
from advisor.playbook import Playbook as Document
from catalog.drafts import document_of, playbook_of
from catalog.models import Draft, Need, Playbook, PlaybookVersion, Signal
from catalog.publishing import publish
from tests.editors import editor, filled_in, page_of, small_draft, told
from tests.factories import small_document, small_playbook, tamper
from tests.staff import signed_in

pytestmark = pytest.mark.django_db

IMPORT = "/admin/catalog/draft/import/"


@pytest.fixture
def desk() -> Client:
    """The browser of an editor."""
    return signed_in(editor())


def give(client: Client, content: str | bytes, **more: str) -> HttpResponse:
    """Import a file."""
    content = content.encode() if isinstance(content, str) else content
    return client.post(IMPORT, {"file": SimpleUploadedFile("mine.toml", content), **more})


def address(draft: Draft, what: str) -> str:
    """The address of something that is done with a draft."""
    return reverse(f"admin:catalog_draft_{what}", args=[draft.pk])


def draft_now() -> Document:
    """What the only draft says."""
    return playbook_of(Draft.objects.get())


def initial(response: HttpResponse) -> dict[str, Any]:
    """What the hidden fields of a page would send."""
    form = response.context["form"]
    return {field.html_name: field.value() for field in form.hidden_fields() if field.value()}


# ---- Import ---------------------------------------------------------------------------------


def test_it_works(desk: Client) -> None:
    assert 'href="/admin/catalog/draft/import/"' in told(desk.get("/admin/catalog/draft/"))
    assert desk.get(IMPORT).status_code == 200

    done = give(desk, dump(small_playbook()))

    draft = Draft.objects.get()
    assert done["Location"] == page_of(draft)
    assert draft_now() == small_playbook()
    assert (Playbook.objects.get().key, draft.edited_by.username) == ("small", "ada")
    assert "Imported mine.toml." in told(desk.get(page_of(draft)))
    assert "Imported mine.toml." in told(desk.get(page_of(draft, "history")))
    assert not PlaybookVersion.objects.exists()


def test_a_draft_that_a_version_holds_is_replaced_at_once(desk: Client) -> None:
    publish(small_playbook())
    small_draft()
    assert give(desk, dump(small_playbook(minutes=9))).status_code == 302
    assert draft_now().minutes == 9


def test_what_no_version_holds_is_replaced_only_when_asked(desk: Client) -> None:
    publish(small_playbook())
    draft = small_draft(minutes=5)

    asked = give(desk, dump(small_playbook(minutes=9)))

    assert asked.status_code == 200
    assert "says something that no version says" in told(asked)
    assert address(draft, "export") in told(asked)
    assert draft_now().minutes == 5
    assert desk.post(IMPORT, initial(asked)).status_code == 302
    assert draft_now().minutes == 9


def test_the_largest_file_is_asked_about_like_any_other(desk: Client) -> None:
    small_draft(title="Edited by hand")
    text = dump(small_playbook()) + "# ten chars\n" * 160_000
    assert len(text) > 1_900_000

    asked = give(desk, text)
    sent = {name: value.replace("\n", "\r\n") for name, value in initial(asked).items()}

    assert desk.post(IMPORT, sent).status_code == 302
    assert draft_now() == small_playbook()


def test_an_edit_in_between_asks_again(desk: Client) -> None:
    small_draft(minutes=5)
    asked = give(desk, dump(small_playbook(minutes=9)))
    Draft.objects.update(minutes=6)

    again = desk.post(IMPORT, initial(asked))

    assert again.status_code == 409
    assert "you are asked again" in told(again)
    assert draft_now().minutes == 6
    assert desk.post(IMPORT, initial(again)).status_code == 302


def test_every_problem_of_a_file_is_listed_and_nothing_is_written(desk: Client) -> None:
    draft = small_draft()
    before = document_of(draft)
    broken = small_document()
    broken["entry"] = "none"
    broken["signals"][0]["when"] = []
    text = dump(Document.model_validate(broken))

    refused = give(desk, text)

    assert refused.status_code == 422
    assert "2 problems; the draft is as it was" in told(refused)
    assert "signals[cause-unknown].when: is an empty list; name at least one." in told(refused)
    assert "entry: names the engagement model 'none', which is not there" in told(refused)
    assert document_of(Draft.objects.get()) == before


@pytest.mark.parametrize(
    ("content", "because"),
    [
        (b"key = ", "Invalid value"),
        (b"\xff\xfe", "The file is no UTF-8 text. Choose a TOML document."),
        (b"x = 1", "is not a name that a playbook knows"),
        (b"#" * 2_000_001, "The file has 2,000,001 bytes; at most 2,000,000 fit. Shorten it."),
        (b"", "The submitted file is empty."),
        (b'title = "a\\u0000b"', "which no database keeps"),
        (b"a = " + b"[" * 5000, "too deep"),
    ],
    ids=["no TOML", "no text", "no playbook", "too large", "empty", "unstorable", "deep"],
)
def test_a_bad_file_is_refused_with_a_sentence(desk: Client, content: bytes, because: str) -> None:
    refused = give(desk, content)
    assert refused.status_code == 422
    assert because in told(refused)
    assert not Playbook.objects.exists()


def test_no_file_is_told(desk: Client) -> None:
    refused = desk.post(IMPORT)
    assert refused.status_code == 422
    assert "Choose the file of a playbook." in told(refused)


@pytest.mark.parametrize(
    ("without", "key", "status"),
    [
        (["add_draft"], "small", 302),
        (["add_draft"], "new", 403),
        (["change_draft"], "small", 403),
        (["change_draft"], "new", 302),
        (["add_draft", "change_draft"], "small", 403),
    ],
    ids=["change", "add only by adding", "change only by changing", "add", "neither"],
)
def test_importing_takes_the_right_to_add_or_to_change(
    without: list[str], key: str, status: int
) -> None:
    publish(small_playbook())
    small_draft()
    client = signed_in(editor("eve", without=without))
    assert give(client, dump(small_playbook(key=key, minutes=9))).status_code == status


# ---- Export ---------------------------------------------------------------------------------


def test_export_is_what_import_takes(desk: Client) -> None:
    draft = small_draft()
    file = desk.get(address(draft, "export"))
    assert file["Content-Disposition"] == 'attachment; filename="small.toml"'
    assert load(file.content.decode()) == small_playbook()


def test_a_draft_that_does_not_hold_together_is_not_exported(desk: Client) -> None:
    draft = small_draft()
    signal = Signal.objects.get(key="work-to-do")
    signal.conditions.all().delete()

    refused = desk.get(address(draft, "export"))

    assert refused.status_code == 409
    assert "Content-Disposition" not in refused
    assert "when: is an empty list; name at least one." in told(refused)
    assert page_of(signal) in told(refused)


# ---- Set back -------------------------------------------------------------------------------


def test_a_draft_is_set_back_to_a_version(desk: Client) -> None:
    first, _ = publish(small_playbook(), notes="The first.")
    publish(small_playbook(minutes=3))
    draft = small_draft(minutes=9)
    page = desk.get(address(draft, "set_back"), {"version": first.pk})
    assert "Everything in the draft becomes what the version says." in told(page)
    assert page.context["form"]["version"].value() == str(first.pk)
    assert draft_now().minutes == 9

    done = desk.post(address(draft, "set_back"), {**initial(page), "version": first.pk})

    assert done["Location"] == page_of(draft)
    assert draft_now() == small_playbook()
    assert Draft.objects.get().based_on == first
    assert "Set the draft back to version 1." in told(desk.get(page_of(draft, "history")))
    assert PlaybookVersion.objects.count() == 2


def test_the_page_of_a_draft_offers_its_versions(desk: Client) -> None:
    draft = small_draft()
    assert "Set back" not in told(desk.get(page_of(draft)))
    version, _ = publish(small_playbook())
    foreign, _ = publish(small_playbook(key="other"))
    page = desk.get(page_of(draft))
    assert f'<option value="{version.pk}">version 1, ' in told(page)
    assert foreign not in page.context["versions"]


def test_a_first_post_asks_and_sets_nothing(desk: Client) -> None:
    version, _ = publish(small_playbook())
    draft = small_draft(minutes=9)
    asked = desk.post(address(draft, "set_back"), {"version": version.pk})
    assert asked.status_code == 200
    assert draft_now().minutes == 9


def test_an_edit_in_between_is_told_before_it_is_lost(desk: Client) -> None:
    version, _ = publish(small_playbook())
    draft = small_draft(minutes=9)
    page = desk.get(address(draft, "set_back"), {"version": version.pk})
    grace = signed_in(editor("grace"))
    need = page_of(Need.objects.get(key="evidence"))
    grace.post(need, {**filled_in(grace, need), "title": "Edited"})

    refused = desk.post(address(draft, "set_back"), {**initial(page), "version": version.pk})

    assert refused.status_code == 409
    assert "nothing was set back. grace saved the need “Edited” on " in told(refused)
    assert draft_now().need("evidence").title == "Edited"
    again = {**initial(refused), "version": version.pk}
    assert desk.post(address(draft, "set_back"), again).status_code == 302
    assert draft_now() == small_playbook()


@pytest.mark.parametrize("version", ["", "x", "999", "foreign"])
def test_no_such_version_is_told(desk: Client, version: str) -> None:
    publish(small_playbook())
    foreign, _ = publish(small_playbook(key="other"))
    draft = small_draft(minutes=9)
    page = desk.get(address(draft, "set_back"))
    picked = foreign.pk if version == "foreign" else version

    refused = desk.post(address(draft, "set_back"), {**initial(page), "version": picked})

    assert refused.status_code == 422
    assert "ick a version." in told(refused) or "no such version" in told(refused)
    assert draft_now().minutes == 9


def test_a_version_that_cannot_be_read_leaves_the_draft_alone(desk: Client) -> None:
    version, _ = publish(small_playbook())
    draft = small_draft(minutes=9)
    tamper(version, document={**version.document, "entry": "none"})
    page = desk.get(address(draft, "set_back"))

    refused = desk.post(address(draft, "set_back"), {**initial(page), "version": version.pk})

    assert refused.status_code == 422
    assert "entry: names the engagement model 'none', which is not there" in told(refused)
    assert draft_now().minutes == 9


# ---- Who may, and how -----------------------------------------------------------------------


def test_looking_changes_nothing(desk: Client) -> None:
    version, _ = publish(small_playbook())
    draft = small_draft(minutes=9)
    before = document_of(draft)
    for page in (IMPORT, address(draft, "export")):
        desk.get(page, {"text": dump(small_playbook())})
    desk.get(address(draft, "set_back"), {"version": version.pk, "seen": "x"})
    assert document_of(Draft.objects.get()) == before


@pytest.mark.parametrize("what", ["import", "set_back", "export"])
def test_strangers_are_sent_away(what: str) -> None:
    draft = small_draft()
    page = IMPORT if what == "import" else address(draft, what)
    assert Client().get(page).status_code == 302
    none = ["view_draft", "change_draft", "add_draft"]
    assert signed_in(editor("eve", without=none)).get(page).status_code == 403


@pytest.mark.parametrize("what", ["import", "set_back"])
def test_a_post_takes_a_token(what: str) -> None:
    draft = small_draft()
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor())
    page = IMPORT if what == "import" else address(draft, what)
    assert client.post(page, {}).status_code == 403
