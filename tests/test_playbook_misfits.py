"""Parts of a playbook that do not fit together: each is told, and all of them at once."""

import ast
import re
from pathlib import Path

import pytest

from advisor import checking
from advisor.loading import from_document
from tests.factories import (
    REMOVED,
    acknowledgement,
    changed,
    chapter,
    checklist,
    emergency,
    engagement,
    faq,
    guide,
    need,
    prerequisite,
    problems_of,
    question,
    section,
    service_path,
    signal,
    small_document,
)

RESCUE = {
    "needs[3]": need("stabilisation", "respond"),
    "engagements[4]": engagement("rescue", 4, "respond", ["stabilisation"]),
}
RESPOND = {**RESCUE, "emergency": emergency()}
UNOFFERED = need("stabilisation", "respond", offered=False)
SCOPE = {
    "sections[2]": section("scope", "scope"),
    "questions[4]": question("limits", ["none", "some"], section="scope"),
}
TRIAGE = {
    "sections": [section("triage", "triage"), section("situation")],
    "questions": [
        question("flags", ["down", "none"], section="triage"),
        *small_document()["questions"],
    ],
}

ACKNOWLEDGED = {
    "acknowledgements": [
        acknowledgement("needs-carried"),
        acknowledgement("needs-carried", "outcome"),
        acknowledgement("always-fits"),
        acknowledgement("always-fits", "no-monthly-money"),
        acknowledgement("engagement-reached", "project"),
        acknowledgement("signal-fires", "work-to-do"),
        acknowledgement("signal-matters", "work-to-do"),
        acknowledgement("option-matters", "cause.not-sure"),
    ]
}
SAID_OF_OPTIONS = {
    "questions[cause].options[known].if_so": "you knew the cause",
    "questions[cause].options[not-sure].unsure": True,
}

SEVERAL = {"checklists": [checklist("setup")], "chapters": [chapter("contacts", "money")]}
THERE = "which is not there; use one of those that exist (audit, project, retainer)."

