"""Words for parts of an offer that stand in tables of pages, briefs and manuals alike. Pure."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from advisor.offers import Party, Training


def party(who: Party, firm: str) -> str:
    """Who answers for a task, in a word or two; `firm` by its name, the buyer as "You"."""
    return {
        Party.FIRM: firm,
        Party.BUYER: _("You"),
        Party.BOTH: _("Both of us"),
        Party.EXTRA: _("Extra"),
        Party.NOBODY: _("Not part of it"),
    }[who]


def total_hours(sessions: Iterable[Training]) -> int:
    """The hours of all training sessions."""
    return sum(session.hours for session in sessions)
