"""What the operations manual says: for the people who live with what was handed over.

It is filled from the playbook version and from what the buyer answered. What nobody has told yet
is a gap, marked where it belongs and listed on the first page. It looks as
templates/handover/manual.html has it; `engagements.pdf` makes the file.
"""

from collections.abc import Iterator
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from advisor.offers import (
    Cadence,
    Chapter,
    EscalationStep,
    Faq,
    KnownIssue,
    Responsibility,
    ServiceLevel,
)
from advisor.playbook import Emergency, Firm, Playbook
from advisor.rules import Answers
from advisor.rules.scope import scope_questions, with_details
from engagements.brief import Contact, Quote, Said, Source
from engagements.handover import Handover
from engagements.language import in_language_of
from engagements.models import Assessment
from engagements.pack import contact_of
from engagements.pdf import HANDOVER_STYLE, Printout
from engagements.questionnaire import parts_for
from engagements.wording import quote_of


class Entry(Said):
    """A line that an answer fills in; a gap while there is none. No question: a contact.

    A missing one is a scope detail, because what decides has been answered.
    """

    label: str
    question: str = ""
    words: tuple[str, ...] = ()

    @property
    def missing(self) -> bool:
        """Whether nobody has told it yet."""
        return not self.words


class Section(Said):
    """A chapter of the playbook, its facts filled in."""

    key: str
    title: str
    text: str
    facts: tuple[Entry, ...]
    points: tuple[str, ...]
    issues: tuple[KnownIssue, ...]


class Gap(Said):
    """What is missing in one place of the manual; `anchor` is the id of the place."""

    title: str
    anchor: str
    entries: tuple[Entry, ...]


class Manual(Said):
    """Everything that an operations manual prints."""

    language: str
    reference: str
    as_of: date
    firm: Firm
    contact: Contact
    source: Source
    engagement: str
    summary: str
    emergency: Emergency | None
    client: tuple[Entry, ...]
    service_level: ServiceLevel | None
    escalation: str
    escalation_path: tuple[EscalationStep, ...]
    sections: tuple[Section, ...]
    responsibilities: tuple[Responsibility, ...]
    cadence: tuple[Cadence, ...]
    faqs: tuple[Faq, ...]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is still missing, place by place."""
        places = [
            (_("Whom to call"), "whom-to-call", self.client),
            *(
                (section.title, f"chapter-{section.key}", section.facts)
                for section in self.sections
            ),
        ]
        return tuple(
            Gap(title=title, anchor=anchor, entries=missing)
            for title, anchor, entries in places
            if (missing := tuple(entry for entry in entries if entry.missing))
        )

    @property
    def missing(self) -> int:
        """How many gaps there are."""
        return sum(len(gap.entries) for gap in self.gaps)

    @property
    def printout(self) -> Printout:
        """The manual as a file."""
        return Printout(
            noun="operations manual",
            reference=self.reference,
            template="handover/manual.html",
            value_name="manual",
            value=self,
            on=self.as_of,
            sheets=(HANDOVER_STYLE,),
            working_paper=True,
        )


def build_manual(assessment: Assessment, handover: Handover) -> Manual:
    """Return the operations manual of an assessment, as of the last change of its answers."""
    playbook: Playbook = assessment.version.rulebook.playbook
    model, version = handover.model, assessment.version
    contact = contact_of(assessment)
    asked, given = _live(assessment, model.key)
    with in_language_of(version):
        client = (
            _contact(_("Firm"), contact.firm),
            _contact(_("Contact"), contact.name),
            _contact(_("E-mail"), contact.email),
        )
    return Manual(
        language=playbook.language,
        reference=assessment.reference,
        as_of=timezone.localdate(assessment.updated_at),
        firm=playbook.firm,
        contact=contact,
        source=Source(title=playbook.title, number=version.number, hash=version.hash),
        engagement=model.title,
        summary=model.summary,
        emergency=playbook.emergency,
        client=client,
        service_level=model.service_level,
        escalation=model.escalation,
        escalation_path=model.escalation_path,
        sections=tuple(_section(playbook, part, asked, given) for part in handover.chapters),
        responsibilities=model.responsibilities,
        cadence=model.cadence,
        faqs=parts_for(playbook.faqs, model.key),
    )


def _live(assessment: Assessment, engagement: str) -> tuple[set[str], Answers]:
    """The questions that are asked of this buyer, and the answers to them.

    Answers off the live path are never told. A question that is not asked is no gap, and neither
    is one that decides and was never come to, because the outcome was settled before.
    """
    playbook: Playbook = assessment.version.rulebook.playbook
    issued = assessment.recommendation.value
    given = with_details(playbook, issued.counted, assessment.answers)
    details = {question.key for question in scope_questions(playbook, engagement, given)}
    asked = details | set(issued.counted)
    return asked, {key: answer for key, answer in given.items() if key in asked}


def _contact(label: str, told: str) -> Entry:
    return Entry(label=label, words=(told,) if told else ())


def _section(playbook: Playbook, chapter: Chapter, asked: set[str], given: Answers) -> Section:
    return Section(
        key=chapter.key,
        title=chapter.title,
        text=chapter.text or "",
        facts=tuple(_facts(playbook, chapter, asked, given)),
        points=chapter.points,
        issues=chapter.issues,
    )


def _facts(
    playbook: Playbook, chapter: Chapter, asked: set[str], given: Answers
) -> Iterator[Entry]:
    for fact in chapter.facts:
        if fact.question in asked:
            answer = given.get(fact.question, ())
            quote: Quote | None = quote_of(playbook, fact.question, answer) if answer else None
            words = tuple(filter(None, quote.words)) if quote else ()
            yield Entry(label=fact.label, question=fact.question, words=words)
