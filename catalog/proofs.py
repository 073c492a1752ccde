"""Proofs in words: what is claimed of a playbook, how it is refuted, who says that is meant so.

No pages here: the publish page, publishing itself and the shell command ask the same.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advisor.loading import document_hash, to_document
from advisor.playbook import Acknowledgement, Claim, Playbook
from advisor.rules import Rulebook
from advisor.rules.finding import Finding
from advisor.rules.proving import prove
from advisor.rules.rulebook import Answers
from advisor.sentences import listed, quoted


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
        told = ngettext(
            "{claims} is not proved, and without that no advice can be trusted: mend it.",
            "{claims} are not proved, and without that no advice can be trusted: mend it.",
            len(blocking),
        )
        return told.format(claims=listed([proof.claim for proof in blocking]))
    open_ones = [proof for proof in proofs if proof.needs_acknowledgement]
    if not open_ones:
        return None
    told = ngettext(
        "{count} claim is not proved, and nobody has acknowledged it ({first}): mend the playbook, "
        "or say in its `acknowledgements` why it is meant to be so.",
        "{count} claims are not proved, and nobody has acknowledged them ({first} first): mend the "
        "playbook, or say in its `acknowledgements` why it is meant to be so.",
        len(open_ones),
    )
    first = f"{open_ones[0].claim} {open_ones[0].about}".strip()
    return told.format(count=len(open_ones), first=first)


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
        return _("Whatever is needed together of what is on offer, something carries it.")
    return _("“{need}” is carried whatever else is needed.").format(
        need=playbook.need(finding.about).title
    )


def _always_fits(playbook: Playbook, finding: Finding) -> str:
    if not finding.about:
        return _("What is ruled out never leaves a buyer without a fit.")
    return _("“{signal}” never leaves a buyer without a fit.").format(
        signal=playbook.signal(finding.about).title
    )


def _option_matters(playbook: Playbook, finding: Finding) -> str:
    question = playbook.question(finding.about.partition(".")[0])
    option = question.option(finding.about.partition(".")[2])
    return _("“{label}” for “{question}” says something of its own.").format(
        label=option.label, question=question.title
    )


_TITLES: dict[Claim, Callable[[Playbook, Finding], str]] = {
    Claim.ONE_OUTCOME: lambda *_of: _("Every way to answer has exactly one outcome."),
    Claim.STABILISATION_FIRST: lambda *_of: _("Stabilisation comes first wherever it is needed."),
    Claim.SMALLEST: lambda *_of: _("Nothing is recommended where something smaller would do."),
    Claim.MONOTONE: lambda *_of: _("Whoever needs more is never recommended less."),
    Claim.NEEDS_CARRIED: _needs_carried,
    Claim.ALWAYS_FITS: _always_fits,
    Claim.ENGAGEMENT_REACHED: lambda playbook, finding: _(
        "“{engagement}” is recommended to somebody."
    ).format(engagement=playbook.engagement(finding.about).title),
    Claim.SIGNAL_FIRES: lambda playbook, finding: _("“{signal}” can fire.").format(
        signal=playbook.signal(finding.about).title
    ),
    Claim.SIGNAL_MATTERS: lambda playbook, finding: _(
        "“{signal}” can change what is recommended."
    ).format(signal=playbook.signal(finding.about).title),
    Claim.OPTION_MATTERS: _option_matters,
}


# ---- How it is refuted ---------------------------------------------------------------------


def _told(playbook: Playbook, finding: Finding) -> str:
    """How it is refuted, in the playbook's words; one sentence, which names the part."""
    if finding.proved:
        return ""
    if not finding.decided:
        claimed = _TITLES[finding.claim](playbook, finding)
        return _("It would take too long to find out whether this holds: {claimed}").format(
            claimed=claimed
        )
    return _TOLD[finding.claim](playbook, finding)


def _one_outcome(playbook: Playbook, finding: Finding) -> str:
    return _(
        "Some answers have no outcome, or two at a time, or one that does not do what it says: "
        "they get {engagements}."
    ).format(engagements=_engagements(playbook, finding))


