"""Check what the types cannot: that the parts of a playbook refer to parts that are there.

`problems_of` collects everything that is wrong instead of stopping at the first, so that a
practice lead mends a playbook in one go. What a sound playbook decides is for the proofs.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sized
from dataclasses import dataclass
from typing import Protocol

from advisor.offers import Chapter, Checklist, Faq, Price
from advisor.playbook import (
    Claim,
    Condition,
    Conditions,
    Kind,
    Phase,
    Playbook,
    Question,
    Stage,
)
from advisor.speech import gettext as _
from advisor.speech import gettext_noop

MOST_ITEMS = 1000
"""Of all checklists together. 1,200 items of full length took 14 seconds to print."""

ABOUT = {
    Claim.NEEDS_CARRIED: "needs",
    Claim.ALWAYS_FITS: "signals",
    Claim.ENGAGEMENT_REACHED: "engagements",
    Claim.SIGNAL_FIRES: "signals",
    Claim.SIGNAL_MATTERS: "signals",
    Claim.OPTION_MATTERS: "questions",
}
"""The list whose parts a quality is claimed of; for questions it is their options."""

OF_SEVERAL = frozenset({Claim.NEEDS_CARRIED, Claim.ALWAYS_FITS})
"""What is claimed of several parts together as well, and then names none."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, what, and how to mend it."""

    where: str
    what: str
    mend: str

    def __str__(self) -> str:
        """The problem as one sentence."""
        return f"{self.where}: {self.what}; {self.mend}."


def problems_of(playbook: Playbook) -> list[Problem]:
    """Return every broken reference and every rule of the format that the playbook breaks."""
    return [
        *_empty(playbook),
        *_doubles(playbook),
        *_questions(playbook),
        *_engagements(playbook),
        *_signals(playbook),
        *_tables(playbook),
        *_offers(playbook),
        *_handover(playbook),
        *_emergency(playbook),
        *_acknowledgements(playbook),
    ]


def _empty(playbook: Playbook) -> Iterator[Problem]:
    """Lists that mean nothing without an item; a draft may hold them for a while."""
    conditions = {
        **{f"sections[{s.key}].ask_when": s.ask_when for s in playbook.sections},
        **{f"questions[{q.key}].ask_when": q.ask_when for q in playbook.questions},
        **{f"signals[{s.key}].when": s.when for s in playbook.signals},
    }
    lists: dict[str, Sized] = {
        "needs": playbook.needs,
        "engagements": playbook.engagements,
        "sections": playbook.sections,
        "questions": playbook.questions,
        "signals": playbook.signals,
        **{f"engagements[{e.key}].carries": e.carries for e in playbook.engagements},
        **{
            f"engagements[{e.key}].prerequisites[{p.key}].met": p.met
            for e in playbook.engagements
            for p in e.prerequisites
        },
        **{f"signals[{s.key}].when": s.when for s in playbook.signals},
        **{
            f"{where}[{at}].any_of": condition.any_of
            for where, several in conditions.items()
            for at, condition in enumerate(several, start=1)
        },
        **{f"guides[{g.key}].rows": g.rows for g in playbook.guides},
        **{
            f"guides[{g.key}].rows[{row.key}].start_with": row.start_with
            for g in playbook.guides
            for row in g.rows
        },
        **{
            f"service_paths[{path.key}].when.any_of": path.when.any_of
            for path in playbook.service_paths
        },
        **{f"service_paths[{path.key}].services": path.services for path in playbook.service_paths},
        **{f"checklists[{c.key}].groups": c.groups for c in playbook.checklists},
        **{
            f"checklists[{c.key}].groups[{group.key}].items": group.items
            for c in playbook.checklists
            for group in c.groups
        },
    }
    for where, items in lists.items():
        if not items:
            yield Problem(where, _("is an empty list"), _("name at least one"))


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


def _doubles(playbook: Playbook) -> Iterator[Problem]:
    parts: dict[str, Iterable[_Keyed]] = {
        "needs": playbook.needs,
        "engagements": playbook.engagements,
        "sections": playbook.sections,
        "questions": playbook.questions,
        "signals": playbook.signals,
        "guides": playbook.guides,
        "service_paths": playbook.service_paths,
        "faqs": playbook.faqs,
        "checklists": playbook.checklists,
        "chapters": playbook.chapters,
        **{f"checklists[{c.key}].groups": c.groups for c in playbook.checklists},
        **{f"questions[{q.key}].options": q.options for q in playbook.questions},
        **{f"guides[{g.key}].rows": g.rows for g in playbook.guides},
    }
    for where, items in parts.items():
        for key, times in Counter(item.key for item in items).items():
            if times > 1:
                yield Problem(
                    where,
                    _("the key {key!r} is used {times} times").format(key=key, times=times),
                    _("give each its own"),
                )
    # Prerequisites have one set of keys over all engagement models, so these are named.
    bearers: dict[str, list[str]] = {}
    for model in playbook.engagements:
        for prerequisite in model.prerequisites:
            bearers.setdefault(prerequisite.key, []).append(model.key)
    for key, models in bearers.items():
        if len(models) > 1:
            named = ", ".join(dict.fromkeys(models))
            what = _("the key {key!r} is used {times} times, in {models}").format(
                key=key, times=len(models), models=named
            )
            yield Problem("prerequisites", what, _("give each its own"))


