"""What a scope brief says."""

import html
import json
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from advisor.answers import read_answers
from advisor.loading import load
from advisor.rules import Rulebook, compile_playbook, recommend
from advisor.rules.recommendation import ReadinessStatus, Verdict
from engagements.brief import Brief, Contact
from engagements.pdf import html_of
from engagements.quotes import LONGEST_TEXT
from engagements.wording import build_brief
from tests.factories import (
    conditions,
    emergency,
    engagement,
    need,
    option,
    prerequisite,
    question,
    section,
    service_path,
    signal,
    small_document,
    small_rulebook,
)

SAMPLES = sorted(settings.BASE_DIR.glob("fixtures/answers/*/*.json"))
AUDIT = {"cause": "unknown", "work": ["nothing"]}
PATHWAY = {"cause": "unknown", "work": ["build"], "money": "one-off"}
ENTRY = {"cause": "known", "work": ["nothing"]}


def a_brief(
    answers: Mapping[str, object] = AUDIT, contact: Contact | None = None, **changes: object
) -> Brief:
    """The brief of the small playbook, with other top-level parts, on these answers."""
    return brief_of(small_rulebook(**changes), answers, contact)


def brief_of(
    rulebook: Rulebook, answers: Mapping[str, object], contact: Contact | None = None
) -> Brief:
    given = read_answers(rulebook.playbook, answers)
    return build_brief(
        rulebook.playbook,
        recommend(rulebook, given),
        given,
        contact=contact or Contact(),
        reference="SB-2026-0417",
        version=1,
        issued_on=date(2026, 11, 20),
        playbook_number=3,
    )


@cache
def sample(path: Path) -> Brief:
    """The brief on one of the sample buyers' answers."""
    return brief_of(_rulebook(path.parent.name), json.loads(path.read_text(encoding="utf-8")))


@cache
def _rulebook(key: str) -> Rulebook:
    text = (settings.BASE_DIR / f"fixtures/playbooks/{key}.toml").read_text(encoding="utf-8")
    return compile_playbook(load(text), "0" * 64)


def text_of(brief: Brief) -> str:
    """What a reader sees, in one line."""
    body = html_of(brief).partition("<body")[2].partition(">")[2]
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", body)).split())


def headings(brief: Brief) -> list[str]:
    return re.findall("<h2>([^<]*)</h2>", html_of(brief))


def with_details(*questions: object, **changes: object) -> dict[str, object]:
    """Parts of the small document with scope details, which come after its own questions."""
    document = small_document()
    return {
        "sections": [*document["sections"], section("details", "scope")],
        "questions": [*document["questions"], *questions],
        **changes,
    }


def with_emergency(**changes: object) -> dict[str, object]:
    """Parts of the small document with a red flag, which comes before its own questions."""
    document = small_document()
    return {
        "sections": [
            section("triage", "triage"),
            section("situation", ask_when=conditions({"flags": ["none"]})),
        ],
        "questions": [
            question(
                "flags", ["down", option("none", exclusive=True)], kind="many", section="triage"
            ),
            *document["questions"],
        ],
        "needs": [need("stabilisation", "respond"), *document["needs"]],
        "engagements": [
            *document["engagements"],
            engagement("rescue", 9, "respond", ["stabilisation"]),
        ],
        "signals": [
            *document["signals"],
            signal("on-fire", {"flags": ["down"]}, {"stabilisation": 9}),
        ],
        "emergency": emergency(),
        **changes,
    }


