"""Every page of the catalog and of the history: for everybody, and on every screen."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from catalog.drafts import playbook_of
from catalog.models import Draft, EngagementModel, Need, PlaybookVersion, Signal
from catalog.publishing import publish
from engagements.models import Assessment
from engagements.reviewing import add_note
from tests.editors import PARTS, full_draft, list_of, page_of
from tests.looking import NARROW, WIDE, open_all, sticking_out, violations
from tests.staff import approved, consultant, editor, sign_in

EDITED: dict[str, Callable[[Draft], str]] = {
    "drafts": lambda draft: list_of(Draft),
    "draft": page_of,
    "import": lambda draft: reverse("admin:catalog_draft_import"),
    "set back": lambda draft: reverse("admin:catalog_draft_set_back", args=[draft.pk]),
    "delete": lambda draft: page_of(draft.need_set.get(key="evidence"), "delete"),
    "history of a part": lambda draft: page_of(draft.need_set.get(key="evidence"), "history"),
    **{
        f"list of {kind._meta.verbose_name_plural}": lambda draft, kind=kind: list_of(kind)
        for kind in PARTS
    },
    **{
        f"one of the {kind._meta.verbose_name_plural}": lambda draft, kind=kind: page_of(
            kind.objects.filter(draft=draft).first()
        )
        for kind in PARTS
    },
    "add": lambda draft: list_of(Signal, "add"),
    "an engagement model that says everything": lambda draft: page_of(
        draft.engagementmodel_set.get(key="retainer")
    ),
    "add an engagement model": lambda draft: list_of(EngagementModel, "add"),
}
KEPT = ("recommendation", "review", "note", "briefversion", "answer")


@pytest.fixture
def draft(page: Page, live_server: LiveServer) -> Draft:
    """A draft with every kind of part, and a version; its editor is signed in."""
    draft = full_draft()
    publish(playbook_of(draft))
    sign_in(page, live_server, editor())
    return draft


def assert_for_everybody(page: Page) -> None:
    """No barrier in light and dark, and nothing wider than the screen."""
    open_all(page)
    for width in (NARROW, WIDE):
        assert sticking_out(page, width) == []
    assert violations(page) == []


@pytest.mark.parametrize("name", EDITED)
def test_it_works(page: Page, live_server: LiveServer, draft: Draft, name: str) -> None:
    answer = page.goto(live_server.url + EDITED[name](draft))
    assert answer
    assert answer.ok
    assert_for_everybody(page)


@pytest.mark.parametrize("kind", KEPT)
def test_what_is_kept(
    page: Page, live_server: LiveServer, version: PlaybookVersion, kind: str
) -> None:
    ana = consultant()
    assessment = approved(version, ana)
    add_note(assessment, "Asked for the budget holder.", by=ana)
    row = {
        "recommendation": assessment.recommendation,
        "review": assessment.review,
        "note": assessment.notes.get(),
        "briefversion": assessment.briefs.get(),
        "answer": assessment.answer_set.first(),
    }[kind]
    assert row
    sign_in(page, live_server, ana)
    for address in (
        reverse(f"admin:engagements_{kind}_changelist"),
        reverse(f"admin:engagements_{kind}_change", args=[row.pk]),
    ):
        page.goto(live_server.url + address)
        assert_for_everybody(page)
    assert Assessment.objects.get().review


def edit(page: Page, live_server: LiveServer, need: Need) -> None:
    """Open the page of a need and write into it."""
    page.goto(live_server.url + page_of(need))
    page.get_by_label("Title").fill("Mine")


def test_somebody_was_faster(
    page: Page, live_server: LiveServer, draft: Draft, console_errors: list[str]
) -> None:
    need = draft.need_set.get(key="evidence")
    edit(page, live_server, need)
    Need.objects.filter(pk=need.pk).update(title="Theirs", revision=need.revision + 1)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#content")).to_contain_text("Theirs")
    assert_for_everybody(page)
    console_errors.clear()  # 409 is what it is


def test_it_is_gone(
    page: Page, live_server: LiveServer, draft: Draft, console_errors: list[str]
) -> None:
    need = Need.objects.create(draft=draft, key="spare", phase="run", title="Spare", position=9)
    edit(page, live_server, need)
    need.delete()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#content")).to_contain_text("Mine")
    assert_for_everybody(page)
    console_errors.clear()  # 410 is what it is
