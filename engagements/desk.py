"""The sales desk: reviewed briefs to find, to download, and to export for a CRM.

It hands out stored briefs of reviews in force only, so that nobody sells what no consultant has
seen. A brief whose answers have changed since is off the list until it is reviewed anew.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched, chain
from pathlib import Path
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from advisor.playbook import EngagementModel, Playbook
from catalog.ids import id_in
from catalog.models import PlaybookVersion
from engagements.brief import Brief
from engagements.exports import csv_lines, zip_pieces
from engagements.handover import parts_for
from engagements.lists import CappedPaginator, found_by, live_versions, rulebooks_of
from engagements.models import Assessment, BriefVersion, Decision
from engagements.pages import download, page
from engagements.pdf import PdfError, pdf_of

PER_PAGE = 50
MOST_PICKED = 50  # as many as a page has: each may have to be printed first
PER_BATCH = 500
NOTHING_FITS = "none"
CSV_HEADER = (
    "Reference",
    "Firm",
    "Name",
    "E-mail",
    "Playbook",
    "Engagement model",
    "Decision",
    "Price currency",
    "Price from",
    "Price to",
    "Price unit",
    "Reviewed by",
    "Reviewed on",
    "Brief version",
    "Brief",
    "Continues",
)


# ---- What is on the desk -------------------------------------------------------------------


class DeskFilter(forms.Form):
    """Which reviewed briefs to show. All of it is optional, and all of it is in the address."""

    q = forms.CharField(
        label=gettext_lazy("Firm, name, e-mail or reference"),
        max_length=200,
        required=False,
        widget=forms.SearchInput({"class": "input", "autocomplete": "off"}),
    )
    playbook = forms.ChoiceField(
        label=gettext_lazy("Playbook"), required=False, widget=forms.Select({"class": "input"})
    )
    engagement = forms.ChoiceField(
        label=gettext_lazy("Engagement model"),
        required=False,
        widget=forms.Select({"class": "input"}),
    )
    days = forms.ChoiceField(
        label=gettext_lazy("Reviewed"),
        required=False,
        widget=forms.Select({"class": "input"}),
        choices=[
            ("", gettext_lazy("At any time")),
            ("7", gettext_lazy("In the last 7 days")),
            ("30", gettext_lazy("In the last 30 days")),
            ("90", gettext_lazy("In the last 90 days")),
        ],
    )
    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        required=False,
        widget=forms.Select({"class": "input"}),
        choices=[
            ("", gettext_lazy("Any")),
            (Decision.APPROVED, gettext_lazy("As recommended")),
            (Decision.OVERRIDDEN, gettext_lazy("Overridden")),
        ],
    )

    def __init__(self, data: Any, versions: list[PlaybookVersion]) -> None:
        super().__init__(data)
        models = {
            version.playbook: [
                (f"{version.playbook.key}.{model.key}", model.title)
                for model in version.rulebook.playbook.engagements
            ]
            for version in versions
        }
        self.fields["playbook"].choices = [
            ("", _("All")),
            *((playbook.key, playbook.title) for playbook in models),
        ]
        self.fields["engagement"].choices = [
            ("", _("All")),
            *(
                ((playbook.title, choices) for playbook, choices in models.items())
                if len(models) > 1
                else chain.from_iterable(models.values())
            ),
            (NOTHING_FITS, _("None that fits")),
        ]
        if len(models) < 2:
            del self.fields["playbook"]
        gone = _("This is not to choose from any more. Choose one of those shown.")
        for field in self.fields.values():
            field.error_messages["invalid_choice"] = gone

    @property
    def given(self) -> dict[str, str]:
        """What narrows the list, by name."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    def condition(self) -> Q:
        """Which assessments these filters leave."""
        given = self.given
        found = found_by(given.get("q", ""))
        if "playbook" in given:
            found &= Q(version__playbook__key=given["playbook"])
        if given.get("engagement") == NOTHING_FITS:
            found &= Q(review__engagement="")
        elif "engagement" in given:
            playbook, _dot, model = given["engagement"].rpartition(".")
            found &= Q(version__playbook__key=playbook, review__engagement=model)
        if "days" in given:
            since = timezone.now() - timedelta(days=int(given["days"]))
            found &= Q(review__created_at__gte=since)
        if "decision" in given:
            found &= Q(review__decision=given["decision"])
        return found


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the desk; no engagement model when none fits."""

    assessment: Assessment
    engagement: EngagementModel | None
    has_pack: bool = False

    @property
    def overridden(self) -> bool:
        """Whether the rules had it otherwise."""
        return self.assessment.review.decision == Decision.OVERRIDDEN

    def cells(self, request: HttpRequest) -> tuple[str | int | None, ...]:
        """The row for a CRM, in the order of the header."""
        assessment, review = self.assessment, self.assessment.review
        price = self.engagement.price if self.engagement else None
        return (
            assessment.reference,
            assessment.contact_firm,
            assessment.contact_name,
            assessment.contact_email,
            assessment.version.playbook.title,
            self.engagement.title if self.engagement else "",
            review.get_decision_display(),
            *((price.currency, price.least, price.most, price.unit) if price else [None] * 4),
            review.reviewer_name,
            timezone.localdate(review.created_at).isoformat(),
            assessment.brief_number,
            request.build_absolute_uri(reverse("engagements:desk-brief", args=[assessment.pk])),
            assessment.continues and assessment.continues.reference,
        )


def _newest_brief(column: str) -> Subquery:
    """A column of the newest brief version of the review in force."""
    issued = BriefVersion.objects.filter(review=OuterRef("review_id")).order_by("-number")
    return Subquery(issued.values(column)[:1])


def _on_the_desk(condition: Q) -> QuerySet[Assessment]:
    """Reviewed assessments, newest review first, with all that a row tells and nothing large."""
    return (
        Assessment.objects.reviewed()
        .filter(condition)
        .select_related("version__playbook", "review__reviewer", "continues")
        .only(
            *(
                "created_at",
                "contact_firm",
                "contact_name",
                "contact_email",
                "continues__created_at",
            ),
            *("version__hash", "version__number", "version__playbook__title"),
            *("review__decision", "review__engagement", "review__created_at"),
            *(f"review__reviewer__{name}" for name in ("username", "first_name", "last_name")),
        )
        .annotate(brief_number=_newest_brief("number"))
        .order_by("-review_id")
    )


def _rows(assessments: Iterable[Assessment]) -> list[Row]:
    listed = list(assessments)
    rulebooks = rulebooks_of(assessment.version for assessment in listed)
    return [_row(a, rulebooks[a.version_id].playbook) for a in listed]


def _row(assessment: Assessment, playbook: Playbook) -> Row:
    key = assessment.review.engagement
    if not key:
        return Row(assessment, None)
    has_pack = bool(parts_for(playbook.checklists, key))
    return Row(assessment, playbook.engagement(key), has_pack)


# ---- Pages and files -------------------------------------------------------------------------


def _for_sales(view: Any) -> Any:
    """Ask a stranger to sign in; refuse who has signed in and may not."""
    return login_required(permission_required("engagements.use_desk", raise_exception=True)(view))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@_for_sales
def desk(request: HttpRequest) -> HttpResponseBase:
    """The reviewed briefs; what was ticked comes back as a ZIP."""
    problem = ""
    if request.method == "POST":
        try:
            return _zip(request, *_picked(request.POST.getlist("pick")))
        except NothingToSendError as error:
            problem = str(error)
    form = DeskFilter(request.GET, live_versions())
    context = {"title": _("Reviewed briefs"), "form": form, "problem": problem}
    if not form.is_valid():
        return page(request, "desk/desk.html", context, failed=True)
    pages = CappedPaginator(_on_the_desk(form.condition()), PER_PAGE)
    pages.unfiltered = _on_the_desk(Q())
    shown = pages.get_page(request.GET.get("page", 1))
    context |= {
        "page": shown,
        "rows": _rows(shown.object_list),
        "query": urlencode(form.given),
        "ticked": set(request.POST.getlist("pick")),
    }
    return page(request, "desk/desk.html", context, failed=bool(problem))


@never_cache
@require_safe
@_for_sales
def desk_csv(request: HttpRequest) -> HttpResponseBase:
    """The list as it is filtered, all pages of it."""
    form = DeskFilter(request.GET, live_versions())
    if not form.is_valid():
        return redirect(f"{reverse('engagements:desk')}?{request.GET.urlencode()}")  # it tells why
    found = _on_the_desk(form.condition()).iterator(chunk_size=PER_BATCH)
    rows = (row.cells(request) for batch in batched(found, PER_BATCH) for row in _rows(batch))
    return StreamingHttpResponse(
        csv_lines(CSV_HEADER, rows),
        content_type="text/csv; charset=utf-8",
        headers=_attached(f"reviewed-briefs-{timezone.localdate()}.csv"),
    )


@cache_control(private=True, no_cache=True)
@require_safe
@_for_sales
def desk_brief(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One brief as a PDF, as it was issued."""
    for brief in _stored(Q(pk=pk)):
        try:
            return download(request, pdf_of(brief), _filename(brief))
        except PdfError as error:
            return _sorry(request, _("The brief is not ready"), str(error), status=503)
    return _sorry(
        request,
        _("This brief is not on the desk"),
        _("It is not reviewed, or its answers have changed since. A consultant has to read it."),
        status=404,
    )


