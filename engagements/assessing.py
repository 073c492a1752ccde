"""Assess: save answers as they are given, and issue recommendations and briefs from them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils import timezone

from advisor.rules import Answers, Rulebook, recommend
from advisor.rules import Recommendation as RecommendationValue
from catalog.models import PlaybookVersion
from engagements.brief import Brief, Contact
from engagements.chain import (
    after,
    before,
    decided_by,
    links_after,
    links_before,
    lock_first_of,
)
from engagements.counting import count_asked
from engagements.differing import answered_by, differences_of
from engagements.meanwhile import Seen, settled
from engagements.models import (
    Assessment,
    BriefVersion,
    Link,
    Recommendation,
    State,
    link_expiry,
    new_token,
)
from engagements.wording import build_brief

MOST_REMEMBERED = 200
"""Recommendations that a process remembers, by all that the rules look at and nothing else."""


@transaction.atomic
def start(
    version: PlaybookVersion,
    answers: Mapping[str, tuple[str, ...]],
    *,
    at: datetime | None = None,
    token: str | None = None,
) -> Assessment:
    """Begin an assessment with its first answers; `at` is when it was, if not now.

    The same `token` twice, as by a double click, is the same assessment.
    """
    if token is None or Link.objects.filter(token=token).exists():  # taken out of use meanwhile
        token = new_token()
    begun = {"version": version, "created_at": at or timezone.now()}
    rows = Assessment.objects.with_version().with_decision()
    assessment, is_new = rows.get_or_create(token=token, defaults=begun)
    if is_new or assessment.version_id == version.pk:
        save_answers(assessment, answers, at=at)
    return assessment


@transaction.atomic
def save_answers(
    assessment: Assessment,
    answers: Mapping[str, tuple[str, ...]],
    *,
    at: datetime | None = None,
    seen: Seen | None = None,
    only_news: bool = False,
) -> None:
    """Save what the buyer answers, by question key; an empty answer takes it back.

    `seen` is what the page knew on which they were given: it raises ChangedMeanwhileError, and
    saves nothing, when somebody else has given another one since. With `only_news`, what is as it
    was is not confirmed: a colleague's answer stays theirs, and where two differ, they still do.
    """
    lock(assessment)
    keep_link(assessment, at=at)
    asked = not assessment.settled  # after that, nobody is asked, but may still tell
    first_given = []
    for question, values in settled(seen, answers, assessment.answers, assessment.given).items():
        if only_news and values == assessment.answers.get(question, ()):
            continue
        if asked and values and question not in assessment.given:
            first_given.append(question)
        _save_answer(assessment, question, values)
    assessment.__dict__.pop("answers", None)  # read anew from the rows that were given
    now = refresh(assessment, at=at)
    count_asked(assessment, now, answered=first_given, at=at)


def _save_answer(assessment: Assessment, question: str, values: tuple[str, ...]) -> None:
    row = assessment.given.get(question)
    if row is None:
        if values:
            created = assessment.answer_set.create(question=question, values=list(values))
            assessment.given[question] = created
    elif not values:
        assessment.given.pop(question).delete()
    elif tuple(row.values) != values or row.link_id or assessment.colleagues:
        # To confirm what a colleague doubts, or has said, is news: it is the buyer's word now.
        row.values, row.link = list(values), None
        row.save(update_fields=["values", "link", "answered_at"])


@transaction.atomic
def save_contact(
    assessment: Assessment, told: Mapping[str, str], *, seen: Seen | None = None
) -> None:
    """Save by column whom the brief is for; all of a line of whom nobody knows are for the same.

    As with answers, what somebody else has changed since it was `seen` is not overwritten.
    """
    lock(assessment)
    now = {column: getattr(assessment, column) for column in told}
    told = now | settled(seen, told, now)
    first = (before(assessment) or [assessment])[0]
    others = [one for one in (first, *after(first)) if one.pk != assessment.pk]
    nameless = [one for one in others if not any(getattr(one, column) for column in told)]
    for one in (assessment, *nameless) if any(told.values()) else (assessment,):
        for column, value in told.items():
            setattr(one, column, value)
        one.expires_at = link_expiry()
        # Nothing else: a consultant may be deciding on it at this moment.
        one.save(update_fields=[*told, "updated_at", "expires_at"])
        keep_brief_current(one)


def keep_link(assessment: Assessment, *, at: datetime | None = None) -> None:
    """Let the private link work for as long again, because the buyer has just used it.

    So do the links before it in the line, which its pages lead back to. The column of the
    assessment itself is saved by `refresh`.
    """
    assessment.expires_at = link_expiry(at)
    if earlier := [one.pk for one in before(assessment)]:
        Assessment.objects.filter(pk__in=earlier).update(expires_at=assessment.expires_at)


def recommendation_for(assessment: Assessment) -> RecommendationValue:
    """Return what the rules say on the answers as they are now.

    Once for each reading of the answers: saving one asks, and then the page that follows does.
    """
    asked = assessment.version_id, assessment.answers
    known, value = assessment.__dict__.get("_recommended", (None, None))
    if known is None or known[0] != asked[0] or known[1] is not asked[1]:
        rulebook = assessment.version.rulebook
        value = _recommend(rulebook, frozenset(_options_in(rulebook, assessment.answers)))
        assessment.__dict__["_recommended"] = (asked, value)
    return value


def _options_in(rulebook: Rulebook, answers: Answers) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What the rules look at. What somebody typed is no part of it, and not kept in a memory."""
    typed = {q.key for q in rulebook.playbook.questions if not q.kind.has_options}
    return ((key, values) for key, values in answers.items() if key not in typed)


