"""The pages of an assessment, each without JavaScript; htmx gets the same page's main part."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from advisor.playbook import Question, Section, Stage
from advisor.rules import Answers
from catalog.models import PlaybookVersion
from engagements import published, questionnaire, read_over
from engagements.assessing import (
    first_step,
    issue_brief,
    issue_recommendation,
    keep_brief_current,
    recommendation_for,
    save_answers,
    save_contact,
)
from engagements.assessing import start as start_assessment
from engagements.colleagues import may_be_asked
from engagements.continuing import origin_of
from engagements.counting import count_opening, is_opening
from engagements.forms import AnswersForm, ContactForm
from engagements.handover import handover_of
from engagements.links import owned
from engagements.models import Assessment, State
from engagements.pages import download, live_version_or_404, page
from engagements.pdf import PdfError, pdf_of
from engagements.result_views import result_context
from engagements.so_far import so_far as come_so_far

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


# ---- Questions -----------------------------------------------------------------------------


@never_cache
@get_or_post
def start(request: HttpRequest, key: str) -> HttpResponse:
    """The first question; answering it begins an assessment."""
    version = live_version_or_404(key)
    first = questionnaire.first_question(version.rulebook)
    form = AnswersForm([first], {}, _posted(request), required=True)
    if not form.is_valid():
        if is_opening(request):
            count_opening(version)
        context = _question_context(version, first, form)
        return page(request, "question.html", context, failed=form.is_bound)
    return _go_on(start_assessment(version, form.answers()))


@never_cache
@require_safe
def resume(request: HttpRequest, token: str) -> HttpResponse:
    """The private link: wherever the assessment stands."""
    return _go_on(_assessment(token))


@never_cache
@get_or_post
def question(request: HttpRequest, token: str, key: str) -> HttpResponse:
    """One question that decides; its answer is saved, then the next one is asked."""
    assessment = _assessment(token)
    version = assessment.version
    asked = _question_or_404(version, key, (Stage.TRIAGE, Stage.DECIDE))
    form = AnswersForm([asked], assessment.answers, _posted(request), required=True)
    if form.is_valid():
        save_answers(assessment, form.answers())
        keep_brief_current(assessment)  # it tells of answers that differ, which this one settles
        return _go_on(assessment, to_check=True)
    live = questionnaire.live_questions(version.rulebook, assessment.answers)
    if asked not in live:
        return _go_on(assessment)  # answers in another tab have made it moot
    now = recommendation_for(assessment)
    context = {
        **_question_context(version, asked, form),
        "assessment": assessment,
        "origin": origin_of(assessment),
        "before": questionnaire.question_before(version.rulebook, assessment.answers, key),
        "possible": questionnaire.still_possible(version.rulebook.playbook, now),
        "settled": now.settled,
        "others": read_over.said_by_others(assessment, [asked]),
    }
    return page(request, "question.html", context, failed=form.is_bound)


@never_cache
@require_safe
def so_far(request: HttpRequest, token: str) -> HttpResponse:
    """What the answers come to before they settle anything, for who stops here. Stores nothing."""
    assessment = _assessment(token)
    rulebook = assessment.version.rulebook
    now = recommendation_for(assessment)
    told = come_so_far(rulebook, now)
    if told is None:
        return _go_on(assessment)
    context = {
        "playbook": rulebook.playbook,
        "assessment": assessment,
        "title": _("The result so far"),
        "origin": origin_of(assessment),
        "so_far": told,
        "answered": len(now.answers),
    }
    return page(request, "so-far.html", context)


@never_cache
@get_or_post
def check(request: HttpRequest, token: str) -> HttpResponse:
    """The answers that count, to read over and change; then the recommendation is issued."""
    assessment = _assessment(token)
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
        issue_recommendation(assessment)
        return redirect("engagements:recommendation", token)
    origin = origin_of(assessment)
    context = {
        "playbook": rulebook.playbook,
        "assessment": assessment,
        "title": _("Check your answers"),
        "rows": rows,
        "details": read_over.differing_details(assessment),
        "differs": bool(problems),
        "problems": [("", refused)] if refused else problems,
        "not_offered": [n.title for n in questionnaire.not_offered(rulebook.playbook, now)],
        "no_fit": now.conflict is not None,
        "unasked": len(now.remaining),
        "unasked_later": not questionnaire.is_emergency(rulebook.playbook, now, now.first),
        "origin": origin,
        "brought": origin.brought_along if origin else (),
        "before": questionnaire.question_before(rulebook, assessment.answers),
    }
    return page(request, "check.html", context, failed=request.method == "POST")


# ---- After the decision --------------------------------------------------------------------


@never_cache
@require_safe
def respond(request: HttpRequest, token: str) -> HttpResponse:
    """The emergency page of an assessment with a red flag."""
    assessment = _assessment(token)
    found = assessment.version.rulebook.playbook
    issued = assessment.recommendation
    first = first_step(assessment)
    if issued is None or not questionnaire.is_emergency(found, issued.value, first):
        return _go_on(assessment)
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


@never_cache
@require_safe
def recommendation(request: HttpRequest, token: str) -> HttpResponse:
    """The recommendation as it was issued, with everything that led to it."""
    assessment = _assessment(token)
    issued = assessment.recommendation
    if issued is None:
        return _go_on(assessment)  # answers have changed since, or it was never issued
    sections = _scope_sections(assessment)
    context = {
        **result_context(assessment, issued),
        "assessment": assessment,
        "origin": origin_of(assessment),
        "handover": handover_of(assessment),
        "sections": [
            (section, sum(q.key in assessment.answers for q in questions), len(questions))
            for section, questions in sections
        ],
    }
    return page(request, "recommendation.html", context)


@never_cache
@get_or_post
def scope(request: HttpRequest, token: str, key: str) -> HttpResponse:
    """A section of what may be told besides. None of it is required or changes the decision."""
    assessment = _assessment(token)
    section = _section_or_404(assessment.version, key)
    if assessment.recommendation is None:  # answers have changed in another tab
        _keep_details(assessment, key, _posted(request))  # what was typed here is kept
        return _go_on(assessment)
    sections = _scope_sections(assessment)
    keys = [told.key for told, _asked in sections]
    questions = [q for told, asked in sections if told == section for q in asked]
    questions += _answered_again(assessment, section, _posted(request))
    deciding = section.stage is not Stage.SCOPE
    if not questions:
        if deciding:  # they are all answered, which can be changed there
            return redirect("engagements:check", token)
        raise Http404
    form = AnswersForm(questions, assessment.answers, _posted(request), required=False)
    if form.is_valid():
        given = {q: answer for q, answer in form.answers().items() if answer or not deciding}
        save_answers(assessment, _news(assessment, given))
        if not recommendation_for(assessment).settled:
            return _go_on(assessment)  # another tab has changed an answer at this very moment
        issue_recommendation(assessment)  # what is in place, and what was answered, is part of it
        keep_brief_current(assessment)
        if "return" in request.POST:
            return redirect("engagements:recommendation", token)
        return _after_section(assessment, key, form.answers(), keys)
    others = read_over.said_by_others(assessment, questions)
    at = keys.index(key) if key in keys else len(keys)
    context = {
        "playbook": assessment.version.rulebook.playbook,
        "assessment": assessment,
        "origin": origin_of(assessment),
        "section": section,
        "deciding": deciding,
        "others": others,
        "differs": any(row.sides for row in others),
        "askable": any(map(may_be_asked, questions)),
        "title": section.title,
        "form": form,
        "at": at + 1,
        "count": len(sections) + 1,
        "before": sections[at - 1][0] if at else None,
    }
    return page(request, "scope.html", context, failed=form.is_bound)


@never_cache
@get_or_post
def contact(request: HttpRequest, token: str) -> HttpResponse:
    """Whom the brief is for."""
    assessment = _assessment(token)
    form = ContactForm(_posted(request), instance=assessment)
    if form.is_valid():
        save_contact(assessment, form.cleaned_data)
        return redirect("engagements:recommendation", token)
    issued = assessment.recommendation
    if issued is None:
        return _go_on(assessment)
    found = assessment.version.rulebook.playbook
    sections = _scope_sections(assessment)
    context = {
        "playbook": found,
        "assessment": assessment,
        "title": _("Who is the brief for?"),
        "form": form,
        "count": len(sections) + 1,
        "before": sections[-1][0] if sections else None,
    }
    return page(request, "contact.html", context, failed=form.is_bound)


@cache_control(private=True, no_cache=True)
@require_safe
def brief(request: HttpRequest, token: str) -> HttpResponseBase:
    """The scope brief as a PDF; a browser that has this very file already is told so."""
    assessment = _assessment(token)
    content = issue_brief(assessment)
    if content is None:
        return _go_on(assessment)
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


def _assessment(token: str) -> Assessment:
    return owned(token)


def _question_or_404(version: PlaybookVersion, key: str, stages: tuple[Stage, ...]) -> Question:
    found = version.rulebook.playbook
    try:
        asked = found.question(key)
    except KeyError:
        raise Http404 from None
    if found.stage_of(asked) not in stages:
        raise Http404
    return asked


def _section_or_404(version: PlaybookVersion, key: str) -> Section:
    try:
        return version.rulebook.playbook.section(key)
    except KeyError:
        raise Http404 from None


def _scope_sections(assessment: Assessment) -> list[tuple[Section, list[Question]]]:
    return list(
        questionnaire.scope_sections(
            assessment.version.rulebook.playbook,
            assessment.recommendation.value,
            first_step(assessment),
            assessment.answers,
        )
    )


def _after_section(
    assessment: Assessment, key: str, told: Answers, keys: list[str]
) -> HttpResponse:
    """Go on after a section: with what an answer has made necessary, else with the next one.

    `keys` are the sections that there were before.
    """
    now = _scope_sections(assessment)
    if any(q.key not in told for section, asked in now if section.key == key for q in asked):
        return redirect("engagements:scope", assessment.token, key)
    passed = keys[: keys.index(key) + 1] if key in keys else keys
    for section, _asked in now:
        if section.key not in passed:
            return redirect("engagements:scope", assessment.token, section.key)
    return redirect("engagements:contact", assessment.token)


def _answered_again(assessment: Assessment, section: Section, posted: Any) -> list[Question]:
    """The deciding questions to which a form has an answer once more, from a second tab."""
    return [
        question
        for question in questionnaire.live_questions(
            assessment.version.rulebook, assessment.answers
        )
        if question.section == section.key
        and question.key in assessment.answers
        and question.key in (posted or ())
    ]


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _go_on(assessment: Assessment, *, to_check: bool = False) -> HttpResponse:
    """Redirect to where an assessment stands: question, check, recommendation or emergency."""
    found = assessment.version.rulebook.playbook
    now = recommendation_for(assessment)
    following = questionnaire.next_question(found, now)
    if following is not None:
        return redirect("engagements:question", assessment.token, following.key)
    first = first_step(assessment) if assessment.review else now.first
    if questionnaire.is_emergency(found, now, first):
        issue_recommendation(assessment)
        return redirect("engagements:respond", assessment.token)
    if to_check or assessment.recommendation is None:
        return redirect("engagements:check", assessment.token)
    return redirect("engagements:recommendation", assessment.token)


def _keep_details(assessment: Assessment, section: str, posted: Any) -> None:
    """Save what was told of a section whether or not it is asked at present."""
    questions = [q for q in assessment.version.rulebook.playbook.questions if q.section == section]
    form = AnswersForm(questions, assessment.answers, posted, required=False)
    if form.is_valid():
        given = {key: values for key, values in form.answers().items() if values}
        save_answers(assessment, _news(assessment, given))


def _news(assessment: Assessment, given: Answers) -> dict[str, tuple[str, ...]]:
    """What is answered in other words than before: pressing a button says nothing about the rest.

    A colleague's answer stays theirs, and where two differ, they still do.
    """
    return {q: values for q, values in given.items() if values != assessment.answers.get(q, ())}


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
