"""Say a condition and a buying signal as a sentence, in titles and labels instead of keys.

The words are passed in, so that a draft's rows and a published playbook read the same.
"""

from collections.abc import Iterable


def listed(items: Iterable[str], last: str = "and") -> str:
    """Return items as people list them: A, B and C."""
    *most, end = items
    return f"{', '.join(most)} {last} {end}" if most else end


def condition_sentence(question: str, options: Iterable[str]) -> str:
    """Return what has to hold: “Who runs it?” is answered “Our team” or “Nobody”."""
    labels = [f"“{label}”" for label in options] or ["…"]
    return f"“{question}” is answered {listed(labels, 'or')}"


def signal_sentence(
    when: Iterable[str], demands: Iterable[str], rules_out: Iterable[str], because: str = ""
) -> str:
    """Return what a signal does: when these hold, the engagement must carry this, as …

    `when` has sentences of conditions, `demands` the titles of needs and `rules_out` those of
    engagement models. What a draft does not say yet shows as a gap.
    """
    told = []
    if needs := list(demands):
        told.append(f"must carry {listed(needs)}")
    if models := list(rules_out):
        told.append(f"cannot be {listed([f'“{title}”' for title in models], 'or')}")
    holds = ", and ".join(when) or "…"
    sentence = f"When {holds}, the engagement {' and '.join(told) or '…'}"
    return f"{sentence}, because: {because}" if because else f"{sentence}."
