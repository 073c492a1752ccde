"""What differs in what is said about an offer, in words that its owner knows."""

import pytest

from advisor.changes import Detail
from tests.factories import (
    REMOVED,
    changed,
    said_of_an_offer,
)
from tests.test_changes import changes, only

OFFER = {f"engagements[audit].{name}": value for name, value in said_of_an_offer().items()}


def test_it_works() -> None:
    """All that is said of an offer is told in words."""
    said = {detail.what: detail.now for detail in only(OFFER).details}

    assert said == {
        "price": ("EUR 900 to 1,200 per month",),
        "other prices": ("An hour more: from EUR 150 per hour",),
        "covers": ("Updates",),
        "separate scope": ("A new module: A project of its own",),
        "service level coverage": ("Monday to Friday, 9:00 to 17:00",),
        "service level channels": ("Telephone",),
        "service level uptime": ("99.5",),
        "service level severities": (
            (
                "Critical (It is down): answered within 1 hour; solved within a day; "
                "updates every hour"
            ),
        ),
        "service level credits": ("missed by More than an hour: 10 percent",),
        "service level credit limit": ("30 percent of a month",),
        "responsibilities": ("Backups: the firm (every night)",),
        "phases": ("Set-up; Week 1; We begin.; A talk; A plan",),
        "training": ("The basics (3 hours); Where the logs are",),
        "escalation path": ("At once: The lead; By telephone",),
        "goes on with": ("afterwards, once it runs",),
    }


@pytest.mark.parametrize(
    ("place", "value", "detail"),
    [
        pytest.param(
            "service_level.severities[1].response",
            "within 2 hours",
            Detail(
                "service level severities",
                ("High (Slow): answered within 1 hour",),
                ("High (Slow): answered within 2 hours",),
            ),
            id="response",
        ),
        pytest.param(
            "service_level",
            REMOVED,
            Detail("service level coverage", was=("Always",)),
            id="no service level",
        ),
        pytest.param(
            "responsibilities[1].party",
            "nobody",
            Detail(
                "responsibilities",
                ("Backups: both together",),
                ("Backups: not part of it",),
            ),
            id="who does what",
        ),
        pytest.param(
            "follow_on",
            REMOVED,
            Detail("goes on with", was=("afterwards, once it runs",)),
            id="goes nowhere",
        ),
    ],
)
def test_a_change_of_what_is_said_is_told(place: str, value: object, detail: Detail) -> None:
    severity = {"title": "High", "meaning": "Slow", "response": "within 1 hour"}
    before = changed(
        {
            "engagements[audit].service_level": {"coverage": "Always", "severities": [severity]},
            "engagements[audit].responsibilities": [{"task": "Backups", "party": "both"}],
            "engagements[audit].follow_on": {"playbook": "afterwards", "when": "it runs"},
        }
    )

    [change] = changes({f"engagements[audit].{place}": value}, before)

    assert detail in change.details


def test_a_need_that_nobody_sells_any_more_is_told() -> None:
    before = changed({"engagements[audit].carries": ["evidence", "outcome"]})
    gone = {f"engagements[{key}].carries": ["evidence"] for key in ("audit", "project", "retainer")}

    told = changes({"needs[outcome].offered": False, **gone}, before)

    [need] = [change for change in told if change.part == "need"]
    assert need.details == (Detail("on offer", ("yes",), ("no",)),)
