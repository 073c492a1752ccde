"""The stories of the demo: what the files in fixtures/demo say, before anything happens."""

import tomllib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from advisor.rules.recommendation import OutcomeKind
from engagements.models import OverrideReason

FIRST = "infrastructure-services"
"""The playbook that most of the quarter is about."""


class DemoError(Exception):
    """A story that cannot be told: a sentence that says which, and why."""


class Said(BaseModel):
    """A part of a demo file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(Said):
    """Somebody of the firm, with an account."""

    username: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    group: str | None = None
    is_staff: bool = False
    is_superuser: bool = False
    signs_in: bool = True


class Happening(Said):
    """Something that happens at a moment: "12 09:45" is twelve working days ago."""

    at: str = Field(pattern=r"^\d{1,2} [0-2]\d:[0-5]\d$")

    def moment(self, today: date) -> datetime:
        """When it happens, seen from today."""
        days, _, clock = self.at.partition(" ")
        day = working_days_before(today, int(days))
        return timezone.make_aware(datetime.combine(day, time.fromisoformat(clock)))


class Published(Happening):
    """A version of a playbook; `older` says what was different from the file, by part and key."""

    by: str
    playbook: str = FIRST
    notes: str
    older: dict[str, dict[str, dict[str, Any]]] = {}


class Advised(Happening):
    """The buyer sees a recommendation; `outcome` is the one that the rules must come to."""

    does: Literal["is advised"]
    outcome: tuple[str, ...]
    kind: OutcomeKind | None = None


class Details(Happening):
    """The buyer adds scope details."""

    does: Literal["adds details"]
    details: dict[str, str | list[str]]


class Downloads(Happening):
    """The buyer downloads the brief."""

    does: Literal["downloads"]


class Changes(Happening):
    """The buyer goes back and changes answers; a recommendation is only made when they confirm."""

    does: Literal["changes"]
    answers: dict[str, str | list[str]]


class Approves(Happening):
    """A consultant approves."""

    does: Literal["approves"]
    by: str
    message: str = ""
    note: str = ""


class Overrides(Happening):
    """A consultant decides on another engagement model."""

    does: Literal["overrides"]
    by: str
    engagement: str
    reason: OverrideReason
    note: str
    message: str = ""


class Reopens(Happening):
    """A consultant takes the review back."""

    does: Literal["reopens"]
    by: str
    note: str


class Notes(Happening):
    """A consultant writes something down for colleagues."""

    does: Literal["notes"]
    by: str
    text: str


Event = Advised | Details | Downloads | Changes | Approves | Overrides | Reopens | Notes


class Story(Happening):
    """One buyer: who, what they answer at the start, and what happens then.

    `about` is for the reader of the file. The contact is left with the first recommendation.
    Nothing is on fire unless the answers say so. One that `continues` another story goes on from
    it in the next playbook, with the answers already given and the same contact. `answers` are
    given as far as they are asked for; who `leaves_after` so many gives no more.
    """

    key: str
    playbook: str = FIRST
    continues: str = ""
    about: str
    name: str = ""
    firm: str = ""
    email: str = ""
    answers: dict[str, str | list[str]] = {}
    leaves_after: int | None = Field(default=None, ge=1)
    then: tuple[Annotated[Event, Field(discriminator="does")], ...] = ()


class Quarter(Said):
    """Everything that the files tell."""

    people: tuple[Person, ...] = ()
    versions: tuple[Published, ...] = ()
    stories: tuple[Story, ...] = ()

    @property
    def playbooks(self) -> list[str]:
        """The keys of the playbooks that it is about."""
        return list(dict.fromkeys(version.playbook for version in self.versions))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read every file of a folder; raise DemoError with what is wrong with one."""
        parts: dict[str, list[Any]] = {}
        for path in sorted(folder.glob("*.toml")):
            try:
                said = cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
            except (tomllib.TOMLDecodeError, ValidationError) as error:
                raise DemoError(f"{path.name} cannot be read: {error}") from error
            for name in cls.model_fields:
                parts.setdefault(name, []).extend(getattr(said, name))
        return cls(**{name: tuple(found) for name, found in parts.items()})


def working_days_before(day: date, count: int) -> date:
    """Return the day so many days from Monday to Friday before this one."""
    while count:
        day -= timedelta(days=1)
        count -= day.weekday() < 5
    return day
