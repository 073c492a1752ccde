"""Other engines with the same rules: zen-engine, tuned and as a plain table, and json-logic.

Each takes answers in the form that it takes best, prepared beforehand, and returns what the floor
does: the fired signals as a mask, and the engagement models in order.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

import zen
from json_logic import jsonLogic

from advisor.playbook import Condition, EngagementModel, Kind, Phase, Playbook, Signal
from advisor.rules import Rulebook
from advisor.rules.deciding import decide
from advisor.rules.outcomes import engagements_of

Context = dict[str, str | list[str]]
Decide = Callable[[Context], tuple[int, tuple[str, ...]]]
NONE = "none"
"""The step where nothing fits."""


class Peer:
    """Another engine; what it is given is prepared before its time counts."""

    def __init__(self, rulebook: Rulebook, decide: Decide) -> None:
        self.playbook = rulebook.playbook
        self.decide = decide

    def prepare(self, answers: dict[str, tuple[str, ...]]) -> Context:
        """Return answers as other engines take them: a text, or a list where there may be more."""
        return {
            key: list(given) if _is_many(self.playbook, key) else given[0]
            for key, given in answers.items()
        }


def _is_many(playbook: Playbook, question: str) -> bool:
    return playbook.question(question).kind is Kind.MANY


def _conditions(playbook: Playbook, signal: Signal) -> list[Condition]:
    """The conditions of a signal, each after those under which its question is asked."""
    found: list[Condition] = []
    for condition in signal.when:
        found += (*playbook.conditions_of(playbook.question(condition.question)), condition)
    return list(dict.fromkeys(found))


def _demanding(playbook: Playbook) -> dict[str, list[int]]:
    """For each need, the signals that demand it, and for each model those that rule it out."""
    signals = list(enumerate(playbook.signals))
    needs = {
        need.key: [at for at, s in signals if any(d.need == need.key for d in s.demands)]
        for need in playbook.needs
    }
    out = {
        f"no_{model.key}": [at for at, s in signals if model.key in s.rules_out]
        for model in playbook.engagements
    }
    return {**needs, **out}


def _told(steps: Iterable[str], *, emergency: bool) -> tuple[str, ...]:
    """The engagement models in order; where a step has none, there are none but an emergency's."""
    found = [step for step in steps if step]
    return (*(["emergency"] if emergency else []), *([] if NONE in found else found))


# ---- zen-engine ----------------------------------------------------------------------------


def zen_tuned(rulebook: Rulebook) -> Decide:
    """What fires as one number from one expression; what follows from it is looked up in Python.

    The steps as expressions (as `zen_table` has them) cost it several times as much; they are ours
    here, so that only what fires is its own.
    """
    playbook = rulebook.playbook
    fired = " + ".join(
        f"({_zen_when(playbook, signal)} ? {1 << at} : 0)"
        for at, signal in enumerate(playbook.signals)
    )
    engine = _zen(_expressions({"fired": fired}))
    known: dict[tuple[int, int], tuple[str, ...]] = {}

    def decide_on(context: Context) -> tuple[int, tuple[str, ...]]:
        mask = left = int(engine.evaluate("rules", context)["result"]["fired"])
        needs = ruled_out = 0
        while left:
            low = left & -left
            signal = rulebook.signals[low.bit_length() - 1]
            needs |= signal.needs
            ruled_out |= signal.rules_out
            left ^= low
        if (needs, ruled_out) not in known:
            known[needs, ruled_out] = engagements_of(decide(rulebook, needs, ruled_out))
        return mask, known[needs, ruled_out]

    return decide_on


