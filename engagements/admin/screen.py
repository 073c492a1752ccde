"""What a consultant reads before deciding: all of one assessment, in the words of its version."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _

from advisor.playbook import EngagementModel, Playbook, Question
from advisor.rules import Recommendation as RecommendationValue
from advisor.rules.overriding import override
from advisor.rules.recommendation import OutcomeKind
from advisor.rules.scope import scope_questions, with_details
from engagements.assessing import draft_brief, first_step, recommendation_for
from engagements.brief import Brief, Step
from engagements.colleagues import differences_now
from engagements.continuing import Origin, origin_of
from engagements.differing import answered_by
from engagements.handover import Handover, handover_of
from engagements.models import Assessment, Decision, Note, Recommendation, Review
from engagements.questionnaire import Possible, next_question, still_possible
from engagements.quotes import Quote, quote_of
from engagements.read_over import ToldSide, sides_of


@dataclass(frozen=True, slots=True)
class ScoredStep:
    """A recommended step with its score."""

    step: Step
    score: int


@dataclass(frozen=True, slots=True)
class Demanded:
    """A need, its weight, and the buying signals that demand it."""

    title: str
    weight: int
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuledOut:
    """An engagement model that answers rule out, and the buying signals that do."""

    title: str
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """An engagement model to override with, and what would follow from it."""

    key: str
    title: str
    price: str
    ruled_out: bool
    carries: tuple[str, ...]
    then: tuple[str, ...]
    uncarried: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: a line of the history."""

    at: datetime
    title: str
    who: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    href: str = ""


