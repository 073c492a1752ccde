"""The buyer's pages beside the least that Django can do, on the same server, taken in turns.

wrk asks for one address at a time, over eight connections. The floors are in `floors.py`.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.figures import Figure, absolute, figure
from benchmarks.serving import Site, serving
from benchmarks.weight import weights

SCRIPT = Path(__file__).with_name("web.lua")
ROUNDS = 7
SECONDS = 2
CONNECTIONS, MANY = 8, 64
QUERIES = 4

TOKEN = "csrfmiddlewaretoken=" + "a" * 32
FORMS = {
    "write": f"{TOKEN}&choice=3",
    "post": f"{TOKEN}&situation=build",
    "refused": f"{TOKEN}&situation=nothing-of-the-kind",
}
"""What is sent; everything else is asked for by GET."""

REFUSED = "refused"
GOALS = {
    ("home", "read"): 1.3,
    ("playbook", "read"): 1.3,
    ("question", "read"): 3,
    ("recommendation", "read"): 5,
    ("question made anew", "read"): None,
    ("recommendation made anew", "read"): None,
    ("post", "write"): 2,
    (REFUSED, "write"): 2.5,  # it is sent, too; against a read it would be less than a question
    ("read", "constant"): None,
    ("write", "constant"): None,
}
"""A page and the floor beside it: how many times longer it may take."""


@dataclass(frozen=True)
class Load:
    """What came of asking for one address as often as possible."""

    requests: int
    microseconds: int
    lost: int
    refused: int

    @property
    def each(self) -> float:
        """Milliseconds a request, all connections together."""
        return self.microseconds / 1000 / self.requests


def run() -> Iterator[Figure]:
    """Serve, ask in turns, and tell ratios; then what a visit weighs."""
    with serving() as site:
        loads: dict[str, list[Load]] = {name: [] for pair in GOALS for name in pair}
        for name in loads:
            asked(site, name)  # warm, and whether it is what it should be
        for _ in range(ROUNDS):
            for name, many in loads.items():
                many.append(asked(site, name))
        for (page, floor), goal in GOALS.items():
            ours, bare = ([load.each for load in loads[name]] for name in (page, floor))
            ratios = [a / b for a, b in zip(ours, bare, strict=True)]
            yield figure(f"web: {page} / {floor}", median(ratios), ratios, "x", goal=goal)
        yield absolute(
            "web: bare view", [1000 / load.each for load in loads["constant"]], "/s", goal=None
        )
        for name in ("question", "post", "recommendation"):
            load = asked(site, name, connections=MANY)
            yield absolute(
                f"web: errors of {name} at {MANY}", [load.lost + load.refused], "", goal=0
            )
        for name, count in site.queries.items():
            yield absolute(f"web: queries of {name}", [count], "", goal=QUERIES)
        yield from weights(site)


def asked(site: Site, name: str, *, connections: int = CONNECTIONS) -> Load:
    """Ask for one address as often as possible; raise if the answers are not what they should be.

    With more connections than usual, what is lost is counted and told instead.
    """
    form = FORMS.get(name)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "-s", str(SCRIPT)]
    send = ["POST", form] if form else ["GET"]
    done = subprocess.run(
        [*command, f"{site.url}{site.hrefs[name]}", "--", *send],
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    load = Load(**told)
    wanted = load.requests if name == REFUSED else 0
    if connections == CONNECTIONS and (load.lost or load.refused != wanted):
        raise RuntimeError(f"{name}: {load}")
    return load
