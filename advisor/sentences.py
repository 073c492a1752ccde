"""Say a condition and a buying signal as a sentence, in titles and labels instead of keys.

The words are passed in, so that a draft's rows and a published playbook read the same.
"""

from collections.abc import Iterable

from advisor.playbook import Claim


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


_REFUTED = {
    Claim.ONE_OUTCOME: "some answers have no outcome, or more than one",
    Claim.STABILISATION_FIRST: "stabilisation does not always come first",
    Claim.SMALLEST: "a smaller engagement model than the recommended one would do",
    Claim.MONOTONE: "more needs can lead to a smaller engagement model",
    Claim.NEEDS_CARRIED: "nothing carries {} together with all else that can be demanded",
    Claim.ALWAYS_FITS: "where {} fires, it may be that nothing fits",
    Claim.ENGAGEMENT_REACHED: "{} is never recommended",
    Claim.SIGNAL_FIRES: "{} never fires",
    Claim.SIGNAL_MATTERS: "{} changes no recommendation",
    Claim.OPTION_MATTERS: "{} changes no recommendation",
}


_OF_SEVERAL = {
    Claim.NEEDS_CARRIED: "nothing carries all the needs that can be demanded together",
    Claim.ALWAYS_FITS: "where several buying signals fire, it may be that nothing fits",
}


def refuted_sentence(claim: Claim, about: str = "") -> str:
    """Return what it means that a claim is refuted; `about` names the part, quoted, if any."""
    told = _REFUTED[claim].format(about) if about else _OF_SEVERAL.get(claim, _REFUTED[claim])
    return f"{told[:1].upper()}{told[1:]}."