class Screen:
    """One assessment, read from its rows and told by its playbook version."""

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        self.playbook: Playbook = assessment.version.rulebook.playbook
        self.issued: Recommendation | None = assessment.recommendation
        self.review: Review | None = assessment.review

    @cached_property
    def value(self) -> RecommendationValue:
        """What was recommended or, while nothing is, what the answers come to so far."""
        return self.issued.value if self.issued else recommendation_for(self.assessment)

    # ---- The recommendation ----

    @cached_property
    def brief(self) -> Brief | None:
        """What was recommended, in words; as the rules returned it, whatever a review says."""
        if self.issued is None:
            return None
        return draft_brief(self.assessment, self.issued, 1, as_reviewed=False)

    @cached_property
    def told(self) -> Brief | None:
        """The same as the buyer is told it, which follows the review."""
        if self.issued is None or self.review is None:
            return self.brief
        return draft_brief(self.assessment, self.issued, 1)

    @property
    def steps(self) -> Iterator[ScoredStep]:
        """The recommended steps; the comparison has them first, in order."""
        if self.brief:
            for step, bar in zip(self.brief.steps, self.brief.comparison, strict=False):
                yield ScoredStep(step, bar.score)

    @property
    def recommended(self) -> str:
        """The recommended engagement models in order."""
        return _(", then ").join(step.title for step in self.brief.steps) if self.brief else ""

    @property
    def possible(self) -> Possible:
        """What may still be recommended."""
        return still_possible(self.playbook, self.value)

    @property
    def leads_to(self) -> list[str]:
        """What the answers lead to, in order, once that is settled."""
        outcome = self.value.outcome
        return [self._title(key) for key in outcome.engagements] if outcome else []

    @property
    def next_question(self) -> str:
        """What the buyer is asked next, while that matters."""
        question = next_question(self.playbook, self.value)
        return question.title if question else ""

    # ---- What it goes on from, and what goes on from it ----

    @cached_property
    def origin(self) -> Origin | None:
        """The assessment before, if any."""
        return origin_of(self.assessment)

    @cached_property
    def continuations(self) -> list[Assessment]:
        """The assessments that go on from this one."""
        return self.assessment.continuations

    @cached_property
    def handover(self) -> Handover | None:
        """What there is to hand over, once something is recommended."""
        return handover_of(self.assessment)

    # ---- The trace ----

    @property
    def needs(self) -> Iterator[Demanded]:
        """What is demanded, and by what."""
        for need in self.value.needs:
            signals = self._signals(need.signals)
            yield Demanded(self.playbook.need(need.need).title, need.weight, signals)

    @property
    def ruled_out(self) -> Iterator[RuledOut]:
        """What the answers rule out."""
        for score in self.value.scores:
            if score.ruled_out_by:
                title = self.playbook.engagement(score.engagement).title
                yield RuledOut(title, self._signals(score.ruled_out_by))

    def _signals(self, keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.playbook.signal(key).title for key in keys)

    # ---- The answers ----

    @property
    def counted(self) -> list[Quote]:
        """The answers that decide, each with the colleague of the buyer who gave it, if one did."""
        by = answered_by(self.assessment)
        return [
            quote_of(self.playbook, key, values).model_copy(update={"by": by.get(key, "")})
            for key, values in self.value.counted.items()
        ]

    @property
    def differing(self) -> list[tuple[Question, tuple[ToldSide, ...]]]:
        """The questions on which the buyer and colleagues have not agreed, with all answers."""
        return [
            (self.playbook.question(key), sides_of(self.playbook, difference))
            for key, difference in differences_now(self.assessment).items()
        ]

    @property
    def off_path(self) -> list[Quote]:
        """The answers that are kept but never count, because the questions are not asked now."""
        answers = self.assessment.answers
        counted = set(self.value.counted)
        if self.issued:
            given = with_details(self.playbook, self.value.counted, answers)
            asked = scope_questions(self.playbook, first_step(self.assessment) or "", given)
            counted |= {question.key for question in asked}
        return [
            quote_of(self.playbook, question.key, answers[question.key])
            for question in self.playbook.questions
            if question.key in answers and question.key not in counted
        ]

    # ---- The decision ----

    @cached_property
    def reviews(self) -> list[Review]:
        """All reviews, newest first."""
        return list(self.assessment.reviews.select_related("reviewer"))

    @property
    def seen(self) -> int:
        """The number of the newest review of the recommendation."""
        issued = self.assessment.recommendation_id
        return max((r.number for r in self.reviews if r.recommendation_id == issued), default=0)

    @property
    def choices(self) -> Iterator[Choice]:
        """The engagement models to override with, and what would follow."""
        if self.issued is None:
            return
        ruled_out = {score.engagement for score in self.value.scores if score.ruled_out_by}
        for model in self.playbook.engagements:
            if model.key != self.issued.engagement:
                yield self._choice(model, ruled_out=model.key in ruled_out)

    def _choice(self, model: EngagementModel, *, ruled_out: bool) -> Choice:
        chosen = override(self.assessment.version.rulebook, self.value, model.key)
        first, *later = chosen.steps
        return Choice(
            key=model.key,
            title=model.title,
            price=str(model.price or ""),
            ruled_out=ruled_out,
            carries=self._needs(first.carries),
            then=tuple(self.playbook.engagement(step.engagement).title for step in later),
            uncarried=self._needs(chosen.uncarried),
        )

    def _needs(self, keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.playbook.need(key).title for key in keys)

    # ---- What happened ----

    @cached_property
    def notes(self) -> list[Note]:
        """Internal notes, oldest first."""
        return list(self.assessment.notes.select_related("author"))

    @property
    def history(self) -> list[Event]:
        """What happened, newest first."""
        events = [Event(self.assessment.created_at, _("Begun"))]
        recommendations = self.assessment.recommendations.defer("document")
        events += [self._recommended(row) for row in reversed(recommendations)]
        events += [self._reviewed(review) for review in reversed(self.reviews)]
        briefs = self.assessment.briefs.defer("content")
        events += [self._issued(brief.number, brief.created_at) for brief in reversed(briefs)]
        return sorted(events, key=lambda event: event.at)[::-1]

    def _recommended(self, row: Recommendation) -> Event:
        told = self._title(row.engagement)
        if row.kind == OutcomeKind.PATHWAY:
            told = _("{} as the first step of a pathway").format(told)
        if row == self.issued:
            told = _("{} (the answers lead to it now)").format(told)
        title = _("Recommendation {}").format(row.number)
        return Event(row.created_at, title, lines=(("", told),))

    def _reviewed(self, review: Review) -> Event:
        decided = self._title(review.engagement) if review.decision == Decision.OVERRIDDEN else ""
        lines = (
            ("", decided),
            (_("Reason:"), review.get_reason_display()),
            (_("To the buyer:"), review.message),
            (_("Note:"), review.note),
        )
        return Event(
            review.created_at,
            review.get_decision_display(),
            who=review.reviewer_name,
            lines=tuple((label, text) for label, text in lines if text),
        )

    def _issued(self, number: int, at: datetime) -> Event:
        args = [self.assessment.pk, number]
        href = reverse("admin:engagements_assessment_brief", args=args)
        return Event(at, _("Brief, version {}").format(number), href=href)

    def _title(self, engagement: str) -> str:
        return self.playbook.engagement(engagement).title if engagement else _("Nothing fits")
