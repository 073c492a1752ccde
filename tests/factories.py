"""Make small playbooks, so that a test names only what matters to it.

A playbook is made as its plain document, which a test may change or break before it is loaded.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from advisor.answers import read_answers
from advisor.loading import PlaybookError, document_hash, from_document, to_document
from advisor.playbook import Playbook
from advisor.rules import Recommendation, Rulebook, compile_playbook, recommend

if TYPE_CHECKING:  # what is about the rules only needs no database
    from catalog.models import PlaybookVersion

Document = dict[str, Any]

REMOVED = object()
"""Put in a place, it takes away what is there."""


def small_playbook(**changes: object) -> Playbook:
    """A checked playbook: the small document with other top-level parts."""
    return from_document(small_document(**changes))


def small_rulebook(**changes: object) -> Rulebook:
    """The compiled small playbook with other top-level parts."""
    playbook = small_playbook(**changes)
    return compile_playbook(playbook, document_hash(to_document(playbook)))


def advised(answers: Mapping[str, object], **changes: object) -> Recommendation:
    """What the small playbook with other top-level parts recommends on these answers."""
    rulebook = small_rulebook(**changes)
    return recommend(rulebook, read_answers(rulebook.playbook, answers))


def small_document(**changes: object) -> Document:
    """A valid document: two needs, three engagement models, three questions, three signals.

    An unknown cause wants the audit, work wants the project, both want the retainer unless
    there is no monthly money: then the audit and, after it, the project.
    """
    document: Document = {
        "key": "small",
        "title": "Small playbook",
        "summary": "A few questions.",
        "promise": "The smallest that does the job.",
        "minutes": 2,
        "entry": "audit",
        "firm": {"name": "Firm", "email": "desk@firm.example", "phone": "+49 30 5550 0000"},
        "needs": [need("evidence", "decide"), need("outcome", "deliver")],
        "engagements": [
            engagement("audit", 1, "decide", ["evidence"]),
            engagement("project", 2, "deliver", ["outcome"]),
            engagement(
                "retainer",
                3,
                "run",
                ["evidence", "outcome"],
                prerequisites=[prerequisite("budget", "money", met=["monthly"])],
            ),
        ],
        "sections": [section("situation")],
        "questions": [
            question("cause", ["known", "unknown", "not-sure"]),
            question("work", ["build", "move", option("nothing", exclusive=True)], kind="many"),
            question(
                "money", ["monthly", "one-off"], ask_when=conditions({"work": ["build", "move"]})
            ),
        ],
        "signals": [
            signal("cause-unknown", {"cause": ["unknown", "not-sure"]}, {"evidence": 1}),
            signal("work-to-do", {"work": ["build", "move"]}, {"outcome": 3}),
            signal("no-monthly-money", {"money": ["one-off"]}, rules_out=["retainer"]),
        ],
    }
    return deepcopy({**document, **changes})


def put(document: Document, place: str, value: object) -> Document:
    """Change one place, named as messages name it: `signals[work-to-do].when[1].question`.

    The place behind the last item of a list adds one; the value REMOVED takes the place away.
    """
    *way, last = (_step(name) for name in re.findall(r"[^.\[\]]+", place))
    here: Any = document
    for step in way:
        here = here[_at(here, step)]
    if value is REMOVED:
        del here[_at(here, last)]
    elif isinstance(here, list) and last == len(here):
        here.append(deepcopy(value))
    else:
        here[_at(here, last)] = deepcopy(value)
    return document


def need(key: str, phase: str, **changes: object) -> Document:
    """A need of a phase."""
    texts = {"title": f"Need {key}", "explanation": "Why.", "starts_when": "When it is time"}
    return {"key": key, "phase": phase, **texts, **changes}


def engagement(
    key: str, size: int, phase: str, carries: Iterable[str], **changes: object
) -> Document:
    """An engagement model that carries needs."""
    return {
        "key": key,
        "title": f"Engagement {key}",
        "size": size,
        "phase": phase,
        "carries": list(carries),
        "summary": "What it is.",
        "use_when": "When to use it.",
        "duration": "Weeks",
        "commercial_shape": "Fixed scope",
        "first_services": ["A service"],
        "good_fit": ["A fit"],
        "operating_model": "How it runs.",
        "deliverables": ["A report"],
        "boundaries": ["Not more"],
        "cadence": [{"when": "Start", "what": "A talk"}],
        "handoff": "Who takes over.",
        "escalation": "Whom to call.",
        "next_step": "Book a call.",
        "prerequisites": [],
        **changes,
    }


def prerequisite(
    key: str, question_key: str, *, met: Iterable[str], unknown: Iterable[str] = ()
) -> Document:
    """A prerequisite that is read from a question."""
    read_from = {"question": question_key, "met": list(met), "unknown": list(unknown)}
    return {"key": key, "title": f"Prerequisite {key}", "owner": "A lead", **read_from}


def section(key: str, stage: str = "decide", **changes: object) -> Document:
    """A section of questions."""
    return {"key": key, "title": f"Section {key}", "stage": stage, **changes}


def question(key: str, options: Iterable[str | Document] = (), **changes: object) -> Document:
    """A question with options, of the section `situation` unless another is named."""
    asked = {"title": f"Question {key}?", "answer_noun": key, "why": "Why we ask."}
    choices = [option(o) if isinstance(o, str) else o for o in options]
    kind = {"kind": "one", "section": "situation"}
    return {"key": key, **asked, **kind, "options": choices, **changes}


def option(key: str, *, exclusive: bool = False, **changes: object) -> Document:
    """An option of a question."""
    return {"key": key, "label": f"Option {key}", "exclusive": exclusive, **changes}


def conditions(any_of: Mapping[str, Iterable[str]]) -> list[Document]:
    """Conditions: for each question the options, any of which has to be the answer."""
    return [{"question": key, "any_of": list(options)} for key, options in any_of.items()]


def signal(
    key: str,
    when: Mapping[str, Iterable[str]],
    demands: Mapping[str, int] | None = None,
    rules_out: Iterable[str] = (),
) -> Document:
    """A buying signal with the needs and weights that it demands, and what it rules out."""
    return {
        "key": key,
        "title": f"Signal {key}",
        "voice": "What a buyer says.",
        "when": conditions(when),
        "demands": [{"need": n, "weight": weight} for n, weight in (demands or {}).items()],
        "rules_out": list(rules_out),
        "because": "The reason.",
    }


def emergency() -> Document:
    """Whom to call."""
    contact = {"phone": "+49 30 5550 0001", "hours": "Always", "promise": "We pick up."}
    return {**contact, "have_ready": ["A contact"]}


def guide(key: str, start_with: Iterable[str]) -> Document:
    """A table of advice with one row."""
    row = {"key": "row", "statement": "If.", "start_with": list(start_with), "why": "Because."}
    return {"key": key, "title": f"Guide {key}", "rows": [row]}


def service_path(key: str, engagement_key: str, when: Mapping[str, Iterable[str]]) -> Document:
    """The services with which an engagement model starts for one answer."""
    [condition] = conditions(when)
    told = {"title": f"Path {key}", "services": ["A service"], "note": "A note."}
    return {"key": key, "engagement": engagement_key, "when": condition, **told}


# ---- What is said beside what decides -----------------------------------------------------


def said_of_an_offer() -> Document:
    """Everything that may be said of an engagement model beside what decides."""
    return {
        "price": {"currency": "EUR", "least": 900, "most": 1200, "unit": "per month"},
        "other_prices": [
            {"title": "An hour more", "currency": "EUR", "least": 150, "unit": "per hour"}
        ],
        "covers": ["Updates"],
        "separate_scope": [{"what": "A new module", "becomes": "A project of its own"}],
        "service_level": {
            "coverage": "Monday to Friday, 9:00 to 17:00",
            "channels": ["Telephone"],
            "uptime": "99.5",
            "severities": [
                {
                    "title": "Critical",
                    "meaning": "It is down",
                    "response": "within 1 hour",
                    "resolution": "within a day",
                    "updates": "every hour",
                }
            ],
            "credits": [{"missed_by": "More than an hour", "credit": "10 percent"}],
            "credit_limit": "30 percent of a month",
        },
        "responsibilities": [{"task": "Backups", "party": "firm", "note": "every night"}],
        "process": [process_phase("Set-up")],
        "training": [{"title": "The basics", "hours": 3, "topics": ["Where the logs are"]}],
        "escalation_path": [{"who": "The lead", "when": "At once", "reach": "By telephone"}],
        "follow_on": {"playbook": "afterwards", "when": "it runs"},
    }


def process_phase(title: str) -> Document:
    """A phase of how the work goes."""
    told = {"when": "Week 1", "summary": "We begin.", "outcome": "A plan"}
    return {"title": title, "activities": ["A talk"], **told}


def faq(key: str, engagements: Iterable[str] = ()) -> Document:
    """A frequent question for some engagement models, or for all."""
    told = {"title": f"Does {key} matter?", "answer": "It does."}
    return {"key": key, **told, "engagements": list(engagements)}


def checklist(key: str, engagements: Iterable[str] = ()) -> Document:
    """A checklist with two groups."""
    groups = [
        {"key": name, "title": f"Group {name}", "items": [f"Item {name} 1", f"Item {name} 2"]}
        for name in ("before", "after")
    ]
    told = {"title": f"Checklist {key}", "intro": "Tick it off.", "groups": groups}
    return {"key": key, **told, "engagements": list(engagements)}


def chapter(key: str, fact_of: str, engagements: Iterable[str] = ()) -> Document:
    """A chapter of the manual with a fact that the answer to a question fills in."""
    issue = {"title": "It is slow", "cause": "Load", "steps": ["Wait"], "within": "an hour"}
    told = {"title": f"Chapter {key}", "text": "Keep it at hand.", "points": ["Call first"]}
    facts = [{"label": f"Fact {key}", "question": fact_of}]
    return {
        "key": key,
        **told,
        "engagements": list(engagements),
        "facts": facts,
        "issues": [issue],
    }


def said_of_a_playbook(engagement_key: str = "retainer", question_key: str = "money") -> Document:
    """Everything that a playbook may say of its own beside what decides."""
    return {
        "decision": "Who looks after it?",
        "process": [process_phase("Discovery")],
        "expectations": [{"title": "Answers", "text": "Within a day."}],
        "faqs": [faq("price", [engagement_key]), faq("time")],
        "checklists": [checklist("setup", [engagement_key])],
        "chapters": [chapter("contacts", question_key, [engagement_key])],
        "acknowledgements": [acknowledgement("engagement-reached", engagement_key)],
    }


def acknowledgement(claim: str, about: str | None = None, why: str = "It is meant so.") -> Document:
    """Why a refuted claim is right."""
    return {"claim": claim, **({"about": about} if about else {}), "why": why}


def saying_everything(playbook: Playbook) -> Playbook:
    """A playbook whose first engagement model, and which itself, says all there is to say."""
    document = to_document(playbook)
    [first, *others], [asked, *_] = document["engagements"], document["questions"]
    return from_document(
        {
            **document,
            **said_of_a_playbook(first["key"], asked["key"]),
            "engagements": [{**first, **said_of_an_offer()}, *others],
        }
    )


def tamper(version: "PlaybookVersion", **columns: object) -> None:
    """Change a published version behind the back of the product, as its database's owner can."""
    with unguarded(connection):
        type(version)._base_manager.filter(pk=version.pk).update(**columns)  # noqa: SLF001


