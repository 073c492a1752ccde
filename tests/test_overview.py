"""The first page of the admin: it leads each person to the next thing to do."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.drafts import write_draft
from catalog.models import PlaybookVersion
from catalog.publishing import publish
from tests.buyers import decided, text_of
from tests.factories import small_playbook
from tests.staff import approved, consultant, editor, signed_in, superuser

pytestmark = pytest.mark.django_db

OVERVIEW = "/admin/"


@pytest.fixture
def pavel() -> Client:
    """A catalog editor at work."""
    return signed_in(editor())


def test_it_works(version: PlaybookVersion) -> None:
    decided(version)
    response = signed_in(consultant()).get(OVERVIEW)
    assert "1 recommendation waits for a review; its buyer began" in text_of(response)
    assert (
        'href="/admin/engagements/assessment/?state=waiting&amp;o=6"' in response.content.decode()
    )


def test_what_waits_is_listed_oldest_first(version: PlaybookVersion) -> None:
    first, second = decided(version), decided(version)
    ana = consultant()
    approved(version, ana)
    told = text_of(signed_in(ana).get("/admin/engagements/assessment/?state=waiting&o=6"))
    assert told.index(first.reference) < told.index(second.reference)
    assert "2 assessments" in told


def test_nothing_waits() -> None:
    told = text_of(signed_in(consultant()).get(OVERVIEW))
    assert "No recommendation waits for a review." in told
    assert "oldest first" not in told


def test_a_draft_that_is_published(pavel: Client) -> None:
    live, _ = publish(small_playbook())
    write_draft(live.rulebook.playbook, version=live)
    told = text_of(pavel.get(OVERVIEW))
    assert "Everything in it is published: it says what version 1 says." in told
    assert "See what changes" not in told


def test_a_draft_with_changes(pavel: Client) -> None:
    live, _ = publish(small_playbook())
    draft = write_draft(live.rulebook.playbook, version=live)
    draft.need_set.filter(key="evidence").update(title="proof of what is wrong")
    response = pavel.get(OVERVIEW)
    assert "1 part differs from version 1, which is live" in text_of(response)
    assert f'href="/admin/catalog/draft/{draft.pk}/publish/"' in response.content.decode()


def test_a_draft_with_problems(pavel: Client) -> None:
    live, _ = publish(small_playbook())
    draft = write_draft(live.rulebook.playbook, version=live)
    draft.signal_set.get(key="work-to-do").conditions.all().delete()
    assert "1 problem keeps it from being published." in text_of(pavel.get(OVERVIEW))


def test_a_draft_that_was_never_published(pavel: Client) -> None:
    write_draft(small_playbook())
    assert "No version of it is published yet" in text_of(pavel.get(OVERVIEW))


def test_nobody_is_led_to_what_is_for_others(version: PlaybookVersion, pavel: Client) -> None:
    write_draft(small_playbook())
    decided(version)
    assert "Draft of" not in text_of(signed_in(consultant()).get(OVERVIEW))
    assert "waits for a review" not in text_of(pavel.get(OVERVIEW))


def test_a_superuser_is_led_to_everything(version: PlaybookVersion) -> None:
    write_draft(small_playbook())
    told = text_of(signed_in(superuser()).get(OVERVIEW))
    assert "Reviews" in told
    assert "Draft of Small playbook" in told
    assert "Sales desk" in told


def test_the_number_of_assessments_costs_no_queries(
    version: PlaybookVersion, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        decided(version)
    client = signed_in(consultant())
    with django_assert_max_num_queries(7):
        client.get(OVERVIEW)
