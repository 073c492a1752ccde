"""Playbooks of any size, the same at every time, and answers to them."""

import random

from advisor.loading import from_document
from advisor.playbook import Kind, Phase, Playbook
from advisor.rules import Rulebook
from advisor.rules.rulebook import CompiledQuestion
from tests.factories import (
    Document,
    conditions,
    emergency,
    engagement,
    need,
    option,
    question,
    section,
    signal,
    small_document,
)

OPTIONS = "abcd"


def playbook_of(
    questions: int = 30, signals: int = 40, needs: int = 14, engagements: int = 8
) -> Playbook:
    """Return a checked playbook of this size.

    The first question is triage, one in ten takes several ticks, one in ten depends on the one
    before. A signal has two or three conditions. A phase has a model that carries all of it.
    """
    chance = random.Random(f"{questions} {signals} {needs} {engagements}")
    asked = [_question(at) for at in range(questions)]
    phases = [Phase.RESPOND, *(list(Phase)[1 + 3 * at // needs] for at in range(needs - 1))]
    demanded = [need(f"n{at}", str(phase)) for at, phase in enumerate(phases)]
    keys = [one["key"] for one in demanded]
    models = [
        engagement(f"e{at}", at + 1, str(phase), _carried(chance, phase, demanded))
        for at, phase in enumerate(_phase_of(at, engagements) for at in range(engagements - 1))
    ]
    for one in demanded[1:]:
        models[_last_of(models, one["phase"])]["carries"].append(one["key"])
    for model in models:
        model["carries"] = [key for key in keys if key in model["carries"]]
    models.append(engagement("emergency", engagements, "respond", keys[:1]))
    return from_document(
        small_document(
            key="sample",
            entry="e0",
            emergency=emergency(),
            needs=demanded,
            engagements=models,
            sections=[section("triage", "triage"), section("situation")],
            questions=asked,
            signals=[
                signal("s0", {"q0": ["a"]}, {"n0": 3}),
                *(_signal(chance, at, asked, keys[1:], models[:-1]) for at in range(1, signals)),
            ],
        )
    )


def _question(at: int) -> Document:
    """One question: each tenth of kind many, each tenth asked after one answer to the last."""
    return question(
        f"q{at}",
        [option(key, exclusive=at % 10 == 4 and key == "d") for key in OPTIONS],
        kind="many" if at % 10 == 4 else "one",
        section="situation" if at else "triage",
        ask_when=conditions({f"q{at - 1}": ["b", "c"]}) if at % 10 == 7 else [],
    )


def _phase_of(at: int, engagements: int) -> Phase:
    return list(Phase)[1 + 3 * at // engagements]


def _carried(chance: random.Random, phase: Phase, needs: list[Document]) -> list[str]:
    """Most needs of the phase, and many that come before it, but no urgent ones."""
    ranks = {one["key"]: Phase(one["phase"]).rank for one in needs}
    likely = {key: 0.8 if rank == phase.rank else 0.6 for key, rank in ranks.items()}
    return [
        key
        for key, rank in ranks.items()
        if 0 < rank <= phase.rank and chance.random() < likely[key]
    ]


def _last_of(models: list[Document], phase: str) -> int:
    """The largest engagement model of a phase, which carries all its needs."""
    return max(at for at, model in enumerate(models) if model["phase"] == phase)


def _signal(
    chance: random.Random,
    at: int,
    questions: list[Document],
    needs: list[str],
    models: list[Document],
) -> Document:
    """One signal in eight rules an engagement model out, the others demand one need or two."""
    asked = chance.sample(questions[1:], k=chance.choice([2, 2, 3]))
    when = {one["key"]: sorted(chance.sample(OPTIONS, k=chance.choice([1, 1, 2]))) for one in asked}
    if at % 8 == 7:
        return signal(f"s{at}", when, rules_out=[chance.choice(models)["key"]])
    demanded = chance.sample(needs, k=chance.choice([1, 1, 2]))
    return signal(f"s{at}", when, {key: chance.randint(1, 5) for key in sorted(demanded)})


def answer_sets(rulebook: Rulebook, count: int, seed: str = "") -> list[dict[str, tuple[str, ...]]]:
    """Return complete answer sets at random, also to questions off the live path."""
    chance = random.Random(f"{count} {seed}")
    return [
        {question.key: _answer(chance, question) for question in rulebook.questions}
        for _ in range(count)
    ]


def _answer(chance: random.Random, question: CompiledQuestion) -> tuple[str, ...]:
    """Any option; of kind many an exclusive one as often as ticks, of which there are up to 3."""
    options = list(question.option_bits)
    ticks = [key for key, bit in question.option_bits.items() if not bit & question.exclusive]
    if question.kind is Kind.ONE:
        return (chance.choice(options),)
    if len(ticks) < len(options) and chance.random() < 0.5:
        return (chance.choice([key for key in options if key not in ticks]),)
    picked = chance.sample(ticks, k=chance.randint(1, min(3, len(ticks))))
    return tuple(key for key in ticks if key in picked)
