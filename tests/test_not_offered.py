"""A need that nothing on offer carries: it is told as that, on every page and in the brief."""

import pytest
from django.test import Client
from django.urls import reverse

from catalog.management.commands.advise import told
from catalog.models import PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import draft_brief, issue_recommendation, recommendation_for
from engagements.brief import Brief
from engagements.models import Assessment, OverrideReason
from engagements.questionnaire import is_emergency
from engagements.reviewing import approve, override
from tests.buyers import Response, begin, links_of, text_of, to
from tests.factories import emergency_offer, offer, small_playbook
from tests.factories import engagement as model
from tests.offers import BUYERS, CALM, care_playbook
from tests.staff import consultant, signed_in
from tests.test_brief import text_of as brief_text
from tests.test_emergencies import COMMERCIAL

pytestmark = pytest.mark.django_db

PHONE = "+49 30 5550 0001"


@pytest.fixture
def care() -> PlaybookVersion:
    """A playbook that offers no uptime above 99.9 % and nobody for an emergency."""
    return publish(care_playbook())[0]


def issued(version: PlaybookVersion, buyer: str) -> Assessment:
    assessment = begin(version, BUYERS[buyer])
    issue_recommendation(assessment)
    return assessment


def recommendation_of(client: Client, assessment: Assessment) -> Response:
    return client.get(to(assessment, "recommendation"))


def draft_of(assessment: Assessment) -> Brief:
    """What a brief would say."""
    return draft_brief(assessment, assessment.recommendations.get(), 1)


def screen_of(assessment: Assessment) -> str:
    """What a consultant reads."""
    address = reverse("admin:engagements_assessment_change", args=[assessment.pk])
    return text_of(signed_in(consultant()).get(address))


def test_it_works(client: Client, care: PlaybookVersion) -> None:
    page = recommendation_of(client, issued(care, "not offered"))
    text = text_of(page)
    assert "Care of a site does not include an uptime above 99.9 %" in text
    assert "What asks for it You said" in text
    assert "Question uptime? Option beyond" in text
    assert "“Option any” leads to" in text
    for wrong in ("Together they", "does not go together", "No engagement fits all of this"):
        assert wrong not in text
    assert page.context["brief"].conflict.not_offered == ("an uptime above 99.9 %",)


def test_nothing_else_is_asked_and_the_check_page_says_why(
    client: Client, care: PlaybookVersion
) -> None:
    assessment = begin(care, {**CALM, "uptime": "beyond"})
    page = client.get(assessment.get_absolute_url(), follow=True)
    assert page.redirect_chain[-1][0] == to(assessment, "check")
    assert "Care of a site does not include an uptime above 99.9 %. If the answer" in text_of(page)
    assert "Show what follows" in text_of(page)


def test_the_check_page_of_another_conflict_or_none_says_nothing_of_it(
    client: Client, care: PlaybookVersion
) -> None:
    page = client.get(to(begin(care, BUYERS["handover"]), "check"))
    assert "does not include" not in text_of(page)
    assert "Show my recommendation" in text_of(page)


def test_where_nothing_can_be_changed_it_says_so(client: Client) -> None:
    document = care_playbook().model_dump(mode="json", exclude_none=True)
    for question in document["questions"]:
        question["changeable"] = question["key"] != "uptime"
    assessment = issued(publish(care_playbook(questions=document["questions"]))[0], "not offered")
    text = text_of(recommendation_of(client, assessment))
    assert "If the answer could be another" not in text
    assert "Nothing that you could choose instead changes that. Talk to a consultant" in text
    assert "does not include it, whatever else you answer." in brief_text(draft_of(assessment))
    assert "so that no other answer makes up for it" in screen_of(assessment)