def _stabilisation_first(playbook: Playbook, finding: Finding) -> str:
    return _("Some answers ask for stabilisation and get {engagements}.").format(
        engagements=_engagements(playbook, finding)
    )


def _smallest(playbook: Playbook, finding: Finding) -> str:
    return _("Some answers get {engagements}, where something smaller would do.").format(
        engagements=_engagements(playbook, finding)
    )


def _monotone(playbook: Playbook, finding: Finding) -> str:
    fewer, more = (quoted(playbook.engagement(key).title) for key in finding.parts)
    return _(
        "Some answers get {fewer}, and some that ask for more get {more}, which is smaller."
    ).format(fewer=fewer, more=more)


def _not_carried(playbook: Playbook, finding: Finding) -> str:
    needs = listed([quoted(playbook.need(key).title) for key in finding.parts])
    return _("Nothing carries {needs} together, even where nothing is ruled out.").format(
        needs=needs
    )


def _left_without(playbook: Playbook, finding: Finding) -> str:
    if not finding.about:
        signals = _signals(playbook, finding.parts)
        return _("Nothing fits where {signals} rule out what would.").format(signals=signals)
    signal = playbook.signal(finding.about)
    models = listed([quoted(playbook.engagement(key).title) for key in signal.rules_out])
    needs = [quoted(playbook.need(key).title) for key in finding.parts]
    whom = listed(needs) if needs else _("who needs nothing in particular")
    return _("“{signal}” rules out {models}, and then nothing may be left for {whom}.").format(
        signal=signal.title, models=models, whom=whom
    )


def _not_reached(playbook: Playbook, finding: Finding) -> str:
    return _(
        "“{engagement}” is never recommended: who asks for what it carries gets {engagements}."
    ).format(
        engagement=playbook.engagement(finding.about).title,
        engagements=_engagements(playbook, finding),
    )


def _never_fires(playbook: Playbook, finding: Finding) -> str:
    title, questions = playbook.signal(finding.about).title, _questions(playbook, finding)
    if len(finding.parts) == 1:
        return _(
            "“{title}” never fires: no way to answer leads to what it wants of {questions}."
        ).format(title=title, questions=questions)
    return _(
        "“{title}” never fires: what it wants of {questions} cannot be answered together."
    ).format(title=title, questions=questions)


def _changes_nothing(playbook: Playbook, finding: Finding) -> str:
    title = playbook.signal(finding.about).title
    if not finding.parts:
        return _("“{signal}” fires, and the outcome is the same without it.").format(signal=title)
    return _(
        "“{signal}” fires, and the outcome is the same without it: where it does, others say as "
        "much ({others})."
    ).format(signal=title, others=_signals(playbook, finding.parts))


def _says_nothing(playbook: Playbook, finding: Finding) -> str:
    question = playbook.question(finding.about.partition(".")[0])
    option = question.option(finding.about.partition(".")[2])
    if finding.witness is None or finding.beside is None:
        leading = _questions(playbook, finding)
        return _("“{question}” is never asked: no way to answer {leading} leads there.").format(
            question=question.title, leading=leading
        )
    beside = finding.beside.get(question.key, ())
    if set(beside) < set(finding.witness[question.key]):
        return _("To tick “{label}” for “{question}” changes nothing.").format(
            label=option.label, question=question.title
        )
    others = listed([quoted(question.option(key).label) for key in beside])
    return _("“{label}” and {others} for “{question}” always come to the same.").format(
        label=option.label, others=others, question=question.title
    )


def _engagements(playbook: Playbook, finding: Finding) -> str:
    titles = [quoted(playbook.engagement(key).title) for key in finding.parts]
    return _(", then ").join(titles) or _("nothing that fits")


def _questions(playbook: Playbook, finding: Finding) -> str:
    return listed([quoted(playbook.question(key).title) for key in finding.parts])


def _signals(playbook: Playbook, keys: Iterable[str]) -> str:
    return listed([quoted(playbook.signal(key).title) for key in keys])


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
