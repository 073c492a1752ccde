"""Links to an assessment: the buyer's own, and those given to others; found by their token."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from catalog.models import known_version
from engagements.chain import after, before, lock_first_of
from engagements.language import speak_as
from engagements.models import Assessment, Link, LinkKind, Review, link_expiry, new_token


class LinkGoneError(Exception):
    """A private link that opens nothing any more: it has expired, or `replaced` is its row."""

    def __init__(self, assessment: Assessment, replaced: Link | None = None) -> None:
        super().__init__(f"{assessment} is not opened by this link any more.")
        self.assessment = assessment
        self.replaced = replaced


# ---- The buyer's own ------------------------------------------------------------------------


def owned(token: str, *, answered: bool = False, decided: bool = False) -> Assessment:
    """Return the assessment that a buyer's own link opens; raise LinkGoneError or Http404.

    For a page that tells what was `answered`, or else `decided`, that is read with it.
    """
    try:
        if answered:
            assessment = Assessment.objects.get_with_answers(token)
        elif decided:
            assessment = Assessment.objects.select_related("recommendation").get(token=token)
        else:
            assessment = Assessment.objects.get(token=token)
    except Assessment.DoesNotExist:
        replaced = link_or_404(token, LinkKind.OWNER)
        raise LinkGoneError(replaced.assessment, replaced) from None
    assessment.version = known_version(assessment.version_id)
    speak_as(assessment.version)
    if assessment.has_expired:
        raise LinkGoneError(assessment)
    if decided and assessment.review_id:
        assessment.review = Review.objects.select_related("reviewer").get(pk=assessment.review_id)
    return assessment


@transaction.atomic
def replace(assessment: Assessment, *, only_expired: bool = False) -> list[Link]:
    """Give an assessment another private link; the old one stops at once, and is remembered.

    So do the links of all that it goes on from and of all that goes on from it: their pages lead
    to one another, and whoever has the old link of one may have seen the others. When that is no
    reason, `only_expired` leaves those alone that work. Returns what is remembered; of two who
    replace the same link, the second one changes nothing and gets nothing.
    """
    lock_first_of(assessment)
    seen = assessment.token
    assessment.token = (
        Assessment.objects.select_for_update().values_list("token", flat=True).get(pk=assessment.pk)
    )
    if assessment.token != seen:
        return []
    now = timezone.now()
    first = (before(assessment) or [assessment])[0]
    remembered = []
    for one in (first, *after(first)):
        if only_expired and not one.has_expired:
            continue
        link = Link(assessment=one, kind=LinkKind.OWNER, token=one.token, ended_at=now)
        link.expires_at = one.expires_at
        link.save()
        remembered.append(link)
        one.token, one.expires_at = new_token(), link_expiry(now)
        one.save(update_fields=["token", "expires_at"])
        if one.pk == assessment.pk:
            assessment.token, assessment.expires_at = one.token, one.expires_at
    return remembered


@transaction.atomic
def put_back(replaced: list[Link]) -> None:
    """Undo a replacement, when the new link could not be brought to anybody."""
    for link in replaced:
        old = {"token": link.token, "expires_at": link.expires_at}
        Assessment.objects.filter(pk=link.assessment_id).update(**old)
        link.delete()


# ---- Those given to others ------------------------------------------------------------------


@transaction.atomic
def give(
    assessment: Assessment, kind: LinkKind, *, section: str = "", name: str = "", note: str = ""
) -> Link:
    """Make a link for somebody else; it is good for `settings.LINK_DAYS` days."""
    if kind is LinkKind.COLLEAGUE and not assessment.asks_colleagues:
        assessment.asks_colleagues = True
        assessment.save(update_fields=["asks_colleagues"])
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
    """Return the link of this kind and token, open or not, and speak its language; or 404."""
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
    speak_as(found.assessment.version)
    return found
