"""Make the buyers whose pages are measured; print their addresses, and what each page asks.

Run in a process of its own on `benchmarks.web_settings`, beside the server.
"""

import json
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - all of these want the settings
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from catalog.models import Playbook  # noqa: E402
from engagements.assessing import issue_recommendation  # noqa: E402
from engagements.models import Assessment  # noqa: E402
from tests.buyers import PLAYBOOK, begin, to  # noqa: E402
from tests.scenarios import answers_of  # noqa: E402

UNPROVEN = {"situation": "unproven", "rhythm": "monthly", "money": "evidence-first"}
"""A buyer who gets a pathway of two steps, with all that is told of both."""


def main() -> None:
    """Fill the database, and tell the addresses by name as JSON."""
    call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)
    call_command("loadplaybooks", verbosity=0, stdout=sys.stderr)
    version = Playbook.objects.get(key=PLAYBOOK).live

    def answering() -> Assessment:
        return begin(version, {"red-flags": "none"})

    decided = begin(version, answers_of(PLAYBOOK, UNPROVEN))
    issue_recommendation(decided)
    question = ("question", "situation")
    hrefs = {
        "constant": "/floor/constant/",
        "read": f"/floor/read/{answering().token}/",
        "write": f"/floor/write/{answering().token}/",
        "home": "/",
        "playbook": f"/playbooks/{PLAYBOOK}/",
        "start": f"/playbooks/{PLAYBOOK}/start/",
        "question": to(answering(), *question),
        "post": to(answering(), *question),
        "refused": to(answering(), *question),
        "check": to(decided, "check"),
        "recommendation": to(decided, "recommendation"),
    }
    for name in ("question", "recommendation"):
        hrefs[f"{name} made anew"] = f"/floor/anew{hrefs[name]}"
    asked = {name: queries(hrefs[name]) for name in ("question", "check", "recommendation")}
    json.dump({"hrefs": hrefs, "queries": asked}, sys.stdout)


def queries(href: str) -> int:
    """How often a page asks the database in a process that has compiled the playbook."""
    count = 0

    def note(execute, *args):  # type: ignore[no-untyped-def]
        nonlocal count
        count += 1
        return execute(*args)

    client = Client()
    client.get(href)
    with connection.execute_wrapper(note):
        if client.get(href).status_code != 200:
            raise RuntimeError(f"{href} does not answer with itself.")
    return count


main()
