"""The pages of an assessment, each without JavaScript; htmx gets the same page's main part."""

from collections.abc import Container
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from advisor.playbook import Question, Section, Stage
from catalog.models import PlaybookVersion
from engagements import published, questionnaire, read_over
from engagements.assessing import (
    first_step,
    issue_brief,
    issue_recommendation,
    keep_brief_current,
    recommendation_for,
    save_answers,
)
from engagements.assessing import start as start_assessment
from engagements.continuing import origin_of
from engagements.counting import count_opening, is_opening
from engagements.embedding import embeddable
from engagements.forms import AnswersForm
from engagements.handover import handover_of
from engagements.links import owned
from engagements.meanwhile import ChangedMeanwhileError, Seen
from engagements.models import Assessment, State
from engagements.pages import download, live_version_or_404, page
from engagements.pdf import PdfError, pdf_of
from engagements.quotes import Quote, quote_of
from engagements.result_views import result_context, row_of
from engagements.so_far import so_far as come_so_far
from engagements.standing import (
    changed_since,
    go_on,
    posted,
    scope_sections_of,
    seen_by,
    seen_now,
)
from engagements.starting import BEGIN, drawn, token_in

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


# ---- Questions -----------------------------------------------------------------------------


@embeddable
@never_cache
@get_or_post
def start(request: HttpRequest, key: str) -> HttpResponse:
    """The first question; answering it begins an assessment, once however often it is sent."""
    version = live_version_or_404(key)
    first = questionnaire.first_question(version.rulebook)
    form = AnswersForm(version.rulebook, [first], {}, posted(request), required=True)
    if not form.is_valid():
        if is_opening(request):
            count_opening(version)
        context = {**_question_context(version, first, form), "begin": drawn()}
        return page(request, "question.html", context, failed=form.is_bound)
    token = token_in(request.POST.get(BEGIN, ""))
    return go_on(start_assessment(version, form.answers(), token=token))


@embeddable
@never_cache
@require_safe
def resume(request: HttpRequest, token: str) -> HttpResponse:
    """The private link: wherever the assessment stands."""
    return go_on(owned(token, decided=True))


@embeddable
@never_cache
@get_or_post
def question(request: HttpRequest, token: str, key: str) -> HttpResponse:
    """One question that decides; its answer is saved, then the next one is asked."""
    sent = posted(request)
    assessment = owned(token, answered=not sent)
    version = assessment.version
    rulebook = version.rulebook
    asked = _question_or_404(version, key, (Stage.TRIAGE, Stage.DECIDE))
    # What was answered before is read once nobody else can change it any more.
    form = AnswersForm(rulebook, [asked], {} if sent else assessment.answers, sent, required=True)
    if form.is_valid():
        try:
            save_answers(assessment, form.answers(), seen=seen_by(request))
        except ChangedMeanwhileError as changed:
            form.tell(changed.clashes)
        else:
            keep_brief_current(assessment)  # it tells of answers that differ; this settles one
            return _after_answer(request, assessment, asked)
    live = questionnaire.live_questions(rulebook, assessment.answers)
    if asked not in live and not form.clashed:  # answers in another tab have made it moot
        return go_on(assessment, meanwhile=changed_since(assessment, seen_by(request), [key]))
    now = recommendation_for(assessment)
    context = {
        **_question_context(version, asked, form),
        "assessment": assessment,
        "origin": origin_of(assessment),
        "before": questionnaire.question_before(live, assessment.answers, key),
        "possible": questionnaire.still_possible(rulebook.playbook, now),
        "settled": now.settled,
        "others": read_over.said_by_others(assessment, [asked]),
        "seen": seen_now(request, assessment, form, assessment.answers),
    }
    return page(request, "question.html", context, failed=form.is_bound, clashed=form.clashed)


@embeddable
@never_cache
@require_safe
def so_far(request: HttpRequest, token: str) -> HttpResponse:
    """What the answers come to before they settle anything, for who stops here. Stores nothing."""
    assessment = owned(token, answered=True)
    rulebook = assessment.version.rulebook
    now = recommendation_for(assessment)
    told = come_so_far(rulebook, now)
    if told is None:
        return go_on(assessment)
    context = {
        "playbook": rulebook.playbook,
        "assessment": assessment,
        "title": _("The result so far"),
        "origin": origin_of(assessment),
        "so_far": told,
        "answered": len(now.answers),
    }
    return page(request, "so-far.html", context)


@embeddable
@never_cache
@get_or_post
def check(request: HttpRequest, token: str) -> HttpResponse:
    """The answers that count, to read over and change; then the recommendation is issued."""
    assessment = owned(token, answered=True)
    rulebook = assessment.version.rulebook
    refused = ""
    if read_over.CHOSEN in request.POST:  # one of two answers is chosen
        refused = read_over.settle(assessment, request.POST)
        if not refused:
            return redirect("engagements:check", token)
    now = recommendation_for(assessment)
    following = questionnaire.next_question(rulebook.playbook, now)
    if following is not None:
        return redirect("engagements:question", token, following.key)
    rows = read_over.deciding_rows(assessment, now)
    problems = [(row.question.key, row.problem) for row in rows if row.problem]
    if request.method == "POST" and not problems and not refused:
        if changed := changed_since(assessment, seen_by(request), []):
            return go_on(assessment, to_check=True, meanwhile=changed)  # nobody has read those
        issue_recommendation(assessment)
        return redirect("engagements:recommendation", token)
    differing = read_over.differing_details(assessment)
    origin = origin_of(assessment)
    context = {
        "playbook": rulebook.playbook,
        "assessment": assessment,
        "title": _("Check your answers"),
        "rows": rows,
        "details": differing,
        "differs": bool(problems),
        "problems": [("", refused)] if refused else problems,
        "not_offered": [n.title for n in questionnaire.not_offered(rulebook.playbook, now)],
        "no_fit": now.conflict is not None,
        "unasked": len(now.remaining),
        "unasked_later": not questionnaire.is_emergency(rulebook.playbook, now, now.first),
        "origin": origin,
        "brought": origin.brought_along if origin else (),
        "before": questionnaire.question_before([row.question for row in rows], assessment.answers),
        "told": _told_besides(assessment, apart={row.question.key for row in differing}),
        "seen": Seen.of((), {}, assessment.given),
    }
    return page(request, "check.html", context, failed=request.method == "POST")