def _questions(playbook: Playbook) -> Iterator[Problem]:
    """Sections that exist, in the order of stages, and conditions that look back only."""
    sections = {section.key: section for section in playbook.sections}
    for section in playbook.sections:
        if section.stage is Stage.TRIAGE and section.ask_when:
            yield Problem(
                f"sections[{section.key}].ask_when",
                _("triage is asked of everybody"),
                _("remove the conditions"),
            )
    seen: dict[str, Question] = {}
    begun: set[str] = set()
    latest = Stage.TRIAGE
    for question in playbook.questions:
        where = f"questions[{question.key}]"
        yield from _options(where, question)
        yield from _known(f"{where}.engagements", question.engagements, _engagement_keys(playbook))
        if question.section not in sections:
            yield _absent(f"{where}.section", _("section"), question.section, sections)
            seen[question.key] = question
            continue
        section = sections[question.section]
        yield from _stage(where, question, section.stage, latest)
        latest = max(latest, section.stage, key=list(Stage).index)
        if section.key not in begun:
            begun.add(section.key)
            yield from _ask_when(f"sections[{section.key}]", section.ask_when, seen)
        yield from _ask_when(where, question.ask_when, seen)
        seen[question.key] = question


def _ask_when(where: str, conditions: Conditions, seen: dict[str, Question]) -> Iterator[Problem]:
    for condition in conditions:
        yield from _condition(
            f"{where}.ask_when", condition, seen, gettext_noop("an earlier question")
        )


def _options(where: str, question: Question) -> Iterator[Problem]:
    if question.kind.has_options and len(question.options) < 2:
        yield Problem(where, _("a choice needs at least two options"), _("add options"))
    if not question.kind.has_options and question.options:
        yield Problem(
            where, _("kind {kind} takes no options").format(kind=question.kind), _("remove them")
        )
    if question.kind is Kind.ONE and any(option.exclusive for option in question.options):
        yield Problem(
            where, _("only a question of kind many has exclusive options"), _("remove `exclusive`")
        )
    if question.options and all(option.unsure for option in question.options):
        yield Problem(where, _("every option is unsure"), _("leave `unsure` to who does not know"))
    for option in question.options:
        place = f"{where}.options[{option.key}].if_so"
        said = option.if_so or ""
        if option.unsure and said:
            what = _("is never read: nobody is advised to be unsure")
            yield Problem(place, what, _("remove it, or `unsure`"))
        if said.lower().startswith("if "):
            yield Problem(
                place, _("begins with “if”, which is put before it"), _("leave that word out")
            )
        if said.endswith((".", ",", ";", ":", "!", "?")):
            yield Problem(
                place, _("goes on with a comma, and yet ends with a mark"), _("remove that")
            )


def _stage(where: str, question: Question, stage: Stage, latest: Stage) -> Iterator[Problem]:
    """What a question may not be in its stage; `latest` is the stage of those before it."""
    if stage is not Stage.SCOPE and not question.kind.has_options:
        yield Problem(
            where,
            _("a question that decides is a choice"),
            _("give it options, or a scope section"),
        )
    if stage is not Stage.SCOPE and question.engagements:
        yield Problem(
            f"{where}.engagements",
            _("there is no recommendation yet when this is asked"),
            _("use ask_when, or move the question to a scope section"),
        )
    if list(Stage).index(stage) < list(Stage).index(latest):
        yield Problem(
            where,
            _("stands behind a {stage} question").format(stage=latest),
            _("move it up to the {stage} questions").format(stage=stage),
        )


