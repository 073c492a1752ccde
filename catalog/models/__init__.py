"""Playbooks in the database: drafts to edit, immutable published versions to run on."""

from catalog.models.draft import (
    Cadence,
    Demand,
    Draft,
    EngagementModel,
    Guide,
    GuideRow,
    Need,
    Option,
    Prerequisite,
    Question,
    QuestionCondition,
    Section,
    SectionCondition,
    ServicePath,
    Signal,
    SignalCondition,
)
from catalog.models.published import Playbook, PlaybookVersion

__all__ = [
    "Cadence",
    "Demand",
    "Draft",
    "EngagementModel",
    "Guide",
    "GuideRow",
    "Need",
    "Option",
    "Playbook",
    "PlaybookVersion",
    "Prerequisite",
    "Question",
    "QuestionCondition",
    "Section",
    "SectionCondition",
    "ServicePath",
    "Signal",
    "SignalCondition",
]
