"""Published versions of a playbook: immutable, and what rules run on."""

from functools import lru_cache

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from advisor import playbook as documents
from advisor.brand import current as current_brand
from advisor.loading import document_hash, from_document
from advisor.rules import Rulebook, compile_playbook
from catalog.immutable import Immutable, ImmutableError, ImmutableQuerySet

MOST_KNOWN = 500

_rulebooks: dict[str, Rulebook] = {}
"""Compiled once per published version and process, by hash: versions never change."""


class Playbook(models.Model):
    """A playbook by name; what it says is in its versions."""

    key = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title

    @property
    def live(self) -> "PlaybookVersion":
        """The version that new assessments take; raises DoesNotExist before the first."""
        return self.versions.defer("document").latest("number")


class VersionQuerySet(ImmutableQuerySet["PlaybookVersion"]):
    """Versions, as lists need them."""

    def compiled(self) -> list["PlaybookVersion"]:
        """Return these versions ready to run, in one query.

        The large documents are read of those only that this process has not compiled yet.
        """
        unread = models.Case(
            models.When(hash__in=list(_rulebooks), then=None),
            default="document",
            output_field=models.JSONField(),
        )
        versions = list(self.select_related("playbook").defer("document").annotate(unread=unread))
        for version in versions:
            if version.unread is not None:
                version.document = version.unread
        return versions


class PlaybookVersion(Immutable):
    """One published snapshot of a playbook. Assessments are pinned to one."""

    playbook = models.ForeignKey(Playbook, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    hash = models.CharField(
        max_length=64, help_text=_("SHA-256 of the document in canonical JSON.")
    )
    notes = models.TextField(blank=True)
    published_at = models.DateTimeField(default=timezone.now, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ("playbook", "-number")
        constraints = (
            models.UniqueConstraint(
                fields=("playbook", "number"), name="one_version_of_each_number"
            ),
        )

    def __str__(self) -> str:
        return gettext("{playbook} version {number}").format(
            playbook=self.playbook.key, number=self.number
        )

    @property
    def is_compiled(self) -> bool:
        """Whether this process has compiled it, so that `rulebook` asks the database nothing."""
        return self.hash in _rulebooks

    @property
    def rulebook(self) -> Rulebook:
        """The compiled version, in the firm's brand; raises ImmutableError if tampered with."""
        if self.hash not in _rulebooks:
            # The one place where a firm's brand comes over what its playbooks say of it.
            shown = current_brand().on(self.as_published)
            _rulebooks[self.hash] = compile_playbook(shown, self.hash)
        return _rulebooks[self.hash]

    @property
    def as_published(self) -> documents.Playbook:
        """The playbook word for word: for exports, for what changed and for publishing it again."""
        if document_hash(self.document) != self.hash:
            raise ImmutableError(
                gettext("{version} does not match its hash; restore the database.").format(
                    version=self
                )
            )
        return from_document(self.document, str(self))


@lru_cache(maxsize=MOST_KNOWN)
def known_version(pk: int) -> PlaybookVersion:
    """Return a version by its id, read once in each process: versions never change."""
    return PlaybookVersion.objects.select_related("playbook").defer("document").get(pk=pk)
