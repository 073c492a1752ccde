"""Defects put into sound playbooks: each is refuted by the claim that names it, with a witness.

Some cannot be saved, because checking refuses them first; they are put past it, so that the proofs
do not rest on it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType

import pytest

from advisor.loading import to_document
from advisor.playbook import Claim, Playbook
from advisor.rules import Rulebook, asking, compile_playbook, replaying
from advisor.rules.deciding import Decision
from advisor.rules.finding import Finding
from advisor.rules.outcomes import Ending
from advisor.rules.proving import prove
from tests.factories import (
    REMOVED,
    Document,
    conditions,
    emergency_offer,
    engagement,
    need,
    put,
    question,
    signal,
    small_document,
)
from tests.scenarios import PLAYBOOKS, rulebook_of
from tests.test_proof_properties import assert_shown

SHIPPED = [path.stem for path in PLAYBOOKS]


@dataclass(frozen=True)
class Defect:
    """What is changed in a sound document, and what is refuted then that was not before."""

    name: str
    places: dict[str, object]
    claim: Claim
    about: str = ""
    sound: Callable[[], Document] = small_document

    def __str__(self) -> str:
        return self.name


def emergencies() -> Document:
    """A rescue that is the largest of all, and a partner that carries everything."""
    return small_document(**emergency_offer())


def rulebook_past_checking(document: Document) -> Rulebook:
    return compile_playbook(Playbook.from_document(document), "under test")


def changed(document: Document, places: dict[str, object]) -> Document:
    for place, value in places.items():
        put(document, place, value)
    return document


def refuted(rulebook: Rulebook) -> dict[tuple[Claim, str], Finding]:
    return {(f.claim, f.about): f for f in prove(rulebook) if not f.proved}


DEFECTS = [
    Defect(
        "a need that everything dropped",
        {"engagements[project].carries": ["evidence"], "engagements[retainer].carries.2": REMOVED},
        Claim.NEEDS_CARRIED,
        "outcome",
    ),
    Defect(
        "a need that the largest dropped",
        {"engagements[retainer].carries.2": REMOVED},
        Claim.ENGAGEMENT_REACHED,
        "retainer",
    ),
    Defect(
        "a need that nothing of its phase carries with another",
        {
            "needs.3": need("proof", "deliver"),
            "engagements.4": engagement("prover", 4, "deliver", ["proof"]),
            "signals.4": signal("proof-wanted", {"cause": ["unknown"]}, {"proof": 1}),
        },
        Claim.NEEDS_CARRIED,
        "outcome",
    ),
    Defect(
        "a shadowed signal",
        {"signals.4": signal("twin", {"cause": ["unknown"]}, {"evidence": 1})},
        Claim.SIGNAL_MATTERS,
        "twin",
    ),
    Defect(
        "a signal that rules out what is never chosen there",
        {"signals.4": signal("out", {"work": ["nothing"]}, rules_out=["project"])},
        Claim.SIGNAL_MATTERS,
        "out",
    ),
    Defect(
        "a signal that is dropped",
        {"signals.1": REMOVED},
        Claim.OPTION_MATTERS,
        "cause.unknown",
    ),
    Defect(
        "an option nobody reads",
        {"questions[cause].options.4": {"key": "perhaps", "label": "Perhaps"}},
        Claim.OPTION_MATTERS,
        "cause.perhaps",
    ),
    Defect(
        "a tick nobody reads",
        {"questions[work].options.4": {"key": "dream", "label": "Dream"}},
        Claim.OPTION_MATTERS,
        "work.dream",
    ),
    Defect(
        "a question nobody reads",
        {"questions.4": question("weather", ["sun", "rain"])},
        Claim.OPTION_MATTERS,
        "weather.rain",
    ),
    Defect(
        "a question that is asked on a contradiction",
        {
            "questions.4": question(
                "never",
                ["no", "yes"],
                ask_when=[*conditions({"cause": ["known"]}), *conditions({"cause": ["unknown"]})],
            )
        },
        Claim.OPTION_MATTERS,
        "never.yes",
    ),
    Defect(
        "a condition that cannot hold",
        {"signals[cause-unknown].when.2": conditions({"cause": ["known"]})[0]},
        Claim.SIGNAL_FIRES,
        "cause-unknown",
    ),
    Defect(
        "conditions on answers that are never given together",
        {"signals.4": signal("both", {"work": ["nothing"], "money": ["monthly"]}, {"evidence": 1})},
        Claim.SIGNAL_FIRES,
        "both",
    ),
    Defect(
        "a signal behind a question that is never asked",
        {
            "questions.4": question(
                "never",
                ["no", "yes"],
                ask_when=conditions({"work": ["nothing"], "money": ["monthly"]}),
            ),
            "signals.4": signal("behind", {"never": ["yes"]}, {"evidence": 1}),
        },
        Claim.SIGNAL_FIRES,
        "behind",
    ),
    Defect(
        "an engagement model that carries less than a smaller one",
        {"engagements.4": engagement("senior", 9, "decide", ["evidence"])},
        Claim.ENGAGEMENT_REACHED,
        "senior",
    ),
    Defect(
        "two engagement models swapped in size",
        {"engagements[project].size": 3, "engagements[retainer].size": 2, "signals.3": REMOVED},
        Claim.ENGAGEMENT_REACHED,
        "project",
    ),
    Defect(
        "the entry ruled out",
        {"signals.4": signal("no-audit", {"cause": ["known"]}, rules_out=["audit"])},
        Claim.ALWAYS_FITS,
        "no-audit",
    ),
    Defect(
        "a signal that rules everything out",
        {"signals[no-monthly-money].rules_out": ["audit", "project", "retainer"]},
        Claim.ALWAYS_FITS,
        "no-monthly-money",
    ),
    Defect(
        "two signals that rule everything out between them",
        {"signals.4": signal("no-projects", {"work": ["build"]}, rules_out=["project"])},
        Claim.ALWAYS_FITS,
        "no-projects",
    ),
    Defect(
        "two signals that rule everything out, each by itself",
        {
            "signals.4": signal("out", {"work": ["build"]}, rules_out=["project", "retainer"]),
            "signals.5": signal("too", {"work": ["build"]}, rules_out=["project", "retainer"]),
        },
        Claim.ALWAYS_FITS,
        "",
    ),
    Defect(
        "the emergency engagement ruled out",
        {"signals.4": signal("no-rescue", {"outcome": ["yes"]}, rules_out=["rescue"])},
        Claim.STABILISATION_FIRST,
        sound=emergencies,
    ),
    Defect(
        "an emergency engagement that carries nothing urgent",
        {"engagements[rescue].carries": ["evidence"]},
        Claim.STABILISATION_FIRST,
        sound=emergencies,
    ),
    Defect(
        "an emergency engagement of another phase",
        {"engagements[rescue].phase": "run"},
        Claim.STABILISATION_FIRST,
        sound=emergencies,
    ),
]


@pytest.mark.parametrize("defect", DEFECTS, ids=str)
def test_a_defect_is_refuted_with_a_witness(defect: Defect) -> None:
    sound = rulebook_past_checking(defect.sound())
    broken = rulebook_past_checking(changed(defect.sound(), defect.places))
    named = (defect.claim, defect.about)

    assert named not in refuted(sound)
    assert_shown(broken, refuted(broken)[named])


@pytest.mark.parametrize("sound", [small_document, emergencies], ids=["small", "emergencies"])
def test_what_is_sound_is_not_refuted(sound: Callable[[], Document]) -> None:
    assert refuted(rulebook_past_checking(sound())) == {}


# ---- Rulebooks that are compiled wrong -----------------------------------------------------


def compiled_from(playbook: Playbook, **engagements: dict[str, object]) -> Rulebook:
    """A rulebook that takes these engagement models for others than they are."""
    wrong = tuple(m.model_copy(update=engagements.get(m.key, {})) for m in playbook.engagements)
    other = playbook.model_copy(update={"engagements": wrong})
    return replace(compile_playbook(other, "wrong"), playbook=playbook)


def test_engagement_models_in_the_wrong_order_are_refuted() -> None:
    playbook = Playbook.from_document(small_document())
    wrong = compiled_from(playbook, retainer={"size": 1}, audit={"size": 3})
    finding = refuted(wrong)[Claim.SMALLEST, ""]
    assert_shown(wrong, finding)
    assert finding.parts == ("retainer",)


def test_more_needs_that_get_less_are_refuted() -> None:
    """Whoever needs evidence only gets the audit, which is the largest here."""
    document = changed(small_document(), {"engagements[audit].size": 9})
    rulebook = compiled_from(Playbook.from_document(document), audit={"size": 1})

    finding = refuted(rulebook)[Claim.MONOTONE, ""]

    assert finding.parts == ("audit", "retainer")
    assert_shown(rulebook, finding)


def test_an_engagement_model_taken_for_one_that_carries_more_is_refuted() -> None:
    playbook = Playbook.from_document(small_document())
    wrong = compiled_from(playbook, audit={"carries": ("evidence", "outcome")})
    finding = refuted(wrong)[Claim.ONE_OUTCOME, ""]
    assert_shown(wrong, finding)
    assert finding.parts == ("audit",)


# ---- Proofs that are not of what runs ------------------------------------------------------


def ends_in_nothing(*_: object) -> Ending:
    return Ending((), demanding=True, fits=False)


def decides_nothing(*_: object) -> Decision:
    return Decision(())


@pytest.mark.parametrize(
    ("module", "name", "other", "told"),
    [
        pytest.param(asking, "ending_of", ends_in_nothing, "does not end in", id="the ending"),
        pytest.param(replaying, "decide", decides_nothing, "does not show", id="without it"),
    ],
)
def test_a_witness_is_not_believed_that_runs_otherwise(
    module: ModuleType,
    name: str,
    other: Callable[..., object],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    twin = signal("twin", {"cause": ["unknown"]}, {"evidence": 1})
    rulebook = rulebook_past_checking(changed(small_document(), {"signals.4": twin}))
    monkeypatch.setattr(module, name, other)

    with pytest.raises(AssertionError, match=told):
        refuted(rulebook)


# ---- In what is shipped --------------------------------------------------------------------


def twin_of_a_signal(document: Document) -> tuple[Claim, str]:
    """The same as the first one, under another name."""
    document["signals"].append({**document["signals"][0], "key": "seeded"})
    return Claim.SIGNAL_MATTERS, "seeded"


def contradiction(document: Document) -> tuple[Claim, str]:
    """A signal that wants two answers to a question that takes one."""
    asked = next(q for q in document["questions"] if q["kind"] == "one")
    first, second, *_ = (option["key"] for option in asked["options"])
    seeded = signal("seeded", {}, rules_out=[document["engagements"][0]["key"]])
    when = [*conditions({asked["key"]: [first]}), *conditions({asked["key"]: [second]})]
    document["signals"].append({**seeded, "when": when})
    return Claim.SIGNAL_FIRES, "seeded"


def option_nobody_reads(document: Document) -> tuple[Claim, str]:
    """A tick more for the red flags."""
    document["questions"][0]["options"].insert(0, {"key": "seeded", "label": "Seeded"})
    return Claim.OPTION_MATTERS, f"{document['questions'][0]['key']}.seeded"


def question_nobody_reads(document: Document) -> tuple[Claim, str]:
    """One more in the section of the first."""
    section = document["questions"][0]["section"]
    document["questions"].insert(1, question("seeded", ["no", "yes"], section=section))
    return Claim.OPTION_MATTERS, "seeded.yes"


def engagement_for_nobody(document: Document) -> tuple[Claim, str]:
    """The first engagement model once more, larger than all, and ruled out where that is."""
    first = {**document["engagements"][0], "prerequisites": []}
    document["engagements"].append({**first, "key": "seeded", "size": 99})
    for told in document["signals"]:
        if first["key"] in told.get("rules_out", ()):
            told["rules_out"].append("seeded")
    return Claim.ENGAGEMENT_REACHED, "seeded"


def nothing_for_anybody(document: Document) -> tuple[Claim, str]:
    """A signal that rules out everything where nothing else does."""
    models = [m["key"] for m in document["engagements"]]
    last = document["questions"][0]["options"][-1]["key"]
    when = {document["questions"][0]["key"]: [last]}
    document["signals"].append(signal("seeded", when, rules_out=models))
    return Claim.ALWAYS_FITS, "seeded"


def need_of_its_own(document: Document) -> tuple[Claim, str]:
    """A need of the earliest phase but emergencies, that one engagement model carries alone."""
    document["needs"].append(need("seeded", "decide"))
    document["needs"].append(need("seeded-too", "decide"))
    document["engagements"].append(engagement("one", 98, "decide", ["seeded"]))
    document["engagements"].append(engagement("other", 99, "decide", ["seeded-too"]))
    first = document["questions"][0]
    when = {first["key"]: [first["options"][-1]["key"]]}
    document["signals"].append(signal("seeded", when, {"seeded": 1, "seeded-too": 1}))
    return Claim.NEEDS_CARRIED, "seeded"


SEEDS = [
    twin_of_a_signal,
    contradiction,
    option_nobody_reads,
    question_nobody_reads,
    engagement_for_nobody,
    nothing_for_anybody,
    need_of_its_own,
]


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.__name__)
@pytest.mark.parametrize("playbook", SHIPPED)
def test_a_defect_in_what_is_shipped_is_refuted(
    playbook: str, seed: Callable[[Document], tuple[Claim, str]]
) -> None:
    document = to_document(rulebook_of(playbook).playbook)
    named = seed(document)
    broken = rulebook_past_checking(document)
    assert_shown(broken, refuted(broken)[named])


@pytest.mark.parametrize("playbook", SHIPPED)
def test_shipped_engagement_models_in_the_wrong_order_are_refuted(playbook: str) -> None:
    sound = rulebook_of(playbook).playbook
    sizes = [model.size for model in sound.engagements]
    turned = dict(zip((m.key for m in sound.engagements), reversed(sizes), strict=True))
    wrong = compiled_from(sound, **{key: {"size": size} for key, size in turned.items()})
    assert_shown(wrong, refuted(wrong)[Claim.SMALLEST, ""])


@pytest.mark.parametrize("playbook", ["application-care", "infrastructure-services"])
def test_shipped_emergencies_that_come_second_are_refuted(playbook: str) -> None:
    sound = rulebook_of(playbook).playbook
    wrong = compiled_from(
        sound, **{m.key: {"phase": "run"} for m in sound.engagements if m.phase == "respond"}
    )
    assert_shown(wrong, refuted(wrong)[Claim.STABILISATION_FIRST, ""])
