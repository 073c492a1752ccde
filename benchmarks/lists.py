"""The lists behind the counter: page one at 100,000 assessments against page one at 1,000."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from advisor.answers import read_answers
from advisor.rules import recommend
from benchmarks.figures import Figure, ratio
from benchmarks.router import Router
from catalog.models import Playbook
from engagements.models import Assessment, BriefVersion, Decision, Recommendation, Review, State

SAMPLES = Path(settings.BASE_DIR, "fixtures", "answers", "infrastructure-services")
SIZES = {"default": 1_000, "many": 100_000}
ROUNDS = 25
GOAL = 1.2  # the design's measurements have it for a list of a million rows

PLAYBOOK = "infrastructure-services"
QUEUE, DESK = "admin:engagements_assessment_changelist", "engagements:desk"
PAGES = {
    "queue": (QUEUE, ""),
    "queue, waiting for review": (QUEUE, "?state=waiting"),
    "desk": (DESK, ""),
    "desk, one engagement model": (DESK, f"?engagement={PLAYBOOK}.audit"),
    "queue, one engagement model": (QUEUE, f"?engagement={PLAYBOOK}/audit"),
    "engagement models": ("admin:catalog_engagementmodel_changelist", ""),
    "buying signals": ("admin:catalog_signal_changelist", ""),
    "questions": ("admin:catalog_question_changelist", ""),
    "playbook versions": ("admin:catalog_playbookversion_changelist", ""),
}
"""What is listed, with the address of the page."""

NO_GOAL = {"desk, one engagement model", "queue, one engagement model"}
"""Filters over a joined table look at some thousand rows to count a thousand; then it stops."""


def run() -> Iterator[Figure]:
    """Fill two databases, then time each list on both in turns."""
    with TemporaryDirectory() as folder:
        clients = {}
        for alias, count in SIZES.items():
            connections[alias].settings_dict["NAME"] = str(Path(folder, f"{alias}.sqlite3"))
            Router.acting = alias
            fill(alias, count)
            clients[alias] = signed_in()
        for name, (view, query) in PAGES.items():
            calls = {
                alias: page(alias, partial(clients[alias].get, reverse(view) + query))
                for alias in SIZES
            }
            for call in calls.values():
                call()  # warm
            yield ratio(
                f"{name}: {SIZES['many']:,} rows / {SIZES['default']:,}",
                calls["many"],
                calls["default"],
                goal=None if name in NO_GOAL else GOAL,
                rounds=ROUNDS,
            )
        connections.close_all()


def page(alias: str, get: Callable[[], object]) -> Callable[[], None]:
    """A call of a page on one database."""

    def call() -> None:
        Router.acting = alias
        response = get()
        if response.status_code != 200 or b"<td" not in response.content:
            raise RuntimeError(f"{response.request['PATH_INFO']}: {response.status_code}, no row")

    return call


def fill(alias: str, count: int) -> None:
    """Make a database with one playbook and so many assessments, half of them reviewed.

    Recommendations have a document as the engine returns it. Those of briefs are left empty: no
    list may read them.
    """
    call_command("migrate", database=alias, verbosity=0)
    call_command("loadplaybooks", verbosity=0)
    version = Playbook.objects.get().live
    keys = [model.key for model in version.rulebook.playbook.engagements]
    answers = json.loads(next(SAMPLES.glob("*.json")).read_text())
    recommended = recommend(
        version.rulebook, read_answers(version.rulebook.playbook, answers)
    ).model_dump(mode="json")
    reviewer = get_user_model().objects.create_superuser("measure", password=None)
    now = timezone.now()
    states = (State.ANSWERING, State.WAITING, State.APPROVED, State.OVERRIDDEN)
    rows: dict[type, list[object]] = {
        Assessment: [],
        Recommendation: [],
        Review: [],
        BriefVersion: [],
    }
    for pk in range(1, count + 1):
        state = states[pk % 4]
        at = now - timedelta(minutes=10 * (count - pk))
        issued = {"assessment_id": pk, "number": 1, "created_at": at}
        key = keys[pk // 4 % len(keys)]
        reviewed = state in (State.APPROVED, State.OVERRIDDEN)
        rows[Assessment].append(
            Assessment(
                pk=pk,
                version=version,
                created_at=at,
                contact_firm=f"Firm {pk}",
                contact_name=f"Buyer {pk}",
                contact_email=f"buyer{pk}@firm.example",
                state=state,
                settled=state != State.ANSWERING,
                recommendation_id=None if state == State.ANSWERING else pk,
                review_id=pk if reviewed else None,
            )
        )
        if state != State.ANSWERING:
            rows[Recommendation].append(
                Recommendation(
                    pk=pk, document=recommended, kind="single", engagement=key, score=100, **issued
                )
            )
        if reviewed:
            rows[Review].append(
                Review(
                    pk=pk,
                    recommendation_id=pk,
                    decision=Decision(state.value),
                    engagement=key,
                    reviewer=reviewer,
                    **issued,
                )
            )
            rows[BriefVersion].append(
                BriefVersion(pk=pk, recommendation_id=pk, review_id=pk, content={}, **issued)
            )
    with transaction.atomic(using=alias):
        for model, many in rows.items():
            model.objects.bulk_create(many, batch_size=5_000)


def signed_in() -> Client:
    """A client of a superuser, who may see every list."""
    client = Client()
    client.force_login(get_user_model().objects.get(username="measure"))
    return client
