"""What the pages share: one template for a page and its main part, and a PDF as a download."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django_htmx.http import push_url


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, failed: bool = False
) -> HttpResponse:
    """Render a page, or only its main part for htmx; 422 when a form did not validate."""
    partial = request.htmx and not request.htmx.history_restore_request
    name = f"{template}#main" if partial else template
    context = {**context, "partial": partial, "failed": failed}
    response = render(request, name, context, status=422 if failed else 200)
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
