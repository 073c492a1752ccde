"""Scope details: what is asked once there is a recommendation, and what is in place."""

from collections.abc import Iterator

from advisor.playbook import Playbook, Prerequisite, Question, ServicePath, Stage
from advisor.rules.recommendation import Readiness, ReadinessStatus
from advisor.rules.rulebook import Answers


def with_details(playbook: Playbook, live: Answers, answers: Answers) -> Answers:
    """Return the deciding answers on the live path together with every scope detail given."""
    scope = {question.key for question in _scope_questions(playbook)}
    details = {key: answer for key, answer in answers.items() if key in scope}
    return {**details, **live}


def scope_questions(playbook: Playbook, engagement: str, answers: Answers) -> Iterator[Question]:
    """Yield the scope questions to ask before this engagement model, in playbook order.

    `answers` as `with_details` returns them.
    """
    questions = _scope_questions(playbook)
    scope = {question.key for question in questions}
    live = {key: answer for key, answer in answers.items() if key not in scope}
    for question in questions:
        if question.engagements and engagement not in question.engagements:
            continue
        conditions = playbook.conditions_of(question)
        if all(set(live.get(c.question, ())) & set(c.any_of) for c in conditions):
            yield question
            live[question.key] = answers.get(question.key, ())


def readiness_of(playbook: Playbook, engagement: str, answers: Answers) -> Iterator[Readiness]:
    """Yield the state of each prerequisite of an engagement model, in playbook order.

    `answers` as for `scope_questions`; details that are not asked do not count.
    """
    scope = {question.key for question in _scope_questions(playbook)}
    asked = {question.key for question in scope_questions(playbook, engagement, answers)}
    for prerequisite in playbook.engagement(engagement).prerequisites:
        key = prerequisite.question
        counts = key in asked or key not in scope
        yield Readiness(
            engagement=engagement,
            prerequisite=prerequisite.key,
            status=_status(prerequisite, answers.get(key, ()) if counts else ()),
        )


def service_paths_of(
    playbook: Playbook, engagement: str, answers: Answers
) -> Iterator[ServicePath]:
    """Yield the services with which this engagement model usually starts, for these answers."""
    for path in playbook.service_paths:
        if path.engagement == engagement and set(answers.get(path.when.question, ())) & set(
            path.when.any_of
        ):
            yield path


def _scope_questions(playbook: Playbook) -> list[Question]:
    sections = {section.key for section in playbook.sections if section.stage is Stage.SCOPE}
    return [question for question in playbook.questions if question.section in sections]


def _status(prerequisite: Prerequisite, answer: tuple[str, ...]) -> ReadinessStatus:
    if any(option in prerequisite.met for option in answer):
        return ReadinessStatus.MET
    if not answer or any(option in prerequisite.unknown for option in answer):
        return ReadinessStatus.UNKNOWN
    return ReadinessStatus.MISSING
