"""What the first page of the admin leads to: the next thing to do of whoever has signed in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django import template
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, Min

from catalog.admin.publishing import Standing, standing_of
from catalog.models import Draft
from engagements.models import Assessment, State

register = template.Library()


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many assessments want something of a consultant, and since when the oldest does."""

    count: int
    since: datetime | None
    changed: int


@dataclass(frozen=True, slots=True)
class Unpublished:
    """A draft, and how much of it is not what buyers get."""

    draft: Draft
    standing: Standing

    @property
    def changes(self) -> int:
        """How many parts differ from the live version."""
        return sum(map(len, (self.standing.groups or {}).values()))


@register.simple_tag
def waiting_for(user: AbstractBaseUser) -> Waiting | None:
    """What waits for somebody who reviews."""
    if not user.has_perm("engagements.review_assessment"):
        return None
    waiting = Assessment.objects.filter(state=State.WAITING).aggregate(
        count=Count("pk"), since=Min("created_at")
    )
    changed = Assessment.objects.filter(state=State.CHANGED).count()
    return Waiting(**waiting, changed=changed)


@register.simple_tag
def drafts_of(user: AbstractBaseUser) -> Iterator[Unpublished]:
    """The drafts of somebody who edits them, each against what is live."""
    if user.has_perm("catalog.change_draft"):
        for draft in Draft.objects.select_related("playbook", "entry"):
            yield Unpublished(draft, standing_of(draft))
