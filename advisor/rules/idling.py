"""Idle options: those that say nothing which leaving them out, or another, would not say."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from advisor.playbook import Claim, Kind
from advisor.rules import circuit
from advisor.rules.asking import Undecided
from advisor.rules.circuit import any_of
from advisor.rules.finding import Finding
from advisor.rules.inquiry import Inquiry
from advisor.rules.reading import conditions_of, read_elsewhere
from advisor.rules.rulebook import CompiledQuestion


def about_options(inquiry: Inquiry, question: CompiledQuestion) -> Iterator[Finding]:
    """Yield a finding about each option: that it says something.

    An option says nothing where picking it always comes to the same outcome as leaving the
    question out. Each question may have one of those: its plain "no". Who is unsure says nothing
    either, as long as another answer does. A second "no" is refuted beside the first: whoever reads
    the question picks between two answers that are one, unless a prerequisite, a service path or a
    scope question tells them apart. So is one of several ticks that says nothing, beside the same
    answers without it.
    """
    says = {key: _says(inquiry, question, bit) for key, bit in question.option_bits.items()}
    unsure = {o.key for o in inquiry.rulebook.playbook.question(question.key).options if o.unsure}
    ticks = [
        key
        for key, bit in question.option_bits.items()
        if question.kind is Kind.MANY and not bit & question.exclusive
    ]
    nothing = [key for key, something in says.items() if something is False]
    read = read_elsewhere(inquiry.rulebook.playbook, question)
    alike: dict[frozenset[int], list[str]] = {}
    for key in sorted(nothing, key=lambda key: key in unsure):
        if key not in ticks or len(ticks) == 1:
            alike.setdefault(read[key], []).append(key)
    pardoned = {same[0] for same in alike.values()}
    if len(nothing) < len(says):
        pardoned |= unsure
    for key, something in says.items():
        finding = Finding(Claim.OPTION_MATTERS, decided=something is not None)
        if (
            key in nothing
            and key not in pardoned
            and (key in alike.get(read[key], ()) or not read[key])
        ):
            instead = next(iter(alike.get(read[key], ())), None)
            ask = partial(_same_as, inquiry, question, key, instead)
            finding = inquiry.told(Claim.OPTION_MATTERS, "", ask)
        yield replace(finding, about=f"{question.key}.{key}")


def _says(inquiry: Inquiry, question: CompiledQuestion, bit: int) -> bool | None:
    """Whether picking an option can make a difference; None where it is not decided."""
    at = bit.bit_length() - 1
    if at in inquiry.sample.says:
        return True
    if not any(mask & bit for mask in conditions_of(inquiry.rulebook)):
        return False
    beside = inquiry.beside
    try:
        return inquiry.can_be(inquiry.asked.picked[at], beside.left_out[at], beside.differs)
    except Undecided:
        return None


def _same_as(
    inquiry: Inquiry, question: CompiledQuestion, key: str, instead: str | None
) -> Finding:
    """Two answer sets that come to the same: with an option, and with another or without it."""
    live = inquiry.firing.live[inquiry.rulebook.questions.index(question)]
    picked = inquiry.asked.picked[question.option_bits[key].bit_length() - 1]
    if not inquiry.can_be(live):
        return inquiry.clash(Claim.OPTION_MATTERS, question.ask_when)
    others = any_of(
        inquiry.asked.picked[bit.bit_length() - 1]
        for other, bit in question.option_bits.items()
        if other != key and instead is None
    )
    found = inquiry.calm_witness(live, picked, others if instead is None else circuit.TRUE)
    answer = tuple(k for k in found[question.key] if k != key) or (instead or "",)
    beside = inquiry.witness(*inquiry.asked.given({**found, question.key: answer}))
    return Finding(Claim.OPTION_MATTERS, witness=found, beside=beside)
