"""Playbook files: what loads, what comes out again, and how everything wrong is told at once."""

import re
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.loading import PlaybookError, document_hash, dump, from_document, load, to_document
from tests.factories import (
    REMOVED,
    changed,
    emergency,
    engagement,
    guide,
    need,
    problems_of,
    question,
    said_of_a_playbook,
    said_of_an_offer,
    section,
    service_path,
    signal,
    small_document,
    small_playbook,
)
from tests.scenarios import PLAYBOOKS

# ---- What loads ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_it_works(path: Path) -> None:
    playbook = load(path.read_text(), path.name)

    assert playbook.key == path.stem
    assert load(dump(playbook)) == playbook


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CR LF"])
def test_a_file_of_a_windows_editor_loads(end: str) -> None:
    playbook = small_playbook()

    assert load("\ufeff" + dump(playbook).replace("\n", end)) == playbook


def test_there_are_playbooks_to_load() -> None:
    assert "infrastructure-services" in {path.stem for path in PLAYBOOKS}


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_any_text_comes_out_as_it_went_in(text: str) -> None:
    playbook = small_playbook(summary=f"“{text}”")

    assert playbook.summary == f"“{text}”"
    assert load(dump(playbook)) == playbook


def test_every_part_of_the_format_comes_out_as_it_went_in() -> None:
    playbook = from_document(complete_document())

    assert load(dump(playbook)) == playbook
    left_out = {name for name, value in playbook if not value}
    assert left_out == set()
    assert {name for name, value in playbook.engagement("audit") if not value} == {
        "family",
        "prerequisites",
    }


def complete_document() -> dict[str, Any]:
    """A valid document with every part that a playbook may have, also those that are optional."""
    places = {
        "needs[3]": need("stabilisation", "respond"),
        "engagements[4]": engagement("rescue", 4, "respond", ["stabilisation"]),
        "sections": [section("triage", "triage"), section("situation"), section("scope", "scope")],
        "questions": [
            question("flags", ["down", "none"], section="triage"),
            *small_document()["questions"],
            question("goal", kind="text", section="scope", engagements=["project"], hint="A hint."),
        ],
        "signals[4]": signal("down", {"flags": ["down"]}, {"stabilisation": 10}),
        "firm.website": "https://firm.example",
        **{f"engagements[audit].{name}": said for name, said in said_of_an_offer().items()},
    }
    return changed(
        places,
        language="de-AT",
        emergency=emergency(),
        guides=[guide("choosing", ["audit"])],
        service_paths=[service_path("first", "audit", {"cause": ["unknown"]})],
        **said_of_a_playbook(),
    )


# ---- The hash -----------------------------------------------------------------------------


def hash_of(text: str) -> str:
    return document_hash(to_document(load(text)))


def test_hash_names_what_a_playbook_says() -> None:
    text = dump(small_playbook())

    assert re.fullmatch(r"[0-9a-f]{64}", hash_of(text))
    assert hash_of(text) == hash_of(text)
    assert hash_of(text.replace("Engagement audit", "Engagement Audit")) != hash_of(text)


def test_hash_is_the_same_tomorrow() -> None:
    # Assessments are pinned by it: if this fails, published versions no longer match their hash.
    document = {"key": "é", "list": [1, "b", True], "table": {"b": 1, "a": "x"}}
    assert document_hash(document) == (
        "b39a8e07f1525b9b32f3d00f7482e331b8dfd4536c0e9be7f323e901225fe063"
    )


def test_hash_knows_no_comments_no_layout_and_no_defaults() -> None:
    text = dump(small_playbook())
    commented = "# For its owner\n\n" + text.replace(
        "entry =", 'language = "en"  # so far\nentry ='
    )

    assert commented != text
    assert hash_of(commented) == hash_of(text)


def test_hash_knows_no_order_of_names() -> None:
    def backwards(value: object) -> object:
        if isinstance(value, dict):
            return {name: backwards(value[name]) for name in reversed(value)}
        return [backwards(item) for item in value] if isinstance(value, list) else value

    document = backwards(to_document(small_playbook()))
    assert isinstance(document, dict)
    assert list(document) != list(to_document(small_playbook()))
    assert document_hash(document) == document_hash(to_document(small_playbook()))
    assert hash_of(tomlkit.dumps(document)) == document_hash(document)


