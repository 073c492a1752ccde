"""What the shell commands share: find a rulebook, read a file of answers, tell in a sentence."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import CommandError
from django.db import OperationalError, ProgrammingError

from advisor import playbook as documents
from advisor.answers import AnswersError, read_answers
from advisor.loading import PlaybookError, document_hash, load, to_document
from advisor.rules import Rulebook, compile_playbook
from catalog.immutable import ImmutableError
from catalog.models import Playbook, PlaybookVersion


@contextmanager
def migrated() -> Iterator[None]:
    """Turn a database without its tables into a sentence that tells how to make them."""
    try:
        yield
    except (OperationalError, ProgrammingError) as error:
        raise CommandError(
            f"The database cannot be used ({error}); create its tables with `manage.py migrate`."
        ) from error


@migrated()
def rulebook_named(name: str) -> Rulebook:
    """Return the rulebook of a published playbook, by key, or of a file, by its .toml path.

    Raises CommandError with a sentence when there is none, or when the file is broken.
    """
    if name.endswith(".toml"):
        playbook = playbook_in(Path(name))
        return compile_playbook(playbook, document_hash(to_document(playbook)))
    try:
        live = Playbook.objects.get(key=name).live
    except ObjectDoesNotExist:
        there = ", ".join(Playbook.objects.values_list("key", flat=True)) or "none"
        raise CommandError(
            f"No playbook {name!r} is published (published: {there}); "
            "publish its file with `manage.py loadplaybooks FILE.toml`."
        ) from None
    return rulebook_of(live)


def rulebook_of(version: PlaybookVersion) -> Rulebook:
    """Return the rulebook of a version; raise CommandError when it is not as published."""
    try:
        return version.rulebook
    except ImmutableError as error:
        raise CommandError(str(error)) from error


def as_published(version: PlaybookVersion) -> documents.Playbook:
    """Return what a version says; raise CommandError when it is not as published."""
    try:
        return version.as_published
    except ImmutableError as error:
        raise CommandError(str(error)) from error


def playbook_in(path: Path) -> documents.Playbook:
    """Return the playbook in a TOML file; raise CommandError with every problem of it."""
    try:
        return load(text_of(path), source=str(path))
    except PlaybookError as error:
        raise CommandError(str(error)) from error


def answers_from(path: str, playbook: documents.Playbook) -> dict[str, tuple[str, ...]]:
    """Return the answers in a JSON file that maps question keys to option keys.

    Raises CommandError with every problem of the file.
    """
    try:
        given = json.loads(text_of(Path(path)))
    except json.JSONDecodeError as error:
        raise CommandError(
            f"{path}, line {error.lineno}, column {error.colno}: no valid JSON ({error.msg}); "
            'write {"question-key": "option-key", …}.'
        ) from error
    except RecursionError as error:
        raise CommandError(
            f"{path}: lists stand too deep in each other; "
            'write {"question-key": "option-key", …}.'
        ) from error
    try:
        return read_answers(playbook, given)
    except AnswersError as error:
        raise CommandError("\n".join(f"{path}: {line}" for line in error.problems)) from error


def text_of(path: Path) -> str:
    """Return the text of a file; raise CommandError with a sentence when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CommandError(f"There is no file {path}; give the path of one that exists.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read as UTF-8 text ({error}).") from error
