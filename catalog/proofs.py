"""Proofs in words: what is claimed of a playbook, how it is refuted, who says that is meant so.

No pages here: the publish page, publishing itself and the shell command ask the same.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from advisor.loading import document_hash, to_document
from advisor.playbook import Acknowledgement, Claim, Playbook
from advisor.rules import Rulebook
from advisor.rules.finding import Finding
from advisor.rules.proving import prove
from advisor.rules.rulebook import Answers
from advisor.sentences import listed


@dataclass(frozen=True)
class Proof:
    """A claim about a playbook or a part of it, with what came of proving it.

    `title` says what is claimed, `told` how it is refuted or that it is not decided, and nothing
    where it is proved. `witness` is a complete answer set that shows it, `beside` one to compare
    it with.
    """

    claim: Claim
    about: str
    title: str
    proved: bool
    decided: bool
    told: str
    witness: Answers | None
    beside: Answers | None
    acknowledgement: Acknowledgement | None

    @property
    def blocks(self) -> bool:
        """Whether nothing is published with it: a safety claim that is not proved."""
        return self.claim.is_safety and not self.proved

    @property
    def needs_acknowledgement(self) -> bool:
        """Whether somebody has to say why it is meant to be so, and has not."""
        return not (self.proved or self.claim.is_safety or self.acknowledgement)


def proofs_of(rulebook: Rulebook) -> list[Proof]:
    """Return a proof for each claim and part, in the order of `Claim`, then of the playbook.

    What was proved of the same document is not proved again, whatever is acknowledged in it.
    """
    playbook = rulebook.playbook
    said = {(a.claim, a.about or ""): a for a in playbook.acknowledgements}
    plain = playbook.model_copy(update={"acknowledgements": ()})
    known = _Known(document_hash(to_document(plain)), rulebook)
    return [
        Proof(
            claim=finding.claim,
            about=finding.about,
            title=_TITLES[finding.claim](playbook, finding),
            proved=finding.proved,
            decided=finding.decided,
            told=_told(playbook, finding),
            witness=finding.witness,
            beside=finding.beside,
            acknowledgement=None if finding.proved else said.get((finding.claim, finding.about)),
        )
        for finding in findings_of(known)
    ]


def unused_acknowledgements(playbook: Playbook, proofs: Iterable[Proof]) -> list[Acknowledgement]:
    """Return the acknowledgements that nothing needs: what they are about is proved, or gone."""
    needed = {(p.claim, p.about) for p in proofs if not p.proved and not p.claim.is_safety}
    return [a for a in playbook.acknowledgements if (a.claim, a.about or "") not in needed]


def refusal_of(proofs: Iterable[Proof]) -> str | None:
    """Return why this cannot be published, in one sentence; None when it can."""
    proofs = list(proofs)
    blocking = [proof for proof in proofs if proof.blocks]
    if blocking:
        what = listed([proof.claim for proof in blocking])
        verb = "is" if len(blocking) == 1 else "are"
        return f"{what} {verb} not proved, and without that no advice can be trusted: mend it."
    open_ones = [proof for proof in proofs if proof.needs_acknowledgement]
    if not open_ones:
        return None
    first = open_ones[0]
    named = f"{first.claim} {first.about}".strip()
    told = f"1 claim is not proved, and nobody has acknowledged it ({named})"
    if len(open_ones) > 1:
        count = len(open_ones)
        told = f"{count} claims are not proved, and nobody has acknowledged them ({named} first)"
    return f"{told}: mend the playbook, or say in its `acknowledgements` why it is meant to be so."


@dataclass(frozen=True)
class _Known:
    """A rulebook, told from others by what its document says."""

    digest: str
    rulebook: Rulebook = field(compare=False)


@lru_cache(maxsize=64)
def findings_of(known: _Known) -> tuple[Finding, ...]:
    """Return what is proved and refuted; what was found is kept."""
    return tuple(prove(known.rulebook))


# ---- What is claimed -----------------------------------------------------------------------


def _needs_carried(playbook: Playbook, finding: Finding) -> str:
    if not finding.about:
        return "Whatever is needed together of what is on offer, something carries it."
    return f"“{playbook.need(finding.about).title}” is carried whatever else is needed."


def _always_fits(playbook: Playbook, finding: Finding) -> str:
    if not finding.about:
        return "What is ruled out never leaves a buyer without a fit."
    return f"“{playbook.signal(finding.about).title}” never leaves a buyer without a fit."


def _option_matters(playbook: Playbook, finding: Finding) -> str:
    question = playbook.question(finding.about.partition(".")[0])
    option = question.option(finding.about.partition(".")[2])
    return f"“{option.label}” for “{question.title}” says something of its own."


_TITLES: dict[Claim, Callable[[Playbook, Finding], str]] = {
    Claim.ONE_OUTCOME: lambda *_: "Every way to answer has exactly one outcome.",
    Claim.STABILISATION_FIRST: lambda *_: "Stabilisation comes first wherever it is needed.",
    Claim.SMALLEST: lambda *_: "Nothing is recommended where something smaller would do.",
    Claim.MONOTONE: lambda *_: "Whoever needs more is never recommended less.",
    Claim.NEEDS_CARRIED: _needs_carried,
    Claim.ALWAYS_FITS: _always_fits,
    Claim.ENGAGEMENT_REACHED: lambda playbook, finding: (
        f"“{playbook.engagement(finding.about).title}” is recommended to somebody."
    ),
    Claim.SIGNAL_FIRES: lambda playbook, finding: (
        f"“{playbook.signal(finding.about).title}” can fire."
    ),
    Claim.SIGNAL_MATTERS: lambda playbook, finding: (
        f"“{playbook.signal(finding.about).title}” can change what is recommended."
    ),
    Claim.OPTION_MATTERS: _option_matters,
}


# ---- How it is refuted ---------------------------------------------------------------------


def _told(playbook: Playbook, finding: Finding) -> str:
    """How it is refuted, in the playbook's words; one sentence, which names the part."""
    if finding.proved:
        return ""
    if not finding.decided:
        claimed = _TITLES[finding.claim](playbook, finding)
        return f"It would take too long to find out whether this holds: {claimed}"
    return _TOLD[finding.claim](playbook, finding)


