"""Scenarios as data: read the tables in tests/scenarios/, complete them, decide them."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from advisor.answers import read_answers
from advisor.loading import load
from advisor.rules import Recommendation, Rulebook, compile_playbook, recommend

ROOT = Path(__file__).resolve().parent.parent
PLAYBOOKS = sorted((ROOT / "fixtures" / "playbooks").glob("*.toml"))

TABLES = ROOT / "tests" / "scenarios"

# A buyer of each playbook about whom nothing is remarkable. Answers to questions that are not
# asked never count, so that a scenario names only what matters.
UNEVENTFUL: dict[str, dict[str, Any]] = {
    path.parent.name: tomllib.loads(path.read_text()) for path in TABLES.glob("*/uneventful.toml")
}


@dataclass(frozen=True)
class Scenario:
    """One row: what a buyer answers, and what must come of it for which reasons."""

    playbook: str
    name: str
    engagements: tuple[str, ...]
    signals: tuple[str, ...]
    answers: Mapping[str, tuple[str, ...]]
    row: str = ""
    kind: str = ""
    needs: tuple[str, ...] | None = None
    readiness: Mapping[str, str] | None = None
    services: tuple[str, ...] | None = None
    conflict: Mapping[str, str] | None = None
    texts: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.playbook}: {self.name}"


@cache
def rulebook_of(playbook: str) -> Rulebook:
    """The rulebook of a playbook in fixtures/playbooks."""
    text = (ROOT / "fixtures" / "playbooks" / f"{playbook}.toml").read_text()
    return compile_playbook(load(text, playbook), version=f"{playbook} under test")


def decide(playbook: str, **answers: str | list[str]) -> Recommendation:
    """The recommendation for an uneventful buyer with these answers (`_` stands for `-`)."""
    given = {key.replace("_", "-"): value for key, value in answers.items()}
    return recommend(rulebook_of(playbook), answers_of(playbook, given))


def answers_of(playbook: str, given: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Answers completed with those of an uneventful buyer."""
    return read_answers(rulebook_of(playbook).playbook, {**UNEVENTFUL[playbook], **given})


def all_scenarios() -> list[Scenario]:
    """Every scenario of every table in tests/scenarios/."""
    return [
        scenario
        for path in sorted(TABLES.glob("*/*.toml"))
        if path.name != "uneventful.toml"
        for scenario in _read(path)
    ]


def _read(path: Path) -> list[Scenario]:
    playbook = path.parent.name
    rows = []
    for row in tomllib.loads(path.read_text())["scenario"]:
        texts = {name: row.pop(name) for name in ("title", "story", "why") if name in row}
        if file := row.pop("answers_file", None):
            given = json.loads((ROOT / "fixtures" / "answers" / playbook / file).read_text())
            answers = read_answers(rulebook_of(playbook).playbook, given)
        else:
            answers = answers_of(playbook, row.pop("answers"))
        lists = {name: tuple(value) for name, value in row.items() if isinstance(value, list)}
        rows.append(Scenario(playbook, **{**row, **lists, "answers": answers, "texts": texts}))
    return rows
