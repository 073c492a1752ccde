"""Ask a colleague: one section for somebody who knows it better, and what becomes of the answers.

What a colleague says is kept as given, under their link. Where nobody had answered, it comes into
force; where somebody had, what is in force stays until the buyer chooses (`engagements.differing`).
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from advisor.playbook import Question, Section, Stage
from advisor.rules import Answers
from advisor.rules.scope import scope_questions, with_details
from engagements.assessing import (
    first_step,
    issue_recommendation,
    keep_brief_current,
    lock,
    recommendation_for,
    refresh,
    save_answers,
)
from engagements.differing import Difference, differences_of
from engagements.links import give
from engagements.models import Answer, Assessment, ColleagueAnswer, Link, LinkKind, Recommendation
from engagements.questionnaire import live_questions


class LinkClosedError(Exception):
    """The link has been taken back, or has expired, at this very moment."""


# ---- What can be asked -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A section that somebody else could answer, and what it asks."""

    section: Section
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A link given to a colleague, and how far they are.

    `differing` are the questions on which they say something else than what is in force.
    """

    link: Link
    section: Section
    answered: int
    count: int
    differing: int


def sections_to_ask(assessment: Assessment) -> list[Asked]:
    """Return the sections with something to ask a colleague, in playbook order."""
    found = []
    for section in assessment.version.rulebook.playbook.sections:
        questions = _live_in(assessment, section, assessment.answers)
        if questions:
            found.append(Asked(section, tuple(questions)))
    return found


def questions_for(link: Link, said: Answers) -> list[Question]:
    """Return what a colleague is asked now; what they `said` decides what else is asked.

    Their own answers do, even where another is in force: somebody may choose theirs later on.
    """
    assessment = link.assessment
    section = assessment.version.rulebook.playbook.section(link.section)
    return _live_in(assessment, section, {**assessment.answers, **said})


def said_under(link: Link) -> dict[str, tuple[str, ...]]:
    """Return what a colleague answered so far, by question."""
    return {answer.question: tuple(answer.values) for answer in link.answers.all()}


def standings(assessment: Assessment) -> list[Standing]:
    """Return all links given to colleagues, the newest first, and what has come of each."""
    differing = differences_now(assessment).values()
    found = []
    for link in reversed(assessment.colleagues):
        link.assessment = assessment  # the same one, with what was read of it
        said = said_under(link)
        asked = questions_for(link, said)
        others = [side for difference in differing for side in difference.others]
        found.append(
            Standing(
                link=link,
                section=assessment.version.rulebook.playbook.section(link.section),
                answered=sum(question.key in said for question in asked),
                count=len(asked),
                differing=sum(any(v.link == link for v in side.voices) for side in others),
            )
        )
    return found


def differences_now(assessment: Assessment) -> dict[str, Difference]:
    """Return by question where answers differ, of all that is on the live path now."""
    found = differences_of(assessment)
    if not found:
        return {}
    live = {
        question.key for question in live_questions(assessment.version.rulebook, assessment.answers)
    }
    live |= {question.key for question in details_now(assessment)}
    return {key: difference for key, difference in found.items() if key in live}


def disputed_nouns(assessment: Assessment) -> list[str]:
    """Return what the answers are about that differ."""
    playbook = assessment.version.rulebook.playbook
    return [playbook.question(key).answer_noun for key in differences_now(assessment)]


def details_now(assessment: Assessment) -> list[Question]:
    """Return the scope details that are asked now; none without a recommendation."""
    return _details_asked(assessment, assessment.answers)


def may_be_asked(question: Question) -> bool:
    """Whether a colleague can be asked it: what one engagement model only asks tells the result."""
    return len(question.engagements) != 1


def _live_in(assessment: Assessment, section: Section, answers: Answers) -> list[Question]:
    """The questions of a section on the path of these answers that a colleague may be asked.

    Triage is none of them: whether something fails right now, the buyer says.
    """
    match section.stage:
        case Stage.TRIAGE:
            return []
        case Stage.DECIDE:
            asked = live_questions(assessment.version.rulebook, answers)
        case Stage.SCOPE:
            asked = [q for q in _details_asked(assessment, answers) if may_be_asked(q)]
    return [question for question in asked if question.section == section.key]


def _details_asked(assessment: Assessment, answers: Answers) -> list[Question]:
    issued = assessment.recommendation
    if issued is None:
        return []
    playbook = assessment.version.rulebook.playbook
    given = with_details(playbook, issued.value.counted, answers)
    return list(scope_questions(playbook, first_step(assessment) or "", given))


# ---- Asking ----------------------------------------------------------------------------------


@transaction.atomic
def ask(assessment: Assessment, section: str, *, name: str, note: str = "") -> Link:
    """Make a link with which somebody answers one section; the same sent twice is one link."""
    lock(assessment)
    told = {"section": section, "name": name, "note": note}
    same = assessment.links.open().filter(kind=LinkKind.COLLEAGUE, answers=None, **told).first()
    return same or give(assessment, LinkKind.COLLEAGUE, **told)


# ---- Answering -------------------------------------------------------------------------------


@transaction.atomic
def save_said(link: Link, answers: Answers) -> None:
    """Save what a colleague says to these questions; an empty answer takes theirs back.

    Raises LinkClosedError when the link opens nothing any more.
    """
    assessment = link.assessment
    lock(assessment)
    link.refresh_from_db(fields=["ended_at", "expires_at"])
    if not link.is_open:
        raise LinkClosedError
    issued = assessment.recommendation
    said = said_under(link)
    news = {key: values for key, values in answers.items() if values != said.get(key, ())}
    for question, values in news.items():
        if values:
            ColleagueAnswer.objects.update_or_create(
                link=link,
                question=question,
                defaults={"values": list(values), "answered_at": timezone.now()},
            )
        else:
            link.answers.filter(question=question).delete()
    for question, values in news.items():
        _bring_into_force(link, question, values, issued)
    if news:
        assessment.read_anew()
        refresh(assessment)
        _follow_up(assessment, issued)


def _bring_into_force(
    link: Link, question: str, values: tuple[str, ...], issued: Recommendation | None
) -> None:
    """Let an answer count where nobody has given one, or where theirs does so already.

    Once a recommendation rests on it, it stays: what they say now is another answer.
    """
    assessment = link.assessment
    answer = assessment.given.get(question)
    if answer is None:
        if values:
            Answer.objects.create(
                assessment=assessment, question=question, values=list(values), link=link
            )
    elif answer.link_id == link.pk and not (issued and question in issued.value.counted):
        # Who takes theirs back leaves room for what another colleague said.
        other = None if values else _said_first(assessment, question)
        if other:
            link, values = other.link, tuple(other.values)
        if values:
            answer.values, answer.link = list(values), link
            answer.save(update_fields=["values", "link", "answered_at"])
        else:
            answer.delete()


def _said_first(assessment: Assessment, question: str) -> ColleagueAnswer | None:
    return (
        ColleagueAnswer.objects.filter(link__assessment=assessment, question=question)
        .select_related("link")
        .order_by("answered_at", "pk")
        .first()
    )


# ---- Choosing --------------------------------------------------------------------------------


@transaction.atomic
def choose(assessment: Assessment, question: str, values: tuple[str, ...]) -> None:
    """Settle a difference: this is the buyer's own answer from now on."""
    lock(assessment)
    issued = assessment.recommendation
    save_answers(assessment, {question: values})
    _follow_up(assessment, issued)


def _follow_up(assessment: Assessment, issued: Recommendation | None) -> None:
    """Issue anew what was recommended where more is told of it by now, but nothing else is."""
    if issued is None:
        return
    now = recommendation_for(assessment)
    if now.settled and issued.value.counted.items() <= now.counted.items():
        issue_recommendation(assessment)
        keep_brief_current(assessment)