def test_it_works() -> None:
    brief = a_brief(contact=Contact(name="Ingrid Solheim", firm="Halden Freight"))
    text = text_of(brief)
    for words in (
        "Firm Scope brief SB-2026-0417, version 1",
        "Recommended engagement model Engagement audit for Halden Freight",
        "What it is. It is the smallest engagement model that carries what your answers demand:",
        "demand: Need evidence.",
        "Commercial shape Fixed scope Typical duration Weeks Phase Decide",
        "Signal cause-unknown “Option unknown” on cause The reason.",
        "Decision we ask for Book a call. Ingrid Solheim",
        "Prepared on 20 November 2026 for Ingrid Solheim from 2 answers, by the playbook",
        "Small playbook, version 3",
        "neither a proposal nor a contract",
        "recommendation.json",
    ):
        assert words in text
    assert headings(brief) == [
        "Why this engagement",
        "Engagements compared",
        "Decision we ask for",
        "Considered and not recommended",
        "What would change this",
        "Your answers",
        "Deliverables and boundaries",
        "How we would work",
        "Next steps",
    ]


def test_it_says_for_whom_only_when_that_is_known() -> None:
    assert "Prepared from 2 answers" in text_of(a_brief())
    assert "Next steps What Who Book a call. You" in text_of(a_brief())


def test_there_is_none_before_the_recommendation_is_settled() -> None:
    with pytest.raises(
        ValueError, match=r"^There is no brief before .*; the next question is 'work'\.$"
    ):
        a_brief({"cause": "known"})


# ---- Kinds of outcome ---------------------------------------------------------------------


def test_pathway() -> None:
    brief = a_brief(PATHWAY)
    assert [(step.title, step.carries, step.starts_when) for step in brief.steps] == [
        ("Engagement audit", ("Need evidence",), ("When it is time",)),
        ("Engagement project", ("Need outcome",), ("When it is time",)),
    ]
    assert [(bar.title, bar.score, bar.step) for bar in brief.comparison] == [
        ("Engagement audit", 100, 1),
        ("Engagement project", 100, 2),
        ("Engagement retainer", 100, None),
    ]
    text = text_of(brief)
    assert "It comes first because it is the smallest that carries Need evidence." in text
    assert "Pathway Step 1 of 2 then Engagement project" in text
    assert "2 Engagement project Fixed scope Weeks Need outcome When it is time" in text
    assert "Each step of the pathway is scored on the needs that it is chosen for." in text
    assert "Engagement retainer ruled out" in text


def test_entry() -> None:
    brief = a_brief(ENTRY)
    text = text_of(brief)
    assert "Nothing in your answers demands an engagement" in text
    assert "Buying nothing is as good an answer as this one" in text
    assert "A fit" in text
    assert "there is no score" in text
    assert "of 100" not in text


def test_conflict() -> None:
    signals = [
        signal("cause-unknown", {"cause": ["unknown"]}, {"evidence": 1}),
        signal("no-money", {"money": ["one-off"]}, rules_out=["audit", "retainer"]),
    ]
    brief = a_brief(PATHWAY, signals=signals)
    assert brief.engagement is None
    assert brief.conflict is not None
    assert [quote.words for quote in brief.conflict.quotes] == [
        ("Option unknown",),
        ("Option one-off",),
    ]
    assert [(change.quote.words, change.leads_to) for change in brief.conflict.changes] == [
        (("Option one-off",), ("Engagement audit",))
    ]
    text = text_of(brief)
    assert "No engagement fits all of this" in text
    assert "Your answers ask for Need evidence, and nothing on offer can carry that" in text
    assert "In conflict 2 answers" in text
    assert "on money Without it: " in text
    assert "With “Option monthly” instead: Engagement audit" in text
    assert "Talk to a consultant" in text
    assert "+49 30 5550 0000" in text
    assert not {"Deliverables and boundaries", "Prerequisites"} & set(headings(brief))


def test_emergency() -> None:
    brief = a_brief({"flags": ["down"]}, **with_emergency())
    text = text_of(brief)
    assert "An emergency comes before everything else" in text
    assert "Call now +49 30 5550 0001 Always We pick up." in text
    assert "Have ready for the call A contact" in text
    assert "Decision we ask for" not in text