@lru_cache(maxsize=MOST_REMEMBERED)
def _recommend(
    rulebook: Rulebook, given: frozenset[tuple[str, tuple[str, ...]]]
) -> RecommendationValue:
    """The page after an answer asks what saving it has asked; and many buyers begin alike."""
    return recommend(rulebook, dict(given))


@transaction.atomic
def issue_recommendation(assessment: Assessment, *, at: datetime | None = None) -> Recommendation:
    """Store the recommendation on the answers as they are now, and return its row.

    The same recommendation twice makes no new row. `at` is when it happened, if not now. Raises
    ValueError while it is not settled.
    """
    # Two tabs at once: the second waits here and finds the first one's row.
    lock(assessment)
    value = recommendation_for(assessment)
    if value.outcome is None:
        raise ValueError(f"{assessment} is not settled: {', '.join(value.remaining)} are open.")
    latest = assessment.recommendations.first()
    if latest and latest.value.advises_as(value):
        if assessment.recommendation_id != latest.pk:  # was issued before columns told so
            refresh(assessment, at=at)
        return latest
    issued = Recommendation.objects.create(
        assessment=assessment,
        number=latest.number + 1 if latest else 1,
        document=value.model_dump(mode="json"),
        kind=value.outcome.kind,
        engagement=value.first or "",
        score=next((s.score for s in value.scores if s.engagement == value.first), None),
        created_at=at or timezone.now(),
    )
    refresh(assessment, at=at)
    return issued


def refresh(assessment: Assessment, *, at: datetime | None = None) -> RecommendationValue:
    """Write what the answers, recommendations and reviews of an assessment come to.

    Returns what the rules say on the answers.

    When that is news, the reviewed briefs of those before and after it tell it, too.
    """
    told = assessment.recommendation_id, assessment.review_id
    now = recommendation_for(assessment)
    latest = assessment.recommendations.first()
    review = assessment.reviews.select_related("reviewer").first() if latest else None
    assessment.settled = now.settled
    assessment.recommendation = latest if latest and latest.value.advises_as(now) else None
    assessment.review = None
    if assessment.recommendation is None:
        assessment.state = State.CHANGED if review and review.in_force else State.ANSWERING
    elif review and review.in_force and review.recommendation_id == latest.pk:
        assessment.state = State(review.decision)
        assessment.review = review
    else:
        assessment.state = State.WAITING
    columns = ("updated_at", "expires_at", "state", "settled", "recommendation", "review")
    assessment.save(update_fields=columns)
    if (assessment.recommendation_id, assessment.review_id) == told:
        return now
    # When only a detail is news, the decision stands, and is issued anew before anybody reads it.
    if assessment.recommendation or latest is None or latest.value.answers != now.answers:
        for other in (*before(assessment), *after(assessment)):
            keep_brief_current(other, at=at)
    return now