def test_where_another_answer_is_a_way_out_nothing_says_that_there_is_none(
    care: PlaybookVersion,
) -> None:
    assessment = issued(care, "not offered")
    brief = draft_of(assessment)
    assert brief.conflict
    assert brief.conflict.changes
    for said in (brief_text(brief), screen_of(assessment)):
        for wrong in ("whatever else", "o other answer", "Nothing that", "No single"):
            assert wrong not in said


def test_what_else_the_firm_has_published_is_a_click_away(
    client: Client, care: PlaybookVersion
) -> None:
    ours = care.rulebook.playbook.firm.model_dump(exclude_none=True)
    publish(small_playbook(key="other", decision="Who builds it?", firm=ours))
    publish(small_playbook(key="stranger", firm={**ours, "name": "Other"}))
    links = dict(links_of(recommendation_of(client, issued(care, "not offered"))))
    assert reverse("engagements:playbook", args=["other"]) in links
    assert reverse("engagements:playbook", args=["stranger"]) not in links
    links = dict(links_of(recommendation_of(client, issued(care, "handover"))))
    assert reverse("engagements:playbook", args=["other"]) not in links


def test_the_review_screen_says_it_too(care: PlaybookVersion) -> None:
    assessment = issued(care, "not offered")
    text = screen_of(assessment)
    assert "Nothing on offer carries an uptime above 99.9 %" in text
    assert "What asks for it" in text
    assert "Together they demand" not in text


def test_the_brief_says_it_too(client: Client, care: PlaybookVersion) -> None:
    text = brief_text(recommendation_of(client, issued(care, "not offered")).context["brief"])
    assert "Result Care of a site does not include this" in text
    assert "above 99.9 %, and Care of a site does not include it. Rather than" in text
    assert "What asks for it “Option beyond” on uptime Without it:" in text
    assert "your answers show" not in text
    assert "together with the rest" not in text
    assert "Talk to a consultant before you settle for less" in text


def test_the_shell_says_it_too(care: PlaybookVersion) -> None:
    value = issued(care, "not offered").recommendations.get().value
    lines = list(told(care.rulebook.playbook, value))
    assert "Nothing on offer carries an uptime above 99.9 %. It is asked for by:" in lines
    assert "- uptime = beyond" in lines
    assert "These answers cannot be satisfied together:" not in lines


# ---- An emergency for which nothing is offered ---------------------------------------------


def test_a_red_flag_leads_at_once_to_whom_to_call(client: Client, care: PlaybookVersion) -> None:
    start = reverse("engagements:start", args=["care"])
    page = client.post(start, {"red-flags": "down"}, follow=True)
    assessment = Assessment.objects.get()
    assert [href for href, _status in page.redirect_chain] == [to(assessment, "respond")]
    text = text_of(page)
    for said in (PHONE, "Always. We pick up.", "Have ready A contact", "Option down"):
        assert said in text
    assert "Care of a site does not include stabilizing it right now. Call all the same" in text
    assert not COMMERCIAL.search(text)
    assert dict(links_of(page))[to(assessment, "question", "red-flags")]


def test_its_recommendation_and_its_brief_name_the_number(
    client: Client, care: PlaybookVersion
) -> None:
    page = recommendation_of(client, issued(care, "down"))
    main = page.content.decode().partition("<main")[2].partition("</main>")[0]
    assert "Care of a site does not include stabilizing it right now" in main
    assert PHONE in main
    assert care.rulebook.playbook.firm.phone not in main
    brief = page.context["brief"]
    assert brief.emergency == care.rulebook.playbook.emergency
    text = brief_text(brief)
    for said in (
        f"Call now {PHONE} Always",
        "Have ready for the call A contact",
        f"Call {PHONE} now, with this brief at hand",
        "Ways out None by an answer",
    ):
        assert said in text


def test_a_false_alarm_goes_on_with_the_questions(client: Client, care: PlaybookVersion) -> None:
    assessment = issued(care, "down")
    response = client.post(to(assessment, "question", "red-flags"), {"red-flags": "none"})
    following = recommendation_for(Assessment.objects.get()).next_question
    assert following
    assert response["Location"] == to(assessment, "question", following)
    assert client.get(to(assessment, "respond"))["Location"] != to(assessment, "respond")


