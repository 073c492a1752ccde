"""Asking a colleague: the buyer's page that makes the link, and the pages that the link opens.

Whoever has the link of a colleague sees the questions of one section, and nothing else that the
buyer said or was told: so that they are not led, and because it is not for them.
"""

from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from advisor.playbook import Playbook, Question
from catalog.ids import id_in
from engagements import colleagues
from engagements.embedding import embeddable
from engagements.forms import AnswersForm, AskForm
from engagements.links import link_or_404, owned, take_back
from engagements.models import Assessment, Link, LinkKind
from engagements.pages import page
from engagements.quotes import Quote, quote_of
from engagements.standing import posted

get_or_post = require_http_methods(["GET", "HEAD", "POST"])

ASKED, ALSO = "_asked", "also"
"""The field that names what a form asked, and what in an address names the questions to ask."""


# ---- The buyer asks ------------------------------------------------------------------------


@embeddable
@never_cache
@get_or_post
def ask(request: HttpRequest, token: str) -> HttpResponse:
    """What somebody else could answer; sending makes a link. And what has come of earlier ones."""
    assessment = owned(token, decided=True)
    if "take-back" in request.POST:
        take_back(_given_or_404(assessment, request.POST["take-back"]))
        return redirect("engagements:ask", token)
    parts = colleagues.sections_to_ask(assessment)
    form = AskForm(
        [part.section for part in parts],
        request.POST if request.method == "POST" else None,
        section=request.GET.get("section"),
    )
    if form.is_valid():
        link = colleagues.ask(assessment, **form.cleaned_data)
        return redirect(f"{reverse('engagements:ask', args=[token])}?link={link.pk}")
    given = colleagues.standings(assessment)
    fresh = next((one for one in given if str(one.link.pk) == request.GET.get("link")), None)
    if fresh and not fresh.link.is_open:
        fresh = None
    context = {
        "playbook": assessment.version.rulebook.playbook,
        "assessment": assessment,
        "title": _title(fresh),
        "parts": parts,
        "form": form,
        "given": given,
        "fresh": fresh,
        "site": f"{request.scheme}://{request.get_host()}",
        "mailto": _mailto(request, fresh) if fresh else "",
    }
    return page(request, "ask.html", context, failed=form.is_bound)


def _given_or_404(assessment: Assessment, pk: str) -> Link:
    links = assessment.links.filter(kind=LinkKind.COLLEAGUE)
    return get_object_or_404(links, pk=id_in(pk))


def _title(fresh: colleagues.Standing | None) -> str:
    if fresh is None:
        return _("Ask a colleague")
    return _("Send this link to {name}").format(name=fresh.link.name)


def _mailto(request: HttpRequest, fresh: colleagues.Standing) -> str:
    """An e-mail that is written already, for the buyer's own mail program."""
    link = fresh.link
    address = request.build_absolute_uri(reverse("engagements:colleague", args=[link.token]))
    subject = _("Questions for you: {section}").format(section=fresh.section.title)
    body = _(
        "{name}, you know this better than I do. It takes a minute, and you need no account:\n\n"
        "{address}\n"
    ).format(name=link.name, address=address)
    if link.note:
        body = f"{link.note}\n\n{body}"
    return f"mailto:?{urlencode({'subject': subject, 'body': body}, quote_via=quote)}"


# ---- The colleague answers -----------------------------------------------------------------


@embeddable
@never_cache
@get_or_post
def colleague(request: HttpRequest, token: str) -> HttpResponse:
    """The questions of one section, for whoever has the link. Each may be left open."""
    link = link_or_404(token, LinkKind.COLLEAGUE)
    if not link.is_open:
        return _closed(request, link)
    said = colleagues.said_under(link)
    asked = colleagues.questions_for(link, said)
    if request.method == "POST":
        asked = _asked_by_form(link, request.POST) or asked
    also = [question for question in asked if question.key in request.GET.getlist(ALSO)]
    shown = also if also and request.method != "POST" else asked
    rulebook = link.assessment.version.rulebook
    form = AnswersForm(rulebook, shown, said, posted(request), required=False)
    problems = _problems(form, said) if form.is_bound else []
    if form.is_bound and not problems:
        try:
            colleagues.save_said(link, form.answers())
        except colleagues.LinkClosedError:
            return _closed(request, link)
        return _go_on(link, {question.key for question in shown})
    context = {
        **_context(link),
        "title": link.assessment.version.rulebook.playbook.section(link.section).title,
        "form": form,
        "problems": problems,
        "asked": " ".join(question.key for question in shown),
        "also": bool(also),
        "said": said,
    }
    return page(request, "colleague.html", context, failed=form.is_bound)


