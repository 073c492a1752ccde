"""The queue: every assessment in a list in which a consultant finds the next one to review.

Built for 100,000 of them: what a page asks the database does not grow with their number.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KeyTransform
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from advisor.playbook import Playbook
from catalog.models import PlaybookVersion
from engagements.lists import CappedPaginator, found_by
from engagements.models import Assessment, State

PER_PAGE = 50
NOTHING_FITS = "none"


class CappedList(ChangeList):
    """A list that is counted no further than anybody leafs; rows and count are one query."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch one page."""
        paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        paginator.unfiltered = self.apply_select_related(self.root_queryset)
        page = paginator.get_page(self.page_num)
        self.paginator = paginator
        self.page_num = page.number
        self.result_list = page.object_list
        self.result_count = paginator.count
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = False
        self.can_show_all = False
        self.multi_page = paginator.num_pages > 1


class LongList:
    """An admin page that lists as many rows as there may be."""

    paginator = CappedPaginator
    list_per_page = PER_PAGE
    list_max_show_all = PER_PAGE
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The kind of list."""
        return CappedList


class Queue(CappedList):
    """Assessments with the playbook versions that have the words for them."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch one page, and give each row its compiled version."""
        super().get_results(request)
        for assessment in self.result_list:
            assessment.version = self.versions[assessment.version_id]

    @cached_property
    def versions(self) -> dict[int, PlaybookVersion]:
        """The versions of these rows and the live ones, by id."""
        newest = PlaybookVersion.objects.filter(playbook=OuterRef("playbook")).order_by("-number")
        wanted = Q(pk__in={row.version_id for row in self.result_list})
        live = Q(pk=Subquery(newest.values("pk")[:1]))
        return {v.pk: v for v in PlaybookVersion.objects.filter(wanted | live).compiled()}

    @property
    def states(self) -> list[dict[str, Any]]:
        """The tabs."""
        found = next(spec for spec in self.filter_specs if isinstance(spec, StateFilter))
        return list(found.choices(self))

    @property
    def live(self) -> list[Playbook]:
        """What is on offer now, by title."""
        newest: dict[int, PlaybookVersion] = {}
        for version in sorted(self.versions.values(), key=lambda version: version.number):
            newest[version.playbook_id] = version
        playbooks = (version.rulebook.playbook for version in newest.values())
        return sorted(playbooks, key=lambda playbook: playbook.title)


# ---- Filters: their choices cost no query of their own ---------------------------------------


class StateFilter(admin.SimpleListFilter):
    """By state. It is shown as tabs above the list, what waits for a consultant first."""

    title = gettext_lazy("state")
    parameter_name = "state"
    template = "admin/engagements/assessment/_no_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The states, those that want something done first."""
        order = (State.WAITING, State.CHANGED, State.ANSWERING, State.APPROVED, State.OVERRIDDEN)
        return [(state.value, state.label) for state in order]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Those in this state."""
        return queryset.filter(state=self.value()) if self.value() else queryset


class LiveFilter(admin.SimpleListFilter):
    """By something that live playbooks name: its choices are known once the rows are."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """None so far."""
        return []

    def has_output(self) -> bool:
        """Whether to show it."""
        return True

    def choices(self, changelist: Queue) -> Iterator[dict[str, Any]]:
        """What there is to choose from."""
        self.lookup_choices = list(self.options(self.offered(changelist)))
        return super().choices(changelist)

    def offered(self, changelist: Queue) -> list[Playbook]:
        """Those that name it."""
        return changelist.live

    def options(self, live: list[Playbook]) -> Iterator[tuple[str, str]]:
        """Yield values and words."""
        raise NotImplementedError


class PlaybookFilter(LiveFilter):
    """By playbook."""

    title = gettext_lazy("playbook")
    parameter_name = "playbook"

    def options(self, live: list[Playbook]) -> Iterator[tuple[str, str]]:
        """Every playbook that has been published."""
        return ((playbook.key, playbook.title) for playbook in live)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Those of this playbook."""
        return queryset.filter(version__playbook__key=self.value()) if self.value() else queryset


class EngagementFilter(LiveFilter):
    """By the engagement model that is recommended to start with."""

    title = gettext_lazy("recommended engagement model")
    parameter_name = "engagement"

    def offered(self, changelist: Queue) -> list[Playbook]:
        """All, or the one playbook that the list is of."""
        picked = changelist.params.get(PlaybookFilter.parameter_name)
        return [playbook for playbook in changelist.live if picked in (None, playbook.key)]

    def options(self, live: list[Playbook]) -> Iterator[tuple[str, str]]:
        """Every engagement model on offer, with its playbook where there are several."""
        for playbook in live:
            of = f" ({playbook.title})" if len(live) > 1 else ""
            for model in playbook.engagements:
                yield f"{playbook.key}/{model.key}", f"{model.title}{of}"
        yield NOTHING_FITS, _("Nothing fits")

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Those with this recommendation."""
        if not self.value():
            return queryset
        playbook, _slash, engagement = self.value().partition("/")
        if playbook == NOTHING_FITS:
            return queryset.filter(recommendation__engagement="")
        return queryset.filter(
            version__playbook__key=playbook, recommendation__engagement=engagement
        )


class AgeFilter(admin.SimpleListFilter):
    """By when it was begun."""

    title = gettext_lazy("age")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """How long ago."""
        return [
            ("7", _("Last 7 days")),
            ("30", _("Last 30 days")),
            ("older", _("Older")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Those that are so old."""
        match self.value():
            case "7" | "30" as days:
                return queryset.filter(created_at__gte=_ago(int(days)))
            case "older":
                return queryset.filter(created_at__lt=_ago(30))
        return queryset


