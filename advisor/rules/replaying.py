"""Replay what refutes a claim: as it runs in the product it has to show the same.

What is proved is proved of the circuit. So nobody has to take its word for what is refuted.
"""

from advisor.playbook import Claim
from advisor.rules.deciding import decide
from advisor.rules.evaluating import demands_of, fired_signals
from advisor.rules.finding import Finding
from advisor.rules.outcomes import Ending, ending_of, ending_on
from advisor.rules.rulebook import Answers, CompiledSignal, Rulebook


def is_shown(rulebook: Rulebook, finding: Finding) -> bool:
    """Return whether the witness shows what it is there for; so does one that needs none."""
    if finding.witness is None:
        return True
    ending = ending_of(rulebook, finding.witness)
    beside = ending_of(rulebook, finding.beside) if finding.beside else ending
    fired = _fired(rulebook, finding.witness)
    others = tuple(signal for signal in fired if signal.key != finding.about)
    match finding.claim:
        case Claim.MONOTONE:
            keys = (*ending.engagements, *beside.engagements)
            sizes = [rulebook.playbook.engagement(key).size for key in keys]
            shown = keys == finding.parts and sizes != sorted(sizes)
        case Claim.NEEDS_CARRIED:
            shown = bool(finding.parts)
        case Claim.ALWAYS_FITS:
            fits_without = not finding.about or _ending_on(rulebook, others).fits
            shown = not ending.fits and fits_without
        case Claim.SIGNAL_FIRES:
            shown = others == fired
        case Claim.SIGNAL_MATTERS:
            same = _told_apart(ending) == _told_apart(_ending_on(rulebook, others))
            shown = others != fired and same
        case Claim.OPTION_MATTERS:
            shown = _told_apart(ending) == _told_apart(beside)
        case _:
            shown = ending.engagements == finding.parts and finding.about not in finding.parts
    return shown


def _fired(rulebook: Rulebook, answers: Answers) -> tuple[CompiledSignal, ...]:
    return fired_signals(rulebook, rulebook.bits_of(answers))


def _ending_on(rulebook: Rulebook, fired: tuple[CompiledSignal, ...]) -> Ending:
    needs, out = demands_of(fired)
    return ending_on(decide(rulebook, needs, out), needs)


def _told_apart(ending: Ending) -> tuple[tuple[str, ...], bool, bool]:
    """An ending without what makes no difference: whether a conflict is over demands."""
    return ending.engagements, ending.fits, ending.fits and ending.demanding
