"""The rules, point by point of DESIGN section 3, on playbooks small enough to see through."""

import pytest

from advisor.loading import document_hash, to_document
from advisor.rules import Recommendation, recommend
from tests.factories import (
    Document,
    advised,
    conditions,
    emergency,
    engagement,
    need,
    option,
    prerequisite,
    question,
    section,
    signal,
    small_document,
    small_playbook,
    small_rulebook,
)

Keys = tuple[str, ...]

BOTH = {"cause": "unknown", "work": "build", "money": "monthly"}
"""An unknown cause, and work: wants both needs of the small playbook."""


def decided(recommendation: Recommendation) -> Keys:
    """The kind of the outcome and the engagement models in order."""
    assert recommendation.outcome is not None, recommendation.possible
    return (recommendation.outcome.kind, *recommendation.outcome.engagements)


def fired(recommendation: Recommendation) -> list[str]:
    return [told.signal for told in recommendation.signals]


def offer(*engagements: Document, demands: dict[str, str], **parts: object) -> dict[str, object]:
    """A playbook whose buyers say of each need whether they have it.

    `demands` has the phase of each need; the question and the signal have the need's key.
    """
    return {
        "entry": engagements[0]["key"],
        "engagements": list(engagements),
        "needs": [need(key, phase) for key, phase in demands.items()],
        "questions": [question(key, ["yes", "no"]) for key in demands],
        "signals": [signal(key, {key: ["yes"]}, {key: 1}) for key in demands],
        "emergency": emergency(),
        **parts,
    }


def wanting(*wanted: str, of: dict[str, object]) -> Recommendation:
    """What an offer comes to for a buyer who has these needs and no other."""
    questions = of["questions"]
    assert isinstance(questions, list)
    return advised({q["key"]: "yes" if q["key"] in wanted else "no" for q in questions}, **of)


def test_it_works() -> None:
    recommendation = advised(BOTH)

    assert decided(recommendation) == ("single", "retainer")
    assert [step.model_dump() for step in recommendation.steps] == [
        {
            "engagement": "retainer",
            "chosen_for": ("evidence", "outcome"),
            "carries": ("evidence", "outcome"),
        }
    ]
    assert fired(recommendation) == ["cause-unknown", "work-to-do"]
    assert recommendation.counted == {
        "cause": ("unknown",),
        "work": ("build",),
        "money": ("monthly",),
    }
    assert recommendation.conflict is None


def test_the_hash_of_the_version_is_carried() -> None:
    playbook = small_playbook()

    recommendation = advised(BOTH)

    assert (recommendation.playbook, recommendation.version) == (
        "small",
        document_hash(to_document(playbook)),
    )


# ---- 3.1 Signals --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "fires"),
    [
        pytest.param({"cause": "unknown", "work": "build"}, True, id="both conditions"),
        pytest.param({"cause": "not-sure", "work": "build"}, True, id="the other option"),
        pytest.param({"cause": "unknown", "work": ["move", "build"]}, True, id="one of several"),
        pytest.param({"cause": "known", "work": "build"}, False, id="only the second"),
        pytest.param({"cause": "unknown", "work": "move"}, False, id="only the first"),
        pytest.param({"cause": "known", "work": "nothing"}, False, id="neither"),
    ],
)
def test_a_signal_fires_when_all_its_conditions_hold(
    answers: dict[str, object], *, fires: bool
) -> None:
    when = {"cause": ["unknown", "not-sure"], "work": ["build"]}
    signals = [signal("blind-work", when, {"evidence": 1})]

    assert fired(advised(answers, signals=signals)) == (["blind-work"] if fires else [])


def test_two_conditions_on_one_question_both_have_to_hold() -> None:
    twice = signal("both-kinds", {"work": ["build"]}, {"outcome": 1})
    twice["when"] += conditions({"work": ["move"]})

    assert fired(advised({"cause": "known", "work": ["build", "move"]}, signals=[twice])) == [
        "both-kinds"
    ]
    assert fired(advised({"cause": "known", "work": ["build"]}, signals=[twice])) == []


