"""Proofs in words: of what is shipped, what blocks, what has to be acknowledged, what they cost."""

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from advisor.loading import document_hash, load, to_document
from advisor.playbook import Claim, Playbook
from advisor.rules import Rulebook, compile_playbook, recommend
from advisor.rules.outcomes import ending_of
from advisor.rules.proving import prove
from catalog.proofs import Proof, proofs_of, refusal_of, unused_acknowledgements
from tests.factories import (
    Document,
    emergency_offer,
    engagement,
    need,
    prerequisite,
    put,
    question,
    signal,
    small_document,
    small_rulebook,
)
from tests.oracle import demands_of
from tests.scenarios import PLAYBOOKS, ROOT
from tests.test_proof_properties import Enumerated, fits

SHIPPED = {path.stem: path for path in (*PLAYBOOKS, ROOT / "tests/playbooks/accountancy.toml")}

# Each was looked at: it is meant to be so, and the playbook says why.
REFUTED = {
    "application-care": {
        Claim.NEEDS_CARRIED: {"routine", "shared-work"},
        Claim.ALWAYS_FITS: {
            "nobody-in-house",
            "not-comfortable",
            "no-monthly-money",
            "less-than-500",
            "less-than-2000",
            "less-than-3000",
            "less-than-6000",
            "less-than-8000",
            "less-than-10000-once",
        },
        Claim.SIGNAL_MATTERS: {"wants-more-than-critical"},
        Claim.OPTION_MATTERS: {"one-off-budget.25000-50000", "one-off-budget.50000-up"},
    },
    "consulting-partnership": {
        Claim.ALWAYS_FITS: {
            "nobody-takes-over",
            "no-monthly-money",
            "no-money-for-looking-in",
            "no-money-for-seniors",
            "only-the-result-is-paid",
            "no-notice-period",
        },
        Claim.SIGNAL_MATTERS: {
            "nobody-in-house",
            "product-not-infrastructure",
            "procedures-from-operation",
        },
        Claim.OPTION_MATTERS: {"rhythm.sometimes", "team.beside"},
    },
    "infrastructure-services": {
        Claim.ALWAYS_FITS: {"nobody-takes-over", "no-monthly-money", "only-the-result-is-paid"},
        Claim.OPTION_MATTERS: {"team.beside"},
    },
    "platform-support": {
        Claim.ALWAYS_FITS: {
            "no-monthly-money",
            "only-the-result-is-paid",
            "below-the-starting-price",
        },
        Claim.OPTION_MATTERS: {"support-window.long-days", "support-window.weekends"},
    },
    "accountancy": {
        Claim.ALWAYS_FITS: {
            "too-many-entries",
            "too-many-people",
            "wages-abroad",
            "under-150",
            "under-450",
            "under-2500",
        },
        Claim.OPTION_MATTERS: {"audit.appointed"},
    },
}


def rulebook_in(path: Path) -> Rulebook:
    playbook = load(path.read_text(), path.name)
    return compile_playbook(playbook, document_hash(to_document(playbook)))


def changed(places: dict[str, object]) -> Rulebook:
    """The small playbook with other values in places."""
    document = small_document()
    for place, value in places.items():
        put(document, place, value)
    return small_rulebook(**document)


def past_checking(**parts: object) -> Rulebook:
    return compile_playbook(Playbook.from_document(small_document(**parts)), "under test")


def said(claim: str, about: str) -> Document:
    """An acknowledgement."""
    return {"claim": claim, "about": about, "why": "It explains."}


def refuted(proofs: list[Proof]) -> list[Proof]:
    return [proof for proof in proofs if not proof.proved]


TWIN = signal("twin", {"cause": ["unknown"]}, {"evidence": 1})


def test_it_works() -> None:
    proofs = proofs_of(changed({"signals.4": TWIN}))

    [proof] = refuted(proofs)
    assert (proof.claim, proof.about) == (Claim.SIGNAL_MATTERS, "twin")
    assert proof.title == "“Signal twin” can change what is recommended."
    assert proof.told == (
        "“Signal twin” fires, and the outcome is the same without it: where it does, others say as "
        "much (“Signal cause-unknown”)."
    )
    assert proof.needs_acknowledgement
    assert not proof.blocks
    assert [p.claim for p in proofs][:4] == list(Claim)[:4]


# ---- Titles are true -----------------------------------------------------------------------


