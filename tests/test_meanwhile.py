"""Two tabs do each other no harm: what the other one has changed is told, and nothing is lost."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from catalog.models import PlaybookVersion
from engagements.assessing import issue_recommendation, save_answers
from engagements.meanwhile import ChangedMeanwhileError, Seen, settled
from engagements.models import Answer, Assessment
from tests.buyers import HTMX, Response, as_asked, begin, decided, text_of, title_of, to

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


@dataclass
class Row:
    """An answer, as far as it matters here."""

    answered_at: datetime


# ---- What is to be saved --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "now", "sent", "saved"),
    [
        pytest.param({}, {}, {"a": ("x",)}, {"a": ("x",)}, id="the first answer"),
        pytest.param({"a": ("x",)}, {"a": ("x",)}, {"a": ("y",)}, {"a": ("y",)}, id="changed here"),
        pytest.param({}, {"a": ("x",)}, {"a": ("x",)}, {"a": ("x",)}, id="the same in both"),
        pytest.param({}, {"a": ("x", "y")}, {"a": ("y", "x")}, {"a": ("y", "x")}, id="the order"),
        pytest.param({}, {"a": ("x",)}, {"a": ("y",)}, None, id="another one there"),
        pytest.param({"a": ("x",)}, {"a": ("y",)}, {"a": ("x",)}, None, id="the old one confirmed"),
        pytest.param({"a": ("x",)}, {}, {"a": ("y",)}, None, id="taken back there"),
        pytest.param({"a": ("x",)}, {"a": ("y",)}, {"a": ()}, None, id="taken back here"),
        pytest.param({}, {"a": ("x",)}, {"a": ()}, {}, id="left empty here"),
        pytest.param(
            {}, {"a": ("x",)}, {"a": (), "b": ("y",)}, {"b": ("y",)}, id="each changed another one"
        ),
        pytest.param(
            {"a": ("x",), "b": ("x",)},
            {"a": ("y",), "b": ("x",)},
            {"a": ("x",), "b": ("z",)},
            {"b": ("z",)},
            id="one of several left as it was",
        ),
        pytest.param({}, {"a": ("x",)}, {"a": ("y",), "b": ("y",)}, None, id="one of several"),
    ],
)
def test_it_works(
    then: dict[str, tuple[str, ...]],
    now: dict[str, tuple[str, ...]],
    sent: dict[str, tuple[str, ...]],
    saved: dict[str, tuple[str, ...]] | None,
) -> None:
    seen = Seen.read(str(Seen.of(sent, then)))
    assert seen
    if saved is not None:
        assert settled(seen, sent, now) == saved
        return
    with pytest.raises(ChangedMeanwhileError) as raised:
        settled(seen, sent, now, {"a": Row(NOON)})
    [clash] = raised.value.clashes
    assert (clash.key, clash.stored, clash.since) == ("a", now.get("a", ()), NOON)
    assert settled(None, sent, now) == sent  # who does not say what was seen overwrites


def test_what_has_changed_since_is_known_to_the_microsecond() -> None:
    rows = {"a": Row(NOON), "b": Row(NOON + timedelta(microseconds=1))}
    seen = Seen.read(str(Seen.of([], {}, {"a": rows["a"]})))
    assert seen
    assert seen.since(rows) == ["b"]
    assert Seen.of([], {}, rows).since(rows) == []
    assert Seen.of([], {}, {}).since(rows) == []  # nothing was known, so nothing is news


@pytest.mark.parametrize(
    "text", ["", "nonsense", "2026-11-28T12:00:00", "- a", "- a=b=c", "2026-11-28T12:00:00Z \x00"]
)
def test_what_is_not_of_our_making_is_not_believed(text: str) -> None:
    assert Seen.read(text) is None


# ---- The same question in two tabs -----------------------------------------------------------


def seen_in(page: Response) -> str:
    """What the form of a page sends along."""
    [seen] = re.findall(r'name="seen" value="([^"]*)"', page.content.decode())
    return str(seen)


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_an_answer_of_another_tab_is_told_and_not_overwritten(
    client: Client, version: PlaybookVersion, headers: dict[str, str]
) -> None:
    assessment = begin(version, {"red-flags": "none"})
    href = to(assessment, "question", "situation")
    seen = seen_in(client.get(href))
    client.post(href, {"situation": "build", "seen": seen})

    page = client.post(href, {"situation": "looking", "seen": seen}, headers=headers)
    assert page.status_code == 409
    assert title_of(page).startswith("Error: ")
    assert Assessment.objects.get().answers["situation"] == ("build",)
    label = version.rulebook.playbook.question("situation").option("build").label
    [clash] = page.context["form"].errors["situation"]
    assert f"by now: “{label}”, given in another tab or on another device on " in clash
    assert clash.count("UTC") == 1
    assert text_of(page).count(clash) == 2  # above, and at the question
    assert re.findall(r'value="([\w-]+)" id="[\w.-]+" checked', page.content.decode()) == [
        "looking"
    ]

    response = client.post(href, {"situation": "looking", "seen": seen_in(page)})
    assert response.status_code == 302
    assert Assessment.objects.get().answers["situation"] == ("looking",)


@pytest.mark.django_db
def test_the_same_form_twice_is_no_clash_and_no_news(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = begin(version, {"red-flags": "none"})
    href = to(assessment, "question", "situation")
    form = {"situation": "build", "seen": seen_in(client.get(href))}
    first, second = (client.post(href, form) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert "?" not in second["Location"]


@pytest.mark.django_db
def test_a_wrong_answer_does_not_make_the_page_see_more(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = begin(version, {"red-flags": "none"})
    href = to(assessment, "question", "situation")
    seen = seen_in(client.get(href))
    save_answers(assessment, {"situation": ("build",)})
    wrong = client.post(href, {"seen": seen})
    assert wrong.status_code == 422
    assert client.post(href, {"situation": "looking", "seen": seen_in(wrong)}).status_code == 409


@pytest.mark.django_db
def test_the_same_answer_again_is_no_new_answer(version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none"})
    before = Answer.objects.get().answered_at
    save_answers(assessment, {"red-flags": ("none",)})
    assert Answer.objects.get().answered_at == before


# ---- Another question in another tab ---------------------------------------------------------


@pytest.mark.django_db
def test_a_question_that_is_moot_meanwhile_is_told_and_its_answer_kept(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = as_asked(version, "build")
    href = to(assessment, "question", "team")
    seen = seen_in(client.get(href))
    save_answers(assessment, {"situation": ("not-our-job",)})

    response = client.post(href, {"team": "nobody", "seen": seen})
    assert Assessment.objects.get().answers["team"] == ("nobody",)
    page = client.get(response["Location"])
    found = version.rulebook.playbook
    situation, team = found.question("situation"), found.question("team")
    told = text_of(page)
    assert "Meanwhile, in another tab or on another device" in told
    assert f"{situation.title} {situation.option('not-our-job').label}" in told
    assert f"nobody asks “{team.title}” any more. Your answer to it is kept" in told


@pytest.mark.django_db
def test_another_way_is_told(client: Client, version: PlaybookVersion) -> None:
    assessment = begin(version, {"red-flags": "none", "situation": "build"})
    href = assessment.get_absolute_url()
    page = client.get(href, follow=True)
    key, there = page.context["question"].key, page.request["PATH_INFO"]
    save_answers(assessment, {"red-flags": ("down",)})
    given = page.context["question"].options[0].key
    page = client.post(there, {key: given, "seen": seen_in(page)}, follow=True)
    assert page.request["PATH_INFO"] == to(assessment, "respond")
    assert "Meanwhile, in another tab" in text_of(page)
    assert Assessment.objects.get().answers[key] == (given,)


@pytest.mark.django_db
def test_nothing_is_issued_on_answers_that_the_check_did_not_show(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = as_asked(version)
    seen = seen_in(client.get(to(assessment, "check")))
    save_answers(assessment, {"money": ("one-off",)})
    page = client.post(to(assessment, "check"), {"seen": seen}, follow=True)
    assert page.request["PATH_INFO"] == to(assessment, "check")
    assert "Meanwhile, in another tab" in text_of(page)
    assert not Assessment.objects.get().recommendation
    client.post(to(assessment, "check"), {"seen": seen_in(page)})
    assert Assessment.objects.get().recommendation


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    ["meanwhile=nonsense", "meanwhile=money", "meanwhile=goal-outcome", "meanwhile=%00&kept=x"],
)
def test_an_address_tells_nothing_that_is_not_so(
    client: Client, version: PlaybookVersion, query: str
) -> None:
    href = to(begin(version, {"red-flags": "none"}), "question", "red-flags")
    page = client.get(f"{href}?{query}")
    assert page.status_code == 200
    assert "Meanwhile" not in text_of(page)


# ---- Details and names -----------------------------------------------------------------------


@pytest.mark.django_db
def test_two_tabs_tell_different_details(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    href = to(assessment, "scope", "goal")
    seen = seen_in(client.get(href))
    client.post(href, {"goal-outcome": "Fast", "goal-done": "", "seen": seen})
    client.post(href, {"goal-outcome": "", "goal-done": "A test", "seen": seen})
    answers = Assessment.objects.get().answers
    assert (answers["goal-outcome"], answers["goal-done"]) == (("Fast",), ("A test",))

    page = client.post(href, {"goal-outcome": "Cheap", "goal-done": "", "seen": seen})
    assert page.status_code == 409
    assert "by now: “Fast”" in text_of(page)
    assert "Cheap</textarea>" in page.content.decode()
    client.post(href, {"goal-outcome": "Cheap", "goal-done": "", "seen": seen_in(page)})
    assert Assessment.objects.get().answers["goal-outcome"] == ("Cheap",)


@pytest.mark.django_db
def test_two_tabs_tell_different_names(client: Client, version: PlaybookVersion) -> None:
    assessment = decided(version)
    href = to(assessment, "contact")
    seen = seen_in(client.get(href))
    client.post(href, {"contact_name": "Ada", "seen": seen})
    client.post(href, {"contact_firm": "Halden", "seen": seen})
    kept = Assessment.objects.get()
    assert (kept.contact_name, kept.contact_firm) == ("Ada", "Halden")

    page = client.post(href, {"contact_name": "Grace", "seen": seen})
    assert page.status_code == 409
    assert "“Your name” is “Ada” by now" in text_of(page)
    assert 'value="Grace"' in page.content.decode()
    client.post(href, {"contact_name": "Grace", "contact_firm": "Halden", "seen": seen_in(page)})
    assert Assessment.objects.get().contact_name == "Grace"


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["scope", "contact"])
def test_details_are_kept_or_come_back_when_the_decision_has_changed(
    client: Client, version: PlaybookVersion, page: str
) -> None:
    assessment = decided(version)
    href = to(assessment, page, *(["goal"] if page == "scope" else []))
    seen = seen_in(client.get(href))
    save_answers(assessment, {"money": ("evidence-first",)})
    fine, wrong = {
        "scope": ({"goal-outcome": "Fast"}, {"goal-outcome": "x" * 5000}),
        "contact": ({"contact_name": "Ada"}, {"contact_email": "ada at firm"}),
    }[page]
    back = client.post(href, {**wrong, "seen": seen})
    assert back.status_code == 422
    assert next(iter(wrong.values())) in back.content.decode()
    told = client.post(href, {**fine, "seen": seen}, follow=True)
    assert told.request["PATH_INFO"] == to(assessment, "check")
    assert "Meanwhile, in another tab" in text_of(told)
    kept = Assessment.objects.get()
    assert (kept.answers.get("goal-outcome") == ("Fast",)) or kept.contact_name == "Ada"


@pytest.mark.django_db
def test_skipped_details_are_shown_and_changed_from_the_check(
    client: Client, version: PlaybookVersion
) -> None:
    assessment = decided(version, goal_outcome="Fast")
    issue_recommendation(assessment)
    page = client.get(to(assessment, "check"))
    told = text_of(page)
    assert "What you told us besides" in told
    assert "Not provided" in told
    href = to(assessment, "scope", "goal")
    assert f'href="{href}?return=check#goal-done"' in page.content.decode()
    there = client.get(f"{href}?return=check")
    assert 'value="check"' in there.content.decode()
    response = client.post(href, {"goal-done": "A test", "return": "check"})
    assert response["Location"] == to(assessment, "check")
