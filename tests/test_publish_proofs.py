"""The publish page shows what is proved, and what is refuted with answers; it takes the words."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from advisor.answers import read_answers
from advisor.loading import document_hash, to_document
from advisor.playbook import Claim
from advisor.rules import Rulebook, recommend
from advisor.rules.finding import Finding
from advisor.rules.proving import prove
from catalog import proofs, publishing
from catalog.drafts import playbook_of, write_draft
from catalog.models import Acknowledgement, Draft, PlaybookVersion
from catalog.proofs import Proof, proofs_of
from catalog.publishing import publish
from tests.buyers import text_of
from tests.editors import filled_in, save
from tests.factories import (
    acknowledgement,
    question,
    small_document,
    small_playbook,
    small_rulebook,
)
from tests.staff import consultant, editor, seller, signed_in
from tests.test_proof_gate import WHY, colourful
from tests.test_publish_page import page_of, seen_on, version_page

pytestmark = pytest.mark.django_db

FIELD = "why-option-matters-colour--blue"


@pytest.fixture
def draft() -> Draft:
    """A draft with a question that no signal reads."""
    return write_draft(colourful())


@pytest.fixture
def desk() -> Client:
    return signed_in(editor())


@pytest.fixture
def unsafe(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the engine makes sure of fails, as it would with a mistake in it."""

    def unsafe_proofs(rulebook: Rulebook) -> list[Proof]:
        witness = {"cause": ("known",), "work": ("build", "move")}
        changes = {"proved": False, "told": "An audit would do.", "witness": witness}
        return [
            replace(proof, **changes) if proof.claim is Claim.SMALLEST else proof
            for proof in proofs_of(rulebook)
        ]

    monkeypatch.setattr(publishing, "proofs_of", unsafe_proofs)


def send(desk: Client, draft: Draft, seen: dict[str, str] | None = None, **typed: str) -> Any:
    """Open the page, type and publish."""
    seen = seen if seen is not None else seen_on(desk.get(page_of(draft)))
    return desk.post(page_of(draft), {"notes": "Colours.", FIELD: WHY, **seen, **typed})


def witness_of(draft: Draft, **asked: str) -> str:
    query = {"claim": "option-matters", "about": "colour.blue", **asked}
    page = reverse("admin:catalog_draft_witness", args=[draft.pk])
    return f"{page}?{'&'.join(f'{name}={value}' for name, value in query.items())}"


def test_it_works(desk: Client, draft: Draft) -> None:
    found = proofs_of(small_rulebook(questions=_questions()))
    [refuted] = [proof for proof in found if not proof.proved]

    page = desk.get(page_of(draft))

    told = text_of(page)
    assert f"Whatever is answered, {len(found) - 1} claims hold. One is not proved:" in told
    assert refuted.told in told
    assert "needs a word from you" in told
    assert "Question colour? Option blue" in told, "the witness, in the playbook's words"
    assert reverse("admin:catalog_question_change", args=[_asked(draft).pk]) in _html(page)

    assert send(desk, draft).status_code == 302

    version = draft.playbook.live
    assert version.rulebook.playbook == playbook_of(draft) == colourful(why=WHY)
    told = text_of(desk.get(version_page(version)))
    assert f"{refuted.told} acknowledged {WHY}" in told


def _questions() -> Any:
    return colourful().model_dump(mode="json", exclude_defaults=True)["questions"]


def _asked(draft: Draft) -> Any:
    return draft.question_set.get(key="colour")


def _html(response: Any) -> str:
    return response.content.decode()


def test_what_holds_needs_no_words(desk: Client) -> None:
    draft = write_draft(small_playbook())

    page = desk.get(page_of(draft))

    assert re.search(
        r"Whatever is answered, all \d+ claims about this playbook hold", text_of(page)
    )
    assert "Why this is right" not in text_of(page)
    assert send(desk, draft).status_code == 302
    assert not Acknowledgement.objects.exists(), "words on what nobody asked for are not kept"


