"""Questions in numbers: which one loses buyers and which takes long, for a practice lead."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from advisor.loading import PlaybookError
from catalog.immutable import ImmutableError
from catalog.models import PlaybookVersion
from catalog.models import Question as DraftQuestion
from engagements.counting import first_day_kept
from engagements.exports import csv_lines
from engagements.models import Asked
from engagements.numbers import FEWEST, LONGEST, Progress, Row, Table, table_of
from engagements.questionnaire import first_question
from engagements.tallying import openings_of, progress_of, tallies_of

MAY_SEE = "catalog.view_playbookversion"  # both those who review by it and those who write it
MAY_EDIT = "catalog.change_question"
ALL = "all"
PERIODS = (
    ("30", gettext_lazy("the last 30 days")),
    ("90", gettext_lazy("the last 90 days")),
    (ALL, gettext_lazy("all that is kept")),
)


class ChoiceForm(forms.Form):
    """Which playbook version, and which buyers: those who began within a period."""

    version = forms.ChoiceField(
        label=gettext_lazy("Playbook version"),
        error_messages={"invalid_choice": gettext_lazy("There is no such version. Pick another.")},
    )
    period = forms.ChoiceField(
        label=gettext_lazy("Buyers who began in"),
        choices=PERIODS,
        error_messages={"invalid_choice": gettext_lazy("There is no such period. Pick another.")},
    )

    def __init__(self, versions: list[PlaybookVersion], given: Any) -> None:
        self.versions = {str(version.pk): version for version in versions}
        self.live: dict[str, PlaybookVersion] = {}
        options = []
        for version in versions:  # newest first
            is_live = self.live.setdefault(version.playbook.key, version) is version
            told = _("{playbook}: version {number}")
            if is_live:
                told = _("{playbook}: version {number}, live")
            words = told.format(playbook=version.playbook, number=version.number)
            options.append((str(version.pk), words))
        asked_for = given.get("playbook", next(iter(self.live), ""))
        picked = self.live.get(asked_for)
        data = {
            "version": given.get("version", picked.pk if picked else asked_for),
            "period": given.get("period", "90"),
        }
        super().__init__(data, label_suffix="")
        self.fields["version"].choices = options

    @property
    def picked(self) -> PlaybookVersion:
        """The version that was picked."""
        return self.versions[self.cleaned_data["version"]]

    @property
    def since(self) -> date:
        """The first day that counts."""
        period = self.cleaned_data["period"]
        first = first_day_kept()
        if period == ALL:
            return first
        return max(first, timezone.localdate() - timedelta(days=int(period)))


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one version since a day; `edit` has the ids of the draft's questions."""

    version: PlaybookVersion
    since: date
    progress: Progress
    table: Table
    edit: dict[str, int]

    @property
    def steps(self) -> Iterator[tuple[str, int, str]]:
        """How far buyers have come, in words: what, how many, and the share of all who began."""
        progress = self.progress
        yield _("Began"), progress.started, ""
        for told, count in (
            (_("Settled"), progress.settled),
            (_("Got the recommendation"), progress.recommended),
            (_("Brief downloaded before a review"), progress.downloaded),
        ):
            yield told, count, percent(progress.share(count))

    @property
    def lines(self) -> Iterator[dict[str, Any]]:
        """The lines of the table as the page shows them; the first is all of them together."""
        table = self.table
        yield {"line": table.total}
        for row in table.rows:
            share = row.line.share_left
            yield {
                "row": row,
                "line": row.line,
                "edit": self.edit.get(row.question.key),
                "share": percent(share),
                "bar": round(100 * share / table.most_left) if share else 0,
                "is_most": bool(share) and share == table.most_left,
                "times": row.line.times,
                "median": time_told(row.line.times.median) if row.line.times else "",
                "lower": time_told(row.line.times.lower) if row.line.times else "",
                "upper": time_told(row.line.times.upper) if row.line.times else "",
            }


