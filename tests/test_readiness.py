"""What answers tell about a start: the prerequisites in place, and the first services."""

import pytest

from advisor.rules import Recommendation
from advisor.rules.scope import service_paths_of
from tests.factories import (
    BOTH,
    advised,
    conditions,
    decided,
    option,
    prerequisite,
    question,
    section,
    service_path,
    small_document,
    small_playbook,
)


def ready(recommendation: Recommendation) -> list[tuple[str, str, str]]:
    return [(r.engagement, r.prerequisite, r.status) for r in recommendation.readiness]


def checklist(**changes: object) -> dict[str, object]:
    """The small playbook with a checklist after the recommendation of an audit."""
    audit, *others = small_document()["engagements"]
    audit["prerequisites"] = [
        prerequisite("access", "ready", met=["access"], unknown=["not-sure"]),
        prerequisite("owner", "ready", met=["owner"], unknown=["not-sure"]),
    ]
    options = ["access", "owner", option("not-sure", exclusive=True)]
    asked = question("ready", options, kind="many", section="scope", engagements=["audit"])
    return {
        "engagements": [audit, *others],
        "sections": [section("situation"), section("scope", "scope")],
        "questions": [*small_document()["questions"], {**asked, **changes}],
    }


AUDIT = {"cause": "unknown", "work": "nothing"}


@pytest.mark.parametrize(
    ("answers", "access", "owner"),
    [
        pytest.param({"ready": ["access"]}, "met", "missing", id="one of two"),
        pytest.param({"ready": ["access", "owner"]}, "met", "met", id="both"),
        pytest.param({"ready": ["not-sure"]}, "unknown", "unknown", id="not sure"),
        pytest.param({}, "unknown", "unknown", id="unanswered"),
    ],
)
def test_readiness_of_the_first_step(answers: dict[str, object], access: str, owner: str) -> None:
    assert ready(advised({**AUDIT, **answers}, **checklist())) == [
        ("audit", "access", access),
        ("audit", "owner", owner),
    ]


def test_readiness_is_of_the_first_step_only() -> None:
    parts = checklist()
    recommendation = advised({**BOTH, "money": "one-off", "ready": ["owner"]}, **parts)

    assert decided(recommendation) == ("pathway", "audit", "project")
    assert {engagement for engagement, *_ in ready(recommendation)} == {"audit"}


def test_readiness_read_from_an_answer_that_decides() -> None:
    assert ready(advised(BOTH)) == [("retainer", "budget", "met")]


def test_readiness_read_from_a_deciding_answer_off_the_path_is_unknown() -> None:
    """Money is not asked where there is no work, so what was said of it before is not counted."""
    audit, *others = small_document()["engagements"]
    audit["prerequisites"] = [prerequisite("fee", "money", met=["one-off"])]
    models = {"engagements": [audit, *others]}

    assert ready(advised({**AUDIT, "money": "one-off"}, **models)) == [("audit", "fee", "unknown")]
    assert ready(advised({**BOTH, "money": "one-off"}, **models)) == [("audit", "fee", "met")]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"engagements": ["retainer"]}, id="asked before another engagement"),
        pytest.param({"ask_when": conditions({"cause": ["known"]})}, id="asked of others"),
    ],
)
def test_readiness_read_from_a_question_that_is_not_asked_is_unknown(
    changes: dict[str, object],
) -> None:
    recommendation = advised({**AUDIT, "ready": ["access"]}, **checklist(**changes))

    assert {status for *_, status in ready(recommendation)} == {"unknown"}


@pytest.mark.parametrize(
    ("engagement", "cause", "expected"),
    [
        pytest.param("audit", "unknown", ["look"], id="the one for this answer"),
        pytest.param("audit", "known", [], id="none for another answer"),
        pytest.param("project", "unknown", ["build"], id="the one for another engagement"),
        pytest.param("retainer", "unknown", [], id="none for an engagement without"),
    ],
)
def test_the_first_services_are_those_of_the_engagement_and_the_answer(
    engagement: str, cause: str, expected: list[str]
) -> None:
    paths = [
        service_path("look", "audit", {"cause": ["unknown", "not-sure"]}),
        service_path("build", "project", {"cause": ["unknown"]}),
    ]
    found = service_paths_of(small_playbook(service_paths=paths), engagement, {"cause": (cause,)})

    assert [path.key for path in found] == expected
