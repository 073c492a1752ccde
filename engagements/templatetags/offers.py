"""What templates need to tell an offer, the same on pages and in print."""

from collections.abc import Iterable

from django import template

from advisor.offers import Price, Responsibility
from advisor.sentences import quoted
from engagements import offer_words

register = template.Library()
register.filter("all_quoted", offer_words.all_quoted)
register.filter("decimal", offer_words.decimal)
register.filter("itemised", offer_words.itemised)
register.filter("money", offer_words.money)
register.filter("phase_name", offer_words.phase_name)
register.filter("quoted", quoted)
register.filter("total_hours", offer_words.total_hours)


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
