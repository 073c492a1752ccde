"""Embedding: the questionnaire in a page of the firm's own site, which has to do without cookies.

A browser gives a frame of another site no cookie that could be relied on, so these pages use none.
What protects them is the private link in their address, which nobody can guess, and that a form
is refused which the browser says was sent from elsewhere.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csp import csp_override
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., HttpResponseBase]


def embeddable(view: View) -> View:
    """Let the origins of EMBED_ORIGINS show a page in a frame, and take its forms without a cookie.

    No other site may frame it, and without that setting none at all.
    """
    protected = from_our_pages(view)

    @wraps(protected)
    def framed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = protected
        request.framed = request.headers.get("Sec-Fetch-Dest") == "iframe"
        if settings.EMBED_ORIGINS:
            policy = {**settings.SECURE_CSP, "frame-ancestors": settings.EMBED_ORIGINS}
            answer = csp_override(policy)(xframe_options_exempt(protected))
        response = answer(request, *args, **kwargs)
        patch_vary_headers(response, ["Sec-Fetch-Dest"])  # in a frame there is less around it
        return response

    framed.embeddable = True  # type: ignore[attr-defined] # for the test that looks at every link
    return framed


def from_our_pages(view: View) -> View:
    """Refuse a form that was sent from a page of another site, and need no cookie to tell."""

    @csrf_exempt
    @wraps(view)
    def protected(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and not _is_from_our_pages(request):
            return render(request, "403_csrf.html", {"from_elsewhere": True}, status=403)
        return view(request, *args, **kwargs)

    return protected


def _is_from_our_pages(request: HttpRequest) -> bool:
    """Whether a browser says so; it lets no page write these headers. Others than browsers say
    nothing, and cannot be made to send a form by a page that a buyer happens to look at.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or origin == f"{request.scheme}://{request.get_host()}"
