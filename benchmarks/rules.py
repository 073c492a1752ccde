"""The rules: against the same decision written by hand, and against other engines.

On a playbook of 30 questions, 40 signals, 14 needs and 8 engagement models unless it says
otherwise. Every call gets answers that it has not seen before.
"""

import gc
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from advisor.rules import Rulebook, compile_playbook, recommend
from advisor.rules.counterfactuals import counterfactuals_of, one_answer_changes
from advisor.rules.evaluating import evaluate
from advisor.rules.explaining import explain
from advisor.rules.lookahead import look_ahead
from advisor.rules.outcomes import engagements_of
from advisor.rules.proving import prove
from benchmarks import floor, peers
from benchmarks.figures import Figure, absolute, figure, ratio, seconds
from benchmarks.samples import answer_sets, playbook_of
from tests.scenarios import all_scenarios, rulebook_of

Answers = dict[str, tuple[str, ...]]
Timed = Callable[[Any], object] | peers.Peer

AGREEING = 10_000
BATCH = 500
ROUNDS = 25

SIZES = [(15, 20), (30, 40), (60, 80), (60, 150), (80, 300)]
"""Questions and signals of the playbooks that are proved."""

GOALS = {(30, 40): 1.0, (60, 150): 10.0}
"""Seconds for all proofs, by size."""

REPLAYED = 100_000
RANDOM = 1_000


def run() -> Iterator[Figure]:
    """Show that all engines agree, then time them in turns."""
    rulebook = compile_playbook(playbook_of(), "sample")
    engines = {
        name: peers.Peer(rulebook, decide)
        for name, decide in {
            "zen-engine, tuned": peers.zen_tuned(rulebook),
            "zen-engine, decision table": peers.zen_table(rulebook.playbook),
            "zen-engine, decision table with trace": peers.zen_table(rulebook.playbook, trace=True),
            "json-logic": peers.json_logic(rulebook.playbook),
        }.items()
    }
    agree(rulebook, engines)
    yield from decisions(rulebook, engines)
    yield from counterfactuals(rulebook)
    yield from looking_ahead(rulebook)
    yield from proofs()
    yield from replay(rulebook)
    yield from questions_asked()


def agree(rulebook: Rulebook, engines: dict[str, peers.Peer]) -> None:
    """Raise RuntimeError unless all engines give the same outcomes and fired signals."""
    bits = {signal.key: 1 << at for at, signal in enumerate(rulebook.signals)}
    for answers in answer_sets(rulebook, AGREEING, "agreeing"):
        expected = floor.decide(answers)
        found = evaluate(rulebook, answers)
        why = explain(rulebook, answers)
        told = {
            "ours": (found.fired, engagements_of(found.decision)),
            "ours, explained": (
                sum(bits[one.signal] for one in why.signals),
                tuple(step.engagement for step in why.steps),
            ),
        }
        told |= {name: peer.decide(peer.prepare(answers)) for name, peer in engines.items()}
        for name, outcome in told.items():
            if outcome != expected:
                raise RuntimeError(f"{name} says {outcome}, not {expected}, on {answers}.")


def decisions(rulebook: Rulebook, engines: dict[str, peers.Peer]) -> Iterator[Figure]:
    """One recommendation: the decision and what fired, then with the whole explanation."""
    fresh = Fresh(rulebook)
    ours, explained = partial(evaluate, rulebook), partial(explain, rulebook)
    yield fresh.ratio("one recommendation / written by hand", ours, floor.decide, goal=1.5)
    for name, goal in (
        ("zen-engine, tuned", 6),
        ("zen-engine, decision table", 18),
        ("json-logic", None),
    ):
        yield fresh.ratio(f"{name} / one recommendation", engines[name], ours, at_least=goal)
    yield fresh.ratio("with the whole explanation / by hand", explained, floor.decide, goal=5)
    name = "zen-engine, decision table with trace"
    yield fresh.ratio(f"{name} / explanation", engines[name], explained, at_least=30)
    yield fresh.ratio(
        "recommendation to store / by hand", partial(recommend, rulebook), floor.decide
    )


def counterfactuals(rulebook: Rulebook) -> Iterator[Figure]:
    """All changes of one answer, then of two, on complete answers."""
    fresh = Fresh(rulebook, live=True)
    one = partial(one_answer_changes, rulebook)
    yield fresh.ratio("all one-answer changes / by hand", one, floor.decide, goal=60)
    times = [
        1000 * seconds(partial(counterfactuals_of, rulebook, answers))
        for answers in fresh.take(100)
    ]
    yield absolute("all counterfactuals of a recommendation", times, "ms", goal=None)


def looking_ahead(rulebook: Rulebook) -> Iterator[Figure]:
    """What is still possible and what to ask next, on the way of many buyers to their end."""
    look_ahead(rulebook, {})  # warm
    times: list[float] = []
    for answers in answer_sets(rulebook, 200, "looking ahead"):
        given: Answers = {}
        following = look_ahead(rulebook, given).next_question
        while following:
            given[following] = answers[following]
            start = perf_counter()
            following = look_ahead(rulebook, given).next_question
            times.append(1000 * (perf_counter() - start))
    name = "what is still possible, and the next question"
    yield absolute(f"{name}, median", times, "ms", goal=5)
    yield figure(f"{name}, 90th percentile", quantiles(times, n=10)[8], times, "ms", goal=5)


