"""Reviews: approved, overridden, taken back; and what an assessment's columns say of it."""

import json
import random
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from advisor.rules import recommend
from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import issue_recommendation, refresh, save_answers
from engagements.brief import Brief
from engagements.models import (
    Assessment,
    BriefVersion,
    Decision,
    OverrideReason,
    Recommendation,
    Review,
    State,
)
from engagements.pdf import html_of
from engagements.reviewing import ReviewError, add_note, approve, override, reopen
from tests.buyers import answered, begin, decided, text_of, to
from tests.factories import small_playbook
from tests.staff import consultant, signed_in
from tests.test_publishing import Crowd

pytestmark = pytest.mark.django_db

OTHER = "audit"
CHANGED_MEANWHILE = (
    "The answers have changed since this was recommended; review what they lead to now."
)
LOCKED = "This is reviewed already; reopen it first, with a note that says why."
NOTHING_TO_TAKE_BACK = "There is no review to take back; approve or override instead."


@pytest.fixture
def ana(db: None) -> User:
    return consultant()


@pytest.fixture
def ben(db: None) -> User:
    return consultant("ben", "Ben Adeyemi")


def issued_for(assessment: Assessment) -> Recommendation:
    """The newest recommendation, whether or not the answers still lead to it."""
    found = assessment.recommendations.first()
    assert found
    return found


def seen_of(recommendation: Recommendation) -> int:
    """The number of the newest review that somebody sees who looks now."""
    newest = recommendation.reviews.first()
    return newest.number if newest else 0


def decide(recommendation: Recommendation, decision: str, by: User, **changes: Any) -> Review:
    """Make a decision of this kind as somebody does who looks now."""
    sent = {"by": by, "seen": seen_of(recommendation), **changes}
    match decision:
        case "approve":
            return approve(recommendation, **sent)
        case "override":
            given = {"engagement": OTHER, "reason": OverrideReason.RISK, "note": "I was there."}
            return override(recommendation, **{**given, **sent})
        case _:
            return reopen(recommendation, **{"note": "Wrong firm.", **sent})


def state_of(assessment: Assessment) -> State:
    assessment.refresh_from_db()
    return State(assessment.state)


def test_it_works(version: PlaybookVersion, ana: User) -> None:
    assessment = decided(version, "build")
    recommendation = issued_for(assessment)
    review = approve(recommendation, by=ana, seen=0, message="Yes.", note="Easy.")
    assert (review.number, review.decision, review.reviewer) == (1, Decision.APPROVED, ana)
    assert review.engagement == "implementation-project"
    assert (review.message, review.note, review.reason, review.steps) == ("Yes.", "Easy.", "", [])
    assert state_of(assessment) == State.APPROVED
    assert assessment.review == review
    assert assessment.briefs.get().review == review


# ---- Each decision in each state -----------------------------------------------------------


def bring_to(state: str, version: PlaybookVersion, by: User) -> Assessment:
    """An assessment that is recommended an implementation project, and has come so far."""
    assessment = decided(version, "build")
    recommendation = issued_for(assessment)
    history = {
        "waiting": (),
        "approved": ("approve",),
        "overridden": ("override",),
        "reopened": ("approve", "reopen"),
        "reopened twice": ("approve", "reopen", "override", "reopen"),
        "changed": ("approve",),
        "changed before any review": (),
        "recommended anew": ("approve",),
        "changed and back": ("override",),
    }[state]
    for decision in history:
        decide(recommendation, decision, by)
    if "changed" in state or "anew" in state:
        save_answers(assessment, {"situation": ("unproven",)})
    if "anew" in state:
        issue_recommendation(assessment)
    if "back" in state:
        save_answers(assessment, {"situation": ("build",)})
    return assessment


