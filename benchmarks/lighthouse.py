"""Lighthouse on the pages that matter most, as a phone and as a desk sees them.

The server is that of the other measurements: production settings and compressed files, but plain
HTTP, because there is no certificate here. What Lighthouse says of that alone is told and does not
count: 127.0.0.1 is as good as HTTPS for a browser, so that nothing else is judged otherwise.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.serving import Site, serving

PAGES = ("home", "question", "recommendation")
PRESETS = {"phone": (), "desk": ("--preset=desktop",)}
CATEGORIES = ("performance", "accessibility", "best-practices")
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage"
ONLY_HTTPS = {"is-on-https", "redirects-http"}
RUNS = 5
"""How often each page is judged: its own makers count the median of five, because the processor of
a phone is made up from how fast this one happens to be at the moment."""


@dataclass(frozen=True)
class Verdict:
    """The score of a page in a category, what takes points off, and how far the runs differ."""

    page: str
    preset: str
    category: str
    score: int
    faults: tuple[str, ...]
    spread: tuple[int, int]

    def __str__(self) -> str:
        """One line of the table."""
        told = f"{self.page:<16} {self.preset:<6} {self.category:<15} {self.score:>4}"
        lowest, highest = self.spread
        runs = f"({lowest} to {highest})" if lowest < highest else ""
        return f"{told}  {runs} {'; '.join(self.faults)}".rstrip()


def main(tools: Path, pages: Sequence[str]) -> int:
    """Print every score of these pages; return 1 when one is below 100."""
    verdicts = []
    with serving() as site, TemporaryDirectory() as folder:
        for page in pages:
            for preset in PRESETS:
                file = Path(folder, "report.json")
                reports = [judged(site, page, preset, tools, file) for _ in range(RUNS)]
                for category in CATEGORIES:
                    verdict = median_of(
                        [verdict_of(report, page, preset, category) for report in reports]
                    )
                    print(verdict, flush=True)
                    verdicts.append(verdict)
    return int(any(verdict.score < 100 for verdict in verdicts))


def judged(site: Site, page: str, preset: str, tools: Path, report: Path) -> dict[str, Any]:
    """Run Lighthouse once on a page; now and then it misses the start of one and asks for more."""
    node = next(
        path for path in (tools / "node_modules/node/bin/node", Path("node")) if path.exists()
    )
    command = [
        *(node, tools / "node_modules/lighthouse/cli/index.js", site.url + site.hrefs[page]),
        *(f"--only-categories={','.join(CATEGORIES)}", "--quiet", *PRESETS[preset]),
        *("--output=json", f"--output-path={report}", f"--chrome-flags={FLAGS}"),
    ]
    environ = {**os.environ, "CHROME_PATH": os.environ["CHROMIUM"]}
    if subprocess.run(command, env=environ, stderr=subprocess.DEVNULL, check=False).returncode:
        subprocess.run(command, env=environ, check=True)
    told: dict[str, Any] = json.loads(report.read_text())
    return told


def verdict_of(report: dict[str, Any], page: str, preset: str, category: str) -> Verdict:
    """The score without what only HTTPS can give, and the audits that cost points."""
    audits = report["audits"]
    counted = [
        (ref["weight"], audits[ref["id"]])
        for ref in report["categories"][category]["auditRefs"]
        if ref["weight"] and audits[ref["id"]]["score"] is not None and ref["id"] not in ONLY_HTTPS
    ]
    total = sum(weight for weight, _ in counted)
    score = sum(weight * audit["score"] for weight, audit in counted) / total
    faults = tuple(
        f"{audit['id']} {audit.get('displayValue', '')}".strip().replace("\u00a0", " ")
        for _, audit in counted
        if audit["score"] < 0.9
    )
    points = round(100 * score)
    return Verdict(page, preset, category, points, faults, (points, points))


def median_of(verdicts: list[Verdict]) -> Verdict:
    """The verdict in the middle, with the spread of all."""
    ordered = sorted(verdicts, key=lambda verdict: verdict.score)
    return replace(ordered[len(ordered) // 2], spread=(ordered[0].score, ordered[-1].score))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2:] or PAGES))
