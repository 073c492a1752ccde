"""The sales desk: reviewed briefs to find, to download, and to export for a CRM.

It hands out stored briefs of reviews in force only, so that nobody sells what no consultant has
seen. A brief whose answers have changed since is off the list until it is reviewed anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any

from django import forms
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from advisor.playbook import EngagementModel, Playbook
from catalog.ids import id_in
from catalog.models import PlaybookVersion
from engagements.brief import Brief
from engagements.lists import found_by, rulebooks_of
from engagements.models import Assessment, BriefVersion, Decision
from engagements.questionnaire import parts_for

MOST_PICKED = 50  # as many as a page has: each may have to be printed first
NOTHING_FITS = "none"
CSV_HEADER = (
    "Reference",
    "Firm",
    "Name",
    "E-mail",
    "Playbook",
    "Engagement model",
    "Decision",
    "Price currency",
    "Price from",
    "Price to",
    "Price unit",
    "Reviewed by",
    "Reviewed on",
    "Brief version",
    "Brief",
    "Continues",
)


# ---- What is on the desk -------------------------------------------------------------------


class DeskFilter(forms.Form):
    """Which reviewed briefs to show. All of it is optional, and all of it is in the address."""

    q = forms.CharField(
        label=gettext_lazy("Firm, name, e-mail or reference"),
        max_length=200,
        required=False,
        widget=forms.SearchInput({"class": "input", "autocomplete": "off"}),
    )
    playbook = forms.ChoiceField(
        label=gettext_lazy("Playbook"), required=False, widget=forms.Select({"class": "input"})
    )
    engagement = forms.ChoiceField(
        label=gettext_lazy("Engagement model"),
        required=False,
        widget=forms.Select({"class": "input"}),
    )
    days = forms.ChoiceField(
        label=gettext_lazy("Reviewed"),
        required=False,
        widget=forms.Select({"class": "input"}),
        choices=[
            ("", gettext_lazy("At any time")),
            ("7", gettext_lazy("In the last 7 days")),
            ("30", gettext_lazy("In the last 30 days")),
            ("90", gettext_lazy("In the last 90 days")),
        ],
    )
    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        required=False,
        widget=forms.Select({"class": "input"}),
        choices=[
            ("", gettext_lazy("Any")),
            (Decision.APPROVED, gettext_lazy("As recommended")),
            (Decision.OVERRIDDEN, gettext_lazy("Overridden")),
        ],
    )

    def __init__(self, data: Any, versions: list[PlaybookVersion]) -> None:
        super().__init__(data)
        models = {
            version.playbook: [
                (f"{version.playbook.key}.{model.key}", model.title)
                for model in version.rulebook.playbook.engagements
            ]
            for version in versions
        }
        self.fields["playbook"].choices = [
            ("", _("All")),
            *((playbook.key, playbook.title) for playbook in models),
        ]
        self.fields["engagement"].choices = [
            ("", _("All")),
            *(
                ((playbook.title, choices) for playbook, choices in models.items())
                if len(models) > 1
                else chain.from_iterable(models.values())
            ),
            (NOTHING_FITS, _("None that fits")),
        ]
        if len(models) < 2:
            del self.fields["playbook"]
        gone = _("This is not to choose from any more. Choose one of those shown.")
        for field in self.fields.values():
            field.error_messages["invalid_choice"] = gone

    @property
    def given(self) -> dict[str, str]:
        """What narrows the list, by name."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    def condition(self) -> Q:
        """Which assessments these filters leave."""
        given = self.given
        found = found_by(given.get("q", ""))
        if "playbook" in given:
            found &= Q(version__playbook__key=given["playbook"])
        if given.get("engagement") == NOTHING_FITS:
            found &= Q(review__engagement="")
        elif "engagement" in given:
            playbook, _dot, model = given["engagement"].rpartition(".")
            found &= Q(version__playbook__key=playbook, review__engagement=model)
        if "days" in given:
            since = timezone.now() - timedelta(days=int(given["days"]))
            found &= Q(review__created_at__gte=since)
        if "decision" in given:
            found &= Q(review__decision=given["decision"])
        return found


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the desk; no engagement model when none fits."""

    assessment: Assessment
    engagement: EngagementModel | None
    has_pack: bool = False

    @property
    def overridden(self) -> bool:
        """Whether the rules had it otherwise."""
        return self.assessment.review.decision == Decision.OVERRIDDEN

    def cells(self, request: HttpRequest) -> tuple[str | int | None, ...]:
        """The row for a CRM, in the order of the header."""
        assessment, review = self.assessment, self.assessment.review
        price = self.engagement.price if self.engagement else None
        return (
            assessment.reference,
            assessment.contact_firm,
            assessment.contact_name,
            assessment.contact_email,
            assessment.version.playbook.title,
            self.engagement.title if self.engagement else "",
            review.get_decision_display(),
            *((price.currency, price.least, price.most, price.unit) if price else [None] * 4),
            review.reviewer_name,
            timezone.localdate(review.created_at).isoformat(),
            assessment.brief_number,
            request.build_absolute_uri(reverse("engagements:desk-brief", args=[assessment.pk])),
            assessment.continues and assessment.continues.reference,
        )


def _newest_brief(column: str) -> Subquery:
    """A column of the newest brief version of the review in force."""
    issued = BriefVersion.objects.filter(review=OuterRef("review_id")).order_by("-number")
    return Subquery(issued.values(column)[:1])


def on_the_desk(condition: Q) -> QuerySet[Assessment]:
    """Reviewed assessments, newest review first, with all that a row tells and nothing large."""
    return (
        Assessment.objects.reviewed()
        .filter(condition)
        .select_related("version__playbook", "review__reviewer", "continues")
        .only(
            *(
                "created_at",
                "contact_firm",
                "contact_name",
                "contact_email",
                "continues__created_at",
            ),
            *("version__hash", "version__number", "version__playbook__title"),
            *("review__decision", "review__engagement", "review__created_at"),
            *(f"review__reviewer__{name}" for name in ("username", "first_name", "last_name")),
        )
        .annotate(brief_number=_newest_brief("number"))
        .order_by("-review_id")
    )


def rows_of(assessments: Iterable[Assessment]) -> list[Row]:
    """Return the lines of these assessments; versions not compiled yet cost one query."""
    listed = list(assessments)
    rulebooks = rulebooks_of(assessment.version for assessment in listed)
    return [_row(a, rulebooks[a.version_id].playbook) for a in listed]


def _row(assessment: Assessment, playbook: Playbook) -> Row:
    key = assessment.review.engagement
    if not key:
        return Row(assessment, None)
    has_pack = bool(parts_for(playbook.checklists, key))
    return Row(assessment, playbook.engagement(key), has_pack)


# ---- The briefs themselves -------------------------------------------------------------------


def stored_briefs(condition: Q) -> list[Brief]:
    """The newest brief of the review in force of each of these assessments that has one."""
    reviewed = Assessment.objects.reviewed().filter(condition)
    newest = reviewed.annotate(newest=_newest_brief("pk")).values("newest")
    issued = BriefVersion.objects.filter(pk__in=newest).order_by("-review_id")
    return [Brief.model_validate(content) for content in issued.values_list("content", flat=True)]


class NothingToSendError(Exception):
    """Why there is no ZIP, in a sentence."""


def picked_briefs(values: list[str]) -> tuple[list[Brief], int]:
    """The briefs that were ticked, and how many more of those are on the desk no longer."""
    ids = {pk for value in values if (pk := id_in(value))}
    if not ids:
        raise NothingToSendError(_("Tick at least one brief of the list, then download."))
    if len(ids) > MOST_PICKED:
        raise NothingToSendError(
            _(
                "One ZIP holds at most {most} briefs, and {ticked} are ticked. "
                "Download them in parts."
            ).format(most=MOST_PICKED, ticked=len(ids))
        )
    briefs = stored_briefs(Q(pk__in=ids))
    if not briefs:
        raise NothingToSendError(
            _(
                "Nothing of what was ticked is reviewed any more, because answers have changed "
                "since. The list below is as of now."
            )
        )
    return briefs, len(ids) - len(briefs)
