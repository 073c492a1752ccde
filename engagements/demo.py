"""The demo's quarter: let the stories of fixtures/demo happen, in the order of time.

Whatever a buyer or a consultant does in a story goes through the services that the pages use, at
the moment that the story names. A buyer answers what is asked, as long as it matters: a story
whose answers, details or outcome do not come about as written is refused.
"""

import tomllib
from collections.abc import Container, Iterable, Mapping
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from advisor import playbook as documents
from advisor.answers import AnswersError, read_answers
from advisor.loading import document_hash, from_document, to_document
from advisor.rules import Answers, Rulebook, recommend
from catalog.drafts import write_draft
from catalog.models import Draft, Playbook, PlaybookVersion
from catalog.publishing import publish
from engagements.assessing import (
    first_step,
    issue_brief,
    issue_recommendation,
    keep_brief_current,
    save_answers,
    start,
)
from engagements.continuing import ContinuingError, continue_with
from engagements.models import Answer, Assessment, Recommendation
from engagements.questionnaire import live_questions, next_question, scope_sections
from engagements.reviewing import ReviewError, add_note, approve, override, reopen
from engagements.stories import (
    Advised,
    Approves,
    Changes,
    DemoError,
    Details,
    Downloads,
    Event,
    Notes,
    Overrides,
    Published,
    Quarter,
    Reopens,
    Story,
)

STORIES = Path(settings.BASE_DIR) / "fixtures" / "demo"
PLAYBOOKS = Path(settings.BASE_DIR) / "fixtures" / "playbooks"


def is_there(quarter: Quarter) -> bool:
    """Whether the demo's assessments are in the database: it is known by its buyers."""
    emails = {story.email for story in quarter.stories if story.email}
    return Assessment.objects.filter(contact_email__in=emails).exists()


def reason_to_keep_out(quarter: Quarter) -> str:
    """Say why this is somebody's real database; empty when it is none."""
    if Assessment.objects.exists():
        return "there are assessments here that are not the demo's"
    for key in quarter.playbooks:
        live = PlaybookVersion.objects.filter(playbook__key=key).first()
        if live and live.hash != document_hash(to_document(playbook_then(key))):
            return f"{live} was published here and is not what {key}.toml says"
    return ""


@transaction.atomic
def tell(quarter: Quarter, today: date) -> None:
    """Let everything happen, in the order of time, as it looks from this day.

    Raises DemoError when something does not come about as its story says.
    """
    staff = {user.get_username(): user for user in get_user_model().objects.all()}
    buyers = {story.key: Buyer(story, staff) for story in quarter.stories}
    for buyer in buyers.values():
        buyer.before = buyers.get(buyer.story.continues)
    happenings = [
        *((version, None) for version in quarter.versions),
        *((buyer.story, buyer) for buyer in buyers.values()),
        *((event, buyer) for buyer in buyers.values() for event in buyer.story.then),
    ]
    # What falls on the same minute happens in the order of the files.
    for happening, buyer in sorted(happenings, key=lambda pair: pair[0].moment(today)):
        at = happening.moment(today)
        if isinstance(happening, Published):
            then = playbook_then(happening.playbook, happening.older)
            publish(then, notes=happening.notes, by=staff[happening.by], at=at)
        else:
            buyer.does(happening, at)
    for key in quarter.playbooks:
        live = live_version(key)
        if not Draft.objects.filter(playbook=live.playbook).exists():
            write_draft(live.as_published, version=live)


def playbook_then(
    key: str, older: Mapping[str, Mapping[str, Mapping[str, Any]]] = MappingProxyType({})
) -> documents.Playbook:
    """Return the playbook of a file with what it used to say, by part, key and column."""
    file = PLAYBOOKS / f"{key}.toml"
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    for part, rows in older.items():
        there = {row["key"]: row for row in document[part]}
        for name, columns in rows.items():
            there[name].update(columns)
    return from_document(document, str(file))


def live_version(key: str) -> PlaybookVersion:
    """The version of a playbook that a new assessment takes."""
    try:
        return Playbook.objects.get(key=key).live
    except Playbook.DoesNotExist:
        raise DemoError(f"the playbook {key!r} is not published at this moment.") from None


