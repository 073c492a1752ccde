"""What a scope brief says: all of it, as words.

A brief keeps the words of its playbook version, so that it can be printed years later, whatever
has become of the playbook. `engagements.wording` makes one from a recommendation; how it reads
and looks is the templates' business, in templates/brief/ and, for the page, in
templates/recommendation.html.
"""

from datetime import date
from math import ceil

from advisor.offers import (
    Cadence,
    EscalationStep,
    OtherPrice,
    Price,
    ProcessPhase,
    Responsibility,
    SeparateScope,
    ServiceLevel,
    Training,
)
from advisor.playbook import Emergency, Firm, Phase
from advisor.rules import Recommendation
from advisor.rules.recommendation import OutcomeKind, ReadinessStatus, Side, Verdict
from engagements.otherwise import Conflict, Counterfactual
from engagements.quotes import Quote, Said

MOST_LEADING, FIRST_PAGE_LINES, LINE = 4, 26, 64
"""Of the reasons on a first page: how many at most, on how many lines, of how many letters."""

MOST_RESULTS = 6
"""Of the counterfactuals that are told at once, on the page and in print."""


class Contact(Said):
    """For whom the brief is, as far as known."""

    name: str = ""
    firm: str = ""
    email: str = ""


class Source(Said):
    """The playbook version that decided; no number when it was never published."""

    title: str
    number: int | None
    hash: str


class Reviewed(Said):
    """A consultant's decision as a buyer reads it; what is internal has no place here.

    Where it overrides the rules, `original` names the steps that they returned (none in a
    conflict), `reason` says why, and `uncarried` the demanded needs that no step carries.
    """

    reviewer: str
    on: date
    overridden: bool = False
    reason: str = ""
    message: str = ""
    original: tuple[str, ...] = ()
    uncarried: tuple[str, ...] = ()


class Reason(Said):
    """A buying signal that fired, with the answers that made it fire."""

    title: str
    quotes: tuple[Quote, ...]
    because: str

    @property
    def lines(self) -> int:
        """About how many lines it takes on the first page, with the space around it."""
        said = (ceil(sum(map(len, quote.words)) / LINE) + 1 for quote in self.quotes)
        return 2 + sum(said) + ceil(len(self.because) / LINE)


class Bar(Said):
    """One engagement model in the comparison; `step` is its place among those recommended."""

    title: str
    score: int
    step: int | None
    ruled_out: bool


class Step(Said):
    """One recommended step, what it carries, and the conditions that start it."""

    title: str
    duration: str
    commercial_shape: str
    phase: Phase
    carries: tuple[str, ...]
    starts_when: tuple[str, ...]
    price: Price | None = None
    coverage: str = ""


class Services(Said):
    """The services to start with; titled and noted when an answer has picked them."""

    title: str | None
    names: tuple[str, ...]
    note: str | None


class Engagement(Said):
    """The engagement model to start with, in full.

    `process` is its own or, where it has none, the one that the playbook has for all.
    """

    title: str
    summary: str
    use_when: str
    good_fit: tuple[str, ...]
    deliverables: tuple[str, ...]
    boundaries: tuple[str, ...]
    operating_model: str
    cadence: tuple[Cadence, ...]
    escalation: str
    handoff: str
    next_step: str
    services: Services
    covers: tuple[str, ...] = ()
    other_prices: tuple[OtherPrice, ...] = ()
    separate_scope: tuple[SeparateScope, ...] = ()
    service_level: ServiceLevel | None = None
    responsibilities: tuple[Responsibility, ...] = ()
    process: tuple[ProcessPhase, ...] = ()
    training: tuple[Training, ...] = ()
    escalation_path: tuple[EscalationStep, ...] = ()

    @property
    def has_tables(self) -> bool:
        """Whether anything is told of it beside prose and lists."""
        return bool(
            self.other_prices
            or self.separate_scope
            or self.service_level
            or self.responsibilities
            or self.process
            or self.training
            or self.escalation_path
        )


class Alternative(Said):
    """An engagement model that was considered, and why it is not the first step.

    `needs` are those it cannot carry or, where it is not needed, those it would add; `quotes`
    the answers that demanded them or ruled it out.
    """

    title: str
    side: Side
    verdict: Verdict
    needs: tuple[str, ...]
    quotes: tuple[Quote, ...]

    @property
    def grounds(self) -> tuple[object, ...]:
        """Everything but the title: those of equal grounds are told together."""
        return self.side, self.verdict, self.needs, self.quotes


class Prerequisite(Said):
    """What must be in place, who provides it, and whether it is there."""

    title: str
    owner: str
    status: ReadinessStatus


class Details(Said):
    """The scope details given in one section."""

    title: str
    answers: tuple[Quote, ...]

    @property
    def is_long(self) -> bool:
        """Whether they may take more than a third of a page."""
        return sum(len(word) for quote in self.answers for word in quote.words) > 1000


