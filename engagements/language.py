"""Which language is spoken when.

A playbook is in one language, and so is everything that belongs to it: its pages, its briefs and
its mails, content and interface alike, whatever a browser says. Before there is a playbook, on the
desk and in the admin it is the reader's, by LocaleMiddleware, which begins every request anew.
"""

from contextlib import AbstractContextManager

from django.utils import translation

from catalog.models import PlaybookVersion


def speak_as(version: PlaybookVersion) -> None:
    """Say whatever this request still says in the language of a playbook."""
    translation.activate(version.rulebook.playbook.language)


def in_language_of(version: PlaybookVersion) -> AbstractContextManager[None]:
    """Say what is said in this block in the language of a playbook: on paper, or in a mail."""
    return translation.override(version.rulebook.playbook.language)