# ---- Words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("why", "error"),
    [
        pytest.param(" \n", "Say why this is right, or mend it in the draft.", id="none"),
        pytest.param("x" * 4001, "Ensure this value has at most 4000 characters", id="too long"),
        pytest.param("a\x00b", "Null characters are not allowed.", id="no text"),
    ],
)
def test_words_that_cannot_be_are_refused_and_the_rest_is_kept(
    desk: Client, draft: Draft, why: str, error: str
) -> None:
    response = send(desk, draft, **{FIELD: why})

    assert response.status_code == 422
    assert text_of(response).startswith("Error: Publish Small playbook")
    assert f'href="#id_{FIELD}"' in _html(response)
    assert text_of(response).count(error) == 2, "on top, and at the field"
    assert 'value="Colours."' in _html(response)
    assert not PlaybookVersion.objects.exists()
    assert not Acknowledgement.objects.exists()


def test_words_are_kept_when_the_note_is_missing(desk: Client, draft: Draft) -> None:
    response = send(desk, draft, notes="")

    assert response.status_code == 422
    assert f">\n{WHY}</textarea>" in _html(response)
    assert not PlaybookVersion.objects.exists()


def test_the_words_of_the_draft_are_there_to_go_on_with(desk: Client) -> None:
    draft = write_draft(colourful(why="<b>Once</b> it was so."))

    page = desk.get(page_of(draft))
    assert "&lt;b&gt;Once&lt;/b&gt; it was so.</textarea>" in _html(page)
    assert "acknowledged" in text_of(page)

    assert send(desk, draft, **{FIELD: "One line.\r\nAnother."}).status_code == 302
    assert draft.playbook.live.rulebook.playbook.acknowledgements[0].why == "One line.\nAnother."
    assert text_of(desk.get(version_page(draft.playbook.live))).count("One line. Another.") >= 1


def test_words_on_what_holds_are_dropped_and_that_is_told(desk: Client) -> None:
    told = [acknowledgement("engagement-reached", "audit", "It is rare.")]
    draft = write_draft(small_playbook(acknowledgements=told))

    page = text_of(desk.get(page_of(draft)))
    assert "No longer so" in page
    assert "“Engagement audit” is never recommended. It is rare." in page

    assert send(desk, draft).status_code == 302
    assert not Acknowledgement.objects.exists()


def test_what_is_live_without_words_may_get_them(desk: Client) -> None:
    version, _ = publish(colourful())
    draft = write_draft(version.rulebook.playbook)

    assert send(desk, draft).status_code == 302

    assert draft.playbook.live.number == 2
    assert "Acknowledged" in text_of(desk.get(version_page(draft.playbook.live)))
    page = desk.get(page_of(draft))
    assert "There is nothing to publish" in text_of(page)
    assert WHY in text_of(page)
    assert "<textarea" not in _html(page)


# ---- Meanwhile ------------------------------------------------------------------------------


def test_an_edit_meanwhile_is_told_and_the_words_kept(desk: Client, draft: Draft) -> None:
    seen = seen_on(desk.get(page_of(draft)))
    draft.need_set.filter(key="evidence").update(title="proof")

    response = send(desk, draft, seen)

    assert response.status_code == 409
    assert "The draft was edited after you opened this page" in text_of(response)
    assert f">\n{WHY}</textarea>" in _html(response)
    assert not PlaybookVersion.objects.exists()
    assert send(desk, draft, seen_on(response)).status_code == 302


def test_what_is_refuted_meanwhile_is_asked_for_then(desk: Client) -> None:
    draft = write_draft(small_playbook())
    seen = seen_on(desk.get(page_of(draft)))
    write_draft(colourful())

    response = send(desk, draft, seen, **{FIELD: ""})

    assert response.status_code == 409
    assert "The draft was edited after you opened this page" in text_of(response)
    assert f'name="{FIELD}"' in _html(response)