@pytest.mark.parametrize(
    ("state", "decision", "expected"),
    [
        ("waiting", "approve", State.APPROVED),
        ("waiting", "override", State.OVERRIDDEN),
        ("waiting", "reopen", NOTHING_TO_TAKE_BACK),
        ("approved", "approve", LOCKED),
        ("approved", "override", LOCKED),
        ("approved", "reopen", State.WAITING),
        ("overridden", "approve", LOCKED),
        ("overridden", "override", LOCKED),
        ("overridden", "reopen", State.WAITING),
        ("reopened", "approve", State.APPROVED),
        ("reopened", "override", State.OVERRIDDEN),
        ("reopened", "reopen", NOTHING_TO_TAKE_BACK),
        ("reopened twice", "approve", State.APPROVED),
        ("reopened twice", "override", State.OVERRIDDEN),
        ("changed", "approve", CHANGED_MEANWHILE),
        ("changed", "override", CHANGED_MEANWHILE),
        ("changed", "reopen", CHANGED_MEANWHILE),
        ("changed before any review", "approve", CHANGED_MEANWHILE),
        ("changed before any review", "override", CHANGED_MEANWHILE),
        ("changed and back", "approve", LOCKED),
        ("changed and back", "reopen", State.WAITING),
        ("recommended anew", "approve", CHANGED_MEANWHILE),
        ("recommended anew", "override", CHANGED_MEANWHILE),
    ],
)
def test_a_decision_in_each_state(
    version: PlaybookVersion, ana: User, state: str, decision: str, expected: str
) -> None:
    ben = consultant("ben", "Ben Adeyemi")
    assessment = bring_to(state, version, ana)
    recommendation = assessment.recommendations.last()
    assert recommendation
    before = state_of(assessment), assessment.reviews.count(), assessment.briefs.count()
    if isinstance(expected, State):
        review = decide(recommendation, decision, ben)
        assert state_of(assessment) == expected
        assert assessment.review == (review if review.in_force else None)
    else:
        with pytest.raises(ReviewError) as refused:
            decide(recommendation, decision, ben)
        assert str(refused.value) == expected
        after = state_of(assessment), assessment.reviews.count(), assessment.briefs.count()
        assert after == before


def test_a_new_recommendation_needs_a_review_of_its_own(
    version: PlaybookVersion, ana: User
) -> None:
    assessment = bring_to("recommended anew", version, ana)
    assert state_of(assessment) == State.WAITING
    newest = issued_for(assessment)
    assert approve(newest, by=ana, seen=0).number == 1
    assert state_of(assessment) == State.APPROVED


# ---- Twice, and two at once ----------------------------------------------------------------


@pytest.mark.parametrize("decision", ["approve", "override"])
def test_pressed_twice_is_one_review(version: PlaybookVersion, ana: User, decision: str) -> None:
    assessment = decided(version, "build")
    recommendation = issued_for(assessment)
    first = decide(recommendation, decision, ana, seen=0, message="Yes.")
    assert decide(recommendation, decision, ana, seen=0, message="Yes.") == first
    assert assessment.reviews.get() == first
    assert assessment.briefs.count() == 1


def test_reopened_twice_is_one_review(version: PlaybookVersion, ana: User) -> None:
    recommendation = issued_for(decided(version, "build"))
    approve(recommendation, by=ana, seen=0)
    assert reopen(recommendation, by=ana, seen=1, note="No.") == reopen(
        recommendation, by=ana, seen=1, note="No."
    )


@pytest.mark.parametrize(
    "second",
    [
        pytest.param({"message": "Other words."}, id="the same, with another message"),
        pytest.param({"note": "Other words."}, id="the same, with another note"),
    ],
)
def test_who_changes_the_words_meanwhile_is_told(
    version: PlaybookVersion, ana: User, second: Mapping[str, str]
) -> None:
    recommendation = issued_for(decided(version, "build"))
    approve(recommendation, by=ana, seen=0, message="Yes.", note="Easy.")
    with pytest.raises(ReviewError, match=r"Ana Sobral decided meanwhile: approved\."):
        approve(recommendation, by=ana, seen=0, **{"message": "Yes.", "note": "Easy.", **second})


