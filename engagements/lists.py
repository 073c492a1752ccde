"""Long lists of assessments: found by what people type, counted no further than anybody reads.

Shared by the sales desk and the consultants' queue, which may both hold 100,000 assessments.
"""

import logging
import re
from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import and_

from django.core.paginator import Page, Paginator
from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from advisor.loading import PlaybookError
from advisor.rules import Rulebook
from catalog.immutable import ImmutableError
from catalog.models import PlaybookVersion
from engagements.models import Assessment

logger = logging.getLogger(__name__)

MOST_WORDS = 8
REFERENCE = re.compile(r"(?:SB-\d{4}-)?#?0*(\d{1,18})", re.IGNORECASE)


# ---- What people type ----------------------------------------------------------------------


def found_by(text: str) -> Q:
    """The condition for assessments found by reference, or by words of firm, name and e-mail.

    SB-2026-0417, 0417 and 417 are the same reference, which also finds what goes on from it, and
    what it goes on from. All words must be there, in any order.
    """
    if named := REFERENCE.fullmatch(text.strip()):
        pk = int(named[1])
        earlier = Assessment.objects.filter(pk=pk).values("continues")
        return Q(pk=pk) | Q(continues=pk) | Q(pk__in=earlier) | _has(named[0])
    return reduce(and_, map(_has, text.split()[:MOST_WORDS]), Q())


def _has(word: str) -> Q:
    """Whether a contact has a word; SQLite knows upper and lower case of ASCII only."""
    forms = {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}
    found = Q()
    for form in sorted(forms):
        for column in ("contact_firm", "contact_name", "contact_email"):
            found |= Q(**{f"{column}__icontains": form})
    return found


# ---- Pages ---------------------------------------------------------------------------------


class _Counted(Subquery):
    """How many rows a query has, as a column of another one."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted_rows)"
    output_field = IntegerField()


class CappedPaginator(Paginator):
    """Pages of a queryset that may be very long: it has at most `cap` rows to leaf through.

    To count 100,000 rows takes longer than to show the first fifty, and nobody leafs that far.
    `unfiltered` is the same queryset without its conditions, if it is at hand: a database that
    has found the rows of the page need not look for them again among all that fulfil them.
    """

    cap = 1000
    unfiltered: QuerySet | None = None

    @cached_property
    def counted(self) -> int:
        """How many rows there are; one more than `cap` stands for any number."""
        return self._as_far_as_counted().count()

    @cached_property
    def count(self) -> int:
        """How many rows there are to leaf through."""
        return min(self.counted, self.cap)

    @property
    def is_capped(self) -> bool:
        """Whether there are more rows than that."""
        return self.counted > self.cap

    @property
    def how_many(self) -> str:
        """The number of rows in words that hold: 312, or more than 1,000."""
        count = number_format(self.count, force_grouping=True)
        return _("more than {count}").format(count=count) if self.is_capped else count

    def get_page(self, number: object) -> Page:
        """Return a page by number, or the nearest there is: rows and count in one query."""
        text = str(number)
        wanted = int(text) if text.isdecimal() and len(text) < 10 else 1
        at = max(1, min(wanted, self.cap // self.per_page))
        start = (at - 1) * self.per_page
        # What is joined and worked out is so for these rows only, however many were sorted.
        these = self.object_list.values("pk")[start : start + self.per_page]
        source = self.object_list if self.unfiltered is None else self.unfiltered
        rows = list(
            source.filter(pk__in=these)
            .annotate(counted=_Counted(self._as_far_as_counted()))
            .order_by(*self.object_list.query.order_by)
        )
        if rows:
            self.counted = rows[0].counted
        elif at == 1:
            self.counted = 0
        else:
            return super().get_page(at)
        return self._get_page(rows, at, self)

    def _as_far_as_counted(self) -> object:
        return self.object_list.order_by().values("pk")[: self.cap + 1]


# ---- Playbook versions -----------------------------------------------------------------------


type Published = tuple[int, str, datetime]
"""Tells one state of what is published from another: its newest version, which never changes."""

_live: dict[Published, list[PlaybookVersion]] = {}


def newest_published() -> Published | None:
    """Tell what is published now in one cheap query; None when nothing is."""
    newest = PlaybookVersion.objects.order_by("-pk")
    return newest.values_list("pk", "hash", "published_at").first()


def live_versions(keys: Iterable[str] | None = None) -> list[PlaybookVersion]:
    """The version of each playbook that new assessments take, by title, ready to run.

    With keys, of those playbooks only. One that cannot be read is left out, and told to whoever
    reads the log: the pages of all the others have to stay there. Versions never change, so
    that a process reads them anew only after something was published.
    """
    state = newest_published()
    if state is None:
        return []
    live = _live.get(state)
    if live is None:
        found = _read_live_versions()
        live = [version for version in found if _is_readable(version)]
        if live == found:
            _live.clear()
            _live[state] = live
    wanted = None if keys is None else set(keys)
    return [version for version in live if wanted is None or version.playbook.key in wanted]


def _read_live_versions() -> list[PlaybookVersion]:
    newest = PlaybookVersion.objects.filter(playbook=OuterRef("playbook")).order_by("-number")
    live = PlaybookVersion.objects.filter(pk=Subquery(newest.values("pk")[:1]))
    return live.order_by("playbook__title", "playbook_id").compiled()


def _is_readable(version: PlaybookVersion) -> bool:
    try:
        return bool(version.rulebook)
    except (ImmutableError, PlaybookError):
        logger.exception("%s is left out, because it cannot be read.", version)
        return False


def rulebooks_of(versions: Iterable[PlaybookVersion]) -> dict[int, Rulebook]:
    """The rulebooks by id of the version; all that are not compiled yet cost one query."""
    known = {version.pk: version for version in versions}
    if missing := [pk for pk, version in known.items() if not version.is_compiled]:
        read = PlaybookVersion.objects.filter(pk__in=missing).compiled()
        known |= {version.pk: version for version in read}
    return {pk: version.rulebook for pk, version in known.items()}
