"""What is kept of a result in memory is what would be made anew, whatever has changed meanwhile."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.cache import caches
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from engagements.assessing import issue_recommendation, save_answers, save_contact
from engagements.colleagues import choose
from engagements.continuing import continue_with
from engagements.links import give, replace
from engagements.models import Assessment, Link, LinkKind, OverrideReason
from engagements.reviewing import approve, override, reopen
from tests.asking import told
from tests.brands import KESTREL
from tests.buyers import to
from tests.continuing import decided, firm, now, published, three_playbooks
from tests.staff import consultant

pytestmark = pytest.mark.django_db

type Change = Callable[[Assessment, User], object]


def tell_contact(one: Assessment, _by: User) -> None:
    save_contact(one, {"contact_firm": "Mills"})


def tell_detail(one: Assessment, _by: User) -> None:
    save_answers(one, {"goal": ("Fewer nights awake",)})
    issue_recommendation(one)


def approve_it(one: Assessment, by: User) -> None:
    approve(one.recommendation, by=by, seen=0, message="As we said.")


def override_it(one: Assessment, by: User) -> None:
    reason, note = OverrideReason.LESS, "Only the evidence is missing."
    override(one.recommendation, engagement="audit", reason=reason, note=note, by=by, seen=0)


def reopen_it(one: Assessment, by: User) -> None:
    approve_it(one, by)
    reopen(now(one).recommendation, by=by, seen=1, note="We have to talk.")


def go_on_with_care(one: Assessment, _by: User) -> None:
    continue_with(one, "care")


def decide_what_follows(one: Assessment, _by: User) -> None:
    later = continue_with(one, "care")
    issue_recommendation(later)


def ask_a_colleague(one: Assessment, _by: User) -> None:
    told(one, "more", goal="Sleep")


def differ_and_choose(one: Assessment, by: User) -> None:
    tell_detail(one, by)
    told(one, "more", goal="Sleep")
    choose(now(one), "goal", ("Sleep",))


def replace_the_link(one: Assessment, _by: User) -> None:
    replace(one)


def name_the_reader(_one: Assessment, _by: User) -> None:
    until = timezone.now() + timedelta(days=5)
    Link.objects.filter(kind=LinkKind.READER).update(name="The board", expires_at=until)


def publish_what_follows_anew(_one: Assessment, _by: User) -> None:
    published(firm("care", "keep", decision="Who looks after it?"))


CHANGES: list[Change] = [
    tell_contact,
    tell_detail,
    approve_it,
    override_it,
    reopen_it,
    go_on_with_care,
    decide_what_follows,
    ask_a_colleague,
    differ_and_choose,
    replace_the_link,
    name_the_reader,
    publish_what_follows_anew,
]
UNSEEN = {reopen_it}
"""Changes that leave both pages as they were."""


@pytest.mark.parametrize("change", CHANGES)
def test_it_works(client: Client, change: Change) -> None:
    build, *_others = three_playbooks()
    one = decided(build)
    link = give(one, LinkKind.READER)
    before = pages(client, one, link)

    change(now(one), consultant())

    after = pages(client, one, link)
    caches["template_fragments"].clear()
    assert after == pages(client, one, link)
    assert (after != before) is (change not in UNSEEN)


def test_a_page_is_kept_until_then(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    build, *_others = three_playbooks()
    one = decided(build)
    first = client.get(to(one, "recommendation"))
    monkeypatch.delattr("engagements.result_views.build_brief")  # nobody may make one

    again = client.get(to(one, "recommendation"))

    assert again.content == first.content


def test_the_brand_is_part_of_it(client: Client, settings: Settings) -> None:
    build, *_others = three_playbooks()
    one = decided(build)
    link = give(one, LinkKind.READER)
    before = pages(client, one, link)

    settings.BRAND = KESTREL
    after = pages(client, one, link)

    caches["template_fragments"].clear()
    assert after == pages(client, one, link)
    assert after != before


def pages(client: Client, one: Assessment, link: Link) -> list[bytes]:
    """The page of the result for the buyer, and for whoever may read it."""
    answers = [client.get(to(now(one), "recommendation")), client.get(link.get_absolute_url())]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.content for answer in answers]
