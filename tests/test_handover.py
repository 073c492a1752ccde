"""Ticking off: what is saved, by whom, and that nobody undoes what another one did."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from advisor.offers import Checklist
from catalog.models import PlaybookVersion
from engagements.assessing import issue_recommendation
from engagements.handover import (
    HandoverError,
    Item,
    NameMissingError,
    TickedList,
    as_it_stands,
    handover_of,
    save_ticks,
)
from engagements.models import Assessment, Tick
from tests.buyers import begin
from tests.handovers import PROJECT, UNSETTLED, decided_on, handed_over, published
from tests.staff import consultant
from tests.test_publishing import Crowd

pytestmark = pytest.mark.django_db

DIAGRAM, BACKUPS, ALERTS = (f"infrastructure.{place}" for place in (1, 2, 3))
SECRETS = "security.2"


@pytest.fixture
def version() -> PlaybookVersion:
    """The small playbook with a handover."""
    return published()


@pytest.fixture
def assessment(version: PlaybookVersion) -> Assessment:
    """One with the audit recommended."""
    return handed_over(version)


def before(assessment: Assessment) -> Checklist:
    """The first checklist of its handover."""
    found = handover_of(assessment)
    assert found
    return found.checklists[0]


def now(assessment: Assessment) -> TickedList:
    [one] = as_it_stands(assessment, [before(assessment)])
    return one


def item(assessment: Assessment, key: str) -> Item:
    return next(item for item in now(assessment).items if item.id == key)


def save(
    assessment: Assessment, *ticked: str, seen: tuple[str, ...] = (), name: str = "Ida"
) -> list[Tick]:
    """Send a form that showed `seen` as ticked and came back with `ticked`."""
    return save_ticks(assessment, before(assessment), seen=set(seen), ticked=set(ticked), name=name)


def test_it_works(assessment: Assessment) -> None:
    ana = consultant()
    at = datetime(2026, 11, 12, 14, 5, tzinfo=UTC)
    save_ticks(
        assessment,
        before(assessment),
        seen=set(),
        ticked={DIAGRAM, SECRETS},
        name="Ana Sobral",
        user=ana,
        at=at,
    )
    state = now(assessment)
    assert [group.title for group in state.groups] == ["Group infrastructure", "Group security"]
    assert [item.words for item in state.items] == [
        "Diagram approved",
        "Backups restored once",
        "Alerts reach a person",
        "No default passwords",
        "Secrets in the vault",
    ]
    assert state.done == {DIAGRAM, SECRETS}
    tick = item(assessment, SECRETS).latest
    assert tick
    assert (tick.name, tick.user, tick.created_at, tick.done) == ("Ana Sobral", ana, at, True)
    assert item(assessment, BACKUPS).latest is None
    assert state.latest
    assert state.latest.item == "Secrets in the vault"


# ---- What there is to hand over --------------------------------------------------------------


def test_checklists_and_chapters_are_those_of_the_first_step(version: PlaybookVersion) -> None:
    for given, lists, chapters in (
        ({}, ["before", "training"], ["basics", "known-issues"]),
        ({"work": ["build"], "money": "monthly"}, ["before", "retained"], None),
    ):
        found = handover_of(handed_over(version, **given))
        assert found
        assert [one.key for one in found.checklists] == lists
        assert chapters is None or [one.key for one in found.chapters] == chapters


def test_a_consultant_who_decides_otherwise_decides_on_the_checklists(
    version: PlaybookVersion,
) -> None:
    found = handover_of(decided_on(handed_over(version), "retainer", consultant()))
    assert found
    assert found.model.key == "retainer"
    assert [one.key for one in found.checklists] == ["before", "retained"]


def test_there_is_none_before_a_recommendation(version: PlaybookVersion) -> None:
    assert handover_of(begin(version, UNSETTLED)) is None


def test_there_is_none_where_the_playbook_has_none() -> None:
    assert handover_of(handed_over(published(checklists=[], chapters=[]))) is None


def test_there_is_none_for_an_engagement_model_without(version: PlaybookVersion) -> None:
    only = [{**before(handed_over(version)).model_dump(), "engagements": ["audit"]}]
    other = published(checklists=only, chapters=[])
    assert handover_of(handed_over(other)) is not None
    assessment = begin(other, PROJECT)
    issue_recommendation(assessment)
    assert handover_of(Assessment.objects.get(pk=assessment.pk)) is None


# ---- What is saved ---------------------------------------------------------------------------


def test_two_people_at_once_never_undo_each_other(assessment: Assessment) -> None:
    """Both have the same page open; each ticks another item."""
    save(assessment, DIAGRAM, name="Ida")
    save(assessment, BACKUPS, name="Ana")
    assert now(assessment).done == {DIAGRAM, BACKUPS}
    save(assessment, BACKUPS, seen=(DIAGRAM, BACKUPS), name="Ida")
    save(assessment, DIAGRAM, BACKUPS, ALERTS, seen=(DIAGRAM, BACKUPS), name="Ana")
    assert now(assessment).done == {BACKUPS, ALERTS}


def test_the_same_twice_makes_no_new_rows(assessment: Assessment) -> None:
    assert len(save(assessment, DIAGRAM)) == 1
    assert save(assessment, DIAGRAM) == []
    assert save(assessment, DIAGRAM, name="Ana") == []
    assert save(assessment, DIAGRAM, seen=(DIAGRAM,), name="") == []
    assert [tick.name for tick in Tick.objects.all()] == ["Ida"]


def test_a_tick_taken_back_is_told(assessment: Assessment) -> None:
    save(assessment, DIAGRAM, name="Ida")
    save(assessment, seen=(DIAGRAM,), name="Ana")
    assert save(assessment, seen=(DIAGRAM,), name="Ana") == []
    ticked = item(assessment, DIAGRAM)
    assert not ticked.done
    assert [(tick.done, tick.name) for tick in ticked.ticks] == [(True, "Ida"), (False, "Ana")]
    assert now(assessment).done == frozenset()
    assert now(assessment).latest == ticked.latest


@pytest.mark.parametrize("name", ["", "   ", "\u200b\x07"])
def test_nobody_ticks_nothing(assessment: Assessment, name: str) -> None:
    with pytest.raises(NameMissingError, match="Enter your name"):
        save(assessment, DIAGRAM, name=name)
    assert not Tick.objects.exists()


def test_a_name_is_one_line(assessment: Assessment) -> None:
    [tick] = save(assessment, DIAGRAM, name=" Ida\r\n  Holm \u202e" + "n" * 300)
    assert tick.name.startswith("Ida Holm n")
    assert len(tick.name) == 120


@pytest.mark.parametrize(
    ("seen", "ticked"),
    [
        pytest.param((), ("infrastructure.4",), id="no such place"),
        pytest.param((), ("week.1",), id="of another list"),
        pytest.param(("nonsense",), (DIAGRAM,), id="seen"),
        pytest.param((), (DIAGRAM, ""), id="nothing"),
    ],
)
def test_an_unknown_item_is_refused_with_all_the_rest(
    assessment: Assessment, seen: tuple[str, ...], ticked: tuple[str, ...]
) -> None:
    with pytest.raises(HandoverError, match="“List before” has no such item"):
        save(assessment, *ticked, seen=seen)
    assert not Tick.objects.exists()


def test_each_assessment_has_ticks_of_its_own(version: PlaybookVersion) -> None:
    one, other = handed_over(version), handed_over(version)
    save(one, DIAGRAM)
    assert now(one).done == {DIAGRAM}
    assert now(other).done == frozenset()


def test_ticks_stay_when_the_answers_lead_elsewhere(assessment: Assessment) -> None:
    save(assessment, DIAGRAM)
    changed = decided_on(assessment, "retainer", consultant())
    assert now(changed).done == {DIAGRAM}


# ---- At once ---------------------------------------------------------------------------------


@pytest.fixture
def crowd(transactional_db: None, tmp_path: Path) -> Crowd:
    """People with database connections of their own."""
    return Crowd(tmp_path)


def test_eight_people_who_tick_at_once_are_all_heard(crowd: Crowd) -> None:
    def prepare() -> tuple[Assessment, Checklist]:
        assessment = handed_over(published())
        return assessment, before(assessment)

    [(assessment, checklist)] = crowd.run(prepare)
    keys = [DIAGRAM, BACKUPS, ALERTS, SECRETS] * 2

    def ticks(key: str) -> Callable[[], list[Tick]]:
        return lambda: save_ticks(assessment, checklist, seen=set(), ticked={key}, name=key)

    told = crowd.run(*map(ticks, keys))

    assert sorted(map(len, told)) == [0] * 4 + [1] * 4
    [done] = crowd.run(lambda: as_it_stands(assessment, [checklist])[0].done)
    assert done == set(keys)


def test_a_user_is_kept_with_the_tick(assessment: Assessment) -> None:
    user = User.objects.create(username="ida")
    save_ticks(assessment, before(assessment), seen=set(), ticked={DIAGRAM}, name="Ida", user=user)
    assert Tick.objects.get().user == user