class Linked(Said):
    """What another assessment of this buyer came to: one before this one, or one after it.

    `when` completes "once …": the condition on which the later of the two begins. There is no
    date while its answers lead to nothing that was issued, and no step where nothing fits.
    `reasons` are the titles of what fired, the weightiest first; `override` is the reason of a
    consultant who decided otherwise.
    """

    reference: str
    playbook: str
    when: str = ""
    issued_on: date | None = None
    steps: tuple[Step, ...] = ()
    reasons: tuple[str, ...] = ()
    reviewer: str = ""
    override: str = ""


class Brief(Said):
    """Everything a scope brief prints. `engagement` is missing when none fits.

    `conflict` is there when none fits, or when nothing fits after an emergency; `emergency` also
    when nothing on offer carries one. `kind`,
    `engagement`, `steps` and `prerequisites` follow the review where there is one; what else is
    told of the decision is the recommendation's. `not_asked`
    names the questions whose answers could not have changed the recommendation, `missing_details`
    the scope details that were not given. `earlier` is what this goes on from, the first of all
    first; `following` what has gone on from this. `counterfactuals` are missing where nobody has
    looked for them: where something else is told of other answers, or nothing waits for them.
    `disputed` names the answers on which the buyer's side has not agreed yet.
    """

    language: str
    reference: str
    version: int
    issued_on: date
    firm: Firm
    contact: Contact
    source: Source
    answer_count: int
    kind: OutcomeKind
    needs: tuple[str, ...]
    engagement: Engagement | None
    steps: tuple[Step, ...]
    emergency: Emergency | None
    conflict: Conflict | None
    reasons: tuple[Reason, ...]
    comparison: tuple[Bar, ...]
    alternatives: tuple[Alternative, ...]
    answers: tuple[Quote, ...]
    not_asked: tuple[str, ...]
    details: tuple[Details, ...]
    missing_details: tuple[str, ...]
    prerequisites: tuple[Prerequisite, ...]
    recommendation: Recommendation
    reviewed: Reviewed | None = None
    earlier: tuple[Linked, ...] = ()
    following: tuple[Linked, ...] = ()
    counterfactuals: tuple[Counterfactual, ...] | None = None
    disputed: tuple[str, ...] = ()

    @property
    def leading_counterfactuals(self) -> tuple[Counterfactual, ...]:
        """The other results that are told at once."""
        return (self.counterfactuals or ())[:MOST_RESULTS]

    @property
    def more_counterfactuals(self) -> tuple[Counterfactual, ...]:
        """The other results that there are besides."""
        return (self.counterfactuals or ())[MOST_RESULTS:]

    @property
    def ways_not_printed(self) -> int:
        """How many ways to other results are told on the page only."""
        told = sum(len(found.leading_ways) for found in self.leading_counterfactuals)
        return sum(len(found.ways) for found in self.counterfactuals or ()) - told

    @property
    def leading_reasons(self) -> tuple[Reason, ...]:
        """The reasons on the first page: those of the conflict, or the weightiest that fit."""
        if self.conflict and not self.engagement:
            return tuple(r for r in self.reasons if r.because in self.conflict.because)
        if self.kind is OutcomeKind.ENTRY:
            return ()
        room = FIRST_PAGE_LINES
        if self.reviewed and (self.overridden or self.reviewed.message):
            room -= 4 + ceil(len(self.reviewed.message) / LINE)
        found = 0
        for reason in self.reasons[:MOST_LEADING]:
            room -= reason.lines
            if found and room < 0:
                break
            found += 1
        return self.reasons[:found]

    @property
    def more_reasons(self) -> tuple[Reason, ...]:
        """The reasons that the first page does not tell."""
        return tuple(reason for reason in self.reasons if reason not in self.leading_reasons)

    @property
    def answers_lead_to_pathway(self) -> bool:
        """Whether the rules returned several steps, whatever a consultant decided."""
        return len(self.recommendation.steps) > 1

    @property
    def overridden(self) -> bool:
        """Whether a consultant has decided otherwise than the rules."""
        return self.reviewed is not None and self.reviewed.overridden

    @property
    def met(self) -> tuple[Prerequisite, ...]:
        """The prerequisites in place."""
        return tuple(p for p in self.prerequisites if p.status == ReadinessStatus.MET)

    @property
    def missing(self) -> tuple[Prerequisite, ...]:
        """The prerequisites known not to be in place."""
        return tuple(p for p in self.prerequisites if p.status == ReadinessStatus.MISSING)

    @property
    def unknown(self) -> tuple[Prerequisite, ...]:
        """The prerequisites of which nobody has told."""
        return tuple(p for p in self.prerequisites if p.status == ReadinessStatus.UNKNOWN)