def test_a_click_more_leads_to_the_same_version(desk: Client, draft: Draft) -> None:
    seen = seen_on(desk.get(page_of(draft)))

    answers = [send(desk, draft, seen) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert len({answer["Location"] for answer in answers}) == 1
    assert PlaybookVersion.objects.count() == 1


def test_options_whose_keys_read_alike_are_told_apart(desk: Client) -> None:
    asked = [
        *small_document()["questions"],
        question("paint", ["red", "dark-blue"]),
        question("paint-dark", ["red", "blue"]),
    ]
    draft = write_draft(small_playbook(questions=asked))
    abouts = ["paint.dark-blue", "paint-dark.blue"]
    whys = [f"why-option-matters-{about.replace('.', '--')}" for about in abouts]

    page = _html(desk.get(page_of(draft)))
    assert all(page.count(f'name="{why}"') == 1 for why in whys)

    said = {why: f"On {about}." for why, about in zip(whys, abouts, strict=True)}
    seen = {**seen_on(desk.get(page_of(draft))), **said}
    assert desk.post(page_of(draft), {"notes": "Paint.", **seen}).status_code == 302
    told = PlaybookVersion.objects.get().rulebook.playbook.acknowledgements
    assert [(a.about, a.why) for a in told] == [(about, f"On {about}.") for about in abouts]


# ---- Safety ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("unsafe")
def test_what_has_to_hold_leaves_no_way_to_publish(desk: Client) -> None:
    draft = write_draft(small_playbook())

    page = desk.get(page_of(draft))

    told = text_of(page)
    assert "An audit would do. keeps it from being published" in told
    assert "Question work? Option build; Option move" in told
    assert "no word of yours stands in for it" in told
    assert "All engagement models , All buying signals" in told
    assert 'name="notes"' not in _html(page)
    assert ">Publish</button>" not in _html(page)

    response = send(desk, draft, {"seen_live": "", "seen_hash": _hash(draft)})
    assert response.status_code == 409
    assert not PlaybookVersion.objects.exists()


def _hash(draft: Draft) -> str:
    return document_hash(to_document(playbook_of(draft)))


# ---- What is not decided --------------------------------------------------------------------


def test_what_is_not_decided_is_told_apart_and_takes_words(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told that it is refuted, or shown answers that are not there."""

    def undecided(known: Any) -> tuple[Finding, ...]:
        found = prove(known.rulebook)
        return tuple(replace(f, decided=f.about != "work-to-do") for f in found)

    monkeypatch.setattr(proofs, "findings_of", undecided)
    draft = write_draft(small_playbook())

    page = desk.get(page_of(draft))

    told = text_of(page)
    assert (
        "It would take too long to find out whether this holds: “Signal work-to-do” can fire. "
        "not decided needs a word from you"
    ) in told
    assert "It is neither proved nor refuted, so there are no answers to show." in told
    assert "The answers that show it" not in told
    assert "Why it may stay undecided" in told
    fields = re.findall(r'name="(why-[^"]+)"', _html(page))
    assert fields == ["why-signal-fires-work-to-do", "why-signal-matters-work-to-do"]
    assert send(desk, draft, **dict.fromkeys(fields, "")).status_code == 422
    assert send(desk, draft, **dict.fromkeys(fields, "It is plain to see.")).status_code == 302
    said = draft.playbook.live.rulebook.playbook.acknowledgements
    assert [(a.claim, a.about) for a in said] == [
        (Claim.SIGNAL_FIRES, "work-to-do"),
        (Claim.SIGNAL_MATTERS, "work-to-do"),
    ]


# ---- The witness ----------------------------------------------------------------------------


def test_the_witness_can_be_replayed(desk: Client, draft: Draft) -> None:
    response = desk.get(witness_of(draft))

    assert response["Content-Disposition"] == (
        'attachment; filename="small-option-matters-colour--blue.json"'
    )
    rulebook = small_rulebook(questions=_questions())
    answers = read_answers(rulebook.playbook, json.loads(response.content))
    assert answers["colour"] == ("blue",)
    assert recommend(rulebook, answers).outcome
    assert witness_of(draft).replace("&", "&amp;") in _html(desk.get(page_of(draft)))


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"about": "colour.red"}, id="what is proved"),
        pytest.param({"about": "colour"}, id="no option"),
        pytest.param({"claim": "option-counts"}, id="no claim"),
        pytest.param({"claim": "smallest", "about": ""}, id="another claim"),
        pytest.param({"about": "%00"}, id="nonsense"),
    ],
)
def test_what_refutes_nothing_is_not_found(
    desk: Client, draft: Draft, asked: dict[str, str]
) -> None:
    assert desk.get(witness_of(draft, **asked)).status_code == 404


def test_of_a_draft_with_problems_nothing_is_proved(desk: Client, draft: Draft) -> None:
    draft.signal_set.get(key="work-to-do").conditions.all().delete()

    page = desk.get(page_of(draft))

    assert "1 problem keeps the draft from being published" in text_of(page)
    assert "What is proved" not in text_of(page)
    assert desk.get(witness_of(draft)).status_code == 404
    assert send(desk, draft, seen_on(page)).status_code == 409


@pytest.mark.parametrize("who", [consultant, seller, None], ids=["consultant", "seller", "nobody"])
def test_others_see_no_witness(draft: Draft, who: Any) -> None:
    client = signed_in(who()) if who else Client()
    assert client.get(witness_of(draft)).status_code in {302, 403}


def test_a_witness_is_only_read(desk: Client, draft: Draft) -> None:
    assert desk.post(witness_of(draft)).status_code == 405


# ---- On the page of the draft ---------------------------------------------------------------


def test_acknowledgements_are_edited_and_dropped_with_the_draft(desk: Client) -> None:
    draft = write_draft(colourful(why=WHY))
    page = reverse("admin:catalog_draft_change", args=[draft.pk])
    assert "The answer “Option blue” to “Question colour?” changes" in text_of(desk.get(page))

    assert save(desk, page, **{"acknowledgements-0-why": "Better."}).status_code == 302
    assert playbook_of(draft) == colourful(why="Better.")
    assert Draft.objects.get().revision == 1

    assert save(desk, page, **{"acknowledgements-0-DELETE": "on"}).status_code == 302
    assert playbook_of(draft) == colourful()


def test_none_is_added_on_the_page_of_the_draft(desk: Client, draft: Draft) -> None:
    page = reverse("admin:catalog_draft_change", args=[draft.pk])
    sent = {
        **filled_in(desk, page),
        "acknowledgements-TOTAL_FORMS": "1",
        "acknowledgements-0-why": "Slipped in.",
    }

    assert desk.post(page, sent).status_code == 302
    assert not Acknowledgement.objects.exists()


@pytest.mark.parametrize(
    ("kind", "claim", "about"),
    [
        ("question", "option-matters", "colour.blue"),
        ("signal", "signal-fires", "work-to-do"),
        ("engagementmodel", "engagement-reached", "project"),
    ],
)
def test_an_acknowledgement_follows_a_rename_and_goes_with_its_part(
    desk: Client, kind: str, claim: str, about: str
) -> None:
    told = [acknowledgement(claim, about)]
    draft = write_draft(small_playbook(questions=_questions(), acknowledgements=told))
    key = about.partition(".")[0]
    row = getattr(draft, f"{kind}_set").get(key=key)

    assert save(desk, row, key="renamed").status_code == 302
    [acknowledged] = playbook_of(draft).acknowledgements
    assert acknowledged.about == about.replace(key, "renamed")

    row.delete()
    assert not Acknowledgement.objects.exists()


# ---- Queries --------------------------------------------------------------------------------


def test_the_page_asks_as_much_for_many_refuted_claims_as_for_one(
    desk: Client, draft: Draft
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page = desk.get(page_of(draft))
        assert page.context["refuted"]
        return len(queries)

    few = asked()
    many = [question(f"colour-{at}", ["red", "blue"]) for at in range(9)]
    write_draft(small_playbook(questions=[*_questions(), *many]))

    assert asked() == few
