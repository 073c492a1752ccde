"""What the handover pack prints: the checklists as they stand, to be ticked on paper or here.

It looks as templates/handover/pack.html has it; `engagements.pdf` makes the file.
"""

from datetime import date

from django.utils import timezone

from advisor.playbook import Firm
from engagements.brief import Contact, Said
from engagements.handover import Handover, Item, TickedList, as_it_stands
from engagements.models import Assessment
from engagements.pdf import HANDOVER_STYLE, Printout
from engagements.wording import name_on_paper


class Line(Said):
    """An item, and who ticked it when."""

    words: str
    who: str = ""
    on: date | None = None

    @property
    def done(self) -> bool:
        """Whether it is ticked."""
        return self.on is not None


class Group(Said):
    """Items that belong together."""

    title: str
    lines: tuple[Line, ...]


class Sheet(Said):
    """One checklist. `intro` is empty where it has none."""

    title: str
    intro: str
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        """How many items it has."""
        return sum(len(group.lines) for group in self.groups)

    @property
    def done(self) -> int:
        """How many of them are ticked."""
        return sum(line.done for group in self.groups for line in group.lines)


class Pack(Said):
    """Everything that a handover pack prints."""

    language: str
    reference: str
    as_of: date
    firm: Firm
    contact: Contact
    engagement: str
    sheets: tuple[Sheet, ...]
    last_by: str = ""

    @property
    def count(self) -> int:
        """How many items there are on all sheets."""
        return sum(sheet.count for sheet in self.sheets)

    @property
    def done(self) -> int:
        """How many of them are ticked."""
        return sum(sheet.done for sheet in self.sheets)

    @property
    def printout(self) -> Printout:
        """The pack as a file."""
        return Printout(
            noun="handover pack",
            reference=self.reference,
            template="handover/pack.html",
            value_name="pack",
            value=self,
            on=self.as_of,
            sheets=(HANDOVER_STYLE,),
            working_paper=True,
        )


def contact_of(assessment: Assessment) -> Contact:
    """Return for whom it is, as far as known."""
    return Contact(
        name=name_on_paper(assessment.contact_name),
        firm=name_on_paper(assessment.contact_firm),
        email=name_on_paper(assessment.contact_email),
    )


def build_pack(assessment: Assessment, handover: Handover, *, empty: bool = False) -> Pack:
    """Return the handover pack as of the last change: it stays the same until the next one.

    An empty one has no ticks, for what comes back each month or with each incident.
    """
    playbook = assessment.version.rulebook.playbook
    lists = as_it_stands(assessment, handover.checklists)
    if empty:
        lists = [one.untouched for one in lists]
    latest = max((one.latest for one in lists if one.latest), key=lambda t: t.pk, default=None)
    changed = max(filter(None, (assessment.updated_at, latest and latest.created_at)))
    return Pack(
        language=playbook.language,
        reference=assessment.reference,
        as_of=timezone.localdate(changed),
        firm=playbook.firm,
        contact=contact_of(assessment),
        engagement=handover.model.title,
        sheets=tuple(map(_sheet, lists)),
        last_by=latest.who if latest else "",
    )


def _sheet(ticked: TickedList) -> Sheet:
    return Sheet(
        title=ticked.checklist.title,
        intro=ticked.checklist.intro or "",
        groups=tuple(
            Group(title=group.title, lines=tuple(map(_line, group.items)))
            for group in ticked.groups
        ),
    )


def _line(item: Item) -> Line:
    tick = item.latest
    if tick is None or not tick.done:
        return Line(words=item.words)
    return Line(words=item.words, who=tick.who, on=timezone.localdate(tick.created_at))