def _stored(condition: Q) -> list[Brief]:
    """The newest brief of the review in force of each of these assessments that has one."""
    reviewed = Assessment.objects.reviewed().filter(condition)
    newest = reviewed.annotate(newest=_newest_brief("pk")).values("newest")
    issued = BriefVersion.objects.filter(pk__in=newest).order_by("-review_id")
    return [Brief.model_validate(content) for content in issued.values_list("content", flat=True)]


class NothingToSendError(Exception):
    """Why there is no ZIP, in a sentence."""


def _picked(values: list[str]) -> tuple[list[Brief], int]:
    """The briefs that were ticked, and how many more of those are on the desk no longer."""
    ids = {pk for value in values if (pk := id_in(value))}
    if not ids:
        raise NothingToSendError(_("Tick at least one brief of the list, then download."))
    if len(ids) > MOST_PICKED:
        raise NothingToSendError(
            _(
                "One ZIP holds at most {most} briefs, and {ticked} are ticked. "
                "Download them in parts."
            ).format(most=MOST_PICKED, ticked=len(ids))
        )
    briefs = _stored(Q(pk__in=ids))
    if not briefs:
        raise NothingToSendError(
            _(
                "Nothing of what was ticked is reviewed any more, because answers have changed "
                "since. The list below is as of now."
            )
        )
    return briefs, len(ids) - len(briefs)


