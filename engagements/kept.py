"""Public pages are the same for everybody until something is published: made once, then kept.

Only for pages before there is an assessment. What a buyer answered is never kept, nor a page that
holds anything of one visitor, such as the token that protects a form.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from engagements.lists import Published, newest_published

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]

MOST = 200
"""Pages kept at a time; every language and host name has its own."""

_pages: dict[tuple[object, ...], tuple[Published, bytes]] = {}


def kept[**P](view: View[P]) -> View[P]:
    """Answer with the page as it was made last, unless something was published since."""

    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        state = newest_published()
        if state is None or settings.DEBUG or request.GET:
            return view(request, *args, **kwargs)
        key = (request.path, request.scheme, request.get_host(), get_language())
        if key in _pages and _pages[key][0] == state:
            return HttpResponse(_pages[key][1])
        response = view(request, *args, **kwargs)
        if response.status_code == 200 and not _is_personal(request, response):
            if len(_pages) >= MOST:
                _pages.clear()
            _pages[key] = state, response.content
        return response

    return answer


def _is_personal(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether a page was made for this visitor: by a session, a form's token or a cookie."""
    session = getattr(request, "session", None)
    return bool(
        request.META.get("CSRF_COOKIE_NEEDS_UPDATE")
        or (session is not None and session.accessed)
        or response.cookies
    )
