"""From one playbook into the next: what is offered, what comes along, and the pages about it."""

from collections.abc import Mapping
from functools import partial
from itertools import product
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from advisor.loading import from_document, load
from advisor.playbook import Playbook
from catalog.models import PlaybookVersion
from engagements.assessing import issue_recommendation, save_answers
from engagements.continuing import ContinuingError, carried, continue_with, ways_on
from engagements.models import Assessment, OverrideReason
from engagements.reviewing import override
from tests.buyers import begin, links_of, text_of, to
from tests.continuing import (
    BUILD,
    CHECK,
    approved,
    brief_of,
    continued,
    decided,
    firm,
    now,
    published,
    three_playbooks,
)
from tests.factories import (
    Document,
    emergency,
    emergency_offer,
    need,
    option,
    question,
    section,
    signal,
    small_document,
)
from tests.scenarios import PLAYBOOKS
from tests.staff import consultant, seller, signed_in
from tests.test_publishing import Crowd

pytestmark = pytest.mark.django_db


@pytest.fixture
def build(db: None) -> PlaybookVersion:
    """A playbook whose project goes on with the playbook "care", which goes on with "keep"."""
    return three_playbooks()[0]


def offered(assessment: Assessment) -> list[str]:
    """The playbooks that go on from what was decided."""
    return [onward.playbook.key for onward in ways_on(now(assessment))]


@pytest.fixture
def ana(db: None) -> User:
    return consultant()


def test_it_works(build: PlaybookVersion) -> None:
    earlier = decided(build)
    [onward] = ways_on(earlier)
    assert (onward.engagement, onward.when) == ("Engagement project", "it is built")
    assert onward.playbook.decision == "Who does care?"
    later = continue_with(earlier, "care")
    assert (later.continues, later.version.playbook.key) == (earlier, "care")
    assert later.answers == earlier.answers == onward.carried
    assert later.contact_email == "ada@looms.example"
    assert later.settled


# ---- What is offered -----------------------------------------------------------------------


def test_what_is_not_published_is_not_offered() -> None:
    [build] = published(firm("build", "care"))
    assessment = decided(build)
    assert offered(assessment) == []
    with pytest.raises(ContinuingError, match="does not go on"):
        continue_with(assessment, "care")
    assert Assessment.objects.count() == 1


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(CHECK, id="an engagement model that goes on with nothing"),
        pytest.param({"cause": "unknown"}, id="no recommendation"),
    ],
)
def test_without_a_decision_for_it_nothing_is_offered(
    build: PlaybookVersion, given: Mapping[str, object]
) -> None:
    assessment = begin(build, given)
    if len(given) > 1:
        issue_recommendation(assessment)
    assert offered(assessment) == []


def test_each_step_of_a_pathway_goes_on_and_the_first_that_names_a_playbook_counts() -> None:
    document = firm("build", "care")
    document["engagements"][0]["follow_on"] = {"playbook": "keep", "when": "it is found"}
    version, *_others = published(document, firm("care"), firm("keep"))
    assessment = decided(version, {"cause": "unknown", "work": ["build"], "money": "one-off"})
    told = [(onward.engagement, onward.playbook.key) for onward in ways_on(assessment)]
    assert told == [("Engagement audit", "keep"), ("Engagement project", "care")]


def test_it_follows_the_review(build: PlaybookVersion, ana: User) -> None:
    assessment = decided(build, CHECK)
    sent = {"reason": OverrideReason.FACTS, "note": "We talked.", "by": ana, "seen": 0}
    override(assessment.recommendation, engagement="project", **sent)
    assert offered(assessment) == ["care"]
    assessment = decided(build)
    override(assessment.recommendation, engagement="retainer", **sent)
    assert offered(assessment) == []


def test_nothing_is_offered_while_something_fails() -> None:
    parts = emergency_offer()
    partner = parts["engagements"][1]
    partner["follow_on"] = {"playbook": "care", "when": "it runs"}
    version, _care = published(small_document(key="shop", **parts), firm("care"))
    calm = {"evidence": "no", "outcome": "yes"}
    assert offered(decided(version, {**calm, "stabilisation": "no"})) == ["care"]
    assert offered(decided(version, {**calm, "stabilisation": "yes"})) == []


