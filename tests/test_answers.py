"""Reading answers: what counts as one, and how everything wrong is told at once."""

import json
from pathlib import Path
from typing import Any

import pytest

from advisor.answers import AnswersError, read_answers
from tests.factories import question, section, small_document, small_playbook
from tests.scenarios import ROOT, rulebook_of

SAMPLES = sorted((ROOT / "fixtures" / "answers").glob("*/*.json"))

PLAYBOOK = small_playbook(
    sections=[section("situation"), section("scope", "scope")],
    questions=[
        *small_document()["questions"],
        question("owner", kind="line", section="scope"),
        question("goal", kind="text", section="scope"),
    ],
)


def problems_with(given: object) -> list[str]:
    with pytest.raises(AnswersError) as refused:
        read_answers(PLAYBOOK, given)
    assert str(refused.value) == "\n".join(refused.value.problems)
    return refused.value.problems


def test_it_works() -> None:
    given = {
        "cause": "unknown",
        "work": ["build", "move"],
        "money": ["one-off"],
        "owner": "Ada Lovelace",
        "goal": "It works.\n\nAnd keeps working.",
    }
    assert read_answers(PLAYBOOK, given) == {
        "cause": ("unknown",),
        "work": ("build", "move"),
        "money": ("one-off",),
        "owner": ("Ada Lovelace",),
        "goal": ("It works.\n\nAnd keeps working.",),
    }


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_samples_can_be_read(path: Path) -> None:
    given = json.loads(path.read_text())
    assert read_answers(rulebook_of(path.parent.name).playbook, given).keys() == given.keys()


def test_there_are_samples_of_a_dozen_buyers() -> None:
    assert len(SAMPLES) >= 12


def test_no_answers_are_answers() -> None:
    assert read_answers(PLAYBOOK, {}) == {}


@pytest.mark.parametrize("empty", ["", "  ", "\n", [], [""], ["", " "], ()], ids=repr)
@pytest.mark.parametrize("key", ["cause", "work", "goal"])
def test_an_empty_answer_is_unanswered(key: str, empty: object) -> None:
    assert read_answers(PLAYBOOK, {key: empty}) == {}


def test_space_around_an_answer_is_not_part_of_it() -> None:
    given = {"cause": " known\n", "work": ["build ", ""], "goal": "  Calm nights. "}
    assert read_answers(PLAYBOOK, given) == {
        "cause": ("known",),
        "work": ("build",),
        "goal": ("Calm nights.",),
    }


def test_an_exclusive_option_by_itself() -> None:
    assert read_answers(PLAYBOOK, {"work": ["nothing"]}) == {"work": ("nothing",)}


@pytest.mark.parametrize(
    ("key", "longest"),
    [pytest.param("owner", 300, id="line"), pytest.param("goal", 4000, id="text")],
)
def test_the_longest_text_fits_and_no_longer_one(key: str, longest: int) -> None:
    assert read_answers(PLAYBOOK, {key: "x" * longest}) == {key: ("x" * longest,)}
    assert problems_with({key: "x" * (longest + 1)}) == [
        f"The answer to '{key}' is too long; {longest} characters fit."
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param(
            {"causes": "known"},
            "There is no question 'causes' in small (did you mean 'cause'?).",
            id="unknown question that is near one",
        ),
        pytest.param(
            {"colour": "blue"},
            "There is no question 'colour' in small (there is cause, work, money, owner, goal).",
            id="unknown question",
        ),
        pytest.param(
            {"colour": ""},
            "There is no question 'colour' in small (there is cause, work, money, owner, goal).",
            id="unknown question without an answer",
        ),
        pytest.param(
            {"": "known"},
            "There is no question '' in small (there is cause, work, money, owner, goal).",
            id="question without a name",
        ),
        pytest.param(
            {3: "known"},
            "There is no question 3 in small (there is cause, work, money, owner, goal).",
            id="a number for a question",
        ),
        pytest.param(
            {"money": "one off"},
            "The question 'money' has no option 'one off' (did you mean 'one-off'?).",
            id="unknown option that is near one",
        ),
        pytest.param(
            {"money": "yearly!"},
            "The question 'money' has no option 'yearly!' (there is monthly, one-off).",
            id="unknown option",
        ),
        pytest.param(
            {"money": "MONTHLY"},
            "The question 'money' has no option 'MONTHLY' (there is monthly, one-off).",
            id="option in capitals",
        ),
        pytest.param(
            {"cause": ["known", "unknown"]},
            "The question 'cause' takes one option, not 2.",
            id="two options where one is taken",
        ),
        pytest.param(
            {"work": ["build", "nothing"]},
            "The question 'work' takes the option 'nothing' by itself only.",
            id="exclusive option with another",
        ),
        pytest.param(
            {"work": ["build", "move", "build"]},
            "The answer to 'work' names an option twice.",
            id="an option twice",
        ),
        pytest.param(
            {"cause": ["known", "known"]},
            "The answer to 'cause' names an option twice.",
            id="an option twice where one is taken",
        ),
        pytest.param(
            {"goal": ["Calm nights.", "Less work."]},
            "The question 'goal' takes one text.",
            id="two texts",
        ),
        pytest.param(
            {"cause": 1},
            "The answer to 'cause' is 1; give a string or a list of them.",
            id="number",
        ),
        pytest.param(
            {"cause": None},
            "The answer to 'cause' is None; give a string or a list of them.",
            id="null",
        ),
        pytest.param(
            {"cause": True},
            "The answer to 'cause' is True; give a string or a list of them.",
            id="boolean",
        ),
        pytest.param(
            {"work": {"build": True}},
            "The answer to 'work' is {'build': True}; give a string or a list of them.",
            id="table",
        ),
        pytest.param(
            {"work": [["build"]]},
            "The answer to 'work' is [['build']]; give a string or a list of them.",
            id="list in a list",
        ),
        pytest.param(
            {"work": ["build", None]},
            "The answer to 'work' is ['build', None]; give a string or a list of them.",
            id="null in a list",
        ),
        pytest.param(
            {"goal": 4000},
            "The answer to 'goal' is 4000; give a string or a list of them.",
            id="number for a text",
        ),
    ],
)
def test_an_answer_that_does_not_fit(given: dict[Any, object], told: str) -> None:
    assert problems_with(given) == [told]


@pytest.mark.parametrize("given", [None, [], ["cause"], "cause", 1, True], ids=repr)
def test_no_table_of_answers(given: object) -> None:
    assert problems_with(given) == [
        'The answers are no table; write {"question-key": "option-key", ...}.'
    ]


def test_all_that_does_not_fit_is_told_at_once() -> None:
    given = {
        "causes": "known",
        "cause": ["known", "unknown"],
        "work": ["biuld", "nothing", "sleep"],
        "money": "monthly",
        "owner": 7,
        "goal": "x" * 5000,
    }
    assert problems_with(given) == [
        "There is no question 'causes' in small (did you mean 'cause'?).",
        "The question 'cause' takes one option, not 2.",
        "The question 'work' has no option 'biuld' (did you mean 'build'?).",
        "The question 'work' has no option 'sleep' (there is build, move, nothing).",
        "The question 'work' takes the option 'nothing' by itself only.",
        "The answer to 'owner' is 7; give a string or a list of them.",
        "The answer to 'goal' is too long; 4000 characters fit.",
    ]
