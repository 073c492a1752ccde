"""The publish page, and published versions in the admin: what an editor reads and may do."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from advisor.loading import dump, load
from catalog.drafts import playbook_of, write_draft
from catalog.models import Draft, Playbook, PlaybookVersion
from catalog.publishing import publish
from tests.buyers import PLAYBOOK, text_of
from tests.factories import saying_everything, small_document, small_playbook, tamper
from tests.scenarios import rulebook_of
from tests.staff import consultant, editor, seller, signed_in, superuser

pytestmark = pytest.mark.django_db

Response = Any


@pytest.fixture
def live() -> PlaybookVersion:
    return publish(small_playbook(), notes="The first.", by=editor("grace", "Grace Hopper"))[0]


@pytest.fixture
def draft(live: PlaybookVersion) -> Draft:
    """A draft of the live version in which a need has another title."""
    draft = write_draft(live.rulebook.playbook, version=live)
    draft.need_set.filter(key="evidence").update(title="proof of what is wrong")
    return draft


@pytest.fixture
def pavel() -> User:
    return editor()


@pytest.fixture
def browser_of_pavel(pavel: User) -> Client:
    return signed_in(pavel)


def page_of(draft: Draft) -> str:
    return reverse("admin:catalog_draft_publish", args=[draft.pk])


def version_page(version: PlaybookVersion) -> str:
    return reverse("admin:catalog_playbookversion_change", args=[version.pk])


def seen_on(response: Response) -> dict[str, str]:
    """What the page sends along unseen."""
    found = re.findall(
        r'<input type="hidden" name="(seen_\w+)" value="(\w*)"', response.content.decode()
    )
    return dict(found)


def publish_on(client: Client, draft: Draft, notes: str = "Proof, as people say.") -> Response:
    """Open the page and publish."""
    seen = seen_on(client.get(page_of(draft)))
    return client.post(page_of(draft), {"notes": notes, **seen})


def test_it_works(browser_of_pavel: Client, pavel: User, draft: Draft) -> None:
    told = text_of(browser_of_pavel.get(page_of(draft)))
    assert "Live now: version 1 The first." in told
    assert "Grace Hopper" in told
    assert "What changes for buyers Need Need evidence" not in told
    assert "Need proof of what is wrong Title Need evidence proof of what is wrong" in told
    assert "Publish version 2" in told

    response = publish_on(browser_of_pavel, draft)

    version = draft.playbook.live
    assert (version.number, version.notes) == (2, "Proof, as people say.")
    assert version.published_by == pavel
    assert response.status_code == 302
    assert response["Location"] == version_page(version)
    told = text_of(browser_of_pavel.get(response["Location"]))
    assert "Version 2 is live. New assessments take it" in told
    assert "What changed since version 1" in told
    assert "Need proof of what is wrong Title Need evidence proof of what is wrong" in told


def test_looking_changes_nothing(browser_of_pavel: Client, draft: Draft) -> None:
    def content() -> list[Any]:
        return [
            list(Playbook.objects.values()),
            list(PlaybookVersion.objects.values()),
            list(Draft.objects.values()),
            playbook_of(Draft.objects.get()),
        ]

    before = content()
    live = draft.playbook.live
    for url in (
        page_of(draft),
        version_page(live),
        reverse("admin:catalog_playbookversion_download", args=[live.pk]),
        reverse("admin:catalog_playbook_change", args=[live.playbook_id]),
        reverse("admin:catalog_playbookversion_changelist"),
        reverse("admin:catalog_playbook_changelist"),
    ):
        assert browser_of_pavel.get(url).status_code == 200, url
    go_back = reverse("admin:catalog_playbookversion_go_back", args=[live.pk])
    assert browser_of_pavel.get(go_back).status_code == 405
    assert content() == before


# ---- What keeps a draft from being published ----------------------------------------------


def test_a_note_is_required(browser_of_pavel: Client, draft: Draft) -> None:
    response = publish_on(browser_of_pavel, draft, notes="  ")

    assert response.status_code == 422
    told = text_of(response)
    assert "Nothing was published Say in one sentence what changes, and why." in told
    assert told.startswith("Error: Publish Small playbook")
    assert draft.playbook.live.number == 1


def test_every_problem_is_told_with_the_way_to_its_page(
    browser_of_pavel: Client, draft: Draft
) -> None:
    signal = draft.signal_set.get(key="work-to-do")
    signal.conditions.all().delete()
    draft.need_set.filter(key="evidence").update(phase="respond")  # without an emergency

    response = browser_of_pavel.get(page_of(draft))

    told = text_of(response)
    assert "3 problems keep the draft from being published" in told
    assert reverse("admin:catalog_signal_change", args=[signal.pk]) in response.content.decode()
    assert reverse("admin:catalog_draft_change", args=[draft.pk]) in response.content.decode()
    assert "It can be published once the problems above are mended." in told
    assert re.search(r"<button [^>]*disabled aria-describedby=", response.content.decode())

    refused = publish_on(browser_of_pavel, draft, notes="All the same.")
    assert refused.status_code == 409
    assert 'value="All the same."' in refused.content.decode()
    assert draft.playbook.live.number == 1


def test_changes_are_told_beside_problems_where_they_can_be(
    browser_of_pavel: Client, draft: Draft
) -> None:
    draft.signal_set.get(key="work-to-do").conditions.all().delete()
    assert "Title Need evidence proof of what" in text_of(browser_of_pavel.get(page_of(draft)))

    draft.need_set.filter(key="outcome").update(title="")
    told = text_of(browser_of_pavel.get(page_of(draft)))
    assert "That can be told once the problems are mended." in told


def test_nothing_to_publish_is_told(browser_of_pavel: Client, live: PlaybookVersion) -> None:
    draft = write_draft(live.rulebook.playbook)

    response = browser_of_pavel.get(page_of(draft))

    assert "nothing to publish: the draft says what version 1 says." in text_of(response)
    assert 'name="notes"' not in response.content.decode()


def test_what_somebody_published_meanwhile_is_told_and_the_note_kept(
    browser_of_pavel: Client, draft: Draft
) -> None:
    seen = seen_on(browser_of_pavel.get(page_of(draft)))
    publish(small_playbook(minutes=9), notes="Nine minutes.", by=editor("ida", "Ida Rhodes"))

    response = browser_of_pavel.post(page_of(draft), {"notes": "My own.", **seen})

    assert response.status_code == 409
    told = text_of(response)
    assert "Nothing was published Ida Rhodes published version 2 on" in told
    assert "Minutes 9 2" in told, "compared with what is live now"
    assert 'value="My own."' in response.content.decode()
    assert draft.playbook.live.number == 2
    again = browser_of_pavel.post(page_of(draft), {"notes": "My own.", **seen_on(response)})
    assert again.status_code == 302
    assert draft.playbook.live.number == 3


def test_what_somebody_edited_meanwhile_is_told_and_the_note_kept(
    browser_of_pavel: Client, draft: Draft
) -> None:
    seen = seen_on(browser_of_pavel.get(page_of(draft)))
    signal = draft.signal_set.get(key="work-to-do")
    signal.because, signal.edited_by = "Work is work.", editor("ida", "Ida Rhodes")
    signal.edited_at = timezone.now()
    signal.save()

    response = browser_of_pavel.post(page_of(draft), {"notes": "My own.", **seen})

    assert response.status_code == 409
    assert (
        "Nothing was published The draft was edited after you opened this page; Ida Rhodes saved "
        "the buying signal “Signal work-to-do” last."
    ) in text_of(response)
    assert "Because The reason. Work is work." in text_of(response)
    assert 'value="My own."' in response.content.decode()
    assert draft.playbook.live.number == 1
    again = browser_of_pavel.post(page_of(draft), {"notes": "My own.", **seen_on(response)})
    assert again.status_code == 302


def test_a_click_more_leads_to_the_same_version(browser_of_pavel: Client, draft: Draft) -> None:
    seen = seen_on(browser_of_pavel.get(page_of(draft)))

    answers = [browser_of_pavel.post(page_of(draft), {"notes": "Once.", **seen}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert len({answer["Location"] for answer in answers}) == 1
    assert PlaybookVersion.objects.count() == 2


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"seen_live": "1"}, id="no hash"),
        pytest.param({"seen_live": "x", "seen_hash": "x"}, id="no number"),
        pytest.param({"seen_live": "9" * 30, "seen_hash": "\x00"}, id="nonsense"),
    ],
)
def test_nothing_is_published_that_was_not_seen(
    browser_of_pavel: Client, draft: Draft, sent: dict[str, str]
) -> None:
    response = browser_of_pavel.post(page_of(draft), {"notes": "Mine.", **sent})

    assert response.status_code in {409, 422}
    assert draft.playbook.live.number == 1


def test_what_it_goes_on_with_is_told_where_that_is_not_published(
    browser_of_pavel: Client, draft: Draft
) -> None:
    audit = draft.engagementmodel_set.filter(key="audit")
    note = "“Engagement audit” goes on with the playbook afterwards, which is not published"
    assert "goes on with" not in text_of(browser_of_pavel.get(page_of(draft)))

    audit.update(follow_on_playbook="afterwards", follow_on_when="it is written")
    assert note in text_of(browser_of_pavel.get(page_of(draft)))

    publish(small_playbook(key="afterwards"))
    told = text_of(browser_of_pavel.get(page_of(draft)))
    assert "Goes on with afterwards, once it is written" in told
    assert note not in told

    Playbook.objects.create(key="planned", title="Not published yet")
    audit.update(follow_on_playbook="planned")
    assert "the playbook planned, which" in text_of(browser_of_pavel.get(page_of(draft)))
    assert publish_on(browser_of_pavel, draft).status_code == 302


def test_what_is_said_beside_what_decides_is_told(browser_of_pavel: Client, draft: Draft) -> None:
    draft = write_draft(saying_everything(small_playbook()))

    told = text_of(browser_of_pavel.get(page_of(draft)))

    for words in (
        "Frequent questions (2) Does price matter?",
        "Checklist Checklist setup new",
        "Manual chapter Chapter contacts new",
        "Service level severities Critical (It is down): answered within 1 hour",
        "Responsibilities Backups: the firm (every night)",
        "Goes on with afterwards, once it runs",
    ):
        assert words in told
    assert publish_on(browser_of_pavel, draft).status_code == 302
    said = saying_everything(small_playbook()).model_copy(update={"acknowledgements": ()})
    assert draft.playbook.live.rulebook.playbook == said, "and nothing that is not so"


def test_the_first_version_is_published_from_its_draft(browser_of_pavel: Client) -> None:
    draft = write_draft(small_playbook())

    told = text_of(browser_of_pavel.get(page_of(draft)))
    assert "Nothing is live yet" in told
    assert "What the first version holds" in told

    assert publish_on(browser_of_pavel, draft).status_code == 302
    assert draft.playbook.live.number == 1


def test_a_live_version_that_cannot_be_read_is_replaced(
    browser_of_pavel: Client, draft: Draft
) -> None:
    live = draft.playbook.live
    tamper(live, document=small_document(minutes=59), hash="0" * 64)

    told = text_of(browser_of_pavel.get(page_of(draft)))
    assert "It cannot be read, so everything is told as new: small version 1 does not match" in told
    assert "This version cannot be read" in text_of(browser_of_pavel.get(version_page(live)))

    assert publish_on(browser_of_pavel, draft).status_code == 302
    assert draft.playbook.live.number == 2


def test_texts_of_a_playbook_are_shown_as_text(browser_of_pavel: Client, draft: Draft) -> None:
    draft.need_set.filter(key="evidence").update(title="<script>alert(1)</script>")

    assert b"<script>alert" not in browser_of_pavel.get(page_of(draft)).content
    publish_on(browser_of_pavel, draft, notes="<script>alert(2)</script>")
    for url in (
        version_page(draft.playbook.live),
        reverse("admin:catalog_playbook_change", args=[draft.playbook_id]),
        reverse("admin:catalog_playbookversion_changelist"),
    ):
        assert b"<script>alert" not in browser_of_pavel.get(url).content


# ---- Versions -----------------------------------------------------------------------------


@pytest.fixture
def versions(live: PlaybookVersion, pavel: User) -> list[PlaybookVersion]:
    """Two more than the first."""
    return [
        live,
        publish(small_playbook(minutes=3), notes="Three minutes.", by=pavel)[0],
        publish(small_playbook(minutes=4), notes="Four minutes.", by=pavel)[0],
    ]


def back_to(client: Client, version: PlaybookVersion, seen: int | None = None) -> Response:
    """Press the button on the version's page."""
    url = reverse("admin:catalog_playbookversion_go_back", args=[version.pk])
    if seen is None:
        return client.post(url, seen_on(client.get(version_page(version))))
    return client.post(url, {"seen_live": seen})