def test_what_ends_in_a_conflict_at_once_is_not_offered() -> None:
    alarm = signal("alarm", {"money": ["monthly"]}, {"comfort": 1})
    document = firm("care")
    document |= {
        "needs": [*document["needs"], need("comfort", "run", offered=False)],
        "signals": [*document["signals"], alarm],
    }
    version, _care = published(firm("build", "care"), document)
    assert offered(decided(version, {**BUILD, "money": "one-off"})) == ["care"]
    assert offered(decided(version)) == []


def test_who_need_buy_nothing_is_not_led_further(ana: User) -> None:
    version, _care = published(firm("build", "care", entry="project"), firm("care"))
    assessment = decided(version, {"cause": "known", "work": ["nothing"]})
    assert assessment.recommendation.kind == "entry"
    assert offered(assessment) == []
    assert offered(approved(assessment, ana)) == ["care"]


# ---- Going on --------------------------------------------------------------------------------


def test_the_second_click_finds_what_the_first_has_begun(build: PlaybookVersion) -> None:
    earlier = decided(build)
    first = continue_with(earlier, "care")
    save_answers(first, {"goal": ("Sleep",)})
    assert continue_with(now(earlier), "care") == first
    assert Assessment.objects.count() == 2
    [onward] = ways_on(earlier)
    assert onward.begun == first


def test_it_is_found_also_when_the_decision_is_another_one_by_now(build: PlaybookVersion) -> None:
    earlier = decided(build)
    later = continue_with(earlier, "care")
    save_answers(earlier, {"work": ("nothing",)})
    assert continue_with(now(earlier), "care") == later


def test_it_takes_the_live_version_of_the_next_playbook(build: PlaybookVersion) -> None:
    earlier = decided(build)
    [newer] = published(firm("care", "keep", summary="Told anew."))
    assert continue_with(earlier, "care").version == newer


def test_a_line_of_three_ends_where_it_would_come_round(build: PlaybookVersion) -> None:
    first = decided(build)
    second = continued(first)
    third = continued(second, "keep")
    assert third.answers == first.answers
    assert [offered(one) for one in (first, second, third)] == [["care"], ["keep"], []]
    with pytest.raises(ContinuingError):
        continue_with(third, "build")


@pytest.fixture
def crowd(transactional_db: None, tmp_path: Path) -> Crowd:
    return Crowd(tmp_path)


def test_clicks_at_once_begin_one_assessment(crowd: Crowd) -> None:
    [earlier] = crowd.run(lambda: decided(three_playbooks()[0]))
    begun = crowd.run(*[lambda: continue_with(now(earlier), "care").pk] * 4)
    assert len(set(begun)) == 1


def test_two_who_change_two_of_a_line_at_once_do_not_block_each_other(crowd: Crowd) -> None:
    def prepare() -> tuple[Assessment, Assessment]:
        ana = consultant()
        earlier = decided(three_playbooks()[0])
        later = continued(earlier)
        return approved(now(earlier), ana), approved(now(later), ana)

    def back_and_forth(assessment: Assessment) -> tuple[str, ...]:
        for cause in ("unknown", "known") * 4:
            save_answers(assessment, {"cause": (cause,)})
            issue_recommendation(assessment)
        return assessment.recommendation.value.outcome.engagements

    [both] = crowd.run(prepare)
    changed = crowd.run(*[partial(back_and_forth, assessment) for assessment in both])
    assert changed == [("project",), ("project",)]


# ---- What comes along ----------------------------------------------------------------------


def asking(*questions: Document) -> Playbook:
    """A playbook with these questions beside its own."""
    more = [{**asked, "section": "more"} for asked in questions]
    document = firm("asking")
    return from_document({**document, "questions": [*document["questions"], *more]})