def test_a_consultant_who_approves_it_changes_nothing_for_whoever_needs_help(
    client: Client, care: PlaybookVersion
) -> None:
    assessment = issued(care, "down")
    found = assessment.recommendations.get()
    approve(found, by=consultant(), seen=0)
    assert client.get(to(assessment, "respond")).status_code == 200


def test_a_consultant_who_decides_otherwise_ends_the_emergency(
    client: Client, care: PlaybookVersion
) -> None:
    assessment = issued(care, "down")
    found = assessment.recommendations.get()
    override(
        found,
        engagement="tier-2",
        reason=OverrideReason.RISK,
        note="It is calm.",
        by=consultant(),
        seen=0,
    )
    response = client.get(to(assessment, "respond"))
    assert response["Location"] == to(assessment, "recommendation")
    assert PHONE not in text_of(client.get(to(assessment, "recommendation")))


@pytest.mark.parametrize(
    ("firm", "named"),
    [pytest.param("Firm", True, id="of the same firm"), pytest.param("Other", False, id="another")],
)
def test_what_the_same_firm_sells_for_it_elsewhere_is_named(
    client: Client, care: PlaybookVersion, firm: str, *, named: bool
) -> None:
    firm_of = care.rulebook.playbook.firm.model_dump(exclude_none=True)
    publish(small_playbook(title="Rescue", firm={**firm_of, "name": firm}, **emergency_offer()))
    link = reverse("engagements:playbook", args=["small"])
    for page in (
        client.get(to(issued(care, "down"), "respond")),
        client.get(reverse("engagements:emergency", args=["care"])),
    ):
        assert (link in dict(links_of(page))) is named
        assert ("It is part of Rescue , as Engagement rescue." in text_of(page)) is named


def test_of_two_that_sell_it_the_one_at_the_same_number_is_named(
    client: Client, care: PlaybookVersion
) -> None:
    ours = care.rulebook.playbook
    for key, phone in (("far", "+61 2 5550 0001"), ("near", PHONE)):
        document = emergency_offer()
        document["emergency"] = {**ours.emergency.model_dump(), "phone": phone}
        firm = ours.firm.model_dump(exclude_none=True)
        publish(small_playbook(key=key, title=key.title(), firm=firm, **document))
    text = text_of(client.get(reverse("engagements:emergency", args=["care"])))
    assert "It is part of Near , as Engagement rescue." in text


def test_a_playbook_that_sells_a_response_says_nothing_of_the_kind(client: Client) -> None:
    publish(small_playbook(**emergency_offer()))
    page = client.get(reverse("engagements:emergency", args=["small"]))
    assert "does not include" not in text_of(page)


def test_only_what_is_demanded_makes_an_emergency(care: PlaybookVersion) -> None:
    playbook = care.rulebook.playbook
    calm = issued(care, "not offered").recommendations.get().value
    down = issued(care, "down").recommendations.get().value
    assert not is_emergency(playbook, calm, None)
    assert is_emergency(playbook, down, None)
    assert not is_emergency(playbook, down, "tier-2")


def test_a_conflict_between_things_that_are_offered_is_told_as_before(client: Client) -> None:
    shop = offer(
        model("audit", 1, "decide", ["evidence"]),
        model("review", 2, "decide", ["decision"]),
        demands={"evidence": "decide", "decision": "decide"},
    )
    assessment = begin(publish(small_playbook(**shop))[0], {"evidence": "yes", "decision": "yes"})
    issue_recommendation(assessment)
    text = text_of(recommendation_of(client, assessment))
    assert "No engagement fits all of this" in text
    assert "Together they demand Need evidence; Need decision" in text
    assert "does not include" not in text
