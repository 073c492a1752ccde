"""The least that Django does: a constant, one row read, one form that writes one row."""

from django import forms
from django.core.cache import caches
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import include, path, resolve

from engagements import assessing
from engagements.models import Answer, Assessment


class OneField(forms.Form):
    """A form with a choice, as a question is one."""

    choice = forms.ChoiceField(choices=[(str(at), f"Choice {at}") for at in range(6)])


def constant(request: HttpRequest) -> HttpResponse:
    """Answer without asking anybody."""
    return HttpResponse("Nothing to tell.")


def read(request: HttpRequest, token: str) -> HttpResponse:
    """Read one row and tell something of it."""
    return HttpResponse(Assessment.objects.get(token=token).state)


def write(request: HttpRequest, token: str) -> HttpResponse:
    """Read one row, check a form, write one row."""
    form = OneField(request.POST)
    if not form.is_valid():
        return HttpResponse(form.as_p(), status=422)
    with transaction.atomic():
        assessment = Assessment.objects.select_for_update().get(token=token)
        Answer.objects.update_or_create(
            assessment=assessment,
            question="floor",
            defaults={"values": [form.cleaned_data["choice"]]},
        )
    return HttpResponseRedirect(f"/floor/read/{token}/")


def anew(request: HttpRequest, href: str) -> HttpResponse:
    """Answer with a page of which the process knows nothing yet, as if nobody had been there."""
    caches["template_fragments"].clear()
    assessing._recommend.cache_clear()  # noqa: SLF001 - nobody else has a reason to
    found = resolve(f"/{href}")
    request.resolver_match = found
    answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
    return answer


urlpatterns = [
    path("floor/constant/", constant),
    path("floor/read/<slug:token>/", read),
    path("floor/write/<slug:token>/", write),
    path("floor/anew/<path:href>", anew),
    path("", include("advisor.urls")),
]