@pytest.mark.parametrize(
    ("there", "given", "here", "comes"),
    [
        pytest.param(
            question("q", ["a", "b"]), ("a",), question("q", ["a", "c"]), True, id="same option"
        ),
        pytest.param(
            question("q", ["a", "b"]), ("b",), question("q", ["a", "c"]), False, id="no such option"
        ),
        pytest.param(
            question("q", ["a", "b"], kind="many"),
            ("a", "b"),
            question("q", ["a", "c"], kind="many"),
            False,
            id="one of two options is not there",
        ),
        pytest.param(
            question("q", ["a", "b"], kind="many"),
            ("a", "b"),
            question("q", ["b", option("a", exclusive=True)], kind="many"),
            False,
            id="options that exclude each other now",
        ),
        pytest.param(
            question("q", ["a", "b"], kind="many"),
            ("a",),
            question("q", ["a", "b"]),
            False,
            id="other kind",
        ),
        pytest.param(
            question("q", kind="line"), ("Ada",), question("q", kind="line"), True, id="a line"
        ),
        pytest.param(
            question("q", kind="line"),
            ("Ada",),
            question("q", kind="text"),
            False,
            id="a line where a text is asked for",
        ),
        pytest.param(
            question("q", ["a", "b"]),
            ("a",),
            question("another", ["a", "b"]),
            False,
            id="no such question",
        ),
    ],
)
def test_an_answer_comes_along_where_the_next_playbook_takes_it(
    there: Document, given: tuple[str, ...], here: Document, *, comes: bool
) -> None:
    assert carried(asking(there), {"q": given}, asking(here)) == ({"q": given} if comes else {})


@pytest.mark.parametrize(
    ("given", "left"),
    [
        pytest.param({**BUILD, "goal": "Sleep"}, set(), id="all that counts"),
        pytest.param(CHECK, {"money"}, id="an answer off the path"),
        pytest.param({**BUILD, "hope": "None"}, {"hope"}, id="a detail for another engagement"),
    ],
)
def test_what_does_not_count_stays_behind(given: dict[str, object], left: set[str]) -> None:
    document = firm("build", "care")
    document["engagements"][0]["follow_on"] = {"playbook": "care", "when": "it is found"}
    version, _care = published(document, firm("care"))
    earlier = decided(version, given)
    later = continue_with(earlier, "care")
    assert earlier.answers.keys() - later.answers.keys() == left


def test_what_happens_right_now_is_asked_anew() -> None:
    flags = question("flags", ["down", "none"], section="triage")
    document = firm("care")
    document["sections"] = [section("triage", stage="triage"), *document["sections"]]
    document["questions"] = [flags, *document["questions"]]
    playbook = from_document(document)

    given = {"flags": ("none",), "cause": ("known",)}

    assert carried(playbook, given, playbook) == {"cause": ("known",)}


def test_what_does_not_come_along_is_asked(client: Client) -> None:
    care = firm("care")
    care["questions"][0]["options"][0] = option("proven")  # instead of "known"
    build, _care = published(firm("build", "care"), care)
    earlier = decided(build)
    page = client.post(to(earlier, "continue", "care"), follow=True)
    later = Assessment.objects.latest("pk")
    assert page.request["PATH_INFO"] == to(later, "question", "cause")
    assert f"Continues {earlier.reference} , Engagement project" in text_of(page)
    page = client.post(to(later, "question", "cause"), {"cause": "unknown"}, follow=True)
    assert page.request["PATH_INFO"] == to(later, "check")


def test_another_answer_than_triage_may_tell_of_a_failure(client: Client) -> None:
    document = firm("care")
    alarm = signal("alarm", {"cause": ["known"]}, {"stabilisation": 1})
    document |= {
        "emergency": emergency(),
        "needs": [*document["needs"], need("stabilisation", "respond", offered=False)],
        "signals": [*document["signals"], alarm],
        "sections": [section("triage", stage="triage"), *document["sections"]],
        "questions": [
            question("red-flags", ["down", "none"], section="triage"),
            *document["questions"],
        ],
    }
    _build, care = published(firm("build", "care"), document)
    later = begin(care, {"cause": "known"})

    page = client.get(to(later, "resume"), follow=True)

    assert page.request["PATH_INFO"] == to(later, "respond")
    assert "What you told us Option known When" in text_of(page)
    assert to(later, "question", "cause") in dict(links_of(page))


