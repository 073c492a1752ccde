"""Links to an assessment: given to others, taken back, and found by their token."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from engagements.models import Assessment, Link, LinkKind


@transaction.atomic
def give(
    assessment: Assessment, kind: LinkKind, *, section: str = "", name: str = "", note: str = ""
) -> Link:
    """Make a link for somebody else; it is good for `settings.LINK_DAYS` days."""
    return Link.objects.create(
        assessment=assessment,
        kind=kind,
        section=section,
        name=name,
        note=note,
        expires_at=timezone.now() + timedelta(days=settings.LINK_DAYS),
    )


@transaction.atomic
def take_back(link: Link) -> None:
    """End a link at once; whoever has it is told so. Twice is as good as once."""
    now = timezone.now()
    if Link.objects.filter(pk=link.pk, ended_at=None).update(ended_at=now):
        link.ended_at = now


def link_or_404(token: str, kind: LinkKind) -> Link:
    """Return the link of this kind and token, whether or not it is open; raise Http404."""
    found = (
        Link.objects.filter(token=token, kind=kind)
        .select_related(
            "assessment__version__playbook",
            "assessment__recommendation",
            "assessment__review__reviewer",
        )
        .defer("assessment__version__document")
        .first()
    )
    if found is None:
        raise Http404
    return found
