"""Handover: what is ticked off once it is decided how to work, by whom and when.

Checklists are those of the pinned playbook version for the engagement model to start with. Only
ticks are stored, each as a row that stays: ticking, and taking a tick back. An item's newest row
counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from advisor.offers import Chapter, Checklist
from advisor.playbook import EngagementModel, Playbook
from engagements.assessing import first_step
from engagements.models import Assessment, Tick, link_expiry
from engagements.questionnaire import parts_for
from engagements.wording import name_on_paper

LONGEST_NAME = Tick._meta.get_field("name").max_length


class HandoverError(Exception):
    """Ticks that cannot be saved: a sentence that says why, and what to do."""


class NameMissingError(HandoverError):
    """Ticks of nobody."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item with all its ticks, oldest first.

    Its id is its place in the list; a pinned version never changes, so it stays.
    """

    id: str
    words: str
    ticks: tuple[Tick, ...]

    @property
    def latest(self) -> Tick | None:
        """What was done to it last: ticked, or taken back."""
        return self.ticks[-1] if self.ticks else None

    @property
    def done(self) -> bool:
        """Whether it is ticked."""
        return self.latest is not None and self.latest.done


@dataclass(frozen=True, slots=True)
class Group:
    """Items that belong together."""

    key: str
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class TickedList:
    """A checklist as it stands."""

    checklist: Checklist
    groups: tuple[Group, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """The items of all groups."""
        return tuple(item for group in self.groups for item in group.items)

    @property
    def done(self) -> frozenset[str]:
        """The ids of the items that are ticked."""
        return frozenset(item.id for item in self.items if item.done)

    @property
    def untouched(self) -> "TickedList":
        """The same list without any tick."""
        groups = (
            replace(group, items=tuple(replace(item, ticks=()) for item in group.items))
            for group in self.groups
        )
        return replace(self, groups=tuple(groups))

    @property
    def latest(self) -> Tick | None:
        """What was done last on it."""
        return max((i.latest for i in self.items if i.latest), key=lambda t: t.pk, default=None)


@dataclass(frozen=True, slots=True)
class Handover:
    """What there is to hand over an engagement model with: at least a checklist or a chapter."""

    model: EngagementModel
    checklists: tuple[Checklist, ...]
    chapters: tuple[Chapter, ...]


def handover_of(assessment: Assessment) -> Handover | None:
    """Return the handover of what was decided; None while nothing is, or where there is none."""
    key = first_step(assessment) if assessment.recommendation else None
    if key is None:
        return None
    playbook: Playbook = assessment.version.rulebook.playbook
    checklists = parts_for(playbook.checklists, key)
    chapters = parts_for(playbook.chapters, key)
    if not checklists and not chapters:
        return None
    return Handover(playbook.engagement(key), checklists, chapters)


def as_it_stands(assessment: Assessment, checklists: Iterable[Checklist]) -> list[TickedList]:
    """Return checklists with what is ticked, read anew."""
    rows: dict[tuple[str, str, str], list[Tick]] = defaultdict(list)
    for tick in Tick.objects.filter(assessment=assessment).select_related("user"):
        rows[tick.checklist, tick.group, tick.item].append(tick)
    return [
        TickedList(
            checklist,
            tuple(
                Group(
                    group.key,
                    group.title,
                    tuple(
                        Item(
                            f"{group.key}.{place}",
                            words,
                            tuple(rows.get((checklist.key, group.key, words), ())),
                        )
                        for place, words in enumerate(group.items, start=1)
                    ),
                )
                for group in checklist.groups
            ),
        )
        for checklist in checklists
    ]


@transaction.atomic
def save_ticks(
    assessment: Assessment,
    checklist: Checklist,
    *,
    seen: Set[str],
    ticked: Set[str],
    name: str,
    user: AbstractBaseUser | None = None,
    at: datetime | None = None,
) -> list[Tick]:
    """Save what somebody changed on a checklist, and return the new rows.

    `seen` are the ids of the items that the form showed as ticked, `ticked` of those that it came
    back with. Only where the two differ was anything meant, so two people at once never undo
    each other; and where it is so already, nothing is written. Raises HandoverError when there
    is something to save and nobody's name, or when there is no such item.
    """
    Assessment.objects.select_for_update().only("pk").get(pk=assessment.pk)  # others wait here
    [now] = as_it_stands(assessment, [checklist])
    unknown = (seen | ticked) - {item.id for item in now.items}
    if unknown:
        raise HandoverError(
            _(
                "Nothing was saved: the list “{title}” has no such item. Load the page anew, and "
                "tick what is done."
            ).format(title=checklist.title)
        )
    changed = list(_changed(now, seen ^ ticked, ticked))
    who = name_on_paper(name)[:LONGEST_NAME]
    if changed and not who:
        raise NameMissingError(_("Enter your name, so that others see who ticked what."))
    when = at or timezone.now()
    if changed:
        Assessment.objects.filter(pk=assessment.pk).update(expires_at=link_expiry(when))
    return Tick.objects.bulk_create(
        Tick(
            assessment=assessment,
            checklist=checklist.key,
            group=group.key,
            item=item.words,
            done=item.id in ticked,
            name=who,
            user=user,
            created_at=when,
        )
        for group, item in changed
    )


def _changed(now: TickedList, meant: Set[str], ticked: Set[str]) -> Iterator[tuple[Group, Item]]:
    """The items that somebody meant to change and that are not so already."""
    for group in now.groups:
        for item in group.items:
            if item.id in meant and item.done != (item.id in ticked):
                yield group, item
