"""What is said about an offer beside what decides: prices, service levels, who does what, how it
goes, and what is handed over.

None of it is read by the rules. Everything is optional: a page, a brief or a handover pack shows
what is there and nothing in its place.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from advisor.speech import figures, ngettext
from advisor.speech import gettext as _
from advisor.texts import Key, Keys, Line, Lines, Part, Prose

HOURS_A_YEAR = 365 * 24


def _joined(*texts: str | None) -> str:
    return "; ".join(filter(None, texts))


# ---- Of one engagement model ----------------------------------------------------------------


class Price(Part):
    """What an engagement model usually costs: whole units of a currency, and what they buy.

    `most` is missing where there is no upper end. It is an indication, never an offer.
    """

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    least: Annotated[int, Field(strict=True, ge=0, le=100_000_000)]
    most: Annotated[int, Field(strict=True, ge=0, le=100_000_000)] | None = None
    unit: Line

    def __str__(self) -> str:
        """The price as people say it: EUR 4,800 to 12,000 per review."""
        if self.most is None:
            told = _("from {currency} {least} {unit}")
        elif self.most == self.least:
            told = _("{currency} {least} {unit}")
        else:
            told = _("{currency} {least} to {most} {unit}")
        return told.format(
            currency=self.currency,
            least=figures(self.least),
            most=figures(self.most or 0),
            unit=self.unit,
        )


class OtherPrice(Price):
    """A price beside the main one, such as hours beyond a retainer, or an example by size."""

    title: Line

    def __str__(self) -> str:
        """What it is for, and the price."""
        return f"{self.title}: {super().__str__()}"


class Cadence(Part):
    """One rhythm of an engagement: when, and what happens."""

    when: Line
    what: Line

    def __str__(self) -> str:
        """When and what, in a line."""
        return f"{self.when}: {self.what}"


class SeparateScope(Part):
    """Work at the edge of an engagement that is agreed and paid by itself, and as what."""

    what: Line
    becomes: Line

    def __str__(self) -> str:
        """What becomes what, in a line."""
        return f"{self.what}: {self.becomes}"


class Severity(Part):
    """How fast a kind of trouble is answered. `response` is the first one by a person."""

    title: Line
    meaning: Line
    response: Line
    resolution: Line | None = None
    updates: Line | None = None

    def __str__(self) -> str:
        """The row as a line."""
        return _joined(
            _("{title} ({meaning}): answered {response}").format(
                title=self.title, meaning=self.meaning, response=self.response
            ),
            self.resolution and _("solved {when}").format(when=self.resolution),
            self.updates and _("updates {when}").format(when=self.updates),
        )


class Credit(Part):
    """What is taken off the bill when a promised response is missed."""

    missed_by: Line
    credit: Line

    def __str__(self) -> str:
        """The row as a line."""
        return _("missed by {missed_by}: {credit}").format(
            missed_by=self.missed_by, credit=self.credit
        )


class ServiceLevel(Part):
    """When somebody is there, how fast they answer, and what follows when they do not.

    `coverage` is the window ("Monday to Friday, 9:00 to 17:00"), `uptime` a target in percent.
    Severities come with the worst first.
    """

    coverage: Line
    channels: Lines = ()
    uptime: Annotated[str, StringConstraints(pattern=r"^\d{2}(\.\d{1,3})?$")] | None = None
    severities: Annotated[tuple[Severity, ...], Field(max_length=8)] = ()
    credits: Annotated[tuple[Credit, ...], Field(max_length=8)] = ()
    credit_limit: Line | None = None

    @property
    def downtime_hours(self) -> float | None:
        """The hours a year for which the target allows it to be down."""
        if self.uptime is None:
            return None
        return round((100 - float(self.uptime)) / 100 * HOURS_A_YEAR, 1)


class Party(StrEnum):
    """Who answers for a task."""

    FIRM = "firm"
    BUYER = "buyer"
    BOTH = "both"
    EXTRA = "extra"  # the firm, agreed and paid by itself
    NOBODY = "nobody"  # not part of it


class Responsibility(Part):
    """One row of the responsibility matrix; `note` says how often or how ("monthly")."""

    task: Line
    party: Party
    note: Line | None = None

    def __str__(self) -> str:
        """The row as a line."""
        return _joined(f"{self.task}: {self.party}", self.note)


class ProcessPhase(Part):
    """A phase of how the work goes, with what is done and what comes out of it."""

    title: Line
    when: Line | None = None
    summary: Prose | None = None
    activities: Lines = ()
    outcome: Line | None = None

    def __str__(self) -> str:
        """All that it says, in a line."""
        return _joined(self.title, self.when, self.summary, *self.activities, self.outcome)


class Training(Part):
    """One training session of a handover."""

    title: Line
    hours: Annotated[int, Field(strict=True, ge=1, le=80)]
    topics: Lines = ()

    def __str__(self) -> str:
        """All that it says, in a line."""
        told = ngettext("{title} ({hours} hour)", "{title} ({hours} hours)", self.hours)
        return _joined(told.format(title=self.title, hours=self.hours), *self.topics)


class EscalationStep(Part):
    """Whom to turn to next, and when."""

    who: Line
    when: Line
    reach: Line | None = None

    def __str__(self) -> str:
        """When, to whom and how, in a line."""
        return _joined(f"{self.when}: {self.who}", self.reach)


class FollowOn(Part):
    """The playbook with which it goes on afterwards; `when` completes "once …"."""

    playbook: Key
    when: Line

    def __str__(self) -> str:
        """The playbook's key and when, in a line."""
        return _("{playbook}, once {when}").format(playbook=self.playbook, when=self.when)


# ---- Of a playbook --------------------------------------------------------------------------
# `engagements` names the engagement models that a part is for; without any it is for all.


class Expectation(Part):
    """What a buyer may expect of the firm, whatever is engaged."""

    title: Line
    text: Prose

    def __str__(self) -> str:
        """All that it says, in a line."""
        return f"{self.title}: {self.text}"


class Faq(Part):
    """A question that buyers ask, and its answer."""

    key: Key
    title: Line
    answer: Prose
    engagements: Keys = ()


class ChecklistGroup(Part):
    """Items of a checklist that belong together: a day, a week, a subject."""

    key: Key
    title: Line
    items: Lines


class Checklist(Part):
    """What is ticked off while an engagement is set up, handed over or run.

    Together, in the order of the playbook, the checklists are the handover pack.
    """

    key: Key
    title: Line
    intro: Prose | None = None
    engagements: Keys = ()
    groups: Annotated[tuple[ChecklistGroup, ...], Field(max_length=30)]


class Fact(Part):
    """A line of the operations manual that an answer fills in; missing until it is given."""

    label: Line
    question: Key


class KnownIssue(Part):
    """Something that goes wrong now and then, and what happens then."""

    title: Line
    cause: Line
    steps: Lines
    within: Line

    def __str__(self) -> str:
        """All that it says, in a line."""
        return _joined(self.title, self.cause, *self.steps, self.within)


class Chapter(Part):
    """A chapter of the operations manual, which the people who live with the result keep at hand.

    What the engagement model says by itself (hours, severities, who does what, escalation) is
    there without being written again.
    """

    key: Key
    title: Line
    text: Prose | None = None
    engagements: Keys = ()
    facts: Annotated[tuple[Fact, ...], Field(max_length=30)] = ()
    points: Lines = ()
    issues: Annotated[tuple[KnownIssue, ...], Field(max_length=20)] = ()