def test_a_fired_signal_names_the_answers_that_made_it_fire() -> None:
    when = {"work": ["build", "move"], "cause": ["unknown"]}
    signals = [signal("blind-work", when, {"evidence": 2}, rules_out=["project"])]

    [told] = advised({"cause": "unknown", "work": ["move"]}, signals=signals).signals

    assert told.model_dump() == {
        "signal": "blind-work",
        "answers": (
            {"question": "work", "options": ("move",)},
            {"question": "cause", "options": ("unknown",)},
        ),
        "demands": ({"need": "evidence", "weight": 2},),
        "rules_out": ("project",),
    }


def test_weights_of_all_signals_that_demand_a_need_add_up() -> None:
    again = signal("work-again", {"work": ["build"]}, {"outcome": 4, "evidence": 2})
    signals = [*small_document()["signals"], again]

    assert [told.model_dump() for told in advised(BOTH, signals=signals).needs] == [
        {"need": "evidence", "weight": 3, "signals": ("cause-unknown", "work-again")},
        {"need": "outcome", "weight": 7, "signals": ("work-to-do", "work-again")},
    ]


# ---- 3.2 Fit and score --------------------------------------------------------------------


def scores(recommendation: Recommendation) -> dict[str, tuple[int, bool]]:
    return {told.engagement: (told.score, told.fits) for told in recommendation.scores}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param(
            BOTH,
            {"audit": (25, False), "project": (75, False), "retainer": (100, True)},
            id="part of the weight, and only all of it fits",
        ),
        pytest.param(
            {**BOTH, "work": "nothing"},
            {"audit": (100, True), "project": (0, False), "retainer": (100, True)},
            id="two fit",
        ),
        pytest.param(
            {**BOTH, "money": "one-off"},
            {"audit": (100, True), "project": (100, True), "retainer": (100, False)},
            id="steps of a pathway on what each is for, and one that is ruled out",
        ),
        pytest.param(
            {"cause": "known", "work": "nothing"},
            {"audit": (100, True), "project": (0, True), "retainer": (0, True)},
            id="nothing demanded",
        ),
    ],
)
def test_scores(answers: dict[str, object], expected: dict[str, tuple[int, bool]]) -> None:
    assert scores(advised(answers)) == expected


def test_a_score_is_rounded_down_so_that_only_all_is_100() -> None:
    heavy = [
        signal("cause-unknown", {"cause": ["unknown"]}, {"evidence": 1}),
        *(signal(f"w{at}", {"work": ["build"]}, {"outcome": 100}) for at in range(2)),
    ]
    assert scores(advised(BOTH, signals=heavy))["project"] == (99, False)


def test_a_score_names_what_rules_out() -> None:
    told = {s.engagement: s.ruled_out_by for s in advised({**BOTH, "money": "one-off"}).scores}
    assert told == {"audit": (), "project": (), "retainer": ("no-monthly-money",)}


def test_only_the_fit_decides_however_much_is_carried() -> None:
    """The project carries 99 of 100 and does not fit; a pathway of what fits it is."""
    heavy = [
        signal("cause-unknown", {"cause": ["unknown"]}, {"evidence": 1}),
        signal("work-to-do", {"work": ["build"]}, {"outcome": 99}),
    ]
    audit, project, _ = small_document()["engagements"]

    recommendation = advised(BOTH, signals=heavy, engagements=[audit, project])

    assert decided(recommendation) == ("pathway", "audit", "project")


# ---- 3.3 The smallest single cover --------------------------------------------------------


def test_the_smallest_of_those_that_fit() -> None:
    shop = offer(
        engagement("large", 9, "run", ["evidence", "outcome"]),
        engagement("small", 1, "decide", ["evidence"]),
        engagement("middle", 4, "deliver", ["evidence", "outcome"]),
        demands={"evidence": "decide", "outcome": "deliver"},
    )

    assert decided(wanting("evidence", of=shop)) == ("single", "small")
    assert decided(wanting("evidence", "outcome", of=shop)) == ("single", "middle")


def test_the_next_larger_one_when_the_smallest_is_ruled_out() -> None:
    shop = offer(
        engagement("small", 1, "decide", ["evidence"]),
        engagement("large", 2, "run", ["evidence"]),
        demands={"evidence": "decide"},
    )
    shop["questions"] = [*shop["questions"], question("staff", ["some", "none"])]
    shop["signals"] = [*shop["signals"], signal("x", {"staff": ["none"]}, rules_out=["small"])]

    assert decided(advised({"evidence": "yes", "staff": "some"}, **shop)) == ("single", "small")
    assert decided(advised({"evidence": "yes", "staff": "none"}, **shop)) == ("single", "large")