def proofs() -> Iterator[Figure]:
    """All proofs of playbooks of growing size."""
    for questions, signals in SIZES:
        playbook = playbook_of(questions, signals)
        times = []
        for _ in range(3):
            rulebook = compile_playbook(playbook, "sample")
            times.append(seconds(lambda book=rulebook: list(prove(book))))
        goal = GOALS.get((questions, signals))
        yield absolute(f"all proofs at {signals} signals x {questions}", times, "s", goal=goal)


def replay(rulebook: Rulebook) -> Iterator[Figure]:
    """Stored answer sets through a rulebook, a million of them in parts that fit in memory."""
    evaluate(rulebook, {})  # warm
    times = []
    for part in range(10):
        answers = answer_sets(rulebook, REPLAYED, f"replay {part}")
        gc.collect()
        times.append(seconds(lambda sets=answers: [evaluate(rulebook, one) for one in sets]))
    yield absolute("100,000 stored answer sets replayed", times, "s", goal=1)
    yield absolute("1,000,000 stored answer sets replayed", [sum(times)], "s", goal=None)
    growth = [sum(times) / 10 / median(times)]
    yield absolute("each of a million / each of 100,000", growth, "x", goal=1.25)


# ---- How many questions are asked ----------------------------------------------------------


def questions_asked() -> Iterator[Figure]:
    """Questions until settled: the one that helps most next, against playbook order."""
    scenarios = all_scenarios()
    for name in sorted({scenario.playbook for scenario in scenarios}):
        rulebook = rulebook_of(name)
        every = answer_sets(rulebook, 4 * RANDOM, "asked")
        chance = [one for one in every if not is_emergency(rulebook, one)][:RANDOM]
        assert len(chance) == RANDOM  # noqa: S101 - else the label would lie
        told = [one.answers for one in scenarios if one.playbook == name]
        given = [{**filling, **one} for filling, one in zip(chance, told, strict=False)]
        samples = {
            f"{RANDOM} random without a red flag": chance,
            f"{len(given)} scenarios": given,
        }
        for sample, sets in samples.items():
            for order, asking in (("helps most", best_next), ("playbook order", in_order)):
                counts = [asked_until_settled(rulebook, answers, asking) for answers in sets]
                label = f"questions, {name}, {sample}, {order}"
                yield figure(f"{label}, median", median(counts), counts, "")
                yield figure(f"{label}, 90th percentile", quantiles(counts, n=10)[8], counts, "")


def is_emergency(rulebook: Rulebook, answers: Answers) -> bool:
    """Whether a red flag ends the questionnaire at once, in whichever order."""
    return bool(evaluate(rulebook, answers).needs & rulebook.respond_needs)


def asked_until_settled(
    rulebook: Rulebook, answers: Answers, asking: Callable[[Rulebook, Answers], str | None]
) -> int:
    """How many questions are asked of a buyer who answers like this."""
    given: Answers = {}
    while key := asking(rulebook, given):
        given[key] = answers[key]
    return len(given)


def best_next(rulebook: Rulebook, given: Answers) -> str | None:
    """The question that helps most."""
    return look_ahead(rulebook, given).next_question


def in_order(rulebook: Rulebook, given: Answers) -> str | None:
    """The first open question on the live path, until nothing can change the outcome."""
    if len(look_ahead(rulebook, given).outcomes) == 1:
        return None
    return next(q.key for q in rulebook.live_questions(given) if q.key not in given)


class Fresh:
    """Answer sets that no call has had before."""

    def __init__(self, rulebook: Rulebook, *, live: bool = False) -> None:
        self.rulebook = rulebook
        self.live = live
        self.taken = 0

    def take(self, count: int) -> list[Answers]:
        """Return the next ones; only the answers on the live path where that is wanted."""
        self.taken += 1
        sets = answer_sets(self.rulebook, count, f"fresh {self.taken}")
        return [self.rulebook.live_answers(one) for one in sets] if self.live else sets

    def ratio(
        self,
        name: str,
        ours: Timed,
        theirs: Timed,
        *,
        goal: float | None = None,
        at_least: float | None = None,
    ) -> Figure:
        """Time two calls in turns, each on batches that it has not seen."""
        return ratio(
            name,
            self._batches(ours),
            self._batches(theirs),
            goal=at_least or goal,
            at_least=at_least is not None,
            rounds=ROUNDS,
        )

    def _batches(self, call: Timed) -> Callable[[], None]:
        """Return what makes the call on a fresh batch each time; making that is not in the time."""
        prepare = call.prepare if isinstance(call, peers.Peer) else None
        decide = call.decide if isinstance(call, peers.Peer) else call
        batches = [
            [prepare(one) if prepare else one for one in self.take(BATCH)] for _ in range(ROUNDS)
        ]

        def on_next_batch() -> None:
            for one in batches.pop():
                decide(one)

        return on_next_batch
