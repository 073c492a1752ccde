"""Compare variants of one offer: the engagement models of a family, row by row. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.formats import localize
from django.utils.translation import gettext as _

from advisor.offers import Responsibility
from advisor.playbook import EngagementModel, Playbook
from engagements.offer_words import decimal, party


@dataclass(frozen=True, slots=True)
class Row:
    """One thing compared: for each variant its title and what it says, which may be nothing."""

    title: str
    cells: tuple[tuple[str, str], ...]

    @property
    def same(self) -> str:
        """What all variants say alike; what differs is what a reader looks for."""
        texts = {text for _title, text in self.cells}
        return texts.pop() if len(texts) == 1 else ""


@dataclass(frozen=True, slots=True)
class Family:
    """Variants of one offer side by side: what they promise, then who does what."""

    key: str
    models: tuple[EngagementModel, ...]
    rows: tuple[Row, ...]
    tasks: tuple[Row, ...]

    @property
    def title(self) -> str:
        """The family's key as people write it; it has no other name."""
        return self.key.replace("-", " ").capitalize()


def families_of(playbook: Playbook) -> Iterator[Family]:
    """Yield each family with at least two engagement models, in the order of the playbook."""
    found: dict[str, list[EngagementModel]] = {}
    for model in playbook.engagements:
        if model.family:
            found.setdefault(model.family, []).append(model)
    for key, models in found.items():
        if len(models) > 1:
            variants = tuple(models)
            tasks = tuple(_tasks(variants, playbook.firm.name))
            yield Family(key, variants, tuple(_promises(variants)), tasks)


def _promises(models: tuple[EngagementModel, ...]) -> Iterator[Row]:
    told: dict[str, Callable[[EngagementModel], object]] = {
        _("Use it when"): lambda model: model.use_when,
        _("Indicative price"): lambda model: model.price,
        _("Coverage"): lambda model: model.service_level and model.service_level.coverage,
        _("First response to the worst"): _first_response,
        _("Uptime target"): _uptime,
        _("Credits for late responses, at most"): _credit,
        _("Duration"): lambda model: model.duration,
    }
    for title, tell in told.items():
        cells = tuple((model.title, str(tell(model) or "")) for model in models)
        if any(text for _title, text in cells):
            yield Row(title, cells)


def _first_response(model: EngagementModel) -> str:
    worst = model.service_level.severities[:1] if model.service_level else ()
    return "".join(f"{severity.response} ({severity.title})" for severity in worst)


def _uptime(model: EngagementModel) -> str:
    level = model.service_level
    if level is None or level.uptime is None:
        return ""
    return _("{uptime} % (down for at most {hours} hours a year)").format(
        uptime=decimal(level.uptime), hours=localize(level.downtime_hours)
    )


def _credit(model: EngagementModel) -> str:
    level = model.service_level
    if level is None or not level.credits:
        return ""
    return level.credit_limit or _("Yes")


def _tasks(models: tuple[EngagementModel, ...], firm: str) -> Iterator[Row]:
    """Each task that one of them names, in the order of the first that does."""
    named = [(m.title, {row.task: row for row in m.responsibilities}) for m in models]
    for task in dict.fromkeys(task for _title, rows in named for task in rows):
        yield Row(task, tuple((title, _who(rows.get(task), firm)) for title, rows in named))


def _who(row: Responsibility | None, firm: str) -> str:
    if row is None:
        return ""
    return f"{party(row.party, firm)}, {row.note}" if row.note else party(row.party, firm)