def zen_table(playbook: Playbook, *, trace: bool = False) -> Decide:
    """The signals as the rows of a decision table that collects every row that holds."""
    questions = [question.key for question in playbook.questions]
    rows = [
        {
            "_id": signal.key,
            "fired": str(1 << at),
            **{c.question: _zen_cell(playbook, c) for c in _conditions(playbook, signal)},
        }
        for at, signal in enumerate(playbook.signals)
    ]
    table = {
        "hitPolicy": "collect",
        "inputs": [{"id": key, "name": key, "field": key} for key in questions],
        "outputs": [{"id": "fired", "name": "fired", "field": "fired"}],
        "rules": [{**dict.fromkeys(questions, ""), **row} for row in rows],
        "outputPath": "rows",
    }
    flags = {
        key: f"some(rows, #.fired in {[1 << at for at in by]})" if by else "false"
        for key, by in _demanding(playbook).items()
    }
    engine = _zen(
        table,
        _expressions({"mask": "sum(map(rows, #.fired))", **flags}),
        _expressions(_zen_steps(playbook)),
    )
    options = {"trace": trace}

    def decide_on(context: Context) -> tuple[int, tuple[str, ...]]:
        result = engine.evaluate("rules", context, options)["result"]
        return int(result["fired"]), _told(result["steps"], emergency=result["emergency"])

    return decide_on


def _expressions(values: dict[str, str]) -> dict[str, Any]:
    return {"expressions": [{"id": k, "key": k, "value": v} for k, v in values.items()]}


def _zen(*contents: dict[str, Any]) -> zen.ZenEngine:
    """These nodes one after the other, compiled once."""
    inner = [
        (f"n{at}", "decisionTableNode" if "rules" in content else "expressionNode", content)
        for at, content in enumerate(contents)
    ]
    nodes = [("in", "inputNode", {}), *inner, ("out", "outputNode", {})]
    graph = {
        "nodes": [
            {"id": key, "name": key, "type": kind, "content": content}
            for key, kind, content in nodes
        ],
        "edges": [
            {"id": f"{a}-{b}", "sourceId": a, "targetId": b, "type": "edge"}
            for (a, *_), (b, *_) in pairwise(nodes)
        ],
    }
    return zen.ZenEngine({"loader": {"type": "static", "content": {"rules": graph}}})


def _zen_when(playbook: Playbook, signal: Signal) -> str:
    return " and ".join(_zen_holds(playbook, c) for c in _conditions(playbook, signal))


def _zen_holds(playbook: Playbook, condition: Condition) -> str:
    key, options = condition.question, json.dumps(condition.any_of)
    if _is_many(playbook, key):
        return f"some({key}, # in {options})"
    if len(condition.any_of) == 1:
        return f"{key} == {json.dumps(condition.any_of[0])}"
    return f"{key} in {options}"


def _zen_cell(playbook: Playbook, condition: Condition) -> str:
    if _is_many(playbook, condition.question):
        return f"some($, # in {json.dumps(condition.any_of)})"
    return ", ".join(map(json.dumps, condition.any_of))


def _zen_steps(playbook: Playbook) -> dict[str, str]:
    """The steps as expressions over a flag for each need and each model ruled out."""
    entry = f"(no_{playbook.entry} ? '{NONE}' : '{playbook.entry}')"
    needs = [need.key for need in playbook.needs if need.phase is not Phase.RESPOND]
    flags = {key: key for key in needs}
    values = {}
    for step in ("first", "second", "third"):
        values[step] = _zen_step(playbook, flags)
        carrying = {key: [m.key for m in playbook.engagements if key in m.carries] for key in needs}
        for key in needs:
            values[f"{step}_{key}"] = f"{flags[key]} and not ($.{step} in {carrying[key]})"
        flags = {key: f"$.{step}_{key}" for key in needs}
    urgent = next(need.key for need in playbook.needs if need.phase is Phase.RESPOND)
    any_need = " or ".join([urgent, *needs])
    values["steps"] = f"({any_need}) ? [$.first, $.second, $.third] : [{entry}, '', '']"
    return {**values, "emergency": urgent, "fired": "mask"}


