"""Links that a buyer gives to others, the buyer's own that were replaced, and what was mailed."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagements.models.assessed import Assessment, new_token


class LinkKind(models.TextChoices):
    """What somebody who has the link may do."""

    OWNER = "owner", _("Everything")  # one that was replaced; the one in force is the assessment's
    READER = "reader", _("Read the recommendation")
    COLLEAGUE = "colleague", _("Answer one section")


PREFIXES = {LinkKind.OWNER: "a", LinkKind.READER: "r", LinkKind.COLLEAGUE: "c"}


class LinkQuerySet(models.QuerySet["Link"]):
    """Links, as pages need them."""

    def given(self) -> "LinkQuerySet":
        """Those that the buyer made for others."""
        return self.exclude(kind=LinkKind.OWNER)

    def open(self) -> "LinkQuerySet":
        """Those that open something: neither ended nor expired."""
        return self.filter(ended_at=None, expires_at__gt=timezone.now())

    def colleagues(self) -> "LinkQuerySet":
        """Those given to colleagues, with what each of them answered."""
        return self.filter(kind=LinkKind.COLLEAGUE).prefetch_related("answers")


class Link(models.Model):
    """A private link to an assessment besides the buyer's own. The token is its key.

    `section` is the key of the section that a colleague is asked to answer, `name` whom the link
    is for, in the buyer's words, and `note` a line for them. `ended_at` is when the buyer took it
    back.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=12, choices=LinkKind)
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    section = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = LinkQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.assessment}: {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return f"{reverse('engagements:home')}{PREFIXES[LinkKind(self.kind)]}/{self.token}/"

    @property
    def is_open(self) -> bool:
        """Whether it still opens something."""
        return self.ended_at is None and self.expires_at > timezone.now()


class Letter(models.TextChoices):
    """What a mail brings."""

    OWN = "own", _("The private link")
    RENEWED = "renewed", _("A new private link")
    READER = "reader", _("A link to read")
    COLLEAGUE = "colleague", _("A link to answer a section")


class Mailing(models.Model):
    """A mail that was handed to the mail server; how many there may be is counted here."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="mailings")
    what = models.CharField(max_length=12, choices=Letter)
    address = models.EmailField()
    sent_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("address", "sent_at"), name="mailings_to_an_address"),)

    def __str__(self) -> str:
        return f"{self.assessment}: {self.get_what_display()}"
