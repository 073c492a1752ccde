"""The buyer's pages, asked for one by one."""

import html
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from advisor.answers import LONGEST_LINE, LONGEST_TEXT, read_answers
from advisor.playbook import Question
from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import issue_brief, issue_recommendation, save_answers, start
from engagements.brief import Brief
from engagements.models import Answer, Assessment, BriefVersion, Recommendation
from engagements.pdf import PdfError
from tests.factories import small_playbook
from tests.scenarios import UNEVENTFUL, answers_of, rulebook_of

PLAYBOOK = "infrastructure-services"
PUBLIC = ("home", "playbook", "engagements", "emergency", "start")
PRIVATE = ("resume", "question", "check", "respond", "recommendation", "scope", "contact", "brief")
FORMS = ("start", "question", "check", "scope", "contact")

HOSTILE = """</textarea><script>alert(1)</script>"'><img src=x onerror=alert(1)>"""

Response = Any  # the test client's own, which also tells the context
Queries = Callable[[int], AbstractContextManager[Any]]

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> PlaybookVersion:
    """The published playbook that a buyer meets."""
    return publish(rulebook_of(PLAYBOOK).playbook)[0]


@pytest.fixture
def pdf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Brief]:
    """The briefs that were printed, where what the file looks like does not matter."""
    printed: list[Brief] = []

    def print_one(brief: Brief) -> Path:
        printed.append(brief)
        path = tmp_path / "brief.pdf"
        path.write_bytes(b"%PDF of a test")
        return path

    monkeypatch.setattr("engagements.views.pdf_of", print_one)
    return printed


def begin(version: PlaybookVersion, given: Mapping[str, object]) -> Assessment:
    """An assessment with these answers and no others."""
    return start(version, read_answers(version.rulebook.playbook, given))


def answered(version: PlaybookVersion, situation: str = "work-list", **more: Any) -> Assessment:
    """An assessment with all answers of a buyer who is uneventful but for these."""
    given = {key.replace("_", "-"): value for key, value in more.items()}
    return start(version, answers_of(PLAYBOOK, {"situation": situation, **given}))


def decided(version: PlaybookVersion, situation: str = "work-list", **more: Any) -> Assessment:
    """An assessment with a recommendation: for a list of work, the hourly package."""
    assessment = answered(version, situation, **more)
    issue_recommendation(assessment)
    return assessment


def to(assessment: Assessment, page: str, *args: str) -> str:
    """The address of a page of an assessment."""
    return reverse(f"engagements:{page}", args=[assessment.token, *args])


def address(version: PlaybookVersion, page: str) -> str:
    """An address at which a page answers with itself, for a buyer who has come so far."""
    key = version.playbook.key
    match page:
        case "home":
            return reverse("engagements:home")
        case "playbook" | "engagements" | "emergency" | "start":
            return reverse(f"engagements:{page}", args=[key])
        case "question":
            return to(begin(version, {"red-flags": "none"}), page, "situation")
        case "respond":
            return to(decided(version, red_flags=["down"]), page)
        case "scope":
            return to(decided(version), page, "goal")
        case _:
            return to(decided(version), page)


def asked(version: PlaybookVersion, key: str) -> Question:
    """A question of the published playbook."""
    return version.rulebook.playbook.question(key)


def text_of(response: Response) -> str:
    """What a reader reads of a page, as one line."""
    body = response.content.decode().partition("<body>")[2] or response.content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def title_of(response: Response) -> str:
    """The title in the browser's tab."""
    [title] = re.findall(r"<title>(.*?)</title>", response.content.decode(), re.DOTALL)
    return html.unescape(title)


def links_of(response: Response) -> list[tuple[str, str]]:
    """The links of a page: address and text."""
    found = re.findall(
        r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', response.content.decode(), re.DOTALL
    )
    return [(href, " ".join(re.sub(r"<[^>]*>", " ", label).split())) for href, label in found]


def back_of(response: Response) -> str:
    """Where the page's own Back leads."""
    [href] = [href for href, label in links_of(response) if label == "Back"]
    return href


def test_it_works(client: Client, version: PlaybookVersion, pdf: list[Brief]) -> None:
    answers = {**UNEVENTFUL[PLAYBOOK], "situation": "work-list", "money": "one-off"}
    page = client.get("/")
    assert reverse("engagements:start", args=[PLAYBOOK]) in dict(links_of(page))
    page = client.get(reverse("engagements:start", args=[PLAYBOOK]))
    while question := page.context.get("question"):
        given = {question.key: answers[question.key]}
        page = client.post(page.request["PATH_INFO"], given, follow=True)
    assert "Check your answers" in title_of(page)
    page = client.post(page.request["PATH_INFO"], follow=True)
    assert title_of(page) == "Your recommendation · Assistance"
    assert "Hourly package" in text_of(page)
    [brief] = [href for href, label in links_of(page) if "PDF" in label]
    assert client.get(brief)["Content-Type"] == "application/pdf"
    assert len(pdf) == 1


# ---- Home -----------------------------------------------------------------------------------


def test_home_with_one_playbook_is_its_page(client: Client, version: PlaybookVersion) -> None:
    page = client.get("/")
    playbook = version.rulebook.playbook
    assert playbook.promise in text_of(page)
    for model in playbook.engagements:
        assert model.title in text_of(page)


