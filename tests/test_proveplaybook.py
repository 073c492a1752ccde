"""The shell: prove a playbook, replay what refutes it, and fail where it cannot be published."""

import json
import os
import shlex
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from advisor.loading import dump
from catalog.publishing import publish
from tests.factories import Document, option, put, signal, small_document, small_playbook
from tests.scenarios import PLAYBOOKS, ROOT

KEY = "a-key-of-tests-only-" * 3
TWIN = signal("twin", {"cause": ["unknown"]}, {"evidence": 1})
ACKNOWLEDGED = {"claim": "signal-matters", "about": "twin", "why": "It\nexplains."}


def written(folder: Path, **places: object) -> str:
    """A file with the small playbook and a twin of a signal."""
    document: Document = small_document()
    put(document, "signals.4", TWIN)
    for place, value in places.items():
        put(document, place, value)
    path = folder / "small.toml"
    path.write_text(dump(small_playbook(**document)))
    return str(path)


def told_by(*command: str, **options: object) -> tuple[str, str]:
    """What a command writes, and what it fails with."""
    out = StringIO()
    try:
        call_command(*command, stdout=out, **options)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def test_it_works(tmp_path: Path) -> None:
    out, error = told_by("proveplaybook", written(tmp_path))

    lines = out.splitlines()
    assert "one-outcome: 1 of 1 proved" in lines
    assert "signal-matters: 3 of 4 proved" in lines
    assert (
        "  refuted twin: “Signal twin” fires, and the outcome is the same without it: where it "
        "does, others say as much (“Signal cause-unknown”)."
    ) in lines
    assert error == (
        "1 claim is not proved, and nobody has acknowledged it (signal-matters twin): mend the "
        "playbook, or say in its `acknowledgements` why it is meant to be so."
    )


def test_what_is_acknowledged_can_be_published(tmp_path: Path) -> None:
    out, error = told_by("proveplaybook", written(tmp_path, acknowledgements=[ACKNOWLEDGED]))
    assert "    acknowledged: It explains.\n" in out
    assert error == ""


def test_it_names_acknowledgements_that_nothing_needs(tmp_path: Path) -> None:
    acknowledgements = [ACKNOWLEDGED, {**ACKNOWLEDGED, "about": "work-to-do"}]
    out, error = told_by("proveplaybook", written(tmp_path, acknowledgements=acknowledgements))
    needless = "signal-matters work-to-do: its acknowledgement is not needed any more."
    assert out.splitlines()[-1] == needless
    assert error == ""


@pytest.mark.django_db
def test_it_proves_what_is_published() -> None:
    publish(small_playbook())
    out, error = told_by("proveplaybook", "small")
    assert "signal-fires: 3 of 3 proved" in out
    assert error == ""


@pytest.mark.django_db
def test_a_playbook_that_is_not_there_is_told() -> None:
    out, error = told_by("proveplaybook", "unknown")
    assert out == ""
    assert error.startswith("No playbook 'unknown' is published")


def test_programs_get_every_proof(tmp_path: Path) -> None:
    out, error = told_by("proveplaybook", written(tmp_path), json=True)

    [refuted] = [proof for proof in json.loads(out) if not proof["proved"]]
    assert refuted["claim"] == "signal-matters"
    assert refuted["about"] == "twin"
    assert refuted["witness"]["cause"] == ["unknown"]
    assert refuted["beside"] is None
    assert refuted["acknowledged"] is None
    assert refuted["decided"]
    assert error


def run(command: str) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell in the project's folder, with the Python of the tests."""
    return subprocess.run(
        ["sh", "-c", command.replace("python ", f"{shlex.quote(sys.executable)} ", 1)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SECRET_KEY": KEY, "ALLOWED_HOSTS": "advisor.example.com"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_every_witness_is_replayed_by_the_line_that_is_printed(tmp_path: Path) -> None:
    folder = tmp_path / "it's here"
    folder.mkdir()
    path = written(folder, **{"questions[cause].options.4": option("perhaps")})
    out, _ = told_by("proveplaybook", path)

    lines = [line.partition(": ")[2] for line in out.splitlines() if "advise" in line]
    assert len(lines) == 3
    told = [run(line) for line in lines]
    assert [shown.returncode for shown in told] == [0, 0, 0]
    twin, perhaps, known = (shown.stdout for shown in told)
    assert "- Signal twin (cause = unknown)" in twin
    assert perhaps.splitlines()[0] == known.splitlines()[0]


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_what_is_shipped_can_be_published(path: Path) -> None:
    _, error = told_by("proveplaybook", str(path))
    assert error == ""
