"""The pages of what is published: for everybody, before there is an assessment."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from advisor.playbook import Playbook
from engagements import emergency_page, published
from engagements.comparing import families_of
from engagements.house import house_of
from engagements.kept import kept
from engagements.language import speak_as
from engagements.lists import live_versions
from engagements.pages import live_version_or_404


@require_safe
@kept
def home(request: HttpRequest) -> HttpResponse:
    """The published playbooks to choose from; the page of the playbook when there is one."""
    versions = live_versions()
    emergency_page.freshen(versions)
    playbooks = [version.rulebook.playbook for version in versions]
    if len(playbooks) == 1:
        speak_as(versions[0])
        return _playbook_page(request, playbooks[0])
    context = {
        "playbooks": playbooks,
        "firms": {playbook.firm.name for playbook in playbooks},
        "emergencies": published.emergency_lines(playbooks),
        "house": house_of(playbooks),
        "title": _("What do you have to decide?"),
    }
    return render(request, "home.html", context)


@require_safe
@kept
def playbook(request: HttpRequest, key: str) -> HttpResponse:
    """What a playbook helps to decide, and the way in."""
    return _playbook_page(request, live_version_or_404(key).rulebook.playbook)


def _playbook_page(request: HttpRequest, found: Playbook) -> HttpResponse:
    context = {
        "playbook": found,
        "title": found.decision or found.title,
        "faqs": [faq for faq in found.faqs if not faq.engagements],
    }
    return render(request, "playbook.html", context)


@require_safe
@kept
def engagements(request: HttpRequest, key: str) -> HttpResponse:
    """All engagement models of a playbook and the guides to choosing between them."""
    found = live_version_or_404(key).rulebook.playbook
    titles = {model.key: model.title for model in found.engagements}
    guides = [
        (guide, [(row, [titles[key] for key in row.start_with]) for row in guide.rows])
        for guide in found.guides
    ]
    context = {
        "playbook": found,
        "families": list(families_of(found)),
        "guides": guides,
        "faqs": [(faq, [titles[key] for key in faq.engagements]) for faq in found.faqs],
        "follow_ons": published.playbooks_named_by(found.engagements),
        "title": _("Engagement models"),
    }
    return render(request, "engagements.html", context)


@require_safe
@kept
def emergency(request: HttpRequest, key: str) -> HttpResponse:
    """Whom to call and what to have ready, for somebody who comes straight from the home page."""
    found = live_version_or_404(key).rulebook.playbook
    if found.emergency is None:
        raise Http404
    context = {
        "playbook": found,
        "title": _("Emergency"),
        "not_offered": published.emergencies_not_offered(found),
        "elsewhere": published.responders_elsewhere(found),
    }
    return render(request, "emergency.html", context)


@require_safe
def emergencies(request: HttpRequest) -> HttpResponse:
    """Whom to call, whatever is broken: a file, which needs nothing else."""
    page = emergency_page.read()
    return HttpResponse(
        page,
        headers={
            "Content-Security-Policy": emergency_page.policy_of(page),
            # Whoever keeps a copy may show it when we cannot be reached.
            "Cache-Control": "public, max-age=60, stale-if-error=86400",
        },
    )