MISFITS = {
    "no entry, told with all the rest": (
        {"entry": REMOVED, "signals[work-to-do].when": []},
        (
            "signals[work-to-do].when: is an empty list; name at least one.\n"
            "entry: is missing; add it."
        ),
    ),
    "nothing named that a signal reads": (
        {"signals[work-to-do].when": []},
        "signals[work-to-do].when: is an empty list; name at least one.",
    ),
    "no option of a condition": (
        {"signals[work-to-do].when[1].any_of": []},
        "signals[work-to-do].when[1].any_of: is an empty list; name at least one.",
    ),
    "a price that ends below where it begins": (
        {
            "engagements[audit].price": {
                "currency": "EUR",
                "least": 900,
                "most": 800,
                "unit": "a day",
            }
        },
        ("engagements[audit].price: ends below where it begins; put the higher sum into `most`."),
    ),
    "another price that ends below where it begins": (
        {
            "engagements[audit].other_prices": [
                {"title": "A day", "currency": "EUR", "least": 9, "most": 9, "unit": "a day"},
                {"title": "An hour", "currency": "EUR", "least": 9, "most": 8, "unit": "an hour"},
            ]
        },
        (
            "engagements[audit].other_prices[2]: ends below where it begins; "
            "put the higher sum into `most`."
        ),
    ),
    "engagement model that goes on with its own playbook": (
        {"engagements[audit].follow_on": {"playbook": "small", "when": "it runs"}},
        "engagements[audit].follow_on: names its own playbook; name another, or none.",
    ),
    "a task that two rows are about": (
        {
            "engagements[audit].responsibilities": [
                {"task": "Patching", "party": "firm"},
                {"task": "Patching", "party": "buyer"},
            ]
        },
        (
            "engagements[audit].responsibilities: 'Patching' stands there 2 times; "
            "name it once, with everybody's part in the note."
        ),
    ),
    # What a buyer is given to keep
    "checklist without groups": (
        {**SEVERAL, "checklists[setup].groups": []},
        "checklists[setup].groups: is an empty list; name at least one.",
    ),
    "group without items": (
        {**SEVERAL, "checklists[setup].groups[after].items": []},
        "checklists[setup].groups[after].items: is an empty list; name at least one.",
    ),
    "item twice": (
        {**SEVERAL, "checklists[setup].groups[after].items": ["A key", "A lock", "A key"]},
        (
            "checklists[setup].groups[after].items: 'A key' stands there 2 times; "
            "name it once: an item is ticked by its words."
        ),
    ),
    "more items than print in seconds": (
        {
            "checklists": [
                {
                    **checklist(f"list-{n}"),
                    "groups": [
                        {"key": "g", "title": "Group", "items": [f"Item {i}" for i in range(40)]}
                    ],
                }
                for n in range(26)
            ]
        },
        (
            "checklists: have 1040 items; 1000 fit into a pack that prints in seconds; "
            "leave some out, or join them."
        ),
    ),
    "group twice": (
        {**SEVERAL, "checklists[setup].groups[after].key": "before"},
        "checklists[setup].groups: the key 'before' is used 2 times; give each its own.",
    ),
    "frequent question twice": (
        {"faqs": [faq("price"), faq("price")]},
        "faqs: the key 'price' is used 2 times; give each its own.",
    ),
    "checklist twice": (
        {"checklists": [checklist("setup"), checklist("setup")]},
        "checklists: the key 'setup' is used 2 times; give each its own.",
    ),
    "chapter twice": (
        {"chapters": [chapter("contacts", "money"), chapter("contacts", "work")]},
        "chapters: the key 'contacts' is used 2 times; give each its own.",
    ),
    "frequent question for an engagement model that is absent": (
        {"faqs": [faq("price", ["audit", "adit"])]},
        f"faqs[price].engagements: names the engagement model 'adit', {THERE}",
    ),
    "checklist for an engagement model that is absent": (
        {"checklists": [checklist("setup", ["adit"])]},
        f"checklists[setup].engagements: names the engagement model 'adit', {THERE}",
    ),
    "chapter for an engagement model that is absent": (
        {"chapters": [chapter("contacts", "money", ["adit"])]},
        f"chapters[contacts].engagements: names the engagement model 'adit', {THERE}",
    ),
    "fact of a question that is absent": (
        {"chapters": [chapter("contacts", "mony")]},
        (
            "chapters[contacts].facts: names the question 'mony', which is not there; "
            "use one of those that exist (cause, money, work)."
        ),
    ),
    # Keys
    "need twice": (
        {"needs[3]": need("evidence", "run")},
        "needs: the key 'evidence' is used 2 times; give each its own.",
    ),
    "engagement model twice": (
        {"engagements[4]": engagement("audit", 9, "run", ["outcome"])},
        "engagements: the key 'audit' is used 2 times; give each its own.",
    ),
    "section twice": (
        {"sections[2]": section("situation")},
        "sections: the key 'situation' is used 2 times; give each its own.",
    ),
    "question twice": (
        {"questions[4]": question("cause", ["known", "unknown", "not-sure"])},
        "questions: the key 'cause' is used 2 times; give each its own.",
    ),
    "signal three times": (
        {
            "signals[4]": signal("work-to-do", {"work": ["build"]}, {"outcome": 1}),
            "signals[5]": signal("work-to-do", {"work": ["move"]}, {"outcome": 1}),
        },
        "signals: the key 'work-to-do' is used 3 times; give each its own.",
    ),
    "option twice": (
        {"questions[cause].options[4]": {"key": "known", "label": "Again"}},
        "questions[cause].options: the key 'known' is used 2 times; give each its own.",
    ),
    "guide twice": (
        {"guides": [guide("choosing", ["audit"]), guide("choosing", ["project"])]},
        "guides: the key 'choosing' is used 2 times; give each its own.",
    ),
    "guide row twice": (
        {
            "guides": [guide("choosing", ["audit"])],
            "guides[choosing].rows[2]": guide("choosing", ["audit"])["rows"][0],
        },
        "guides[choosing].rows: the key 'row' is used 2 times; give each its own.",
    ),
    "service path twice": (
        {"service_paths": [service_path("first", "audit", {"cause": ["known"]})] * 2},
        "service_paths: the key 'first' is used 2 times; give each its own.",
    ),
    "prerequisite twice, in two engagement models": (
        {"engagements[audit].prerequisites[1]": prerequisite("budget", "cause", met=["known"])},
        "prerequisites: the key 'budget' is used 2 times, in audit, retainer; give each its own.",
    ),
    # Questions
    "triage under a condition": (
        {
            **TRIAGE,
            "sections[triage].ask_when": [{"question": "flags", "any_of": ["down"]}],
        },
        (
            "sections[triage].ask_when: triage is asked of everybody; remove the conditions.\n"
            "sections[triage].ask_when: names the question 'flags', which is not there; "
            "use an earlier question that exists (none)."
        ),
    ),
    "section that is absent": (
        {"questions[work].section": "sitaution"},
        (
            "questions[work].section: names the section 'sitaution', which is not there; "
            "use one of those that exist (situation)."
        ),
    ),
    "choice without options": (
        {"questions[4]": question("mood")},
        "questions[mood]: a choice needs at least two options; add options.",
    ),
    "choice of one option": (
        {"questions[4]": question("mood", ["good"], kind="many")},
        "questions[mood]: a choice needs at least two options; add options.",
    ),
    "text with options": (
        {**SCOPE, "questions[5]": question("goal", ["a", "b"], kind="text", section="scope")},
        "questions[goal]: kind text takes no options; remove them.",
    ),
    "exclusive option where one is taken": (
        {"questions[cause].options[known].exclusive": True},
        (
            "questions[cause]: only a question of kind many has exclusive options; "
            "remove `exclusive`."
        ),
    ),
    "text that decides": (
        {"questions[4]": question("goal", kind="line")},
        (
            "questions[goal]: a question that decides is a choice; "
            "give it options, or a scope section."
        ),
    ),
    "engagement models of a question that decides": (
        {"questions[cause].engagements": ["audit"]},
        (
            "questions[cause].engagements: there is no recommendation yet when this is asked; "
            "use ask_when, or move the question to a scope section."
        ),
    ),
    "engagement model of a question that is absent": (
        {**SCOPE, "questions[limits].engagements": ["audit", "adit"]},
        (
            "questions[limits].engagements: names the engagement model 'adit', which is not "
            "there; use one of those that exist (audit, project, retainer)."
        ),
    ),
    "scope before what decides": (
        {
            "sections[2]": section("scope", "scope"),
            "questions[4]": question("limits", ["none", "some"], section="scope"),
            "questions[5]": question("late", ["yes", "no"]),
        },
        "questions[late]: stands behind a scope question; move it up to the decide questions.",
    ),
    "triage behind what decides": (
        {
            "sections[2]": section("triage", "triage"),
            "questions[4]": question("flags", ["down", "none"], section="triage"),
        },
        "questions[flags]: stands behind a decide question; move it up to the triage questions.",
    ),
    "condition on a question that is absent": (
        {"questions[money].ask_when[1].question": "wrok"},
        (
            "questions[money].ask_when: names the question 'wrok', which is not there; "
            "use an earlier question that exists (cause, work)."
        ),
    ),
    "condition that looks forward": (
        {"questions[cause].ask_when": [{"question": "money", "any_of": ["monthly"]}]},
        (
            "questions[cause].ask_when: names the question 'money', which is not there; "
            "use an earlier question that exists (none)."
        ),
    ),
    "condition on the question itself": (
        {"questions[work].ask_when": [{"question": "work", "any_of": ["build"]}]},
        (
            "questions[work].ask_when: names the question 'work', which is not there; "
            "use an earlier question that exists (cause)."
        ),
    ),
    "condition on an option that is absent": (
        {"questions[money].ask_when[1].any_of": ["biuld", "move"]},
        (
            "questions[money].ask_when: names the option of work 'biuld', which is not there; "
            "use one of those that exist (build, move, nothing)."
        ),
    ),
    "condition of a section that looks forward": (
        {
            "sections[2]": section(
                "after", ask_when=[{"question": "mood", "any_of": ["good", "bad"]}]
            ),
            "questions[4]": question("time", ["now", "later"], section="after"),
            "questions[5]": question("mood", ["good", "bad"], section="after"),
        },
        (
            "sections[after].ask_when: names the question 'mood', which is not there; "
            "use an earlier question that exists (cause, money, work)."
        ),
    ),
    # Engagement models and needs
    "entry that is absent": (
        {"entry": "adit"},
        (
            "entry: names the engagement model 'adit', which is not there; "
            "use one of those that exist (audit, project, retainer)."
        ),
    ),
    "need carried that is absent": (
        {"engagements[audit].carries[2]": "evidense"},
        (
            "engagements[audit].carries: names the need 'evidense', which is not there; "
            "use one of those that exist (evidence, outcome)."
        ),
    ),
    "prerequisite of a question that is absent": (
        {"engagements[retainer].prerequisites[budget].question": "mony"},
        (
            "engagements[retainer].prerequisites[budget]: names the question 'mony', which is "
            "not there; use a question that exists (cause, money, work)."
        ),
    ),
    "prerequisite met by an option that is absent": (
        {"engagements[retainer].prerequisites[budget].met": ["weekly"]},
        (
            "engagements[retainer].prerequisites[budget]: names the option of money 'weekly', "
            "which is not there; use one of those that exist (monthly, one-off)."
        ),
    ),
    "prerequisite unknown by an option that is absent": (
        {"engagements[retainer].prerequisites[budget].unknown": ["not-sure"]},
        (
            "engagements[retainer].prerequisites[budget]: names the option of money 'not-sure', "
            "which is not there; use one of those that exist (monthly, one-off)."
        ),
    ),
    "need that nobody carries": (
        {"needs[3]": need("sla", "run")},
        (
            "needs[sla]: no engagement model carries it; "
            "add it to the `carries` of one, remove the need, or say `offered = false`."
        ),
    ),
    "need that nobody offers and somebody carries": (
        {"needs[outcome].offered": False},
        (
            "needs[outcome]: is not offered, and yet project, retainer carries it; "
            "remove `offered = false`, or take it out of `carries`."
        ),
    ),
    # Signals
    "signal of nothing": (
        {"signals[work-to-do].demands": []},
        (
            "signals[work-to-do]: demands nothing and rules nothing out; "
            "add `demands` or `rules_out`."
        ),
    ),
    "signal on a question that is absent": (
        {"signals[cause-unknown].when[1].question": "causes"},
        (
            "signals[cause-unknown].when: names the question 'causes', which is not there; "
            "use a triage or decide question that exists (cause, money, work)."
        ),
    ),
    "signal on a scope question": (
        {**SCOPE, "signals[cause-unknown].when[1]": {"question": "limits", "any_of": ["some"]}},
        (
            "signals[cause-unknown].when: names the question 'limits', which is not there; "
            "use a triage or decide question that exists (cause, money, work)."
        ),
    ),
    "signal on an option that is absent": (
        {"signals[cause-unknown].when[1].any_of[2]": "unsure"},
        (
            "signals[cause-unknown].when: names the option of cause 'unsure', which is not there; "
            "use one of those that exist (known, not-sure, unknown)."
        ),
    ),
    "signal that demands a need that is absent": (
        {"signals[cause-unknown].demands[1].need": "prove"},
        (
            "signals[cause-unknown].demands: names the need 'prove', which is not there; "
            "use one of those that exist (evidence, outcome)."
        ),
    ),
    "signal that demands a need twice": (
        {"signals[cause-unknown].demands[2]": {"need": "evidence", "weight": 2}},
        "signals[cause-unknown].demands: names 'evidence' 2 times; name it once.",
    ),
    "signal that rules out an engagement model that is absent": (
        {"signals[no-monthly-money].rules_out": ["retained"]},
        (
            "signals[no-monthly-money].rules_out: names the engagement model 'retained', which "
            "is not there; use one of those that exist (audit, project, retainer)."
        ),
    ),
    # Tables
    "guide row to an engagement model that is absent": (
        {"guides": [guide("choosing", ["audit", "review"])]},
        (
            "guides[choosing].rows[row].start_with: names the engagement model 'review', which "
            "is not there; use one of those that exist (audit, project, retainer)."
        ),
    ),
    "service path of an engagement model that is absent": (
        {"service_paths": [service_path("first", "review", {"cause": ["known"]})]},
        (
            "service_paths[first].engagement: names the engagement model 'review', which is not "
            "there; use one of those that exist (audit, project, retainer)."
        ),
    ),
    "service path on a question that is absent": (
        {"service_paths": [service_path("first", "audit", {"caus": ["known"]})]},
        (
            "service_paths[first].when: names the question 'caus', which is not there; "
            "use a question that exists (cause, money, work)."
        ),
    ),
    "service path on an option that is absent": (
        {"service_paths": [service_path("first", "audit", {"cause": ["clear"]})]},
        (
            "service_paths[first].when: names the option of cause 'clear', which is not there; "
            "use one of those that exist (known, not-sure, unknown)."
        ),
    ),
    # Emergencies
    "need to respond without a number to call": (
        RESCUE,
        (
            "emergency: is missing although a need has the phase respond; "
            "say whom to call and what to have ready."
        ),
    ),
    "need to respond that nobody offers, without a number to call": (
        {"needs[3]": UNOFFERED},
        (
            "emergency: is missing although a need has the phase respond; "
            "say whom to call and what to have ready."
        ),
    ),
    "need to respond that only others carry": (
        {**RESPOND, "engagements[rescue].phase": "run"},
        (
            "engagements: no engagement model of phase respond carries stabilisation; "
            "let one carry all needs of that phase."
        ),
    ),
    "needs to respond that no one carries together": (
        {
            **RESPOND,
            "needs[4]": need("containment", "respond"),
            "engagements[5]": engagement("guard", 5, "respond", ["containment"]),
        },
        (
            "engagements: no engagement model of phase respond carries containment, "
            "stabilisation; let one carry all needs of that phase."
        ),
    ),
    "nothing but unsure options": (
        {f"questions[money].options[{key}].unsure": True for key in ("monthly", "one-off")},
        "questions[money]: every option is unsure; leave `unsure` to who does not know.",
    ),
    "what it would take to be unsure": (
        {**SAID_OF_OPTIONS, "questions[cause].options[not-sure].if_so": "you did not know"},
        (
            "questions[cause].options[not-sure].if_so: is never read: nobody is advised to be "
            "unsure; remove it, or `unsure`."
        ),
    ),
    "what it would take, as a sentence": (
        {"questions[cause].options[known].if_so": "If you knew the cause."},
        (
            "questions[cause].options[known].if_so: begins with “if”, which is put before it; "
            "leave that word out.\n"
            "questions[cause].options[known].if_so: goes on with a comma, and yet ends with a "
            "mark; remove that."
        ),
    ),
    "a safety claim acknowledged": (
        {"acknowledgements": [acknowledgement("smallest")]},
        (
            "acknowledgements[1].claim: smallest has to hold, so it cannot be acknowledged; "
            "remove this, and mend what refutes it."
        ),
    ),
    "acknowledgements about nothing": (
        {
            "acknowledgements": [
                acknowledgement("signal-fires"),
                acknowledgement("option-matters"),
            ]
        },
        (
            "acknowledgements[1].about: is missing; name the signal.\n"
            "acknowledgements[2].about: is missing; name the question and the option, joined by "
            "a full stop."
        ),
    ),
    "acknowledgements about what is not there": (
        {
            **SCOPE,
            "acknowledgements": [
                acknowledgement("engagement-reached", "cause-unknown"),
                acknowledgement("signal-fires", "audit"),
                acknowledgement("option-matters", "cause.guessed"),
                acknowledgement("option-matters", "limits.none"),
            ],
        },
        (
            f"acknowledgements[1].about: names the engagement model 'cause-unknown', {THERE}\n"
            "acknowledgements[2].about: names the signal 'audit', which is not there; use one of "
            "those that exist (cause-unknown, no-monthly-money, work-to-do).\n"
            "acknowledgements[3].about: names the option of cause 'guessed', which is not there; "
            "use one of those that exist (known, not-sure, unknown).\n"
            "acknowledgements[4].about: names the question 'limits', which is not there; use a "
            "triage or decide question that exists (cause, money, work)."
        ),
    ),
    "acknowledged twice": (
        {
            "acknowledgements": [
                *(acknowledgement("signal-fires", "work-to-do") for _ in "ab"),
                *(acknowledgement("always-fits", why=why) for why in "ab"),
            ]
        },
        (
            "acknowledgements: signal-fires of work-to-do is acknowledged 2 times; say it once.\n"
            "acknowledgements: always-fits is acknowledged 2 times; say it once."
        ),
    ),
    "emergency that can be ruled out": (
        {**RESPOND, "signals[no-monthly-money].rules_out": ["retainer", "rescue"]},
        (
            "signals[no-monthly-money].rules_out: rules out rescue, "
            "but an emergency can never be ruled out; "
            "remove it; demand a need with `offered = false` for what you may not take on."
        ),
    ),
}


