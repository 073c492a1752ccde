"""Playbooks that nobody wrote: hypothesis makes them up, small and valid.

`documents` has what decides; `whole_playbooks` has every part of the format, with any text.
"""

import itertools
from collections.abc import Iterable
from functools import cache

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from advisor.checking import ABOUT
from advisor.loading import from_document
from advisor.offers import Party
from advisor.playbook import Claim, Phase, Playbook
from tests.factories import (
    Document,
    acknowledgement,
    conditions,
    emergency,
    engagement,
    guide,
    need,
    option,
    prerequisite,
    question,
    section,
    service_path,
    signal,
    small_document,
)

PHASES = [str(phase) for phase in Phase]


def holds(examples: int) -> settings:
    """The same examples on every machine and day; a failure is never a matter of luck."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@st.composite
def documents(draw: st.DrawFn, *, urgent: bool = False, all_offered: bool = True) -> Document:
    """A small valid playbook: 2-5 needs, 2-5 engagement models, 2-4 questions, 1-6 signals.

    One engagement model of phase respond at most. An urgent one answers `o0` to `q0`. Where not
    all is offered, some demand one need more, which is not.
    """
    phases = draw(st.lists(st.sampled_from(PHASES), min_size=2, max_size=5))
    if urgent:
        phases[0] = "respond"
    needs = [need(f"n{at}", phase) for at, phase in enumerate(phases)]
    keys = [n["key"] for n in needs]
    respond = [n["key"] for n in needs if n["phase"] == "respond"]
    models = [
        engagement(f"e{at}", draw(st.integers(1, 4)), draw(st.sampled_from(PHASES[1:])), carried)
        for at, carried in enumerate(draw(st.lists(some_of(keys), min_size=2, max_size=5)))
    ]
    carried = {key for model in models for key in model["carries"]}
    models[0]["carries"] += [key for key in keys if key not in carried]
    responder = draw(st.sampled_from(models))
    if respond:
        responder["phase"] = "respond"
        responder["carries"] = [k for k in keys if k in {*responder["carries"], *respond}]
    questions = draw(some_questions())
    can_be_ruled_out = [m["key"] for m in models if not respond or m is not responder]
    signals = [
        draw(some_signal(f"s{at}", questions, keys, can_be_ruled_out))
        for at in range(draw(st.integers(1, 6)))
    ]
    if urgent:
        signals.append(signal("urgent", {"q0": ["o0"]}, {"n0": 1}))
    if not all_offered and draw(st.sampled_from([False, False, True])):
        needs.append(need("elsewhere", draw(st.sampled_from(PHASES)), offered=False))
        draw(st.sampled_from(signals))["demands"].append({"need": "elsewhere", "weight": 1})
    return small_document(
        entry=draw(st.sampled_from(models))["key"],
        emergency=emergency(),
        needs=needs,
        engagements=models,
        sections=[section("triage", "triage"), section("situation")],
        questions=questions,
        signals=signals,
    )


def some_of(keys: Iterable[str], most: int = 5) -> st.SearchStrategy[list[str]]:
    """One of the keys or several, in their order."""
    return _some_of(tuple(keys), most)


@cache
def _some_of(keys: tuple[str, ...], most: int) -> st.SearchStrategy[list[str]]:
    # One draw from all there are: ten times as fast as sets that Hypothesis puts together.
    sizes = range(1, min(most, len(keys)) + 1)
    ways = [way for size in sizes for way in itertools.combinations(keys, size)]
    return st.sampled_from(ways).map(list)


@st.composite
def some_questions(draw: st.DrawFn) -> list[Document]:
    """Two to four questions, one of them of kind `many`, some asked after certain answers only."""
    count = draw(st.integers(2, 4))
    many = draw(st.integers(0, count - 1))
    triage = draw(st.booleans())
    questions: list[Document] = []
    for at in range(count):
        options = [option(f"o{n}") for n in range(draw(st.integers(2, 3)))]
        if at == many:
            options[-1]["exclusive"] = draw(st.booleans())
        options[draw(st.integers(0, 1))]["unsure"] = draw(st.booleans())
        earlier = draw(some_of_each(questions)) if at and draw(st.booleans()) else {}
        questions.append(
            question(
                f"q{at}",
                options,
                kind="many" if at == many else "one",
                section="triage" if at == 0 and triage else "situation",
                changeable=draw(st.sampled_from([True, True, False])),
                ask_when=conditions(earlier),
            )
        )
    return questions


@st.composite
def some_of_each(draw: st.DrawFn, questions: list[Document]) -> dict[str, list[str]]:
    """Some options of one question or of several."""
    keys = draw(some_of((q["key"] for q in questions), most=2))
    asked = [q for q in questions if q["key"] in keys]
    return {q["key"]: draw(some_of([o["key"] for o in q["options"]])) for q in asked}


@st.composite
def some_signal(
    draw: st.DrawFn, key: str, questions: list[Document], needs: list[str], models: list[str]
) -> Document:
    """A signal that demands, rules out, or both."""
    does = draw(st.sampled_from(["demands", "demands", "rules out", "both"]))
    demanded = draw(some_of(needs, most=3)) if does != "rules out" or not models else []
    return signal(
        key,
        draw(some_of_each(questions)),
        {n: draw(st.integers(1, 5)) for n in demanded},
        draw(some_of(models, most=2)) if does != "demands" and models else [],
    )


# ---- Every part of the format -------------------------------------------------------------

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20
).filter(str.strip)
"""Any text that a database keeps: quotes, line breaks, right-to-left marks and all."""


LINES = st.lists(TEXTS, max_size=2)


def rows(needed: Document, **optional: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """None, one or two rows of a table, with what they need and what they may have."""
    row = st.fixed_dictionaries(needed, optional=optional)
    return st.lists(row, max_size=2, unique_by=lambda said: said.get("task", object()))


def _priced(words: tuple[int, int | None, str]) -> Document:
    least, more, unit = words
    most = {} if more is None else {"most": least + more}
    return {"currency": "EUR", "least": least, **most, "unit": unit}


PRICES = st.tuples(st.integers(0, 10), st.none() | st.integers(0, 10), TEXTS).map(_priced)
PHASE_ROWS = rows({"title": TEXTS}, when=TEXTS, summary=TEXTS, activities=LINES, outcome=TEXTS)
SAID_OF_OFFERS: dict[str, st.SearchStrategy[object]] = {
    "family": st.just("variants"),
    "price": PRICES,
    "other_prices": st.lists(
        st.tuples(PRICES, TEXTS).map(lambda two: {**two[0], "title": two[1]}), max_size=2
    ),
    "covers": LINES,
    "separate_scope": rows({"what": TEXTS, "becomes": TEXTS}),
    "service_level": st.fixed_dictionaries(
        {"coverage": TEXTS},
        optional={
            "channels": LINES,
            "uptime": st.sampled_from(["99", "99.95"]),
            "severities": rows(
                {"title": TEXTS, "meaning": TEXTS, "response": TEXTS},
                resolution=TEXTS,
                updates=TEXTS,
            ),
            "credits": rows({"missed_by": TEXTS, "credit": TEXTS}),
            "credit_limit": TEXTS,
        },
    ),
    "responsibilities": rows({"task": TEXTS, "party": st.sampled_from(Party)}, note=TEXTS),
    "process": PHASE_ROWS,
    "training": rows({"title": TEXTS, "hours": st.integers(1, 80)}, topics=LINES),
    "escalation_path": rows({"who": TEXTS, "when": TEXTS}, reach=TEXTS),
    "follow_on": st.fixed_dictionaries(
        {"playbook": st.sampled_from(["afterwards", "meanwhile"]), "when": TEXTS}
    ),
}
"""What may be said of an engagement model beside what decides."""


@st.composite
def whole_playbooks(draw: st.DrawFn) -> Playbook:
    """A playbook with every part of the format in some of them, all of the same key."""
    document = draw(documents())
    needs = [n["key"] for n in document["needs"]]
    models = [m["key"] for m in document["engagements"]]
    questions = document["questions"]
    for part in (*document["needs"], *document["signals"], *questions):
        part["title"] = draw(TEXTS)
    for at, model in enumerate(document["engagements"]):
        model.update(draw(some_words(at, questions)))
    for asked in questions:
        asked.update(draw(optional("hint")))
        asked["options"] = [{**o, **draw(some_option(o))} for o in asked["options"]]
    document["sections"] += [
        section(
            "after", "scope", **draw(optional("intro")), ask_when=draw(some_condition(questions))
        )
    ]
    document["questions"] = [
        *questions,
        *(
            question(f"open-{kind}", kind=kind, section="after", engagements=draw(some_of(models)))
            for kind in draw(st.lists(st.sampled_from(["line", "text"]), unique=True))
        ),
    ]
    document["guides"] = [
        {**guide(f"g{at}", draw(some_of(models))), "title": draw(TEXTS)}
        for at in range(draw(st.integers(0, 2)))
    ]
    document["service_paths"] = [
        service_path(f"p{at}", draw(st.sampled_from(models)), draw(some_of_one(questions)))
        for at in range(draw(st.integers(0, 2)))
    ]
    document |= draw(what_is_kept(models, [asked["key"] for asked in document["questions"]]))
    if draw(st.booleans()):
        document["needs"].append(need("elsewhere", draw(st.sampled_from(PHASES)), offered=False))
        document["signals"][0]["demands"].append({"need": "elsewhere", "weight": 1})
    if not any(n["phase"] == "respond" for n in document["needs"]) and draw(st.booleans()):
        del document["emergency"]
    document["language"] = draw(st.sampled_from(["en", "de-AT"]))
    document["acknowledgements"] = draw(some_acknowledgements(document))
    document["firm"] |= draw(optional("website"))
    draw(st.randoms(use_true_random=False)).shuffle(needs)
    document["engagements"][0]["carries"].sort(key=needs.index)
    return from_document(document)


@st.composite
def some_option(draw: st.DrawFn, given: Document) -> Document:
    """What an option may say beside its label; what it would take, if that is ever read."""
    said = draw(optional("hint"))
    if not given.get("unsure") and draw(st.booleans()):
        said["if_so"] = f"you have {draw(TEXTS).strip()} at hand"
    return said


@st.composite
def some_acknowledgements(draw: st.DrawFn, document: Document) -> list[Document]:
    """Why one claim or another is refuted, whether it is or not."""
    scope = {s["key"] for s in document["sections"] if s["stage"] == "scope"}
    deciding = [q for q in document["questions"] if q["section"] not in scope]
    there = {
        "needs": [None, *(need["key"] for need in document["needs"])],
        "engagements": [model["key"] for model in document["engagements"]],
        "signals": [signal["key"] for signal in document["signals"]],
        "questions": [f"{q['key']}.{o['key']}" for q in deciding for o in q["options"]],
    }
    qualities = [claim for claim in Claim if not claim.is_safety]
    all_ = [(claim, about) for claim in qualities for about in there[ABOUT[claim]]]
    picked = draw(st.lists(st.sampled_from(all_), max_size=3, unique=True))
    return [acknowledgement(claim, about, draw(TEXTS)) for claim, about in picked]


@st.composite
def some_words(draw: st.DrawFn, at: int, questions: list[Document]) -> Document:
    """What an engagement model may have besides what decides."""
    prerequisites = []
    for number in range(draw(st.integers(0, 2))):
        [(key, met)] = draw(some_of_one(questions)).items()
        unknown = met if draw(st.booleans()) else []
        prerequisites.append(prerequisite(f"pre{at}{number}", key, met=met, unknown=unknown))
    rhythms = draw(st.lists(TEXTS, max_size=2))
    return {
        "summary": draw(TEXTS),
        "deliverables": draw(st.lists(TEXTS, max_size=3)),
        "cadence": [{"when": rhythm, "what": rhythm} for rhythm in rhythms],
        "prerequisites": prerequisites,
        **draw(st.fixed_dictionaries({}, optional=SAID_OF_OFFERS)),
    }


@st.composite
def what_is_kept(draw: st.DrawFn, models: list[str], questions: list[str]) -> Document:
    """What a playbook may say of all offers, and what a buyer is given to keep."""
    for_some = {"engagements": st.just([]) | some_of(models)}
    groups = {
        "title": TEXTS,
        "items": st.lists(TEXTS, min_size=1, max_size=2, unique_by=str.strip),
    }
    asked = st.sampled_from(questions)
    kinds = {
        "faqs": ({"title": TEXTS, "answer": TEXTS}, {}),
        "checklists": (
            {"title": TEXTS, "groups": _keyed("g", st.fixed_dictionaries(groups), least=1)},
            {"intro": TEXTS},
        ),
        "chapters": (
            {"title": TEXTS},
            {
                "text": TEXTS,
                "points": LINES,
                "facts": rows({"label": TEXTS, "question": asked}),
                "issues": rows({"title": TEXTS, "cause": TEXTS, "steps": LINES, "within": TEXTS}),
            },
        ),
    }
    parts = {
        name: _keyed(name[0], st.fixed_dictionaries(needed, optional={**more, **for_some}))
        for name, (needed, more) in kinds.items()
    }
    of_all = {
        "decision": TEXTS,
        "process": PHASE_ROWS,
        "expectations": rows({"title": TEXTS, "text": TEXTS}),
    }
    return draw(st.fixed_dictionaries({}, optional={**of_all, **parts}))


def _keyed(
    start: str, part: st.SearchStrategy[Document], least: int = 0
) -> st.SearchStrategy[list[Document]]:
    """Up to two parts, each with a key of its own."""
    several = st.lists(part, min_size=least, max_size=2)
    return several.map(lambda all_: [{"key": f"{start}{at}", **p} for at, p in enumerate(all_)])


def optional(name: str) -> st.SearchStrategy[Document]:
    """A text of this name, or none."""
    return st.just({}) | TEXTS.map(lambda text: {name: text})


def some_of_one(questions: list[Document]) -> st.SearchStrategy[dict[str, list[str]]]:
    """Some options of one question."""
    return st.sampled_from(questions).flatmap(
        lambda asked: some_of([o["key"] for o in asked["options"]]).map(
            lambda options: {asked["key"]: options}
        )
    )


def some_condition(questions: list[Document]) -> st.SearchStrategy[list[Document]]:
    """No condition, or one."""
    return st.just([]) | some_of_one(questions).map(conditions)
