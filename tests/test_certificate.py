"""Why each other engagement model is not the first step."""

from advisor.rules import Recommendation
from tests.factories import (
    BOTH,
    Document,
    Keys,
    advised,
    conditions,
    decided,
    emergency_offer,
    small_document,
    wanting,
)


def certificate(recommendation: Recommendation) -> list[Keys]:
    """Each line: engagement model, side, verdict, then its needs and signals."""
    return [
        (c.engagement, c.side, c.verdict, *c.needs, *c.signals) for c in recommendation.certificate
    ]


def test_certificate_smaller_ones_cannot_carry_it() -> None:
    assert certificate(advised(BOTH)) == [
        ("audit", "smaller", "cannot-carry", "outcome", "work-to-do"),
        ("project", "smaller", "cannot-carry", "evidence", "cause-unknown"),
    ]


def test_certificate_larger_ones_are_not_needed_or_cannot_carry_it_either() -> None:
    assert certificate(advised({"cause": "unknown", "work": "nothing"})) == [
        ("project", "larger", "cannot-carry", "evidence", "cause-unknown"),
        ("retainer", "larger", "not-needed", "outcome"),
    ]


def test_certificate_where_nothing_is_demanded() -> None:
    assert certificate(advised({"cause": "known", "work": "nothing"})) == [
        ("project", "larger", "not-needed", "outcome"),
        ("retainer", "larger", "not-needed", "evidence", "outcome"),
    ]


def test_certificate_of_a_pathway() -> None:
    assert certificate(advised({**BOTH, "money": "one-off"})) == [
        ("project", "larger", "comes-later"),
        ("retainer", "larger", "ruled-out", "no-monthly-money"),
    ]


def no_money_for_audits() -> list[Document]:
    first, second, third = small_document()["signals"]
    return [first, second, {**third, "rules_out": ["audit"]}]


def test_certificate_a_smaller_one_that_is_ruled_out() -> None:
    can_do_all = {"carries": ["evidence", "outcome"]}
    audit, *others = small_document()["engagements"]
    recommendation = advised(
        {**BOTH, "money": "one-off"},
        signals=no_money_for_audits(),
        engagements=[{**audit, **can_do_all}, *others],
    )

    assert decided(recommendation) == ("single", "retainer")
    assert certificate(recommendation)[0] == ("audit", "smaller", "ruled-out", "no-monthly-money")


def test_certificate_of_a_smaller_one_what_it_lacks_is_told_before_what_rules_it_out() -> None:
    recommendation = advised({**BOTH, "money": "one-off"}, signals=no_money_for_audits())

    assert decided(recommendation) == ("single", "retainer")
    assert certificate(recommendation)[0] == (
        "audit",
        "smaller",
        "cannot-carry",
        "outcome",
        "work-to-do",
    )


def test_certificate_a_smaller_one_that_open_answers_exclude() -> None:
    """The audit carries what is demanded so far; every way to go on demands more."""
    first, second, _ = small_document()["signals"]
    second["when"] = conditions({"work": ["build", "move", "nothing"]})

    assert certificate(advised({"cause": "unknown"}, signals=[first, second])) == [
        ("audit", "smaller", "open-answers"),
        ("project", "smaller", "cannot-carry", "evidence", "cause-unknown"),
    ]


def test_certificate_of_an_entry_that_is_not_the_smallest() -> None:
    recommendation = advised({"cause": "known", "work": "nothing"}, entry="retainer")

    assert decided(recommendation) == ("entry", "retainer")
    assert recommendation.remaining == ()
    assert "not-the-start" in {line.verdict for line in recommendation.certificate}
    assert "open-answers" not in {line.verdict for line in recommendation.certificate}


def test_certificate_of_an_emergency_that_a_smaller_one_could_carry() -> None:
    shop = emergency_offer()
    recommendation = wanting("stabilisation", of=shop)

    assert decided(recommendation) == ("single", "rescue")
    assert recommendation.remaining == ()
    assert "not-the-start" in {line.verdict for line in recommendation.certificate}
    assert "open-answers" not in {line.verdict for line in recommendation.certificate}
