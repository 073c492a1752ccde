"""What happens with one buyer: an assessment, its answers, recommendations, reviews and briefs."""

from engagements.models.asked import ColleagueAnswer
from engagements.models.assessed import Answer, Assessment, AssessmentQuerySet, State, new_token
from engagements.models.decided import (
    BriefVersion,
    Decision,
    Note,
    OverrideReason,
    Recommendation,
    Review,
    Tick,
)
from engagements.models.links import Link, LinkKind, LinkQuerySet

__all__ = [
    "Answer",
    "Assessment",
    "AssessmentQuerySet",
    "BriefVersion",
    "ColleagueAnswer",
    "Decision",
    "Link",
    "LinkKind",
    "LinkQuerySet",
    "Note",
    "OverrideReason",
    "Recommendation",
    "Review",
    "State",
    "Tick",
    "new_token",
]
