"""The pages of what may be told after the decision: scope details, and whom the brief is for."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from advisor.playbook import Question, Section, Stage
from advisor.rules import Answers
from catalog.models import PlaybookVersion
from engagements import questionnaire, read_over
from engagements.assessing import (
    issue_recommendation,
    keep_brief_current,
    recommendation_for,
    save_answers,
    save_contact,
)
from engagements.colleagues import may_be_asked
from engagements.continuing import origin_of
from engagements.embedding import embeddable
from engagements.forms import AnswersForm, ContactForm
from engagements.links import owned
from engagements.meanwhile import ChangedMeanwhileError
from engagements.models import Assessment
from engagements.pages import page
from engagements.standing import (
    changed_since,
    go_on,
    posted,
    scope_sections_of,
    seen_by,
    seen_now,
)

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@embeddable
@never_cache
@get_or_post
def scope(request: HttpRequest, token: str, key: str) -> HttpResponse:
    """A section of what may be told besides. None of it is required or changes the decision."""
    assessment = owned(token, decided=True)
    section = _section_or_404(assessment.version, key)
    if assessment.recommendation is None:  # answers have changed in another tab
        return _without_recommendation(request, assessment, section)
    sections = scope_sections_of(assessment)
    keys = [told.key for told, _asked in sections]
    questions = [q for told, asked in sections if told == section for q in asked]
    questions += _answered_again(assessment, section, posted(request))
    deciding = section.stage is not Stage.SCOPE
    if not questions:
        if deciding:  # they are all answered, which can be changed there
            return redirect("engagements:check", token)
        raise Http404
    rulebook = assessment.version.rulebook
    form = AnswersForm(rulebook, questions, assessment.answers, posted(request), required=False)
    if form.is_valid() and _saved(request, assessment, form, keep_open=deciding):
        if not recommendation_for(assessment).settled:
            return go_on(assessment)  # another tab has changed an answer at this very moment
        issue_recommendation(assessment)  # what is in place, and what was answered, is part of it
        keep_brief_current(assessment)
        return _after_section(request, assessment, key, form.answers(), keys)
    return _section_page(request, assessment, section, form, sections)


@embeddable
@never_cache
@get_or_post
def contact(request: HttpRequest, token: str) -> HttpResponse:
    """Whom the brief is for."""
    assessment = owned(token, decided=True)
    form = ContactForm(posted(request), instance=assessment)
    if form.is_valid():
        try:
            save_contact(assessment, form.cleaned_data, seen=seen_by(request))
        except ChangedMeanwhileError as changed:
            form.tell(changed.clashes)
        else:
            return _back(request, assessment, changed_since(assessment, seen_by(request), []))
    issued = assessment.recommendation
    if issued is None and not form.is_bound:
        return go_on(assessment)
    sections = scope_sections_of(assessment) if issued else []
    context = {
        "playbook": assessment.version.rulebook.playbook,
        "assessment": assessment,
        "title": _("Who is the brief for?"),
        "form": form,
        "count": len(sections) + 1,
        "before": sections[-1][0] if sections else None,
        "seen": seen_now(request, assessment, form, vars(assessment)),
        "to_check": _to_check(request),
    }
    return page(request, "contact.html", context, failed=form.is_bound, clashed=form.clashed)


# ---- What they share -------------------------------------------------------------------------


def _section_or_404(version: PlaybookVersion, key: str) -> Section:
    try:
        return version.rulebook.playbook.section(key)
    except KeyError:
        raise Http404 from None


def _without_recommendation(
    request: HttpRequest, assessment: Assessment, section: Section
) -> HttpResponse:
    """Keep what was told of a section whether or not it is asked at present, and go on."""
    if request.method != "POST":
        return go_on(assessment)
    questions = [
        q
        for q in assessment.version.rulebook.playbook.questions
        if q.section == section.key and q.key in request.POST
    ]
    rulebook = assessment.version.rulebook
    form = AnswersForm(rulebook, questions, assessment.answers, posted(request), required=False)
    if form.is_valid() and _saved(request, assessment, form, keep_open=True):
        meanwhile = changed_since(assessment, seen_by(request), form.fields)
        return go_on(assessment, meanwhile=meanwhile)
    return _section_page(request, assessment, section, form, [])


def _saved(
    request: HttpRequest, assessment: Assessment, form: AnswersForm, *, keep_open: bool
) -> bool:
    """Save a valid form; False when others have changed the same, which the form then tells.

    With `keep_open`, an answer that is left out takes nothing back.
    """
    given = {q: answer for q, answer in form.answers().items() if answer or not keep_open}
    try:
        save_answers(assessment, given, seen=seen_by(request), only_news=True)
    except ChangedMeanwhileError as changed:
        form.tell(changed.clashes)
    return not form.clashed


def _section_page(
    request: HttpRequest,
    assessment: Assessment,
    section: Section,
    form: AnswersForm,
    sections: list[tuple[Section, list[Question]]],
) -> HttpResponse:
    keys = [told.key for told, _asked in sections]
    others = read_over.said_by_others(assessment, form.questions)
    at = keys.index(section.key) if section.key in keys else len(keys)
    context = {
        "playbook": assessment.version.rulebook.playbook,
        "assessment": assessment,
        "origin": origin_of(assessment),
        "section": section,
        "deciding": section.stage is not Stage.SCOPE,
        "others": others,
        "differs": any(row.sides for row in others),
        "askable": any(map(may_be_asked, form.questions)),
        "title": section.title,
        "form": form,
        "at": at + 1,
        "count": len(sections) + 1,
        "before": sections[at - 1][0] if at else None,
        "seen": seen_now(request, assessment, form, assessment.answers),
        "to_check": _to_check(request),
    }
    return page(request, "scope.html", context, failed=form.is_bound, clashed=form.clashed)


def _after_section(
    request: HttpRequest, assessment: Assessment, key: str, told: Answers, keys: list[str]
) -> HttpResponse:
    """Go on after a section: with what an answer has made necessary, else with the next one.

    `keys` are the sections that there were before.
    """
    meanwhile = changed_since(assessment, seen_by(request), told)
    if meanwhile or "return" in request.POST:
        return _back(request, assessment, meanwhile)
    now = scope_sections_of(assessment)
    if any(q.key not in told for section, asked in now if section.key == key for q in asked):
        return redirect("engagements:scope", assessment.token, key)
    passed = keys[: keys.index(key) + 1] if key in keys else keys
    for section, _asked in now:
        if section.key not in passed:
            return redirect("engagements:scope", assessment.token, section.key)
    return redirect("engagements:contact", assessment.token)


def _back(request: HttpRequest, assessment: Assessment, meanwhile: list[str]) -> HttpResponse:
    """Go back to where the page was opened from, or to where it is told what has changed."""
    if meanwhile:
        return go_on(assessment, meanwhile=meanwhile)
    back = "check" if _to_check(request) else "recommendation"
    return redirect(f"engagements:{back}", assessment.token)


def _to_check(request: HttpRequest) -> bool:
    """Whether the page was opened from the check of the answers, and leads back to it."""
    return "check" in {request.GET.get("return"), request.POST.get("return")}


def _answered_again(assessment: Assessment, section: Section, sent: Any) -> list[Question]:
    """The deciding questions to which a form has an answer once more, from a second tab."""
    return [
        question
        for question in questionnaire.live_questions(
            assessment.version.rulebook, assessment.answers
        )
        if question.section == section.key
        and question.key in assessment.answers
        and question.key in (sent or ())
    ]