@pytest.mark.parametrize("order", [("first", "second"), ("second", "first")], ids="-".join)
def test_of_one_size_the_first_in_the_playbook(order: tuple[str, str]) -> None:
    models = [engagement(key, 2, "decide", ["evidence"]) for key in order]
    shop = offer(*models, demands={"evidence": "decide"})

    assert decided(wanting("evidence", of=shop)) == ("single", order[0])


def test_one_engagement_for_everything_comes_before_a_pathway_of_smaller_ones() -> None:
    shop = offer(
        engagement("audit", 1, "decide", ["evidence"]),
        engagement("project", 2, "deliver", ["outcome"]),
        engagement("huge", 99, "run", ["evidence", "outcome"]),
        demands={"evidence": "decide", "outcome": "deliver"},
    )

    assert decided(wanting("evidence", "outcome", of=shop)) == ("single", "huge")


# ---- 3.4 Pathways -------------------------------------------------------------------------

PHASED = {"operations": "run", "outcome": "deliver", "evidence": "decide"}


def steps(recommendation: Recommendation) -> list[tuple[str, Keys, Keys]]:
    return [(s.engagement, s.chosen_for, s.carries) for s in recommendation.steps]


def test_a_pathway_goes_by_phases_and_tells_what_starts_each_step() -> None:
    shop = offer(
        engagement("keeper", 1, "run", ["operations"]),
        engagement("project", 2, "deliver", ["outcome"]),
        engagement("audit", 3, "decide", ["evidence"]),
        demands=PHASED,
        needs=[
            need(key, phase, starts_when=f"When it is time to {phase}")
            for key, phase in PHASED.items()
        ],
    )

    recommendation = wanting(*PHASED, of=shop)

    assert decided(recommendation) == ("pathway", "audit", "project", "keeper")
    assert steps(recommendation) == [
        ("audit", ("evidence",), ("evidence",)),
        ("project", ("outcome",), ("outcome",)),
        ("keeper", ("operations",), ("operations",)),
    ]
    playbook = small_playbook(**shop)
    assert [playbook.need(s.chosen_for[0]).starts_when for s in recommendation.steps] == [
        "When it is time to decide",
        "When it is time to deliver",
        "When it is time to run",
    ]


def test_what_a_step_carries_is_struck_off() -> None:
    shop = offer(
        engagement("audit", 2, "decide", ["evidence", "operations"]),
        engagement("project", 3, "deliver", ["outcome"]),
        engagement("keeper", 1, "run", ["operations"]),
        demands=PHASED,
    )

    assert steps(wanting(*PHASED, of=shop)) == [
        ("audit", ("evidence",), ("operations", "evidence")),
        ("project", ("outcome",), ("outcome",)),
    ]


def test_the_rest_of_a_pathway_is_one_engagement_when_one_fits_it() -> None:
    shop = offer(
        engagement("audit", 1, "decide", ["evidence"]),
        engagement("project", 2, "deliver", ["outcome"]),
        engagement("keeper", 3, "run", ["operations"]),
        engagement("partner", 4, "run", ["outcome", "operations"]),
        demands=PHASED,
    )

    assert steps(wanting(*PHASED, of=shop)) == [
        ("audit", ("evidence",), ("evidence",)),
        ("partner", ("operations", "outcome"), ("operations", "outcome")),
    ]


def test_the_first_step_is_the_smallest_for_all_needs_of_the_earliest_phase() -> None:
    shop = offer(
        engagement("look", 1, "decide", ["evidence"]),
        engagement("review", 2, "decide", ["evidence", "decision"]),
        engagement("project", 3, "deliver", ["outcome"]),
        demands={"evidence": "decide", "decision": "decide", "outcome": "deliver"},
    )

    assert decided(wanting("evidence", "outcome", of=shop)) == ("pathway", "look", "project")
    assert decided(wanting("evidence", "decision", "outcome", of=shop)) == (
        "pathway",
        "review",
        "project",
    )