# ---- After the decision --------------------------------------------------------------------


@embeddable
@never_cache
@require_safe
def respond(request: HttpRequest, token: str) -> HttpResponse:
    """The emergency page of an assessment with a red flag."""
    assessment = owned(token, decided=True)
    found = assessment.version.rulebook.playbook
    issued = assessment.recommendation
    first = first_step(assessment)
    if issued is None or not questionnaire.is_emergency(found, issued.value, first):
        return go_on(assessment)
    told = [
        (found.question(answer.question), answer.options)
        for answer in questionnaire.red_flags(found, issued.value)
    ]
    labels = (asked.option(key).label for asked, options in told for key in options)
    context = {
        "playbook": found,
        "assessment": assessment,
        "title": _("Call us now"),
        "alarm": told[0][0] if told else None,
        "flags": list(dict.fromkeys(labels)),
        "review": assessment.review if assessment.state == State.OVERRIDDEN else None,
        "not_offered": [
            n.title for n in questionnaire.not_offered(found, issued.value) if not first
        ],
        "elsewhere": None if first else published.responders_elsewhere(found),
    }
    return page(request, "emergency.html", context)


@embeddable
@never_cache
@require_safe
def recommendation(request: HttpRequest, token: str) -> HttpResponse:
    """The recommendation as it was issued, with everything that led to it."""
    assessment = owned(token, decided=True)
    issued = assessment.recommendation
    if issued is None:
        return go_on(assessment)  # answers have changed since, or it was never issued
    origin = origin_of(assessment)
    context = {
        **result_context(
            assessment, issued, shown=[origin and (row_of(origin.earlier), origin.engagements)]
        ),
        "assessment": assessment,
        "origin": origin,
        "handover": handover_of(assessment),
        "sections": SimpleLazyObject(lambda: _sections(assessment)),
    }
    return page(request, "recommendation.html", context)


@cache_control(private=True, no_cache=True)
@require_safe
def brief(request: HttpRequest, token: str) -> HttpResponseBase:
    """The scope brief as a PDF; a browser that has this very file already is told so."""
    assessment = owned(token, decided=True)
    content = issue_brief(assessment)
    if content is None:
        return go_on(assessment)
    try:
        path = pdf_of(content)
    except PdfError as error:
        context = {
            "playbook": assessment.version.rulebook.playbook,
            "assessment": assessment,
            "title": _("The brief is not ready"),
            "message": str(error),
        }
        return render(request, "sorry.html", context, status=503)
    return download(request, path, f"scope-brief-{content.reference}-v{content.version}.pdf")


# ---- What the views share ------------------------------------------------------------------


def _after_answer(request: HttpRequest, assessment: Assessment, asked: Question) -> HttpResponse:
    """Go on after an answer, and tell what another tab has changed: it may have led elsewhere."""
    meanwhile = changed_since(assessment, seen_by(request), [asked.key])
    live = questionnaire.live_questions(assessment.version.rulebook, assessment.answers)
    kept = None if asked in live else asked.key
    return go_on(assessment, to_check=True, meanwhile=meanwhile, kept=kept)


def _sections(assessment: Assessment) -> list[tuple[Section, int, int]]:
    """The sections of what can be told besides: how much of each is told, and how much there is."""
    return [
        (section, sum(q.key in assessment.answers for q in questions), len(questions))
        for section, questions in scope_sections_of(assessment)
    ]


def _told_besides(
    assessment: Assessment, *, apart: Container[str]
) -> list[tuple[Section, list[Quote]]]:
    """What was told besides, by section, and what was skipped; some of it is told `apart`."""
    if assessment.recommendation is None:
        return []
    found, given = assessment.version.rulebook.playbook, assessment.answers
    told = []
    for section, questions in scope_sections_of(assessment):
        keys = [question.key for question in questions if question.key not in apart]
        if keys:
            told.append((section, [quote_of(found, key, given.get(key, ())) for key in keys]))
    return told


def _question_or_404(version: PlaybookVersion, key: str, stages: tuple[Stage, ...]) -> Question:
    found = version.rulebook.playbook
    try:
        asked = found.question(key)
    except KeyError:
        raise Http404 from None
    if found.stage_of(asked) not in stages:
        raise Http404
    return asked


def _question_context(
    version: PlaybookVersion, asked: Question, form: AnswersForm
) -> dict[str, Any]:
    found = version.rulebook.playbook
    return {
        "playbook": found,
        "question": asked,
        "section": found.section(asked.section),
        "title": asked.title,
        "form": form,
        "asked": next(form.asked()),
        "alone": True,  # so that its title is that of the page
    }
