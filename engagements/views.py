"""The pages of an assessment, each without JavaScript; htmx gets the same page's main part."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from advisor.playbook import Question, Stage
from catalog.models import PlaybookVersion
from engagements import published, questionnaire
from engagements.assessing import (
    draft_brief,
    first_step,
    issue_brief,
    issue_recommendation,
    recommendation_for,
    save_answers,
)
from engagements.assessing import start as start_assessment
from engagements.continuing import origin_of, ways_on
from engagements.embedding import embeddable
from engagements.forms import AnswersForm
from engagements.handover import handover_of
from engagements.meanwhile import ChangedMeanwhileError, Seen
from engagements.models import State
from engagements.pages import download, live_version_or_404, page
from engagements.pdf import PdfError, pdf_of
from engagements.quotes import quote_of
from engagements.so_far import so_far as come_so_far
from engagements.standing import (
    assessment_or_404,
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
    form = AnswersForm([first], {}, posted(request), required=True)
    if not form.is_valid():
        context = {**_question_context(version, first, form), "begin": drawn()}
        return page(request, "question.html", context, failed=form.is_bound)
    token = token_in(request.POST.get(BEGIN, ""))
    return go_on(start_assessment(version, form.answers(), token=token))


@embeddable
@never_cache
@require_safe
def resume(request: HttpRequest, token: str) -> HttpResponse:
    """The private link: wherever the assessment stands."""
    return go_on(assessment_or_404(token))


@embeddable
@never_cache
@get_or_post
def question(request: HttpRequest, token: str, key: str) -> HttpResponse:
    """One question that decides; its answer is saved, then the next one is asked."""
    assessment = assessment_or_404(token)
    version = assessment.version
    asked = _question_or_404(version, key, (Stage.TRIAGE, Stage.DECIDE))
    form = AnswersForm([asked], assessment.answers, posted(request), required=True)
    if form.is_valid():
        try:
            save_answers(assessment, form.answers(), seen=seen_by(request))
        except ChangedMeanwhileError as changed:
            form.tell(changed.clashes)
    live = questionnaire.live_questions(version.rulebook, assessment.answers)
    if form.is_valid() or (asked not in live and not form.clashed):
        # What another tab has answered may have made this question moot, or led elsewhere.
        meanwhile = changed_since(assessment, seen_by(request), [key])
        kept = key if form.is_valid() and asked not in live else None
        return go_on(assessment, to_check=form.is_valid(), meanwhile=meanwhile, kept=kept)
    now = recommendation_for(assessment)
    context = {
        **_question_context(version, asked, form),
        "assessment": assessment,
        "origin": origin_of(assessment),
        "before": questionnaire.question_before(version.rulebook, assessment.answers, key),
        "possible": questionnaire.still_possible(version.rulebook.playbook, now),
        "settled": now.settled,
        "seen": seen_now(request, assessment, form, assessment.answers),
    }
    return page(request, "question.html", context, failed=form.is_bound, clashed=form.clashed)


@embeddable
@never_cache
@require_safe
def so_far(request: HttpRequest, token: str) -> HttpResponse:
    """What the answers come to before they settle anything, for who stops here. Stores nothing."""
    assessment = assessment_or_404(token)
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
    assessment = assessment_or_404(token)
    rulebook = assessment.version.rulebook
    now = recommendation_for(assessment)
    following = questionnaire.next_question(rulebook.playbook, now)
    if following is not None:
        return redirect("engagements:question", token, following.key)
    if request.method == "POST":
        if changed := changed_since(assessment, seen_by(request), []):
            return go_on(assessment, to_check=True, meanwhile=changed)  # nobody has read those
        issue_recommendation(assessment)
        return redirect("engagements:recommendation", token)
    given = assessment.answers
    live = questionnaire.live_questions(rulebook, given)
    origin = origin_of(assessment)
    context = {
        "playbook": rulebook.playbook,
        "assessment": assessment,
        "title": _("Check your answers"),
        "rows": [
            (question, [question.option(key).label for key in now.counted[question.key]])
            for question in live
            if question.key in now.counted
        ],
        "not_offered": [n.title for n in questionnaire.not_offered(rulebook.playbook, now)],
        "no_fit": now.conflict is not None,
        "unasked": len(now.remaining),
        "unasked_later": not questionnaire.is_emergency(rulebook.playbook, now, now.first),
        "origin": origin,
        "brought": origin.brought_along if origin else (),
        "before": questionnaire.question_before(rulebook, given),
        "details": [
            (section, [quote_of(rulebook.playbook, q.key, given.get(q.key, ())) for q in questions])
            for section, questions in scope_sections_of(assessment)
        ]
        if assessment.recommendation
        else [],
        "seen": Seen.of((), {}, assessment.given),
    }
    return page(request, "check.html", context)


# ---- After the decision --------------------------------------------------------------------


@embeddable
@never_cache
@require_safe
def respond(request: HttpRequest, token: str) -> HttpResponse:
    """The emergency page of an assessment with a red flag."""
    assessment = assessment_or_404(token)
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
    assessment = assessment_or_404(token)
    issued = assessment.recommendation
    if issued is None:
        return go_on(assessment)  # answers have changed since, or it was never issued
    found = assessment.version.rulebook.playbook
    sections = scope_sections_of(assessment)
    first = first_step(assessment)
    brief = draft_brief(assessment, issued, version=1)
    not_offered = brief.conflict and brief.conflict.not_offered and not brief.engagement
    context = {
        "playbook": found,
        "assessment": assessment,
        "issued": issued,
        "title": _("Your recommendation"),
        "brief": brief,
        "others": published.others(found) if not_offered and not brief.emergency else [],
        "origin": origin_of(assessment),
        "onward": ways_on(assessment),
        "handover": handover_of(assessment),
        "faqs": questionnaire.parts_for(found.faqs, first) if first else (),
        "sections": [
            (section, sum(q.key in assessment.answers for q in questions), len(questions))
            for section, questions in sections
        ],
    }
    return page(request, "recommendation.html", context)


@cache_control(private=True, no_cache=True)
@require_safe
def brief(request: HttpRequest, token: str) -> HttpResponseBase:
    """The scope brief as a PDF; a browser that has this very file already is told so."""
    assessment = assessment_or_404(token)
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
    }
