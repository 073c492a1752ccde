"""What a mail says that brings a private link.

It says what the playbook's firm has to say and nothing that anybody typed, but for the name of who
sends it, if that is plainly a name: strangers must not be able to send their words in ours.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from advisor.playbook import Firm, Playbook
from engagements.models import Assessment, Letter, Link

NO_NAME = re.compile(r"[:/@<>\\]|\.\w|www", re.IGNORECASE)  # an address of some kind, perhaps
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Content:
    """The words of a mail, as text and as HTML alike."""

    subject: str
    before: tuple[str, ...]
    button: str
    href: str
    after: tuple[str, ...]
    firm: Firm
    language: str


def content_of(assessment: Assessment, href: str, what: Letter, link: Link | None) -> Content:
    """Return what a mail that brings a link says, in the language that is active."""
    found = assessment.version.rulebook.playbook
    until = _day(link.expires_at if link else assessment.expires_at)
    subject, before, button, after = _words(assessment, found, what, link, until)
    return Content(
        subject=f"{found.firm.name}: {subject}",
        before=before,
        button=button,
        href=href,
        after=(
            *after,
            _("If you did not expect this mail, ignore it. We use your address for nothing else."),
            _("Reference: {reference}").format(reference=assessment.reference),
        ),
        firm=found.firm,
        language=found.language,
    )


Words = tuple[str, tuple[str, ...], str, tuple[str, ...]]


def _words(
    assessment: Assessment, found: Playbook, what: Letter, link: Link | None, until: str
) -> Words:
    """Return subject, what stands before the link, its button, and what stands after it."""
    works = _("The link works until {day}, unless it is taken back before.").format(day=until)
    match what:
        case Letter.READER:
            read = _("{who} would like you to read what we recommend.")
            return (
                _("a recommendation for you to read"),
                (
                    read.format(who=_sender(assessment)),
                    _("With this link you can read it. You cannot change anything."),
                ),
                _("Read the recommendation"),
                (works,),
            )
        case Letter.COLLEAGUE:
            ask = _("{who} asks you to answer some of our questions: {section}.")
            return (
                _("some questions for you"),
                (
                    ask.format(who=_sender(assessment), section=section_title(found, link)),
                    _("You need no account. Leave open what you do not know."),
                ),
                _("Answer the questions"),
                (works,),
            )
        case Letter.OWN | Letter.RENEWED:
            renewed = _("The link that you had has expired; this one takes its place.")
            go_on = _("With this link you go on where you stopped, on any device: {title}.")
            lasts = _("The link works until {day}. Each answer that you save extends that.")
            keep = _(
                "Whoever has it can read and change your answers, so do not pass this mail on. For "
                "others, there are links of their own on the page of your private link."
            )
            return (
                _("your private link"),
                (*((renewed,) if what == Letter.RENEWED else ()), go_on.format(title=found.title)),
                _("Go on where you stopped"),
                (lasts.format(day=until), keep),
            )
    raise AssertionError(what)


def section_title(found: Playbook, link: Link | None) -> str:
    """Return the title of the section that a colleague is asked to answer."""
    try:
        return found.section(link.section).title if link else ""
    except KeyError:
        return link.section


def _sender(assessment: Assessment) -> str:
    """Who sends it, if that is plainly a name; else nothing that anybody typed."""
    told = [assessment.contact_name, assessment.contact_firm]
    names = [part for part in told if part and len(part) <= LONGEST_NAME]
    plain = [name for name in names if not NO_NAME.search(name)]
    match plain:
        case [name, firm]:
            return f"{name} ({firm})"
        case [one]:
            return one
    return _("Somebody who is deciding with us")


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATE_FORMAT")
