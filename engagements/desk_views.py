"""The pages of the sales desk, and the files that leave it: PDF, ZIP and CSV."""

from collections.abc import Iterator
from itertools import batched, chain
from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from engagements.brief import Brief
from engagements.desk import (
    CSV_HEADER,
    DeskFilter,
    NothingToSendError,
    on_the_desk,
    picked_briefs,
    rows_of,
    stored_briefs,
)
from engagements.exports import csv_lines, zip_pieces
from engagements.handover import handover_of
from engagements.lists import CappedPaginator, live_versions
from engagements.models import Assessment
from engagements.pack import build_pack
from engagements.pages import download, page, printed
from engagements.pdf import PdfError, pdf_of

PER_PAGE = 50
PER_BATCH = 500


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
            return _zip(request, *picked_briefs(request.POST.getlist("pick")))
        except NothingToSendError as error:
            problem = str(error)
    form = DeskFilter(request.GET, live_versions())
    context = {"title": _("Reviewed briefs"), "form": form, "problem": problem}
    if not form.is_valid():
        return page(request, "desk/desk.html", context, failed=True)
    pages = CappedPaginator(on_the_desk(form.condition()), PER_PAGE)
    pages.unfiltered = on_the_desk(Q())
    shown = pages.get_page(request.GET.get("page", 1))
    context |= {
        "page": shown,
        "rows": rows_of(shown.object_list),
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
    found = on_the_desk(form.condition()).iterator(chunk_size=PER_BATCH)
    rows = (row.cells(request) for batch in batched(found, PER_BATCH) for row in rows_of(batch))
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
    for brief in stored_briefs(Q(pk=pk)):
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


@cache_control(private=True, no_cache=True)
@require_safe
@_for_sales
def desk_pack(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The handover pack for sales, who are given no private link: of a reviewed assessment."""
    assessment = Assessment.objects.with_version().with_decision().reviewed().filter(pk=pk).first()
    found = handover_of(assessment) if assessment else None
    if found is None or not found.checklists:
        return _sorry(
            request,
            _("This handover pack is not on the desk"),
            _(
                "It is not reviewed, its answers have changed since, or it has no checklists. "
                "The list links to a pack wherever there is one."
            ),
            status=404,
        )
    try:
        return printed(request, build_pack(assessment, found).printout)
    except PdfError as error:
        return _sorry(request, _("The handover pack is not ready"), str(error), status=503)


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