def _ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


# ---- The list --------------------------------------------------------------------------------


class QueueAdmin(LongList, admin.ModelAdmin):
    """What the list of assessments shows of each."""

    change_list_template = "admin/engagements/assessment/queue.html"
    list_display = ("reference", "stands", "buyer", "recommended", "score", "settled_yet", "age")
    list_display_links = ("reference",)
    list_filter = (StateFilter, PlaybookFilter, EngagementFilter, "settled", AgeFilter)
    sortable_by = ("age",)
    search_fields = ("contact_firm", "contact_name", "contact_email")
    search_help_text = gettext_lazy(
        "Reference (SB-2026-0417 or 417), firm, name or e-mail address."
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The kind of list."""
        return Queue

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assessment]:
        """All, with what decides of them, but without what is large."""
        outcome = KeyTransform("outcome", "recommendation__document")
        return (
            super()
            .get_queryset(request)
            .with_version()
            .select_related("recommendation", "review", "continues")
            .defer("recommendation__document", "review__note", "review__message")
            .annotate(
                recommended_keys=KeyTransform("engagements", outcome),  # in order
                is_continued=Exists(Assessment.objects.filter(continues=OuterRef("pk"))),
            )
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """By reference, firm, name or e-mail address."""
        return queryset.filter(found_by(search_term)), False

    @admin.display(description=gettext_lazy("state"))
    def stands(self, assessment: Assessment) -> SafeString:
        """The state, as a word with a shape."""
        return state_pill(assessment)

    @admin.display(description=gettext_lazy("buyer"))
    def buyer(self, assessment: Assessment) -> SafeString:
        """Firm, then name, and that the same buyer has another one before or after."""
        firm, name = assessment.contact_firm, assessment.contact_name
        told = format_html("{}", firm or name or assessment.contact_email or "–")
        if firm and name:
            told += format_html('<br><span class="quiet">{}</span>', name)
        return told + _neighbours(assessment)

    @admin.display(description=gettext_lazy("recommended"))
    def recommended(self, assessment: Assessment) -> SafeString | str:
        """The engagement models in order and, after an override, those decided on."""
        if assessment.recommendation is None:
            return "–"
        told = self._titles(assessment, assessment.recommended_keys) or _("Nothing fits")
        if assessment.state != State.OVERRIDDEN:
            return told
        decided = self._titles(assessment, [step["engagement"] for step in assessment.review.steps])
        return format_html('{}<br><span class="quiet">{}</span> {}', told, _("Decided:"), decided)

    @admin.display(description=gettext_lazy("score"))
    def score(self, assessment: Assessment) -> SafeString:
        """How much of what is demanded the first step carries, of 100."""
        issued = assessment.recommendation
        score = "–" if issued is None or issued.score is None else issued.score
        return format_html('<span data-label="{}">{}</span>', _("Score"), score)

    @admin.display(description=gettext_lazy("settled"))
    def settled_yet(self, assessment: Assessment) -> str:
        """Whether no answer can change the outcome any more."""
        return _("Settled") if assessment.settled else _("Open")

    @admin.display(description=gettext_lazy("age"), ordering="created_at")
    def age(self, assessment: Assessment) -> SafeString:
        """How long ago it was begun."""
        return moment(assessment.created_at)

    def _titles(self, assessment: Assessment, keys: list[str] | None) -> str:
        playbook = assessment.version.rulebook.playbook
        return _(", then ").join(playbook.engagement(key).title for key in keys or ())


def state_pill(assessment: Assessment) -> SafeString:
    """The state of an assessment, as pages of the admin show it."""
    return format_html(
        '<span class="state state--{}">{}</span>',
        assessment.state,
        assessment.get_state_display(),
    )


def _neighbours(assessment: Assessment) -> SafeString:
    """What it goes on from and, as a search for all of them, that others go on from it."""
    told = SafeString()
    if earlier := assessment.continues:
        href = reverse("admin:engagements_assessment_change", args=[earlier.pk])
        words = format_html("{} <span>{}</span>", _("Continues"), earlier)
        told += format_html('<br><a class="quiet" href="{}">{}</a>', href, words)
    if assessment.is_continued:
        told += format_html('<br><a class="quiet" href="?q={}">{}</a>', assessment, _("Continued"))
    return told


def moment(when: datetime) -> SafeString:
    """How long ago something was, and when."""
    return format_html(
        '<time datetime="{}" title="{}" data-ago="{}">{}</time>',
        when.isoformat(timespec="seconds"),
        date_format(timezone.localtime(when), "DATETIME_FORMAT"),
        _("ago"),
        timesince(when, depth=1),
    )
