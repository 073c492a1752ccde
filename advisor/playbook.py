"""The types of a playbook document: everything one firm offers and asks, frozen.

A document is plain data (TOML in a file, JSON in the database). These types give it its shape;
references between its parts are checked by `advisor.checking`, so that a practice lead sees
every problem at once. No Django here: the rules and the shell use the same types.
"""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from advisor.offers import (
    Cadence,
    Chapter,
    Checklist,
    EscalationStep,
    Expectation,
    Faq,
    FollowOn,
    OtherPrice,
    Price,
    ProcessPhase,
    Responsibility,
    SeparateScope,
    ServiceLevel,
    Training,
)
from advisor.texts import Key, Keys, Line, Lines, Part, Prose


class Phase(StrEnum):
    """Where an engagement model or a need stands in a pathway, earliest first."""

    RESPOND = "respond"
    DECIDE = "decide"
    DELIVER = "deliver"
    RUN = "run"

    @property
    def rank(self) -> int:
        """0 for the earliest phase."""
        return list(Phase).index(self)


class Stage(StrEnum):
    """When a section of questions is asked.

    `triage` comes first and may end the questionnaire, `decide` decides, `scope` completes the
    brief once there is a recommendation.
    """

    TRIAGE = "triage"
    DECIDE = "decide"
    SCOPE = "scope"


class Kind(StrEnum):
    """How a question is answered: one option, any number of options, a line or a text."""

    ONE = "one"
    MANY = "many"
    LINE = "line"
    TEXT = "text"

    @property
    def has_options(self) -> bool:
        """Whether the answer is picked from options rather than typed."""
        return self in (Kind.ONE, Kind.MANY)


class Firm(Part):
    """Who offers the playbook, as pages and briefs name them."""

    name: Line
    email: Line
    phone: Line
    website: Line | None = None


class Emergency(Part):
    """What a buyer with a red flag sees at once: whom to call and what to have ready."""

    phone: Line
    hours: Line
    promise: Prose
    have_ready: Lines
    meanwhile: Lines = ()


class Need(Part):
    """Something an engagement must be able to carry.

    `title` completes "this engagement carries …"; `starts_when` is the condition that starts
    the step which carries it, when it is a follow-on step of a pathway. One that nothing on offer
    carries is not `offered`: whoever needs it is told so, and sent to a consultant.
    """

    key: Key
    title: Line
    phase: Phase
    explanation: Prose
    starts_when: Line
    offered: bool = True


class Prerequisite(Part):
    """What must be in place before an engagement model can start, read from one question.

    Met when the answer holds any of `met`, unknown when it holds any of `unknown` or nothing
    was answered, missing otherwise.
    """

    key: Key
    title: Line
    owner: Line
    question: Key
    met: Keys
    unknown: Keys = ()


class EngagementModel(Part):
    """A way of working that is for sale. `size` is its commitment: 1 is the smallest.

    Variants of one offer share a `family` and are shown side by side. `boundaries` are what it is
    not; `separate_scope` is what can be had beside it, and as what. `process` is how it goes.
    """

    key: Key
    title: Line
    family: Key | None = None
    size: Annotated[int, Field(strict=True, ge=1, le=99)]
    phase: Phase
    summary: Line
    use_when: Line
    duration: Line
    commercial_shape: Line
    price: Price | None = None
    other_prices: Annotated[tuple[OtherPrice, ...], Field(max_length=20)] = ()
    first_services: Lines
    carries: Keys
    good_fit: Lines
    operating_model: Prose
    covers: Lines = ()
    deliverables: Lines
    boundaries: Lines
    separate_scope: Annotated[tuple[SeparateScope, ...], Field(max_length=20)] = ()
    service_level: ServiceLevel | None = None
    responsibilities: Annotated[tuple[Responsibility, ...], Field(max_length=40)] = ()
    process: Annotated[tuple[ProcessPhase, ...], Field(max_length=20)] = ()
    training: Annotated[tuple[Training, ...], Field(max_length=20)] = ()
    cadence: Annotated[tuple[Cadence, ...], Field(max_length=20)]
    handoff: Prose
    escalation: Prose
    escalation_path: Annotated[tuple[EscalationStep, ...], Field(max_length=10)] = ()
    next_step: Prose
    follow_on: FollowOn | None = None
    prerequisites: Annotated[tuple[Prerequisite, ...], Field(max_length=20)]


class Condition(Part):
    """ "The answer to `question` is any of these options"."""

    question: Key
    any_of: Keys


Conditions = tuple[Condition, ...]


class Section(Part):
    """Questions that belong together; `ask_when` holds for each of them."""

    key: Key
    title: Line
    stage: Stage
    intro: Prose | None = None
    ask_when: Conditions = ()


class Option(Part):
    """One choice. An `exclusive` option ("none of these") cannot be picked with others.

    `if_so` completes "If …, this would be …" in the buyer's voice ("you could write acceptance
    criteria"). Who picks an `unsure` option does not know; nobody is advised to.
    """

    key: Key
    label: Line
    hint: Line | None = None
    exclusive: bool = False
    unsure: bool = False
    if_so: Line | None = None


class Question(Part):
    """One thing asked, with its hint and why it is asked.

    It is on the live path when all of `ask_when` hold and, where `engagements` are named, one
    of them is the recommended first step. `answer_noun` names the answer in a list ("Change
    *who runs it*"). An answer that is a fact and not a choice is not `changeable`: no advice
    rests on answering it differently. Triage never is.
    """

    key: Key
    section: Key
    title: Line
    answer_noun: Line
    hint: Line | None = None
    why: Prose
    kind: Kind
    changeable: bool = True
    options: Annotated[tuple[Option, ...], Field(max_length=30)] = ()
    ask_when: Conditions = ()
    engagements: Keys = ()

    def option(self, key: str) -> Option:
        """Return the option with this key; raise KeyError when there is none."""
        for option in self.options:
            if option.key == key:
                return option
        raise KeyError(key)