@pytest.mark.parametrize(
    ("first", "told"), [("approve", "approved"), ("override", "overridden")], ids=str
)
def test_the_second_of_two_consultants_is_told_who_was_first(
    version: PlaybookVersion, ana: User, ben: User, first: str, told: str
) -> None:
    recommendation = issued_for(decided(version, "build"))
    review = decide(recommendation, first, ana)
    for decision in ("approve", "override"):
        with pytest.raises(ReviewError) as refused:
            decide(recommendation, decision, ben, seen=0)
        assert str(refused.value) == f"Ana Sobral decided meanwhile: {told}."
    assert recommendation.reviews.get() == review


@pytest.fixture
def crowd(transactional_db: None, tmp_path: Path) -> Crowd:
    return Crowd(tmp_path)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ["one consultant", "four consultants"])
def test_of_approvals_at_once_one_is_made(crowd: Crowd, who: str) -> None:
    def prepare() -> tuple[Assessment, list[User]]:
        version, _ = publish(small_playbook())
        assessment = begin(version, {"cause": "known", "work": "build", "money": "monthly"})
        issue_recommendation(assessment)
        return assessment, [consultant(name) for name in "abcd"]

    [(assessment, people)] = crowd.run(prepare)
    recommendation_pk = assessment.recommendation_id
    four = people if who == "four consultants" else people[:1] * 4

    def attempt(person: User) -> Review | str:
        recommendation = Recommendation.objects.get(pk=recommendation_pk)
        try:
            return approve(recommendation, by=person, seen=0)
        except ReviewError as error:
            return str(error)

    told = crowd.run(*(lambda person=person: attempt(person) for person in four))
    made = {review.pk for review in told if isinstance(review, Review)}
    assert len(made) == 1
    refused = [text for text in told if isinstance(text, str)]
    assert len(refused) == (0 if len(set(four)) == 1 else 3)
    assert all(text.endswith("decided meanwhile: approved.") for text in refused)
    assert crowd.run(
        lambda: (Review.objects.count(), Assessment.objects.get().state),
        BriefVersion.objects.count,
    ) == [(1, "approved"), 1]


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_an_approval_at_once_agree_in_the_end(crowd: Crowd) -> None:
    """Whoever is first: what was reviewed is what was recommended, and the columns are right."""

    def prepare() -> tuple[Assessment, User]:
        version, _ = publish(small_playbook())
        assessment = begin(version, {"cause": "known", "work": "build", "money": "monthly"})
        issue_recommendation(assessment)
        return assessment, consultant()

    [(assessment, ana)] = crowd.run(prepare)

    def change() -> None:
        save_answers(Assessment.objects.get(pk=assessment.pk), {"cause": ("unknown",)})

    def review() -> str:
        recommendation = Recommendation.objects.get(pk=assessment.recommendation_id)
        try:
            return str(approve(recommendation, by=ana, seen=0).decision)
        except ReviewError as error:
            return str(error)

    _, told = crowd.run(change, review)
    assert told in ("approved", CHANGED_MEANWHILE)
    expected = State.CHANGED if told == "approved" else State.ANSWERING
    [state] = crowd.run(lambda: Assessment.objects.get().state)
    assert state == expected


# ---- Overrides -----------------------------------------------------------------------------


def test_an_override_with_what_is_recommended_is_refused(
    version: PlaybookVersion, ana: User
) -> None:
    recommendation = issued_for(decided(version, "build"))
    with pytest.raises(ReviewError, match="recommended already; approve it instead"):
        decide(recommendation, "override", ana, engagement="implementation-project")
    assert not recommendation.reviews.exists()


def test_an_override_with_an_unknown_engagement_model_is_refused(
    version: PlaybookVersion, ana: User
) -> None:
    recommendation = issued_for(decided(version, "build"))
    with pytest.raises(ReviewError) as refused:
        decide(recommendation, "override", ana, engagement="spaceship")
    assert str(refused.value) == (
        "This playbook version has no engagement model 'spaceship'; choose one of its own."
    )