def first_step(assessment: Assessment) -> str | None:
    """Return the key of the engagement model to start with, by review or else by the rules."""
    if assessment.review:
        return assessment.review.engagement or None
    if assessment.recommendation:
        return assessment.recommendation.engagement or None
    return None


def draft_brief(
    assessment: Assessment,
    recommendation: Recommendation,
    version: int,
    *,
    as_reviewed: bool = True,
) -> Brief:
    """Return what the brief on a stored recommendation, and on its review, says today.

    Without the review, it tells nothing of the assessments before and after this one either.
    """
    return build_brief(
        **sources_of_brief(assessment, recommendation, version, as_reviewed=as_reviewed)
    )


def sources_of_brief(
    assessment: Assessment,
    recommendation: Recommendation,
    version: int,
    *,
    as_reviewed: bool = True,
) -> dict[str, Any]:
    """Return what `build_brief` makes a brief of: from the same it makes the same."""
    review = assessment.review if as_reviewed else None
    return {
        "playbook": assessment.version.rulebook.playbook,
        "recommendation": recommendation.value,
        "answers": assessment.answers,
        "contact": Contact(
            name=assessment.contact_name,
            firm=assessment.contact_firm,
            email=assessment.contact_email,
        ),
        "reference": assessment.reference,
        "version": version,
        "issued_on": timezone.localdate(),
        "playbook_number": assessment.version.number,
        "decided": decided_by(review, assessment.version) if review else None,
        "earlier": links_before(assessment) if as_reviewed else (),
        "following": links_after(assessment) if as_reviewed else (),
        "answered_by": answered_by(assessment),
        "differing": differences_of(assessment).keys(),
    }


@transaction.atomic
def issue_brief(assessment: Assessment, *, at: datetime | None = None) -> Brief | None:
    """Return the newest brief; a new version of it when anything it says has changed.

    It is on the recommendation that the answers lead to, and on its review. None when there is
    no such recommendation, because nothing was issued or answers have changed meanwhile.
    """
    lock(assessment)
    recommendation = assessment.recommendation
    if recommendation is None:
        return None
    latest = assessment.briefs.first()
    if latest and latest.review_id == assessment.review_id:  # each review has a brief of its own
        stored = Brief.model_validate(latest.content)
        as_stored = draft_brief(assessment, recommendation, latest.number)
        if as_stored.model_copy(update={"issued_on": stored.issued_on}) == stored:
            return stored
    number = latest.number + 1 if latest else 1
    brief = draft_brief(assessment, recommendation, number)
    if at:
        brief = brief.model_copy(update={"issued_on": timezone.localdate(at)})
    BriefVersion.objects.create(
        assessment=assessment,
        recommendation=recommendation,
        review=assessment.review,
        number=number,
        content=brief.model_dump(mode="json"),
        created_at=at or timezone.now(),
    )
    return brief


def keep_brief_current(assessment: Assessment, *, at: datetime | None = None) -> None:
    """After a review, issue the brief anew when what the buyer has added changes it.

    The sales desk hands out stored briefs only.
    """
    if assessment.review:
        issue_brief(assessment, at=at)


def lock(assessment: Assessment) -> None:
    """Wait for whoever is changing this assessment at the moment, until the transaction ends.

    What somebody may have written meanwhile is read anew.
    """
    lock_first_of(assessment)
    contact = ("contact_name", "contact_firm", "contact_email")
    asked = ("settled", "asks_colleagues")
    columns = ("recommendation_id", "review_id", "expires_at", *asked, *contact)
    now = Assessment.objects.select_for_update().only(*columns).get(pk=assessment.pk)
    for column in columns:
        setattr(assessment, column, getattr(now, column))
    assessment.read_anew()