def test_emergency_after_which_nothing_fits() -> None:
    signals = [
        signal("on-fire", {"flags": ["down"]}, {"stabilisation": 9, "evidence": 1}),
        signal("no-look", {"flags": ["down"]}, rules_out=["audit", "retainer"]),
    ]
    brief = a_brief({"flags": ["down"]}, **with_emergency(signals=signals))
    assert brief.engagement is not None
    assert "What follows is open" in headings(brief)
    assert "After this step your answers still ask for Need evidence, and" in text_of(brief)


# ---- Reasons, certificate, comparison ------------------------------------------------------


def test_the_weightiest_reason_comes_first_and_what_only_rules_out_last() -> None:
    titles = [reason.title for reason in a_brief(PATHWAY).reasons]
    assert titles == ["Signal work-to-do", "Signal cause-unknown", "Signal no-monthly-money"]


def test_many_reasons_go_on_overleaf() -> None:
    extra = [signal(f"extra-{n:02}", {"cause": ["unknown"]}, {"evidence": 1}) for n in range(20)]
    brief = a_brief(signals=[*small_document()["signals"], *extra])
    text = text_of(brief)
    assert "17 more overleaf." in text
    assert all(text.count(reason.title) == 1 for reason in brief.reasons)
    assert all(reason.because in text for reason in brief.reasons)


def test_long_reasons_leave_the_first_page_to_fewer_of_them() -> None:
    long = [signal(f"extra-{n}", {"cause": ["unknown"]}, {"evidence": 1}) for n in range(3)]
    for one in long:
        one["because"] = "It takes its time. " * 30
    brief = a_brief(signals=[*small_document()["signals"], *long])
    assert 0 < len(brief.leading_reasons) < 4
    assert brief.leading_reasons + brief.more_reasons == brief.reasons
    assert f"{len(brief.more_reasons)} more overleaf." in text_of(brief)


def test_certificate() -> None:
    brief = a_brief({"cause": "known", "work": ["build"], "money": "monthly"})
    smaller, larger = brief.alternatives
    assert (smaller.verdict, smaller.needs) == (Verdict.CANNOT_CARRY, ("Need outcome",))
    assert [quote.words for quote in smaller.quotes] == [("Option build",)]
    assert (larger.verdict, larger.needs) == (Verdict.NOT_NEEDED, ("Need evidence",))
    text = text_of(brief)
    assert (
        "Engagement audit Smaller commitment Cannot carry Need outcome. “Option build” on work"
        in text
    )
    assert "Engagement retainer Larger commitment Not needed: nothing you said demands" in text


def test_alternatives_of_equal_grounds_are_told_together() -> None:
    twins = [engagement(f"twin-{n}", 5 + n, "deliver", ["outcome"]) for n in range(3)]
    brief = a_brief(engagements=[*small_document()["engagements"], *twins])
    assert "Engagement twin-0 Engagement twin-1 Engagement twin-2 Larger commitments" in text_of(
        brief
    )


# ---- Answers and scope details -------------------------------------------------------------


def test_answers_off_the_live_path_never_appear() -> None:
    parts = with_details(
        question("detail", ["yes", "no"], section="details"),
        question(
            "off-path",
            kind="line",
            section="details",
            ask_when=conditions({"detail": ["yes"]}),
        ),
        question("of-the-project", kind="line", section="details", engagements=["project"]),
    )
    brief = a_brief(
        {
            **AUDIT,
            "money": "one-off",  # asked only when there is work
            "detail": "no",
            "off-path": "PHANTOM",
            "of-the-project": "GHOST",
        },
        **parts,
    )
    for ghost in ("Question money?", "Option one-off", "PHANTOM", "GHOST", "off-path"):
        assert ghost not in text_of(brief)
    assert [quote.words for part in brief.details for quote in part.answers] == [("Option no",)]
    assert brief.answer_count == 3