def _engagements(playbook: Playbook) -> Iterator[Problem]:
    needs = {need.key for need in playbook.needs}
    questions = {question.key: question for question in playbook.questions}
    if not playbook.entry:
        yield Problem("entry", _("is missing"), _("add it"))
    elif playbook.entry not in _engagement_keys(playbook):
        yield _absent("entry", _("engagement model"), playbook.entry, _engagement_keys(playbook))
    for model in playbook.engagements:
        where = f"engagements[{model.key}]"
        yield from _known(f"{where}.carries", model.carries, needs, _("need"))
        for prerequisite in model.prerequisites:
            place = f"{where}.prerequisites[{prerequisite.key}]"
            condition = Condition(
                question=prerequisite.question,
                any_of=prerequisite.met + prerequisite.unknown,
            )
            yield from _condition(place, condition, questions, gettext_noop("a question"))
    for need in playbook.needs:
        carriers = [model.key for model in playbook.engagements if need.key in model.carries]
        if need.offered and not carriers:
            yield Problem(
                f"needs[{need.key}]",
                _("no engagement model carries it"),
                _("add it to the `carries` of one, remove the need, or say `offered = false`"),
            )
        if carriers and not need.offered:
            yield Problem(
                f"needs[{need.key}]",
                _("is not offered, and yet {models} carries it").format(models=", ".join(carriers)),
                _("remove `offered = false`, or take it out of `carries`"),
            )


def _signals(playbook: Playbook) -> Iterator[Problem]:
    needs = {need.key for need in playbook.needs}
    scope = {section.key for section in playbook.sections if section.stage is Stage.SCOPE}
    deciding = {q.key: q for q in playbook.questions if q.section not in scope}
    for signal in playbook.signals:
        where = f"signals[{signal.key}]"
        if not signal.demands and not signal.rules_out:
            yield Problem(
                where, _("demands nothing and rules nothing out"), _("add `demands` or `rules_out`")
            )
        for condition in signal.when:
            yield from _condition(
                f"{where}.when", condition, deciding, gettext_noop("a triage or decide question")
            )
        yield from _known(f"{where}.demands", [d.need for d in signal.demands], needs, _("need"))
        yield from _known(f"{where}.rules_out", signal.rules_out, _engagement_keys(playbook))
        for key, times in Counter(demand.need for demand in signal.demands).items():
            if times > 1:
                yield Problem(
                    f"{where}.demands",
                    _("names {key!r} {times} times").format(key=key, times=times),
                    _("name it once"),
                )


def _tables(playbook: Playbook) -> Iterator[Problem]:
    questions = {question.key: question for question in playbook.questions}
    for guide in playbook.guides:
        for row in guide.rows:
            where = f"guides[{guide.key}].rows[{row.key}].start_with"
            yield from _known(where, row.start_with, _engagement_keys(playbook))
    for path in playbook.service_paths:
        where = f"service_paths[{path.key}]"
        yield from _known(f"{where}.engagement", [path.engagement], _engagement_keys(playbook))
        yield from _condition(f"{where}.when", path.when, questions, gettext_noop("a question"))


def _offers(playbook: Playbook) -> Iterator[Problem]:
    """What is said about the engagement models: prices that rise, and where it goes on."""
    for model in playbook.engagements:
        where = f"engagements[{model.key}]"
        prices: dict[str, Price] = {f"{where}.price": model.price} if model.price else {}
        prices |= {f"{where}.other_prices[{at}]": p for at, p in enumerate(model.other_prices, 1)}
        for place, price in prices.items():
            if price.most is not None and price.most < price.least:
                yield Problem(
                    place, _("ends below where it begins"), _("put the higher sum into `most`")
                )
        for task, times in Counter(row.task for row in model.responsibilities).items():
            if times > 1:
                mend = _("name it once, with everybody's part in the note")
                yield Problem(
                    f"{where}.responsibilities",
                    _("{item!r:.60} stands there {times} times").format(item=task, times=times),
                    mend,
                )
        if model.follow_on and model.follow_on.playbook == playbook.key:
            yield Problem(
                f"{where}.follow_on", _("names its own playbook"), _("name another, or none")
            )


def _handover(playbook: Playbook) -> Iterator[Problem]:
    """Frequent questions, checklists and the manual: they name what is there."""
    models = _engagement_keys(playbook)
    named: dict[str, tuple[Chapter | Checklist | Faq, ...]] = {
        "faqs": playbook.faqs,
        "checklists": playbook.checklists,
        "chapters": playbook.chapters,
    }
    for name, parts in named.items():
        for part in parts:
            yield from _known(f"{name}[{part.key}].engagements", part.engagements, models)
    for checklist in playbook.checklists:
        for group in checklist.groups:
            where = f"checklists[{checklist.key}].groups[{group.key}].items"
            for item, times in Counter(group.items).items():
                if times > 1:
                    mend = _("name it once: an item is ticked by its words")
                    yield Problem(
                        where,
                        _("{item!r:.60} stands there {times} times").format(item=item, times=times),
                        mend,
                    )
    count = sum(len(group.items) for part in playbook.checklists for group in part.groups)
    if count > MOST_ITEMS:
        what = _("have {count} items; {most} fit into a pack that prints in seconds").format(
            count=count, most=MOST_ITEMS
        )
        yield Problem("checklists", what, _("leave some out, or join them"))
    questions = {question.key for question in playbook.questions}
    for chapter in playbook.chapters:
        yield from _known(
            f"chapters[{chapter.key}].facts",
            [f.question for f in chapter.facts],
            questions,
            _("question"),
        )


