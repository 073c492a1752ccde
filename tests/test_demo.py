"""The demo's quarter: what comes of it, that it is the same each time, and when it is refused."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F
from django.test import override_settings
from django.utils import timezone
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from advisor.loading import document_hash, to_document
from catalog.drafts import playbook_of
from catalog.models import Draft, PlaybookVersion
from catalog.publishing import publish
from engagements.demo import PLAYBOOKS, STORIES, playbook_then, tell
from engagements.groups import RIGHTS
from engagements.management.commands.demo import make_accounts
from engagements.models import (
    Asked,
    Assessment,
    Decision,
    Opened,
    OverrideReason,
    Review,
    State,
)
from engagements.stories import FIRST, DemoError, Happening, Quarter, Story
from tests.buyers import decided

TOLD = Quarter.read(STORIES)
STORIES_BY_EMAIL = {story.email: story for story in TOLD.stories if story.email}


@pytest.fixture(scope="module")
def first_time(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """A database with the demo, for all tests that only read; what the first of two runs made."""
    var = tmp_path_factory.mktemp("var")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(DEBUG=True, VAR=var):
            with transaction.atomic():
                demo()
                content = content_of_database()
                transaction.set_rollback(True)
            demo()
        yield content
        transaction.set_rollback(True)


@pytest.fixture
def debug(settings: Settings, tmp_path: Path) -> None:
    settings.DEBUG = True
    settings.VAR = tmp_path


def demo() -> str:
    """Run the command; return what it says."""
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def content_of_database() -> str:
    """All that the demo makes, but for ids and tokens."""
    rows: list[Any] = [
        [version.number, version.hash, version.notes, str(version.published_by)]
        for version in PlaybookVersion.objects.all()
    ]
    for one in Assessment.objects.select_related("version").order_by("pk"):
        rows.append([one.version.number, one.state, one.settled, one.created_at, one.updated_at])
        rows.append([one.contact_name, one.contact_firm, one.contact_email])
        rows.extend([a.question, a.values, a.answered_at] for a in one.answer_set.all())
        rows.extend([r.number, r.document, r.created_at] for r in one.recommendations.all())
        for review in one.reviews.all():
            rows.append([review.recommendation.number, review.number, review.decision])
            rows.append([review.engagement, review.reason, review.note, review.message])
            rows.append([review.steps, review.uncarried, str(review.reviewer), review.created_at])
        rows.extend([note.text, str(note.author), note.created_at] for note in one.notes.all())
        rows.extend([b.number, b.content, b.created_at] for b in one.briefs.all())
    return re.sub(r"SB-\d+-\d+", "SB", json.dumps(rows, default=str, indent=1, sort_keys=True))


# ---- The quarter --------------------------------------------------------------------------


def test_it_works(first_time: str) -> None:
    assert 65 <= Assessment.objects.count() == len(TOLD.stories) <= 80
    assert {a.state for a in Assessment.objects.all()} == set(State)


def test_every_engagement_model_is_recommended_and_is_decided_on(first_time: str) -> None:
    models = {m.key for m in playbook_then(FIRST).engagements}
    theirs = Assessment.objects.filter(version__playbook__key=FIRST)
    issued = theirs.values_list("recommendation__engagement", flat=True)
    decisions = theirs.values_list("review__engagement", flat=True)

    assert models <= set(issued)
    assert models <= set(decisions)


def test_every_kind_of_outcome_comes_up(first_time: str) -> None:
    kinds = Counter(Assessment.objects.values_list("recommendation__kind", flat=True))

    assert kinds.keys() == {"single", "pathway", "entry", "conflict", None}
    assert min(kinds.values()) > 1


def test_every_reason_to_override_comes_up(first_time: str) -> None:
    in_force = Assessment.objects.filter(state=State.OVERRIDDEN)

    assert set(in_force.values_list("review__reason", flat=True)) == set(OverrideReason)


def test_reviews_are_taken_back_and_followed_by_others(first_time: str) -> None:
    reopened = Assessment.objects.filter(reviews__decision=Decision.REOPENED)

    assert set(reopened.values_list("state", flat=True)) == {
        State.WAITING,
        State.APPROVED,
        State.OVERRIDDEN,
    }


def test_two_consultants_review(first_time: str) -> None:
    reviewers = Counter(Review.objects.values_list("reviewer__username", flat=True))

    assert reviewers.keys() == {"consultant", "tunde"}
    assert min(reviewers.values()) > 10


def test_what_is_reviewed_has_a_brief_that_says_so(first_time: str) -> None:
    reviewed = Assessment.objects.reviewed().with_decision()

    assert reviewed.count() > 40
    for assessment in reviewed:
        brief = assessment.briefs.first()
        assert brief.review == assessment.review
        assert brief.content["reference"] == assessment.reference
        assert brief.content["contact"]["firm"] == assessment.contact_firm
        assert brief.content["reviewed"]["message"] == assessment.review.message


def test_each_shipped_playbook_has_buyers_and_two_go_on_from_one_into_the_next(
    first_time: str,
) -> None:
    begun = Counter(Assessment.objects.values_list("version__playbook__key", flat=True))

    assert begun.keys() == {path.stem for path in PLAYBOOKS.glob("*.toml")}
    assert min(begun.values()) > 1
    went_on = Assessment.objects.exclude(continues=None)
    assert went_on.count() == 2
    for later in went_on:
        earlier = later.continues
        assert later.contact_email == earlier.contact_email
        assert earlier.briefs.first().content["following"][0]["reference"] == later.reference
        assert later.briefs.first().content["earlier"][0]["reference"] == earlier.reference


def test_some_are_answering_at_the_start_and_some_near_the_end(first_time: str) -> None:
    answering = Assessment.objects.filter(state=State.ANSWERING)
    counts = {assessment.answer_set.count() for assessment in answering}

    assert min(counts) == 1
    assert max(counts) > 5
    assert {a.settled for a in answering} == {True, False}
    assert not any(a.contact_email or a.contact_firm for a in answering)


def test_what_a_consultant_notes_is_in_no_brief(first_time: str) -> None:
    told = "".join(
        json.dumps(brief.content, ensure_ascii=False)
        for assessment in Assessment.objects.all()
        for brief in assessment.briefs.all()
    )
    events = [event for story in TOLD.stories for event in story.then]
    notes = {getattr(event, name, "") for event in events for name in ("note", "text")} - {""}

    assert len(notes) > 20
    assert not [note for note in notes if note in told]


def test_its_numbers_are_what_the_stories_say_and_nothing_more(first_time: str) -> None:
    left = [story for story in TOLD.stories if story.leaves_after]
    waiting = Asked.objects.filter(answered_at=None, assessment__settled=False)

    assert len(left) > 1
    unsettled = Assessment.objects.filter(settled=False)
    assert sorted(row.assessment_id for row in waiting) == sorted(one.pk for one in unsettled)
    for story in left:
        at = story.moment(timezone.localdate())
        assert waiting.filter(shown_at=at, waiting_since=at).exists(), story.key
    # They tell when somebody began, and not how long a question took.
    assert not Asked.objects.filter(answered_at__gt=F("shown_at")).exists()
    assert Asked.objects.filter(answered_at=F("shown_at")).count() > 300
    assert not Opened.objects.exists()


# ---- Its time -----------------------------------------------------------------------------


def test_each_thing_happens_after_what_it_rests_on(first_time: str) -> None:
    for one in Assessment.objects.all():
        for recommendation in one.recommendations.all():
            assert one.created_at < recommendation.created_at <= one.updated_at
        for review in one.reviews.all():
            assert review.recommendation.created_at < review.created_at <= one.updated_at
        for brief in one.briefs.all():
            assert brief.recommendation.created_at <= brief.created_at
            assert brief.content["issued_on"] == str(timezone.localdate(brief.created_at))
            if brief.review:
                assert brief.review.created_at <= brief.created_at


@pytest.mark.parametrize("model", [Assessment, Review], ids=["assessments", "reviews"])
def test_numbers_rise_with_time(first_time: str, model: type[Assessment | Review]) -> None:
    moments = list(model.objects.order_by("pk").values_list("created_at", flat=True))

    assert moments == sorted(moments)


@pytest.mark.parametrize("weekday", range(7))
def test_it_is_always_the_last_ninety_days(weekday: int) -> None:
    today = date(2026, 3, 2) + timedelta(days=weekday)
    moments = [
        happening.moment(today)
        for happening in (*TOLD.versions, *TOLD.stories, *(e for s in TOLD.stories for e in s.then))
    ]

    assert all(1 <= (today - moment.date()).days <= 90 for moment in moments)
    assert all(moment.weekday() < 5 for moment in moments)
    assert (today - max(moments).date()).days <= 3
    for story in TOLD.stories:
        in_order = [story.moment(today), *(event.moment(today) for event in story.then)]
        assert all(before < after for before, after in pairwise(in_order)), story.key


@pytest.mark.parametrize(
    ("today", "at", "moment"),
    [
        pytest.param(date(2026, 3, 4), "1 09:05", "2026-03-03 09:05", id="yesterday"),
        pytest.param(date(2026, 3, 2), "1 09:05", "2026-02-27 09:05", id="on a Monday"),
        pytest.param(date(2026, 3, 1), "1 09:05", "2026-02-27 09:05", id="on a Sunday"),
        pytest.param(date(2026, 3, 4), "5 23:50", "2026-02-25 23:50", id="a week"),
    ],
)
def test_days_are_working_days(today: date, at: str, moment: str) -> None:
    assert f"{Happening(at=at).moment(today):%Y-%m-%d %H:%M}" == moment


def test_nobody_works_at_night_but_for_emergencies() -> None:
    for story in TOLD.stories:
        if "red-flags" not in story.answers:
            for happening in (story, *story.then):
                assert "08:00" < happening.at.split()[1] < "18:00", story.key


def test_there_is_more_to_do_lately() -> None:
    days = [int(story.at.split()[0]) for story in TOLD.stories]
    months = [sum(first <= day < first + 22 for day in days) for first in (43, 22, 1)]

    assert months == sorted(months)
    assert months[2] > 1.5 * months[0]


# ---- Its playbook -------------------------------------------------------------------------


def test_version_2_is_the_file_and_version_1_was_slightly_different(first_time: str) -> None:
    now, was = PlaybookVersion.objects.filter(playbook__key=FIRST)
    changed = {key for key in now.document if now.document[key] != was.document[key]}

    assert (was.number, now.number) == (1, 2)
    assert was.published_at < now.published_at
    assert now.hash == document_hash(to_document(playbook_then(FIRST)))
    assert changed == {"engagements", "signals"}
    for part in changed:
        pairs = zip(was.document[part], now.document[part], strict=True)
        assert sum(before != after for before, after in pairs) == 1


def test_everybody_stays_on_the_version_under_which_they_began(first_time: str) -> None:
    newer = PlaybookVersion.objects.get(number=2)

    for assessment in Assessment.objects.filter(version__playbook__key=FIRST):
        expected = 2 if assessment.created_at > newer.published_at else 1
        assert assessment.version.number == expected
    overtaken = Assessment.objects.filter(
        version__playbook__key=FIRST,
        version__number=1,
        recommendation__created_at__gt=newer.published_at,
    )
    assert overtaken.exists()


def test_loading_the_playbooks_afterwards_changes_nothing(first_time: str) -> None:
    before = content_of_database()
    drafts = list(Draft.objects.all())

    call_command("loadplaybooks", stdout=StringIO())

    assert content_of_database() == before
    assert list(Draft.objects.all()) == drafts
    assert len(drafts) == len(TOLD.playbooks)
    for draft in drafts:
        live = draft.playbook.live
        assert draft.based_on == live
        assert playbook_of(draft) == playbook_then(draft.playbook.key)
        assert live.hash == document_hash(to_document(playbook_of(draft)))


# ---- Again --------------------------------------------------------------------------------


def test_it_is_the_same_each_time(first_time: str) -> None:
    assert content_of_database() == first_time


def test_running_it_again_adds_nothing_and_says_so(first_time: str, debug: None) -> None:
    assert demo() == "The demo's quarter is there already; nothing was added.\n"

    assert content_of_database() == first_time


# ---- Refused ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_real_database_is_left_alone(debug: None, version: PlaybookVersion) -> None:
    theirs = decided(version)

    with pytest.raises(CommandError, match=r"not the demo's\. .*`make run DATABASE_URL=\S+`"):
        demo()

    assert list(Assessment.objects.all()) == [theirs]
    assert list(PlaybookVersion.objects.all()) == [version]


@pytest.mark.django_db
@pytest.mark.parametrize("key", TOLD.playbooks)
def test_a_playbook_of_the_same_name_that_somebody_has_changed_stays_live(
    debug: None, key: str
) -> None:
    theirs, _ = publish(playbook_then(key).model_copy(update={"minutes": 9}))

    with pytest.raises(CommandError, match=f"{theirs} was published here and is not what"):
        demo()

    assert list(PlaybookVersion.objects.all()) == [theirs]


@pytest.mark.django_db
def test_it_is_not_for_production() -> None:
    with pytest.raises(CommandError, match="createsuperuser"):
        demo()

    assert not PlaybookVersion.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        pytest.param(
            {"then": [{"at": "3 10:00", "does": "is advised", "outcome": ["audit"]}]},
            "the-buyer, 3 10:00: the rules say single (managed-operation), the story only (audit)",
            id="another outcome",
        ),
        pytest.param(
            {"answers": {"situation": "not-our-job", "rhythm": "monthly"}},
            "the-buyer, 3 09:00: this buyer is not asked rhythm; leave it out.",
            id="an answer to what is not asked",
        ),
        pytest.param(
            {"answers": {"red-flags": "down", "situation": "looking"}},
            "the-buyer, 3 09:00: this buyer is not asked situation; leave it out.",
            id="an answer to what is settled",
        ),
        pytest.param(
            {"answers": {"situation": "build", "response": "no"}},
            "before the rest; answer it, too.",
            id="no answer to what is asked before",
        ),
        pytest.param(
            {"answers": {"situation": "bored"}},
            "the-buyer, 3 09:00: The question 'situation' has no option 'bored'",
            id="an answer that is not there",
        ),
        pytest.param(
            {"answers": {}, "then": [{"at": "3 10:00", "does": "is advised", "outcome": []}]},
            "is not settled",
            id="advice too early",
        ),
        pytest.param(
            {"then": [{"at": "3 10:00", "does": "approves", "by": "tunde"}]},
            "the-buyer, 3 10:00: there is no recommendation at this moment",
            id="a review of nothing",
        ),
        pytest.param(
            {
                "then": [
                    {"at": "3 10:00", "does": "is advised", "outcome": ["managed-operation"]},
                    {
                        "at": "3 11:00",
                        "does": "adds details",
                        "details": {"goal-questions": "Why?"},
                    },
                ]
            },
            "the-buyer, 3 11:00: this buyer is not asked goal-questions",
            id="a detail that is not asked for",
        ),
        pytest.param(
            {"continues": "nobody", "answers": {}},
            "the-buyer, 3 09:00: the story 'nobody' has not begun at this moment",
            id="going on from nothing",
        ),
        pytest.param(
            {"playbook": "nowhere"},
            "the-buyer, 3 09:00: the playbook 'nowhere' is not published at this moment",
            id="no such playbook",
        ),
    ],
)
def test_a_story_that_does_not_come_about_is_refused_and_nothing_is_left(
    debug: None, told: dict[str, Any], refusal: str
) -> None:
    answers = {"situation": "not-our-job", "choice": "no", "response": "no", "money": "monthly"}
    story = {"key": "the-buyer", "about": "One.", "at": "3 09:00", "answers": answers, **told}
    make_accounts(TOLD.people)
    quarter = TOLD.model_copy(update={"stories": (Story.model_validate(story),)})

    with pytest.raises(DemoError) as error:
        tell(quarter, date(2026, 3, 2))

    assert refusal in str(error.value)
    assert not PlaybookVersion.objects.exists()
    assert not Assessment.objects.exists()


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        pytest.param("[[stories]", "odd.toml cannot be read", id="no TOML"),
        pytest.param('[[stories]]\nkey = "a"\nabout = "b"\nat = "soon"', "at", id="no moment"),
        pytest.param("[[buyers]]", "buyers", id="no such part"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str, refusal: str) -> None:
    (tmp_path / "odd.toml").write_text(text)

    with pytest.raises(DemoError, match=refusal):
        Quarter.read(tmp_path)


# ---- The files ----------------------------------------------------------------------------


def test_keys_and_addresses_are_unique_and_nobody_real_gets_mail() -> None:
    keys = [story.key for story in TOLD.stories]
    emails = [story.email for story in TOLD.stories if story.email]

    assert len(set(keys)) == len(keys)
    assert len(set(emails)) == len(emails)
    assert all(email.endswith(".example") for email in emails)


def test_a_few_buyers_stay_without_a_name() -> None:
    advised = [s for s in TOLD.stories if any(e.does == "is advised" for e in s.then)]

    begun = [story for story in advised if not story.continues]
    assert [s.key for s in begun if not s.email] == ["hours-without-a-name"]
    assert len(STORIES_BY_EMAIL) + 1 == len(begun) < len(advised) < len(TOLD.stories)


def test_everybody_who_does_something_has_an_account_in_a_group() -> None:
    people = {person.username: person for person in TOLD.people}
    events = [event for story in TOLD.stories for event in story.then]
    consultants = {event.by for event in events if hasattr(event, "by")}

    assert {people[name].group for name in consultants} == {"consultants"}
    assert {people[version.by].group for version in TOLD.versions} == {"catalog editors"}
    assert {person.group for person in TOLD.people} == {*RIGHTS, None}
