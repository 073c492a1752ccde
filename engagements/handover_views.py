"""The pages of the handover: checklists to tick under the private link, and the two PDFs.

Whoever holds the private link may tick; everything works without JavaScript.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from catalog.people import name_of
from engagements.colleagues import disputed_nouns
from engagements.handover import (
    LONGEST_NAME,
    Handover,
    HandoverError,
    NameMissingError,
    TickedList,
    as_it_stands,
    handover_of,
    save_ticks,
)
from engagements.links import owned
from engagements.manual import Entry, Gap, Manual, build_manual
from engagements.models import Assessment
from engagements.pack import build_pack
from engagements.pages import page, printed
from engagements.pdf import PdfError, Printout

NAME = "handover-name"  # in the session of somebody without an account


class NameForm(forms.Form):
    """Who ticks. It may be empty as long as nothing is changed."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=LONGEST_NAME,
        required=False,
        widget=forms.TextInput({"class": "input", "autocomplete": "name"}),
        error_messages={
            "max_length": gettext_lazy("Shorten your name to %(limit_value)d characters."),
        },
    )


@dataclass(frozen=True, slots=True)
class ToTell:
    """Something missing in the manual, and the page where it can be told."""

    label: str
    href: str


@never_cache
@require_safe
def handover(request: HttpRequest, token: str) -> HttpResponse:
    """How far each checklist is, and what is still missing in the manual."""
    assessment, found = _handover(token)
    if found is None:
        return redirect("engagements:resume", token)
    lists = as_it_stands(assessment, found.checklists)
    context = {
        **_context(assessment, found),
        "title": _("Handover"),
        "lists": lists,
        "missing": list(_to_tell(assessment, found)),
        "disputed": disputed_nouns(assessment),
    }
    return page(request, "handover.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def checklist(request: HttpRequest, token: str, key: str) -> HttpResponse:
    """One checklist to tick; what was changed is saved with who did."""
    assessment, found = _handover(token)
    lists = found.checklists if found else ()
    asked = next((one for one in lists if one.key == key), None)
    if asked is None and request.method == "POST" and _had(assessment, key):
        return _stale_page(request, assessment)
    if found is None:
        return redirect("engagements:resume", token)
    if asked is None:
        raise Http404
    if request.method != "POST":
        [now] = as_it_stands(assessment, [asked])
        form = NameForm(initial={"name": _name_of(request, assessment)})
        return _checklist_page(request, assessment, found, now, form=form, shown=now.done)
    seen = set(" ".join(request.POST.getlist("seen")).split())
    ticked = set(request.POST.getlist("done"))
    form = NameForm(request.POST)
    refused = ""
    if form.is_valid():
        name = form.cleaned_data["name"]
        try:
            rows = save_ticks(
                assessment,
                asked,
                seen=seen,
                ticked=ticked,
                name=name,
                user=request.user if request.user.is_authenticated else None,
            )
        except NameMissingError as error:
            form.add_error("name", str(error))
        except HandoverError as error:
            refused = str(error)
        else:
            _remember(request, name)
            messages.success(request, _told(len(rows)))
            return redirect("engagements:checklist", token, key)
    [now] = as_it_stands(assessment, [asked])
    # What somebody else has ticked meanwhile is shown; what was changed here stays changed.
    meant = seen ^ ticked
    shown = (now.done - meant) | (ticked & meant)
    return _checklist_page(request, assessment, found, now, form=form, shown=shown, refused=refused)


@cache_control(private=True, no_cache=True)
@require_safe
def handover_pack(request: HttpRequest, token: str) -> HttpResponseBase:
    """All checklists as one PDF: as they stand, or with `?empty` without ticks."""
    assessment, found = _handover(token)
    if found is None or not found.checklists:
        return redirect("engagements:resume", token)
    return _file(
        request, assessment, build_pack(assessment, found, empty="empty" in request.GET).printout
    )


@cache_control(private=True, no_cache=True)
@require_safe
def operations_manual(request: HttpRequest, token: str) -> HttpResponseBase:
    """The operations manual as a PDF, with what has been answered so far."""
    assessment, found = _handover(token)
    if found is None or not found.chapters:
        return redirect("engagements:resume", token)
    return _file(request, assessment, build_manual(assessment, found).printout)


# ---- What they share -------------------------------------------------------------------------


def _handover(token: str) -> tuple[Assessment, Handover | None]:
    assessment = owned(token, decided=True)
    return assessment, handover_of(assessment)


def _context(assessment: Assessment, found: Handover) -> dict[str, Any]:
    return {
        "playbook": assessment.version.rulebook.playbook,
        "assessment": assessment,
        "handover": found,
    }


def _checklist_page(
    request: HttpRequest,
    assessment: Assessment,
    found: Handover,
    now: TickedList,
    *,
    form: NameForm,
    shown: frozenset[str],
    refused: str = "",
) -> HttpResponse:
    """The page of a checklist: `shown` are the boxes that are ticked on it."""
    keys = [one.key for one in found.checklists]
    at = keys.index(now.checklist.key)
    context = {
        **_context(assessment, found),
        "title": now.checklist.title,
        "now": now,
        "shown": shown,
        # On the page all boxes stand as they are in the database, but for those changed here.
        "seen": " ".join(item.id for item in now.items if item.done),
        "form": form,
        "refused": refused,
        "following": found.checklists[at + 1] if at + 1 < len(keys) else None,
    }
    failed = bool(refused or form.errors)
    return page(request, "checklist.html", context, failed=failed)


def _had(assessment: Assessment, key: str) -> bool:
    """Whether the playbook has such a list, for other answers perhaps."""
    return any(one.key == key for one in assessment.version.rulebook.playbook.checklists)


def _stale_page(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    """Why ticks were not saved that somebody sent after the answers had changed."""
    context = {
        "playbook": assessment.version.rulebook.playbook,
        "assessment": assessment,
        "title": _("Nothing was saved"),
    }
    return page(request, "stale.html", context, failed=True)


def _name_of(request: HttpRequest, assessment: Assessment) -> str:
    """The name of who is probably ticking: signed in, or here before, or for whom the brief is."""
    if request.user.is_authenticated:
        return name_of(request.user)
    return request.session.get(NAME) or assessment.contact_name


def _remember(request: HttpRequest, name: str) -> None:
    """Keep the name for the next list; of who is signed in it is known."""
    if name and not request.user.is_authenticated and request.session.get(NAME) != name:
        request.session[NAME] = name


def _told(count: int) -> str:
    if not count:
        return _("Nothing had changed, so nothing was saved.")
    return ngettext("Saved: {count} change.", "Saved: {count} changes.", count).format(count=count)


def _to_tell(assessment: Assessment, found: Handover) -> Iterator[tuple[Gap, list[ToTell]]]:
    """What is missing in the manual by place, each with where it is told."""
    if not found.chapters:
        return
    manual: Manual = build_manual(assessment, found)
    for gap in manual.gaps:
        yield gap, [ToTell(entry.label, _where(assessment, entry)) for entry in gap.entries]


def _where(assessment: Assessment, entry: Entry) -> str:
    if not entry.question:
        return reverse("engagements:contact", args=[assessment.token])
    section = assessment.version.rulebook.playbook.question(entry.question).section
    return f"{reverse('engagements:scope', args=[assessment.token, section])}#{entry.question}"


def _file(request: HttpRequest, assessment: Assessment, printout: Printout) -> HttpResponseBase:
    """The PDF, or a page that says why there is none."""
    try:
        return printed(request, printout)
    except PdfError as error:
        context = {
            "playbook": assessment.version.rulebook.playbook,
            "assessment": assessment,
            "title": _("{document} is not ready").format(document=printout.name),
            "message": str(error),
        }
        return render(request, "sorry.html", context, status=503)
