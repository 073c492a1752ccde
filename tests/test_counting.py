"""What is counted when buyers are asked and answer, and what the database makes of it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.db.models.query import QuerySet
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from advisor.playbook import Kind
from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import (
    issue_brief,
    issue_recommendation,
    recommendation_for,
    save_answers,
    start,
)
from engagements.continuing import continue_with
from engagements.models import Asked, Assessment, Opened
from engagements.numbers import Fate, Line, Progress, table_of
from engagements.questionnaire import first_question, next_question
from engagements.tallying import openings_of, progress_of, tallies_of
from tests.buyers import HTMX, address, as_asked, begin, decided, to
from tests.continuing import decided as decided_to_go_on
from tests.continuing import firm, published, three_playbooks
from tests.factories import question, signal, small_playbook

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(days=3)
START = "/playbooks/infrastructure-services/start/"


def counted(assessment: Assessment) -> dict[str, str]:
    """Each question that was counted, and what became of it."""
    return {
        row.question: "answered" if row.answered_at else "waiting"
        for row in assessment.asked.order_by("pk")
    }


def lines(version: PlaybookVersion, **since: Any) -> dict[str, Line]:
    """The numbers of each question of a version that was shown to anybody."""
    day = timezone.localdate() - timedelta(**{"days": 30, **since})
    first = first_question(version.rulebook).key
    tallies = tallies_of(version, first, since=day, now=timezone.now())
    opened = openings_of(version, since=day)
    table = table_of(version.rulebook.playbook, first, tallies, opened=opened)
    return {row.question.key: row.line for row in table.rows if row.line.shown}


def later(assessment: Assessment, **by: int) -> None:
    """Let everything about it have happened some time ago."""
    for row in assessment.asked.all():
        for name in ("shown_at", "waiting_since", "answered_at"):
            if moment := getattr(row, name):
                setattr(row, name, moment - timedelta(**by))
        row.save()


# ---- What is written -------------------------------------------------------------------------


def test_it_works(client: Client, version: PlaybookVersion) -> None:
    client.get(START)
    client.post(START, {"red-flags": "none"})
    assessment = Assessment.objects.get()
    assert counted(assessment) == {"red-flags": "answered", "situation": "waiting"}

    client.post(to(assessment, "question", "situation"), {"situation": "work-list"})
    told = counted(assessment)
    assert list(told.values()) == ["answered", "answered", "waiting"]
    [waiting] = [key for key, what in told.items() if what == "waiting"]
    found = lines(version)
    assert (found["red-flags"].shown, found["red-flags"].answered) == (1, 1)
    assert (found["situation"].shown, found["situation"].timed) == (1, 1)
    assert (found[waiting].shown, found[waiting].open, found[waiting].left) == (1, 1, 0)

    later(assessment, days=2)
    assert (lines(version)[waiting].open, lines(version)[waiting].left) == (0, 1)


def test_opening_a_question_writes_nothing(client: Client, version: PlaybookVersion) -> None:
    href = address(version, "question")
    before = list(Asked.objects.values())
    for headers in ({}, HTMX):
        assert client.get(href, headers=headers).status_code == 200
    assert list(Asked.objects.values()) == before


def test_an_answer_that_does_not_validate_counts_nothing(
    client: Client, version: PlaybookVersion
) -> None:
    href = address(version, "question")
    before = list(Asked.objects.values())
    assert client.post(href, {"situation": "nonsense"}).status_code == 422
    assert list(Asked.objects.values()) == before


def test_another_answer_leaves_the_first_times_as_they_are(version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none"})
    save_answers(assessment, {"situation": ("work-list",)})
    before = Asked.objects.get(question="situation")
    save_answers(assessment, {"situation": ("build",)})
    after = Asked.objects.get(question="situation")
    assert (after.shown_at, after.answered_at) == (before.shown_at, before.answered_at)


def test_whoever_goes_back_and_returns_is_at_it_again(version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none"})
    save_answers(assessment, {"situation": ("work-list",)})
    later(assessment, days=5)
    before = Asked.objects.get(answered_at=None)
    save_answers(assessment, {"situation": ("work-list",)})
    after = Asked.objects.get(answered_at=None)
    assert after.shown_at == before.shown_at
    assert after.waiting_since > before.waiting_since
    assert lines(version)[after.question].open == 1


def test_a_question_that_another_answer_made_moot_is_no_loss(version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none"})
    save_answers(assessment, {"situation": ("work-list",)})
    moot = Asked.objects.get(answered_at=None).question
    save_answers(assessment, {"red-flags": ("down",)})  # in another tab
    later(assessment, days=5)
    assert assessment.settled
    found = lines(version)[moot]
    assert (found.shown, found.moot, found.left) == (1, 1, 0)


def test_what_is_told_once_nothing_is_asked_any_more_was_not_asked(
    version: PlaybookVersion,
) -> None:
    assessment = as_asked(version)
    asked = set(counted(assessment))
    unasked = recommendation_for(assessment).remaining[0]
    option = version.rulebook.playbook.question(unasked).options[0].key
    save_answers(assessment, {unasked: (option,), "goal-outcome": ("Fast",)})
    assert set(counted(assessment)) == asked


def test_scope_details_are_not_counted(version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none"})
    save_answers(assessment, {"goal-outcome": ("Fast",)})  # kept from a tab of long ago
    assert set(counted(assessment)) == {"red-flags", "situation"}


def test_answers_brought_along_were_not_asked() -> None:
    build, care, _keep = three_playbooks()
    begun = continue_with(decided_to_go_on(build), "care")
    assert counted(begun) == {}
    assert lines(care) == {}
    assert progress_of(care, since=timezone.localdate()) == Progress()


def test_a_question_that_is_asked_of_whoever_comes_along_has_no_opening() -> None:
    more = firm("care")
    more["questions"].insert(0, question("new", ["yes", "no"]))
    more["signals"].append(signal("new", {"new": ["yes"]}, {"evidence": 1}))
    build, care = published(firm("build", "care"), more)
    begun = continue_with(decided_to_go_on(build), "care")
    assert counted(begun) == {"new": "waiting"}
    save_answers(begun, {"new": ("no",)})
    [line] = lines(care).values()
    assert (line.shown, line.answered, line.timed) == (1, 1, 1)


def test_it_goes_when_the_assessment_goes(version: PlaybookVersion) -> None:
    begin(version, {"red-flags": "none"}).delete()
    assert not Asked.objects.exists()


def test_it_is_about_no_person() -> None:
    names = {field.name for model in (Asked, Opened) for field in model._meta.get_fields()}
    assert names == {
        *("id", "assessment", "question", "shown_at", "waiting_since", "answered_at"),
        *("version", "day", "count"),
    }


# ---- The first question ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "headers", "opened"),
    [
        pytest.param("get", {}, 1, id="opened"),
        pytest.param("get", HTMX, 1, id="by htmx"),
        pytest.param("head", {}, 0, id="HEAD"),
        pytest.param("post", {}, 0, id="sent without an answer"),
        pytest.param("get", {"Sec-Purpose": "prefetch"}, 0, id="fetched ahead"),
        pytest.param("get", {"Sec-Purpose": "prefetch;prerender"}, 0, id="rendered ahead"),
        pytest.param("get", {"Purpose": "prefetch"}, 0, id="fetched ahead, an older browser"),
        pytest.param(
            "get", {**HTMX, "HX-History-Restore-Request": "true"}, 0, id="brought back by htmx"
        ),
    ],
)
def test_what_counts_as_an_opening(
    client: Client, version: PlaybookVersion, method: str, headers: dict[str, str], opened: int
) -> None:
    getattr(client, method)(START, headers=headers)
    assert openings_of(version, since=timezone.localdate()) == opened


def test_openings_of_a_day_are_one_row(client: Client, version: PlaybookVersion) -> None:
    for _ in range(3):
        client.get(START)
    assert [row.count for row in Opened.objects.all()] == [3]
    found = lines(version)["red-flags"]
    assert (found.shown, found.answered, found.left) == (3, 0, 3)


def test_a_buyer_gets_the_page_also_when_it_cannot_be_counted(
    client: Client, version: PlaybookVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> int:
        raise DatabaseError("database is locked")

    monkeypatch.setattr(QuerySet, "update", fail)
    assert client.get(START).status_code == 200
    assert not Opened.objects.exists()


def test_nothing_is_counted_when_it_is_switched_off(
    client: Client, version: PlaybookVersion, settings: Settings
) -> None:
    settings.NUMBERS_DAYS = 0
    client.get(START)
    client.post(START, {"red-flags": "none"})
    assert Assessment.objects.count() == 1
    assert not Asked.objects.exists()
    assert not Opened.objects.exists()


# ---- How long it is kept ---------------------------------------------------------------------


@pytest.mark.parametrize(("days", "kept"), [(0, 0), (1, 1), (5, 1), (6, 2)])
def test_what_is_older_is_forgotten(
    version: PlaybookVersion, settings: Settings, days: int, kept: int
) -> None:
    old, new = (begin(version, {"red-flags": "none"}) for _ in range(2))
    past = timezone.now() - timedelta(days=5)
    Assessment.objects.filter(pk=old.pk).update(created_at=past)
    for moment in (past, timezone.now()):
        Opened.objects.create(version=version, day=timezone.localdate(moment), count=4)

    settings.NUMBERS_DAYS = days
    call_command("forgetnumbers")

    assert Opened.objects.count() == kept
    assert {row.assessment for row in Asked.objects.all()} == set([new, old][:kept])
    assert Assessment.objects.count() == 2


# ---- How far buyers come ---------------------------------------------------------------------


def test_how_far_buyers_come(version: PlaybookVersion) -> None:
    begin(version, {"red-flags": "none"})
    start(version, {"red-flags": ("down",)})
    decided(version)
    issue_brief(decided(version))
    changed = decided(version)
    save_answers(changed, {"situation": ()})
    asked_nothing = begin(version, {"red-flags": "none"})  # before anything was counted
    asked_nothing.asked.all().delete()

    today = timezone.localdate()
    assert progress_of(version, since=today) == Progress(5, 3, 2, 1)
    assert progress_of(version, since=today + timedelta(days=1)) == Progress()
    assert progress_of(publish(small_playbook())[0], since=today) == Progress()


def test_only_those_who_began_in_the_period_count(version: PlaybookVersion) -> None:
    old = begin(version, {"red-flags": "none"})
    Assessment.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=40))
    Opened.objects.create(version=version, day=timezone.localdate() - timedelta(days=40), count=100)
    begin(version, {"red-flags": "none"})
    assert lines(version)["red-flags"].shown == 1
    assert lines(version, days=50)["red-flags"].shown == 100
    assert lines(version, days=50)["red-flags"].answered == 2


# ---- Any way through the questionnaire ---------------------------------------------------------


@dataclass
class Walk:
    """One buyer's way, written down beside it; answers, changes answers, and stops anywhere."""

    assessment: Assessment
    at: datetime
    shown: dict[str, datetime] = field(default_factory=dict)
    took: dict[str, timedelta] = field(default_factory=dict)
    stands_at: str = ""

    def say(self, key: str, random: Random) -> None:
        """Give any answer to a question."""
        asked = self.assessment.version.rulebook.playbook.question(key)
        options = [option.key for option in asked.options]
        few = random.sample(options, min(2, len(options))) if asked.kind is Kind.MANY else options
        exclusive = [option.key for option in asked.options if option.exclusive]
        answer = [random.choice(few)] if asked.kind is not Kind.MANY else few
        answer = [one for one in answer if one not in exclusive] or answer[:1]
        save_answers(self.assessment, {key: tuple(answer)}, at=self.at)
        if key in self.shown and key not in self.took:
            self.took[key] = self.at - self.shown[key]
        self.arrive()

    def arrive(self) -> None:
        """Write down where this leads."""
        playbook = self.assessment.version.rulebook.playbook
        following = next_question(playbook, recommendation_for(self.assessment))
        self.stands_at = following.key if following else ""
        if following:
            self.shown.setdefault(following.key, self.at)

    def fates(self, now: datetime) -> Iterator[tuple[str, Fate]]:
        """What became of each question."""
        for key in self.shown:
            if key in self.took:
                yield key, Fate.ANSWERED
            elif key != self.stands_at:
                yield key, Fate.MOOT
            else:
                yield key, Fate.OPEN if now - self.at < timedelta(days=1) else Fate.LEFT


