"""A small playbook that says everything that can be said about an offer, each part once or more.

Who runs a site is decided: the client's own people after a handover, the firm in two tiers, or
both. Nobody promises an uptime beyond 99.9 %, and nobody stabilizes what is down right now.
"""

from advisor.playbook import Playbook
from tests.factories import (
    Document,
    conditions,
    emergency,
    engagement,
    need,
    option,
    prerequisite,
    put,
    question,
    section,
    signal,
    small_document,
    small_playbook,
)

SEVERITIES = [
    {
        "title": "Critical",
        "meaning": "The site is down",
        "response": "within 15 minutes",
        "resolution": "a way around within 4 hours",
        "updates": "every 30 minutes",
    },
    {"title": "High", "meaning": "A main part is down", "response": "within 4 hours"},
]

# What an engagement model may say beside what every one must, and a word by which it is known.
PARTS: dict[str, tuple[object, str]] = {
    "covers": (["Patches of the week"], "Patches of the week"),
    "price": ({"currency": "AUD", "least": 8000, "unit": "a month"}, "from AUD 8,000 a month"),
    "other_prices": (
        [
            {
                "title": "Hours beyond",
                "currency": "AUD",
                "least": 150,
                "most": 250,
                "unit": "an hour",
            }
        ],
        "Hours beyond",
    ),
    "separate_scope": (
        [{"what": "A new module", "becomes": "A project with a price"}],
        "A project with a price",
    ),
    "service_level": (
        {
            "coverage": "Every day, 7:00 to 23:00",
            "channels": ["Phone", "Chat"],
            "uptime": "99.5",
            "severities": SEVERITIES,
            "credits": [{"missed_by": "an hour", "credit": "5 % of the month"}],
            "credit_limit": "at most 20 % of a month",
        },
        "Every day, 7:00 to 23:00",
    ),
    "responsibilities": (
        [
            {"task": "Watch the site", "party": "firm", "note": "day and night"},
            {"task": "Answer users", "party": "buyer"},
            {"task": "Plan releases", "party": "both"},
            {"task": "Review the design", "party": "extra", "note": "once a year"},
            {"task": "Write features", "party": "nobody"},
        ],
        "Watch the site",
    ),
    "process": (
        [
            {
                "title": "Set-up",
                "when": "Week 1",
                "summary": "Access comes first.",
                "activities": ["Get access", "Put monitoring in place"],
                "outcome": "A dashboard that you can read",
            },
            {"title": "Regular work", "activities": ["Patch"]},
        ],
        "Put monitoring in place",
    ),
    "training": (
        [
            {"title": "How it is built", "hours": 4, "topics": ["Servers", "Data"]},
            {"title": "What to do at night", "hours": 3},
        ],
        "What to do at night",
    ),
    "escalation_path": (
        [
            {"when": "It is down", "who": "The engineer on call", "reach": "the hotline"},
            {"when": "Nobody answers in time", "who": "The head of service"},
        ],
        "The head of service",
    ),
}

PLAYBOOK_PARTS: dict[str, tuple[object, str]] = {
    "decision": ("Who keeps our site up?", "Who keeps our site up?"),
    "process": (
        [{"title": "First call", "when": "30 minutes", "outcome": "Both know whether to go on"}],
        "Both know whether to go on",
    ),
    "expectations": ([{"title": "One person", "text": "You talk to one person."}], "One person"),
    "faqs": (
        [{"key": "leave", "title": "Can we leave?", "answer": "At the end of any month."}],
        "Can we leave?",
    ),
}


def told(*names: str) -> Document:
    """These parts of an engagement model."""
    return {name: PARTS[name][0] for name in names or PARTS}


