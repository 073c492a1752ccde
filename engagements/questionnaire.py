"""Route the questionnaire: which question comes next, and which one was before. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from advisor.offers import Chapter, Checklist, Faq
from advisor.playbook import EngagementModel, Need, Phase, Playbook, Question, Section
from advisor.rules import Answers, Recommendation, Rulebook, recommend
from advisor.rules.recommendation import GivenAnswer, OutcomeKind
from advisor.rules.scope import scope_questions, with_details


@lru_cache(maxsize=64)
def first_question(rulebook: Rulebook) -> Question:
    """Return the question that everybody is asked first."""
    first = next_question(rulebook.playbook, recommend(rulebook, {}))
    assert first is not None  # noqa: S101 - nothing is answered
    return first


def next_question(playbook: Playbook, recommendation: Recommendation) -> Question | None:
    """Return the question to ask next; None once no answer can change the outcome.

    One is asked in any case: who has said nothing yet is told nothing.
    """
    if recommendation.settled and recommendation.answers:
        return None
    # None is named where nothing decides, nor in what was stored before one was.
    return playbook.question(recommendation.next_question or recommendation.remaining[0])


def live_questions(rulebook: Rulebook, answers: Answers) -> list[Question]:
    """Return the deciding questions on the live path, in playbook order."""
    return [rulebook.playbook.question(q.key) for q in rulebook.live_questions(answers)]


def question_before(
    live: Sequence[Question], answers: Answers, key: str | None = None
) -> Question | None:
    """Return which of the live questions was answered before this one; None at the start.

    `answers` are in the order in which they were first given. Before one that has no answer yet,
    and without a `key`, it is the one answered last.
    """
    by_key = {question.key: question for question in live}
    before = None
    for answered in answers:
        if answered == key:
            break
        before = by_key.get(answered, before)
    return before


def most_left(rulebook: Rulebook, answers: Answers) -> int:
    """Return how many questions are left at most: all that some way to answer the rest opens."""
    return len(rulebook.open_places(answers))


def is_emergency(playbook: Playbook, recommendation: Recommendation, first: str | None) -> bool:
    """Whether something fails right now, so that all else can wait.

    `first` is the engagement model to start with: one that responds to a failure. Where nothing
    on offer does, there is none, and whoever needs it is still told whom to call.
    """
    if first:
        return playbook.engagement(first).phase is Phase.RESPOND
    return any(playbook.need(need.need).phase is Phase.RESPOND for need in recommendation.needs)


def red_flags(playbook: Playbook, recommendation: Recommendation) -> list[GivenAnswer]:
    """Return the answers that tell of a failure, whichever questions they are to."""
    responses = {need.key for need in playbook.needs if need.phase is Phase.RESPOND}
    return [
        answer
        for fired in recommendation.signals
        if any(demand.need in responses for demand in fired.demands)
        for answer in fired.answers
    ]


def not_offered(playbook: Playbook, recommendation: Recommendation) -> list[Need]:
    """Return the needs in conflict that nothing on offer carries at all."""
    conflict = recommendation.conflict
    needs = [playbook.need(key) for key in conflict.needs] if conflict else []
    return [need for need in needs if not need.offered]


@dataclass(frozen=True, slots=True)
class Possible:
    """The engagement models that may still be recommended, smallest first, in whichever step.

    `certain` are part of every outcome that is possible, `open` of some. `first` comes first in
    all of them. `entry`: it may also turn out that nothing is demanded, `no_fit`: that nothing
    fits. Where there is `more`, not every outcome is known, and so none of them is certain.
    `edition` tells which playbook version it is of.
    """

    edition: str
    certain: tuple[EngagementModel, ...]
    open: tuple[EngagementModel, ...]
    first: EngagementModel | None
    entry: bool
    no_fit: bool
    more: bool

    @property
    def key(self) -> str:
        """Tells it from everything else that can be possible, in this version and in others."""
        models = (self.certain, self.open, (self.first,) if self.first else ())
        keys = (" ".join(model.key for model in some) for some in models)
        return f"{self.edition} {'/'.join(keys)} {self.entry} {self.no_fit} {self.more}"

    @property
    def engagements(self) -> list[EngagementModel]:
        """All of them, what is certain first."""
        return [*self.certain, *self.open]

    @property
    def only(self) -> EngagementModel | None:
        """The only one left, where it is open whether it is needed at all."""
        return self.first if self.entry and not self.open else None


def still_possible(playbook: Playbook, recommendation: Recommendation) -> Possible:
    """Return what the answers given leave open."""
    ways = [outcome.engagements for outcome in recommendation.possible]
    more = recommendation.more_possible
    certain = set() if more else set.intersection(*map(set, ways))
    somewhere = {key for way in ways for key in way}
    smallest_first = sorted(playbook.engagements, key=lambda model: model.size)
    firsts = {outcome.first for outcome in recommendation.possible}
    first = firsts.pop() if len(firsts) == 1 and not more else None
    return Possible(
        edition=recommendation.version,
        certain=tuple(model for model in smallest_first if model.key in certain),
        open=tuple(model for model in smallest_first if model.key in somewhere - certain),
        first=playbook.engagement(first) if first else None,
        entry=any(outcome.kind is OutcomeKind.ENTRY for outcome in recommendation.possible),
        no_fit=() in ways,
        more=more,
    )


def scope_sections(
    playbook: Playbook, recommendation: Recommendation, first: str | None, answers: Answers
) -> Iterator[tuple[Section, list[Question]]]:
    """Yield the sections of what may be told after a recommendation, with their questions.

    First the scope details; then, except in an emergency, the deciding questions that were not
    asked, because no answer to them could change the outcome. `first` is the engagement model to
    start with, if any; `answers` are all answers given, deciding ones count as far as they did
    for the recommendation.
    """
    counted = with_details(playbook, recommendation.counted, answers)
    # Where nothing fits, what is asked before every engagement model still helps a consultant.
    details = list(scope_questions(playbook, first or "", counted))
    unasked = [playbook.question(key) for key in recommendation.remaining]
    if is_emergency(playbook, recommendation, first):
        unasked = []
    for questions in (details, unasked):
        for section in playbook.sections:
            asked = [question for question in questions if question.section == section.key]
            if asked:
                yield section, asked


def parts_for[P: (Chapter, Checklist, Faq)](parts: Iterable[P], engagement: str) -> tuple[P, ...]:
    """Return the parts of a playbook that are for this engagement model, or for all."""
    return tuple(p for p in parts if not p.engagements or engagement in p.engagements)