def test_the_versions_of_a_playbook_are_listed(
    browser_of_pavel: Client, versions: list[PlaybookVersion]
) -> None:
    page = reverse("admin:catalog_playbook_change", args=[versions[0].playbook_id])
    told = text_of(browser_of_pavel.get(page))
    assert re.search(
        r"Version 3 Live Four minutes\. [^.]+, Pavel Dvořák Version 2 Three minutes\. [^.]+, "
        r"Pavel Dvořák Version 1 The first\. [^.]+, Grace Hopper",
        told,
    )
    told = text_of(browser_of_pavel.get(reverse("admin:catalog_playbookversion_changelist")))
    assert re.search(r"version 3 Live Four minutes\. .*version 2 - Three minutes\.", told)


def test_a_version_tells_what_changed_with_it(
    browser_of_pavel: Client, versions: list[PlaybookVersion]
) -> None:
    told = text_of(browser_of_pavel.get(version_page(versions[1])))

    assert "What changed since version 1 Playbook Small playbook Minutes 2 3" in told
    assert "Replaced; version 3 is live" in told


def test_a_version_is_downloaded_as_it_would_be_exported(
    browser_of_pavel: Client, versions: list[PlaybookVersion]
) -> None:
    url = reverse("admin:catalog_playbookversion_download", args=[versions[1].pk])

    response = browser_of_pavel.get(url)

    assert response["Content-Disposition"] == 'attachment; filename="small-version-2.toml"'
    assert response.content.decode() == dump(small_playbook(minutes=3))
    assert load(response.content.decode()) == versions[1].rulebook.playbook


