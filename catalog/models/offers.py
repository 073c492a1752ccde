"""What a draft says about its offers beside what decides, as rows.

The columns are those of `advisor.offers`, whose docstrings say what they mean. Rows that hang on
a part are found under the name that the document has for them.
"""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from advisor import offers
from catalog.fields import KeyField, LineField, LinesField, ProseField
from catalog.models.draft import HIGHEST_PRICE, Draft, EngagementModel, Part, Question, Row

PARTIES = [
    (offers.Party.FIRM.value, _("we")),
    (offers.Party.BUYER.value, _("the client")),
    (offers.Party.BOTH.value, _("both together")),
    (offers.Party.EXTRA.value, _("we, paid by itself")),
    (offers.Party.NOBODY.value, _("not part of it")),
]


# ---- Rows of an engagement model ------------------------------------------------------------


class OtherPrice(Row):
    """A price beside the main one."""

    engagement = models.ForeignKey(
        EngagementModel, on_delete=models.CASCADE, related_name="other_prices"
    )
    title = LineField(help_text=_("What it is for, such as “Consulting after the first month”."))
    currency = models.CharField(
        max_length=3, validators=[RegexValidator(r"^[A-Z]{3}$", _("Write it like EUR."))]
    )
    least = models.PositiveIntegerField(_("from"), validators=[MaxValueValidator(HIGHEST_PRICE)])
    most = models.PositiveIntegerField(
        _("to"), null=True, blank=True, validators=[MaxValueValidator(HIGHEST_PRICE)]
    )
    unit = LineField(help_text=_("Such as “per hour”."))

    class Meta(Row.Meta):
        verbose_name = _("other price")

    def __str__(self) -> str:
        return self.title


class SeparateScope(Row):
    """Work at the edge that is agreed and paid by itself."""

    engagement = models.ForeignKey(
        EngagementModel, on_delete=models.CASCADE, related_name="separate_scope"
    )
    what = LineField()
    becomes = LineField(help_text=_("As what it can be had, such as “a project of its own”."))

    class Meta(Row.Meta):
        verbose_name = _("separate scope")
        verbose_name_plural = _("separate scope")

    def __str__(self) -> str:
        return self.what


class Severity(Row):
    """How fast a kind of trouble is answered."""

    engagement = models.ForeignKey(
        EngagementModel, on_delete=models.CASCADE, related_name="severities"
    )
    title = LineField(help_text=_("Such as “Critical”; the worst comes first."))
    meaning = LineField(help_text=_("What counts as this, such as “the system is down”."))
    response = LineField(_("first response"), help_text=_("By a person, such as “within 1 hour”."))
    resolution = LineField(blank=True)
    updates = LineField(blank=True, help_text=_("How often there is news meanwhile."))

    class Meta(Row.Meta):
        verbose_name_plural = _("severities")

    def __str__(self) -> str:
        return self.title


class Credit(Row):
    """What is taken off the bill when a promised response is missed."""

    engagement = models.ForeignKey(
        EngagementModel, on_delete=models.CASCADE, related_name="credits"
    )
    missed_by = LineField()
    credit = LineField()

    def __str__(self) -> str:
        return self.missed_by


class Responsibility(Row):
    """A row of the responsibility matrix."""

    engagement = models.ForeignKey(
        EngagementModel, on_delete=models.CASCADE, related_name="responsibilities"
    )
    task = LineField()
    party = models.CharField(_("who answers for it"), max_length=10, choices=PARTIES)
    note = LineField(blank=True, help_text=_("How often or how, such as “monthly”."))

    class Meta(Row.Meta):
        verbose_name_plural = _("responsibilities")

    def __str__(self) -> str:
        return self.task


class ProcessPhase(Row):
    """A phase of how the work goes."""

    title = LineField()
    when = LineField(blank=True, help_text=_("Such as “Week 1”."))
    summary = ProseField(blank=True)
    activities = LinesField(blank=True)
    outcome = LineField(blank=True)

    class Meta(Row.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.title


class EngagementPhase(ProcessPhase):
    """A phase of one engagement model."""

    engagement = models.ForeignKey(
        EngagementModel, on_delete=models.CASCADE, related_name="process"
    )

    class Meta(ProcessPhase.Meta):
        verbose_name = _("phase")


class Training(Row):
    """A training session."""

    engagement = models.ForeignKey(
        EngagementModel, on_delete=models.CASCADE, related_name="training"
    )
    title = LineField()
    hours = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(80)]
    )
    topics = LinesField(blank=True)

    class Meta(Row.Meta):
        verbose_name = _("training session")

    def __str__(self) -> str:
        return self.title


class EscalationStep(Row):
    """Whom to turn to next."""

    engagement = models.ForeignKey(
        EngagementModel, on_delete=models.CASCADE, related_name="escalation_path"
    )
    who = LineField()
    when = LineField()
    reach = LineField(_("how to reach them"), blank=True)

    class Meta(Row.Meta):
        verbose_name = _("escalation step")

    def __str__(self) -> str:
        return self.who


# ---- Rows of a draft ------------------------------------------------------------------------


class DraftPhase(ProcessPhase):
    """A phase that every engagement goes through."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="process")

    class Meta(ProcessPhase.Meta):
        verbose_name = _("phase")


class Expectation(Row):
    """What a buyer may expect of the firm."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="expectations")
    title = LineField()
    text = ProseField()

    def __str__(self) -> str:
        return self.title


# ---- Parts ----------------------------------------------------------------------------------


class ForSome(Part):
    """A part that is for some engagement models, or for all."""

    engagements = models.ManyToManyField(
        EngagementModel,
        blank=True,
        verbose_name=_("only for"),
        help_text=_("Shown only where one of these is recommended. Tick none to show it always."),
    )

    class Meta(Part.Meta):
        abstract = True


class Faq(ForSome):
    """A question that buyers ask, and its answer."""

    title = LineField(_("question"))
    answer = ProseField()

    class Meta(ForSome.Meta):
        verbose_name = _("frequent question")

    def __str__(self) -> str:
        return self.title


class Checklist(ForSome):
    """What is ticked off while an engagement is set up, handed over or run."""

    title = LineField()
    intro = ProseField(blank=True)

    def __str__(self) -> str:
        return self.title


class ChecklistGroup(Row):
    """Items of a checklist that belong together."""

    checklist = models.ForeignKey(Checklist, on_delete=models.CASCADE, related_name="groups")
    key = KeyField()
    title = LineField()
    items = LinesField()

    class Meta(Row.Meta):
        verbose_name = _("group")

    def __str__(self) -> str:
        return self.title


class Chapter(ForSome):
    """A chapter of the operations manual."""

    title = LineField()
    text = ProseField(blank=True)
    points = LinesField(blank=True)

    class Meta(ForSome.Meta):
        verbose_name = _("chapter of the manual")
        verbose_name_plural = _("chapters of the manual")

    def __str__(self) -> str:
        return self.title


class Fact(Row):
    """A line of the manual that an answer fills in."""

    chapter = models.ForeignKey(Chapter, on_delete=models.CASCADE, related_name="facts")
    label = LineField()
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.label


class KnownIssue(Row):
    """Something that goes wrong now and then."""

    chapter = models.ForeignKey(Chapter, on_delete=models.CASCADE, related_name="issues")
    title = LineField()
    cause = LineField()
    steps = LinesField()
    within = LineField(help_text=_("How long it takes."))

    class Meta(Row.Meta):
        verbose_name = _("known issue")

    def __str__(self) -> str:
        return self.title
