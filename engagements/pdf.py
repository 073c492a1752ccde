"""How a document becomes a PDF: its words, the file that it is kept in, and who waits for it.

`pdf_of` a brief, and `file_of` any printout, are the only ways in. The web process words the
document as HTML; a worker process (`engagements.pdf_worker`) prints it (`engagements.press`). A PDF
is kept under a key of everything that it is made of, so nothing is printed twice, and nothing kept
is ever out of date.
"""

import fcntl
import hashlib
import json
import logging
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from advisor import brand
from advisor.brand_css import css_for_paper
from engagements.pdf_worker import Worker, WorkerError
from engagements.press import STYLES, Dress, print_html

if TYPE_CHECKING:
    from pydantic import BaseModel

    from engagements.brief import Brief

HANDOVER_STYLE = "css/handover.css"
TEMPLATES = ("brief/*.html", "handover/*.html", "parts/offer/*.html")
PRINTING = ("engagements/pdf.py", "engagements/pdf_worker.py", "engagements/press.py")
WORDING = (
    *("engagements/offer_words.py", "engagements/templatetags/offers.py"),
    *("engagements/brief.py", "engagements/manual.py", "engagements/pack.py"),
    *("engagements/otherwise.py", "engagements/quotes.py"),
    *("advisor/offers.py", "advisor/playbook.py", "advisor/rules/recommendation.py"),
    *("advisor/texts.py", "advisor/sentences.py", "advisor/speech.py"),
)
"""What words a page while it is printed: tags, and what the printed values say of themselves."""
LANGUAGES = ("locale/*/LC_MESSAGES/django.po", "formats/*/formats.py")
"""What words it in another language, and how that writes dates and numbers."""
INLINE = "a|b|span"

_NAMES = {
    "brief": gettext_lazy("The brief"),
    "handover pack": gettext_lazy("The handover pack"),
    "operations manual": gettext_lazy("The operations manual"),
}

logger = logging.getLogger(__name__)


class PdfError(Exception):
    """A document that could not be made. The message is a sentence for the reader who wanted it."""


@dataclass(frozen=True, slots=True)
class Printout:
    """A document to print: the value that it tells, and the template that words it.

    The template knows the value by the name `value_name`. `sheets` come behind those of every
    document, `attachment` goes along for programs. `on` is the date of the file: the same
    printout gives the same bytes, whenever it is made. Of a working paper, only the newest file
    of its reference and kind is kept.
    """

    noun: str
    reference: str
    template: str
    value_name: str
    value: "BaseModel"
    on: date
    sheets: tuple[str, ...] = ()
    attachment: "BaseModel | None" = None
    working_paper: bool = False

    @property
    def kind(self) -> str:
        """What it is, as a part of the name of a file."""
        return self.noun.replace(" ", "-")

    @property
    def name(self) -> str:
        """What it is, for a reader, at the beginning of a sentence."""
        return str(_NAMES[self.noun])


worker = Worker()


def pdf_of(brief: "Brief") -> Path:
    """Return the file of a brief, as `file_of` does."""
    return file_of(_printout_of(brief))


def _printout_of(brief: "Brief") -> Printout:
    return Printout(
        noun="brief",
        reference=brief.reference,
        template="brief/brief.html",
        value_name="brief",
        value=brief,
        on=brief.issued_on,
        attachment=brief.recommendation,
    )


def file_of(printout: Printout) -> Path:
    """Return the file of a document, made now if it has not been made before.

    Whoever asks for the same document at the same time, in any thread or process, waits for the
    one render. Raises PdfError when there is no file to return.
    """
    family = f"{printout.reference}-{printout.kind}-" if printout.working_paper else ""
    path = Path(settings.BRIEFS_ROOT) / f"{family}{_key(printout)}.pdf"
    if path.exists():
        return path
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _only_one(path.with_suffix(".lock")):
            if not path.exists():
                _store(path, _printed(printout))
                for older in path.parent.glob(f"{family}*.pdf") if family else ():
                    if older != path:
                        older.unlink(missing_ok=True)  # whoever is reading it still can
    except WorkerError as error:
        raise PdfError(f"{printout.name} {_(str(error))}") from error
    except OSError as error:
        logger.exception("%s %s cannot be stored.", printout.noun.capitalize(), printout.reference)
        told = _("{document} could not be stored on our side.")
        raise PdfError(told.format(document=printout.name)) from error
    return path


def _key(printout: Printout) -> str:
    """A name for everything that the file is made of: what it says, and how it looks."""
    content = _json(printout.value.model_dump(mode="json"))
    dress = css_for_paper(brand.current())  # it tells what is in the brand's files, too
    looks = f"{_design()} {dress} {printout.template} {printout.on}"
    return hashlib.sha256(f"{looks} {content}".encode()).hexdigest()


def _json(document: dict[str, Any]) -> str:
    """Canonical JSON: databases give the keys of an object back in any order."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, indent=2)


@cache
def _design() -> str:
    """A hash of the code, templates, styles and fonts that documents are made with."""
    static, templates = settings.BASE_DIR / "static", settings.BASE_DIR / "templates"
    words = settings.BASE_DIR / "advisor"
    parts = [
        *(settings.BASE_DIR / name for name in (*PRINTING, *WORDING)),
        *(path for glob in TEMPLATES for path in sorted(templates.glob(glob))),
        *(path for glob in LANGUAGES for path in sorted(words.glob(glob))),
        *(static / name for name in (*STYLES, HANDOVER_STYLE)),
        *sorted(static.glob("*.svg")),
        *sorted(static.glob("fonts/*.ttf")),
    ]
    digest = hashlib.sha256(version("weasyprint").encode())
    for part in parts:
        digest.update(hashlib.sha256(part.read_bytes()).digest())
    return digest.hexdigest()


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """Let one thread of one process in at a time.

    The system takes the lock back from a process that dies, so it is never stale. Removing the
    file can let a second one in at worst, who then makes the same bytes again.
    """
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def _store(path: Path, content: bytes) -> None:
    """Write a file that is there as a whole or not at all, readable to nobody else."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        unfinished = Path(file.name)
        try:
            file.write(content)
            file.close()
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)


def _printed(printout: Printout) -> bytes:
    attached = printout.attachment
    return worker.run(
        print_html,
        settings.BASE_DIR / "static",
        words_of(printout),
        _json(attached.model_dump(mode="json")) if attached else None,
        printout.on,
        Dress(printout.sheets, css_for_paper(brand.current()), brand.current().folder),
    )


def html_of(brief: "Brief") -> str:
    """Return what the worker prints for a brief."""
    return words_of(_printout_of(brief))


def words_of(printout: Printout) -> str:
    """Return what the worker prints."""
    with translation.override(printout.value.language):  # its playbook's, whoever asks
        html = render_to_string(printout.template, {printout.value_name: printout.value})
    # WeasyPrint may break a line too early when the text before a tag ends in white space.
    return re.sub(r"\s+(?=<)", "", re.sub(rf"\s+(</?(?:{INLINE})\b[^>]*>)", r"\1 ", html))