def test_an_earlier_version_is_live_again_with_one_click(
    browser_of_pavel: Client, pavel: User, versions: list[PlaybookVersion]
) -> None:
    draft = write_draft(small_playbook(minutes=5))

    response = back_to(browser_of_pavel, versions[0])

    live = versions[0].playbook.live
    assert (live.number, live.notes, live.published_by) == (4, "Back to version 1.", pavel)
    assert live.document == versions[0].document
    assert response["Location"] == version_page(live)
    told = text_of(browser_of_pavel.get(version_page(live)))
    assert "Version 4 is live and says what version 1 says." in told
    assert "The draft says something else" in told
    assert playbook_of(draft).minutes == 5
    set_back = reverse("admin:catalog_draft_set_back", args=[draft.pk])
    page = browser_of_pavel.get(version_page(live)).content.decode()
    assert f'href="{set_back}?version={live.pk}"' in page
    assert browser_of_pavel.get(f"{set_back}?version={live.pk}").status_code == 200


def test_a_second_click_back_leads_to_the_same_version(
    browser_of_pavel: Client, versions: list[PlaybookVersion]
) -> None:
    answers = [back_to(browser_of_pavel, versions[0], seen=3) for _ in range(2)]

    assert len({answer["Location"] for answer in answers}) == 1
    assert PlaybookVersion.objects.count() == 4


