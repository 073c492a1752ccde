"""Counterfactuals: the smallest changes of answers that lead to another engagement model."""

from advisor.rules.recommendation import Counterfactual
from advisor.rules.rulebook import Answers, Rulebook


def counterfactuals_of(rulebook: Rulebook, answers: Answers) -> tuple[Counterfactual, ...]:
    """Return the smallest changes that lead to other engagement models than these answers do."""
    raise NotImplementedError
