"""The documentation is true: its paths exist, its commands run, its words are used."""

import re
import shlex
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

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


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
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