@pytest.mark.parametrize(
    ("situation", "answers", "kind", "chosen", "uncarried"),
    [
        pytest.param(
            "build",
            {},
            "single",
            ["audit", "implementation-project"],
            [],
            id="of a single one",
        ),
        pytest.param(
            "unproven",
            {"rhythm": "monthly", "money": "evidence-first"},
            "pathway",
            ["hourly-package", "retained-engineering"],
            ["evidence"],
            id="of a pathway",
        ),
        pytest.param(
            "not-our-job",
            {"operator": "you", "money": "one-off"},
            "conflict",
            ["managed-operation"],
            [],
            id="of a conflict",
        ),
        pytest.param(
            "work-list",
            {"red_flags": ["down"]},
            "single",
            ["audit"],
            None,
            id="of an emergency",
        ),
        pytest.param(
            "looking",
            {},
            "entry",
            ["hourly-package"],
            [],
            id="where nothing is demanded",
        ),
    ],
)
def test_an_override_has_the_steps_that_follow(
    version: PlaybookVersion,
    ana: User,
    *,
    situation: str,
    answers: Mapping[str, Any],
    kind: str,
    chosen: list[str],
    uncarried: list[str] | None,
) -> None:
    assessment = decided(version, situation, **answers)
    recommendation = issued_for(assessment)
    assert recommendation.kind == kind
    review = decide(recommendation, "override", ana, engagement=chosen[0])
    review.refresh_from_db()
    assert review.engagement == chosen[0]
    assert [step["engagement"] for step in review.steps] == chosen
    if uncarried is None:
        respond = {n.key for n in version.rulebook.playbook.needs if n.phase == "respond"}
        assert respond & set(review.uncarried)
    else:
        assert review.uncarried == uncarried
    brief = Brief.model_validate(assessment.briefs.get().content)
    assert brief.overridden
    titles = version.rulebook.playbook
    assert [step.title for step in brief.steps] == [titles.engagement(k).title for k in chosen]


def test_nothing_that_fits_can_be_approved(version: PlaybookVersion, ana: User) -> None:
    assessment = decided(version, "not-our-job", operator="you", money="one-off")
    review = approve(issued_for(assessment), by=ana, seen=0)
    assert (review.engagement, state_of(assessment)) == ("", State.APPROVED)


# ---- What stays as it is -------------------------------------------------------------------


def stored(recommendation: Recommendation) -> list[Any]:
    """A row as the database has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM engagements_recommendation WHERE id = %s", [recommendation.pk]
        )
        return [str(value) for value in cursor.fetchone()]


def test_the_recommendation_stays_byte_for_byte(version: PlaybookVersion, ana: User) -> None:
    recommendation = issued_for(decided(version, "build"))
    before = stored(recommendation)
    for decision in ("approve", "reopen", "override", "reopen"):
        decide(recommendation, decision, ana)
    assert stored(recommendation) == before


def test_earlier_briefs_stay_and_a_new_review_makes_a_new_one(
    version: PlaybookVersion, ana: User
) -> None:
    assessment = decided(version, "build")
    recommendation = issued_for(assessment)
    for decision in ("approve", "reopen", "override"):
        decide(recommendation, decision, ana)
    second, first = assessment.briefs.all()
    assert (first.number, second.number) == (1, 2)
    assert not Brief.model_validate(first.content).overridden
    assert Brief.model_validate(second.content).overridden
    assert (first.review.decision, second.review.decision) == ("approved", "overridden")


def test_what_is_internal_is_in_no_copy_of_the_buyers(version: PlaybookVersion, ana: User) -> None:
    assessment = decided(version, "build")
    recommendation = issued_for(assessment)
    secret = "They pay late"
    add_note(assessment, secret, by=ana)
    approve(recommendation, by=ana, seen=0, note=secret)
    reopen(recommendation, by=ana, seen=1, note=secret)
    decide(recommendation, "override", ana, note=secret, message="As discussed.")
    page = text_of(signed_in(ana).get(to(assessment, "recommendation")))
    assert "As discussed." in page
    assert secret not in page
    for row in assessment.briefs.all():
        assert secret not in json.dumps(row.content)
        assert secret not in html_of(Brief.model_validate(row.content))


def test_a_note_sent_twice_is_one(version: PlaybookVersion, ana: User, ben: User) -> None:
    assessment = decided(version)
    first = add_note(assessment, "Call them.", by=ana)
    assert add_note(assessment, "Call them.", by=ana) == first
    assert add_note(assessment, "Call them.", by=ben) != first
    assert [note.author for note in assessment.notes.all()] == [ana, ben]


# ---- The columns of an assessment are what its rows come to --------------------------------

ANSWERS = ("build", "unproven", "work-list")


def assert_columns_are_right(assessment: Assessment) -> None:
    """Read it all from the rows, by DESIGN's words, and compare."""
    row = Assessment.objects.get(pk=assessment.pk)
    now = recommend(row.version.rulebook, row.answers)
    latest = row.recommendations.order_by("-number").first()
    leads = latest if latest and latest.value == now else None
    newest = row.reviews.order_by("-pk").first()
    decides = newest if newest and newest.decision != "reopened" else None
    in_force = decides if decides and decides.recommendation == leads else None
    assert row.settled == (now.outcome is not None)
    assert row.recommendation == leads
    assert row.review == in_force
    if in_force:
        assert row.state == in_force.decision
    elif leads:
        assert row.state == "waiting"
    else:
        assert row.state == ("changed" if decides else "answering")