def walk(version: PlaybookVersion, random: Random, now: datetime) -> Walk:
    """Let a buyer go any way."""
    begun = now - random.choice([LONG_AGO, timedelta(hours=2)])
    first = first_question(version.rulebook)
    assessment = start(version, {first.key: ("none",)}, at=begun)
    way = Walk(assessment, begun)
    way.arrive()
    for _ in range(random.randint(0, 9)):
        way.at += random.choice([timedelta(seconds=random.randint(1, 99)), timedelta(minutes=31)])
        again = [key for key in assessment.answers if key != first.key]
        if not way.stands_at or (again and random.random() < 0.3):
            if again:
                way.say(random.choice(again), random)
        else:
            way.say(way.stands_at, random)
    return way


def test_the_numbers_are_what_happened_on_any_way(version: PlaybookVersion) -> None:
    random, now = Random(7), timezone.now()  # noqa: S311 - the same ways each time
    ways = [walk(version, random, now) for _ in range(25)]

    fates: dict[str, list[Fate]] = defaultdict(list)
    times: dict[str, list[timedelta]] = defaultdict(list)
    for way in ways:
        for key, fate in way.fates(now):
            fates[key].append(fate)
        for key, took in way.took.items():
            times[key].append(took)
    assert {fate for told in fates.values() for fate in told} == {*Fate} - {Fate.BEGAN}

    found = lines(version)
    first = first_question(version.rulebook).key
    assert found.pop(first).answered == len(ways)
    assert set(found) == set(fates)
    for key, line in found.items():
        told = fates[key]
        assert line.shown == len(told), key
        assert line.answered == told.count(Fate.ANSWERED), key
        assert line.left == told.count(Fate.LEFT), key
        assert line.open == told.count(Fate.OPEN), key
        assert line.moot == told.count(Fate.MOOT), key
        quick = sorted(took for took in times[key] if took <= timedelta(minutes=30))
        assert (line.timed, line.later) == (len(quick), len(times[key]) - len(quick)), key
        if line.times:
            assert line.times.median == quick[(len(quick) - 1) // 2].total_seconds(), key
    progress = progress_of(version, since=timezone.localdate() - timedelta(days=30))
    total = [sum(getattr(line, name) for line in found.values()) for name in ("left", "open")]
    assert progress.started == len(ways) == progress.settled + sum(total)


def test_a_recommendation_that_is_issued_asks_nothing_more(version: PlaybookVersion) -> None:
    assessment = decided(version)
    before = counted(assessment)
    issue_recommendation(assessment)
    assert counted(assessment) == before