@admin.register(Asked)
class NumbersAdmin(admin.ModelAdmin):
    """One page and its file. The rows behind them are about single buyers and not shown."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever may see the page."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Those who review by a playbook, and those who write it."""
        return request.user.has_perm(MAY_SEE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nobody deletes."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """The page stands where others have a list."""
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.page), name="engagements_asked_changelist"),
            path("numbers.csv", wrap(self.csv), name="engagements_asked_csv"),
        ]

    @method_decorator(require_safe)
    def page(self, request: HttpRequest) -> HttpResponse:
        """The numbers of a version, by default of the live one of the first playbook."""
        form = self._form(request)
        numbers, unreadable = None, ""
        if form.is_valid():
            try:
                numbers = numbers_of(form.picked, form.since, request.user)
            except (ImmutableError, PlaybookError) as error:
                unreadable = str(error)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Questions in numbers"),
            "opts": self.opts,
            "form": form,
            "numbers": numbers,
            "unreadable": unreadable,
            "kept": settings.NUMBERS_DAYS,
            "fewest": FEWEST,
            "longest": LONGEST // 60,
        }
        request.current_app = self.admin_site.name
        status = 200 if form.is_valid() or not form.live else 404
        return TemplateResponse(request, "admin/engagements/numbers.html", context, status=status)

    @method_decorator(require_safe)
    def csv(self, request: HttpRequest) -> HttpResponseBase:
        """The same as a file, without the line of all together, so that a sheet can add it up."""
        form = self._form(request)
        if not form.is_valid():
            raise Http404(" ".join(e for errors in form.errors.values() for e in errors))
        try:
            numbers = numbers_of(form.picked, form.since, request.user)
        except (ImmutableError, PlaybookError) as error:
            raise Http404(str(error)) from error
        version = numbers.version
        name = f"{version.playbook.key}-version-{version.number}-since-{numbers.since}.csv"
        return StreamingHttpResponse(
            csv_lines(*file_of(numbers.table.rows)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _form(self, request: HttpRequest) -> ChoiceForm:
        if not self.has_view_permission(request):
            raise PermissionDenied
        versions = PlaybookVersion.objects.select_related("playbook").defer("document")
        return ChoiceForm(
            list(versions.order_by("playbook__title", "playbook_id", "-number")), request.GET
        )


def numbers_of(version: PlaybookVersion, since: date, user: Any) -> Numbers:
    """Read the numbers of a version, with ways to edit its questions for somebody who may."""
    rulebook = version.rulebook
    first = first_question(rulebook).key
    opened = openings_of(version, since=since)
    tallies = tallies_of(version, first, since=since, now=timezone.now())
    questions = DraftQuestion.objects.filter(draft__playbook=version.playbook_id)
    return Numbers(
        version=version,
        since=since,
        progress=progress_of(version, since=since),
        table=table_of(rulebook.playbook, first, tallies, opened=opened),
        edit=dict(questions.values_list("key", "pk")) if user.has_perm(MAY_EDIT) else {},
    )


# ---- In words, and in a file -------------------------------------------------------------------


def percent(share: float | None) -> str:
    """A share as people read it; nothing where there is none."""
    if share is None:
        return ""
    if 0 < share < 1:
        return _("under 1 %")
    return _("{share} %").format(share=round(share))


def time_told(seconds: int) -> str:
    """A time as people read it."""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return _("{seconds} s").format(seconds=rest)
    if not rest:
        return _("{minutes} min").format(minutes=minutes)
    return _("{minutes} min {seconds} s").format(minutes=minutes, seconds=rest)


def file_of(rows: Iterable[Row]) -> tuple[list[str], Iterator[list[str | int | None]]]:
    """Return the head and the lines of the file; what is not known is an empty cell."""
    head = [
        _("Key"),
        _("Question"),
        _("Counted by"),
        _("Shown"),
        _("Answered"),
        _("Left here"),
        _("Left here, percent"),
        _("May still be at it"),
        _("No longer asked"),
        _("Timed"),
        _("Came back later"),
        _("Lower quartile, seconds"),
        _("Median, seconds"),
        _("Upper quartile, seconds"),
    ]
    return head, (_cells(row) for row in rows)


def _cells(row: Row) -> list[str | int | None]:
    line, share, times = row.line, row.line.share_left, row.line.times
    return [
        row.question.key,
        row.question.title,
        _("Openings of the page") if row.opens else _("Buyers"),
        line.shown,
        line.answered,
        line.left,
        None if share is None else round(share),
        line.open,
        line.moot,
        line.timed,
        line.later,
        times and times.lower,
        times and times.median,
        times and times.upper,
    ]
