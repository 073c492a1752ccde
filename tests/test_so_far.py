"""The result so far: what answers show before they settle anything, for who stops there."""

import pytest
from django.test import Client

from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import start
from engagements.models import Answer, Assessment, BriefVersion, Recommendation
from engagements.so_far import SoFar
from tests.buyers import (
    Response,
    address,
    answered,
    as_asked,
    begin,
    decided,
    links_of,
    text_of,
    title_of,
    to,
)
from tests.factories import (
    emergency_offer,
    engagement,
    offer,
    question,
    signal,
    small_document,
    small_playbook,
    strict_shop,
)

pytestmark = pytest.mark.django_db

CAN_BE = "What you may begin with"
STOP = "Stop here and see the result so far"


def page_of(client: Client, given: dict[str, object], **parts: object) -> Response:
    """The page for a buyer of the small playbook, or of one with other parts."""
    assessment = begin(publish(small_playbook(**parts))[0], given)
    page = client.get(to(assessment, "so-far"))
    assert page.status_code == 200
    return page


def told_by(page: Response) -> SoFar:
    """What a page tells, before it is put into words."""
    return page.context["so_far"]


def test_it_works(client: Client, version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none", "situation": "not-our-job"})
    page = client.get(to(assessment, "so-far"))
    playbook = version.rulebook.playbook
    assert title_of(page) == "The result so far · Assistance"
    asked = told_by(page).question
    assert asked.title in text_of(page)
    assert (to(assessment, "question", asked.key), "Answer it") in links_of(page)
    for told in (
        "After 2 answers",
        "3 engagement models are still possible",
        "Managed operation",
        playbook.signal("platform-not-operations").because,
        playbook.firm.email,
        playbook.firm.phone,
        assessment.reference,
    ):
        assert told in text_of(page), told
    assert to(assessment, "links") in dict(links_of(page))


def test_looking_at_it_stores_nothing(client: Client, version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none", "situation": "build"})
    before = list(Assessment.objects.values()), list(Answer.objects.values())
    page = client.get(to(assessment, "so-far"))
    assert (list(Assessment.objects.values()), list(Answer.objects.values())) == before
    assert not Recommendation.objects.exists()
    assert not BriefVersion.objects.exists()
    assert not [href for href, _label in links_of(page) if href.endswith(".pdf")]


# ---- The way there and back -----------------------------------------------------------------


def test_each_question_after_the_first_leads_there(
    client: Client, version: PlaybookVersion
) -> None:
    assert STOP not in text_of(client.get(address(version, "start")))
    for key in as_asked(version).answers:
        assessment = begin(version, {"red-flags": "none", "situation": "build"})
        page = client.get(to(assessment, "question", key))
        if page.status_code == 200:
            assert (to(assessment, "so-far"), STOP) in links_of(page), key


def test_it_leads_back_to_the_next_question(client: Client) -> None:
    page = page_of(client, {"work": "build"})
    [back] = [href for href, label in links_of(page) if label == "Back to the questions"]
    assert client.get(back).context["question"] == told_by(page).question


def test_who_has_answered_nothing_is_asked_the_first_question(client: Client) -> None:
    assessment = start(publish(small_playbook())[0], {})
    response = client.get(to(assessment, "so-far"))
    assert response["Location"] == to(assessment, "question", "cause")


@pytest.mark.parametrize(
    ("makes", "leads_to"),
    [
        pytest.param(answered, "check", id="settled, to be checked"),
        pytest.param(decided, "recommendation", id="recommended"),
    ],
)
def test_what_is_settled_is_told_where_it_stands(
    client: Client, version: PlaybookVersion, makes: type[Assessment], leads_to: str
) -> None:
    assessment = makes(version)
    assert client.get(to(assessment, "so-far"))["Location"] == to(assessment, leads_to)
    page = client.get(to(assessment, "question", "money"))
    assert STOP not in text_of(page)
    assert (to(assessment, "check"), "Back to all your answers") in links_of(page)


def test_an_emergency_that_is_settled_is_no_result_so_far(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = begin(version, {"red-flags": "down"})
    assert client.get(to(assessment, "so-far"))["Location"] == to(assessment, "respond")


# ---- What is settled, and what is possible --------------------------------------------------


def test_what_may_come_first_is_told_with_what_may_follow(client: Client) -> None:
    page = page_of(client, {"cause": "unknown"})
    starts = [(start.model.key, start.alone, start.then) for start in told_by(page).starts]
    assert starts == [("audit", True, [("Engagement project",)]), ("retainer", True, [])]
    assert "By itself, or followed by: Engagement project" in text_of(page)
    assert CAN_BE in text_of(page)


def test_what_can_only_follow_is_told_apart(client: Client) -> None:
    page = page_of(client, {"cause": "unknown"})
    assert [model.key for model in told_by(page).later] == ["project"]
    assert "What may only follow Engagement project" in text_of(page)


def test_what_is_certain_is_told_first(client: Client) -> None:
    audit, project, _retainer = small_document()["engagements"]
    parts = {"engagements": [audit, project], "signals": small_document()["signals"][:2]}
    page = page_of(client, {"cause": "unknown"}, **parts)
    assert "Engagement audit comes first in any case." in text_of(page)
    assert "1 more engagement model may be needed." in text_of(page)
    assert "What comes first, and what may follow" in text_of(page)
    question_page = client.get(to(Assessment.objects.get(), "question", "work"))
    assert "Engagement audit comes first in any case." in text_of(question_page)


def test_one_that_may_not_be_needed_at_all_is_told_as_that(client: Client) -> None:
    """Whether the audit is demanded, or only where one would begin, is another advice."""
    page = page_of(client, {"work": "nothing"})
    [start] = told_by(page).starts
    assert (start.model.key, start.alone, start.then) == ("audit", True, [])
    told = "Only Engagement audit is still possible; whether you need it at all is open."
    assert told in text_of(page)
    assert "in any case" not in text_of(page)
    assert CAN_BE in text_of(page)
    question_page = client.get(to(Assessment.objects.get(), "question", "cause"))
    assert told in text_of(question_page)
    assert "Which ones" not in text_of(question_page)


def test_of_two_of_the_same_size_each_is_told_once(client: Client) -> None:
    shop = offer(
        engagement("audit", 1, "decide", ["evidence"]),
        engagement("review", 1, "decide", ["design"]),
        engagement("project", 2, "deliver", ["outcome"]),
        demands={"evidence": "decide", "design": "decide", "outcome": "deliver"},
        questions=[
            question("day", ["today", "another"]),
            question("which", ["evidence", "design"]),
            question("work", ["build", "nothing"]),
        ],
        signals=[
            signal("evidence", {"which": ["evidence"]}, {"evidence": 1}),
            signal("design", {"which": ["design"]}, {"design": 1}),
            signal("work", {"work": ["build"]}, {"outcome": 1}),
        ],
    )
    page = page_of(client, {"day": "today"}, **shop)
    assert [(start.model.key, start.alone, start.then) for start in told_by(page).starts] == [
        ("audit", True, [("Engagement project",)]),
        ("review", True, [("Engagement project",)]),
    ]


def test_many_pathways_are_counted_and_folded(client: Client, version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none"})
    page = client.get(to(assessment, "so-far"))
    [audit] = [start for start in told_by(page).starts if start.model.key == "audit"]
    assert len(audit.then) > 5
    assert f"By itself, or in one of {len(audit.then)} pathways" in text_of(page)


def test_that_nothing_may_fit_is_told(client: Client) -> None:
    page = page_of(client, {"cause": "unknown", "work": "build"}, **strict_shop())
    assert "1 engagement model is still possible." in text_of(page)
    assert "It may also turn out that nothing on offer fits; then we say so" in text_of(page)


def test_that_nothing_fits_any_more_is_told(client: Client) -> None:
    """Whatever the mood is, the audit is ruled out; but no answer has said so yet."""
    shop = offer(
        engagement("audit", 1, "decide", ["evidence"]),
        demands={"evidence": "decide"},
        questions=[question("day", ["today", "another"]), question("mood", ["good", "bad"])],
        signals=[signal("any-mood", {"mood": ["good", "bad"]}, rules_out=["audit"])],
    )
    page = page_of(client, {"day": "today"}, **shop)
    assert told_by(page).starts == ()
    assert "Nothing on offer fits these answers any more" in text_of(page)
    assert "possible" not in text_of(page)
    assert told_by(page).question.key == "mood"


def test_whom_to_call_is_told_while_something_fails(client: Client) -> None:
    page = page_of(client, {"stabilisation": "yes"}, **emergency_offer())
    emergency = told_by(page).emergency
    assert emergency
    assert f"Do not wait for the rest: call {emergency.phone}" in text_of(page)
    page = page_of(client, {"stabilisation": "no"}, key="calm", **emergency_offer())
    assert told_by(page).emergency is None


# ---- What is out, and why -------------------------------------------------------------------


def test_what_answers_rule_out_is_told_with_the_answer(client: Client) -> None:
    page = page_of(client, {"work": "build", "money": "one-off"})
    [out] = told_by(page).out
    assert out.titles == ("Engagement retainer",)
    assert [quote.words for quote in out.quotes] == [("Option one-off",)]
    told = "Engagement retainer Ruled out by what you told us: Option one-off"
    assert told in text_of(page)


def test_where_no_way_leads_any_more_is_told_too(client: Client) -> None:
    page = page_of(client, {"cause": "known"})
    [out] = told_by(page).out
    assert out.titles == ("Engagement retainer",)
    assert "Engagement retainer No way to answer the rest leads to it." in text_of(page)


def many_ways() -> dict[str, object]:
    """Seven engagement models for each of three phases: 511 ways to combine them."""
    phases = ["decide", "deliver", "run"]
    keys = [(f"{phase}-{n}", phase) for phase in phases for n in range(7)]
    return offer(
        *(engagement(key, size, phase, [key]) for size, (key, phase) in enumerate(keys, start=1)),
        demands=dict(keys),
        questions=[
            question("day", ["today", "another"]),
            *(question(phase, [*(f"o{n}" for n in range(7)), "none"]) for phase in phases),
        ],
        signals=[
            *(signal(key, {phase: [f"o{key[-1]}"]}, {key: 1}) for key, phase in keys),
            signal("not-today", {"day": ["another"]}, rules_out=["run-6"]),
        ],
    )


def test_of_more_ways_than_can_be_told_none_is_said_to_be_out(client: Client) -> None:
    page = page_of(client, {"day": "today"}, **many_ways())
    told = told_by(page)
    assert len(told.possible.engagements) < 21  # else there is nothing to get wrong
    assert told.out == ()
    assert "What is out" not in text_of(page)
    assert f"At least {len(told.possible.open)} engagement models are still possible" in text_of(
        page
    )
    assert "There are more ways than can be listed here" in text_of(page)
    question_page = client.get(to(Assessment.objects.get(), "question", told.question.key))
    assert "Perhaps others" in text_of(question_page)


def test_of_more_ways_than_can_be_told_what_answers_rule_out_is_out(client: Client) -> None:
    page = page_of(client, {"day": "another"}, **many_ways())
    [out] = told_by(page).out
    assert out.titles == ("Engagement run-6",)
    assert out.quotes


def test_nothing_is_out_as_long_as_all_is_possible(client: Client) -> None:
    page = page_of(client, {"work": "build"})
    assert told_by(page).out == ()
    assert "What is out" not in text_of(page)


# ---- What the answers show ------------------------------------------------------------------


def test_what_has_fired_is_told_the_weightiest_first(
    client: Client, version: PlaybookVersion
) -> None:
    given = {"red-flags": "none", "situation": "unproven", "money": "one-off"}
    page = client.get(to(begin(version, given), "so-far"))
    reasons = told_by(page).reasons
    assert len(reasons) > 1
    assert all(reason.because in text_of(page) for reason in reasons)
    assert reasons[-1].quotes[0].key == "money"  # it only rules out


def test_answers_off_the_path_are_not_told(client: Client) -> None:
    page = page_of(client, {"cause": "unknown", "money": "one-off"})
    assert "After one answer" in text_of(page)
    assert "Option one-off" not in text_of(page)


@pytest.mark.parametrize(
    ("given", "left"),
    [
        pytest.param({"cause": "known"}, "At most 2 questions are left", id="some"),
        pytest.param(
            {"work": "build", "cause": "unknown"}, "It is the only question left", id="one"
        ),
    ],
)
def test_how_many_questions_are_left_is_told(
    client: Client, given: dict[str, object], left: str
) -> None:
    assert left in text_of(page_of(client, given))
