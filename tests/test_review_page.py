"""The consultants' screen for one assessment: what it shows, and what is decided on it."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from catalog.models import PlaybookVersion
from engagements.assessing import issue_recommendation, save_answers
from engagements.brief import Brief
from engagements.models import Assessment, OverrideReason, Recommendation
from engagements.pdf import PdfError
from engagements.reviewing import add_note, approve, override, reopen
from tests.buyers import answered, begin, decided, text_of
from tests.staff import consultant, editor, seller, signed_in

pytestmark = pytest.mark.django_db

ACTIONS = ("approve", "override", "reopen", "note")
Queries = Callable[[int], AbstractContextManager[Any]]
Response = Any


@pytest.fixture
def ana(db: None) -> User:
    return consultant()


@pytest.fixture
def client(ana: User) -> Client:
    """A consultant at work."""
    return signed_in(ana)


def screen(assessment: Assessment) -> str:
    return reverse("admin:engagements_assessment_change", args=[assessment.pk])


def issued_for(assessment: Assessment) -> Recommendation:
    found = assessment.recommendations.first()
    assert found
    return found


def send(client: Client, assessment: Assessment, action: str, **given: Any) -> Response:
    """Send a form as its page has it: for the newest recommendation, reviewed by nobody."""
    issued = assessment.recommendations.first()
    page = {"recommendation": issued.pk if issued else "", "seen": 0}
    address = reverse(f"admin:engagements_assessment_{action}", args=[assessment.pk])
    return client.post(address, {**page, **given})


def send_override(client: Client, assessment: Assessment, **given: Any) -> Response:
    sound = {"engagement": "audit", "reason": "risk", "note": "I was there."}
    return send(client, assessment, "override", **{**sound, **given})


def is_ticked(html: str, value: str) -> bool:
    """Whether the radio button with this value is checked."""
    return bool(re.search(rf'<input[^>]*value="{value}"[^>]* checked', html))


def test_it_works(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version, "unproven", rhythm="monthly", money="evidence-first")
    Assessment.objects.filter(pk=assessment.pk).update(
        contact_firm="Baltic Freight", contact_name="Ines Marques", contact_email="ines@x.example"
    )
    save_answers(assessment, {"goal-outcome": ("Releases\nevery day",)})
    page = text_of(response := client.get(screen(assessment)))
    html = response.content.decode()

    for told in (
        f"{assessment.reference} Waiting for review",
        "Baltic Freight, Ines Marques",
        "Infrastructure services, version 1",
        # The recommendation
        "Recommended Audit or assessment, then Retained engineering",
        "Score 100 of 100",
        "Indicative price EUR",
        "Carries evidence of what is wrong and what matters first.",
        "Starts: ",
        # The reasons, in the buyer's words
        "Which sentence is closest to why you are here?",
        # The trace and the certificate
        "What is demanded Need Weight Demanded by",
        "How much of it each carries",
        "Why not another one",
        "Comes later in the pathway",
        # Readiness, answers, history
        "Readiness For Audit or assessment.",
        "Not known",
        "Answers that count",
        "Releases every day",
        "Missing: ",
        "Internal notes None.",
        "Recommendation 1",
        "Begun",
    ):
        assert told in page, told
    assert f'href="mailto:ines@x.example?subject={assessment.reference}"' in html
    for form in ("approve", "override", "note"):
        assert reverse(f"admin:engagements_assessment_{form}", args=[assessment.pk]) in html
    assert reverse("admin:engagements_assessment_reopen", args=[assessment.pk]) not in html


def test_every_word_of_the_decision_is_that_of_the_brief(
    client: Client, version: PlaybookVersion, ana: User
) -> None:
    assessment = decided(version, "build")
    approve(issued_for(assessment), by=ana, seen=0)
    brief = Brief.model_validate(assessment.briefs.get().content)
    page = text_of(client.get(screen(assessment)))
    for reason in brief.reasons:
        assert reason.title in page
        assert reason.because in page
    for bar in brief.comparison:
        assert bar.title in page
    for item in brief.prerequisites:
        assert f"{item.title} {item.owner}" in page
    for quote in brief.answers:
        assert f"{quote.question} {' '.join(quote.words)}" in page


def test_a_conflict_with_what_would_resolve_it(client: Client, version: PlaybookVersion) -> None:
    page = text_of(client.get(screen(decided(version, "not-our-job", money="one-off"))))
    assert "No engagement fits all of this" in page
    assert "What does not go together" in page
    assert "The buyer said Without it With another answer" in page
    assert "A monthly budget is possible leads to Managed operation" in page
    assert "Nothing on offer fits: that is right." in page


def test_answers_off_the_path_are_folded_away(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version, red_flags=["down"])
    html = client.get(screen(assessment)).content.decode()
    counted, _, folded = html.partition("answers that do not count</summary>")
    assert folded
    question = version.rulebook.playbook.question("situation")
    assert question.title not in counted.partition('id="answers"')[2]
    assert question.title in folded


def test_what_is_still_possible_while_somebody_answers(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = begin(version, {"red-flags": "none"})
    page = text_of(client.get(screen(assessment)))
    assert "Nothing is recommended yet Still answering" in page
    assert "The next question is “Which sentence is closest to why you are here?”." in page
    assert "Still possible Audit or assessment" in page
    assert "None of these" in page
    assert "Approve" not in page


def test_what_the_answers_lead_to_before_it_is_recommended(
    client: Client, version: PlaybookVersion
) -> None:
    page = text_of(client.get(screen(answered(version, "build"))))
    assert "The answers lead to Implementation project" in page
    assert "Approve" not in page


def test_the_screen_costs_the_same_however_much_has_happened(
    client: Client, version: PlaybookVersion, ana: User, django_assert_max_num_queries: Any
) -> None:
    assessment = decided(version, "build")
    issued = issued_for(assessment)
    for at in range(0, 6, 2):
        add_note(assessment, f"Note {at}", by=consultant(f"c{at}"))
        approve(issued, by=ana, seen=at)
        reopen(issued, by=ana, seen=at + 1, note="Again.")
    with django_assert_max_num_queries(12):
        assert client.get(screen(assessment)).status_code == 200


@pytest.mark.parametrize(
    "pk",
    [
        "4711",
        pytest.param("9" * 5000, id="more digits than Python reads"),
        *("SB-2026-0417", "%00", "1,2", "½"),
    ],
)
def test_nobody_there_is_not_found(client: Client, version: PlaybookVersion, pk: str) -> None:
    assert client.get(f"/admin/engagements/assessment/{pk}/change/").status_code == 404


def test_nothing_is_done_with_nobody(client: Client, version: PlaybookVersion) -> None:
    assert client.post("/admin/engagements/assessment/4711/approve/").status_code == 404


# ---- Decisions -----------------------------------------------------------------------------


def test_approve(client: Client, version: PlaybookVersion, ana: User) -> None:
    assessment = decided(version, "build")
    sent = send(client, assessment, "approve", message="Start soon.", note="Easy one.")
    assert sent.status_code == 302
    assert sent["Location"] == screen(assessment)
    review = assessment.reviews.get()
    assert (review.decision, review.reviewer, review.message, review.note) == (
        "approved",
        ana,
        "Start soon.",
        "Easy one.",
    )
    page = text_of(response := client.get(screen(assessment)))
    assert "Approved. The buyer’s page and the brief say so, under your name." in page
    assert "Approved By Ana Sobral" in page
    assert "To the buyer: Start soon." in page
    assert "Internal note: Easy one." in page
    assert "The review is locked. To decide otherwise, reopen it." in page
    html = response.content.decode()
    assert 'action="/admin/engagements/assessment/' in html
    assert "/approve/" not in html
    assert "/override/" not in html
    assert "/reopen/" in html


def test_override(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version, "build")
    before = text_of(client.get(screen(assessment)))
    assert "The buyer then reads what you decided" in before
    assert str(OverrideReason.RISK.label) in before
    assert "Then Implementation project." in before
    assert send_override(client, assessment, message="As discussed.").status_code == 302
    review = assessment.reviews.get()
    assert (review.engagement, review.reason, review.note) == ("audit", "risk", "I was there.")
    page = text_of(client.get(screen(assessment)))
    assert "Overridden Audit or assessment, then Implementation project By Ana Sobral" in page
    assert f"Reason: {OverrideReason.RISK.label}" in page
    # What was recommended stays there to read; what has to be in place follows the decision.
    assert "Recommended, then overridden Implementation project" in page
    assert "Readiness For Audit or assessment." in page


def test_what_an_override_leaves_uncarried_is_told_before_and_after(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = decided(version, red_flags=["down"])
    assert "Not carried: stabilizing production now" in text_of(client.get(screen(assessment)))
    send_override(client, assessment)
    page = text_of(client.get(screen(assessment)))
    assert "Not carried: stabilizing production now" in page.partition("By Ana Sobral")[2]


def test_reopen(client: Client, version: PlaybookVersion, ana: User) -> None:
    assessment = decided(version)
    approve(issued_for(assessment), by=ana, seen=0)
    assert send(client, assessment, "reopen", seen=1, note="Wrong firm.").status_code == 302
    page = text_of(client.get(screen(assessment)))
    assert "Waiting for review" in page
    assert "Reopened by Ana Sobral" in page
    assert "Note: Wrong firm." in page
    assert send(client, assessment, "approve", seen=2).status_code == 302
    assert [review.decision for review in assessment.reviews.all()] == [
        "approved",
        "reopened",
        "approved",
    ]


def test_a_note(client: Client, version: PlaybookVersion, ana: User) -> None:
    assessment = begin(version, {"red-flags": "none"})
    sent = send(client, assessment, "note", text="Call them\r\non Monday.")
    assert sent.status_code == 302
    assert [(note.text, note.author) for note in assessment.notes.all()] == [
        ("Call them\non Monday.", ana)
    ]
    assert "Ana Sobral" in text_of(client.get(screen(assessment)))


@pytest.mark.parametrize("action", ["approve", "override", "note"])
def test_pressed_twice_is_one_row(client: Client, version: PlaybookVersion, action: str) -> None:
    assessment = decided(version, "build")
    sound = {"engagement": "audit", "reason": "risk", "note": "Why.", "text": "Call them."}
    for _ in range(2):
        assert send(client, assessment, action, **sound).status_code == 302
    assert assessment.reviews.count() + assessment.notes.count() == 1


# ---- What cannot be is told, and nothing typed is lost -------------------------------------


def test_answers_changed_meanwhile(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version, "build")
    seen = issued_for(assessment).pk
    save_answers(assessment, {"situation": ("unproven",)})
    issue_recommendation(assessment)
    sent = send(client, assessment, "approve", recommendation=seen, message="Start soon.")
    assert sent.status_code == 409
    page = text_of(sent)
    assert "This was not done The answers have changed since this was recommended" in page
    assert "Recommended Audit or assessment" in page  # what they lead to now
    html = sent.content.decode()
    assert ">\nStart soon.</textarea>" in html
    assert f'name="recommendation" value="{issued_for(assessment).pk}"' in html
    assert not assessment.reviews.exists()


def test_what_was_typed_is_kept_where_its_form_is_gone(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = decided(version, "build")
    approve(issued_for(assessment), by=consultant("ben", "Ben Adeyemi"), seen=0)
    sent = send_override(client, assessment, message="As discussed.", note="They pay late.")
    assert sent.status_code == 409
    page = text_of(sent)
    assert "This was not done Ben Adeyemi decided meanwhile: approved." in page
    assert "What you had typed Message to the buyer As discussed. Internal note They pay late." in (
        page
    )
    assert assessment.reviews.count() == 1


def test_answers_taken_back_meanwhile(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version, "build")
    save_answers(assessment, {"situation": ()})
    sent = send_override(client, assessment, note="They pay late.")
    assert sent.status_code in (409, 422)
    assert "They pay late." in sent.content.decode()
    assert not assessment.reviews.exists()


@pytest.mark.parametrize(
    ("action", "given", "error"),
    [
        pytest.param(
            "override",
            {"engagement": ""},
            "Select the engagement model to start with.",
            id="no engagement model",
        ),
        pytest.param(
            "override",
            {"engagement": "implementation-project"},
            "Select another one than what is recommended now.",
            id="the recommended one",
        ),
        pytest.param(
            "override",
            {"engagement": "spaceship"},
            "Select another one than what is recommended now.",
            id="one that is not there",
        ),
        pytest.param("override", {"reason": ""}, "Select the reason.", id="no reason"),
        pytest.param("override", {"note": " "}, "Write a note that says why.", id="no note"),
        pytest.param(
            "approve",
            {"message": "x" * 2001},
            "Shorten this to 2000 characters; it has 2001 now.",
            id="too long",
        ),
        pytest.param(
            "approve",
            {"seen": ""},
            "The page was incomplete. It is complete again now: send it once more.",
            id="incomplete",
        ),
        pytest.param(
            "approve",
            {"recommendation": "4711"},
            "The page was incomplete. It is complete again now: send it once more.",
            id="another assessment's",
        ),
        pytest.param("note", {"text": ""}, "Write the note first.", id="empty note"),
    ],
)
def test_a_form_that_is_wrong_says_where_and_keeps_the_rest(
    client: Client, version: PlaybookVersion, action: str, given: dict[str, str], error: str
) -> None:
    assessment = decided(version, "build")
    kept = {"message": "As discussed."} if action != "note" else {}
    sound = {"engagement": "audit", "reason": "risk", "note": "Why."}
    sent = send(client, assessment, action, **{**sound, **kept, **given})
    assert sent.status_code == 422
    html = sent.content.decode()
    summary = html.partition('role="alert"')[2].partition("</div>")[0]
    assert "There is a problem" in summary
    assert error in summary
    assert "<title>Error: " in html
    if action == "override":
        assert ">\nAs discussed.</textarea>" in html
        assert is_ticked(html, "risk") or "reason" in given
        assert is_ticked(html, "audit") or "engagement" in given
    assert not assessment.reviews.exists()
    assert not assessment.notes.exists()
    # What stands in the page now can be sent.
    assert f'name="recommendation" value="{issued_for(assessment).pk}"' in html


def test_a_decision_of_another_state_is_refused(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    sent = send(client, assessment, "reopen", note="Why.")
    assert sent.status_code == 409
    assert "There is no review to take back" in text_of(sent)
    assert "What you had typed" in text_of(sent)


@pytest.mark.parametrize("action", ACTIONS[:3])
def test_a_review_that_was_never_there_was_not_seen(
    client: Client, version: PlaybookVersion, action: str
) -> None:
    assessment = decided(version)
    filled = {"engagement": "audit", "reason": "risk", "note": "I was there."}
    sent = send(client, assessment, action, **filled, seen="7")
    assert sent.status_code == 409
    assert "There is no review yet" in text_of(sent)
    assert not assessment.reviews.exists()


# ---- Who may what --------------------------------------------------------------------------


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("who", [None, seller, editor], ids=["nobody", "seller", "editor"])
def test_others_are_refused(
    version: PlaybookVersion, who: Callable[[], User] | None, action: str
) -> None:
    assessment = decided(version)
    client = signed_in(who()) if who else Client()
    refused = (
        client.get(screen(assessment)),
        send(client, assessment, action, note="Why.", text="Why."),
    )
    assert {response.status_code for response in refused} <= {302, 403}
    assert not assessment.reviews.exists()
    assert not assessment.notes.exists()


@pytest.mark.parametrize("action", ACTIONS)
def test_who_may_only_read_sees_no_form(version: PlaybookVersion, action: str) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_assessment"))
    assessment = decided(version)
    client = signed_in(reader)
    page = client.get(screen(assessment))
    assert page.status_code == 200
    assert f"/{action}/" not in page.content.decode()
    assert send(client, assessment, action, note="Why.", text="Why.").status_code == 403
    assert not assessment.reviews.exists()


@pytest.mark.parametrize("action", ACTIONS)
def test_looking_at_an_action_does_nothing(
    client: Client, version: PlaybookVersion, action: str
) -> None:
    assessment = decided(version)
    address = reverse(f"admin:engagements_assessment_{action}", args=[assessment.pk])
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (302, screen(assessment))
    assert not assessment.reviews.exists()


def test_a_forged_form_is_refused(version: PlaybookVersion, ana: User) -> None:
    assessment = decided(version)
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)
    assert send(client, assessment, "approve").status_code == 403
    assert not assessment.reviews.exists()


# ---- Briefs --------------------------------------------------------------------------------


def test_each_version_of_the_brief_as_it_was_issued(
    client: Client, version: PlaybookVersion, ana: User, pdf: list[Brief]
) -> None:
    assessment = decided(version, "build")
    issued = issued_for(assessment)
    approve(issued, by=ana, seen=0)
    reopen(issued, by=ana, seen=1, note="Again.")
    override(issued, engagement="audit", reason=OverrideReason.LESS, note="Why.", by=ana, seen=2)
    html = client.get(screen(assessment)).content.decode()
    for number in (1, 2):
        address = reverse("admin:engagements_assessment_brief", args=[assessment.pk, number])
        assert f'href="{address}"' in html
        response = client.get(address)
        assert response.status_code == 200
        name = f"scope-brief-{assessment.reference}-v{number}.pdf"
        assert name in response["Content-Disposition"]
    assert [brief.overridden for brief in pdf] == [False, True]
    missing = reverse("admin:engagements_assessment_brief", args=[assessment.pk, 3])
    assert client.get(missing).status_code == 404
    assert signed_in(seller()).get(address).status_code in (302, 403)


def test_a_brief_that_cannot_be_printed_is_told(
    client: Client, version: PlaybookVersion, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(brief: Brief) -> None:
        raise PdfError("Try again in a minute.")

    monkeypatch.setattr("engagements.admin.review.pdf_of", fail)
    assessment = decided(version)
    approve(issued_for(assessment), by=ana, seen=0)
    address = reverse("admin:engagements_assessment_brief", args=[assessment.pk, 1])
    response = client.get(address)
    assert response.status_code == 503
    assert "This was not done Try again in a minute." in text_of(response)
