"""Words for parts of an offer that stand in tables of pages, briefs and manuals alike. Pure."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from advisor.offers import Party, Training
from advisor.playbook import Phase
from advisor.sentences import quoted


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


def itemised(items: Iterable[str]) -> str:
    """Items, which may contain commas themselves, as they stand in a sentence."""
    *most, last = items or ("",)
    if not most:
        return last
    pattern = _("{items}, and {last}") if len(most) == 1 else _("{items}; and {last}")
    return pattern.format(items="; ".join(most), last=last)


def all_quoted(texts: Iterable[str]) -> str:
    """Answers in a sentence, each in quotation marks."""
    return ", ".join(map(quoted, texts))


def phase_name(phase: Phase) -> str:
    """Where an engagement model stands in a pathway, as a word by itself."""
    names = {
        Phase.RESPOND: _("respond"),
        Phase.DECIDE: _("decide"),
        Phase.DELIVER: _("deliver"),
        Phase.RUN: _("run"),
    }
    return capfirst(names[phase])


def decimal(figure: str) -> str:
    """A figure of a playbook, which has a point: 99.5."""
    return number_format(Decimal(figure))


def money(amount: int, currency: str) -> str:
    """A sum of money: EUR 4,800."""
    figures = number_format(amount, force_grouping=True)
    return _("{currency} {sum}").format(currency=currency, sum=figures)