def two_of(*, evidence: bool) -> Rulebook:
    """Two needs that are carried each, and never together; a third, if asked for, by all."""
    carried = [["proof", "evidence"], ["backlog", "evidence"]]
    return past_checking(
        needs=[need("proof", "run"), need("backlog", "run"), need("evidence", "decide")],
        engagements=[
            engagement("audit", 1, "decide", ["evidence"]),
            *(engagement(keys[0], at, "run", keys) for at, keys in enumerate(carried, start=2)),
        ],
        signals=[
            signal("known", {"cause": ["known"]}, {"proof": 1}),
            signal("build", {"work": ["build"]}, {"backlog": 1}),
            *([signal("unknown", {"cause": ["unknown"]}, {"evidence": 1})] if evidence else []),
        ],
    )


def two_that_rule_everything_out() -> Rulebook:
    """Whoever gets one of the signals and the other is left without a fit by each."""
    return past_checking(
        signals=[
            *small_document()["signals"],
            signal("out", {"work": ["build"]}, rules_out=["audit", "project", "retainer"]),
            signal("too", {"cause": ["known"]}, rules_out=["audit", "project", "retainer"]),
        ]
    )


CLASHING = {
    "two needs": partial(two_of, evidence=False),
    "two needs beside a third": partial(two_of, evidence=True),
    "two signals": two_that_rule_everything_out,
    "nothing": small_rulebook,
}


@pytest.mark.parametrize("rulebook", CLASHING.values(), ids=CLASHING)
def test_what_is_called_proved_is_true(rulebook: Callable[[], Rulebook]) -> None:
    """By enumeration: something fits whatever is needed together, or is ruled out."""
    book = rulebook()
    live = Enumerated(book.playbook).live
    wanted = [demands_of(book.playbook, answers) for answers in live]
    carried = all(fits(book.playbook, needs, set()) for needs, _ in wanted)
    fitting = all(
        fits(book.playbook, needs, out)
        for needs, out in wanted
        if fits(book.playbook, needs, set())
    )

    titles = {proof.title for proof in proofs_of(book) if proof.proved}

    told = [
        "Whatever is needed together of what is on offer, something carries it.",
        "What is ruled out never leaves a buyer without a fit.",
    ]
    assert [title in titles for title in told] == [carried, fitting]
    assert not any("whatever else is needed" in title for title in titles)
    assert not any("” never leaves a buyer" in title for title in titles)


# ---- What is shipped -----------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_of_what_is_shipped_only_this_is_refuted_and_acknowledged(name: str) -> None:
    rulebook = rulebook_in(SHIPPED[name])
    proofs = proofs_of(rulebook)

    found: dict[Claim, set[str]] = {}
    for proof in refuted(proofs):
        found.setdefault(proof.claim, set()).add(proof.about)
    assert found == REFUTED[name]
    assert refusal_of(proofs) is None
    assert unused_acknowledgements(rulebook.playbook, proofs) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_each_witness_of_what_is_shipped_is_complete(name: str) -> None:
    rulebook = rulebook_in(SHIPPED[name])
    for proof in refuted(proofs_of(rulebook)):
        assert proof.witness
        recommendation = recommend(rulebook, proof.witness)
        assert recommendation.counted == proof.witness
        assert recommendation.remaining == ()
        if proof.claim in (Claim.ALWAYS_FITS, Claim.NEEDS_CARRIED):
            assert recommendation.conflict
        if proof.beside:
            assert recommend(rulebook, proof.beside).remaining == ()
            endings = {ending_of(rulebook, a) for a in (proof.witness, proof.beside)}
            assert len(endings) == 1


