"""The texts and keys that every part of a playbook is made of, with their limits."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from advisor.speech import gettext as _


def _storable(text: str) -> str:
    if "\x00" in text:
        raise PydanticCustomError(
            "null_character", _("Holds the character U+0000, which no database keeps")
        )
    return text


# Caps keep a page and a PDF renderable, whatever somebody pastes into a field.
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    AfterValidator(_storable),
]
Prose = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(_storable),
]
Keys = tuple[Key, ...]
Lines = Annotated[tuple[Line, ...], Field(max_length=40)]


class Part(BaseModel):
    """A part of a playbook: immutable, and strict about unknown names (a typo is an error)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