class Demand(Part):
    """A need that a signal demands, and how much it weighs in the score."""

    need: Key
    weight: Annotated[int, Field(strict=True, ge=1, le=100)] = 1


class Signal(Part):
    """What a buyer's answers show. It fires when all of `when` hold.

    `because` is the reason a buyer reads; a signal demands needs, or rules engagement models
    out, or both.
    """

    key: Key
    title: Line
    voice: Line
    when: Conditions
    demands: tuple[Demand, ...] = ()
    rules_out: Keys = ()
    because: Prose


class GuideRow(Part):
    """One line of advice: if this is true, start with these engagement models, because."""

    key: Key
    statement: Line
    start_with: Keys
    why: Prose


class Guide(Part):
    """A table of advice that a reader can check the rules against."""

    key: Key
    title: Line
    rows: Annotated[tuple[GuideRow, ...], Field(max_length=60)]


class ServicePath(Part):
    """The services with which an engagement model usually starts, for one answer."""

    key: Key
    title: Line
    engagement: Key
    when: Condition
    services: Lines
    note: Line


class Claim(StrEnum):
    """A property that is proved of a playbook, or refuted, before it is published (DESIGN 3.8).

    Without the first four the advice could not be trusted. Each of the others may be as it is
    meant to be, and then somebody says why.
    """

    ONE_OUTCOME = "one-outcome"
    STABILISATION_FIRST = "stabilisation-first"
    SMALLEST = "smallest"
    MONOTONE = "monotone"
    NEEDS_CARRIED = "needs-carried"
    ALWAYS_FITS = "always-fits"
    ENGAGEMENT_REACHED = "engagement-reached"
    SIGNAL_FIRES = "signal-fires"
    SIGNAL_MATTERS = "signal-matters"
    OPTION_MATTERS = "option-matters"

    @property
    def is_safety(self) -> bool:
        """Whether nothing is published of which this is refuted."""
        return self in SAFETY


SAFETY = frozenset({Claim.ONE_OUTCOME, Claim.STABILISATION_FIRST, Claim.SMALLEST, Claim.MONOTONE})


class Acknowledgement(Part):
    """Why a claim that is refuted is as it is meant to be.

    `about` is the part it is refuted of: an engagement model, a signal, or "question.option".
    """

    claim: Claim
    about: Line | None = None
    why: Prose


class Playbook(Part):
    """Everything one firm (or practice) offers and asks, as one document.

    `decision` is what a buyer wants to decide with it, in the buyer's words: how it is found
    among several. `checklists` are the handover pack, `chapters` the operations manual.
    """

    key: Key
    title: Line
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = "en"
    decision: Line | None = None
    summary: Prose
    promise: Prose
    minutes: Annotated[int, Field(strict=True, ge=1, le=60)]
    entry: Key | None = None  # its absence is told with the references, and with all the rest
    firm: Firm
    emergency: Emergency | None = None
    needs: Annotated[tuple[Need, ...], Field(max_length=60)]
    engagements: Annotated[tuple[EngagementModel, ...], Field(max_length=60)]
    sections: Annotated[tuple[Section, ...], Field(max_length=40)]
    questions: Annotated[tuple[Question, ...], Field(max_length=200)]
    signals: Annotated[tuple[Signal, ...], Field(max_length=500)]
    guides: Annotated[tuple[Guide, ...], Field(max_length=20)] = ()
    service_paths: Annotated[tuple[ServicePath, ...], Field(max_length=60)] = ()
    process: Annotated[tuple[ProcessPhase, ...], Field(max_length=20)] = ()
    expectations: Annotated[tuple[Expectation, ...], Field(max_length=20)] = ()
    faqs: Annotated[tuple[Faq, ...], Field(max_length=60)] = ()
    checklists: Annotated[tuple[Checklist, ...], Field(max_length=40)] = ()
    chapters: Annotated[tuple[Chapter, ...], Field(max_length=40)] = ()
    acknowledgements: Annotated[tuple[Acknowledgement, ...], Field(max_length=200)] = ()

    def engagement(self, key: str) -> EngagementModel:
        """Return the engagement model with this key; raise KeyError when there is none."""
        return _by_key(self.engagements, key)

    def need(self, key: str) -> Need:
        """Return the need with this key; raise KeyError when there is none."""
        return _by_key(self.needs, key)

    def question(self, key: str) -> Question:
        """Return the question with this key; raise KeyError when there is none."""
        return _by_key(self.questions, key)

    def section(self, key: str) -> Section:
        """Return the section with this key; raise KeyError when there is none."""
        return _by_key(self.sections, key)

    def signal(self, key: str) -> Signal:
        """Return the signal with this key; raise KeyError when there is none."""
        return _by_key(self.signals, key)

    def stage_of(self, question: Question) -> Stage:
        """Return when a question of this playbook is asked."""
        return self.section(question.section).stage

    def conditions_of(self, question: Question) -> Conditions:
        """Return all conditions under which a question is asked: its section's and its own."""
        return self.section(question.section).ask_when + question.ask_when

    @classmethod
    def from_document(cls, document: object) -> Self:
        """Return the playbook of a plain document (dicts, lists, strings, numbers).

        Raises pydantic.ValidationError, which names every part of the wrong shape.
        """
        return cls.model_validate(document)


def _by_key[T: (EngagementModel, Need, Question, Section, Signal)](
    parts: tuple[T, ...], key: str
) -> T:
    for part in parts:
        if part.key == key:
            return part
    raise KeyError(key)