def test_home_with_two_playbooks_offers_both(client: Client, version: PlaybookVersion) -> None:
    publish(small_playbook())
    page = client.get("/")
    assert title_of(page) == "What do you have to decide? · Engagement Advisor"
    links = dict(links_of(page))
    for key, title in ((PLAYBOOK, version.playbook.title), ("small", "Small playbook")):
        href = reverse("engagements:playbook", args=[key])
        assert links[href] == title
        assert client.get(href).status_code == 200


def test_home_without_a_playbook_says_so(client: Client) -> None:
    assert "No playbook is published yet." in text_of(client.get("/"))


def test_a_playbook_without_an_emergency_line_offers_none(client: Client) -> None:
    publish(small_playbook())
    assert "mergency" not in text_of(client.get("/"))
    assert client.get(reverse("engagements:emergency", args=["small"])).status_code == 404


@pytest.mark.parametrize("page", ["playbook", "engagements", "emergency", "start"])
def test_an_unknown_playbook_is_not_found(client: Client, page: str) -> None:
    assert client.get(reverse(f"engagements:{page}", args=["nowhere"])).status_code == 404


# ---- The start, and saving ------------------------------------------------------------------


def test_looking_at_the_first_question_begins_nothing(
    client: Client, version: PlaybookVersion
) -> None:
    assert client.get(address(version, "start")).status_code == 200
    assert not Assessment.objects.exists()


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({}, id="no answer"),
        pytest.param({"red-flags": "nonsense"}, id="no option"),
        pytest.param({"red-flags": ["none", "down"]}, id="none and one"),
    ],
)
def test_a_wrong_first_answer_begins_nothing(
    client: Client, version: PlaybookVersion, given: dict[str, Any]
) -> None:
    assert client.post(address(version, "start"), given).status_code == 422
    assert not Assessment.objects.exists()


def test_the_first_answer_begins_an_assessment(client: Client, version: PlaybookVersion) -> None:
    response = client.post(address(version, "start"), {"red-flags": "none"})
    assessment = Assessment.objects.get()
    assert assessment.version == version
    assert assessment.answers == {"red-flags": ("none",)}
    assert response["Location"] == to(assessment, "question", "situation")


def test_an_assessment_takes_the_live_version_and_keeps_it(
    client: Client, version: PlaybookVersion
) -> None:
    client.post(address(version, "start"), {"red-flags": "none"})
    newer, is_new = publish(version.rulebook.playbook.model_copy(update={"title": "Renamed"}))
    assert is_new
    client.post(address(version, "start"), {"red-flags": "none"})
    assert [a.version for a in Assessment.objects.order_by("pk")] == [version, newer]
    older = Assessment.objects.earliest("pk")
    page = client.post(to(older, "question", "situation"), {"situation": "looking"}, follow=True)
    assert page.context["playbook"].title == "Infrastructure services"


