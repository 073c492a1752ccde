"""What names what in a draft: nothing that is still named can be deleted."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advisor.sentences import listed
from catalog.models import (
    Chapter,
    Checklist,
    Draft,
    EngagementModel,
    Faq,
    Guide,
    Need,
    Option,
    Question,
    Section,
    ServicePath,
    Signal,
)

USERS: dict[type[models.Model], tuple[tuple[type[models.Model], str], ...]] = {
    Need: ((EngagementModel, "carries"), (Signal, "demands__need")),
    EngagementModel: (
        (Draft, "entry"),
        (Question, "engagements"),
        (Signal, "rules_out"),
        (Guide, "rows__start_with"),
        (ServicePath, "engagement"),
        (Faq, "engagements"),
        (Checklist, "engagements"),
        (Chapter, "engagements"),
    ),
    Section: ((Question, "section"),),
    Question: (
        (EngagementModel, "prerequisite__question"),
        (Section, "conditions__question"),
        (Question, "conditions__question"),
        (Signal, "conditions__question"),
        (ServicePath, "question"),
        (Chapter, "facts__question"),
    ),
    Option: (
        (EngagementModel, "prerequisite__met"),
        (EngagementModel, "prerequisite__unknown"),
        (Section, "conditions__any_of"),
        (Question, "conditions__any_of"),
        (Signal, "conditions__any_of"),
        (ServicePath, "any_of"),
    ),
}
"""For each kind of row the parts that may name it, and by what."""


def users_of(row: models.Model) -> list[models.Model]:
    """Return the parts that name a row, each once. What a question says of itself is no use."""
    found = {
        (model, user.pk): user
        for model, lookup in USERS.get(type(row), ())
        for user in model.objects.filter(**{lookup: row})
    }
    found.pop((type(row), row.pk), None)
    return list(found.values())


def kept_because(row: models.Model, users: list[models.Model]) -> str:
    """Return the sentence with which deleting a row is refused."""
    told = ngettext(
        "{part} cannot be deleted: {users} uses it. Change it first.",
        "{part} cannot be deleted: {users} use it. Change them first.",
        len(users),
    )
    return told.format(part=capfirst(named(row)), users=listed(map(named, users)))


def named(row: models.Model) -> str:
    """Return what a row is and is called: the need “evidence”."""
    return _("the {kind} “{name}”").format(kind=row._meta.verbose_name, name=row)


def counted_users(model: type[models.Model], pks: Iterable[int]) -> dict[int, str]:
    """Return for each row how many parts name it: 2 engagement models, 1 buying signal."""
    pks = list(pks)
    pairs: defaultdict[int, dict[tuple[type[models.Model], int], None]] = defaultdict(dict)
    for user, lookup in USERS.get(model, ()):
        found = user.objects.filter(**{f"{lookup}__in": pks}).order_by()
        for used, pk in found.values_list(lookup, "pk"):
            pairs[used][user, pk] = None
    return {pk: _counted(Counter(user for user, _pk in found)) for pk, found in pairs.items()}


def _counted(counts: Counter[type[models.Model]]) -> str:
    return ", ".join(
        f"{count} {user._meta.verbose_name if count == 1 else user._meta.verbose_name_plural}"
        for user, count in counts.items()
    )
