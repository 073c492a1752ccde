"""What happens with one buyer: an assessment, its answers, recommendations, reviews and briefs."""

from engagements.models.asked import ColleagueAnswer
from engagements.models.assessed import (
    Answer,
    Assessment,
    AssessmentQuerySet,
    State,
    link_expiry,
    new_token,
)
from engagements.models.counted import Asked, Opened
from engagements.models.decided import (
    BriefVersion,
    Decision,
    Note,
    OverrideReason,
    Recommendation,
    Review,
    Tick,
)
from engagements.models.links import Letter, Link, LinkKind, LinkQuerySet, Mailing

__all__ = [
    "Answer",
    "Asked",
    "Assessment",
    "AssessmentQuerySet",
    "BriefVersion",
    "ColleagueAnswer",
    "Decision",
    "Letter",
    "Link",
    "LinkKind",
    "LinkQuerySet",
    "Mailing",
    "Note",
    "Opened",
    "OverrideReason",
    "Recommendation",
    "Review",
    "State",
    "Tick",
    "link_expiry",
    "new_token",
]