def test_every_answer_is_saved_when_it_is_given(client: Client, version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none"})
    for key, option in (("situation", "build"), ("clarity", "criteria"), ("choice", "no")):
        client.post(to(assessment, "question", key), {key: option})
        assert Answer.objects.get(assessment=assessment, question=key).values == [option]


def test_an_answer_given_anew_replaces_the_old_one(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = begin(version, {"red-flags": "none", "situation": "build"})
    client.post(to(assessment, "question", "situation"), {"situation": "looking"})
    assert Answer.objects.get(assessment=assessment, question="situation").values == ["looking"]


# ---- The private link -----------------------------------------------------------------------


def test_the_private_link_cannot_be_guessed(version: PlaybookVersion) -> None:
    tokens = {begin(version, {"red-flags": "none"}).token for _ in range(20)}
    assert len(tokens) == 20
    assert all(re.fullmatch(r"[\w-]{32}", token) for token in tokens)  # 192 bits


@pytest.mark.parametrize("name", PRIVATE)
def test_a_wrong_link_is_not_found(client: Client, version: PlaybookVersion, name: str) -> None:
    args = {"question": ["situation"], "scope": ["goal"]}.get(name, [])
    begin(version, {"red-flags": "none"})
    page = client.get(reverse(f"engagements:{name}", args=["x" * 32, *args]))
    assert page.status_code == 404
    assert title_of(page) == "There is nothing at this address · Engagement Advisor"
    assert "check that you have all of it" in text_of(page)


@pytest.mark.parametrize(
    ("page", "key"),
    [
        pytest.param("question", "nonsense", id="no question"),
        pytest.param("question", "goal-outcome", id="a scope detail"),
        pytest.param("scope", "nonsense", id="no section"),
        pytest.param("scope", "situation", id="a section that decides"),
    ],
)
def test_what_there_is_not_is_not_found(
    client: Client, version: PlaybookVersion, page: str, key: str
) -> None:
    assert client.get(to(decided(version), page, key)).status_code == 404


def test_the_link_resumes_at_the_next_question(client: Client, version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none", "situation": "build"})
    link = assessment.get_absolute_url()
    assert client.get(link)["Location"] == to(assessment, "question", "clarity")


def test_the_link_resumes_at_the_check(client: Client, version: PlaybookVersion) -> None:
    assessment = answered(version)
    assert client.get(assessment.get_absolute_url())["Location"] == to(assessment, "check")


def test_the_link_resumes_at_the_recommendation(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    link = assessment.get_absolute_url()
    assert client.get(link)["Location"] == to(assessment, "recommendation")


def test_the_link_resumes_at_the_check_when_answers_have_changed(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = decided(version)
    save_answers(assessment, {"money": ("one-off",)})
    assert client.get(assessment.get_absolute_url())["Location"] == to(assessment, "check")


def test_the_link_resumes_at_a_question_that_has_become_necessary(
    client: Client, version: PlaybookVersion
) -> None:
    calm = {"red-flags": "none", "situation": "not-our-job", "choice": "no"}
    assessment = begin(version, {**calm, "response": "no", "money": "monthly"})
    issue_recommendation(assessment)
    save_answers(assessment, {"situation": ("build",)})
    link = assessment.get_absolute_url()
    assert client.get(link)["Location"] == to(assessment, "question", "clarity")


def test_the_link_resumes_at_the_emergency(client: Client, version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "down"})
    assert client.get(assessment.get_absolute_url())["Location"] == to(assessment, "respond")


@pytest.mark.parametrize("name", ["question", "check", "respond", "recommendation", "scope"])
def test_each_page_tells_the_private_link(
    client: Client, version: PlaybookVersion, name: str
) -> None:
    href = address(version, name)
    link = Assessment.objects.get().get_absolute_url()
    assert dict(links_of(client.get(href)))[link] == f"http://testserver{link}"


# ---- From question to question --------------------------------------------------------------


def test_a_question_page_has_one_question(client: Client, version: PlaybookVersion) -> None:
    page = client.get(address(version, "question"))
    question = asked(version, "situation")
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", page.content.decode()) == [question.title]
    assert title_of(page) == f"{question.title} · Assistance"
    for told in (question.hint, question.why, *(option.label for option in question.options)):
        assert str(told) in text_of(page)
    assert not re.search(r" checked[ >]", page.content.decode())


def test_every_question_has_a_title_of_its_own(version: PlaybookVersion) -> None:
    titles = [question.title for question in version.rulebook.playbook.questions]
    assert len(set(titles)) == len(titles)


def test_an_answer_given_before_is_selected(client: Client, version: PlaybookVersion) -> None:
    page = client.get(to(answered(version), "question", "situation"))
    checked = re.findall(r'value="([\w-]+)" checked', page.content.decode())
    assert checked == ["work-list"]


def test_what_cannot_change_the_outcome_is_not_asked(client: Client) -> None:
    assessment = begin(publish(small_playbook())[0], {"cause": "known"})
    page = client.post(to(assessment, "question", "work"), {"work": "build"}, follow=True)
    assert page.request["PATH_INFO"] == to(assessment, "check")
    assert "One more question was not asked, because no answer to it could change" in text_of(page)


def test_what_is_still_possible_is_told_and_never_grows(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = begin(version, {"red-flags": "none"})
    page = client.get(assessment.get_absolute_url(), follow=True)
    counts = []
    while question := page.context.get("question"):
        counts.append(len(page.context["possible"]))
        option = {"situation": "build"}.get(question.key) or UNEVENTFUL[PLAYBOOK][question.key]
        href = to(assessment, "question", question.key)
        page = client.post(href, {question.key: option}, follow=True)
    assert counts == sorted(counts, reverse=True)
    assert "7 engagement models are still possible" in text_of(
        client.get(address(version, "question"))
    )


def test_back_leads_to_the_question_before_that_counts(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = answered(version, "not-our-job")  # which skips all between choice and response
    order = ["red-flags", "situation", "choice", "response", "money"]
    assert back_of(client.get(to(assessment, "check"))) == to(assessment, "question", "money")
    for before, key in pairwise(order):
        page = client.get(to(assessment, "question", key))
        assert back_of(page) == to(assessment, "question", before)
    page = client.get(to(assessment, "question", "red-flags"))
    assert back_of(page) == reverse("engagements:playbook", args=[PLAYBOOK])


# ---- Check your answers ---------------------------------------------------------------------


def test_the_check_has_the_answers_that_count_and_no_others(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = answered(version, "not-our-job")
    assert "team" in assessment.answers  # a ghost: given, but not on the path
    page = client.get(to(assessment, "check"))
    rows = {question.key: labels for question, labels in page.context["rows"]}
    assert list(rows) == ["red-flags", "situation", "choice", "response", "money"]
    assert rows["situation"] == ["We want to use the platform, not run it"]
    assert asked(version, "situation").title in text_of(page)
    assert asked(version, "team").title not in text_of(page)


def test_each_answer_can_be_changed_by_a_link_that_names_it(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = answered(version, "not-our-job")
    page = client.get(to(assessment, "check"))
    change = [link for link in links_of(page) if link[1].startswith("Change")]
    assert change == [
        (to(assessment, "question", key), f"Change {asked(version, key).answer_noun}")
        for key in ("red-flags", "situation", "choice", "response", "money")
    ]


def test_the_check_waits_for_what_is_open(client: Client, version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none", "situation": "build"})
    for send in (client.get, client.post):
        assert send(to(assessment, "check"))["Location"] == to(assessment, "question", "clarity")
    assert not Recommendation.objects.exists()


def test_a_changed_answer_comes_back_to_the_check(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    response = client.post(to(assessment, "question", "money"), {"money": "one-off"})
    assert response["Location"] == to(assessment, "check")


def test_an_answer_given_again_comes_back_to_the_check_too(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = decided(version)
    response = client.post(to(assessment, "question", "choice"), {"choice": "no"})
    assert response["Location"] == to(assessment, "check")


def test_a_change_asks_only_what_it_has_made_necessary(
    client: Client, version: PlaybookVersion
) -> None:
    calm = {"red-flags": "none", "situation": "not-our-job", "choice": "no"}
    assessment = begin(version, {**calm, "response": "no", "money": "monthly"})
    page = client.post(to(assessment, "question", "situation"), {"situation": "build"}, follow=True)
    asked_now = []
    while question := page.context.get("question"):
        asked_now.append(question.key)
        given = {question.key: UNEVENTFUL[PLAYBOOK][question.key]}
        page = client.post(to(assessment, "question", question.key), given, follow=True)
    assert asked_now == ["clarity", "moving", "rhythm", "operator", "team"]
    assert page.request["PATH_INFO"] == to(assessment, "check")


# ---- The recommendation ---------------------------------------------------------------------


def test_the_recommendation_is_stored_once(client: Client, version: PlaybookVersion) -> None:
    assessment = answered(version)
    for _ in range(2):
        response = client.post(to(assessment, "check"))
        assert response["Location"] == to(assessment, "recommendation")
    assert Recommendation.objects.get().engagement == "hourly-package"


def test_a_recommendation_says_what_why_and_what_next(
    client: Client, version: PlaybookVersion
) -> None:
    page = client.get(to(decided(version, money="one-off"), "recommendation"))
    model = version.rulebook.playbook.engagement("hourly-package")
    text = text_of(page)
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", page.content.decode()) == [model.title]
    for told in (model.summary, model.duration, model.commercial_shape, model.next_step):
        assert told in text
    assert "We have a list of known work and lack senior hands for it" in text  # why
    assert version.rulebook.playbook.signal("bounded-backlog").because in text
    for other in version.rulebook.playbook.engagements:  # the certificate
        assert other.title in text
    assert "Ruled out by A one-off budget only" in re.sub("[“”]", "", text)
    for prerequisite in model.prerequisites:
        assert prerequisite.title in text
        assert prerequisite.owner in text


def test_readiness_follows_the_scope_details(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    page = client.get(to(assessment, "recommendation"))
    assert "Prerequisites Not told yet" in text_of(page)
    given = {"ready-hourly-package": ["agreed-priorities", "target-systems"]}
    client.post(to(assessment, "scope", "readiness"), given)
    page = client.get(to(assessment, "recommendation"))
    assert "Prerequisites 2 of 4 in place" in text_of(page)
    assert text_of(page).count("Missing") == 2


def test_a_pathway_says_when_each_step_starts(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version, "unproven", rhythm="monthly", money="evidence-first")
    page = client.get(to(assessment, "recommendation"))
    assert page.context["brief"].kind == "pathway"
    assert "Audit or assessment then Retained engineering" in text_of(page)
    assert version.rulebook.playbook.need("continuity").starts_when in text_of(page)


def test_where_nothing_is_demanded_it_says_so(client: Client, version: PlaybookVersion) -> None:
    page = client.get(to(decided(version, "looking"), "recommendation"))
    assert page.context["brief"].kind == "entry"
    assert "Your answers demand no engagement." in text_of(page)
    assert "You said:" not in text_of(page)


def test_a_conflict_names_the_answers_and_each_way_out(
    client: Client, version: PlaybookVersion
) -> None:
    calm = {"red-flags": "none", "situation": "not-our-job", "choice": "no"}
    assessment = begin(version, {**calm, "response": "contract", "money": "one-off"})
    page = client.post(to(assessment, "check"), follow=True)
    text = text_of(page)
    assert "No engagement fits all of this" in text
    for question, option in (("situation", "not-our-job"), ("money", "one-off")):
        assert asked(version, question).option(option).label in text
    [change] = page.context["brief"].conflict.changes
    assert change.quote.key == "money"
    assert change.instead.words == ("A monthly budget is possible",)
    [title] = change.leads_to
    assert f"could be “A monthly budget is possible”, we would recommend: {title}" in text
    client.post(to(assessment, "question", "money"), {"money": "monthly"})
    client.post(to(assessment, "check"))
    page = client.get(to(assessment, "recommendation"))
    assert page.context["brief"].engagement.title == title


def test_the_pages_after_a_decision_wait_for_it(client: Client, version: PlaybookVersion) -> None:
    assessment = answered(version)
    for href in (
        to(assessment, "recommendation"),
        to(assessment, "respond"),
        to(assessment, "scope", "goal"),
        to(assessment, "contact"),
        to(assessment, "brief"),
    ):
        assert client.get(href)["Location"] == to(assessment, "check")
    assert not BriefVersion.objects.exists()


def test_a_recommendation_on_answers_that_have_changed_is_not_shown(
    client: Client, version: PlaybookVersion, pdf: list[Brief]
) -> None:
    assessment = decided(version)
    client.post(to(assessment, "question", "money"), {"money": "one-off"})
    for page in ("recommendation", "contact", "brief"):
        assert client.get(to(assessment, page))["Location"] == to(assessment, "check")
    assert pdf == []
    client.post(to(assessment, "check"))
    assert client.get(to(assessment, "recommendation")).context["issued"].number == 2
    assert Recommendation.objects.count() == 2


# ---- Emergencies ----------------------------------------------------------------------------

COMMERCIAL = re.compile(
    r"\b(budget|buy|commercial|contract|cost|engagement model|fee|hourly|invoice|monthly|offer"
    r"|package|pay|plan|price|pricing|project|proposal|quote|recommend|retain|sale|scope|terms)",
    re.IGNORECASE,
)
FLAGS = [o.key for o in rulebook_of(PLAYBOOK).playbook.question("red-flags").options][:-1]


@pytest.mark.parametrize("flag", FLAGS)
def test_a_red_flag_leads_to_the_emergency_page_at_once(
    client: Client, version: PlaybookVersion, flag: str
) -> None:
    page = client.post(address(version, "start"), {"red-flags": flag}, follow=True)
    assessment = Assessment.objects.get()
    assert [href for href, _status in page.redirect_chain] == [to(assessment, "respond")]
    emergency = version.rulebook.playbook.emergency
    assert emergency is not None
    text = text_of(page)
    assert emergency.phone in text
    assert len(emergency.have_ready) == 4
    for thing in emergency.have_ready:
        assert thing in text
    assert asked(version, "red-flags").option(flag).label in text
    assert not COMMERCIAL.search(text), COMMERCIAL.search(text)
    assert assessment.latest_recommendation
    assert assessment.latest_recommendation.engagement == "emergency-response"


def test_the_emergency_page_needs_no_assessment(client: Client, version: PlaybookVersion) -> None:
    page = client.get(address(version, "emergency"))
    emergency = version.rulebook.playbook.emergency
    assert emergency is not None
    assert all(thing in text_of(page) for thing in (emergency.phone, *emergency.have_ready))
    assert not COMMERCIAL.search(text_of(page))


def test_a_false_alarm_can_be_taken_back(client: Client, version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": ["down", "stuck"]})
    page = client.get(assessment.get_absolute_url(), follow=True)
    change = to(assessment, "question", "red-flags")
    assert change in dict(links_of(page))
    response = client.post(change, {"red-flags": "none"})
    assert response["Location"] == to(assessment, "question", "situation")
    response = client.get(to(assessment, "respond"))
    assert response["Location"] == to(assessment, "question", "situation")


def test_the_recommendation_of_an_emergency_gives_the_emergency_number(
    client: Client, version: PlaybookVersion
) -> None:
    page = client.get(to(decided(version, red_flags=["down"]), "recommendation"))
    playbook = version.rulebook.playbook
    assert playbook.emergency is not None
    main = page.content.decode().partition("<main")[2].partition("</main>")[0]
    assert playbook.emergency.phone in main
    assert playbook.firm.phone not in main


# ---- What is wrong with an answer -----------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "given", "message"),
    [
        pytest.param("situation", [], "Select one option.", id="one, nothing"),
        pytest.param("situation", [""], "Select one option.", id="one, empty"),
        pytest.param(
            "situation",
            ["nonsense"],
            "That option is not there any more. Select one of those shown.",
            id="one, no option",
        ),
        pytest.param("red-flags", [], "Select at least one option.", id="many, nothing"),
        pytest.param(
            "red-flags",
            ["down", "nonsense"],
            "That option is not there any more. Select one of those shown.",
            id="many, no option",
        ),
        pytest.param(
            "red-flags",
            ["none", "stuck"],
            "“None of these” cannot be selected together with other options.",
            id="many, none and one",
        ),
    ],
)
def test_a_wrong_answer_is_told_twice_and_kept(
    client: Client, version: PlaybookVersion, key: str, given: list[str], message: str
) -> None:
    assessment = begin(version, {"red-flags": "none"})
    page = client.post(to(assessment, "question", key), {key: given})
    assert page.status_code == 422
    assert title_of(page) == f"Error: {asked(version, key).title} · Assistance"
    body = page.content.decode()
    summary, _, after = body.partition('<p class="kicker">')
    assert "There is a problem" in summary
    assert links_of(HttpResponse(summary))[-1] == (f"#{key}", message)
    assert f'id="{key}"' in after
    [inline] = re.findall(f'<p class="error" id="{key}-error">(.*?)</p>', after)
    assert " ".join(re.sub(r"<[^>]*>", " ", inline).split()) == f"Error: {message}"
    assert f"{key}-error" in re.findall(r'aria-describedby="([^"]*)"', after)[0].split()
    checked = re.findall(r'value="([\w-]+)" checked', body)
    options = {option.key for option in asked(version, key).options}
    assert set(checked) == set(given) & options
    assert Assessment.objects.get().answers == {"red-flags": ("none",)}


def test_a_failed_attempt_is_no_step_of_the_history(
    client: Client, version: PlaybookVersion
) -> None:
    page = client.post(address(version, "start"), headers={"HX-Request": "true"})
    assert page.status_code == 422
    assert page["HX-Push-Url"] == "false"


def test_a_question_that_is_not_live_any_more_does_no_harm(
    client: Client, version: PlaybookVersion
) -> None:
    """A second tab still shows a question that the first has made moot."""
    assessment = decided(version, "not-our-job")
    before = issue_recommendation(assessment)
    href = to(assessment, "question", "team")
    assert client.get(href)["Location"] == to(assessment, "recommendation")
    assert client.post(href, {"team": "nonsense"})["Location"] == to(assessment, "recommendation")
    assert client.post(href, {"team": "nobody"}).status_code == 302
    assert client.get(to(assessment, "recommendation")).context["issued"] == before
    assert Recommendation.objects.count() == 1


def test_two_tabs_answer_the_same_question(client: Client, version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none"})
    href = to(assessment, "question", "situation")
    client.post(href, {"situation": "build"})
    client.post(href, {"situation": "looking"})
    assert Assessment.objects.get().answers["situation"] == ("looking",)


# ---- Scope details --------------------------------------------------------------------------


def test_scope_details_are_optional(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    page = client.get(to(assessment, "recommendation"))
    sections = [section.key for section, _given, _all in page.context["sections"]]
    assert len(sections) > 4
    for section, following in pairwise(sections):
        response = client.post(to(assessment, "scope", section))
        assert response["Location"] == to(assessment, "scope", following)
    response = client.post(to(assessment, "scope", sections[-1]))
    assert response["Location"] == to(assessment, "contact")
    response = client.post(to(assessment, "contact"))
    assert response["Location"] == to(assessment, "recommendation")
    assert client.get(response["Location"]).status_code == 200
    assert Recommendation.objects.count() == 1


def test_scope_details_are_saved_shown_and_taken_back(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = decided(version)
    href = to(assessment, "scope", "goal")
    client.post(href, {"goal-outcome": " Faster releases. ", "goal-done": "A test\r\nruns"})
    answers = Assessment.objects.get().answers
    assert answers["goal-outcome"] == ("Faster releases.",)
    assert answers["goal-done"] == ("A test\nruns",)
    page = client.get(href)
    assert "Faster releases.</textarea>" in page.content.decode()
    assert "Goal 2 of 2 answered" in text_of(client.get(to(assessment, "recommendation")))
    client.post(href, {"goal-outcome": "", "goal-done": "A test runs"})
    assert "goal-outcome" not in Assessment.objects.get().answers


def test_scope_details_never_change_the_decision(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    client.post(to(assessment, "scope", "readiness"), {"ready-hourly-package": "none-yet"})
    issued = list(Recommendation.objects.all())
    assert {row.engagement for row in issued} == {"hourly-package"}
    assert client.get(to(assessment, "recommendation")).status_code == 200  # still current


def test_one_part_can_be_saved_without_the_rest(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    given = {"goal-outcome": "Faster releases.", "return": "1"}
    response = client.post(to(assessment, "scope", "goal"), given)
    assert response["Location"] == to(assessment, "recommendation")
    assert Assessment.objects.get().answers["goal-outcome"] == ("Faster releases.",)


def test_scope_details_off_the_path_are_not_shown(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)  # an hourly package
    page = client.get(to(assessment, "scope", "constraints"))
    assert 'name="constraints"' in page.content.decode()
    assert 'name="downtime"' not in page.content.decode()  # of projects only
    emergency = decided(version, red_flags=["down"])
    assert client.get(to(emergency, "scope", "goal")).status_code == 404


def test_an_answer_makes_another_detail_necessary(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    href = to(assessment, "scope", "constraints")
    assert 'name="constraints-detail"' not in client.get(href).content.decode()
    response = client.post(href, {"constraints": ["deadline"]})
    assert response["Location"] == href
    assert 'name="constraints-detail"' in client.get(href).content.decode()
    response = client.post(href, {"constraints": ["deadline"], "constraints-detail": "In May"})
    assert response["Location"] != href


def test_a_conflict_can_be_described_too(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version, "not-our-job", money="one-off")
    response = client.post(to(assessment, "scope", "anything-else"), {"anything-else": "Help"})
    assert response["Location"] == to(assessment, "contact")
    assert Assessment.objects.get().answers["anything-else"] == ("Help",)


@pytest.mark.parametrize(
    ("section", "key", "longest"),
    [
        pytest.param("anything-else", "anything-else", LONGEST_TEXT, id="text"),
        pytest.param("handoff", "handoff-owner", LONGEST_LINE, id="line"),
    ],
)
def test_a_text_that_is_too_long_is_kept_to_be_shortened(
    client: Client, version: PlaybookVersion, section: str, key: str, longest: int
) -> None:
    assessment = decided(version)
    long = "Long " * (longest // 5) + "x"
    page = client.post(to(assessment, "scope", section), {key: long})
    assert page.status_code == 422
    assert title_of(page).startswith("Error: ")
    body = page.content.decode()
    assert long in body
    message = f"Shorten this to {longest} characters; it has {longest + 1} now."
    assert (f"#{key}", message) in links_of(page)
    assert text_of(page).count(message) == 2
    [field] = re.findall(rf'<(?:textarea|input) [^>]*name="{key}"[^>]*>', body)
    assert 'aria-invalid="true"' in field
    assert f"{key}-error" in field
    assert key not in Assessment.objects.get().answers


def test_the_end_of_a_line_counts_as_one_character(
    client: Client, version: PlaybookVersion
) -> None:
    """A browser counts it as one, too, but sends two."""
    assessment = decided(version)
    lines = "123456789\r\n" * (LONGEST_TEXT // 10 - 1) + "1234567890"
    response = client.post(to(assessment, "scope", "anything-else"), {"anything-else": lines})
    assert response.status_code == 302
    [stored] = Assessment.objects.get().answers["anything-else"]
    assert len(stored) == LONGEST_TEXT


def test_a_text_that_no_database_can_store_is_refused(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = decided(version)
    href = to(assessment, "scope", "anything-else")
    assert client.post(href, {"anything-else": "a\x00b"}).status_code == 422


def test_what_somebody_types_is_text_and_nothing_else(
    client: Client, admin_client: Client, version: PlaybookVersion
) -> None:
    assessment = decided(version)
    client.post(to(assessment, "scope", "anything-else"), {"anything-else": HOSTILE})
    client.post(to(assessment, "scope", "handoff"), {"handoff-owner": HOSTILE})
    names = {"contact_name": HOSTILE, "contact_firm": HOSTILE}
    client.post(to(assessment, "contact"), names)
    client.post(to(assessment, "contact"), {**names, "contact_email": HOSTILE})
    issue_brief(Assessment.objects.get(), issue_recommendation(Assessment.objects.get()))
    wrong = client.post(to(assessment, "contact"), {**names, "contact_email": HOSTILE})
    change = [
        reverse("admin:engagements_assessment_change", args=[assessment.pk]),
        reverse("admin:engagements_briefversion_change", args=[BriefVersion.objects.get().pk]),
    ]
    for page in (
        wrong,
        client.get(to(assessment, "scope", "anything-else")),
        client.get(to(assessment, "scope", "handoff")),
        client.get(to(assessment, "contact")),
        client.get(to(assessment, "recommendation")),
        *map(admin_client.get, change),
    ):
        assert "<script>alert" not in page.content.decode()
        assert "<img src=x" not in page.content.decode()
        assert "&lt;script&gt;alert(1)" in page.content.decode()


# ---- Whom the brief is for ------------------------------------------------------------------


def test_a_contact_is_saved_and_told(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    given = {"contact_name": "Ada", "contact_firm": "Ada & Sons", "contact_email": "ada@firm.eu"}
    client.post(to(assessment, "contact"), given)
    stored = Assessment.objects.get()
    assert {key: getattr(stored, key) for key in given} == given
    assert "Ada & Sons" in text_of(client.get(to(assessment, "recommendation")))


def test_a_wrong_address_is_told_twice_and_kept(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    given = {"contact_name": "Ada", "contact_email": "ada at firm"}
    page = client.post(to(assessment, "contact"), given)
    assert page.status_code == 422
    assert title_of(page) == "Error: Who is the brief for? · Assistance"
    message = "Enter an e-mail address such as name@example.com, or leave it empty."
    assert ("#id_contact_email", message) in links_of(page)
    assert text_of(page).count(message) == 2
    body = page.content.decode()
    assert 'value="Ada"' in body
    assert 'value="ada at firm"' in body
    [field] = re.findall(r'<input [^>]*name="contact_email"[^>]*>', body)
    [described] = re.findall(r'aria-describedby="([^"]*)"', field)
    assert f'id="{described}"' in body
    assert Assessment.objects.get().contact_name == ""


# ---- The brief ------------------------------------------------------------------------------


def test_the_brief_is_a_private_pdf(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    response = client.get(to(assessment, "brief"))
    content = response.getvalue()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert response["Content-Type"] == "application/pdf"
    name = f"scope-brief-{assessment.reference}-v1.pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert int(response["Content-Length"]) == len(content)
    assert set(response["Cache-Control"].split(", ")) == {"private", "no-cache"}
    assert BriefVersion.objects.get().number == 1


def test_the_same_brief_is_not_issued_twice(
    client: Client, version: PlaybookVersion, pdf: list[Brief]
) -> None:
    assessment = decided(version)
    client.get(to(assessment, "brief"))
    client.get(to(assessment, "brief"))
    assert BriefVersion.objects.count() == 1
    client.post(to(assessment, "contact"), {"contact_name": "Ada"})
    response = client.get(to(assessment, "brief"))
    assert response["Content-Disposition"].endswith('-v2.pdf"')
    assert [brief.version for brief in pdf] == [1, 1, 2]
    assert pdf[-1].contact.name == "Ada"


def test_a_conflict_has_a_brief_too(
    client: Client, version: PlaybookVersion, pdf: list[Brief]
) -> None:
    assessment = decided(version, "not-our-job", money="one-off")
    assert client.get(to(assessment, "brief")).status_code == 200
    assert pdf[0].conflict


def test_a_brief_that_cannot_be_made_is_told(
    client: Client, version: PlaybookVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(brief: Brief) -> Path:
        raise PdfError("The printer is out of ink.")

    monkeypatch.setattr("engagements.views.pdf_of", fail)
    assessment = decided(version)
    page = client.get(to(assessment, "brief"))
    assert page.status_code == 503
    assert title_of(page) == "The brief is not ready · Assistance"
    assert "The printer is out of ink. Nothing is lost" in text_of(page)
    assert to(assessment, "recommendation") in dict(links_of(page))
    assert "private" in page["Cache-Control"]


# ---- htmx, caches and methods ---------------------------------------------------------------

HTMX = {"HX-Request": "true"}
RESTORE = {**HTMX, "HX-History-Restore-Request": "true"}


@pytest.mark.parametrize(
    "name", ["start", "question", "check", "respond", "recommendation", "scope", "contact"]
)
def test_htmx_gets_the_main_part_and_only_htmx(
    client: Client, version: PlaybookVersion, name: str
) -> None:
    href = address(version, name)
    whole, part, restored = (client.get(href, headers=h) for h in ({}, HTMX, RESTORE))
    for page in (whole, restored):
        assert page.content.decode().startswith("<!doctype html>")
        assert page.content.count(b"<title>") == 1
    assert b"<html" not in part.content
    assert b"site-header" not in part.content
    assert part.content.count(b"<main ") == 1
    assert title_of(part) == title_of(whole)
    for page in (whole, part, restored):
        vary = page["Vary"].split(", ")
        assert {"HX-Request", "HX-History-Restore-Request"} <= set(vary)


@pytest.mark.parametrize("name", PRIVATE)
def test_private_pages_are_kept_by_no_cache(
    client: Client, version: PlaybookVersion, pdf: list[Brief], name: str
) -> None:
    response = client.get(address(version, name))
    kept = "no-cache" if name == "brief" else "no-store"  # a PDF may be kept, and is asked about
    assert {"private", kept} <= set(response["Cache-Control"].split(", "))


@pytest.mark.parametrize("name", [*PUBLIC, *PRIVATE])
def test_head_is_answered_like_get(
    client: Client, version: PlaybookVersion, pdf: list[Brief], name: str
) -> None:
    href = address(version, name)
    rows = Assessment.objects.count()
    response = client.head(href)
    assert response.status_code == client.get(href).status_code
    assert b"".join(response) == b""
    assert Assessment.objects.count() == rows


@pytest.mark.parametrize("name", [*PUBLIC, *PRIVATE])
def test_other_methods_are_refused(client: Client, version: PlaybookVersion, name: str) -> None:
    href = address(version, name)
    allowed = {"GET", "HEAD", "POST"} if name in FORMS else {"GET", "HEAD"}
    for method in {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - allowed:
        response = client.generic(method, href)
        assert response.status_code == 405, method
        assert set(response["Allow"].split(", ")) == allowed


# ---- Safety ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
def test_a_form_of_another_site_is_refused(version: PlaybookVersion, name: str) -> None:
    href = address(version, name)
    answers = list(Answer.objects.values_list())
    response = Client(enforce_csrf_checks=True).post(href, {"red-flags": "none"})
    assert response.status_code == 403
    assert title_of(response) == "That was not saved · Engagement Advisor"
    assert "Allow cookies for this site" in text_of(response)
    assert list(Answer.objects.values_list()) == answers


@pytest.mark.parametrize("name", FORMS)
def test_a_form_of_ours_is_taken(version: PlaybookVersion, name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    href = address(version, name)
    page = client.get(href).content.decode()
    [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page))
    given = {"csrfmiddlewaretoken": token, "red-flags": "none", "situation": "build"}
    assert client.post(href, given).status_code == 302


def test_a_buyer_gets_no_cookie_but_the_one_that_protects_the_forms(
    client: Client, version: PlaybookVersion, pdf: list[Brief]
) -> None:
    for name in (*PUBLIC, *PRIVATE):
        client.get(address(version, name))
    client.post(to(decided(version), "contact"), {"contact_name": "Ada"})
    assert set(client.cookies) == {"csrftoken"}
    assert client.cookies["csrftoken"]["samesite"] == "Lax"


def assert_is_safe(response: Response) -> None:
    """What keeps a page safe on the open internet is in its headers."""
    policy = response["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'")
    assert "unsafe" not in policy
    assert "*" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    if response["Content-Type"].startswith("text/html"):
        body = response.content.decode()
        assert not re.search(r"<[^>]* (style|on\w+)=", body)
        assert not re.search(r"<(script|style)(?![^>]*(nonce|src)=)", body)


@pytest.mark.parametrize("name", [*PUBLIC, *PRIVATE])
def test_every_page_is_safe(
    client: Client, version: PlaybookVersion, pdf: list[Brief], name: str
) -> None:
    assert_is_safe(client.get(address(version, name)))
    assert_is_safe(client.get(address(version, name), headers=HTMX))


def test_pages_of_what_went_wrong_are_safe(client: Client, version: PlaybookVersion) -> None:
    assert_is_safe(client.get("/nowhere"))
    assert_is_safe(client.post(address(version, "start")))
    assert_is_safe(client.put("/"))
    assert_is_safe(Client(enforce_csrf_checks=True).post(address(version, "start")))


def test_an_error_of_ours_is_told(
    version: PlaybookVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(assessment: Assessment) -> None:
        raise RuntimeError(assessment)

    href = address(version, "question")
    monkeypatch.setattr("engagements.views.recommendation_for", fail)
    page = Client(raise_request_exception=False).get(href)
    assert page.status_code == 500
    assert "Your answers up to this point are saved" in text_of(page)
    assert_is_safe(page)


def test_every_page_of_the_admin_is_safe(
    admin_client: Client, version: PlaybookVersion, pdf: list[Brief]
) -> None:
    admin_client.get(address(version, "brief"))  # so that there is one row of each kind
    home = reverse("admin:index")
    seen, open_links = set[str](), [home]
    while open_links:
        href = open_links.pop()
        seen.add(href)
        page = admin_client.get(href)
        assert page.status_code == 200, href
        assert_is_safe(page)
        there = {link.partition("?")[0] for link, _label in links_of(page)}
        ours = {link for link in there if re.match(rf"{home}(?!logout|r/)", link)}
        open_links += ours - seen - set(open_links)
    for kind in ("assessment", "recommendation", "briefversion"):
        assert any(re.fullmatch(rf"/admin/engagements/{kind}/\d+/change/", h) for h in seen)


# ---- Queries --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("home", 3),
        ("playbook", 2),
        ("engagements", 2),
        ("emergency", 2),
        ("start", 2),
        ("resume", 3),
        ("question", 2),
        ("check", 2),
        ("respond", 3),
        ("recommendation", 3),
        ("scope", 3),
        ("contact", 3),
    ],
)
def test_a_page_asks_the_database_no_more_than_it_must(
    client: Client,
    version: PlaybookVersion,
    django_assert_num_queries: Queries,
    name: str,
    expected: int,
) -> None:
    assert name != "question" or expected <= 4
    href = address(version, name)
    with django_assert_num_queries(expected):
        client.get(href)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("start", 15), ("question", 12), ("check", 6), ("scope", 18), ("contact", 4)],
)
def test_an_answer_asks_the_database_no_more_than_it_must(
    client: Client,
    version: PlaybookVersion,
    django_assert_num_queries: Queries,
    name: str,
    expected: int,
) -> None:
    given = {"red-flags": "none", "situation": "build", "goal-outcome": "Fast", "contact_name": "A"}
    href = address(version, name)
    with django_assert_num_queries(expected):
        client.post(href, given)