def emergency_offer() -> dict[str, object]:
    """A rescue that is the largest of all, and a partner that carries everything."""
    return offer(
        engagement("audit", 1, "decide", ["evidence"]),
        engagement("partner", 2, "run", ["evidence", "outcome", "stabilisation"]),
        engagement("rescue", 9, "respond", ["stabilisation"]),
        demands={"evidence": "decide", "outcome": "deliver", "stabilisation": "respond"},
    )


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(["stabilisation"], ("single", "rescue"), id="alone"),
        pytest.param(["stabilisation", "evidence"], ("pathway", "rescue", "audit"), id="and more"),
        pytest.param(
            ["stabilisation", "evidence", "outcome"],
            ("pathway", "rescue", "partner"),
            id="though one smaller engagement carries everything",
        ),
        pytest.param(["evidence", "outcome"], ("single", "partner"), id="not without it"),
    ],
)
def test_stabilisation_comes_first(wanted: list[str], expected: Keys) -> None:
    assert decided(wanting(*wanted, of=emergency_offer())) == expected


def test_stabilisation_comes_first_also_when_the_rest_does_not_fit() -> None:
    shop = emergency_offer()
    shop["questions"] = [*shop["questions"], question("money", ["some", "none"])]
    no_money = signal("no-money", {"money": ["none"]}, rules_out=["audit", "partner"])
    shop["signals"] = [*shop["signals"], no_money]

    recommendation = advised(
        {"evidence": "yes", "outcome": "no", "stabilisation": "yes", "money": "none"}, **shop
    )

    assert [step.engagement for step in recommendation.steps] == ["rescue"]
    assert recommendation.outcome is not None
    assert recommendation.outcome.first == "rescue"
    assert recommendation.conflict is not None
    assert recommendation.conflict.needs == ("evidence",)
    assert named_in(recommendation) == [("evidence", "yes"), ("money", "none")]


# ---- 3.5 Nothing demanded, nothing fits ---------------------------------------------------


def named_in(recommendation: Recommendation) -> list[tuple[str, str]]:
    """The answers of the conflict."""
    assert recommendation.conflict is not None
    return [(told.question, *told.options) for told in recommendation.conflict.answers]


def changes_of(
    recommendation: Recommendation,
) -> list[tuple[str, Keys, Keys]]:
    """What to answer instead, and what it leads to."""
    assert recommendation.conflict is not None
    told = recommendation.conflict.changes
    return [(c.question, c.instead, c.outcome.engagements) for c in told]


@pytest.mark.parametrize("entry", ["audit", "project", "retainer"])
def test_nothing_demanded_names_the_entry_of_the_playbook(entry: str) -> None:
    recommendation = advised({"cause": "known", "work": "nothing"}, entry=entry)

    assert decided(recommendation) == ("entry", entry)
    assert steps(recommendation) == [(entry, (), ())]
    assert (recommendation.signals, recommendation.needs) == ((), ())


def test_an_entry_that_is_ruled_out_is_a_conflict() -> None:
    recommendation = advised(
        {"cause": "known", "work": ["build"], "money": "one-off"},
        entry="retainer",
        signals=small_document()["signals"][2:],
        engagements=[engagement("retainer", 3, "run", ["evidence", "outcome"])],
    )

    assert decided(recommendation) == ("conflict",)
    assert named_in(recommendation) == [("money", "one-off")]
    assert changes_of(recommendation) == [("money", ("monthly",), ("retainer",))]
    assert recommendation.conflict is not None
    assert recommendation.conflict.ruled_out == ("retainer",)
    assert recommendation.certificate == ()


def strict_shop() -> dict[str, object]:
    """The small playbook where no monthly money leaves the audit only."""
    first, second, third = small_document()["signals"]
    return {"signals": [first, second, {**third, "rules_out": ["project", "retainer"]}]}


def test_a_conflict_is_named_by_its_smallest_set_of_answers() -> None:
    """The unknown cause has no part in it: the audit carries that."""
    recommendation = advised({**BOTH, "money": "one-off"}, **strict_shop())

    assert decided(recommendation) == ("conflict",)
    assert recommendation.steps == ()
    assert recommendation.readiness == ()
    assert named_in(recommendation) == [("work", "build"), ("money", "one-off")]
    assert recommendation.conflict is not None
    assert recommendation.conflict.needs == ("outcome",)
    assert recommendation.conflict.ruled_out == ("project", "retainer")