def _zen_step(playbook: Playbook, flags: dict[str, str]) -> str:
    """The smallest for everything left, else for the earliest phase of it."""
    chain = f"'{NONE}'"
    for phase in reversed(list(Phase)[1:]):
        own = [flags[n.key] for n in playbook.needs if n.phase is phase and n.key in flags]
        only = {n.key: flags[n.key] for n in playbook.needs if n.phase is phase and n.key in flags}
        chain = f"({' or '.join(own)}) ? ({_zen_smallest(playbook, only, NONE)}) : ({chain})"
    everything = _zen_smallest(playbook, flags, chain)
    return f"({' or '.join(flags.values())}) ? ({everything}) : ''"


def _zen_smallest(playbook: Playbook, flags: dict[str, str], otherwise: str) -> str:
    chain = f"'{otherwise}'" if otherwise == NONE else f"({otherwise})"
    for model in reversed(_deciding(playbook)):
        lacks = [f"no_{model.key}", *(f for key, f in flags.items() if key not in model.carries)]
        chain = f"not ({' or '.join(lacks)}) ? '{model.key}' : {chain}"
    return chain


def _deciding(playbook: Playbook) -> list[EngagementModel]:
    """The engagement models that are not for emergencies, smallest first."""
    models = [model for model in playbook.engagements if model.phase is not Phase.RESPOND]
    return sorted(models, key=lambda model: model.size)


# ---- json-logic ----------------------------------------------------------------------------


def json_logic(playbook: Playbook) -> Decide:
    """One rule for the signals, and one for a step, which is asked for until nothing is left."""
    signals = {
        "+": [
            {"if": [{"and": list(_terms(playbook, signal))}, 1 << at, 0]}
            for at, signal in enumerate(playbook.signals)
        ]
    }
    step = _logic_step(playbook)
    demanding = {key: sum(1 << at for at in by) for key, by in _demanding(playbook).items()}
    urgent = next(need.key for need in playbook.needs if need.phase is Phase.RESPOND)
    carries = {model.key: model.carries for model in playbook.engagements}

    def decide(context: Context) -> tuple[int, tuple[str, ...]]:
        mask = int(jsonLogic(signals, context))
        flags = {key: bool(mask & by) for key, by in demanding.items()}
        emergency = flags.pop(urgent)
        steps = []
        while found := jsonLogic(step, flags):
            steps.append(found)
            if found == NONE:
                break
            flags.update(dict.fromkeys(carries[found], False))
        if not steps and not emergency:
            steps = [NONE if flags[f"no_{playbook.entry}"] else playbook.entry]
        return mask, _told(steps, emergency=emergency)

    return decide


def _terms(playbook: Playbook, signal: Signal) -> Iterator[dict[str, Any]]:
    for condition in _conditions(playbook, signal):
        given = {"var": [condition.question]}
        if _is_many(playbook, condition.question):
            yield {"or": [{"in": [option, given]} for option in condition.any_of]}
        else:
            yield {"in": [given, list(condition.any_of)]}


def _logic_step(playbook: Playbook) -> dict[str, Any]:
    needs = [need for need in playbook.needs if need.phase is not Phase.RESPOND]

    def any_need(keys: Iterable[str]) -> dict[str, Any]:
        return {"or": [{"var": [key]} for key in keys]}

    def smallest(keys: list[str], otherwise: object) -> dict[str, Any]:
        branches: list[object] = []
        for model in _deciding(playbook):
            lacks = [f"no_{model.key}", *(key for key in keys if key not in model.carries)]
            branches += [{"!": [any_need(lacks)]}, model.key]
        return {"if": [*branches, otherwise]}

    by_phase = []
    for phase in list(Phase)[1:]:
        keys = [need.key for need in needs if need.phase is phase]
        by_phase += [any_need(keys), smallest(keys, NONE)]
    keys = [need.key for need in needs]
    return {"if": [any_need(keys), smallest(keys, {"if": by_phase}), ""]}
