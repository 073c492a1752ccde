"""Mail: bring somebody a private link, as often as is decent, and keep count of it."""

import logging
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, mailers
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advisor.brand import current
from engagements.letters import Content, content_of
from engagements.models import Assessment, Letter, Link, LinkKind, Mailing

logger = logging.getLogger(__name__)

MOST_AN_HOUR = 5  # mails of one assessment
MOST_A_DAY = 20
MOST_TO_AN_ADDRESS = 10  # in a day, of all assessments together
MOST_KNOWN = 3  # addresses to which a new link goes


class MailError(Exception):
    """Why no mail was sent, in a sentence, and the status to tell it with."""

    status = 503


class TooManyMailsError(MailError):
    """There were enough for now."""

    status = 429


def is_set_up() -> bool:
    """Whether there is a mail server to hand mails to."""
    return "default" in mailers


# ---- Sending ---------------------------------------------------------------------------------


def send(
    assessment: Assessment, address: str, href: str, *, what: Letter, link: Link | None = None
) -> None:
    """Mail a link: the buyer's own, or else `link`. Raises MailError when that cannot be.

    `href` is the whole address that the link has in a browser.
    """
    if not is_set_up():
        raise MailError(_("No mails are sent from here."))
    with translation.override(assessment.version.rulebook.playbook.language):
        message = _message(address, content_of(assessment, href, what, link))
    mailing = _count(assessment, address, what)
    try:
        message.send(using="default")
    except (OSError, ValueError) as error:  # all of smtplib's are OSError; ValueError: the address
        mailing.delete()
        # Its own words may hold the address.
        logger.error("A mail of %s was not sent: %s", assessment, type(error).__name__)  # noqa: TRY400
        raise MailError(
            _(
                "The mail could not be sent, because our mail server did not take it. Try again in "
                "some minutes."
            )
        ) from None


@transaction.atomic
def _count(assessment: Assessment, address: str, what: Letter) -> Mailing:
    """Write a mail down before it is sent, so that many at once are not more than there may be."""
    Assessment.objects.select_for_update().only("pk").get(pk=assessment.pk)  # others wait here
    now = timezone.now()
    hour, day = now - timedelta(hours=1), now - timedelta(days=1)
    of_this = Mailing.objects.filter(assessment=assessment)
    if of_this.filter(sent_at__gt=hour).count() >= MOST_AN_HOUR:
        raise TooManyMailsError(
            ngettext(
                "Only {count} mail an hour is sent from here. Try again in an hour.",
                "Only {count} mails an hour are sent from here. Try again in an hour.",
                MOST_AN_HOUR,
            ).format(count=MOST_AN_HOUR)
        )
    to_this = Mailing.objects.filter(address__iexact=address, sent_at__gt=day)
    if (
        of_this.filter(sent_at__gt=day).count() >= MOST_A_DAY
        or to_this.count() >= MOST_TO_AN_ADDRESS
    ):
        raise TooManyMailsError(
            _("That is all that is mailed from here in a day. Try again tomorrow.")
        )
    return Mailing.objects.create(assessment=assessment, address=address, what=what, sent_at=now)


def _message(address: str, content: Content) -> EmailMultiAlternatives:
    firm = content.firm
    _name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    message = EmailMultiAlternatives(
        subject=content.subject,
        body=render_to_string("mail/letter.txt", {"content": content, "firm": firm}),
        from_email=formataddr((firm.name, sender)),
        to=[address],
        reply_to=[firm.email] if _is_address(firm.email) else None,
    )
    colours = current().colours_by_day
    html = render_to_string(
        "mail/letter.html", {"content": content, "firm": firm, "colours": colours}
    )
    message.attach_alternative(html, "text/html")
    return message


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


# ---- To whom a new link may go -----------------------------------------------------------------


def known_addresses(assessment: Assessment) -> list[str]:
    """Return where a new link may be mailed to: the buyer's, and where this one was mailed to.

    Where an earlier link was mailed to does not count: it may have been replaced because of that.
    """
    replaced = assessment.links.filter(kind=LinkKind.OWNER).order_by("-ended_at").first()
    since = Q(sent_at__gte=replaced.ended_at) if replaced else Q()
    mailed = assessment.mailings.filter(since, what__in=(Letter.OWN, Letter.RENEWED))
    distinct: dict[str, str] = {}
    for address in (assessment.contact_email, *mailed.values_list("address", flat=True)):
        if address:
            distinct.setdefault(address.lower(), address)
    return list(distinct.values())[:MOST_KNOWN]


def renewed_at(replaced: Link) -> datetime | None:
    """Return when a new link was mailed in place of this one, if it was replaced for that."""
    at = replaced.ended_at
    mailing = Mailing.objects.filter(
        assessment=replaced.assessment_id,
        what=Letter.RENEWED,
        sent_at__range=(at, at + timedelta(minutes=5)),
    ).last()
    return mailing and mailing.sent_at
