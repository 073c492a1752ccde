"""Word a recommendation: its keys become the words of its playbook version, for page and PDF."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from advisor.playbook import EngagementModel, Playbook, Question
from advisor.rules import Answers, Recommendation
from advisor.rules.recommendation import FiredSignal, GivenAnswer, OutcomeKind, RecommendedStep
from advisor.rules.scope import readiness_of, scope_questions, service_paths_of, with_details
from engagements.brief import (
    Alternative,
    Bar,
    Brief,
    Contact,
    Details,
    Engagement,
    Linked,
    Prerequisite,
    Reason,
    Reviewed,
    Services,
    Source,
    Step,
)
from engagements.otherwise import conflict_of, counterfactuals_of
from engagements.questionnaire import is_emergency
from engagements.quotes import Quote, name_on_paper, quote_of, quotes_of, text_on_paper

MOST_REASONS = 4
"""Of another assessment, which has a brief of its own."""

NOBODY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Decided:
    """A review as keys; `steps` and `uncarried` are empty where it approves."""

    reviewer: str
    on: date
    reason: str = ""
    message: str = ""
    steps: tuple[RecommendedStep, ...] = ()
    uncarried: tuple[str, ...] = ()


def build_brief(
    playbook: Playbook,
    recommendation: Recommendation,
    answers: Answers,
    *,
    contact: Contact,
    reference: str,
    version: int,
    issued_on: date,
    playbook_number: int | None,
    decided: Decided | None = None,
    earlier: tuple[Linked, ...] = (),
    following: tuple[Linked, ...] = (),
    answered_by: Mapping[str, str] = NOBODY,
    differing: Collection[str] = (),
) -> Brief:
    """Return what the brief says about a recommendation, and about the review of it.

    `answers` are all that were given; of them only scope details on the live path are told,
    the deciding ones are the recommendation's own. `answered_by` names the colleagues who gave
    some of them, `differing` the questions with more than one answer. Raises ValueError when it is
    not settled.
    """
    if recommendation.outcome is None:
        raise ValueError(
            "There is no brief before the recommendation is settled; "
            f"the next question is {recommendation.next_question!r}."
        )
    overriding = decided if decided and decided.steps else None
    words = _Words(
        playbook,
        recommendation,
        answers,
        overriding.steps if overriding else recommendation.steps,
        answered_by,
    )
    urgent = is_emergency(playbook, recommendation, words.first.key if words.first else None)
    return Brief(
        language=playbook.language,
        reference=reference,
        version=version,
        issued_on=issued_on,
        firm=playbook.firm,
        contact=Contact(
            name=name_on_paper(contact.name),
            firm=name_on_paper(contact.firm),
            email=name_on_paper(contact.email),
        ),
        source=Source(title=playbook.title, number=playbook_number, hash=recommendation.version),
        answer_count=len(words.given),
        kind=words.kind(),
        needs=words.needs(need.need for need in recommendation.needs),
        engagement=words.engagement(words.first) if words.first else None,
        steps=tuple(words.steps()),
        emergency=playbook.emergency if urgent else None,
        conflict=None if overriding else conflict_of(playbook, recommendation),
        reasons=tuple(words.reasons()),
        comparison=words.comparison(),
        alternatives=words.alternatives(),
        answers=tuple(map(words.with_name, quotes_of(playbook, recommendation.answers))),
        not_asked=tuple(playbook.question(key).answer_noun for key in recommendation.remaining),
        details=tuple(words.details()),
        missing_details=tuple(words.missing_details()),
        prerequisites=tuple(words.prerequisites()),
        recommendation=recommendation,
        reviewed=words.reviewed(decided) if decided else None,
        earlier=earlier,
        following=following,
        # What a consultant has decided is no matter of the answers, an emergency even less.
        counterfactuals=(
            None if overriding or urgent else counterfactuals_of(playbook, recommendation)
        ),
        disputed=tuple(words.disputed(differing)),
    )


def link_to(
    playbook: Playbook,
    recommendation: Recommendation | None,
    *,
    reference: str,
    when: str,
    issued_on: date | None = None,
    decided: Decided | None = None,
) -> Linked:
    """Return what a brief says about another assessment; `recommendation` is missing while its
    answers lead to none that was issued."""
    link = Linked(reference=reference, playbook=playbook.title, when=when)
    if recommendation is None:
        return link
    overriding = decided if decided and decided.steps else None
    words = _Words(
        playbook, recommendation, {}, overriding.steps if overriding else recommendation.steps
    )
    told = {
        "issued_on": issued_on,
        "steps": tuple(words.steps()),
        "reasons": tuple(reason.title for reason in words.reasons())[:MOST_REASONS],
        "reviewer": name_on_paper(decided.reviewer) if decided else "",
        "override": overriding.reason if overriding else "",
    }
    return link.model_copy(update=told)


def weightiest_first(recommendation: Recommendation) -> list[FiredSignal]:
    """Return what fired in the order in which it is told."""
    return sorted(
        recommendation.signals, key=lambda fired: -sum(demand.weight for demand in fired.demands)
    )


class _Words:
    """Words one recommendation by its playbook version; `steps` are those decided on."""

    def __init__(
        self,
        playbook: Playbook,
        recommendation: Recommendation,
        answers: Answers,
        steps: tuple[RecommendedStep, ...],
        answered_by: Mapping[str, str] = NOBODY,
    ) -> None:
        self.answered_by = answered_by
        self.playbook = playbook
        self.recommendation = recommendation
        self.decided_steps = steps
        first = steps[0].engagement if steps else None
        self.first = playbook.engagement(first) if first else None
        given = with_details(playbook, recommendation.counted, answers)
        # Where nothing fits, what is asked of everybody is still asked.
        self.asked = tuple(scope_questions(playbook, first or "", given))
        live = {q.key for q in self.asked} | set(recommendation.counted)
        self.given = {key: answer for key, answer in given.items() if key in live}
        self.fired = {fired.signal: fired for fired in recommendation.signals}

    def kind(self) -> OutcomeKind:
        """What was recommended, or what an override comes to."""
        if self.decided_steps != self.recommendation.steps:
            return OutcomeKind.PATHWAY if len(self.decided_steps) > 1 else OutcomeKind.SINGLE
        assert self.recommendation.outcome is not None  # noqa: S101 - build_brief has checked
        return self.recommendation.outcome.kind

    def engagement(self, model: EngagementModel) -> Engagement:
        """The engagement model to start with."""
        told = model.model_dump(include=set(Engagement.model_fields) - {"process"})
        return Engagement(
            **told,
            services=self.services(model),
            process=model.process or self.playbook.process,
        )

    def services(self, model: EngagementModel) -> Services:
        """The service path that an answer has picked, or else the usual first services."""
        for path in service_paths_of(self.playbook, model.key, self.given):
            return Services(title=path.title, names=path.services, note=path.note)
        return Services(title=None, names=model.first_services, note=None)

    def steps(self) -> Iterator[Step]:
        """The recommended steps, in order."""
        for step in self.decided_steps:
            model = self.playbook.engagement(step.engagement)
            starts = (self.playbook.need(key).starts_when for key in step.carries)
            yield Step(
                title=model.title,
                duration=model.duration,
                commercial_shape=model.commercial_shape,
                phase=model.phase,
                carries=self.needs(step.carries),
                starts_when=tuple(dict.fromkeys(starts)),
                price=model.price,
                coverage=model.service_level.coverage if model.service_level else "",
            )

    def reviewed(self, decided: Decided) -> Reviewed:
        """The review as a buyer reads it."""
        rules = (step.engagement for step in self.recommendation.steps)
        return Reviewed(
            reviewer=name_on_paper(decided.reviewer),
            on=decided.on,
            overridden=bool(decided.steps),
            reason=decided.reason,
            message=text_on_paper(decided.message),
            original=self.titles(rules) if decided.steps else (),
            uncarried=self.needs(decided.uncarried),
        )

    def reasons(self) -> Iterator[Reason]:
        """What fired, the weightiest first; what only rules out comes last."""
        for fired in weightiest_first(self.recommendation):
            signal = self.playbook.signal(fired.signal)
            yield Reason(
                title=signal.title, quotes=self.quotes(fired.answers), because=signal.because
            )

    def comparison(self) -> tuple[Bar, ...]:
        """The recommended steps in order, then the others by score, smallest first."""
        places = {s.engagement: at for at, s in enumerate(self.decided_steps, start=1)}
        bars = [
            Bar(
                title=self.playbook.engagement(score.engagement).title,
                score=score.score,
                step=places.get(score.engagement),
                ruled_out=bool(score.ruled_out_by),
            )
            for score in self.recommendation.scores
        ]
        return tuple(sorted(bars, key=lambda bar: (bar.step or len(bars) + 1, -bar.score)))

    def alternatives(self) -> tuple[Alternative, ...]:
        """The certificate, those of equal grounds side by side."""
        groups: dict[object, list[Alternative]] = {}
        for alternative in self.certificate():
            groups.setdefault(alternative.grounds, []).append(alternative)
        return tuple(alternative for group in groups.values() for alternative in group)

    def certificate(self) -> Iterator[Alternative]:
        """Why each other engagement model is not the first step."""
        for line in self.recommendation.certificate:
            signals = (self.fired[key] for key in line.signals)
            yield Alternative(
                title=self.playbook.engagement(line.engagement).title,
                side=line.side,
                verdict=line.verdict,
                needs=self.needs(line.needs),
                quotes=self.quotes(answer for fired in signals for answer in fired.answers),
            )

    def details(self) -> Iterator[Details]:
        """Scope details by section, without the checklists: those are the prerequisites."""
        for section in self.playbook.sections:
            answers = tuple(
                self.with_name(quote_of(self.playbook, question.key, self.given[question.key]))
                for question in self.asked
                if question.section == section.key
                and question.key in self.given
                and not self.is_checklist(question)
            )
            if answers:
                yield Details(title=section.title, answers=answers)

    def with_name(self, quote: Quote) -> Quote:
        """An answer, with the colleague who gave it."""
        by = name_on_paper(self.answered_by.get(quote.key, ""))
        return quote.model_copy(update={"by": by}) if by else quote

    def disputed(self, differing: Collection[str]) -> Iterator[str]:
        """Of the questions to which there are two answers, those that count."""
        for question in self.playbook.questions if differing else ():
            if question.key in differing and question.key in self.given:
                yield question.answer_noun

    def missing_details(self) -> Iterator[str]:
        """What to complete; nothing where there is no engagement to complete it for."""
        for question in self.asked if self.first else ():
            if question.key not in self.given and not self.is_checklist(question):
                yield question.answer_noun

    def is_checklist(self, question: Question) -> bool:
        """Whether each option of a question is a prerequisite, told in its own table."""
        prerequisites = self.first.prerequisites if self.first else ()
        met = {key for p in prerequisites if p.question == question.key for key in p.met}
        return bool(met) and all(o.key in met for o in question.options if not o.exclusive)

    def prerequisites(self) -> Iterator[Prerequisite]:
        """Readiness by all details given: some may be newer than the recommendation."""
        if self.first is None:
            return
        readiness = readiness_of(self.playbook, self.first.key, self.given)
        for prerequisite, state in zip(self.first.prerequisites, readiness, strict=True):
            yield Prerequisite(
                title=prerequisite.title, owner=prerequisite.owner, status=state.status
            )

    def quotes(self, given: Iterable[GivenAnswer]) -> tuple[Quote, ...]:
        """Answers as quotes, each question's once."""
        return quotes_of(self.playbook, given)

    def needs(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The titles of needs."""
        return tuple(self.playbook.need(key).title for key in keys)

    def titles(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The titles of engagement models."""
        return tuple(self.playbook.engagement(key).title for key in keys)