def test_back_is_not_taken_over_what_was_published_meanwhile(
    browser_of_pavel: Client, versions: list[PlaybookVersion]
) -> None:
    response = back_to(browser_of_pavel, versions[0], seen=2)

    told = text_of(browser_of_pavel.get(response["Location"]))
    assert "Pavel Dvořák published version 3" in told
    assert PlaybookVersion.objects.count() == 3
    assert back_to(browser_of_pavel, versions[0]).status_code == 302
    assert PlaybookVersion.objects.count() == 4


def test_a_version_that_was_tampered_with_says_so(
    browser_of_pavel: Client, versions: list[PlaybookVersion]
) -> None:
    tamper(versions[0], document=small_document(minutes=58), hash="1" * 64)

    told = text_of(browser_of_pavel.get(version_page(versions[0])))
    assert "small version 1 does not match its hash; restore the database." in told
    response = back_to(browser_of_pavel, versions[0], seen=3)
    assert "does not match its hash" in text_of(browser_of_pavel.get(response["Location"]))
    download = reverse("admin:catalog_playbookversion_download", args=[versions[0].pk])
    assert browser_of_pavel.get(download).status_code == 404
    assert PlaybookVersion.objects.count() == 3


# ---- Nobody deletes -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["playbook", "playbookversion"])
@pytest.mark.parametrize("who", [editor, superuser], ids=["editor", "superuser"])
def test_whoever_deletes_is_told_why_not(live: PlaybookVersion, kind: str, who: Any) -> None:
    client = signed_in(who())
    pk = live.pk if kind == "playbookversion" else live.playbook_id
    url = reverse(f"admin:catalog_{kind}_delete", args=[pk])
    listed = reverse(f"admin:catalog_{kind}_changelist")
    ticked = {"action": "delete_selected", "_selected_action": [pk], "post": "yes", "index": 0}

    for response in (
        client.get(url),
        client.post(url, {"post": "yes"}),
        client.post(listed, ticked),
    ):
        assert response.status_code == 403
        assert re.search(r"rest on .* so none is ever deleted", text_of(response))
    assert PlaybookVersion.objects.count() == 1
    assert b"delete_selected" not in client.get(listed).content