def care_document(**changes: object) -> Document:
    """The document of the playbook that says everything."""
    document = small_document(
        key="care",
        title="Care of a site",
        decision="Who keeps our site up?",
        entry="handover",
        needs=[
            need("stabilisation", "respond", title="stabilizing it right now", offered=False),
            need("takeover", "deliver", title="a handover to your own people"),
            need("upkeep", "run", title="upkeep by somebody else"),
            need("nights", "run", title="somebody who is there at night"),
            need("sharing", "run", title="work that is shared"),
            need("beyond", "run", title="an uptime above 99.9 %", offered=False),
        ],
        engagements=[
            engagement(
                "handover",
                1,
                "deliver",
                ["takeover"],
                title="Handover to your own people",
                price={"currency": "AUD", "least": 10000, "most": 25000, "unit": "once"},
                process=[
                    {"title": "Training", "when": "Weeks 2 and 3", "activities": ["Two sessions"]},
                    {
                        "title": "Support after it",
                        "when": "30 days",
                        "summary": "Included. Questions by mail, and a call each week.",
                        "outcome": "Your people run it without us",
                    },
                ],
                **told("training", "other_prices", "separate_scope"),
            ),
            engagement(
                "tier-1",
                2,
                "run",
                ["upkeep"],
                title="Managed care, tier 1",
                family="managed-care",
                price={"currency": "AUD", "least": 2000, "most": 3000, "unit": "a month"},
                service_level={"coverage": "Monday to Friday, 9:00 to 17:00", "uptime": "99.5"},
                responsibilities=[
                    {"task": "Watch the site", "party": "firm"},
                    {"task": "Train your people", "party": "extra"},
                    {"task": "Be there at night", "party": "nobody"},
                ],
            ),
            engagement(
                "shared",
                3,
                "run",
                ["sharing"],
                title="Shared care",
                **told("responsibilities"),
            ),
            engagement(
                "tier-2",
                4,
                "run",
                ["upkeep", "nights"],
                title="Managed care, tier 2",
                family="managed-care",
                follow_on={"playbook": "elsewhere", "when": "the first year is over"},
                prerequisites=[prerequisite("access", "ready", met=["access"])],
                **told(),
            ),
        ],
        sections=[
            section("triage", "triage"),
            section("situation", ask_when=conditions({"red-flags": ["none"]})),
            section("details", "scope"),
        ],
        questions=[
            question(
                "red-flags",
                ["down", option("none", exclusive=True)],
                kind="many",
                section="triage",
            ),
            question("uptime", ["any", "most", "beyond"]),
            question("who", ["own", "nobody", "both"]),
            question("nights", ["yes", "no"], ask_when=conditions({"who": ["nobody"]})),
            question("ready", ["access", "not-yet"], section="details"),
        ],
        signals=[
            signal("down", {"red-flags": ["down"]}, {"stabilisation": 9}),
            signal("beyond", {"uptime": ["beyond"]}, {"beyond": 3}),
            signal("own", {"who": ["own"]}, {"takeover": 3}),
            signal("nobody", {"who": ["nobody"]}, {"upkeep": 3}),
            signal("both", {"who": ["both"]}, {"sharing": 3}),
            signal("nights", {"nights": ["yes"]}, {"nights": 3}),
        ],
        emergency=emergency(),
        process=PLAYBOOK_PARTS["process"][0],
        expectations=PLAYBOOK_PARTS["expectations"][0],
        faqs=[
            {"key": "leave", "title": "Can we leave?", "answer": "At the end of any month."},
            {
                "key": "night",
                "title": "Who is there at night?",
                "answer": "An engineer of ours.",
                "engagements": ["tier-2"],
            },
        ],
    )
    return {**document, **changes}


def care_playbook(**changes: object) -> Playbook:
    """The playbook that says everything, with other top-level parts."""
    return small_playbook(**care_document(**changes))


CALM = {"red-flags": ["none"], "uptime": "most"}
BUYERS: dict[str, Document] = {
    "handover": {**CALM, "who": "own"},
    "tier-1": {**CALM, "who": "nobody", "nights": "no"},
    "shared": {**CALM, "who": "both"},
    "tier-2": {**CALM, "who": "nobody", "nights": "yes"},
    "not offered": {**CALM, "uptime": "beyond", "who": "own"},
    "down": {"red-flags": ["down"]},
}
"""What a buyer answers, by what it leads to."""


def with_part(name: str) -> Document:
    """The small document, whose audit says this part and whose others say none."""
    return put(small_document(), f"engagements[audit].{name}", PARTS[name][0])
