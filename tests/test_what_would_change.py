"""What other answers would lead to: on the page, in the brief, and before a consultant."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from advisor.answers import read_answers
from advisor.rules import Recommendation, Rulebook, recommend
from advisor.rules.recommendation import (
    Conflict,
    Counterfactual,
    Dropped,
    GivenAnswer,
    Outcome,
    OutcomeKind,
)
from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import draft_brief, issue_brief
from engagements.brief import Brief, Contact
from engagements.models import Assessment, OverrideReason
from engagements.pdf import html_of
from engagements.reviewing import approve, override
from engagements.wording import build_brief
from tests.buyers import PLAYBOOK, decided, links_of, text_of, to
from tests.factories import (
    REMOVED,
    engagement,
    option,
    question,
    small_document,
    small_rulebook,
    unguarded,
)
from tests.looking import NARROW, WIDE, open_all, sticking_out, violations
from tests.scenarios import rulebook_of
from tests.staff import consultant, sign_in, signed_in
from tests.test_brief import AUDIT, headings, with_emergency
from tests.test_brief import text_of as brief_text

NONE = "No other answer that you could choose leads to another engagement model."
HEADING = "What would change this"


def outcome(*engagements: str, entry: bool = False) -> Outcome:
    """What answers come to; a conflict without any engagement model."""
    kinds = (OutcomeKind.CONFLICT, OutcomeKind.ENTRY if entry else OutcomeKind.SINGLE)
    kind = OutcomeKind.PATHWAY if len(engagements) > 1 else kinds[len(engagements)]
    return Outcome(kind=kind, engagements=engagements)


def if_so(given: Mapping[str, tuple[str, ...]], *possible: Outcome) -> Counterfactual:
    """Answers that would have to be others, and what that leads to."""
    return Counterfactual(
        instead=tuple(GivenAnswer(question=key, options=given[key]) for key in given),
        outcome=possible[0] if len(possible) == 1 else None,
        possible=possible,
    )


def a_brief(
    *found: Counterfactual, answers: Mapping[str, object] = AUDIT, **changes: object
) -> Brief:
    """The brief of the small playbook, on a recommendation with these counterfactuals."""
    rulebook = small_rulebook(**changes)
    given = read_answers(rulebook.playbook, answers)
    return brief_on(rulebook, given, recommend(rulebook, given), found)


def brief_on(
    rulebook: Rulebook, given: Any, value: Recommendation, found: tuple[Counterfactual, ...]
) -> Brief:
    return build_brief(
        rulebook.playbook,
        value.model_copy(update={"counterfactuals": found}),
        given,
        contact=Contact(),
        reference="SB-2026-0417",
        version=1,
        issued_on=date(2026, 11, 20),
        playbook_number=3,
    )


def rewrite(assessment: Assessment, **parts: object) -> Assessment:
    """Change what is stored of a recommendation; REMOVED takes a part away, as it was before."""
    row = assessment.recommendations.get()
    document = {**row.document, **parts}
    document = {key: value for key, value in document.items() if value is not REMOVED}
    with unguarded(connection):
        type(row)._base_manager.filter(pk=row.pk).update(document=document)  # noqa: SLF001
    return Assessment.objects.get(pk=assessment.pk)


def with_counterfactuals(assessment: Assessment, *found: Counterfactual) -> Assessment:
    """The same assessment, its recommendation with these counterfactuals and no others."""
    return rewrite(assessment, counterfactuals=[one.model_dump(mode="json") for one in found])


def screen_of(assessment: Assessment, by: User) -> str:
    address = reverse("admin:engagements_assessment_change", args=[assessment.pk])
    return text_of(signed_in(by).get(address))


def many() -> Brief:
    """A brief with more and longer counterfactuals than anybody has, and words that are markup."""
    options = [
        option(f"o{n:02}", label=f"{n} <b>&amp; " + "W" * 270, if_so="you said so, " * 20 + str(n))
        for n in range(28)
    ]
    extra = [engagement(f"e{n:02}", 10 + n, "run", ["outcome"]) for n in range(20)]
    for one in extra:
        one["title"] = "A title that goes on and on " * 10
    found = [
        if_so({"many": (f"o{5 * way + n % 5:02}",), "cause": ("known",)}, outcome(one["key"]))
        for n, one in enumerate(extra)
        for way in range(5)
    ]
    document = small_document()
    return a_brief(
        *found,
        answers={**AUDIT, "many": ["o27"]},
        engagements=[*document["engagements"], *extra],
        questions=[*document["questions"], question("many", options, kind="many")],
    )


KNOWN = if_so({"cause": ("known",), "work": ("build",)}, outcome("project"))
BUILD = if_so({"work": ("nothing", "build")}, outcome("retainer"))


def test_it_works() -> None:
    text = brief_text(a_brief(BUILD, KNOWN))
    for told in (
        "What would change this The smallest changes that lead elsewhere",
        "Engagement retainer Larger commitment you also ticked “Option build” at “Question work?”",
        "Engagement project Larger commitment your answer to “Question cause?” were “Option known”",
    ):
        assert told in text, told


# ---- In words ------------------------------------------------------------------------------


SAYING = [
    option("known", if_so="you knew the cause"),
    option("unknown"),
    option("rumoured"),
    option("not-sure", unsure=True),
]
SEVERAL = [
    option("build", if_so="there were something to build"),
    option("move"),
    option("mend"),
    option("nothing", exclusive=True, if_so="there were nothing to do"),
]


@pytest.mark.parametrize(
    ("given", "instead", "clause"),
    [
        pytest.param(
            {}, {"cause": ("known",)}, "you knew the cause", id="as the playbook words it"
        ),
        pytest.param(
            {},
            {"cause": ("rumoured",)},
            "your answer to “Question cause?” were “Option rumoured”",
            id="no words in the playbook",
        ),
        pytest.param(
            {"work": ["move"]},
            {"work": ("build", "move")},
            "there were something to build",
            id="one more option, with words",
        ),
        pytest.param(
            {"work": ["move"]},
            {"work": ("move", "mend")},
            "you also ticked “Option mend” at “Question work?”",
            id="one more option",
        ),
        pytest.param(
            {"work": ["move", "mend"]},
            {"work": ("move",)},
            "you did not tick “Option mend” at “Question work?”",
            id="one option less",
        ),
        pytest.param(
            {"work": ["move", "mend"]},
            {"work": ("nothing",)},
            "there were nothing to do",
            id="an option that excludes the others",
        ),
        pytest.param(
            {"work": ["move", "mend"]},
            {"work": ("build", "move")},
            "your answer to “Question work?” were “Option build”, “Option move”",
            id="another set of options",
        ),
        pytest.param(
            {},
            {"cause": ("known",), "work": ("nothing",)},
            "you knew the cause, and if there were nothing to do",
            id="two answers",
        ),
    ],
)
def test_a_change_is_worded(
    given: dict[str, object], instead: dict[str, tuple[str, ...]], clause: str
) -> None:
    brief = a_brief(
        if_so(instead, outcome("project")),
        answers={"cause": "unknown", "work": ["move"], "money": "monthly", **given},
        questions=[
            question("cause", SAYING),
            question("work", SEVERAL, kind="many"),
            question("money", ["monthly", "one-off"]),
        ],
    )
    assert brief.counterfactuals
    [[way]] = [found.ways for found in brief.counterfactuals]
    assert str(way) == clause
    assert clause in brief_text(brief)


@pytest.mark.parametrize(
    ("possible", "told", "side"),
    [
        pytest.param([outcome("retainer")], "Engagement retainer", "larger", id="one"),
        pytest.param(
            [outcome("audit", "project")],
            "Engagement audit, then Engagement project",
            "larger",
            id="a pathway",
        ),
        pytest.param(
            [outcome("audit", entry=True)],
            "nothing at all (if anything, Engagement audit)",
            None,
            id="nothing demanded",
        ),
        pytest.param(
            [outcome("project"), outcome("retainer")],
            "Engagement project; or Engagement retainer",
            None,
            id="either",
        ),
        pytest.param(
            [outcome(), outcome("audit"), outcome("project")],
            "Engagement project; or nothing that fits; or still Engagement audit",
            None,
            id="what is news comes first",
        ),
        pytest.param(
            [outcome(key) for key in ("project", "retainer")]
            + [outcome("audit", key) for key in ("project", "retainer")]
            + [outcome("project", "retainer")],
            "Engagement project; or Engagement retainer; or Engagement audit, then"
            " Engagement project; or Engagement audit, then Engagement retainer;"
            " or something else (1 more)",
            None,
            id="many",
        ),
    ],
)
def test_what_it_leads_to_is_worded(possible: list[Outcome], told: str, side: str | None) -> None:
    brief = a_brief(if_so({"cause": ("known",)}, *possible))
    assert brief.counterfactuals
    [found] = brief.counterfactuals
    assert (str(found), found.side) == (told, side)
    assert found.certain == (len(possible) == 1)
    assert ("Not certain:" in brief_text(brief)) != found.certain


def test_ways_to_the_same_are_told_together_the_shortest_first() -> None:
    brief = a_brief(KNOWN, if_so({"cause": ("known",)}, outcome("project")), BUILD)
    assert brief.counterfactuals
    assert [str(found) for found in brief.counterfactuals] == [
        "Engagement project",
        "Engagement retainer",
    ]
    assert [len(w.changes) for w in brief.counterfactuals[0].leading_ways] == [1, 2]


def test_of_many_the_brief_prints_a_few_and_says_how_many_more_there_are() -> None:
    brief = many()
    assert brief.counterfactuals
    assert len(brief.counterfactuals) == 20
    assert "82 more changes on the page of the recommendation." in brief_text(brief)
    assert "<b>&amp;amp; W" not in html_of(brief)


# ---- Where there is nothing to tell --------------------------------------------------------


def test_where_no_other_answer_leads_elsewhere_it_says_so() -> None:
    assert NONE in brief_text(a_brief())


def test_what_was_stored_before_anybody_looked_says_nothing_of_it() -> None:
    rulebook = small_rulebook()
    given = read_answers(rulebook.playbook, AUDIT)
    document = recommend(rulebook, given).model_dump(mode="json")
    document.pop("counterfactuals")
    stored = Recommendation.model_validate(document)
    brief = build_brief(
        rulebook.playbook,
        stored,
        given,
        contact=Contact(),
        reference="SB-2026-0417",
        version=1,
        issued_on=date(2026, 11, 20),
        playbook_number=3,
    )
    assert brief.counterfactuals is None
    assert HEADING not in headings(brief)


def test_an_emergency_has_nothing_to_weigh() -> None:
    brief = a_brief(answers={"flags": ["down"]}, **with_emergency())
    assert brief.counterfactuals is None
    assert HEADING not in headings(brief)


@pytest.mark.django_db
def test_a_brief_of_before_is_not_issued_anew(version: PlaybookVersion) -> None:
    assessment = rewrite(decided(version), counterfactuals=REMOVED)
    brief = issue_brief(assessment)
    assert brief
    row = assessment.briefs.get()
    old = {key: value for key, value in row.content.items() if key != "counterfactuals"}
    with unguarded(connection):
        type(row)._base_manager.update(content=old)  # noqa: SLF001
    again = issue_brief(Assessment.objects.get())
    assert again == brief
    assert assessment.briefs.count() == 1


@pytest.mark.django_db
def test_what_was_advised_before_stands_when_more_is_explained(version: PlaybookVersion) -> None:
    assessment = decided(version)
    now = assessment.recommendations.get().value
    before = rewrite(assessment, counterfactuals=REMOVED).recommendations.get().value
    assert before.advises_as(now)


# ---- On the page ---------------------------------------------------------------------------

pages = pytest.mark.django_db
CLEAR = if_so({"clarity": ("direction",)}, outcome("implementation-project"))
MONTHLY = if_so(
    {"operator": ("you",), "money": ("monthly",)}, outcome("architecture-review", "hourly-package")
)


@pages
def test_the_page_leads_to_each_answer(client: Client, version: PlaybookVersion) -> None:
    assessment = with_counterfactuals(decided(version), CLEAR, MONTHLY)
    page = client.get(to(assessment, "recommendation"))
    text = text_of(page)
    assert (
        "This would be Implementation project A larger commitment if you knew the direction" in text
    )
    assert "This would be Architecture review, then Hourly package" in text
    assert "if we ran it for you , and if you had a monthly budget" in text
    links = links_of(page)
    for key, clause in (
        ("clarity", "you knew the direction but not yet the finish line"),
        ("operator", "we ran it for you"),
        ("money", "you had a monthly budget"),
    ):
        assert (to(assessment, "question", key), clause) in links


@pages
def test_what_is_promised_is_what_comes(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    promised = client.get(to(assessment, "recommendation")).context["brief"].counterfactuals
    [first, *_] = [c for c in assessment.recommendations.get().value.counterfactuals if c.outcome]
    [answer] = first.instead
    given = {answer.question: list(answer.options)}
    client.post(to(assessment, "question", answer.question), given)
    client.post(to(assessment, "check"))
    page = client.get(to(assessment, "recommendation"))
    assert (
        tuple(step.title for step in page.context["brief"].steps) == promised[0].results[0].titles
    )


def lots(version: PlaybookVersion) -> Assessment:
    """An assessment of which more can be told than is shown at once."""
    playbook = version.rulebook.playbook
    options = [option.key for option in playbook.question("money").options]
    ways = [if_so({"money": (key,)}, outcome("audit")) for key in options]
    keys = [model.key for model in playbook.engagements]
    more = [if_so({"clarity": ("no",)}, outcome(key, "hourly-package")) for key in keys]
    return with_counterfactuals(decided(version), *ways, *more)


@pages
def test_many_are_folded_away(client: Client, version: PlaybookVersion) -> None:
    assessment = lots(version)
    page = client.get(to(assessment, "recommendation"))
    assert "2 more ways" in text_of(page)
    assert "Further away 6 more results" in text_of(page)
    for found in page.context["brief"].counterfactuals:
        assert f"This would be {found} " in text_of(page)
    brief = draft_brief(assessment, assessment.recommendations.get(), 1)
    assert "5 more changes on the page of the recommendation." in brief_text(brief)


def test_both_look_well_to_everybody(page: Page, live_server: LiveServer) -> None:
    assessment = lots(publish(rulebook_of(PLAYBOOK).playbook)[0])
    sign_in(page, live_server, consultant())
    screen = reverse("admin:engagements_assessment_change", args=[assessment.pk])
    for address in (to(assessment, "recommendation"), screen):
        page.goto(live_server.url + address)
        open_all(page)
        expect(page.get_by_role("heading", name=HEADING)).to_be_visible()
        assert violations(page) == []
        for width in (NARROW, WIDE):
            assert sticking_out(page, width) == []


@pages
def test_nothing_is_said_of_it_once_a_consultant_has_decided_otherwise(
    client: Client, version: PlaybookVersion
) -> None:
    ana = consultant()
    assessment = with_counterfactuals(decided(version), CLEAR)
    override(
        assessment.recommendations.get(),
        engagement="audit",
        reason=OverrideReason.RISK,
        note="I was there.",
        by=ana,
        seen=0,
    )
    assessment = Assessment.objects.get()
    assert HEADING not in text_of(client.get(to(assessment, "recommendation")))
    assert HEADING not in html_of(Brief.model_validate(assessment.briefs.get().content))
    assert HEADING in screen_of(assessment, ana)


@pages
def test_an_approved_recommendation_keeps_it(client: Client, version: PlaybookVersion) -> None:
    assessment = with_counterfactuals(decided(version), CLEAR)
    approve(assessment.recommendations.get(), by=consultant(), seen=0)
    assert HEADING in text_of(client.get(to(assessment, "recommendation")))
    assert HEADING in html_of(Brief.model_validate(Assessment.objects.get().briefs.get().content))


@pages
def test_a_consultant_sees_how_close_the_call_was(version: PlaybookVersion) -> None:
    open_one = if_so({"money": ("monthly",)}, outcome("audit"), outcome("hourly-package"))
    ana = consultant()
    text = screen_of(with_counterfactuals(decided(version), CLEAR, open_one), ana)
    assert "Implementation project A larger commitment you knew the direction" in text
    assert "Not certain: Audit or assessment; or still Hourly package" in text
    assert "No answer that the buyer could give" not in text
    text = screen_of(with_counterfactuals(Assessment.objects.get()), ana)
    assert "No other answer that the buyer could choose leads to another" in text


# ---- A conflict ----------------------------------------------------------------------------


@pytest.fixture
def clashing(version: PlaybookVersion) -> Assessment:
    """An assessment in conflict: without its first answer an audit would do."""
    assessment = decided(version, "not-our-job", operator="you", money="one-off")
    conflict = assessment.recommendations.get().value.conflict
    assert conflict
    return rewrite(assessment, conflict=dropping(conflict).model_dump(mode="json"))


def dropping(conflict: Conflict) -> Conflict:
    """The conflict with what the rest comes to without each answer: an audit, then nothing."""
    outcomes = [outcome("audit"), *[outcome()] * len(conflict.answers)]
    dropped = tuple(
        Dropped(question=answer.question, option=answer.options[0], outcome=reached)
        for answer, reached in zip(conflict.answers, outcomes, strict=False)
    )
    return conflict.model_copy(update={"dropped": dropped})


@pages
def test_a_conflict_tells_what_dropping_each_answer_gives(
    client: Client, clashing: Assessment
) -> None:
    page = text_of(client.get(to(clashing, "recommendation")))
    screen = screen_of(clashing, consultant())
    for text in (page, screen):
        assert "Without it" in text
        assert "Audit or assessment" in text
        assert "Still nothing that fits, because of the other answers" in text
    brief = draft_brief(clashing, clashing.recommendations.get(), 1)
    text = brief_text(brief)
    assert "Without it: Audit or assessment" in text
    assert (
        "Without it: still nothing that fits, because of the other answers "
        "With “A monthly budget is possible” instead:"
    ) in text
    assert brief.counterfactuals is None
    assert HEADING not in page + screen + text


@pages
def test_a_conflict_that_was_stored_before_reads_as_it_did(
    client: Client, clashing: Assessment
) -> None:
    conflict = dict(clashing.recommendations.get().document["conflict"])
    del conflict["dropped"]
    clashing = rewrite(clashing, conflict=conflict)
    text = text_of(client.get(to(clashing, "recommendation")))
    assert "Without it" not in text
    assert "“A monthly budget is possible” leads to" in text


@pages
def test_the_screen_says_what_is_ruled_out_and_not_that_nobody_offers_it(
    clashing: Assessment,
) -> None:
    text = screen_of(clashing, consultant())
    assert "They also rule out" in text
    assert "Nothing on offer carries" not in text
    assert "nothing on offer may carry it" not in text