def _one_outcome(playbook: Playbook, finding: Finding) -> str:
    return (
        "Some answers have no outcome, or two at a time, or one that does not do what it says: "
        f"they get {_engagements(playbook, finding)}."
    )


def _stabilisation_first(playbook: Playbook, finding: Finding) -> str:
    return f"Some answers ask for stabilisation and get {_engagements(playbook, finding)}."


def _smallest(playbook: Playbook, finding: Finding) -> str:
    return f"Some answers get {_engagements(playbook, finding)}, where something smaller would do."


def _monotone(playbook: Playbook, finding: Finding) -> str:
    fewer, more = (f"“{playbook.engagement(key).title}”" for key in finding.parts)
    return f"Some answers get {fewer}, and some that ask for more get {more}, which is smaller."


def _not_carried(playbook: Playbook, finding: Finding) -> str:
    needs = listed([f"“{playbook.need(key).title}”" for key in finding.parts])
    return f"Nothing carries {needs} together, even where nothing is ruled out."


def _left_without(playbook: Playbook, finding: Finding) -> str:
    if not finding.about:
        signals = _signals(playbook, finding.parts)
        return f"Nothing fits where {signals} rule out what would."
    signal = playbook.signal(finding.about)
    models = listed([f"“{playbook.engagement(key).title}”" for key in signal.rules_out])
    needs = [f"“{playbook.need(key).title}”" for key in finding.parts]
    whom = listed(needs) if needs else "who needs nothing in particular"
    return f"“{signal.title}” rules out {models}, and then nothing may be left for {whom}."


def _not_reached(playbook: Playbook, finding: Finding) -> str:
    return (
        f"“{playbook.engagement(finding.about).title}” is never recommended: who asks for what it "
        f"carries gets {_engagements(playbook, finding)}."
    )


def _never_fires(playbook: Playbook, finding: Finding) -> str:
    title, questions = playbook.signal(finding.about).title, _questions(playbook, finding)
    if len(finding.parts) == 1:
        return f"“{title}” never fires: no way to answer leads to what it wants of {questions}."
    return f"“{title}” never fires: what it wants of {questions} cannot be answered together."


def _changes_nothing(playbook: Playbook, finding: Finding) -> str:
    told = f"“{playbook.signal(finding.about).title}” fires, and the outcome is the same without it"
    if not finding.parts:
        return f"{told}."
    return f"{told}: where it does, others say as much ({_signals(playbook, finding.parts)})."


def _says_nothing(playbook: Playbook, finding: Finding) -> str:
    question = playbook.question(finding.about.partition(".")[0])
    option = question.option(finding.about.partition(".")[2])
    if finding.witness is None or finding.beside is None:
        leading = _questions(playbook, finding)
        return f"“{question.title}” is never asked: no way to answer {leading} leads there."
    beside = finding.beside.get(question.key, ())
    if set(beside) < set(finding.witness[question.key]):
        return f"To tick “{option.label}” for “{question.title}” changes nothing."
    others = listed([f"“{question.option(key).label}”" for key in beside])
    return f"“{option.label}” and {others} for “{question.title}” always come to the same."


def _engagements(playbook: Playbook, finding: Finding) -> str:
    titles = [f"“{playbook.engagement(key).title}”" for key in finding.parts]
    return ", then ".join(titles) or "nothing that fits"


def _questions(playbook: Playbook, finding: Finding) -> str:
    return listed([f"“{playbook.question(key).title}”" for key in finding.parts])


def _signals(playbook: Playbook, keys: Iterable[str]) -> str:
    return listed([f"“{playbook.signal(key).title}”" for key in keys])


_TOLD: dict[Claim, Callable[[Playbook, Finding], str]] = {
    Claim.ONE_OUTCOME: _one_outcome,
    Claim.STABILISATION_FIRST: _stabilisation_first,
    Claim.SMALLEST: _smallest,
    Claim.MONOTONE: _monotone,
    Claim.NEEDS_CARRIED: _not_carried,
    Claim.ALWAYS_FITS: _left_without,
    Claim.ENGAGEMENT_REACHED: _not_reached,
    Claim.SIGNAL_FIRES: _never_fires,
    Claim.SIGNAL_MATTERS: _changes_nothing,
    Claim.OPTION_MATTERS: _says_nothing,
}