def test_details_not_given_are_named() -> None:
    parts = with_details(
        question("owner", kind="line", section="details"),
        question("else", kind="text", section="details"),
    )
    brief = a_brief({**AUDIT, "else": "We tried twice.\n\nIt failed."}, **parts)
    assert brief.missing_details == ("owner",)
    text = text_of(brief)
    assert "Section details Question else? We tried twice. It failed." in text
    assert "Not provided yet: owner." in text
    assert "Complete the scope details: 1 not provided yet" in text


def test_questions_that_could_change_nothing_are_named() -> None:
    brief = a_brief(
        {"cause": "known", "work": ["build"]},
        signals=[
            signal("work-to-do", {"work": ["build"]}, {"outcome": 3}),
            signal("money", {"money": ["one-off"]}, {"outcome": 1}),
        ],
    )
    assert brief.not_asked == ("money",)
    assert "Not asked, because no answer could change the recommendation: money." in text_of(brief)


def test_a_checklist_is_told_as_prerequisites() -> None:
    audit = engagement(
        "audit",
        1,
        "decide",
        ["evidence"],
        prerequisites=[
            prerequisite("access", "ready", met=["access"], unknown=["not-sure"]),
            prerequisite("people", "ready", met=["people"], unknown=["not-sure"]),
        ],
    )
    ready = question(
        "ready",
        [
            "access",
            "people",
            option("none-yet", exclusive=True),
            option("not-sure", exclusive=True),
        ],
        kind="many",
        section="details",
    )
    parts = with_details(ready, engagements=[audit, *small_document()["engagements"][1:]])
    some = a_brief({**AUDIT, "ready": ["access"]}, **parts)
    assert [p.status for p in some.prerequisites] == [ReadinessStatus.MET, ReadinessStatus.MISSING]
    assert some.details == ()
    assert some.answer_count == 3
    text = text_of(some)
    assert "1 of 2 in place, 1 missing." in text
    assert "Prerequisite access A lead In place Prerequisite people A lead Missing" in text
    assert "Put in place: Prerequisite people A lead" in text
    unanswered = text_of(a_brief(AUDIT, **parts))
    assert "0 of 2 in place, 2 not known yet." in unanswered
    assert "which of these are in place: Prerequisite access; Prerequisite people" in unanswered
    assert "Not provided yet" not in unanswered


def test_services_follow_the_answer() -> None:
    assert "Usual first services A service" in text_of(a_brief())
    path = service_path("causes", "audit", {"cause": ["unknown"]})
    brief = a_brief(service_paths=[{**path, "services": ["Root Cause Audit"]}])
    assert "First services: Path causes Root Cause Audit A note." in text_of(brief)


# ---- Typed texts ---------------------------------------------------------------------------


def typed(text: str) -> str:
    """How a brief has a typed text."""
    parts = with_details(question("else", kind="text", section="details"))
    [details] = a_brief({**AUDIT, "else": text}, **parts).details
    [quote] = details.answers
    assert quote.typed
    return quote.words[0]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param("a\r\nb\x00c\x07\td", "a\nb c d", id="control characters"),
        pytest.param("pay \u202eyaced\u202c now", "pay yaced now", id="reversed reading"),
        pytest.param("half \ud800 a pair", "half a pair", id="lone surrogate"),
        pytest.param("\n\na\n\n\n\nb\n", "a\n\nb", id="empty lines"),
        pytest.param("שלום 王伟 😀", "שלום 王伟 😀", id="any script"),
        pytest.param(
            "x\n" * 100, "\n".join("x" * 60) + "\n" + " / ".join("x" * 40), id="many lines"
        ),
    ],
)
def test_typed_texts_are_made_printable(given: str, kept: str) -> None:
    assert typed(given) == kept


