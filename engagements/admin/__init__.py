"""Assessments in the admin: the queue, the review of one, all that is kept, and the numbers."""

from engagements.admin import history, numbers, queue, review

__all__ = ["history", "numbers", "queue", "review"]
