"""Which pages are shot. To add one, add a line; `shoot.py` does the rest.

An address is worked out in a world that `World` has made: the demo's quarter, and some buyers more.
A page that is not there (yet) is told and left out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from catalog.models import Draft, EngagementModel, Playbook, PlaybookVersion
from engagements.assessing import issue_recommendation, save_answers
from engagements.links import give, take_back
from engagements.models import Assessment, Link, LinkKind, State
from engagements.reviewing import approve
from tests.buyers import PLAYBOOK, begin, to
from tests.scenarios import answers_of

CARE, LEVELS = "application-care", "platform-support"
ANSWERING = {"red-flags": "none"}
PATHWAY = {"situation": "unproven", "rhythm": "monthly", "money": "evidence-first"}


class World:
    """What the pages are about; made when first asked for, with tokens that are always the same."""

    def live(self, playbook: str) -> PlaybookVersion:
        """The live version of a playbook."""
        return Playbook.objects.get(key=playbook).live

    def answering(self, **given: Any) -> Assessment:
        """A buyer who has answered these and nothing else."""
        told = {key.replace("_", "-"): value for key, value in given.items()}
        return self._named(begin(self.live(PLAYBOOK), {**ANSWERING, **told}))

    def decided(self, situation: str = "work-list", playbook: str = PLAYBOOK, **more: Any) -> Any:
        """A buyer who has a recommendation."""
        told = {key.replace("_", "-"): value for key, value in more.items()}
        if playbook == PLAYBOOK:
            told["situation"] = situation
        assessment = self._named(begin(self.live(playbook), answers_of(playbook, told)))
        issue_recommendation(assessment)
        return Assessment.objects.get(pk=assessment.pk)

    @cached_property
    def pathway(self) -> Assessment:
        """A buyer with two steps before them, who has said who they are."""
        assessment = self.decided(**PATHWAY)
        Assessment.objects.filter(pk=assessment.pk).update(
            contact_name="Ines Duarte",
            contact_firm="Northwind Foods",
            contact_email="ines@example.com",
        )
        return Assessment.objects.get(pk=assessment.pk)

    @cached_property
    def reviewed(self) -> Assessment:
        """A buyer whose recommendation a consultant has approved."""
        assessment = self.decided(**PATHWAY)
        approve(assessment.recommendation, by=self.person("consultant"), seen=0)
        return Assessment.objects.get(pk=assessment.pk)

    @cached_property
    def handed_over(self) -> Assessment:
        """A buyer with checklists to tick off."""
        return self.decided(playbook=CARE)

    def link(self, kind: LinkKind, *, ended: bool = False, **more: str) -> str:
        """A link that the buyer with two steps has given to somebody."""
        link = give(self.pathway, kind, **more)
        Link.objects.filter(pk=link.pk).update(token=f"a-link-that-nobody-guesses-{link.pk:04d}")
        link.refresh_from_db()
        if ended:
            take_back(link)
        return link.token

    @cached_property
    def waiting(self) -> Assessment:
        """The first of the demo's buyers who wait for a consultant."""
        return Assessment.objects.filter(state=State.WAITING, contact_firm__gt="").latest("pk")

    @cached_property
    def draft(self) -> Draft:
        """The draft of the first playbook."""
        return Draft.objects.get(playbook__key=PLAYBOOK)

    @staticmethod
    def person(username: str) -> User:
        """One of the demo's accounts."""
        return User.objects.get(username=username)

    @staticmethod
    def _named(assessment: Assessment) -> Assessment:
        token = f"a-link-that-nobody-guesses-{assessment.pk:04d}"
        # Columns take the time from a clock of their own, which the moment does not hold.
        Assessment.objects.filter(pk=assessment.pk).update(token=token, created_at=timezone.now())
        assessment.refresh_from_db()
        return assessment


@dataclass(frozen=True)
class Shot:
    """A page: its address, who looks at it (a buyer if nobody is named), what is done first."""

    address: Callable[[World], str]
    by: str = ""
    first: Callable[[Page, World], object] = lambda page, world: None
    status: int = 200


def press(name: str) -> Callable[[Page, World], object]:
    """Press the first button of this name."""
    return lambda page, world: page.get_by_role("button", name=name).first.click()


def answer_what_has_changed(page: Page, world: World) -> None:
    """Answer a question that somebody else has just answered otherwise."""
    assessment = Assessment.objects.get(token=page.url.split("/")[4])
    save_answers(assessment, {"situation": ("build",)})
    page.locator('[value="looking"]').check()
    press("Continue")(page, world)