def test_the_first_question_is_asked_although_no_answer_to_it_matters(client: Client) -> None:
    document = small_document(key="care")
    document["engagements"][2]["prerequisites"] = []
    plan = signal("plan", {"plan": ["one", "other"]}, {"evidence": 1, "outcome": 1})
    document |= {"questions": [question("plan", ["one", "other"])], "signals": [plan]}
    build, _care = published(firm("build", "care"), document)
    later = continue_with(decided(build), "care")
    assert later.answers == {}
    asked = to(later, "question", "plan")
    assert client.get(to(later, "check"))["Location"] == asked
    assert client.get(to(later, "resume"))["Location"] == asked

    client.post(asked, {"plan": "other"})

    page = client.post(to(later, "check"), follow=True)
    assert "We recommend Engagement retainer" in text_of(page)


def test_the_check_marks_what_was_brought_along_and_is_as_it_was(
    client: Client, build: PlaybookVersion
) -> None:
    earlier = decided(build)
    later = continue_with(earlier, "care")
    mark = f"Brought along from {earlier.reference}"
    assert text_of(client.get(to(later, "check"))).count(mark) == 3
    save_answers(later, {"cause": ("unknown",)})
    assert text_of(client.get(to(later, "check"))).count(mark) == 2
    assert mark not in text_of(client.get(to(earlier, "check")))


# ---- Whom it is for --------------------------------------------------------------------------

ADA = {"contact_name": "Ada Byron", "contact_firm": "Looms", "contact_email": "ada@looms.example"}


@pytest.mark.parametrize("given", [0, 1, 2], ids=["first", "second", "third"])
def test_whom_it_is_for_is_told_once_for_all_of_a_line(
    client: Client, build: PlaybookVersion, ana: User, given: int
) -> None:
    first = begin(build, BUILD)
    issue_recommendation(first)
    second = continued(now(first))
    line = [first, approved(second, ana), continued(second, "keep")]
    client.post(to(line[given], "contact"), ADA)
    for one in map(now, line):
        assert {column: getattr(one, column) for column in ADA} == ADA
    assert brief_of(second).contact.firm == "Looms"


def test_who_is_known_stays_and_taking_it_back_takes_it_back_there_only(
    client: Client, build: PlaybookVersion
) -> None:
    earlier = decided(build)
    later = continued(earlier)
    client.post(to(later, "contact"), {"contact_name": "Per Lund"})
    assert (now(later).contact_name, now(later).contact_firm) == ("Per Lund", "")
    assert now(earlier).contact_name == "Ada Byron"
    client.post(to(later, "contact"), {})
    assert (now(later).contact_name, now(earlier).contact_name) == ("", "Ada Byron")


# ---- The pages -------------------------------------------------------------------------------


def test_the_recommendation_says_what_comes_afterwards(
    client: Client, build: PlaybookVersion
) -> None:
    earlier = decided(build)
    page = text_of(client.get(to(earlier, "recommendation")))
    assert "Afterwards: Who does care?" in page
    assert "This comes after Engagement project, once it is built." in page
    assert "3 of your answers come along" in page
    assert "Continue with Playbook care" in page


def test_it_leads_to_where_the_buyer_has_gone_on(client: Client, build: PlaybookVersion) -> None:
    earlier = decided(build)
    later = continued(earlier)
    page = client.get(to(earlier, "recommendation"))
    assert (later.get_absolute_url(), f"Go to {later.reference}") in links_of(page)
    assert "Continue with" not in text_of(page)
    page = client.get(to(later, "recommendation"))
    assert "What this follows" in text_of(page)
    assert (earlier.get_absolute_url(), f"Back to {earlier.reference}") in links_of(page)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        pytest.param(CHECK, "care", id="not decided on"),
        pytest.param(BUILD, "keep", id="another playbook"),
        pytest.param(BUILD, "nowhere", id="no playbook"),
    ],
)
def test_where_it_does_not_lead_nobody_is_sent(
    client: Client, build: PlaybookVersion, given: Mapping[str, object], key: str
) -> None:
    assessment = decided(build, given)
    page = client.post(to(assessment, "continue", key), follow=True)
    assert page.request["PATH_INFO"] == to(assessment, "recommendation")
    assert Assessment.objects.count() == 1


