"""Put into order what has none of its own: references ("any of these options") and the like.

So the same offer is the same document, with the same hash, whether it was written in a file or
picked in a form.
"""

from collections.abc import Iterable
from typing import Any

from advisor.checking import ABOUT
from advisor.playbook import Acknowledgement, Claim, Condition, Playbook
from advisor.texts import Part


def in_order(playbook: Playbook) -> Playbook:
    """Return a checked playbook with all that names parts in the order of those parts."""
    return _Order(playbook).of_playbook()


class _Order:
    """The order of everything in one playbook that something else may name."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self.needs = [need.key for need in playbook.needs]
        self.engagements = [model.key for model in playbook.engagements]
        self.options = {q.key: [option.key for option in q.options] for q in playbook.questions}

    def of_playbook(self) -> Playbook:
        models = [
            _with(
                model,
                carries=_sorted(model.carries, self.needs),
                prerequisites=tuple(
                    _with(
                        p,
                        met=_sorted(p.met, self.options[p.question]),
                        unknown=_sorted(p.unknown, self.options[p.question]),
                    )
                    for p in model.prerequisites
                ),
            )
            for model in self.playbook.engagements
        ]
        sections = [
            _with(section, ask_when=self.of_conditions(section.ask_when))
            for section in self.playbook.sections
        ]
        questions = [
            _with(
                question,
                ask_when=self.of_conditions(question.ask_when),
                engagements=_sorted(question.engagements, self.engagements),
            )
            for question in self.playbook.questions
        ]
        signals = [
            _with(
                signal,
                when=self.of_conditions(signal.when),
                rules_out=_sorted(signal.rules_out, self.engagements),
            )
            for signal in self.playbook.signals
        ]
        guides = [
            _with(
                guide,
                rows=tuple(
                    _with(row, start_with=_sorted(row.start_with, self.engagements))
                    for row in guide.rows
                ),
            )
            for guide in self.playbook.guides
        ]
        paths = [
            _with(path, when=self.of_condition(path.when)) for path in self.playbook.service_paths
        ]
        named = {
            name: tuple(
                _with(part, engagements=_sorted(part.engagements, self.engagements))
                for part in getattr(self.playbook, name)
            )
            for name in ("faqs", "checklists", "chapters")
        }
        return _with(
            self.playbook,
            **named,
            engagements=tuple(models),
            sections=tuple(sections),
            questions=tuple(questions),
            signals=tuple(signals),
            guides=tuple(guides),
            service_paths=tuple(paths),
            acknowledgements=tuple(sorted(self.playbook.acknowledgements, key=self.place_of)),
        )

    def place_of(self, acknowledged: Acknowledgement) -> tuple[int, int]:
        """Acknowledgements stand in the order of claims, and then of what they are about."""
        there = {
            "needs": self.needs,
            "engagements": self.engagements,
            "signals": [signal.key for signal in self.playbook.signals],
            "questions": [f"{asked}.{key}" for asked, keys in self.options.items() for key in keys],
        }
        claim, about = acknowledged.claim, acknowledged.about
        place = there[ABOUT[claim]].index(about) if about else -1
        return list(Claim).index(claim), place

    def of_conditions(self, conditions: Iterable[Condition]) -> tuple[Condition, ...]:
        return tuple(map(self.of_condition, conditions))

    def of_condition(self, condition: Condition) -> Condition:
        return _with(condition, any_of=_sorted(condition.any_of, self.options[condition.question]))


def _with[T: Part](part: T, **changes: Any) -> T:
    return part.model_copy(update=changes)


def _sorted(keys: Iterable[str], there: list[str]) -> tuple[str, ...]:
    return tuple(sorted(set(keys), key=there.index))
