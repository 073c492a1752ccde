"""The result for those who only read it: by a link that the buyer has given to them.

Whoever reads gets no `assessment` in any context. Its token is the buyer's own key, so a template
that wants it fails here instead of handing it out.
"""

from functools import wraps
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from engagements import published, questionnaire
from engagements.assessing import draft_brief, first_step, issue_brief
from engagements.chain import decided_steps
from engagements.continuing import ways_on
from engagements.links import link_or_404
from engagements.models import Assessment, Link, LinkKind, Recommendation
from engagements.pages import download, page
from engagements.pdf import PdfError, pdf_of
from engagements.quotes import name_on_paper
from engagements.result import result_of


class ReaderView(Protocol):
    """A view of what an open link shows."""

    def __call__(self, request: HttpRequest, link: Link) -> HttpResponseBase: ...


class TokenView(Protocol):
    """A view of the address of a link."""

    def __call__(self, request: HttpRequest, token: str) -> HttpResponseBase: ...


def for_reader(view: ReaderView) -> TokenView:
    """Find the link, and say so calmly when it opens nothing any more."""

    @wraps(view)
    def of_token(request: HttpRequest, token: str) -> HttpResponseBase:
        link = link_or_404(token, LinkKind.READER)
        return view(request, link) if link.is_open else _ended(request, link)

    return of_token


@never_cache
@require_safe
@for_reader
def reading(request: HttpRequest, link: Link) -> HttpResponse:
    """The recommendation as it stands now, to read and nothing else."""
    issued = link.assessment.recommendation
    if issued is None:
        context = _reader_context(link, _("There is no result at the moment"))
        return page(request, "reading-open.html", context)
    context = _reader_context(link, _("Recommendation"))
    told = {**result_context(link.assessment, issued), **context}
    return page(request, "recommendation.html", told)


@cache_control(private=True, no_cache=True)
@require_safe
@for_reader
def reading_brief(request: HttpRequest, link: Link) -> HttpResponseBase:
    """The scope brief as a PDF, the same that the buyer gets."""
    content = issue_brief(link.assessment)
    if content is None:
        return redirect("engagements:reading", link.token)
    try:
        path = pdf_of(content)
    except PdfError as error:
        context = _reader_context(link, _("The brief is not ready"))
        return render(request, "reading-sorry.html", {**context, "message": error}, status=503)
    return download(request, path, f"scope-brief-{content.reference}-v{content.version}.pdf")


def result_context(assessment: Assessment, issued: Recommendation) -> dict[str, Any]:
    """Return what the page of an issued recommendation tells, whoever reads it."""
    found = assessment.version.rulebook.playbook
    first = first_step(assessment)
    brief = draft_brief(assessment, issued, version=1)
    onward = ways_on(assessment)
    not_offered = brief.conflict and brief.conflict.not_offered and not brief.engagement
    return {
        "playbook": found,
        "title": _("Your recommendation"),
        "issued": issued,
        "brief": brief,
        "result": result_of(found, brief, decided_steps(assessment), onward),
        "onward": onward,
        "others": published.others(found) if not_offered and not brief.emergency else [],
        "faqs": questionnaire.parts_for(found.faqs, first) if first else (),
    }


def _ended(request: HttpRequest, link: Link) -> HttpResponse:
    context = _reader_context(link, _("This link has ended"))
    return render(request, "reading-ended.html", context, status=410)


def _reader_context(link: Link, title: str) -> dict[str, Any]:
    assessment = link.assessment
    named = filter(None, (assessment.contact_name, assessment.contact_firm))
    return {
        "playbook": assessment.version.rulebook.playbook,
        "title": title,
        "shared": link,
        "sharer": name_on_paper(", ".join(named)),
        "reference": assessment.reference,
    }
