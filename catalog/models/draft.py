"""The draft of a playbook as rows, one table for each kind of part: what the admin edits.

The columns are those of `advisor.playbook`, whose docstrings say what they mean. A draft may be
wrong for a while; `catalog.drafts` turns it into a playbook, and only a sound one is published.
References are foreign keys, so that a key can be renamed without breaking what names it.
"""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from advisor import playbook as documents
from advisor.sentences import refuted_sentence
from catalog.fields import KeyField, LineField, LinesField, ProseField
from catalog.models.published import Playbook, PlaybookVersion

HIGHEST_PRICE = 100_000_000


PHASES = [
    (documents.Phase.RESPOND.value, _("respond")),
    (documents.Phase.DECIDE.value, _("decide")),
    (documents.Phase.DELIVER.value, _("deliver")),
    (documents.Phase.RUN.value, _("run")),
]
STAGES = [
    (documents.Stage.TRIAGE.value, _("triage")),
    (documents.Stage.DECIDE.value, _("decide")),
    (documents.Stage.SCOPE.value, _("scope")),
]
KINDS_OF_ANSWER = [
    (documents.Kind.ONE.value, _("one option")),
    (documents.Kind.MANY.value, _("any number of options")),
    (documents.Kind.LINE.value, _("a line")),
    (documents.Kind.TEXT.value, _("a text")),
]
QUALITIES = [(claim.value, claim.value) for claim in documents.Claim if not claim.is_safety]


class Edited(models.Model):
    """A row that is edited on a page of its own, together with the rows that hang on it.

    `revision` counts its saves: whoever saves from an older one is told what happened meanwhile.
    """

    revision = models.PositiveIntegerField(default=0, editable=False)
    edited_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        abstract = True


class Draft(Edited):
    """What is being written for the next version of a playbook, and its opening parts.

    `based_on` is the version that it was last set to, if any.
    """

    playbook = models.OneToOneField(Playbook, on_delete=models.PROTECT, related_name="draft")
    based_on = models.ForeignKey(
        PlaybookVersion, on_delete=models.PROTECT, null=True, blank=True, editable=False
    )
    title = LineField()
    language = models.CharField(
        max_length=5,
        default="en",
        validators=[RegexValidator(r"^[a-z]{2}(-[A-Z]{2})?$", _("Write it like en or de-AT."))],
    )
    decision = LineField(
        blank=True,
        help_text=_("What a buyer wants to decide with it, as a question in the buyer's words."),
    )
    summary = ProseField(help_text=_("What a buyer gets from the questions."))
    promise = ProseField(help_text=_("What the firm stands for; the first thing a buyer reads."))
    minutes = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text=_("How long the questions take, as buyers are told."),
    )
    entry = models.ForeignKey(
        "EngagementModel",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("entry engagement model"),
        help_text=_("Named when nothing is demanded: the smallest that creates useful evidence."),
    )
    firm_name = LineField()
    firm_email = LineField(_("firm e-mail"))
    firm_phone = LineField()
    firm_website = LineField(blank=True)
    emergency_phone = LineField(blank=True)
    emergency_hours = LineField(blank=True)
    emergency_promise = ProseField(blank=True)
    emergency_have_ready = LinesField(_("what to have ready"), blank=True)
    emergency_meanwhile = LinesField(_("what to do meanwhile"), blank=True)

    class Meta:
        ordering = ("playbook__title",)
        permissions = (("publish_draft", "Can publish drafts and go back to earlier versions"),)

    def __str__(self) -> str:
        return self.title


