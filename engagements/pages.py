"""What the pages share: a page and its main part, a PDF as a download, and the live version."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django_htmx.http import push_url

from catalog.models import PlaybookVersion
from engagements.language import speak_as
from engagements.lists import live_versions
from engagements.pdf import Printout, file_of
from engagements.standing import MEANWHILE, told_meanwhile


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    failed: bool = False,
    clashed: bool = False,
) -> HttpResponse:
    """Render a page, or only its main part for htmx, which only pages have that are rendered here:
    those that swap nothing say so in their context.

    422 when a form did not validate, 409 when somebody else has changed the same meanwhile.
    """
    partial = request.htmx and not request.htmx.history_restore_request
    name = f"{template}#main" if partial else template
    context = {"swaps": True, "meanwhile": (), **context, "partial": partial, "failed": failed}
    if MEANWHILE in request.GET and "assessment" in context:
        context |= told_meanwhile(request, context["assessment"])
    status = (409 if clashed else 422) if failed else 200
    response = render(request, name, context, status=status)
    if failed:
        push_url(response, url=False)  # Back need not pass through each failed attempt
    patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
    return response


def download(request: HttpRequest, path: Path, filename: str) -> HttpResponseBase:
    """Send a brief's file; a browser that has this very file already is told so."""
    etag = quote_etag(path.stem)  # the file is named by all that it is made of
    if not_modified := get_conditional_response(request, etag=etag):
        return not_modified
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=filename, headers={"ETag": etag}
    )


def printed(request: HttpRequest, printout: Printout) -> HttpResponseBase:
    """Send a document as a file, made now if need be; raises PdfError when there is none."""
    try:
        return download(request, file_of(printout), f"{printout.kind}-{printout.reference}.pdf")
    except FileNotFoundError:  # somebody has just been given a newer one, which took its place
        return redirect(request.get_full_path())


def live_version_or_404(key: str) -> PlaybookVersion:
    """Return the version of a playbook that new assessments take, and speak its language."""
    for version in live_versions([key]):
        speak_as(version)
        return version
    raise Http404