def test_a_conflict_tells_which_answer_to_change_and_what_that_leads_to() -> None:
    recommendation = advised({**BOTH, "money": "one-off"}, **strict_shop())

    # Of `work` only the answer `nothing` would do, and a lone answer of many is left as it is.
    assert changes_of(recommendation) == [("money", ("monthly",), ("retainer",))]
    assert decided(advised(BOTH, **strict_shop())) == ("single", "retainer")


def test_the_change_with_the_least_commitment_is_advised_first() -> None:
    shop = offer(
        engagement("audit", 1, "decide", ["evidence"]),
        engagement("keeper", 5, "run", ["operations"]),
        demands={"evidence": "decide", "operations": "run"},
        questions=[
            question("money", ["none", "monthly"]),
            question("goal", ["rest", "facts", "calm"]),
        ],
        signals=[
            signal("no-money", {"money": ["none"]}, rules_out=["keeper"]),
            signal("rest", {"goal": ["rest"]}, {"operations": 1}),
            signal("facts", {"goal": ["facts"]}, {"evidence": 1}),
        ],
    )

    recommendation = advised({"money": "none", "goal": "rest"}, **shop)

    assert named_in(recommendation) == [("money", "none"), ("goal", "rest")]
    assert changes_of(recommendation) == [
        ("goal", ("facts",), ("audit",)),
        ("money", ("monthly",), ("keeper",)),
    ]


def test_one_of_several_options_is_left_out() -> None:
    shop = offer(
        engagement("audit", 1, "decide", ["evidence"]),
        demands={"evidence": "decide"},
        questions=[question("limits", ["clock", "cloud", "crowd"], kind="many")],
        signals=[
            signal("clock", {"limits": ["clock"]}, {"evidence": 1}),
            signal("crowd", {"limits": ["crowd"]}, rules_out=["audit"]),
        ],
    )

    recommendation = advised({"limits": ["crowd", "cloud", "clock"]}, **shop)

    assert named_in(recommendation) == [("limits", "clock"), ("limits", "crowd")]
    # Without `clock` nothing is demanded, and the audit that would be named is ruled out.
    assert changes_of(recommendation) == [("limits", ("clock", "cloud"), ("audit",))]


def test_nobody_is_advised_to_change_an_answer_of_triage() -> None:
    money = question("money", ["monthly", "one-off"], section="triage")
    recommendation = advised(
        {**BOTH, "money": "one-off"},
        sections=[section("triage", "triage"), section("situation")],
        questions=[money, *small_document()["questions"][:2]],
        **strict_shop(),
    )

    assert named_in(recommendation) == [("money", "one-off"), ("work", "build")]
    assert changes_of(recommendation) == []


def test_nobody_is_advised_to_change_a_fact() -> None:
    first, second, money = small_document()["questions"]
    recommendation = advised(
        {**BOTH, "money": "one-off"},
        questions=[first, second, {**money, "changeable": False}],
        **strict_shop(),
    )

    assert named_in(recommendation) == [("work", "build"), ("money", "one-off")]
    assert changes_of(recommendation) == []


def test_never_the_nearest_tier() -> None:
    """Both needs of one phase, each carried by somebody, and by nobody together."""
    shop = offer(
        engagement("audit", 1, "decide", ["evidence"]),
        engagement("review", 2, "decide", ["decision"]),
        demands={"evidence": "decide", "decision": "decide"},
    )

    recommendation = wanting("evidence", "decision", of=shop)

    assert decided(recommendation) == ("conflict",)
    assert recommendation.steps == ()
    assert named_in(recommendation) == [("evidence", "yes"), ("decision", "yes")]
    assert changes_of(recommendation) == [
        ("decision", ("no",), ("audit",)),
        ("evidence", ("no",), ("review",)),
    ]


