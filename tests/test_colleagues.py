"""Asking a colleague: one section by a link, what comes back, and where answers differ."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import PlaybookVersion
from engagements.assessing import draft_brief, issue_brief, issue_recommendation, save_answers
from engagements.brief import Brief
from engagements.colleagues import ask, save_said
from engagements.links import take_back
from engagements.models import Answer, Assessment, ColleagueAnswer, Link, Recommendation
from engagements.pdf import html_of
from engagements.reviewing import approve
from tests.asking import (
    SETTLED,
    asking_playbook,
    buyer,
    choose,
    in_force,
    now,
    page_of,
    told,
)
from tests.buyers import begin, decided, links_of, text_of, title_of, to
from tests.staff import consultant, signed_in
from tests.test_publishing import Crowd

pytestmark = pytest.mark.django_db


def settled(**given: Any) -> Assessment:
    """A buyer who has a recommendation."""
    assessment = buyer(**(given or SETTLED))
    issue_recommendation(assessment)
    return now(assessment)


def test_it_works(client: Client) -> None:
    assessment = buyer(cause="unknown", work="build")
    page = client.post(
        to(assessment, "ask"),
        {"section": "frame", "name": "Bob Ray", "note": "You know the contracts."},
        follow=True,
    )
    link = Link.objects.get()
    assert title_of(page) == "Send this link to Bob Ray · Firm"
    assert f"http://testserver{page_of(link)}" in page.content.decode()
    assert "Bob Ray Section frame Not answered yet" in text_of(page)

    page = Client().get(page_of(link))
    assert "Question money?" in text_of(page)
    assert "You know the contracts." in text_of(page)
    page = Client().post(page_of(link), {"money": "one-off"}, follow=True)
    assert title_of(page) == "Thank you, Bob Ray · Firm"
    assert "Question money? Option one-off" in text_of(page)

    assert in_force(assessment, "money") == (("one-off",), "Bob Ray")
    assert "Option one-off Answered by Bob Ray" in text_of(client.get(to(assessment, "check")))
    client.post(to(assessment, "check"))
    told_now = text_of(client.get(to(assessment, "recommendation")))
    assert "Option one-off Answered by Bob Ray" in told_now
    assert "Answers differ." not in told_now
    assert "Answered 1 of 1" in text_of(client.get(to(assessment, "ask")))


# ---- What can be asked -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "issued", "parts"),
    [
        pytest.param({"cause": "known"}, "", ["situation"], id="what is on the path"),
        pytest.param({"work": "build"}, "", ["situation", "frame"], id="a question opened"),
        pytest.param(SETTLED, "", ["situation"], id="before it is recommended"),
        pytest.param(
            SETTLED, "issued", ["situation", "access"], id="nothing that tells the result"
        ),
    ],
)
def test_what_somebody_else_could_answer(
    client: Client, given: dict[str, str], issued: str, parts: list[str]
) -> None:
    assessment = settled(**given) if issued else buyer(**given)
    page = client.get(to(assessment, "ask"))
    assert [part.section.key for part in page.context["parts"]] == parts


def test_of_an_emergency_nobody_else_is_asked(client: Client, version: PlaybookVersion) -> None:
    page = client.get(to(begin(version, {"red-flags": ["down"]}), "ask"))
    assert page.context["parts"] == []
    assert "There is nothing to ask a colleague at present" in text_of(page)
    parts = client.get(to(begin(version, {"red-flags": "none"}), "ask")).context["parts"]
    assert "triage" not in [part.section.key for part in parts]


def test_pages_lead_to_it_with_their_section(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    lead = "Somebody else knows this better? Ask a colleague"
    ask_at = to(assessment, "ask")
    for page, args, href in (
        ("question", ["money"], f"{ask_at}?section=frame"),
        ("scope", ["access"], f"{ask_at}?section=access"),
        ("check", [], ask_at),
        ("recommendation", [], ask_at),
    ):
        assert (href, lead) in links_of(client.get(to(assessment, page, *args)))
    for page, key in (("question", "red-flags"), ("scope", "readiness")):
        assert lead not in text_of(client.get(to(assessment, page, key)))
    page = client.get(f"{ask_at}?section=access").content.decode()
    assert re.search(r'value="access" checked', page)


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        pytest.param({"section": ""}, "Select what your colleague is asked.", id="nothing"),
        pytest.param(
            {"section": "access"},
            "That part is not asked any more. Select one of those shown.",
            id="what is not asked",
        ),
        pytest.param(
            {"name": " "}, "Enter who it is for, so that you see who answered.", id="nobody"
        ),
        pytest.param(
            {"name": "\u202e"}, "Enter who it is for, so that you see who answered.", id="no letter"
        ),
        pytest.param({"name": "x" * 121}, "Shorten the name to 120 characters.", id="long name"),
        pytest.param(
            {"note": "x" * 301},
            "Shorten the line to 300 characters; it has 301 now.",
            id="long line",
        ),
    ],
)
def test_what_is_wrong_with_asking(client: Client, sent: dict[str, str], problem: str) -> None:
    good = {"section": "frame", "name": "Bob Ray", "note": "Please."}
    page = client.post(to(buyer(work="build"), "ask"), {**good, **sent})
    assert page.status_code == 422
    assert title_of(page).startswith("Error: Ask a colleague")
    assert text_of(page).count(problem) == 2  # in the summary, and where it is
    assert not Link.objects.exists()
    for key in {"name", "note"} - sent.keys():
        assert f'value="{good[key]}"' in page.content.decode()


def test_the_same_sent_twice_is_one_link_and_two_colleagues_are_two(client: Client) -> None:
    href = to(buyer(work="build"), "ask")
    for name in ("Bob Ray", "Bob Ray", "Carol Fox"):
        client.post(href, {"section": "frame", "name": name})
    assert [link.name for link in Link.objects.all()] == ["Bob Ray", "Carol Fox"]


# ---- What a colleague sees -------------------------------------------------------------------


def test_a_colleague_sees_nothing_of_what_the_buyer_said_or_was_told(client: Client) -> None:
    assessment = settled(cause="unknown", work="build", money="monthly", term="open")
    Assessment.objects.update(contact_name="Ada Wong", contact_firm="Mill", contact_email="a@b.de")
    link = ask(now(assessment), "frame", name="Bob Ray")
    pages = [
        client.get(page_of(link)),
        client.post(page_of(link), {"money": "one-off"}, follow=True),
    ]
    take_back(link)
    pages.append(client.get(page_of(link)))
    for page in pages:
        body = page.content.decode()
        assert "Ada Wong (Mill)" in text_of(page)
        assert assessment.reference in text_of(page)
        for hidden in (assessment.token, "a@b.de", "Engagement retainer", "cause", "EUR"):
            assert hidden not in body
    assert "checked" not in pages[0].content.decode()
    assert "2 questions" in text_of(pages[0])


def test_only_one_section_is_answered(client: Client) -> None:
    assessment = buyer(work="build")
    link = ask(assessment, "frame", name="Bob Ray")
    client.post(page_of(link), {"_asked": "money cause", "money": "one-off", "cause": "known"})
    assert [said.question for said in ColleagueAnswer.objects.all()] == ["money"]
    assert in_force(assessment, "cause") is None


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        pytest.param({}, "Nothing is answered yet.", id="nothing"),
        pytest.param({"money": "gold"}, "That option is not there any more.", id="no option"),
    ],
)
def test_what_is_wrong_with_an_answer(client: Client, sent: dict[str, str], problem: str) -> None:
    link = ask(buyer(work="build"), "frame", name="Bob Ray")
    page = client.post(page_of(link), sent)
    assert page.status_code == 422
    assert title_of(page).startswith("Error: Section frame")
    assert problem in text_of(page)
    assert not ColleagueAnswer.objects.exists()


def test_what_cannot_go_together_is_told_and_kept(client: Client) -> None:
    link = ask(settled(), "access", name="Bob Ray")
    page = client.post(page_of(link), {"roles": ["risk", "none"], "owner": "Carol"})
    assert page.status_code == 422
    assert "“Option none” cannot be selected together with other options." in text_of(page)
    assert 'value="Carol"' in page.content.decode()


def test_what_an_answer_makes_necessary_comes_next(client: Client) -> None:
    link = ask(buyer(cause="known", work="build"), "frame", name="Bob Ray")
    page = client.post(page_of(link), {"_asked": "money", "money": "monthly"}, follow=True)
    assert "Your answers make one more question necessary." in text_of(page)
    assert [q.key for q in page.context["form"].questions] == ["term"]
    page = client.post(page_of(link), {"_asked": "term", "term": "open"}, follow=True)
    assert "Question money? Option monthly" in text_of(page)
    assert "Question term? Option open" in text_of(page)


def test_what_others_have_made_moot_meanwhile_is_kept_and_never_shown(client: Client) -> None:
    assessment = buyer(work="build")
    link = ask(assessment, "frame", name="Bob Ray")
    client.post(to(assessment, "question", "work"), {"work": "nothing"})
    assert "There is nothing to answer here at present" in text_of(client.get(page_of(link)))
    page = client.post(page_of(link), {"_asked": "money", "money": "one-off"}, follow=True)
    assert title_of(page) == "Thank you, Bob Ray · Firm"
    assert "Option one-off" not in text_of(page)
    client.post(to(assessment, "question", "work"), {"work": "build"})
    assert in_force(assessment, "money") == (("one-off",), "Bob Ray")


def test_thanks_wait_for_answers(client: Client) -> None:
    link = ask(buyer(work="build"), "frame", name="Bob Ray")
    assert client.get(page_of(link, "colleague-sent"))["Location"] == page_of(link)


# ---- Links that end --------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["taken back", "expired"])
@pytest.mark.parametrize("contact", ["", "Ada Wong"])
def test_a_link_that_opens_nothing_any_more(client: Client, how: str, contact: str) -> None:
    assessment = buyer(work="build")
    Assessment.objects.update(contact_name=contact)
    link = told(assessment, money="monthly")
    if how == "expired":
        Link.objects.update(expires_at=timezone.now() - timedelta(days=1))
    else:
        answer = client.post(to(assessment, "ask"), {"take-back": link.pk}, follow=True)
        assert "You took the link back on" in text_of(answer)
    for page in (
        client.get(page_of(link)),
        client.get(page_of(link, "colleague-sent")),
        client.post(page_of(link), {"_asked": "money", "money": "one-off"}),
    ):
        assert page.status_code == 410
        assert title_of(page) == "This link is closed · Firm"
        words = text_of(page)
        assert ("took it back on" if how == "taken back" else "It worked until") in words
        assert f"ask {contact or 'whoever sent you the link'} for a new" in words
        assert "desk@firm.example" in words
    assert "What you entered just now was not sent" in words
    assert "Option one-off" in words
    assert in_force(assessment, "money") == (("monthly",), "Bob Ray")


@pytest.mark.parametrize("pk", ["", "x", "9" * 5000, "²", "-1", "another's"])
def test_only_a_link_of_ones_own_is_taken_back(client: Client, pk: str) -> None:
    link = told(buyer(work="build"))
    other = begin(asking_playbook(), {"work": "build"})
    pk = str(link.pk) if pk == "another's" else pk
    assert client.post(to(other, "ask"), {"take-back": pk}).status_code == 404
    assert Link.objects.get().is_open


# ---- What comes into force -------------------------------------------------------------------


def test_a_colleague_changes_what_only_they_have_said() -> None:
    assessment = buyer(cause="unknown", work="build")
    link = told(assessment, money="monthly")
    save_said(link, {"money": ("one-off",)})
    assert in_force(assessment, "money") == (("one-off",), "Bob Ray")


def test_who_takes_theirs_back_leaves_room_for_another() -> None:
    assessment = settled()
    bob = told(assessment, "access", owner="Dana")
    told(assessment, "access", "Carol Fox", owner="Eve")
    save_said(bob, {"owner": ()})
    assert in_force(assessment, "owner") == (("Eve",), "Carol Fox")
    save_said(Link.objects.get(name="Carol Fox"), {"owner": ()})
    assert in_force(assessment, "owner") is None
    assert not ColleagueAnswer.objects.exists()


def test_what_the_buyer_took_out_stays_out_when_it_is_sent_once_more(client: Client) -> None:
    assessment = settled()
    link = told(assessment, "access", owner="Dana")
    client.post(to(assessment, "scope", "access"), {"owner": ""})
    save_said(link, {"owner": ("Dana",), "roles": ("risk",)})
    assert in_force(assessment, "owner") is None
    assert in_force(assessment, "roles") == (("risk",), "Bob Ray")


def test_saving_a_page_takes_nothing_over_that_was_not_changed(client: Client) -> None:
    assessment = settled()
    told(assessment, "access", owner="Dana", roles="risk")
    client.post(to(assessment, "scope", "access"), {"owner": "Dana", "roles": ["change"]})
    assert in_force(assessment, "owner") == (("Dana",), "Bob Ray")
    assert in_force(assessment, "roles") == (("change",), None)


def test_an_answer_more_is_part_of_what_is_recommended() -> None:
    """Money was not asked, because it changes nothing; now it is known."""
    assessment = settled(cause="known", work="build")
    told(assessment, money="one-off")
    newer, older = Recommendation.objects.all()
    assert newer.value.outcome == older.value.outcome
    assert newer.value.counted == {**older.value.counted, "money": ("one-off",)}
    assert now(assessment).recommendation == newer


# ---- Where answers differ --------------------------------------------------------------------


def differing() -> Assessment:
    """A buyer who is ready for the result, and a colleague who answers otherwise."""
    assessment = buyer(cause="unknown", work="build", money="monthly")
    told(assessment, money="one-off")
    return assessment


PROBLEM = "There are 2 answers to “Question money?”. Choose the one that holds."


def test_what_is_in_force_stays_and_both_are_shown(client: Client) -> None:
    assessment = differing()
    assert in_force(assessment, "money") == (("monthly",), None)
    page = client.get(to(assessment, "check"))
    words = text_of(page)
    assert re.search(
        rf"{re.escape(PROBLEM)} Counts at present Option monthly You, [^O]*Keep this answer", words
    )
    assert re.search(r"Option one-off Bob Ray, [^O]*Take this answer", words)
    assert "There is a problem" not in words
    assert "1 answer differs from the one that counts" in text_of(client.get(to(assessment, "ask")))


def test_nothing_is_recommended_on_it(client: Client) -> None:
    assessment = differing()
    page = client.post(to(assessment, "check"))
    assert page.status_code == 422
    assert title_of(page).startswith("Error: Check your answers")
    assert ("#money", PROBLEM) in links_of(page)
    assert 'id="money"' in page.content.decode()
    assert text_of(page).count(PROBLEM) == 2
    assert not Recommendation.objects.exists()


def test_where_it_is_asked_again_both_are_told_too(client: Client) -> None:
    assessment = differing()
    words = text_of(client.get(to(assessment, "question", "money")))
    assert re.search(r"Bob Ray answered “Option one-off” on \d+ \w+ \d+\.", words)
    late = settled()
    told(late, "access", owner="Dana", roles="risk")
    client.post(to(late, "scope", "access"), {"owner": "Eve", "roles": "risk"})
    save_said(Link.objects.last(), {"owner": ("Dana Low",)})
    words = text_of(client.get(to(late, "scope", "access")))
    assert "Question roles? Answered by Bob Ray." in words
    assert "Question owner? Bob Ray answered “Dana Low” on" in words
    assert (to(late, "check"), "Choose which answer holds") in links_of(
        client.get(to(late, "scope", "access"))
    )


@pytest.mark.parametrize(
    ("address", "option"),
    [
        pytest.param("check", "monthly", id="their own"),
        pytest.param("check", "one-off", id="the colleague's"),
        pytest.param("question", "monthly", id="their own once more"),
        pytest.param("question", "one-off", id="anew"),
    ],
)
def test_the_buyer_settles_it(client: Client, address: str, option: str) -> None:
    assessment = differing()
    if address == "check":
        choose(client, assessment, "money", option)
    else:
        client.post(to(assessment, "question", "money"), {"money": option})
    assert in_force(assessment, "money") == ((option,), None)
    if option == "monthly":
        save_answers(now(assessment), {"term": ("open",)})
    assert PROBLEM not in text_of(client.get(to(assessment, "check")))
    page = client.post(to(assessment, "check"))
    assert page["Location"] == to(assessment, "recommendation")


def test_a_colleague_who_thinks_again_opens_it_again(client: Client) -> None:
    assessment = differing()
    choose(client, assessment, "money", "one-off")
    save_said(Link.objects.get(), {"money": ("monthly",)})
    assert client.post(to(assessment, "check")).status_code == 422
    save_said(Link.objects.get(), {"money": ("one-off",)})
    assert client.post(to(assessment, "check")).status_code == 302


def test_two_colleagues_may_differ(client: Client) -> None:
    assessment = buyer(cause="unknown", work="build")
    told(assessment, money="one-off")
    carol = told(assessment, name="Carol Fox", money="monthly")
    told(assessment, name="Dan Low", money="monthly")
    assert in_force(assessment, "money") == (("one-off",), "Bob Ray")
    words = text_of(client.get(to(assessment, "check")))
    assert re.search(r"Option one-off Bob Ray, .* Option monthly Carol Fox, .* Dan Low, ", words)
    assert words.count("Option monthly Carol Fox") == 1
    save_said(carol, {"money": ("one-off",)})
    assert "Take this answer" in text_of(client.get(to(assessment, "check")))
    save_said(Link.objects.get(name="Dan Low"), {"money": ("one-off",)})
    assert "Take this answer" not in text_of(client.get(to(assessment, "check")))


def test_the_order_of_options_is_no_difference(client: Client) -> None:
    assessment = settled(cause="known", work=["build", "move"])
    told(assessment, "situation", work=["move", "build"])
    assert "Answers differ." not in text_of(client.get(to(assessment, "recommendation")))


def test_off_the_path_nothing_differs(client: Client) -> None:
    assessment = differing()
    save_answers(now(assessment), {"work": ("nothing",)})
    assert "There are 2 answers" not in text_of(client.get(to(assessment, "check")))
    assert client.post(to(assessment, "check")).status_code == 302
    assert draft_brief(now(assessment), now(assessment).recommendation, 1).disputed == ()


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"_chosen": "money"}, id="nothing"),
        pytest.param({"_chosen": "money", "money": "gold"}, id="no option"),
        pytest.param({"_chosen": "nonsense", "nonsense": "x"}, id="no question"),
        pytest.param({"_chosen": "", "money": "one-off"}, id="of no question"),
    ],
)
def test_what_cannot_be_chosen(client: Client, sent: dict[str, str]) -> None:
    assessment = differing()
    page = client.post(to(assessment, "check"), sent)
    assert page.status_code == 422
    assert "That answer is not there any more. Choose one of those shown." in text_of(page)
    assert in_force(assessment, "money") == (("monthly",), None)


def test_typed_details_differ_just_so(client: Client) -> None:
    assessment = settled()
    client.post(to(assessment, "scope", "access"), {"owner": "Dana", "roles": ["risk"]})
    told(assessment, "access", owner="Eve\u00a0\n", roles=["risk", "change"])
    page = client.get(to(assessment, "check"))
    assert re.search(r"Dana You, .*Eve Bob Ray, ", text_of(page))
    assert client.post(to(assessment, "check")).status_code == 302  # nothing decides by it
    choose(client, assessment, "roles", "risk", "change")
    assert in_force(assessment, "roles") == (("risk", "change"), None)
    client.post(to(assessment, "scope", "access"), {"owner": "Frank", "roles": ["risk", "change"]})
    assert "Answers differ." not in text_of(client.get(to(assessment, "recommendation")))


# ---- Once it is recommended ------------------------------------------------------------------


def test_a_difference_afterwards_is_told_and_changes_nothing(client: Client) -> None:
    assessment = settled()
    approve(assessment.recommendation, by=consultant(), seen=0)
    told(assessment, "situation", cause="known")
    after = now(assessment)
    assert (after.state, after.recommendation) == ("approved", assessment.recommendation)
    assert "Answers differ." in text_of(client.get(to(assessment, "recommendation")))
    assert "Answers differ." in text_of(client.get(to(assessment, "handover")))
    screen = f"/admin/engagements/assessment/{assessment.pk}/change/"
    words = text_of(signed_in(consultant("ben")).get(screen))
    assert "The buyer’s side has not agreed" in words
    assert re.search(r"Option unknown counts at present The buyer, .*Option known Bob Ray, ", words)
    newest = Brief.model_validate(after.briefs.first().content)
    assert newest.disputed == ("cause",)
    assert re.search(r"not settled when this was issued:\s*cause\.", html_of(newest))

    choose(client, assessment, "cause", "unknown")
    assert now(assessment).state == "approved"
    assert "Answers differ." not in text_of(client.get(to(assessment, "recommendation")))
    assert Brief.model_validate(assessment.briefs.first().content).disputed == ()


def test_a_colleague_who_thinks_again_then_takes_nothing_back() -> None:
    assessment = buyer(cause="unknown")
    link = told(assessment, "situation", work="nothing")
    issue_recommendation(now(assessment))
    save_said(link, {"work": ("build",)})
    after = now(assessment)
    assert in_force(assessment, "work") == (("nothing",), "Bob Ray")
    assert after.recommendation is not None
    assert draft_brief(after, after.recommendation, 1).disputed == ("work",)


def test_the_brief_and_the_review_screen_name_who_answered() -> None:
    assessment = buyer(cause="unknown")
    told(assessment, "situation", work="nothing")
    issue_recommendation(now(assessment))
    told(assessment, "access", "Carol \u202eFox", owner="Dana")
    brief = issue_brief(now(assessment))
    assert brief
    assert [(quote.key, quote.by) for quote in brief.answers] == [
        ("cause", ""),
        ("work", "Bob Ray"),
    ]
    assert [quote.by for part in brief.details for quote in part.answers] == ["Carol Fox"]
    printed = html_of(brief)
    assert "Answered by Bob Ray" in printed
    assert "Answered by Carol Fox" in printed
    screen = f"/admin/engagements/assessment/{assessment.pk}/change/"
    assert "Answered by Bob Ray" in text_of(signed_in(consultant()).get(screen))


def test_a_brief_from_before_says_what_it_said() -> None:
    assessment = settled()
    issued = issue_brief(assessment)
    row = assessment.briefs.get()
    content = row.content
    del content["disputed"]
    for quote in content["answers"]:
        del quote["by"]
    assert Brief.model_validate(content) == issued
    assert "Answered by" not in html_of(Brief.model_validate(content))


# ---- At once ---------------------------------------------------------------------------------


@pytest.fixture
def crowd(transactional_db: None, tmp_path: Path) -> Crowd:
    return Crowd(tmp_path)


def test_two_who_answer_at_once_lose_nothing(crowd: Crowd) -> None:
    def prepare() -> list[Link]:
        assessment = buyer(cause="unknown", work="build")
        return [ask(assessment, "frame", name=name) for name in ("Bob Ray", "Carol Fox")]

    def send(pk: int, option: str) -> None:
        save_said(Link.objects.select_related("assessment").get(pk=pk), {"money": (option,)})

    [links] = crowd.run(prepare)
    said = dict(zip([link.pk for link in links], ["monthly", "one-off"], strict=True))
    crowd.run(*(lambda pk=pk, option=option: send(pk, option) for pk, option in said.items()))
    [kept, counts] = crowd.run(
        lambda: dict(ColleagueAnswer.objects.values_list("link", "values")),
        lambda: list(Answer.objects.filter(question="money").values_list("link", "values")),
    )
    assert kept == {pk: [option] for pk, option in said.items()}
    [(link, values)] = counts
    assert values == [said[link]]
