"""Words for what is said about an offer, the same on pages and in print."""

from collections.abc import Iterable

from django import template
from django.utils.translation import gettext as _

from advisor.offers import Party, Price, Training

register = template.Library()


@register.filter
def amount(price: Price) -> str:
    """A price without what it is for: AUD 150 to 250 per hour."""
    return Price.__str__(price)


@register.filter
def party(who: Party, firm: str) -> str:
    """Who answers for a task, in a word or two; `firm` by its name, the buyer as "You"."""
    return {
        Party.FIRM: firm,
        Party.BUYER: _("You"),
        Party.BOTH: _("Both of us"),
        Party.EXTRA: _("Extra"),
        Party.NOBODY: _("Not part of it"),
    }[who]


@register.filter
def total_hours(sessions: Iterable[Training]) -> int:
    """The hours of all training sessions."""
    return sum(session.hours for session in sessions)


@register.filter
def some(parts: Iterable[object], name: str) -> bool:
    """Whether any of the parts says this: a column that would be empty is left out."""
    return any(getattr(part, name) for part in parts)


@register.filter
def thousands(number: int) -> str:
    """A whole number with its thousands apart, as prices have them."""
    return f"{number:,}"
