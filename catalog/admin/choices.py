"""What may be picked on a page: the parts of its own draft and nothing else, read once."""

from functools import cached_property
from itertools import groupby
from typing import Any

from django import forms
from django.db import models

from catalog.models import Draft, Option, Question

Choice = tuple[Any, str]


class Choices:
    """The parts of one draft as choices of form fields."""

    def __init__(self, draft: Draft | None) -> None:
        self.draft = draft
        self._parts: dict[type[models.Model], list[Any]] = {}

    def limit(self, field: forms.ModelChoiceField) -> None:
        """Offer and accept the parts of the draft only."""
        model = field.queryset.model
        field.queryset = model.objects.filter(draft=self.draft)
        offered = self.questions if model is Question else self._of(model)
        blank = [] if field.empty_label is None else [("", field.empty_label)]
        field.choices = [*blank, *offered]

    def limit_options(self, field: forms.ModelMultipleChoiceField, question: int | None) -> None:
        """Offer the options of one question; whose option it is, is for the form to say."""
        field.queryset = Option.objects.filter(question__draft=self.draft)
        field.choices = self.options.get(question, []) if question else []

    @cached_property
    def questions(self) -> list[tuple[str, list[Choice]]]:
        """Questions with options, by section."""
        questions = (
            Question.objects.filter(draft=self.draft)
            .select_related("section")
            .order_by("section__position", "section", "position", "pk")
        )
        return [
            (
                f"{section} ({section.get_stage_display()})",
                [(asked.pk, str(asked)) for asked in asked_there],
            )
            for section, asked_there in groupby(questions, key=lambda asked: asked.section)
        ]

    @cached_property
    def options(self) -> dict[int, list[Choice]]:
        """The options of each question."""
        options: dict[int, list[Choice]] = {}
        for option in Option.objects.filter(question__draft=self.draft):
            options.setdefault(option.question_id, []).append((option.pk, option.label))
        return options

    def _of(self, model: type[models.Model]) -> list[Choice]:
        if model not in self._parts:
            rows = model.objects.filter(draft=self.draft)
            self._parts[model] = [(row.pk, str(row)) for row in rows]
        return self._parts[model]
