"""Find what is to be translated, and keep the files of translations: `make words`.

The files lie in advisor/locale. A `.po` is for people to write, the `.mo` beside it is what the
product reads; both are kept, so that a machine that only runs the product needs no gettext.
"""

import re
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import polib
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

NOT_OURS = [
    "advisor/locale",
    "tests/*",
    "var/*",
    "benchmarks/*",
    ".venv/*",
    ".cache/*",
    "node_modules/*",
]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|{[^{}]*}|%%|</?\w+")
METADATA = {
    "Project-Id-Version": "engagement-advisor",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
}


def po_of(language: str, folder: Path | None = None) -> Path:
    """The file of translations into a language."""
    return (folder or settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def languages() -> list[str]:
    """The languages that the interface is translated into."""
    return [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def collect(language: str, folder: Path) -> polib.POFile:
    """Bring a file up to what code and templates say now, and return it."""
    po_of(language, folder).parent.mkdir(parents=True, exist_ok=True)
    with override_settings(LOCALE_PATHS=[folder]):
        call_command(
            "makemessages",
            locale=[language],
            ignore_patterns=NOT_OURS,
            add_location="file",
            no_wrap=True,
            verbosity=0,
            stdout=StringIO(),
        )
    return polib.pofile(po_of(language, folder), wrapwidth=0)


def tidy(po: polib.POFile, language: str) -> polib.POFile:
    """Leave out what differs from one machine, and from one day, to the next."""
    po.header = ""
    po.metadata_is_fuzzy = False
    plural = po.metadata.get("Plural-Forms", "nplurals=2; plural=(n != 1);")
    po.metadata = {**METADATA, "Language": language, "Plural-Forms": plural}
    return po


def faults_of(po: polib.POFile) -> Iterator[str]:
    """Yield what keeps a file of translations from being whole."""
    for entry in po.obsolete_entries():
        yield f"nobody says any more: {entry.msgid!r}"
    for entry in po:
        if entry.obsolete:
            continue
        if entry.fuzzy:
            yield f"is only guessed: {entry.msgid!r}"
        elif not entry.translated():
            yield f"is missing: {entry.msgid!r}"
        else:
            yield from _misfits_of(entry)


def _misfits_of(entry: polib.POEntry) -> Iterator[str]:
    """Translations that lose a placeholder or a tag, or have one of their own."""
    if not entry.msgid_plural:
        pairs = [(entry.msgid, entry.msgstr)]
    else:
        # The one may say "one" where the many say a number, in either language.
        pairs = [(entry.msgid_plural, text) for at, text in entry.msgstr_plural.items() if at]
    for text, translated in pairs:
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(translated)):
            yield f"has other placeholders: {translated!r} for {text!r}"


def compiled(po: polib.POFile) -> bytes:
    """What the product reads."""
    return po.to_binary()


def main() -> int:
    """Update the files; tell what is left to translate."""
    left = 0
    for language in languages():
        path = po_of(language)
        po = tidy(collect(language, settings.LOCALE_PATHS[0]), language)
        for entry in po.obsolete_entries():
            po.remove(entry)
        po.save(path)
        path.with_suffix(".mo").write_bytes(compiled(po))
        for fault in faults_of(po):
            left += 1
            sys.stdout.write(f"{path.relative_to(settings.BASE_DIR)}: {fault}\n")
    return min(left, 1)


if __name__ == "__main__":
    import django

    django.setup()
    sys.exit(main())