class Buyer:
    """A buyer on the way through their story."""

    assessment: Assessment
    said: Answers  # what they would say to any question; only what matters is asked
    before: "Buyer | None" = None  # the story that this one continues

    def __init__(self, story: Story, staff: Mapping[str, AbstractBaseUser]) -> None:
        self.story = story
        self.staff = staff

    @property
    def rulebook(self) -> Rulebook:
        """That of the playbook version under which this buyer has begun."""
        return self.assessment.version.rulebook

    @property
    def issued(self) -> Recommendation:
        """The recommendation that the answers lead to; raises DemoError when there is none."""
        if self.assessment.recommendation is None:
            raise DemoError("there is no recommendation at this moment; tell of one before.")
        return self.assessment.recommendation

    def does(self, happening: Story | Event, at: datetime) -> None:
        """Let the next thing happen, and write back when it was, where rows only know of now."""
        try:
            answers = self.happens(happening, at)
        except (DemoError, AnswersError, ContinuingError, ReviewError, ValueError) as error:
            raise DemoError(f"{self.story.key}, {happening.at}: {error}") from error
        this = Assessment.objects.filter(pk=self.assessment.pk)
        if not isinstance(happening, Downloads | Notes):
            this.update(updated_at=at)
            Answer.objects.filter(assessment__in=this, question__in=answers).update(answered_at=at)
        self.assessment = this.with_version().with_decision().get()

    def happens(self, happening: Story | Event, at: datetime) -> Iterable[str]:
        """Let it happen; return the questions that were answered."""
        match happening:
            case Story():
                return self.starts(happening.answers, at)
            case Advised():
                self.is_advised(happening, at)
            case Details():
                return self.adds_details(happening.details, at)
            case Changes():
                return self.changes_answers(happening.answers, at)
            case Downloads():
                issue_brief(self.assessment, at=at)
            case Notes():
                add_note(self.assessment, happening.text, by=self.staff[happening.by], at=at)
            case Approves() | Overrides() | Reopens():
                self.is_reviewed(happening, at)
        return ()

    def starts(self, said: Mapping[str, Any], at: datetime) -> Iterable[str]:
        """Begin, and answer question after question, as far as the answers go."""
        said = {"red-flags": "none", **said}
        if self.story.continues:
            self.goes_on(said, at)
        else:
            version = live_version(self.story.playbook)
            self.said = read_answers(version.rulebook.playbook, said)
            self.assessment = start(version, self.begins(version.rulebook, {}), at=at)
        return self.assessment.answers

    def goes_on(self, said: Mapping[str, Any], at: datetime) -> None:
        """Begin with the answers of the story before, and give those that are still asked for."""
        if self.before is None or not hasattr(self.before, "assessment"):
            raise DemoError(f"the story {self.story.continues!r} has not begun at this moment.")
        self.assessment = continue_with(self.before.assessment, self.story.playbook, at=at)
        self.said = read_answers(self.rulebook.playbook, said)
        answers = self.begins(self.rulebook, self.assessment.answers)
        save_answers(self.assessment, answers, at=at)

    def begins(self, rulebook: Rulebook, given: Answers) -> dict[str, tuple[str, ...]]:
        """Return the first answers, in the order of asking; `given` is answered already.

        Raises DemoError for one off the path, and where one that is asked before it is missing.
        """
        live = live_questions(rulebook, {**given, **self.said})
        refuse_unasked(self.said, {question.key for question in live})
        asked = as_asked(rulebook, self.said, given)
        if self.story.leaves_after:
            return dict(islice(asked.items(), self.story.leaves_after))
        answers = {**given, **asked}
        question = next_question(rulebook.playbook, recommend(rulebook, answers))
        if question and not self.said.keys() <= answers.keys():
            raise DemoError(f"this buyer is asked {question.key} before the rest; answer it, too.")
        return asked

    def is_advised(self, said: Advised, at: datetime) -> None:
        """Issue the recommendation, which has to be the one that the story tells of."""
        outcome = issue_recommendation(self.assessment, at=at).value.outcome
        if outcome.engagements != said.outcome or said.kind not in (None, outcome.kind):
            raise DemoError(
                f"the rules say {outcome.kind} ({', '.join(outcome.engagements)}), the story "
                f"{said.kind or 'only'} ({', '.join(said.outcome)}); mend its answers."
            )
        contact = {f"contact_{key}": getattr(self.story, key) for key in ("name", "firm", "email")}
        if not self.story.continues:
            Assessment.objects.filter(pk=self.assessment.pk).update(**contact)

    def adds_details(self, said: Mapping[str, Any], at: datetime) -> Iterable[str]:
        """Save scope details, which have to be asked for; what is in place may be news."""
        playbook = self.rulebook.playbook
        details = read_answers(playbook, said)
        answers = {**self.assessment.answers, **details}
        first = first_step(self.assessment)
        sections = scope_sections(playbook, self.issued.value, first, answers)
        refuse_unasked(details, {q.key for _section, questions in sections for q in questions})
        save_answers(self.assessment, details, at=at)
        issue_recommendation(self.assessment, at=at)
        keep_brief_current(self.assessment, at=at)
        return details

    def changes_answers(self, said: Mapping[str, Any], at: datetime) -> Iterable[str]:
        """Save other answers, to questions on the path, and to what they make necessary."""
        answers = read_answers(self.rulebook.playbook, said)
        given = {**self.assessment.answers, **answers}
        refuse_unasked(answers, {q.key for q in live_questions(self.rulebook, given)})
        answers |= as_asked(self.rulebook, self.said, given)
        save_answers(self.assessment, answers, at=at)
        return answers

    def is_reviewed(self, said: Approves | Overrides | Reopens, at: datetime) -> None:
        """Let a consultant decide, who has seen the newest review."""
        newest = self.issued.reviews.first()
        seen = newest.number if newest else 0
        common = {"by": self.staff[said.by], "seen": seen, "note": said.note, "at": at}
        match said:
            case Approves():
                approve(self.issued, message=said.message, **common)
            case Overrides():
                override(
                    self.issued,
                    engagement=said.engagement,
                    reason=said.reason,
                    message=said.message,
                    **common,
                )
            case Reopens():
                reopen(self.issued, **common)


def as_asked(rulebook: Rulebook, said: Answers, given: Answers) -> dict[str, tuple[str, ...]]:
    """Return what is said to the questions that are asked, until nothing matters any more."""
    asked: dict[str, tuple[str, ...]] = {}
    while question := next_question(rulebook.playbook, recommend(rulebook, {**given, **asked})):
        if question.key not in said:
            break
        asked[question.key] = said[question.key]
    return asked


def refuse_unasked(answers: Iterable[str], asked: Container[str]) -> None:
    """Raise DemoError for answers to what this buyer is not asked."""
    if unasked := [key for key in answers if key not in asked]:
        raise DemoError(f"this buyer is not asked {', '.join(unasked)}; leave it out.")