def _zip(request: HttpRequest, briefs: list[Brief], gone: int) -> HttpResponseBase:
    """Send briefs as they are made; a text file tells which are missing, and why.

    It begins to come as soon as the first one is made. When none can be made, it says so.
    """
    failed: list[tuple[Brief, PdfError]] = []

    def made() -> Iterator[tuple[str, Path]]:
        for brief in briefs:
            try:
                yield _filename(brief), pdf_of(brief)
            except PdfError as error:
                failed.append((brief, error))

    def told() -> Iterator[tuple[str, str]]:
        lines = []
        if gone:
            lines += [
                ngettext(
                    "{gone} of those ticked is not reviewed any more: its answers have changed.",
                    "{gone} of those ticked are not reviewed any more: their answers have changed.",
                    gone,
                ).format(gone=gone),
                "",
            ]
        if failed:
            lines += [
                _("These briefs could not be made. Try them again in a minute."),
                "",
                *(f"{brief.reference} {brief.contact.firm}: {why}" for brief, why in failed),
                "",
            ]
        if lines:
            yield "missing.txt", "\n".join(lines)

    files = made()
    first = next(files, None)
    if first is None:
        return _sorry(request, _("The briefs are not ready"), str(failed[0][1]), status=503)
    return StreamingHttpResponse(
        zip_pieces(chain([first], files), told()),
        content_type="application/zip",
        headers=_attached(f"scope-briefs-{timezone.localdate()}.zip"),
    )


def _filename(brief: Brief) -> str:
    """A name by which a seller finds the file again: of letters, digits and hyphens only."""
    firm = slugify(brief.contact.firm, allow_unicode=True)[:40].strip("-_")
    parts = ("scope-brief", brief.reference, firm, f"v{brief.version}")
    return "-".join(filter(None, parts)) + ".pdf"


def _attached(filename: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{filename}"'}


def _sorry(request: HttpRequest, title: str, message: str, *, status: int) -> HttpResponse:
    context = {"title": title, "message": message, "again": status == 503}
    return render(request, "desk/sorry.html", context, status=status)
