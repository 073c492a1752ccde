"""Say a condition and a buying signal as a sentence, in titles and labels instead of keys.

The words are passed in, so that a draft's rows and a published playbook read the same.
"""

from collections.abc import Iterable

from advisor.playbook import Claim
from advisor.speech import gettext as _
from advisor.speech import gettext_noop


def listed(items: Iterable[str]) -> str:
    """Return items as people list them: A, B and C."""
    return _listed(items, _("{items} and {last}"))


def listed_choice(items: Iterable[str]) -> str:
    """Return items of which one is meant, as people list them: A, B or C."""
    return _listed(items, _("{items} or {last}"))


def _listed(items: Iterable[str], pattern: str) -> str:
    *most, last = items
    return pattern.format(items=", ".join(most), last=last) if most else last


def quoted(text: str) -> str:
    """Return a title or a label as it is quoted in a sentence."""
    return _("“{text}”").format(text=text)


def condition_sentence(question: str, options: Iterable[str]) -> str:
    """Return what has to hold: “Who runs it?” is answered “Our team” or “Nobody”."""
    labels = [quoted(label) for label in options] or ["…"]
    return _("“{question}” is answered {labels}").format(
        question=question, labels=listed_choice(labels)
    )


def signal_sentence(
    when: Iterable[str], demands: Iterable[str], rules_out: Iterable[str], because: str = ""
) -> str:
    """Return what a signal does: when these hold, the engagement must carry this, as …

    `when` has sentences of conditions, `demands` the titles of needs and `rules_out` those of
    engagement models. What a draft does not say yet shows as a gap.
    """
    told = []
    if needs := list(demands):
        told.append(_("must carry {needs}").format(needs=listed(needs)))
    if models := list(rules_out):
        told.append(
            _("cannot be {models}").format(models=listed_choice(quoted(title) for title in models))
        )
    holds = _(", and ").join(when) or "…"
    what = listed(told) if told else "…"
    if because:
        return _("When {holds}, the engagement {what}, because: {because}").format(
            holds=holds, what=what, because=because
        )
    return _("When {holds}, the engagement {what}.").format(holds=holds, what=what)


_REFUTED = {
    Claim.ONE_OUTCOME: gettext_noop("some answers have no outcome, or more than one"),
    Claim.STABILISATION_FIRST: gettext_noop("stabilisation does not always come first"),
    Claim.SMALLEST: gettext_noop("a smaller engagement model than the recommended one would do"),
    Claim.MONOTONE: gettext_noop("more needs can lead to a smaller engagement model"),
    Claim.NEEDS_CARRIED: gettext_noop(
        "nothing carries {} together with all else that can be demanded"
    ),
    Claim.ALWAYS_FITS: gettext_noop("where {} fires, it may be that nothing fits"),
    Claim.ENGAGEMENT_REACHED: gettext_noop("{} is never recommended"),
    Claim.SIGNAL_FIRES: gettext_noop("{} never fires"),
    Claim.SIGNAL_MATTERS: gettext_noop("{} changes no recommendation"),
    Claim.OPTION_MATTERS: gettext_noop("{} changes no recommendation"),
}


_OF_SEVERAL = {
    Claim.NEEDS_CARRIED: gettext_noop(
        "nothing carries all the needs that can be demanded together"
    ),
    Claim.ALWAYS_FITS: gettext_noop(
        "where several buying signals fire, it may be that nothing fits"
    ),
}


def refuted_sentence(claim: Claim, about: str = "") -> str:
    """Return what it means that a claim is refuted; `about` names the part, quoted, if any."""
    text = _REFUTED[claim] if about else _OF_SEVERAL.get(claim, _REFUTED[claim])
    told = _(text).format(about)
    return f"{told[:1].upper()}{told[1:]}."