@contextmanager
def unguarded(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Without the triggers that refuse to change immutable rows."""
    from catalog import triggers  # noqa: PLC0415 - needs a database, as most tests do not

    if connection.in_atomic_block:
        connection.check_constraints()  # PostgreSQL alters no table while some wait to be checked
    triggers.drop(connection)
    try:
        yield
    finally:
        triggers.make(connection)


def _step(name: str) -> str | int:
    return int(name) - 1 if name.isdigit() else name


def _at(here: Any, step: str | int) -> str | int:
    """Where a step leads: into a list by place or by the key of an item."""
    if isinstance(here, list) and isinstance(step, str):
        return next(at for at, item in enumerate(here) if item["key"] == step)
    return step


# ---- Documents that are wrong ---------------------------------------------------------------


def problems_of(document: object, source: str = "playbook") -> list[str]:
    """The sentences that a document is refused with, after the line that counts them."""
    with pytest.raises(PlaybookError) as refused:
        from_document(document, source)
    count, *problems = str(refused.value).splitlines()
    told = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    assert count == f"{source}: {told}; nothing was loaded."
    assert problems == [str(problem) for problem in refused.value.problems]
    return problems


def changed(places: dict[str, object], **parts: object) -> dict[str, Any]:
    """The small document with other top-level parts, and then with other values in places."""
    document = small_document(**parts)
    for place, value in places.items():
        put(document, place, value)
    return document


# ---- Reading a recommendation, and offers to decide on ------------------------------------

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


def emergency_offer() -> dict[str, object]:
    """A rescue that is the largest of all, and a partner that carries everything."""
    return offer(
        engagement("audit", 1, "decide", ["evidence"]),
        engagement("partner", 2, "run", ["evidence", "outcome", "stabilisation"]),
        engagement("rescue", 9, "respond", ["stabilisation"]),
        demands={"evidence": "decide", "outcome": "deliver", "stabilisation": "respond"},
    )


def strict_shop() -> dict[str, object]:
    """The small playbook where no monthly money leaves the audit only."""
    first, second, third = small_document()["signals"]
    return {"signals": [first, second, {**third, "rules_out": ["project", "retainer"]}]}


def named_in(recommendation: Recommendation) -> list[tuple[str, str]]:
    """The answers of the conflict."""
    assert recommendation.conflict is not None
    return [(told.question, *told.options) for told in recommendation.conflict.answers]


def steps(recommendation: Recommendation) -> list[tuple[str, Keys, Keys]]:
    return [(s.engagement, s.chosen_for, s.carries) for s in recommendation.steps]