def test_no_pathway_towards_something_that_nobody_offers() -> None:
    shop = offer(
        engagement("audit", 1, "decide", ["evidence"]),
        engagement("project", 2, "deliver", ["outcome"]),
        engagement("mover", 3, "deliver", ["migration"]),
        demands={"evidence": "decide", "outcome": "deliver", "migration": "deliver"},
    )

    recommendation = wanting("evidence", "outcome", "migration", of=shop)

    assert decided(recommendation) == ("conflict",)
    assert recommendation.steps == ()
    assert named_in(recommendation) == [("outcome", "yes"), ("migration", "yes")]
    assert recommendation.conflict is not None
    assert recommendation.conflict.needs == ("outcome", "migration")


# ---- 3.6 Unanswered is unknown ------------------------------------------------------------


def possible(recommendation: Recommendation) -> list[Keys]:
    return [outcome.engagements for outcome in recommendation.possible]


def test_no_answers_leave_everything_open() -> None:
    recommendation = advised({})

    assert recommendation.outcome is None
    assert not recommendation.settled
    assert possible(recommendation) == [
        ("audit",),
        ("audit", "project"),
        ("project",),
        ("retainer",),
    ]
    assert recommendation.remaining == ("cause", "work")
    assert recommendation.steps == ()
    assert recommendation.certificate == ()
    assert recommendation.readiness == ()


@pytest.mark.parametrize(
    ("answers", "expected", "remaining"),
    [
        pytest.param(
            {"cause": "unknown"},
            [("audit",), ("audit", "project"), ("retainer",)],
            ("work",),
            id="money is asked after work only",
        ),
        pytest.param(
            {"work": "build"},
            [("audit", "project"), ("project",), ("retainer",)],
            ("cause", "money"),
            id="an earlier question is open",
        ),
        pytest.param(
            {"cause": "unknown", "work": "build"},
            [("audit", "project"), ("retainer",)],
            ("money",),
            id="one question is open",
        ),
    ],
)
def test_some_answers_leave_open_what_the_rest_can_lead_to(
    answers: dict[str, object], expected: list[Keys], remaining: Keys
) -> None:
    recommendation = advised(answers)

    assert recommendation.outcome is None
    assert possible(recommendation) == expected
    assert recommendation.remaining == remaining


def test_unanswered_is_not_the_same_as_not_sure() -> None:
    paid_work = {"work": "build", "money": "monthly"}

    assert possible(advised(paid_work)) == [("project",), ("retainer",)]
    assert decided(advised({**paid_work, "cause": "not-sure"})) == ("single", "retainer")


def test_open_answers_tell_what_has_fired_so_far() -> None:
    recommendation = advised({"cause": "unknown"})

    assert fired(recommendation) == ["cause-unknown"]
    assert [told.need for told in recommendation.needs] == ["evidence"]


def test_settled_before_every_question_is_answered() -> None:
    """Known cause and work: the project, whatever the money."""
    recommendation = advised({"cause": "known", "work": "build"})

    assert decided(recommendation) == ("single", "project")
    assert possible(recommendation) == [("project",)]
    assert recommendation.remaining == ("money",)


def test_settled_on_steps_that_the_answers_so_far_do_not_ask_for_yet() -> None:
    """Every answer about the work wants the outcome, so with the evidence it is the retainer."""
    first, second, _ = small_document()["signals"]
    second["when"] = conditions({"work": ["build", "move", "nothing"]})

    recommendation = advised({"cause": "unknown"}, signals=[first, second])

    assert decided(recommendation) == ("single", "retainer")
    assert recommendation.remaining == ("work",)
    # Certain are the steps; told is only what the answers given so far demand.
    assert steps(recommendation) == [("retainer", ("evidence",), ("evidence",))]


def test_an_emergency_is_settled_at_once_where_nothing_can_follow() -> None:
    shop = emergency_offer()
    shop["signals"] = [signal("flag", {"stabilisation": ["yes"]}, {"stabilisation": 1})]

    recommendation = advised({"stabilisation": "yes"}, **shop)

    assert decided(recommendation) == ("single", "rescue")
    assert recommendation.remaining == ("evidence", "outcome")