def test_typed_texts_are_capped() -> None:
    parts = with_details(question("else", kind="text", section="details"))
    rulebook = small_rulebook(**parts)
    answers = read_answers(rulebook.playbook, AUDIT) | {"else": ("x" * 9000,)}
    brief = build_brief(
        rulebook.playbook,
        recommend(rulebook, answers),
        answers,
        contact=Contact(name="n" * 9000),
        reference="R",
        version=1,
        issued_on=date(2026, 1, 1),
        playbook_number=None,
    )
    assert len(brief.details[0].answers[0].words[0]) == LONGEST_TEXT
    assert len(brief.contact.name) == 200
    assert "unpublished" in text_of(brief)


def test_nothing_typed_is_markup() -> None:
    parts = with_details(question("else", kind="text", section="details"))
    evil = "<script>x</script>{{ brief.firm }}{% include 'brief/_note.html' %}&amp;"
    brief = a_brief(
        {**AUDIT, "else": evil}, contact=Contact(name="<b>N</b>", firm='"><img>'), **parts
    )
    assert "<script" not in html_of(brief)
    assert "<img" not in html_of(brief)
    assert "<b>N" not in html_of(brief)
    assert evil in text_of(brief)


def test_no_white_space_stands_before_a_tag() -> None:
    """There, WeasyPrint may break a line too early."""
    assert not re.search(r"\s<", html_of(a_brief(PATHWAY)))


# ---- For all sample buyers -----------------------------------------------------------------


def test_there_are_samples() -> None:
    assert len(SAMPLES) >= 12


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_everything_of_a_brief_is_printed(path: Path) -> None:
    brief = sample(path)
    text = text_of(brief).lower()
    kept = brief.model_dump(
        include={
            "reference": True,
            "engagement": dict.fromkeys(
                {"title", "summary", "deliverables", "boundaries", "operating_model", "cadence"}
                | {"escalation", "handoff", "services", "covers", "other_prices", "training"}
                | {"separate_scope", "service_level", "process", "escalation_path"},
                True,
            )
            | {"responsibilities": {"__all__": {"task", "note"}}},
            "steps": {"__all__": {"title", "duration", "commercial_shape", "carries"}},
            "emergency": True,
            "reasons": {"__all__": {"title", "because"}},
            "comparison": {"__all__": {"title"}},
            "answers": {"__all__": {"question", "words"}},
            "details": True,
            "missing_details": brief.emergency is None,
            "prerequisites": {"__all__": {"title", "owner"}},
        },
        exclude={"details": {"__all__": {"answers": {"__all__": {"key", "typed", "noun"}}}}},
    )
    for words in strings_in(kept):
        assert " ".join(words.lower().split()) in text


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_nothing_is_printed_that_nobody_said(path: Path) -> None:
    """Every word comes from the brief's content or stands in a template; numbers are counts."""
    brief = sample(path)
    templates = settings.BASE_DIR / "templates"
    files = (*templates.glob("brief/*.html"), *templates.glob("parts/offer/*.html"))
    fixed = " ".join(template.read_text() for template in files)
    others = brief.engagement.other_prices if brief.engagement else ()
    prices = " ".join(map(str, (*(step.price for step in brief.steps), *others)))
    said = words_in(" ".join([*strings_in(brief.model_dump(mode="json")), prices, fixed]))
    invented = words_in(text_of(brief)) - said - {"20", "november", "2026", "prerequisites"}
    assert {word for word in invented if not word.rstrip("s").isdigit()} - plurals(said) == set()
    assert all(int(word) <= 100 for word in invented if word.isdigit())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_stored_brief_says_the_same_without_the_playbook(path: Path) -> None:
    brief = sample(path)
    stored = Brief.model_validate(json.loads(json.dumps(brief.model_dump(mode="json"))))
    assert stored == brief
    assert html_of(stored) == html_of(brief)


def strings_in(value: object) -> list[str]:
    """Every text in plain data."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in strings_in(item)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in strings_in(item)]
    return []


def words_in(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def plurals(words: set[str]) -> set[str]:
    return {f"{word}s" for word in words}