@embeddable
@never_cache
@require_safe
def sent(request: HttpRequest, token: str) -> HttpResponse:
    """Thank you, and what was sent."""
    link = link_or_404(token, LinkKind.COLLEAGUE)
    if not link.is_open:
        return _closed(request, link)
    said = colleagues.said_under(link)
    if not said:
        return redirect("engagements:colleague", token)
    found = link.assessment.version.rulebook.playbook
    asked = colleagues.questions_for(link, said)
    context = {
        **_context(link),
        "title": _("Thank you, {name}").format(name=link.name),
        "rows": [
            (q, quote_of(found, q.key, said[q.key]) if q.key in said else None) for q in asked
        ],
    }
    return page(request, "colleague-sent.html", context)


def _asked_by_form(link: Link, posted: QueryDict) -> list[Question]:
    """What a form asked when it was made: an answer is kept, also if others have made it moot."""
    keys = posted.get(ASKED, "").split()
    return [
        question
        for question in link.assessment.version.rulebook.playbook.questions
        if question.section == link.section and question.key in keys
    ]


def _problems(form: AnswersForm, said: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """What is wrong with what was sent, each with the question that it is about."""
    if not form.is_valid():
        return [(asked.question.key, error) for asked in form.asked() for error in asked.errors]
    if not said and not any(form.answers().values()):
        first = form.questions[0].key if form.questions else "main"
        return [(first, _("Nothing is answered yet. Answer what you know, then send it."))]
    return []


def _go_on(link: Link, shown: set[str]) -> HttpResponse:
    """Go on with what the answers have made necessary, or say thank you."""
    link.assessment.read_anew()
    said = colleagues.said_under(link)
    more = [
        question.key
        for question in colleagues.questions_for(link, said)
        if question.key not in shown and question.key not in said
    ]
    if more:
        here = reverse("engagements:colleague", args=[link.token])
        return redirect(f"{here}?{urlencode({ALSO: more}, doseq=True)}")
    return redirect("engagements:colleague-sent" if said else "engagements:colleague", link.token)


def _closed(request: HttpRequest, link: Link) -> HttpResponse:
    """A link that opens nothing any more; what somebody had just entered is not lost with it."""
    context = {
        **_context(link),
        "title": _("This link is closed"),
        "said": colleagues.said_under(link),
        "unsent": _unsent(link, request.POST),
    }
    response = page(request, "colleague-closed.html", context)
    response.status_code = 410
    return response


def _unsent(link: Link, posted: QueryDict) -> list[Quote]:
    rulebook = link.assessment.version.rulebook
    found = rulebook.playbook
    form = AnswersForm(rulebook, _asked_by_form(link, posted), {}, posted, required=False)
    if not form.is_valid():
        return []
    return [quote_of(found, key, values) for key, values in form.answers().items() if values]


def _context(link: Link) -> dict[str, Any]:
    """What each of these pages tells: who asks, and of what. Of the buyer's answers, nothing."""
    found: Playbook = link.assessment.version.rulebook.playbook
    assessment = link.assessment
    return {
        "playbook": found,
        "shared": link,
        "section": found.section(link.section),
        "asker": _asker(assessment),
        "reference": assessment.reference,
    }


def _asker(assessment: Assessment) -> str:
    """Who asks, as far as known: the name with the firm, or one of them."""
    name, firm = assessment.contact_name, assessment.contact_firm
    if name and firm:
        return _("{name} ({firm})").format(name=name, firm=firm)
    return name or firm