def test_the_same_is_proved_in_the_same_words_by_every_process() -> None:
    script = (
        "import sys; sys.path.insert(0, '.');"
        "from tests.scenarios import rulebook_of; from advisor.rules.proving import prove;"
        "sys.stdout.write(repr(list(prove(rulebook_of('platform-support')))))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "DJANGO_SETTINGS_MODULE": "tests.settings"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert "Finding" in told.pop()


# ---- Options that say nothing --------------------------------------------------------------


def idle(**questions: object) -> list[str]:
    """The options of one more question, which a signal reads, that say nothing of their own."""
    rulebook = changed(
        {
            "questions.4": question("more", **questions),
            "signals.4": signal("read", {"more": ["yes"]}, {"outcome": 1}),
        }
    )
    findings = [f for f in prove(rulebook) if not f.proved]
    assert all(f.claim is Claim.OPTION_MATTERS for f in findings), findings
    return [finding.about for finding in findings]


OPTIONS = {
    "a plain no": (["yes", "no"], "one", []),
    "a second no": (["yes", "no", "never"], "one", ["more.never"]),
    "who is unsure": (
        ["yes", "no", {"key": "unsure", "label": "?", "unsure": True}],
        "one",
        [],
    ),
    "a tick": (["yes", "dream"], "many", ["more.dream"]),
    "all but a tick, which is a no": (
        ["hope", {"key": "yes", "label": "Y", "exclusive": True}],
        "many",
        [],
    ),
    "a tick beside another": (
        ["yes", "dream", "hope", {"key": "none", "label": "-", "exclusive": True}],
        "many",
        ["more.dream", "more.hope"],
    ),
}


@pytest.mark.parametrize(("options", "kind", "told"), OPTIONS.values(), ids=OPTIONS)
def test_an_option_says_nothing(options: list[str], kind: str, told: list[str]) -> None:
    assert idle(options=options, kind=kind) == told


def test_an_answer_that_a_prerequisite_tells_from_another_is_not_idle() -> None:
    rulebook = changed(
        {
            "questions[cause].options.4": {"key": "partly", "label": "Partly"},
            "engagements[audit].prerequisites": [prerequisite("p", "cause", met=["partly"])],
        }
    )
    assert [f for f in prove(rulebook) if not f.proved] == []


# ---- What keeps a playbook from being published ---------------------------------------------


def test_a_refuted_safety_claim_blocks_even_if_acknowledged() -> None:
    document = small_document(**emergency_offer())
    put(document, "engagements[rescue].phase", "run")
    document["acknowledgements"] = [{"claim": "stabilisation-first", "why": "So be it."}]
    rulebook = past_checking(**document)
    proofs = proofs_of(rulebook)

    [proof] = [proof for proof in proofs if proof.blocks]
    assert proof.claim is Claim.STABILISATION_FIRST
    assert proof.told == "Some answers ask for stabilisation and get nothing that fits."
    assert refusal_of(proofs) == (
        "stabilisation-first is not proved, and without that no advice can be trusted: mend it."
    )
    assert unused_acknowledgements(rulebook.playbook, proofs) == list(
        rulebook.playbook.acknowledgements
    )


def test_a_refuted_quality_claim_is_publishable_once_it_is_acknowledged() -> None:
    one = {"signals.4": TWIN}
    proofs = proofs_of(changed(one))
    assert refusal_of(proofs) == (
        "1 claim is not proved, and nobody has acknowledged it (signal-matters twin): mend the "
        "playbook, or say in its `acknowledgements` why it is meant to be so."
    )
    known = changed({**one, "acknowledgements": [said("signal-matters", "twin")]})
    assert refusal_of(proofs_of(known)) is None


def test_an_acknowledgement_of_what_is_proved_is_not_needed() -> None:
    rulebook = changed({"acknowledgements": [said("signal-matters", "work-to-do")]})
    [unused] = unused_acknowledgements(rulebook.playbook, proofs_of(rulebook))
    assert unused.about == "work-to-do"


def test_it_counts_what_nobody_acknowledged() -> None:
    two = {"signals.4": TWIN, "signals.5": {**TWIN, "key": "triplet"}}
    refusal = refusal_of(proofs_of(changed(two)))
    assert refusal
    assert refusal.startswith(
        "2 claims are not proved, and nobody has acknowledged them (signal-matters twin first): "
    )


# ---- The budget ----------------------------------------------------------------------------


def test_what_costs_too_much_is_not_decided_and_nothing_is_proved_by_it() -> None:
    rulebook = rulebook_in(SHIPPED["application-care"])
    findings = {(f.claim, f.about): f for f in prove(rulebook, safety=0, quality=0)}

    undecided = {claim for (claim, _), f in findings.items() if not f.decided}
    assert undecided >= {Claim.ONE_OUTCOME, Claim.SMALLEST, Claim.ALWAYS_FITS}
    assert not any(f.proved for f in findings.values() if not f.decided)
    assert findings.keys() >= {(f.claim, f.about) for f in prove(rulebook) if not f.proved}


def test_a_claim_that_is_not_decided_blocks_or_needs_a_word() -> None:
    proof = Proof(
        claim=Claim.SMALLEST,
        about="",
        title="",
        proved=False,
        decided=False,
        told="",
        witness=None,
        beside=None,
        acknowledgement=None,
    )
    assert proof.blocks
    assert not proof.needs_acknowledgement
    quality = Proof(**{**vars(proof), "claim": Claim.SIGNAL_MATTERS, "about": "twin"})
    assert not quality.blocks
    assert quality.needs_acknowledgement
