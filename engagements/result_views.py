"""The result for those who only read it: by a link that the buyer has given to them.

Whoever reads gets no `assessment` in any context. Its token is the buyer's own key, so a template
that wants it fails here instead of handing it out.
"""

from collections.abc import Iterable, Mapping
from functools import wraps
from hashlib import sha256
from typing import Any, Protocol

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from advisor.playbook import Playbook
from engagements import published, questionnaire
from engagements.assessing import first_step, issue_brief, sources_of_brief
from engagements.brief import Brief
from engagements.chain import decided_steps
from engagements.continuing import Onward, ways_on
from engagements.links import link_or_404
from engagements.models import Assessment, Link, LinkKind, Recommendation
from engagements.pages import download, page
from engagements.pdf import PdfError, pdf_of
from engagements.quotes import name_on_paper
from engagements.result import result_of
from engagements.wording import build_brief


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
    result = result_context(link.assessment, issued, shown=[row_of(link)])
    return page(request, "recommendation.html", {**result, **context})


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


def result_context(
    assessment: Assessment, issued: Recommendation, *, shown: Iterable[object]
) -> dict[str, Any]:
    """Return what the page of an issued recommendation tells, whoever reads it.

    `shown` is what else the page shows. `told` stands for that and for all the rest: while it is
    the same, the page is, and nothing of it is worked out again.
    """
    found = assessment.version.rulebook.playbook
    first = first_step(assessment)
    if not assessment.asks_colleagues:  # it tells who answered what only where others did
        assessment.read_answers_alone()
    sources = sources_of_brief(assessment, issued, version=1)
    onward = ways_on(assessment)
    brief = SimpleLazyObject(lambda: build_brief(**sources))
    others = _others(found, brief) if issued.value.conflict else []
    return {
        "playbook": found,
        "title": _("Your recommendation"),
        "swaps": False,  # every way from here leads to a page of its own
        "issued": issued,
        "brief": brief,
        "result": SimpleLazyObject(
            lambda: result_of(found, brief, decided_steps(assessment), onward)
        ),
        "onward": onward,
        "others": others,
        "faqs": questionnaire.parts_for(found.faqs, first) if first else (),
        "told": _told(assessment, issued, sources, onward, others, *shown),
    }


def _others(found: Playbook, brief: Brief) -> list[Playbook]:
    """What else there is to whoever asks for something that this playbook does not offer."""
    not_offered = brief.conflict and brief.conflict.not_offered and not brief.engagement
    return published.others(found) if not_offered and not brief.emergency else []


def _told(
    assessment: Assessment,
    issued: Recommendation,
    sources: Mapping[str, Any],
    onward: Iterable[Onward],
    others: Iterable[Playbook],
    *shown: object,
) -> str:
    """Rows are told whole, so that a template may show more of one without a word here."""
    found = sources["playbook"]
    told = (
        (assessment.version.hash, found.firm, found.emergency),  # a brand may be over those two
        (row_of(assessment), row_of(issued)),
        [sources[name] for name in sources if name not in {"playbook", "recommendation"}],
        [(way.engagement, way.when, way.version.hash, way.carried) for way in onward],
        [row_of(way.begun) for way in onward if way.begun],
        [(other.key, other.title, other.decision, other.language) for other in others],
        shown,
    )
    return sha256(repr(told).encode()).hexdigest()


def row_of(one: Model) -> list[object]:
    """Return what was read of a row."""
    read = vars(one)
    return [read[field.attname] for field in one._meta.concrete_fields if field.attname in read]


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
