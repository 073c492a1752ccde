"""Route the questionnaire: which question comes next, and which one was before. Pure."""

from collections.abc import Iterable, Iterator

from advisor.offers import Chapter, Checklist, Faq
from advisor.playbook import Need, Phase, Playbook, Question, Section
from advisor.rules import Answers, Recommendation, Rulebook
from advisor.rules.recommendation import GivenAnswer
from advisor.rules.scope import scope_questions, with_details


def first_question(rulebook: Rulebook) -> Question:
    """Return the question that everybody is asked first."""
    return rulebook.playbook.question(rulebook.questions[0].key)


def next_question(playbook: Playbook, recommendation: Recommendation) -> Question | None:
    """Return the question to ask next; None once no answer can change the outcome.

    The first one is asked in any case: who has said nothing yet is told nothing.
    """
    if recommendation.settled and recommendation.answers:
        return None
    return playbook.question(recommendation.remaining[0])


def live_questions(rulebook: Rulebook, answers: Answers) -> list[Question]:
    """Return the deciding questions on the live path, in the order of asking."""
    return [rulebook.playbook.question(q.key) for q in rulebook.live_questions(answers)]


def question_before(rulebook: Rulebook, answers: Answers, key: str) -> Question | None:
    """Return the live question before this one; None at the start."""
    before = None
    for question in live_questions(rulebook, answers):
        if question.key == key:
            break
        before = question
    return before


def is_emergency(playbook: Playbook, recommendation: Recommendation, first: str | None) -> bool:
    """Whether something fails right now, so that all else can wait.

    `first` is the engagement model to start with: one that responds to a failure. Where nothing
    on offer does, there is none, and whoever needs it is still told whom to call.
    """
    if first:
        return playbook.engagement(first).phase is Phase.RESPOND
    return any(playbook.need(need.need).phase is Phase.RESPOND for need in recommendation.needs)


def red_flags(playbook: Playbook, recommendation: Recommendation) -> list[GivenAnswer]:
    """Return the answers that tell of a failure, whichever questions they are to."""
    responses = {need.key for need in playbook.needs if need.phase is Phase.RESPOND}
    return [
        answer
        for fired in recommendation.signals
        if any(demand.need in responses for demand in fired.demands)
        for answer in fired.answers
    ]


def not_offered(playbook: Playbook, recommendation: Recommendation) -> list[Need]:
    """Return the needs in conflict that nothing on offer carries at all."""
    conflict = recommendation.conflict
    needs = [playbook.need(key) for key in conflict.needs] if conflict else []
    return [need for need in needs if not need.offered]


def possible_engagements(playbook: Playbook, recommendation: Recommendation) -> list[str]:
    """Return the titles of the engagement models that may still be recommended."""
    keys = {key for outcome in recommendation.possible for key in outcome.engagements}
    return [model.title for model in playbook.engagements if model.key in keys]


def scope_sections(
    playbook: Playbook, recommendation: Recommendation, first: str | None, answers: Answers
) -> Iterator[tuple[Section, list[Question]]]:
    """Yield the sections of scope details to ask after a recommendation, with their questions.

    `first` is the engagement model to start with, if any; `answers` are all answers given,
    deciding ones count as far as they did for the recommendation.
    """
    counted = with_details(playbook, recommendation.counted, answers)
    # Where nothing fits, what is asked before every engagement model still helps a consultant.
    questions = list(scope_questions(playbook, first or "", counted))
    for section in playbook.sections:
        asked = [question for question in questions if question.section == section.key]
        if asked:
            yield section, asked


def parts_for[P: (Chapter, Checklist, Faq)](parts: Iterable[P], engagement: str) -> tuple[P, ...]:
    """Return the parts of a playbook that are for this engagement model, or for all."""
    return tuple(p for p in parts if not p.engagements or engagement in p.engagements)
