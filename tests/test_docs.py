"""The documentation is true: its paths exist, its commands run, its words are used."""

import re
import shlex
from pathlib import Path
from typing import get_args

import pytest
from django.conf import settings
from django.core.management import call_command

from advisor.loading import load
from advisor.playbook import Playbook
from advisor.rules import compile_playbook, recommend
from advisor.texts import Part

ROOT = Path(settings.BASE_DIR)
README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def manage_commands() -> list[list[str]]:
    """The words of every `manage.py` command in README's blocks for the shell."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line.split("manage.py", 1)[1]) for line in lines if "manage.py" in line]


def test_it_works() -> None:
    assert {words[0] for words in manage_commands()} >= {"questions", "advise", "brief"}


@pytest.mark.parametrize(
    "words",
    [words for words in manage_commands() if words[0] in {"questions", "advise", "brief"}],
    ids=lambda words: words[0],
)
@pytest.mark.django_db
def test_the_commands_run(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("loadplaybooks", verbosity=0)
    words = [str(tmp_path / word) if word == "brief.pdf" else word for word in words]

    call_command(*words)

    assert capsys.readouterr().out or (tmp_path / "brief.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_exists(document: Path) -> None:
    text = document.read_text()
    # What running the product makes is not there before it has run.
    named = {path for path in re.findall(r"`([\w.-]+/[\w./-]*)`", text) if path[:4] != "var/"}
    linked = set(re.findall(r"\]\(([^)#:]+)\)", text))

    assert not [path for path in named if not (ROOT / path).exists()]
    assert not [path for path in linked if not (document.parent / path).exists()]


def test_every_setting_is_described() -> None:
    read = set(re.findall(r"environ\.get\(\"(\w+)\"", (ROOT / "advisor/settings.py").read_text()))

    assert read == set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE)) | {"DJANGO_DEBUG"}


@pytest.mark.parametrize("target", sorted(set(re.findall(r"make ([a-z-]+)", README))))
def test_every_make_target_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


PLAYBOOK_REFERENCE = (ROOT / "docs" / "playbook.md").read_text()


def parts_of(kind: type[Part]) -> set[type[Part]]:
    """A type of part with every type of part in it."""
    inner = {
        found
        for field in kind.model_fields.values()
        for found in _types_in(field.annotation)
        if issubclass(found, Part)
    }
    return {kind, *(part for found in inner for part in parts_of(found))}


def _types_in(annotation: object) -> set[type]:
    if isinstance(annotation, type):
        return {annotation}
    return {found for part in get_args(annotation) for found in _types_in(part)}


@pytest.mark.parametrize(
    "kind", sorted(parts_of(Playbook), key=lambda kind: kind.__name__), ids=lambda k: k.__name__
)
def test_everything_that_a_playbook_can_say_is_described(kind: type[Part]) -> None:
    tables = re.sub(r"```.*?```", "", PLAYBOOK_REFERENCE, flags=re.DOTALL)
    described = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]+)`", tables))))

    assert not set(kind.model_fields) - described


def test_the_smallest_playbook_works() -> None:
    [text] = re.findall(r"```toml\n(.*?)```", PLAYBOOK_REFERENCE, re.DOTALL)
    rulebook = compile_playbook(load(text), version="of the documentation")

    recommended = {
        answer: recommend(rulebook, {"fault": (answer,)}).first
        for answer in ("known", "unknown", "nothing")
    }

    assert recommended == {"known": "repair-job", "unknown": "check", "nothing": "check"}