def _emergency(playbook: Playbook) -> Iterator[Problem]:
    """Stabilisation can always be offered at once, so that it can always come first.

    A firm that does not offer it says so with the need, and still says whom to call.
    """
    respond = {need.key for need in playbook.needs if need.phase is Phase.RESPOND}
    if not respond:
        return
    if playbook.emergency is None:
        yield Problem(
            "emergency",
            _("is missing although a need has the phase respond"),
            _("say whom to call and what to have ready"),
        )
    respond &= {need.key for need in playbook.needs if need.offered}
    if not respond:
        return
    responders = {
        model.key
        for model in playbook.engagements
        if model.phase is Phase.RESPOND and respond <= set(model.carries)
    }
    if not responders:
        yield Problem(
            "engagements",
            _("no engagement model of phase respond carries {needs}").format(
                needs=", ".join(sorted(respond))
            ),
            _("let one carry all needs of that phase"),
        )
    for signal in playbook.signals:
        for key in sorted(responders & set(signal.rules_out)):
            yield Problem(
                f"signals[{signal.key}].rules_out",
                _("rules out {key}, but an emergency can never be ruled out").format(key=key),
                _("remove it; demand a need with `offered = false` for what you may not take on"),
            )


def _acknowledgements(playbook: Playbook) -> Iterator[Problem]:
    """They are of claims that may be refuted, about parts that are there, each once."""
    scope = {section.key for section in playbook.sections if section.stage is Stage.SCOPE}
    deciding = {q.key: q for q in playbook.questions if q.section not in scope}
    there = {
        "needs": (_("need"), {need.key for need in playbook.needs}),
        "engagements": (_("engagement model"), _engagement_keys(playbook)),
        "signals": (_("signal"), {signal.key for signal in playbook.signals}),
        "questions": (_("question and the option, joined by a full stop"), ()),
    }
    for at, told in enumerate(playbook.acknowledgements, start=1):
        where, about = f"acknowledgements[{at}]", told.about or ""
        if told.claim.is_safety:
            what = _("{claim} has to hold, so it cannot be acknowledged").format(claim=told.claim)
            yield Problem(f"{where}.claim", what, _("remove this, and mend what refutes it"))
            continue
        name = ABOUT[told.claim]
        if not about:
            if told.claim not in OF_SEVERAL:
                yield Problem(
                    f"{where}.about",
                    _("is missing"),
                    _("name the {part}").format(part=there[name][0]),
                )
        elif name == "questions":
            question, _dot, option = about.partition(".")
            named = Condition.model_construct(question=question, any_of=(option,))
            yield from _condition(
                f"{where}.about", named, deciding, gettext_noop("a triage or decide question")
            )
        else:
            thing, keys = there[name]
            yield from _known(f"{where}.about", [about], keys, thing)
    said = Counter((told.claim, told.about) for told in playbook.acknowledgements)
    for (claim, part), times in said.items():
        if times > 1:
            claimed = _("{claim} of {part}").format(claim=claim, part=part) if part else claim
            what = _("{claim} is acknowledged {times} times").format(claim=claimed, times=times)
            yield Problem("acknowledgements", what, _("say it once"))


def _condition(
    where: str, condition: Condition, questions: dict[str, Question], expected: str
) -> Iterator[Problem]:
    question = questions.get(condition.question)
    if question is None:
        yield _absent(where, _("question"), condition.question, questions, expected)
        return
    yield from _known(
        where,
        condition.any_of,
        {o.key for o in question.options},
        _("option of {question}").format(question=question.key),
    )


def _known(
    where: str, keys: Iterable[str], there: Iterable[str], thing: str = ""
) -> Iterator[Problem]:
    there = set(there)
    thing = thing or _("engagement model")
    return (_absent(where, thing, key, there) for key in keys if key not in there)


def _absent(where: str, thing: str, key: str, there: Iterable[str], expected: str = "") -> Problem:
    names = ", ".join(sorted(there)) or _("none")
    if expected:
        mend = _("use {expected} that exists ({names})").format(expected=_(expected), names=names)
    else:
        mend = _("use one of those that exist ({names})").format(names=names)
    what = _("names the {part} {key!r}, which is not there").format(part=thing, key=key)
    return Problem(where, what, mend)


def _engagement_keys(playbook: Playbook) -> set[str]:
    return {model.key for model in playbook.engagements}
