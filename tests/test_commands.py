"""The shell: questions, advise, loadplaybooks, exportplaybook, and what they refuse."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from advisor.answers import read_answers
from advisor.loading import document_hash, dump, load, to_document
from advisor.playbook import Playbook
from advisor.rules import recommend
from catalog.models import Playbook as PublishedPlaybook
from catalog.models import PlaybookVersion
from catalog.publishing import publish
from tests.factories import advised, section, signal, small_document, small_playbook, tamper
from tests.scenarios import PLAYBOOKS, ROOT, rulebook_of

INFRASTRUCTURE = ROOT / "fixtures" / "playbooks" / "infrastructure-services.toml"
BOTH = {"cause": "unknown", "work": ["build"], "money": "one-off"}


def told_by(*command: object, **options: object) -> str:
    """What a command writes to the terminal."""
    out = StringIO()
    call_command(*map(str, command), stdout=out, **options)
    return out.getvalue()


def refused(*command: object) -> str:
    """What a command is refused with, having written nothing."""
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command(*map(str, command), stdout=out)
    assert out.getvalue() == ""
    return str(error.value)


def run_manage(*command: object, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py as a shell does, in production and with nothing else in the environment."""
    settings = {"SECRET_KEY": "a-key-of-tests-only-" * 3, "ALLOWED_HOSTS": "advisor.example.com"}
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, command)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **settings, **environ},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a playbook file and files of answers, good and bad."""
    (tmp_path / "small.toml").write_text(dump(small_playbook()))
    (tmp_path / "both.json").write_text(json.dumps(BOTH))
    (tmp_path / "some.json").write_text('{"cause": "known"}')
    (tmp_path / "quotes.json").write_text('{\n  "cause": known\n}')
    (tmp_path / "deep.json").write_text("[" * 200_000)
    (tmp_path / "latin.json").write_bytes(b'{"cause": "\xe9"}')
    (tmp_path / "list.json").write_text('["cause"]')
    (tmp_path / "wrong.json").write_text('{"causes": "known", "money": "much", "work": 1}')
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "quotes.toml").write_text("key = 'small'\ntitle = Small\n")
    (tmp_path / "bad.toml").write_text(
        dump(small_playbook(key="bad"))
        .replace('question = "cause"', 'question = "causes"')
        .replace('entry = "audit"', 'entry = "adit"')
    )
    return tmp_path


# ---- advise -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_it_works(folder: Path) -> None:
    told_by("loadplaybooks", folder / "small.toml")
    recommendation = advised(BOTH)

    told = json.loads(told_by("advise", "small", folder / "both.json", "--json"))

    assert told == recommendation.model_dump(mode="json")
    assert told["outcome"] == {"kind": "pathway", "engagements": ["audit", "project"]}
    assert [fired["signal"] for fired in told["signals"]] == [
        "cause-unknown",
        "work-to-do",
        "no-monthly-money",
    ]


def test_advise_on_a_file_needs_no_database(folder: Path) -> None:
    told = told_by("advise", folder / "small.toml", folder / "both.json", "--json")

    assert json.loads(told) == advised(BOTH).model_dump(mode="json")


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_advise_on_the_samples(path: Path) -> None:
    samples = sorted((ROOT / "fixtures" / "answers" / path.stem).glob("*.json"))
    assert samples
    rulebook = rulebook_of(path.stem)
    for sample in samples:
        told = json.loads(told_by("advise", path, sample, "--json"))
        answers = read_answers(rulebook.playbook, json.loads(sample.read_text()))
        expected = recommend(rulebook, answers).model_dump(mode="json")
        assert told == {**expected, "version": hash_of(rulebook.playbook)}, sample.stem


def hash_of(playbook: Playbook) -> str:
    return document_hash(to_document(playbook))


def test_advise_tells_the_reasons(folder: Path) -> None:
    assert told_by("advise", folder / "small.toml", folder / "both.json") == (
        "pathway: Engagement audit, then Engagement project\n"
        "- Signal cause-unknown (cause = unknown): The reason.\n"
        "- Signal work-to-do (work = build): The reason.\n"
        "- Signal no-monthly-money (money = one-off): The reason.\n"
        "If work were nothing: Engagement audit\n"
        "If cause were known: Engagement project\n"
        "If money were monthly: Engagement retainer\n"
    )


def test_advise_tells_what_stays_open_where_nothing_can_change_the_outcome(folder: Path) -> None:
    (folder / "settled.json").write_text('{"cause": "known", "work": "build"}')
    assert told_by("advise", folder / "small.toml", folder / "settled.json").startswith(
        "single: Engagement project\n"
        "No answer changes that any more; still open: money\n"
        "- Signal work-to-do (work = build): The reason.\n"
    )


def test_advise_on_some_answers_tells_what_is_open(folder: Path) -> None:
    assert told_by("advise", folder / "small.toml", folder / "some.json") == (
        "Not settled yet. Still possible:\n"
        "  entry: Engagement audit\n"
        "  single: Engagement project\n"
        "Next question: work\n"
    )
    told = json.loads(told_by("advise", folder / "small.toml", folder / "some.json", "--json"))
    assert told["outcome"] is None
    assert told["possible"] == [
        {"kind": "entry", "engagements": ["audit"]},
        {"kind": "single", "engagements": ["project"]},
    ]
    assert told["remaining"] == ["work"]


def test_advise_tells_a_conflict_and_what_to_change(folder: Path) -> None:
    no_money = signal("no-monthly-money", {"money": ["one-off"]}, rules_out=["retainer", "project"])
    signals = [*small_document()["signals"][:2], no_money]
    (folder / "small.toml").write_text(dump(small_playbook(signals=signals)))

    assert told_by("advise", folder / "small.toml", folder / "both.json") == (
        "conflict: no engagement fits\n"
        "- Signal cause-unknown (cause = unknown): The reason.\n"
        "- Signal work-to-do (work = build): The reason.\n"
        "- Signal no-monthly-money (money = one-off): The reason.\n"
        "These answers cannot be satisfied together:\n"
        "- work = build\n"
        "- money = one-off\n"
        "Without work = build: Engagement audit\n"
        "Without money = one-off: Engagement retainer\n"
        "If work were nothing: Engagement audit\n"
        "If money were monthly: Engagement retainer\n"
    )


@pytest.mark.parametrize(
    ("playbook", "answers", "told"),
    [
        pytest.param(
            "small.toml",
            "absent.json",
            "There is no file {}/absent.json; give the path of one that exists.",
            id="no file of answers",
        ),
        pytest.param(
            "small.toml",
            "quotes.json",
            "{}/quotes.json, line 2, column 12: no valid JSON (Expecting value); "
            'write {{"question-key": "option-key", …}}.',
            id="malformed answers",
        ),
        pytest.param(
            "small.toml",
            "folder.json",
            "{0}/folder.json cannot be read as UTF-8 text "
            "([Errno 21] Is a directory: '{0}/folder.json').",
            id="a folder for answers",
        ),
        pytest.param(
            "small.toml",
            "latin.json",
            "{}/latin.json cannot be read as UTF-8 text ('utf-8' codec can't decode byte 0xe9 "
            "in position 11: invalid continuation byte).",
            id="answers not in UTF-8",
        ),
        pytest.param(
            "small.toml",
            "deep.json",
            "{}/deep.json: lists stand too deep in each other; "
            'write {{"question-key": "option-key", …}}.',
            id="bottomless answers",
        ),
        pytest.param(
            "small.toml",
            "list.json",
            '{}/list.json: The answers are no table; write {{"question-key": "option-key", ...}}.',
            id="answers in a list",
        ),
        pytest.param(
            "small.toml",
            "wrong.json",
            "{0}/wrong.json: There is no question 'causes' in small (did you mean 'cause'?).\n"
            "{0}/wrong.json: The question 'money' has no option 'much' "
            "(there is monthly, one-off).\n"
            "{0}/wrong.json: The answer to 'work' is 1; give a string or a list of them.",
            id="wrong answers, all at once",
        ),
        pytest.param(
            "absent.toml",
            "both.json",
            "There is no file {}/absent.toml; give the path of one that exists.",
            id="no file of a playbook",
        ),
        pytest.param(
            "quotes.toml",
            "both.json",
            "{}/quotes.toml: 1 problem; nothing was loaded.\n"
            "TOML: Invalid value (at line 2, column 9); mend the syntax at that place.",
            id="malformed playbook",
        ),
    ],
)
def test_advise_refuses(folder: Path, playbook: str, answers: str, told: str) -> None:
    assert refused("advise", folder / playbook, folder / answers) == told.format(folder)


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["advise", "questions"])
def test_unknown_playbook(folder: Path, command: str) -> None:
    answers = [folder / "both.json"] if command == "advise" else []
    mend = "publish its file with `manage.py loadplaybooks FILE.toml`."

    assert refused(command, "smal", *answers) == (
        f"No playbook 'smal' is published (published: none); {mend}"
    )
    publish(small_playbook())
    assert refused(command, "smal", *answers) == (
        f"No playbook 'smal' is published (published: small); {mend}"
    )


@pytest.mark.django_db
def test_playbook_without_a_version(folder: Path) -> None:
    PublishedPlaybook.objects.create(key="draft", title="Draft")

    assert refused("advise", "draft", folder / "both.json").startswith(
        "No playbook 'draft' is published"
    )


# ---- questions ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_questions_with_their_keys_and_conditions() -> None:
    publish(small_playbook())

    told = json.loads(told_by("questions", "small", "--json"))

    assert [(q["key"], q["stage"], q["kind"]) for q in told] == [
        ("cause", "decide", "one"),
        ("work", "decide", "many"),
        ("money", "decide", "one"),
    ]
    assert [o["key"] for o in told[1]["options"]] == ["build", "move", "nothing"]
    assert [o["exclusive"] for o in told[1]["options"]] == [False, False, True]
    assert told[2]["ask_when"] == [{"question": "work", "any_of": ["build", "move"]}]


def test_questions_tell_the_conditions_of_their_section(folder: Path) -> None:
    after = section("after", ask_when=[{"question": "cause", "any_of": ["known"]}])
    first, second, third = small_document()["questions"]
    questions = [first, second, {**third, "section": "after"}]
    playbook = small_playbook(sections=[section("situation"), after], questions=questions)
    (folder / "small.toml").write_text(dump(playbook))

    told = json.loads(told_by("questions", folder / "small.toml", "--json"))

    assert told[2]["ask_when"] == [
        {"question": "cause", "any_of": ["known"]},
        {"question": "work", "any_of": ["build", "move"]},
    ]


def test_questions_for_a_reader(folder: Path) -> None:
    told = told_by("questions", folder / "small.toml")

    assert told.startswith("\ncause (decide, one)\n  Question cause?\n    known            Option")
    assert told.count("(decide, ") == 3


# ---- loadplaybooks ------------------------------------------------------------------------


@pytest.mark.django_db
def test_load_publishes_the_playbooks_of_the_product() -> None:
    told_by("loadplaybooks")

    published = {v.playbook.key: v for v in PlaybookVersion.objects.all()}
    assert published.keys() == {path.stem for path in PLAYBOOKS}
    for path in PLAYBOOKS:
        version = published[path.stem]
        assert version.number == 1
        assert version.rulebook.playbook == load(path.read_text())


@pytest.mark.django_db
def test_load_the_same_document_twice_makes_no_new_version(folder: Path) -> None:
    digest = hash_of(small_playbook())[:12]

    assert told_by("loadplaybooks", folder / "small.toml") == (
        f"small version 1 published ({digest})\n"
    )
    text = (folder / "small.toml").read_text()
    (folder / "small.toml").write_text("# Only a comment is new.\n" + text)
    assert told_by("loadplaybooks", folder / "small.toml") == (
        f"small version 1 is live already ({digest})\n"
    )
    assert PlaybookVersion.objects.count() == 1


@pytest.mark.django_db
def test_load_a_new_document_with_a_note(folder: Path) -> None:
    told_by("loadplaybooks", folder / "small.toml")
    (folder / "small.toml").write_text(dump(small_playbook(minutes=3)))

    told = told_by("loadplaybooks", folder / "small.toml", notes="It takes longer")

    assert told.startswith("small version 2 published (")
    newest, oldest = PlaybookVersion.objects.all()
    assert (newest.number, newest.notes, newest.document["minutes"]) == (2, "It takes longer", 3)
    assert (oldest.number, oldest.notes, oldest.document["minutes"]) == (1, "", 2)


@pytest.mark.django_db
def test_load_a_broken_file_publishes_nothing_at_all(folder: Path) -> None:
    told = refused(
        "loadplaybooks", folder / "small.toml", folder / "bad.toml", folder / "quotes.toml"
    )

    assert told == (
        f"{folder}/bad.toml: 2 problems; nothing was loaded.\n"
        "entry: names the engagement model 'adit', which is not there; "
        "use one of those that exist (audit, project, retainer).\n"
        "signals[cause-unknown].when: names the question 'causes', which is not there; "
        "use a triage or decide question that exists (cause, money, work).\n"
        "\n"
        f"{folder}/quotes.toml: 1 problem; nothing was loaded.\n"
        "TOML: Invalid value (at line 2, column 9); mend the syntax at that place."
    )
    assert not PublishedPlaybook.objects.exists()
    assert not PlaybookVersion.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "told"),
    [
        pytest.param(
            "absent.toml",
            "There is no file {}/absent.toml; give the path of one that exists.",
            id="no file",
        ),
        pytest.param(
            "folder.toml",
            "{0}/folder.toml cannot be read as UTF-8 text "
            "([Errno 21] Is a directory: '{0}/folder.toml').",
            id="a folder",
        ),
    ],
)
def test_load_refuses(folder: Path, name: str, told: str) -> None:
    assert refused("loadplaybooks", folder / "small.toml", folder / name) == told.format(folder)
    assert not PlaybookVersion.objects.exists()


@pytest.mark.django_db
def test_load_refuses_two_files_of_one_key(folder: Path) -> None:
    twin = folder / "twin.toml"
    twin.write_text((folder / "small.toml").read_text())

    assert refused("loadplaybooks", folder / "small.toml", twin) == (
        "Several files have the key small; give each file its own."
    )
    assert not PlaybookVersion.objects.exists()


# ---- exportplaybook -----------------------------------------------------------------------


@pytest.mark.django_db
def test_export_and_load_round_trip(folder: Path) -> None:
    told_by("loadplaybooks", INFRASTRUCTURE)
    version = PlaybookVersion.objects.get()
    exported = folder / "exported.toml"

    told = told_by("exportplaybook", version.playbook.key, "-o", exported)

    assert told == f"{version} written to {exported}\n"
    assert exported.read_text() == told_by("exportplaybook", version.playbook.key)
    assert hash_of(load(exported.read_text())) == version.hash
    assert "is live already" in told_by("loadplaybooks", exported)
    assert PlaybookVersion.objects.count() == 1


@pytest.mark.django_db
def test_export_an_older_version() -> None:
    first, second = small_playbook(), small_playbook(minutes=3)
    publish(first)
    publish(second)

    assert load(told_by("exportplaybook", "small")) == second
    assert load(told_by("exportplaybook", "small", "--number", "1")) == first
    assert load(told_by("exportplaybook", "small", "--number", "2")) == second


@pytest.mark.django_db
def test_export_refuses(folder: Path) -> None:
    publish(small_playbook())
    mend = "publish a file with `manage.py loadplaybooks FILE.toml`."

    assert refused("exportplaybook", "smal") == (
        f"There is no live version of 'smal' (nothing of that name is published); {mend}"
    )
    for number in (0, 2):
        assert refused("exportplaybook", "small", "--number", number) == (
            f"There is no version {number} of 'small' (small version 1); {mend}"
        )
    absent = folder / "absent" / "small.toml"
    assert refused("exportplaybook", "small", "-o", absent) == (
        f"{absent} cannot be written (No such file or directory)."
    )


@pytest.mark.django_db
def test_a_version_that_was_tampered_with_is_neither_run_nor_exported(folder: Path) -> None:
    version, _ = publish(small_playbook(summary="Not compiled before."))
    tamper(version, document={**version.document, "promise": "The largest that you can pay."})

    told = "small version 1 does not match its hash; restore the database."
    assert refused("advise", "small", folder / "both.json") == told
    assert refused("exportplaybook", "small") == told


# ---- In a shell ---------------------------------------------------------------------------


def test_the_same_answers_give_the_same_bytes(tmp_path: Path) -> None:
    sample = ROOT / "fixtures/answers/infrastructure-services/strangers-in-the-booking-system.json"
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}
    told = {
        run_manage(
            "advise", INFRASTRUCTURE, sample, "--json", PYTHONHASHSEED=seed, **environ
        ).stdout
        for seed in ("0", "0", "1", "20")
    }

    assert len(told) == 1
    assert json.loads(told.pop())["outcome"]["engagements"][0] == "emergency-response"


def test_from_an_empty_database_to_advice(folder: Path) -> None:
    environ = {"DATABASE_URL": f"sqlite:///{folder}/db.sqlite3"}

    def told(*command: object) -> str:
        done = run_manage(*command, **environ)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def refusal(*command: object) -> list[str]:
        done = run_manage(*command, **environ)
        assert (done.returncode, done.stdout) == (1, "")
        return done.stderr.splitlines()

    for command in (
        ["loadplaybooks", folder / "small.toml"],
        ["advise", "small", folder / "both.json"],
        ["exportplaybook", "small"],
    ):
        [sentence] = refusal(*command)
        assert sentence.startswith("CommandError: The database cannot be used (no such table")
        assert sentence.endswith("create its tables with `manage.py migrate`.")
    told("migrate", "--verbosity=0")
    assert refusal("loadplaybooks", folder / "small.toml", folder / "bad.toml") == [
        f"CommandError: {folder}/bad.toml: 2 problems; nothing was loaded.",
        (
            "entry: names the engagement model 'adit', which is not there; "
            "use one of those that exist (audit, project, retainer)."
        ),
        (
            "signals[cause-unknown].when: names the question 'causes', which is not there; "
            "use a triage or decide question that exists (cause, money, work)."
        ),
    ]
    [sentence] = refusal("questions", "small", "--json")
    assert sentence.startswith("CommandError: No playbook 'small' is published (published: none)")

    told("loadplaybooks", folder / "small.toml")
    advice = told("advise", "small", folder / "both.json", "--json")
    assert json.loads(advice) == advised(BOTH).model_dump(mode="json")
    assert load(told("exportplaybook", "small")) == small_playbook()


@pytest.mark.parametrize(
    ("command", "told"),
    [
        pytest.param(
            ["advise", "small.toml", "absent.json", "--json"],
            "There is no file {}/absent.json",
            id="no file",
        ),
        pytest.param(
            ["advise", "small.toml", "quotes.json", "--json"],
            "{}/quotes.json, line 2, column 12: no valid JSON",
            id="malformed JSON",
        ),
        pytest.param(
            ["advise", "small.toml", "deep.json", "--json"],
            "{}/deep.json: lists stand too deep",
            id="bottomless JSON",
        ),
        pytest.param(
            ["questions", "folder.toml", "--json"],
            "{}/folder.toml cannot be read",
            id="a folder",
        ),
    ],
)
def test_a_refusal_is_one_sentence(folder: Path, command: list[str], told: str) -> None:
    paths = [folder / name if "." in name else name for name in command]
    environ = {"DATABASE_URL": f"sqlite:///{folder}/db.sqlite3"}

    done = run_manage(*paths, **environ)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("CommandError: " + told.format(folder))
    assert done.stderr.count("\n") == 1