def test_hash_knows_the_order_of_a_list() -> None:
    questions = small_document()["questions"]
    swapped = small_playbook(questions=[questions[1], questions[0], questions[2]])
    assert document_hash(to_document(swapped)) != document_hash(to_document(small_playbook()))


# ---- Not of the form ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            'key = "small"\ntitle = Small\n',
            "TOML: Invalid value (at line 2, column 9); mend the syntax at that place.",
            id="no quotes",
        ),
        pytest.param(
            "[[signals]]\nkey = 'a'\nkey = 'b'\n",
            "TOML: Cannot overwrite a value (at line 3, column 10); mend the syntax at that place.",
            id="a name twice",
        ),
        pytest.param(
            "[firm\n",
            "TOML: Expected ']' at the end of a table declaration (at line 1, column 6); "
            "mend the syntax at that place.",
            id="no closing bracket",
        ),
        pytest.param(
            "key = " + "[" * 100_000,
            "TOML: lists or tables stand too deep in each other; flatten them.",
            id="a bottomless list",
        ),
        pytest.param(
            "minutes = " + "9" * 5_000,
            "TOML: a number has thousands of digits; write a shorter one.",
            id="an endless number",
        ),
    ],
)
def test_no_toml(text: str, told: str) -> None:
    with pytest.raises(PlaybookError) as refused:
        load(text, "firm.toml")
    assert str(refused.value) == f"firm.toml: 1 problem; nothing was loaded.\n{told}"


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        pytest.param("title", REMOVED, "title: is missing; add it.", id="missing"),
        pytest.param(
            "signals[work-to-do].because",
            REMOVED,
            "signals[work-to-do].because: is missing; add it.",
            id="missing in a part",
        ),
        pytest.param(
            "signals[work-to-do].when[1].any_of",
            REMOVED,
            "signals[work-to-do].when[1].any_of: is missing; add it.",
            id="missing in an item without a key",
        ),
        pytest.param(
            "signals[2].key", REMOVED, "signals[2].key: is missing; add it.", id="missing key"
        ),
        pytest.param(
            "signals[work-to-do].wenn",
            [],
            "signals[work-to-do].wenn: is not a name that a playbook knows; "
            "correct the spelling or remove it.",
            id="unknown name",
        ),
        pytest.param(
            "needs[evidence].key",
            "Evidence!",
            "needs[Evidence!].key: is 'Evidence!', which is not of the form asked for; "
            "keys are lower-case words joined by hyphens, such as known-target.",
            id="bad key",
        ),
        pytest.param(
            "signals[work-to-do].when[1].any_of[2]",
            "be move",
            "signals[work-to-do].when[1].any_of[2]: is 'be move', which is not of the form asked "
            "for; keys are lower-case words joined by hyphens, such as known-target.",
            id="bad key in a list",
        ),
        pytest.param(
            "signals[work-to-do].demands[1].need",
            "Need outcome",
            "signals[work-to-do].demands[1].need: is 'Need outcome', which is a title; "
            "write the key, outcome.",
            id="title in place of a key",
        ),
        pytest.param(
            "engagements[audit].carries",
            ["Engagement audit"],
            "engagements[audit].carries[1]: is 'Engagement audit', which is not of the form asked "
            "for; keys are lower-case words joined by hyphens, such as known-target.",
            id="title of something else in place of a key",
        ),
        pytest.param(
            "engagements[audit].price",
            {"currency": "£", "least": 9, "unit": "an hour"},
            "engagements[audit].price.currency: is '£', which is no currency code; "
            "write it in three capital letters, like GBP.",
            id="bad currency",
        ),
        pytest.param(
            "engagements[audit].service_level",
            {"coverage": "Always", "uptime": "99,5"},
            "engagements[audit].service_level.uptime: is '99,5', which is no percentage; "
            'write it like "99.5".',
            id="bad percentage",
        ),
        pytest.param(
            "needs[evidence].key",
            "e" * 61,
            f"needs[{'e' * 61}].key: string should have at most 60 characters; "
            f"correct the value '{'e' * 59}.",
            id="key too long",
        ),
        pytest.param(
            "language",
            "English",
            "language: is 'English', which is no language code; write it like en or de-AT.",
            id="bad language",
        ),
        pytest.param(
            "engagements[audit].title",
            7,
            "engagements[audit].title: input should be a valid string; correct the value 7.",
            id="number for a text",
        ),
        pytest.param(
            "engagements[audit].size",
            "big",
            "engagements[audit].size: is 'big', which is no whole number; "
            "write digits only, without quotes.",
            id="text for a number",
        ),
        pytest.param(
            "engagements[audit].size",
            True,
            "engagements[audit].size: is True, which is no whole number; "
            "write digits only, without quotes.",
            id="yes for a number",
        ),
        pytest.param(
            "engagements[audit].title",
            "Au\x00dit",
            "engagements[audit].title: holds the character U+0000, which no database keeps; "
            "correct the value 'Au\\x00dit'.",
            id="a character that cannot be stored",
        ),
        pytest.param(
            "engagements[audit].size",
            0,
            "engagements[audit].size: input should be greater than or equal to 1; "
            "correct the value 0.",
            id="number too small",
        ),
        pytest.param(
            "needs[outcome].phase",
            "later",
            "needs[outcome].phase: input should be 'respond', 'decide', 'deliver' or 'run'; "
            "correct the value 'later'.",
            id="no such phase",
        ),
        pytest.param(
            "questions[cause].kind",
            "single",
            "questions[cause].kind: input should be 'one', 'many', 'line' or 'text'; "
            "correct the value 'single'.",
            id="no such kind",
        ),
        pytest.param(
            "signals[work-to-do].when",
            "work",
            "signals[work-to-do].when: is 'work', which is no list; write it in [ and ].",
            id="text for a list",
        ),
        pytest.param(
            "signals[work-to-do].when[1]",
            "work",
            "signals[work-to-do].when[1]: is 'work', which is no table; "
            "write its names and values.",
            id="text for a table",
        ),
        pytest.param(
            "signals[work-to-do].when",
            [],
            "signals[work-to-do].when: is an empty list; name at least one.",
            id="empty list",
        ),
        pytest.param(
            "engagements[audit].deliverables",
            ["A report"] * 41,
            "engagements[audit].deliverables: has more than 40 items; leave some out.",
            id="list too long",
        ),
        pytest.param(
            "title",
            "T" * 301,
            f"title: string should have at most 300 characters; correct the value '{'T' * 59}.",
            id="text too long",
        ),
        pytest.param(
            "title",
            "  ",
            "title: string should have at least 1 character; correct the value '  '.",
            id="blank text",
        ),
    ],
)
def test_a_part_of_the_wrong_form(place: str, value: object, told: str) -> None:
    assert problems_of(changed({place: value})) == [told]


@pytest.mark.parametrize("document", [None, [], "small", 7], ids=repr)
def test_no_document_at_all(document: object) -> None:
    told = f"document: is {document!r}, which is no table; write its names and values."
    assert problems_of(document) == [told]


def test_the_longest_key_fits() -> None:
    key = "e" * 60
    document = changed({"needs[3]": need(key, "run"), "engagements[retainer].carries[3]": key})
    assert from_document(document).need(key).key == key


def test_all_parts_of_the_wrong_form_are_told_at_once() -> None:
    document = changed(
        {
            "minutes": "soon",
            "needs[evidence].phase": REMOVED,
            "engagements[project].sise": 2,
            "signals[work-to-do].when": "work",
            "signals[no-monthly-money].because": REMOVED,
        }
    )
    assert [problem.split(": ")[0] for problem in problems_of(document, "firm.toml")] == [
        "minutes",
        "needs[evidence].phase",
        "engagements[project].sise",
        "signals[work-to-do].when",
        "signals[no-monthly-money].because",
    ]