def test_a_conflict_is_settled_only_when_answers_show_it() -> None:
    """Whatever is answered last, nothing fits; but before that there is nothing to name."""
    shop = offer(
        engagement("audit", 1, "decide", ["evidence"]),
        demands={"evidence": "decide"},
        questions=[question("mood", ["good", "bad"])],
        signals=[signal("any-mood", {"mood": ["good", "bad"]}, rules_out=["audit"])],
    )

    before = advised({}, **shop)
    assert before.outcome is None
    assert before.conflict is None
    assert possible(before) == [()]
    assert before.remaining == ("mood",)
    after = advised({"mood": "good"}, **shop)
    assert decided(after) == ("conflict",)
    assert named_in(after) == [("mood", "good")]


def test_no_conflict_where_every_answer_to_come_resolves_it() -> None:
    """Nobody carries both works at once; but a look comes first anyway, and does one of them."""
    shop = offer(
        engagement("builder", 1, "deliver", ["build"]),
        engagement("mover", 2, "deliver", ["move"]),
        engagement("look", 3, "decide", ["evidence", "build"]),
        demands={"build": "deliver", "move": "deliver", "evidence": "decide"},
        questions=[question("work", ["both", "none"]), question("cause", ["vague", "unknown"])],
        signals=[
            signal("both", {"work": ["both"]}, {"build": 1, "move": 1}),
            signal("unproven", {"cause": ["vague", "unknown"]}, {"evidence": 1}),
        ],
    )

    recommendation = advised({"work": "both"}, **shop)

    assert decided(recommendation) == ("pathway", "look", "mover")
    assert recommendation.remaining == ("cause",)
    assert recommendation.conflict is None


def test_possible_outcomes_come_smallest_first_and_no_fit_last() -> None:
    recommendation = advised({"cause": "unknown", "work": "build"}, **strict_shop())

    assert possible(recommendation) == [("retainer",), ()]
    assert [outcome.kind for outcome in recommendation.possible] == ["single", "conflict"]


# ---- Only answers on the live path count --------------------------------------------------


def test_an_answer_off_the_path_never_counts() -> None:
    """Money is asked when there is work to do; the answer from before is kept by others."""
    without = advised({"cause": "unknown", "work": "nothing"})

    ghost = advised({"cause": "unknown", "work": "nothing", "money": "one-off"})

    assert ghost == without
    assert "money" not in ghost.counted
    assert "no-monthly-money" not in fired(ghost)


def test_the_path_breaks_where_its_first_question_is_off_it() -> None:
    """A question that depends on one off the path is off the path too."""
    more = question("months", ["few", "many"], ask_when=conditions({"money": ["one-off"]}))
    parts = {
        "questions": [*small_document()["questions"], more],
        "signals": [
            *small_document()["signals"],
            signal("few-months", {"months": ["few"]}, {"outcome": 1}),
        ],
    }
    ghosts = {"work": "nothing", "money": "one-off", "months": "few", "cause": "known"}

    assert decided(advised(ghosts, **parts)) == ("entry", "audit")
    assert fired(advised({**ghosts, "work": "build"}, **parts)) == [
        "work-to-do",
        "no-monthly-money",
        "few-months",
    ]


def test_the_order_of_answers_and_options_does_not_matter() -> None:
    there = {"cause": "unknown", "work": ["build", "move"], "money": "one-off"}
    back = {"money": "one-off", "work": ["move", "build"], "cause": "unknown"}

    assert advised(back).model_dump_json() == advised(there).model_dump_json()


def test_the_same_rulebook_gives_the_same_answer_again() -> None:
    rulebook = small_rulebook()
    answers = {"cause": ("unknown",), "work": ("build",), "money": ("one-off",)}

    first = recommend(rulebook, answers).model_dump_json()
    recommend(rulebook, {"cause": ("known",)})

    assert recommend(rulebook, answers).model_dump_json() == first
    assert answers == {"cause": ("unknown",), "work": ("build",), "money": ("one-off",)}


def test_typed_answers_do_not_decide() -> None:
    parts = {
        "sections": [section("situation"), section("scope", "scope")],
        "questions": [
            *small_document()["questions"],
            question("goal", kind="text", section="scope"),
        ],
    }
    assert advised({**BOTH, "goal": "An emergency!"}, **parts).model_dump(
        exclude={"version"}
    ) == advised(BOTH).model_dump(exclude={"version"})


# ---- The certificate ----------------------------------------------------------------------


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


# ---- Readiness ----------------------------------------------------------------------------


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
