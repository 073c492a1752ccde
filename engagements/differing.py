"""Where the answer in force and what colleagues said differ: who said what, and when.

Nothing is marked as settled. A difference is there as long as somebody said something else than
what is in force, and the buyer has not spoken since.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from engagements.models import Answer, Assessment, Link

Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody who answered: a colleague under a link or, without one, the buyer."""

    link: Link | None
    at: datetime

    @property
    def name(self) -> str:
        """The colleague as the buyer named them; nothing for the buyer."""
        return self.link.name if self.link else ""


@dataclass(frozen=True, slots=True)
class Side:
    """One answer, and everybody who gives it."""

    values: Values
    voices: tuple[Voice, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A question with more than one answer: the one in force, and the others."""

    question: str
    in_force: Side
    others: tuple[Side, ...]

    @property
    def sides(self) -> tuple[Side, ...]:
        """All answers, the one in force first."""
        return (self.in_force, *self.others)


def answered_by(assessment: Assessment) -> dict[str, str]:
    """Return by question who gave the answer in force, where that was a colleague."""
    names = {link.pk: link.name for link in assessment.colleagues}
    if not names:
        return {}
    return {
        key: names[answer.link_id]
        for key, answer in assessment.given.items()
        if answer.link_id is not None
    }


def differences_of(assessment: Assessment) -> dict[str, Difference]:
    """Return by question where answers differ, on the live path and off it."""
    links = {link.pk: link for link in assessment.colleagues}
    said: dict[str, list[tuple[Values, Voice]]] = defaultdict(list)
    for link in links.values():
        for answer in link.answers.all():
            said[answer.question].append((tuple(answer.values), Voice(link, answer.answered_at)))
    if not said:
        return {}
    found = {
        key: _difference(answer, links, said[key])
        for key, answer in assessment.given.items()
        if key in said
    }
    return {key: difference for key, difference in found.items() if difference.others}


def _difference(
    answer: Answer, links: Mapping[int, Link], said: list[tuple[Values, Voice]]
) -> Difference:
    """The answer in force and the others to one question, those of equal words together."""
    voices: dict[Values, list[Voice]] = {}
    words: dict[Values, Values] = {}

    def add(values: Values, voice: Voice) -> None:
        same = tuple(sorted(values))  # options have no order
        words.setdefault(same, values)
        voices.setdefault(same, []).append(voice)

    add(tuple(answer.values), Voice(links.get(answer.link_id), answer.answered_at))
    for values, voice in _since(answer, said):
        add(values, voice)
    in_force, *others = (Side(words[same], tuple(heard)) for same, heard in voices.items())
    return Difference(answer.question, in_force, tuple(others))


def _since(answer: Answer, said: list[tuple[Values, Voice]]) -> Iterator[tuple[Values, Voice]]:
    """What counts beside the answer in force: the buyer's word settles all that was said before."""
    own = (answer.link_id, tuple(sorted(answer.values)))
    for values, voice in said:
        repeated = voice.link and (voice.link.pk, tuple(sorted(values))) == own
        if not repeated and (answer.link_id is not None or voice.at > answer.answered_at):
            yield values, voice
