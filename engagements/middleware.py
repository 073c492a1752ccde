"""What pages share, whoever serves them: sent compressed, and the private ones kept private."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import add_never_cache_headers

from engagements.embedding import embeddable
from engagements.links import LinkGoneError
from engagements.links_views import gone


class GZipPagesMiddleware(GZipMiddleware):
    """Compress pages. Files are compressed already; to do it again takes away their ETag."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Compress what is HTML; of unlike length each time, so that nothing is guessed by it."""
        if not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class PrivateLinkMiddleware:
    """Keep private pages out of search engines and caches; say why a link opens nothing.

    An address with a token is such a page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark what was looked for by a token, whether or not it was found."""
        response = self.get_response(request)
        if request.resolver_match and "token" in request.resolver_match.kwargs:
            response["X-Robots-Tag"] = "noindex, nofollow"
            if not response.has_header("Cache-Control"):
                add_never_cache_headers(response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page of a link that has expired or was replaced."""
        if not isinstance(error, LinkGoneError):
            return None
        in_frames = request.resolver_match and hasattr(request.resolver_match.func, "embeddable")
        return embeddable(gone)(request, error) if in_frames else gone(request, error)
