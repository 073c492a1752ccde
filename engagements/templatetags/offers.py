"""What templates need to tell an offer, the same on pages and in print."""

from collections.abc import Iterable

from django import template

from advisor.offers import Price, Responsibility
from engagements.offer_words import total_hours

register = template.Library()
register.filter("total_hours", total_hours)


@register.filter
def amount(price: Price) -> str:
    """A price without what it is for: AUD 150 to 250 per hour."""
    return Price.__str__(price)


@register.filter
def some(parts: Iterable[object], name: str) -> bool:
    """Whether any of the parts says this: a column that would be empty is left out."""
    return any(getattr(part, name) for part in parts)


@register.filter
def parties(rows: Iterable[Responsibility]) -> set[str]:
    """Who answers for any of the tasks: only marks that are there need words of their own."""
    return {row.party.value for row in rows}


@register.filter
def thousands(number: int) -> str:
    """A whole number with its thousands apart, as prices have them."""
    return f"{number:,}"
