"""Assess: save answers as they are given, and issue recommendations and briefs from them."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from advisor.rules import Recommendation as RecommendationValue
from advisor.rules import recommend
from catalog.models import PlaybookVersion
from engagements.brief import Brief, Contact
from engagements.models import Answer, Assessment, BriefVersion, Recommendation
from engagements.wording import build_brief


@transaction.atomic
def start(version: PlaybookVersion, answers: Mapping[str, tuple[str, ...]]) -> Assessment:
    """Begin an assessment with its first answers."""
    assessment = Assessment.objects.create(version=version)
    save_answers(assessment, answers)
    return assessment


@transaction.atomic
def save_answers(assessment: Assessment, answers: Mapping[str, tuple[str, ...]]) -> None:
    """Save answers by question key; an empty one takes the answer back."""
    for question, values in answers.items():
        if values:
            Answer.objects.update_or_create(
                assessment=assessment, question=question, defaults={"values": list(values)}
            )
        else:
            Answer.objects.filter(assessment=assessment, question=question).delete()
    assessment.save(update_fields=["updated_at"])
    assessment.__dict__.pop("answers", None)


def recommendation_for(assessment: Assessment) -> RecommendationValue:
    """Return what the rules say on the answers as they are now."""
    return recommend(assessment.version.rulebook, assessment.answers)


@transaction.atomic
def issue_recommendation(assessment: Assessment) -> Recommendation:
    """Store the recommendation on the answers as they are now, and return its row.

    The same recommendation twice makes no new row. Raises ValueError while it is not settled.
    """
    value = recommendation_for(assessment)
    if value.outcome is None:
        raise ValueError(f"{assessment} is not settled: {', '.join(value.remaining)} are open.")
    # Two tabs at once: the second waits here and finds the first one's row.
    Assessment.objects.select_for_update().only("pk").get(pk=assessment.pk)
    latest = assessment.recommendations.first()
    if latest and latest.value == value:
        return latest
    assessment.__dict__.pop("latest_recommendation", None)
    return Recommendation.objects.create(
        assessment=assessment,
        number=latest.number + 1 if latest else 1,
        document=value.model_dump(mode="json"),
        kind=value.outcome.kind,
        engagement=value.outcome.first or "",
    )


def current_recommendation(assessment: Assessment) -> Recommendation | None:
    """Return the newest issued recommendation; None when answers have changed since."""
    latest = assessment.latest_recommendation
    return latest if latest and latest.value == recommendation_for(assessment) else None


def draft_brief(assessment: Assessment, recommendation: Recommendation, version: int) -> Brief:
    """Return what the brief on a stored recommendation says today."""
    return build_brief(
        assessment.version.rulebook.playbook,
        recommendation.value,
        assessment.answers,
        contact=Contact(
            name=assessment.contact_name,
            firm=assessment.contact_firm,
            email=assessment.contact_email,
        ),
        reference=assessment.reference,
        version=version,
        issued_on=timezone.localdate(),
        playbook_number=assessment.version.number,
    )


@transaction.atomic
def issue_brief(assessment: Assessment, recommendation: Recommendation) -> Brief:
    """Return the newest brief; a new version of it when anything it says has changed."""
    Assessment.objects.select_for_update().only("pk").get(pk=assessment.pk)
    latest = assessment.briefs.first()
    if latest:
        stored = Brief.model_validate(latest.content)
        as_stored = draft_brief(assessment, recommendation, latest.number)
        if as_stored.model_copy(update={"issued_on": stored.issued_on}) == stored:
            return stored
    number = latest.number + 1 if latest else 1
    brief = draft_brief(assessment, recommendation, number)
    BriefVersion.objects.create(
        assessment=assessment,
        recommendation=recommendation,
        number=number,
        content=brief.model_dump(mode="json"),
    )
    return brief