def published(name: str, key: str = PLAYBOOK) -> Callable[[World], str]:
    """A page of a playbook."""
    return lambda world: reverse(f"engagements:{name}", args=[key])


def admin(name: str, *args: Any) -> str:
    """A page of the admin."""
    return reverse(f"admin:{name}", args=args)


BUYER: dict[str, Shot] = {
    "home": Shot(lambda world: "/"),
    "playbook": Shot(published("playbook")),
    "engagement-models": Shot(published("engagements")),
    "engagement-models-of-a-family": Shot(published("engagements", LEVELS)),
    "emergency": Shot(published("emergency")),
    "start": Shot(published("start")),
    "question": Shot(lambda world: to(world.answering(), "question", "situation")),
    "question-error": Shot(
        lambda world: to(world.answering(), "question", "situation"), first=press("Continue")
    ),
    "question-of-two-tabs": Shot(
        lambda world: to(world.answering(), "question", "situation"),
        first=answer_what_has_changed,
    ),
    "check-after-another-tab": Shot(
        lambda world: to(world.pathway, "check") + "?meanwhile=situation&kept=team"
    ),
    "question-changed": Shot(lambda world: to(world.pathway, "question", "situation")),
    "so-far": Shot(lambda world: to(world.answering(situation="build", money="one-off"), "so-far")),
    "check": Shot(lambda world: to(world.pathway, "check")),
    "emergency-of-a-buyer": Shot(lambda world: to(world.decided(red_flags=["down"]), "respond")),
    "recommendation": Shot(lambda world: to(world.decided(), "recommendation")),
    "recommendation-pathway": Shot(lambda world: to(world.pathway, "recommendation")),
    "recommendation-reviewed": Shot(lambda world: to(world.reviewed, "recommendation")),
    "recommendation-conflict": Shot(
        lambda world: to(world.decided("not-our-job", money="one-off"), "recommendation")
    ),
    "recommendation-nothing-needed": Shot(
        lambda world: to(world.decided("looking"), "recommendation")
    ),
    "recommendation-care": Shot(lambda world: to(world.handed_over, "recommendation")),
    "scope": Shot(lambda world: to(world.pathway, "scope", "goal")),
    "scope-readiness": Shot(lambda world: to(world.decided(), "scope", "readiness")),
    "contact": Shot(lambda world: to(world.pathway, "contact")),
    "links": Shot(lambda world: f"/a/{world.pathway.token}/links/"),
    "ask-a-colleague": Shot(lambda world: to(world.pathway, "ask")),
    "colleague": Shot(
        lambda world: f"/c/{world.link(LinkKind.COLLEAGUE, section='access', name='Tomás Reis')}/"
    ),
    "shared": Shot(lambda world: f"/r/{world.link(LinkKind.READER)}/"),
    "shared-ended": Shot(
        lambda world: f"/r/{world.link(LinkKind.READER, ended=True)}/", status=410
    ),
    "handover": Shot(lambda world: to(world.handed_over, "handover")),
    "checklist": Shot(
        lambda world: to(
            world.handed_over,
            "checklist",
            world.handed_over.version.rulebook.playbook.checklists[0].key,
        )
    ),
    "not-found": Shot(lambda world: f"/a/{'x' * 32}/", status=404),
}
"""What a buyer sees, and whoever a buyer lets see it."""

STAFF: dict[str, Shot] = {
    "sign-in": Shot(lambda world: reverse("sign-in")),
    "overview": Shot(lambda world: admin("index"), by="consultant"),
    "queue": Shot(lambda world: admin("engagements_assessment_changelist"), by="consultant"),
    "review": Shot(
        lambda world: admin("engagements_assessment_change", world.waiting.pk), by="consultant"
    ),
    "desk": Shot(lambda world: reverse("engagements:desk"), by="sales"),
    "draft": Shot(lambda world: admin("catalog_draft_change", world.draft.pk), by="editor"),
    "signals": Shot(lambda world: admin("catalog_signal_changelist"), by="editor"),
    "engagement-model": Shot(
        lambda world: admin(
            "catalog_engagementmodel_change",
            EngagementModel.objects.filter(draft=world.draft).first().pk,
        ),
        by="editor",
    ),
    "publish": Shot(lambda world: admin("catalog_draft_publish", world.draft.pk), by="editor"),
    "numbers": Shot(lambda world: reverse("admin:engagements_asked_changelist"), by="consultant"),
    "versions": Shot(lambda world: admin("catalog_playbookversion_changelist"), by="editor"),
}
"""What the firm's own people see."""