@pytest.mark.parametrize(("places", "told"), MISFITS.values(), ids=MISFITS.keys())
def test_parts_that_do_not_fit(places: dict[str, object], told: str) -> None:
    assert "\n".join(problems_of(changed(places))) == told


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(RESPOND, id="respond"),
        pytest.param(SCOPE, id="scope"),
        pytest.param(TRIAGE, id="triage"),
        pytest.param(SEVERAL, id="handover"),
        pytest.param(ACKNOWLEDGED, id="acknowledged"),
        pytest.param(SAID_OF_OPTIONS, id="said of options"),
        pytest.param({"needs[3]": need("sla", "run", offered=False)}, id="need not offered"),
        pytest.param(
            {"needs[3]": UNOFFERED, "emergency": emergency()}, id="nobody responds, and says so"
        ),
    ],
)
def test_the_parts_that_were_broken_fit_when_whole(parts: dict[str, object]) -> None:
    assert from_document(changed(parts)).key == "small"


def test_every_problem_that_can_be_told_has_a_case() -> None:
    told = "\n".join(told for _, told in MISFITS.values())
    patterns = problem_patterns(Path(checking.__file__).read_text())

    assert len(patterns) >= 15
    assert [pattern for pattern in patterns if not re.search(pattern, told)] == []


def problem_patterns(source: str) -> list[str]:
    """What each `Problem(where, what, mend)` in a source says, with any text for what varies."""
    calls = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem"
    ]
    return [f": {_pattern(call.args[1])}; {_pattern(call.args[2])}" for call in calls]


def _pattern(text: ast.expr) -> str:
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    return "".join(re.escape(p.value) if isinstance(p, ast.Constant) else ".+" for p in parts)


def test_all_misfits_are_told_at_once() -> None:
    document = changed(
        {
            "entry": "adit",
            "needs[3]": need("sla", "run"),
            "questions[money].ask_when[1].question": "wrok",
            "signals[cause-unknown].when[1].question": "causes",
            "signals[work-to-do].demands[1].need": "outcom",
            "signals[no-monthly-money].rules_out[1]": "retained",
        }
    )
    problems = problems_of(document, "firm.toml")
    assert sorted(problem.split(": ")[0] for problem in problems) == [
        "entry",
        "needs[sla]",
        "questions[money].ask_when",
        "signals[cause-unknown].when",
        "signals[no-monthly-money].rules_out",
        "signals[work-to-do].demands",
    ]
