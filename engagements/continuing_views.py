"""The way from one playbook into the next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from engagements.continuing import ContinuingError, continue_with
from engagements.embedding import embeddable
from engagements.links import owned


@embeddable
@never_cache
@require_POST
def go_on(request: HttpRequest, token: str, key: str) -> HttpResponse:
    """Begin the assessment by the next playbook, or find it, and go to where it stands.

    Where the decision has changed meanwhile, the page with it tells what it leads to now.
    """
    assessment = owned(token, decided=True)
    try:
        next_one = continue_with(assessment, key)
    except ContinuingError:
        return redirect("engagements:resume", token)
    return redirect("engagements:resume", next_one.token)