def test_the_button_takes_no_other_method(client: Client, build: PlaybookVersion) -> None:
    assert client.get(to(decided(build), "continue", "care")).status_code == 405


def test_the_page_asks_the_database_no_more_than_it_must(
    client: Client, build: PlaybookVersion, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    first = decided(build)
    second = continued(first)
    third = continued(second, "keep")
    for assessment, most in ((first, 8), (second, 10), (third, 10)):
        client.get(to(assessment, "recommendation"))
        with django_assert_max_num_queries(most):
            client.get(to(assessment, "recommendation"))


# ---- Behind the counter ------------------------------------------------------------------------


def test_queue_and_screen_lead_from_one_to_the_other(build: PlaybookVersion, ana: User) -> None:
    earlier = decided(build)
    later = continued(earlier)
    client = signed_in(ana)
    queue = "/admin/engagements/assessment/"
    links = links_of(client.get(queue))
    assert (f"{queue}{earlier.pk}/change/", f"Continues {earlier.reference}") in links
    assert (f"?q={earlier.reference}", "Continued") in links
    assert (f"{queue}{later.pk}/change/", later.reference) in links_of(
        client.get(f"{queue}{earlier.pk}/change/")
    )
    assert (f"{queue}{earlier.pk}/change/", earlier.reference) in links_of(
        client.get(f"{queue}{later.pk}/change/")
    )


@pytest.mark.parametrize("searched", ["earlier", "later"])
def test_either_is_found_by_the_reference_of_the_other(
    build: PlaybookVersion, ana: User, searched: str
) -> None:
    earlier = approved(decided(build), ana)
    later = approved(continued(earlier), ana)
    approved(decided(build), ana)  # somebody else
    reference = {"earlier": earlier, "later": later}[searched].reference
    desk = signed_in(seller()).get("/desk/", {"q": reference})
    assert {row.assessment for row in desk.context["rows"]} == {earlier, later}
    queue = signed_in(ana).get("/admin/engagements/assessment/", {"q": reference})
    assert set(queue.context["cl"].result_list) == {earlier, later}


def test_the_desk_tells_what_a_brief_continues(build: PlaybookVersion, ana: User) -> None:
    earlier = approved(decided(build), ana)
    approved(continued(earlier), ana)
    desk = signed_in(seller()).get("/desk/")
    assert (f"/desk/?q={earlier.reference}", f"Continues {earlier.reference}") in links_of(desk)


# ---- The playbooks that are shipped --------------------------------------------------------


SHIPPED = {path.stem: load(path.read_text(encoding="utf-8"), path.stem) for path in PLAYBOOKS}
PAIRS = [
    pytest.param(SHIPPED[key], SHIPPED[follow_on.playbook], id=f"{key} to {follow_on.playbook}")
    for key, follow_on in sorted(
        {
            (key, model.follow_on.playbook): (key, model.follow_on)
            for key, playbook in SHIPPED.items()
            for model in playbook.engagements
            if model.follow_on
        }.values(),
        key=lambda pair: (pair[0], pair[1].playbook),
    )
    if follow_on.playbook in SHIPPED
]


@pytest.mark.parametrize(("earlier", "later"), PAIRS)
def test_the_same_key_means_the_same_in_both(earlier: Playbook, later: Playbook) -> None:
    wrong = []
    shared = [
        (asked, there)
        for asked, there in product(earlier.questions, later.questions)
        if asked.key == there.key
    ]
    for asked, there in shared:
        if (asked.title, asked.kind) != (there.title, there.kind):
            wrong.append((asked.key, asked.title, there.title, asked.kind, there.kind))
        labels = {option.key: option.label for option in there.options}
        wrong += [
            (asked.key, option.label, labels[option.key])
            for option in asked.options
            if labels.get(option.key, option.label) != option.label
        ]
    assert wrong == []
    assert len(shared) > 3


def test_every_playbook_that_is_named_is_shipped() -> None:
    named = {
        model.follow_on.playbook
        for playbook in SHIPPED.values()
        for model in playbook.engagements
        if model.follow_on
    }
    assert named <= SHIPPED.keys()
    assert len(named) > 1