# ---- Who may ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "may_read"),
    [
        pytest.param(consultant, True, id="consultant"),
        pytest.param(seller, False, id="seller"),
        pytest.param(None, False, id="nobody"),
    ],
)
def test_others_publish_nothing(live: PlaybookVersion, who: Any, *, may_read: bool) -> None:
    client = signed_in(who()) if who else Client()
    draft = write_draft(small_playbook(minutes=9))
    publish(small_playbook(minutes=3))
    go_back = reverse("admin:catalog_playbookversion_go_back", args=[live.pk])
    refused = {302, 403}  # to the sign-in page, or for good

    assert client.get(page_of(draft)).status_code in refused
    assert client.post(page_of(draft), {"notes": "Mine."}).status_code in refused
    assert client.post(go_back, {"seen_live": 2}).status_code in refused
    assert PlaybookVersion.objects.count() == 2
    pages = [
        version_page(live),
        reverse("admin:catalog_playbookversion_download", args=[live.pk]),
        reverse("admin:catalog_playbook_change", args=[live.playbook_id]),
    ]
    answers = [client.get(page) for page in pages]
    assert {answer.status_code == 200 for answer in answers} == {may_read}
    assert not any(b"Make this version live again" in answer.content for answer in answers)
    delete = client.get(reverse("admin:catalog_playbookversion_delete", args=[live.pk]))
    assert (b"so none is ever deleted" in delete.content) == may_read


def test_who_may_only_edit_does_not_publish(draft: Draft, pavel: User) -> None:
    pavel.groups.first().permissions.remove(
        *pavel.groups.first().permissions.filter(codename="publish_draft")
    )
    client = signed_in(pavel)

    assert client.get(page_of(draft)).status_code == 403
    assert client.post(page_of(draft), {"notes": "Mine."}).status_code == 403
    assert client.get(version_page(draft.playbook.live)).status_code == 200


@pytest.mark.parametrize("page", ["publish", "go back"])
def test_a_form_of_another_site_publishes_nothing(draft: Draft, pavel: User, page: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(pavel)
    back = reverse("admin:catalog_playbookversion_go_back", args=[draft.playbook.live.pk])

    response = client.post(page_of(draft) if page == "publish" else back, {"notes": "Mine."})

    assert response.status_code == 403
    assert PlaybookVersion.objects.count() == 1


# ---- Queries ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "at_most"),
    [("playbookversion_changelist", 8), ("playbook_changelist", 7)],
)
def test_lists_ask_as_much_for_many_as_for_few(
    browser_of_pavel: Client, live: PlaybookVersion, name: str, at_most: int
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser_of_pavel.get(reverse(f"admin:catalog_{name}")).status_code == 200
        assert not any('."document"' in query["sql"] for query in queries), "it is large"
        return len(queries)

    few = asked()
    for minutes in range(3, 20):
        publish(small_playbook(minutes=minutes))
        publish(small_playbook(key=f"other-{minutes}"))

    assert asked() == few <= at_most


def test_the_page_asks_as_much_for_a_large_playbook_as_for_a_small_one(
    browser_of_pavel: Client, draft: Draft
) -> None:
    def asked(draft: Draft) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser_of_pavel.get(page_of(draft)).status_code == 200
        return len(queries)

    large = write_draft(saying_everything(rulebook_of(PLAYBOOK).playbook))
    publish(rulebook_of(PLAYBOOK).playbook)

    assert asked(draft) <= asked(large) <= 65
