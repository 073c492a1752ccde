"""Assessments in the admin: the consultants' queue, the review of one, and all that is kept."""

from engagements.admin import history, queue, review

__all__ = ["history", "queue", "review"]
