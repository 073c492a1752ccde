"""What the rules return: the decision and its whole trace, as frozen values.

Everything is named by key; wording is the playbook's and the templates'. A recommendation is
stored exactly as it is here, so a field once published keeps its name and meaning.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from advisor.playbook import Demand


class Value(BaseModel):
    """A frozen value of a recommendation."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OutcomeKind(StrEnum):
    """What a decision comes to (DESIGN 3.3 to 3.5)."""

    SINGLE = "single"
    PATHWAY = "pathway"
    ENTRY = "entry"
    CONFLICT = "conflict"


class Outcome(Value):
    """A decision in short: its kind and the engagement models in order; none in a conflict."""

    kind: OutcomeKind
    engagements: tuple[str, ...]

    @property
    def first(self) -> str | None:
        """The engagement model to start with."""
        return self.engagements[0] if self.engagements else None


class GivenAnswer(Value):
    """The options of one answer that made something happen."""

    question: str
    options: tuple[str, ...]


class FiredSignal(Value):
    """A signal that fired, and the answers that made it fire."""

    signal: str
    answers: tuple[GivenAnswer, ...]
    demands: tuple[Demand, ...]
    rules_out: tuple[str, ...]


class DemandedNeed(Value):
    """A need, the weight of everything that demands it, and the signals that do."""

    need: str
    weight: int
    signals: tuple[str, ...]


class Score(Value):
    """How much of the fired weight an engagement model carries, 0 to 100.

    A recommended step is scored on the needs that it is chosen for, the others on all.
    `fits` tells whether it carries every need it is scored on and is not ruled out.
    """

    engagement: str
    score: int
    fits: bool
    ruled_out_by: tuple[str, ...]


class RecommendedStep(Value):
    """A step of the pathway: what it is chosen for, and all it carries of what was open."""

    engagement: str
    chosen_for: tuple[str, ...]
    carries: tuple[str, ...]


class Side(StrEnum):
    """Which side of the recommended first step another engagement model is on."""

    SMALLER = "smaller"
    LARGER = "larger"


class Verdict(StrEnum):
    """Why another engagement model is not the first step.

    `cannot-carry`: it lacks `needs`, which `signals` demanded. `ruled-out`: by `signals`.
    `not-needed`: a smaller one carries everything; `needs` is what it would add undemanded.
    `comes-later`: it is a follow-on step of the pathway. `open-answers`: it carries what is
    demanded so far, but no way to answer the remaining questions leads to it. `not-the-start`:
    it could carry this, but is not where the playbook starts when nothing is demanded, or does
    not respond to emergencies.
    """

    CANNOT_CARRY = "cannot-carry"
    RULED_OUT = "ruled-out"
    NOT_NEEDED = "not-needed"
    COMES_LATER = "comes-later"
    OPEN_ANSWERS = "open-answers"
    NOT_THE_START = "not-the-start"


class Alternative(Value):
    """A line of the certificate: one engagement model that is not the first step, and why."""

    engagement: str
    side: Side
    verdict: Verdict
    needs: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()


class Change(Value):
    """One answer of a conflict, what it would have to be instead, and what that leads to.

    Without an outcome something can fit then; which, the remaining questions decide.
    """

    question: str
    option: str
    instead: tuple[str, ...]
    outcome: Outcome | None


class Dropped(Value):
    """One answer of a conflict, and what the others come to without it: a conflict still, too."""

    question: str
    option: str
    outcome: Outcome


class Counterfactual(Value):
    """Answers that would have to be others, and what that leads to.

    `instead` has one answer or two, whole as they would be. Without an `outcome` it is not certain
    what they lead to: the remaining questions decide between the outcomes that are `possible`.
    """

    instead: tuple[GivenAnswer, ...]
    outcome: Outcome | None
    possible: tuple[Outcome, ...]


class Conflict(Value):
    """A smallest set of answers that no engagement model can satisfy together.

    `dropped` has what the others come to without each of them. `changes` has the smallest change
    for each answer of the set that makes room for a fit by itself, the advised one first; `needs`
    are those left that nothing on offer carries, `ruled_out` the engagement models that the
    answers rule out.
    """

    answers: tuple[GivenAnswer, ...]
    needs: tuple[str, ...]
    ruled_out: tuple[str, ...]
    changes: tuple[Change, ...]
    dropped: tuple[Dropped, ...] = ()


class ReadinessStatus(StrEnum):
    """Whether a prerequisite is in place, as far as the answers tell."""

    MET = "met"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Readiness(Value):
    """The state of one prerequisite of a recommended engagement model."""

    engagement: str
    prerequisite: str
    status: ReadinessStatus


class Recommendation(Value):
    """The decision on one set of answers to one playbook version, with its whole trace.

    `outcome` is there once it is settled: no remaining answer can change it. `possible` are
    the outcomes that some way to answer the rest leads to: all of them, unless `more_possible`.
    `remaining` are the live questions not answered yet, `answers` those that counted. `readiness`
    is of the first step.
    """

    playbook: str
    version: str
    answers: tuple[GivenAnswer, ...]
    outcome: Outcome | None
    possible: tuple[Outcome, ...]
    more_possible: bool = False
    remaining: tuple[str, ...]
    next_question: str | None = None
    steps: tuple[RecommendedStep, ...]
    signals: tuple[FiredSignal, ...]
    needs: tuple[DemandedNeed, ...]
    scores: tuple[Score, ...]
    certificate: tuple[Alternative, ...]
    conflict: Conflict | None
    readiness: tuple[Readiness, ...]
    counterfactuals: tuple[Counterfactual, ...] = ()

    @property
    def counted(self) -> dict[str, tuple[str, ...]]:
        """The answers that counted, by question key.

        They are stored as a list, because databases keep the order of lists and not of names.
        """
        return {answer.question: answer.options for answer in self.answers}

    @property
    def first(self) -> str | None:
        """The engagement model to start with; None while it is open, and in a conflict."""
        return self.steps[0].engagement if self.steps else None

    def advises_as(self, other: "Recommendation") -> bool:
        """Whether another recommendation rests on the same and advises the same.

        How it is explained may differ: a release that tells more takes no review back.
        """
        return (
            self.version == other.version
            and self.answers == other.answers
            and self.outcome == other.outcome
            and self.steps == other.steps
            and self.readiness == other.readiness
        )

    @property
    def settled(self) -> bool:
        """Whether no remaining answer can change the outcome."""
        return self.outcome is not None
