"""Run the benchmarks, print a table, and write benchmarks/latest.json.

Every figure is a ratio of medians within one run, the two sides taken in turns, because absolute
figures swing with the machine. The spread is the middle half of the single ratios.
"""

import json
import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")

django.setup()

from benchmarks import lists, rules, web  # noqa: E402 - they want the settings

PARTS = {"rules": rules.run, "lists": lists.run, "web": web.run}
LATEST = Path(__file__).with_name("latest.json")


def main(wanted: list[str]) -> int:
    """Run the parts that are named, or all; return 1 when a goal is missed."""
    if unknown := [part for part in wanted if part not in PARTS]:
        sys.stderr.write(f"There is no part {', '.join(unknown)}; there is {', '.join(PARTS)}.\n")
        return 2
    figures = []
    for part in wanted or PARTS:
        for figure in PARTS[part]():
            print(figure, flush=True)
            figures.append(figure)
    rows = [figure.as_row() for figure in figures]
    if wanted and LATEST.exists():  # what the other parts measured last stays
        names = {row["name"] for row in rows}
        rows += [row for row in json.loads(LATEST.read_text()) if row["name"] not in names]
    LATEST.write_text(json.dumps(rows, indent=2) + "\n")
    return 0 if all(figure.holds for figure in figures) else 1


sys.exit(main(sys.argv[1:]))