class Part(Edited):
    """A part of a draft with a key of its own."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE)
    position = models.PositiveIntegerField(
        _("place"), default=0, help_text=_("Its place in the playbook: 1 is first, 0 puts it last.")
    )
    key = KeyField(
        help_text=_("Its short name, such as known-target. What refers to it follows a change.")
    )

    class Meta:
        abstract = True
        ordering = ("draft", "position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("draft", "key"), name="one_%(class)s_of_each_key"),
        )


class Row(models.Model):
    """A row that is edited on the page of what it hangs on."""

    position = models.PositiveIntegerField(
        _("place"), default=0, help_text=_("1 is first, 0 puts it last.")
    )

    class Meta:
        abstract = True
        ordering = ("position", "pk")


class Need(Part):
    """Something that an engagement must be able to carry."""

    title = LineField(help_text=_("Completes “this engagement carries …”."))
    phase = models.CharField(
        max_length=10,
        choices=PHASES,
        help_text=_("In a pathway: respond, decide, deliver, then run."),
    )
    explanation = ProseField()
    starts_when = LineField(
        help_text=_("What starts the step that carries it, when it comes later.")
    )
    offered = models.BooleanField(
        default=True,
        help_text=_("Untick if nothing on offer carries it: whoever needs it is told so."),
    )

    def __str__(self) -> str:
        return self.title


class EngagementModel(Part):
    """A way of working that is for sale."""

    title = LineField()
    family = KeyField(blank=True, help_text=_("Shared by variants of one offer."))
    size = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(99)],
        help_text=_("1 is the smallest commitment."),
    )
    phase = models.CharField(
        max_length=10,
        choices=PHASES,
        help_text=_("In a pathway: respond, decide, deliver, then run."),
    )
    summary = LineField(help_text=_("Completes “We recommend …:”."))
    use_when = LineField()
    duration = LineField()
    commercial_shape = LineField()
    price_currency = models.CharField(
        _("currency"),
        max_length=3,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Write it like EUR."))],
    )
    price_least = models.PositiveIntegerField(
        _("price from"), null=True, blank=True, validators=[MaxValueValidator(HIGHEST_PRICE)]
    )
    price_most = models.PositiveIntegerField(
        _("price to"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(HIGHEST_PRICE)],
        help_text=_("Blank where there is no upper end."),
    )
    price_unit = LineField(_("price for what"), blank=True, help_text=_("Such as “per month”."))
    carries = models.ManyToManyField(Need, blank=True)
    first_services = LinesField(blank=True)
    good_fit = LinesField(blank=True)
    operating_model = ProseField()
    covers = LinesField(_("what it covers"), blank=True)
    deliverables = LinesField(blank=True)
    boundaries = LinesField(blank=True)
    handoff = ProseField()
    escalation = ProseField()
    next_step = ProseField()
    level_coverage = LineField(
        _("hours of coverage"),
        blank=True,
        help_text=_("Such as “Monday to Friday, 9:00 to 17:00”."),
    )
    level_channels = LinesField(_("ways to reach us"), blank=True)
    level_uptime = models.CharField(
        _("uptime target in percent"),
        max_length=6,
        blank=True,
        validators=[RegexValidator(r"^\d{2}(\.\d{1,3})?\Z", _("Write it like 99.5."))],
    )
    level_credit_limit = LineField(_("most that is credited"), blank=True)
    follow_on_playbook = KeyField(
        _("goes on with the playbook"), blank=True, help_text=_("The key of another playbook.")
    )
    follow_on_when = LineField(
        _("goes on once"), blank=True, help_text=_("Completes “once …”, such as “it runs”.")
    )

    class Meta(Part.Meta):
        verbose_name = _("engagement model")

    def __str__(self) -> str:
        return self.title


class Cadence(Row):
    """One rhythm of an engagement: when, and what happens."""

    engagement = models.ForeignKey(
        EngagementModel, on_delete=models.CASCADE, related_name="cadence"
    )
    when = LineField()
    what = LineField()

    class Meta(Row.Meta):
        verbose_name_plural = _("cadence")

    def __str__(self) -> str:
        return f"{self.when}: {self.what}"


class Section(Part):
    """Questions that belong together."""

    title = LineField()
    stage = models.CharField(
        max_length=10,
        choices=STAGES,
        help_text=_(
            "Triage comes first, decide leads to the recommendation, scope fills the brief."
        ),
    )
    intro = ProseField(blank=True)

    def __str__(self) -> str:
        return self.title


class Question(Part):
    """One thing asked."""

    section = models.ForeignKey(Section, on_delete=models.PROTECT)
    title = LineField()
    answer_noun = LineField(help_text=_("Names the answer in a list, such as “who runs it”."))
    hint = LineField(blank=True, help_text=_("One sentence below the question that helps."))
    why = ProseField(help_text=_("What a buyer reads under “Why we ask this”."))
    kind = models.CharField(_("kind of answer"), max_length=10, choices=KINDS_OF_ANSWER)
    changeable = models.BooleanField(
        default=True,
        help_text=_("Tick if a buyer could come to another answer; not for plain facts."),
    )
    engagements = models.ManyToManyField(
        EngagementModel,
        blank=True,
        verbose_name=_("only for"),
        help_text=_("Asked only where one of these is recommended. Tick none to ask always."),
    )

    def __str__(self) -> str:
        return self.title


class Option(Row):
    """One choice of a question."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE)
    key = KeyField()
    label = LineField()
    hint = LineField(blank=True)
    exclusive = models.BooleanField(default=False, help_text=_("Cannot be picked with others."))
    unsure = models.BooleanField(
        default=False, help_text=_("Who picks it does not know; nobody is advised to.")
    )
    if_so = LineField(
        _("what it would take"),
        blank=True,
        help_text=_("Completes “If …, this would be …”, such as “you could name a deadline”."),
    )

    class Meta(Row.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("question", "key"),
                name="one_option_of_each_key",
                violation_error_message=_("Another option of this question has this key."),
            ),
        )

    def __str__(self) -> str:
        return self.label