@pytest.mark.parametrize("seed", range(8))
def test_columns_are_right_whatever_happens(
    version: PlaybookVersion, ana: User, ben: User, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same every time
    assessment = answered(version, "build")

    def act(event: str) -> None:
        match event:
            case "answer":
                save_answers(assessment, {"situation": (chance.choice(ANSWERS),)})
            case "take back":
                save_answers(assessment, {"situation": ()})
            case "issue":
                issue_recommendation(assessment)
            case _ if assessment.recommendations.exists():
                decide(issued_for(assessment), event, chance.choice((ana, ben)))

    happened: list[str] = []
    weights = {"answer": 3, "take back": 1, "issue": 4, "approve": 3, "override": 3, "reopen": 2}
    for event in chance.choices([*weights], weights.values(), k=24):
        with suppress(ReviewError, ValueError):  # it cannot be now: then nothing may have changed
            act(event)
            happened.append(event)
        assert_columns_are_right(assessment)
    assert "issue" in happened


def test_an_answer_read_long_ago_does_not_decide(version: PlaybookVersion) -> None:
    """A tab that has read the answers waits for another one that changes them."""
    assessment = answered(version, "build")
    tab = Assessment.objects.get(pk=assessment.pk)
    assert tab.answers
    save_answers(assessment, {"situation": ("unproven",)})
    issue_recommendation(tab)
    assert_columns_are_right(assessment)
    assert state_of(assessment) == State.WAITING


def test_a_contact_saved_late_leaves_the_review_alone(version: PlaybookVersion, ana: User) -> None:
    """The page has read the assessment before the consultant approves, and saves it after."""
    assessment = decided(version)
    client = signed_in(ana)
    reviewed = threading.Event()

    def approve_now(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        if sql.startswith("UPDATE") and not reviewed.is_set():
            reviewed.set()
            approve(issued_for(assessment), by=ana, seen=0)
        return execute(sql, *args)

    with connection.execute_wrapper(approve_now):
        client.post(to(assessment, "contact"), {"contact_firm": "Kestrel Foods"})
    assert state_of(assessment) == State.APPROVED
    assert assessment.contact_firm == "Kestrel Foods"
    assert_columns_are_right(assessment)


def test_refresh_changes_nothing_that_is_right(version: PlaybookVersion, ana: User) -> None:
    assessment = decided(version)
    approve(issued_for(assessment), by=ana, seen=0)
    assessment.refresh_from_db()
    before = assessment.state, assessment.review_id, assessment.recommendation_id
    refresh(assessment)
    assert (assessment.state, assessment.review_id, assessment.recommendation_id) == before
