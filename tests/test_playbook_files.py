"""Playbook files: what loads, what comes out again, and how everything wrong is told at once."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor import checking
from advisor.loading import PlaybookError, document_hash, dump, from_document, load, to_document
from tests.factories import (
    REMOVED,
    emergency,
    engagement,
    guide,
    need,
    prerequisite,
    put,
    question,
    section,
    service_path,
    signal,
    small_document,
    small_playbook,
)
from tests.scenarios import PLAYBOOKS


def problems_of(document: object, source: str = "playbook") -> list[str]:
    """The sentences that a document is refused with, after the line that counts them."""
    with pytest.raises(PlaybookError) as refused:
        from_document(document, source)
    count, *problems = str(refused.value).splitlines()
    told = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    assert count == f"{source}: {told}; nothing was loaded."
    assert problems == [str(problem) for problem in refused.value.problems]
    return problems


def changed(places: dict[str, object], **parts: object) -> dict[str, Any]:
    """The small document with other top-level parts, and then with other values in places."""
    document = small_document(**parts)
    for place, value in places.items():
        put(document, place, value)
    return document


# ---- What loads ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_it_works(path: Path) -> None:
    playbook = load(path.read_text(), path.name)

    assert playbook.key == path.stem
    assert load(dump(playbook)) == playbook


def test_there_are_playbooks_to_load() -> None:
    assert "infrastructure-services" in {path.stem for path in PLAYBOOKS}


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_any_text_comes_out_as_it_went_in(text: str) -> None:
    playbook = small_playbook(summary=f"“{text}”")

    assert playbook.summary == f"“{text}”"
    assert load(dump(playbook)) == playbook


def test_every_part_of_the_format_comes_out_as_it_went_in() -> None:
    playbook = from_document(complete_document())

    assert load(dump(playbook)) == playbook
    left_out = {name for name, value in playbook if not value}
    assert left_out == set()


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
    }
    return changed(
        places,
        language="de-AT",
        emergency=emergency(),
        guides=[guide("choosing", ["audit"])],
        service_paths=[service_path("first", "audit", {"cause": ["unknown"]})],
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
            "engagements[audit].size: input should be a valid integer, unable to parse string as "
            "an integer; correct the value 'big'.",
            id="text for a number",
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
            "signals[work-to-do].when": [],
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


# ---- Parts that do not fit together -------------------------------------------------------

RESCUE = {
    "needs[3]": need("stabilisation", "respond"),
    "engagements[4]": engagement("rescue", 4, "respond", ["stabilisation"]),
}
RESPOND = {**RESCUE, "emergency": emergency()}
SCOPE = {
    "sections[2]": section("scope", "scope"),
    "questions[4]": question("limits", ["none", "some"], section="scope"),
}
TRIAGE = {
    "sections": [section("triage", "triage"), section("situation")],
    "questions": [
        question("flags", ["down", "none"], section="triage"),
        *small_document()["questions"],
    ],
}

MISFITS = {
    # Keys
    "need twice": (
        {"needs[3]": need("evidence", "run")},
        "needs: the key 'evidence' is used 2 times; give each its own.",
    ),
    "engagement model twice": (
        {"engagements[4]": engagement("audit", 9, "run", ["outcome"])},
        "engagements: the key 'audit' is used 2 times; give each its own.",
    ),
    "section twice": (
        {"sections[2]": section("situation")},
        "sections: the key 'situation' is used 2 times; give each its own.",
    ),
    "question twice": (
        {"questions[4]": question("cause", ["known", "unknown", "not-sure"])},
        "questions: the key 'cause' is used 2 times; give each its own.",
    ),
    "signal three times": (
        {
            "signals[4]": signal("work-to-do", {"work": ["build"]}, {"outcome": 1}),
            "signals[5]": signal("work-to-do", {"work": ["move"]}, {"outcome": 1}),
        },
        "signals: the key 'work-to-do' is used 3 times; give each its own.",
    ),
    "option twice": (
        {"questions[cause].options[4]": {"key": "known", "label": "Again"}},
        "questions[cause].options: the key 'known' is used 2 times; give each its own.",
    ),
    "guide twice": (
        {"guides": [guide("choosing", ["audit"]), guide("choosing", ["project"])]},
        "guides: the key 'choosing' is used 2 times; give each its own.",
    ),
    "guide row twice": (
        {
            "guides": [guide("choosing", ["audit"])],
            "guides[choosing].rows[2]": guide("choosing", ["audit"])["rows"][0],
        },
        "guides[choosing].rows: the key 'row' is used 2 times; give each its own.",
    ),
    "service path twice": (
        {"service_paths": [service_path("first", "audit", {"cause": ["known"]})] * 2},
        "service_paths: the key 'first' is used 2 times; give each its own.",
    ),
    "prerequisite twice, in two engagement models": (
        {"engagements[audit].prerequisites[1]": prerequisite("budget", "cause", met=["known"])},
        "prerequisites: the key 'budget' is used 2 times; give each its own.",
    ),
    # Questions
    "triage under a condition": (
        {
            **TRIAGE,
            "sections[triage].ask_when": [{"question": "flags", "any_of": ["down"]}],
        },
        (
            "sections[triage].ask_when: triage is asked of everybody; remove the conditions.\n"
            "sections[triage].ask_when: names the question 'flags', which is not there; "
            "use an earlier question that exists (none)."
        ),
    ),
    "section that is absent": (
        {"questions[work].section": "sitaution"},
        (
            "questions[work].section: names the section 'sitaution', which is not there; "
            "use one of those that exist (situation)."
        ),
    ),
    "choice without options": (
        {"questions[4]": question("mood")},
        "questions[mood]: a choice needs at least two options; add options.",
    ),
    "choice of one option": (
        {"questions[4]": question("mood", ["good"], kind="many")},
        "questions[mood]: a choice needs at least two options; add options.",
    ),
    "text with options": (
        {**SCOPE, "questions[5]": question("goal", ["a", "b"], kind="text", section="scope")},
        "questions[goal]: kind text takes no options; remove them.",
    ),
    "exclusive option where one is taken": (
        {"questions[cause].options[known].exclusive": True},
        (
            "questions[cause]: only a question of kind many has exclusive options; "
            "remove `exclusive`."
        ),
    ),
    "text that decides": (
        {"questions[4]": question("goal", kind="line")},
        (
            "questions[goal]: a question that decides is a choice; "
            "give it options, or a scope section."
        ),
    ),
    "engagement models of a question that decides": (
        {"questions[cause].engagements": ["audit"]},
        (
            "questions[cause].engagements: there is no recommendation yet when this is asked; "
            "use ask_when, or move the question to a scope section."
        ),
    ),
    "engagement model of a question that is absent": (
        {**SCOPE, "questions[limits].engagements": ["audit", "adit"]},
        (
            "questions[limits].engagements: names the engagement model 'adit', which is not "
            "there; use one of those that exist (audit, project, retainer)."
        ),
    ),
    "scope before what decides": (
        {
            "sections[2]": section("scope", "scope"),
            "questions[4]": question("limits", ["none", "some"], section="scope"),
            "questions[5]": question("late", ["yes", "no"]),
        },
        "questions[late]: stands behind a scope question; move it up to the decide questions.",
    ),
    "triage behind what decides": (
        {
            "sections[2]": section("triage", "triage"),
            "questions[4]": question("flags", ["down", "none"], section="triage"),
        },
        "questions[flags]: stands behind a decide question; move it up to the triage questions.",
    ),
    "condition on a question that is absent": (
        {"questions[money].ask_when[1].question": "wrok"},
        (
            "questions[money].ask_when: names the question 'wrok', which is not there; "
            "use an earlier question that exists (cause, work)."
        ),
    ),
    "condition that looks forward": (
        {"questions[cause].ask_when": [{"question": "money", "any_of": ["monthly"]}]},
        (
            "questions[cause].ask_when: names the question 'money', which is not there; "
            "use an earlier question that exists (none)."
        ),
    ),
    "condition on the question itself": (
        {"questions[work].ask_when": [{"question": "work", "any_of": ["build"]}]},
        (
            "questions[work].ask_when: names the question 'work', which is not there; "
            "use an earlier question that exists (cause)."
        ),
    ),
    "condition on an option that is absent": (
        {"questions[money].ask_when[1].any_of": ["biuld", "move"]},
        (
            "questions[money].ask_when: names the option of work 'biuld', which is not there; "
            "use one of those that exist (build, move, nothing)."
        ),
    ),
    "condition of a section that looks forward": (
        {
            "sections[2]": section(
                "after", ask_when=[{"question": "mood", "any_of": ["good", "bad"]}]
            ),
            "questions[4]": question("time", ["now", "later"], section="after"),
            "questions[5]": question("mood", ["good", "bad"], section="after"),
        },
        (
            "sections[after].ask_when: names the question 'mood', which is not there; "
            "use an earlier question that exists (cause, money, work)."
        ),
    ),
    # Engagement models and needs
    "entry that is absent": (
        {"entry": "adit"},
        (
            "entry: names the engagement model 'adit', which is not there; "
            "use one of those that exist (audit, project, retainer)."
        ),
    ),
    "need carried that is absent": (
        {"engagements[audit].carries[2]": "evidense"},
        (
            "engagements[audit].carries: names the need 'evidense', which is not there; "
            "use one of those that exist (evidence, outcome)."
        ),
    ),
    "prerequisite of a question that is absent": (
        {"engagements[retainer].prerequisites[budget].question": "mony"},
        (
            "engagements[retainer].prerequisites[budget]: names the question 'mony', which is "
            "not there; use a question that exists (cause, money, work)."
        ),
    ),
    "prerequisite met by an option that is absent": (
        {"engagements[retainer].prerequisites[budget].met": ["weekly"]},
        (
            "engagements[retainer].prerequisites[budget]: names the option of money 'weekly', "
            "which is not there; use one of those that exist (monthly, one-off)."
        ),
    ),
    "prerequisite unknown by an option that is absent": (
        {"engagements[retainer].prerequisites[budget].unknown": ["not-sure"]},
        (
            "engagements[retainer].prerequisites[budget]: names the option of money 'not-sure', "
            "which is not there; use one of those that exist (monthly, one-off)."
        ),
    ),
    "need that nobody carries": (
        {"needs[3]": need("sla", "run")},
        (
            "needs[sla]: no engagement model carries it; "
            "add it to the `carries` of one, or remove the need."
        ),
    ),
    # Signals
    "signal of nothing": (
        {"signals[work-to-do].demands": []},
        (
            "signals[work-to-do]: demands nothing and rules nothing out; "
            "add `demands` or `rules_out`."
        ),
    ),
    "signal on a question that is absent": (
        {"signals[cause-unknown].when[1].question": "causes"},
        (
            "signals[cause-unknown].when: names the question 'causes', which is not there; "
            "use a triage or decide question that exists (cause, money, work)."
        ),
    ),
    "signal on a scope question": (
        {**SCOPE, "signals[cause-unknown].when[1]": {"question": "limits", "any_of": ["some"]}},
        (
            "signals[cause-unknown].when: names the question 'limits', which is not there; "
            "use a triage or decide question that exists (cause, money, work)."
        ),
    ),
    "signal on an option that is absent": (
        {"signals[cause-unknown].when[1].any_of[2]": "unsure"},
        (
            "signals[cause-unknown].when: names the option of cause 'unsure', which is not there; "
            "use one of those that exist (known, not-sure, unknown)."
        ),
    ),
    "signal that demands a need that is absent": (
        {"signals[cause-unknown].demands[1].need": "prove"},
        (
            "signals[cause-unknown].demands: names the need 'prove', which is not there; "
            "use one of those that exist (evidence, outcome)."
        ),
    ),
    "signal that demands a need twice": (
        {"signals[cause-unknown].demands[2]": {"need": "evidence", "weight": 2}},
        "signals[cause-unknown].demands: names 'evidence' 2 times; name it once.",
    ),
    "signal that rules out an engagement model that is absent": (
        {"signals[no-monthly-money].rules_out": ["retained"]},
        (
            "signals[no-monthly-money].rules_out: names the engagement model 'retained', which "
            "is not there; use one of those that exist (audit, project, retainer)."
        ),
    ),
    # Tables
    "guide row to an engagement model that is absent": (
        {"guides": [guide("choosing", ["audit", "review"])]},
        (
            "guides[choosing].rows[row].start_with: names the engagement model 'review', which "
            "is not there; use one of those that exist (audit, project, retainer)."
        ),
    ),
    "service path of an engagement model that is absent": (
        {"service_paths": [service_path("first", "review", {"cause": ["known"]})]},
        (
            "service_paths[first].engagement: names the engagement model 'review', which is not "
            "there; use one of those that exist (audit, project, retainer)."
        ),
    ),
    "service path on a question that is absent": (
        {"service_paths": [service_path("first", "audit", {"caus": ["known"]})]},
        (
            "service_paths[first].when: names the question 'caus', which is not there; "
            "use a question that exists (cause, money, work)."
        ),
    ),
    "service path on an option that is absent": (
        {"service_paths": [service_path("first", "audit", {"cause": ["clear"]})]},
        (
            "service_paths[first].when: names the option of cause 'clear', which is not there; "
            "use one of those that exist (known, not-sure, unknown)."
        ),
    ),
    # Emergencies
    "need to respond without a number to call": (
        RESCUE,
        (
            "emergency: is missing although a need has the phase respond; "
            "say whom to call and what to have ready."
        ),
    ),
    "need to respond that only others carry": (
        {**RESPOND, "engagements[rescue].phase": "run"},
        (
            "engagements: no engagement model of phase respond carries stabilisation; "
            "let one carry all needs of that phase."
        ),
    ),
    "needs to respond that no one carries together": (
        {
            **RESPOND,
            "needs[4]": need("containment", "respond"),
            "engagements[5]": engagement("guard", 5, "respond", ["containment"]),
        },
        (
            "engagements: no engagement model of phase respond carries containment, "
            "stabilisation; let one carry all needs of that phase."
        ),
    ),
    "emergency that can be ruled out": (
        {**RESPOND, "signals[no-monthly-money].rules_out": ["retainer", "rescue"]},
        (
            "signals[no-monthly-money].rules_out: rules out rescue, "
            "but an emergency can never be ruled out; remove it."
        ),
    ),
}


@pytest.mark.parametrize(("places", "told"), MISFITS.values(), ids=MISFITS.keys())
def test_parts_that_do_not_fit(places: dict[str, object], told: str) -> None:
    assert "\n".join(problems_of(changed(places))) == told


@pytest.mark.parametrize("parts", [RESPOND, SCOPE, TRIAGE], ids=["respond", "scope", "triage"])
def test_the_parts_that_were_broken_fit_when_whole(parts: dict[str, object]) -> None:
    assert from_document(changed(parts)).key == "small"


def test_every_problem_that_can_be_told_has_a_case() -> None:
    told = "\n".join(told for _, told in MISFITS.values())
    patterns = problem_patterns(Path(checking.__file__).read_text())

    assert len(patterns) >= 15
    assert [pattern for pattern in patterns if not re.search(pattern, told)] == []


def problem_patterns(source: str) -> list[str]:
    """What each `Problem(where, what, mend)` in a source says, with any text for what varies."""
    calls = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem"
    ]
    return [f": {_pattern(call.args[1])}; {_pattern(call.args[2])}" for call in calls]


def _pattern(text: ast.expr) -> str:
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    return "".join(re.escape(p.value) if isinstance(p, ast.Constant) else ".+" for p in parts)


def test_all_misfits_are_told_at_once() -> None:
    document = changed(
        {
            "entry": "adit",
            "needs[3]": need("sla", "run"),
            "questions[money].ask_when[1].question": "wrok",
            "signals[cause-unknown].when[1].question": "causes",
            "signals[work-to-do].demands[1].need": "outcom",
            "signals[no-monthly-money].rules_out[1]": "retained",
        }
    )
    problems = problems_of(document, "firm.toml")
    assert sorted(problem.split(": ")[0] for problem in problems) == [
        "entry",
        "needs[sla]",
        "questions[money].ask_when",
        "signals[cause-unknown].when",
        "signals[no-monthly-money].rules_out",
        "signals[work-to-do].demands",
    ]