class Condition(Row):
    """ "The answer to `question` is any of these options"."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    any_of = models.ManyToManyField(Option, related_name="+")

    class Meta(Row.Meta):
        abstract = True
        verbose_name = _("condition")

    def __str__(self) -> str:
        return gettext("on “{question}”").format(question=self.question)


class SectionCondition(Condition):
    """When a section is asked."""

    owner = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="conditions")


class QuestionCondition(Condition):
    """When a question is asked."""

    owner = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="conditions")


class Signal(Part):
    """What a buyer's answers show."""

    title = LineField()
    voice = LineField(help_text=_("As a buyer would say it."))
    because = ProseField(help_text=_("The reason that a buyer reads."))
    rules_out = models.ManyToManyField(
        EngagementModel, blank=True, help_text=_("What cannot be recommended then.")
    )

    class Meta(Part.Meta):
        verbose_name = _("buying signal")

    def __str__(self) -> str:
        return self.title


class SignalCondition(Condition):
    """When a signal fires."""

    owner = models.ForeignKey(Signal, on_delete=models.CASCADE, related_name="conditions")


class Demand(Row):
    """A need that a signal demands, and how much it weighs in the score."""

    signal = models.ForeignKey(Signal, on_delete=models.CASCADE, related_name="demands")
    need = models.ForeignKey(Need, on_delete=models.PROTECT)
    weight = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("How much it counts in the score, 1 to 100."),
    )

    def __str__(self) -> str:
        return gettext("{need}, weight {weight}").format(need=self.need, weight=self.weight)


class Prerequisite(Row):
    """What must be in place before an engagement model can start, read from one question."""

    engagement = models.ForeignKey(EngagementModel, on_delete=models.CASCADE)
    key = KeyField()
    title = LineField()
    owner = LineField(help_text=_("Who provides it."))
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    met = models.ManyToManyField(Option, related_name="+")
    unknown = models.ManyToManyField(Option, blank=True, related_name="+")

    def __str__(self) -> str:
        return self.title


class Guide(Part):
    """A table of advice that a reader can check the rules against."""

    title = LineField()

    def __str__(self) -> str:
        return self.title


class GuideRow(Row):
    """One line of advice: if this is true, start with these engagement models, because."""

    guide = models.ForeignKey(Guide, on_delete=models.CASCADE, related_name="rows")
    key = KeyField()
    statement = LineField()
    start_with = models.ManyToManyField(EngagementModel)
    why = ProseField()

    def __str__(self) -> str:
        return self.statement


class ServicePath(Part):
    """The services with which an engagement model usually starts, for one answer."""

    title = LineField()
    engagement = models.ForeignKey(EngagementModel, on_delete=models.PROTECT)
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    any_of = models.ManyToManyField(Option, related_name="+")
    services = LinesField()
    note = LineField()

    def __str__(self) -> str:
        return self.title


class Acknowledgement(Row):
    """Why a claim that is refuted is as it is meant to be; it goes with what it is about."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="acknowledgements")
    claim = models.CharField(max_length=30, choices=QUALITIES)
    need = models.ForeignKey(
        Need, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    engagement = models.ForeignKey(
        EngagementModel, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    signal = models.ForeignKey(
        Signal, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    option = models.ForeignKey(
        Option, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    why = ProseField(_("why this is right"))

    def __str__(self) -> str:
        named = f"“{self.part}”" if self.part else ""
        if self.option:
            named = gettext("the answer “{option}” to “{question}”").format(
                option=self.option, question=self.option.question
            )
        return refuted_sentence(documents.Claim(self.claim), named)

    @property
    def about(self) -> str | None:
        """The key of what it is about, as a document has it."""
        if self.option:
            return f"{self.option.question.key}.{self.option.key}"
        return self.part.key if self.part else None

    @property
    def part(self) -> Part | None:
        """The part that it is about, but for options."""
        return self.need or self.engagement or self.signal

    @property
    def place(self) -> tuple[int, ...]:
        """Where what it is about stands in the playbook."""
        if self.option:
            return self.option.question.position, self.option.position
        return (self.part.position,) if self.part else ()
