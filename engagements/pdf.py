"""How a document becomes a PDF: the one place that imports WeasyPrint, in a process of its own.

`pdf_of` a brief, and `file_of` any printout, are the only ways in. The web process words the
document as HTML; a worker process, which alone loads WeasyPrint, prints it. A PDF is kept under a
key of everything that it is made of, so nothing is printed twice, and nothing kept is ever out of
date.
"""

import fcntl
import gc
import hashlib
import json
import logging
import multiprocessing
import os
import re
import resource
import shutil
import signal
import tempfile
import threading
import time
import traceback
import unicodedata
import warnings
import zlib
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as clock
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydyf import PDF, Object, Stream
    from weasyprint import Attachment, Document
    from weasyprint.urls import URLFetcher

    from engagements.brief import Brief

LIMIT_SECONDS = 30
LIMIT_BYTES = 1 << 30
RENDERS_PER_WORKER = 200

ATTACHMENT = "recommendation.json"
STYLES = ("css/tokens.css", "css/fonts-print.css", "css/brief.css")
HANDOVER_STYLE = "css/handover.css"
TEMPLATES = ("brief/*.html", "handover/*.html", "parts/offer/*.html")
# What makes it PDF/UA-1, and the schema of that statement, which PDF/A wants described.
PDF_UA = b"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 that the file keeps</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
INLINE = "a|b|span"
NO_TEXT = re.compile(rb"<[0-9a-f]{4}> <>")
LINKS = re.compile(r"#|https://|mailto:")

logger = logging.getLogger(__name__)


class PdfError(Exception):
    """A document that could not be made. The message is a sentence for the reader who wanted it.

    The worker knows no more than that there is one, so `{document}` in it stands for its noun.
    """

    noun = "brief"

    def __str__(self) -> str:
        """The sentence, with what could not be made."""
        return super().__str__().replace("{document}", self.noun)


@dataclass(frozen=True, slots=True)
class Printout:
    """A document to print: the value that it tells, and the template that words it.

    The template knows the value by the name `value_name`. `sheets` come behind those of every
    document, `attachment` goes along for programs. `on` is the date of the file: the same
    printout gives the same bytes, whenever it is made.
    """

    noun: str
    reference: str
    template: str
    value_name: str
    value: "BaseModel"
    on: date
    sheets: tuple[str, ...] = ()
    attachment: "BaseModel | None" = None


# ---- In the web process --------------------------------------------------------------------


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
    path = Path(settings.BRIEFS_ROOT) / f"{_key(printout)}.pdf"
    if path.exists():
        return path
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _only_one(path.with_suffix(".lock")):
            if not path.exists():
                _store(path, _printed(printout))
    except PdfError as error:
        error.noun = printout.noun
        raise
    except OSError as error:
        logger.exception("%s %s cannot be stored.", printout.noun.capitalize(), printout.reference)
        unstored = PdfError("The {document} could not be stored on our side.")
        unstored.noun = printout.noun
        raise unstored from error
    return path


def _key(printout: Printout) -> str:
    """A name for everything that the file is made of: what it says, and how it looks."""
    content = _json(printout.value.model_dump(mode="json"))
    looks = f"{_design()} {printout.template} {printout.on}"
    return hashlib.sha256(f"{looks} {content}".encode()).hexdigest()


def _json(document: dict[str, Any]) -> str:
    """Canonical JSON: databases give the keys of an object back in any order."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, indent=2)


@cache
def _design() -> str:
    """A hash of the code, templates, styles and fonts that documents are made with."""
    static, templates = settings.BASE_DIR / "static", settings.BASE_DIR / "templates"
    parts = [
        Path(__file__),
        *(path for glob in TEMPLATES for path in sorted(templates.glob(glob))),
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
        printout.sheets,
    )


def html_of(brief: "Brief") -> str:
    """Return what the worker prints for a brief."""
    return words_of(_printout_of(brief))


def words_of(printout: Printout) -> str:
    """Return what the worker prints."""
    with translation.override("en"):  # the templates' own language, whoever asks
        html = render_to_string(printout.template, {printout.value_name: printout.value})
    # WeasyPrint may break a line too early when the text before a tag ends in white space.
    return re.sub(r"\s+(?=<)", "", re.sub(rf"\s+(</?(?:{INLINE})\b[^>]*>)", r"\1 ", html))


class Worker:
    """The process that prints: started when first needed, replaced when it fails."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def run[R](self, job: Callable[..., R], *args: object) -> R:
        """Return what the job returns in the worker; raise PdfError when it cannot.

        One job at a time, so that a worker that dies died of this job. One that was found dead
        (the system may end it for want of memory) is replaced without a word.
        """
        with self._turn:
            try:
                return self._attempt(job, *args)
            except BrokenProcessPool:
                logger.warning("The process that makes PDFs had stopped; starting another.")
            try:
                return self._attempt(job, *args)
            except BrokenProcessPool as error:
                logger.exception("The process that makes PDFs stopped twice.")
                raise PdfError(
                    "The {document} could not be made, because the process that makes it stopped."
                ) from error

    def _attempt[R](self, job: Callable[..., R], *args: object) -> R:
        began = time.monotonic()
        try:
            return self._started().submit(_limited, LIMIT_SECONDS, job, *args).result()
        except BrokenProcessPool as error:
            self.stop()
            if time.monotonic() - began < LIMIT_SECONDS:
                raise
            logger.exception("A PDF took longer than %s seconds.", LIMIT_SECONDS)
            raise PdfError(
                f"The {{document}} could not be made within {LIMIT_SECONDS} seconds."
            ) from error
        except PdfError:
            self.stop()  # a failed render may have left anything behind
            logger.exception("A PDF could not be made.")
            raise

    def stop(self) -> None:
        """End the worker; the next job starts another."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        if self._folder is not None:
            self._folder.cleanup()
        self._pool = self._folder = None

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._folder = tempfile.TemporaryDirectory(prefix="briefs-", ignore_cleanup_errors=True)
            self._pool = ProcessPoolExecutor(
                max_workers=1,
                # A fork would copy the web process with its threads and their locks.
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_start,
                initargs=(Path(self._folder.name),),
                max_tasks_per_child=RENDERS_PER_WORKER,
            )
        return self._pool


worker = Worker()


# ---- In the worker -------------------------------------------------------------------------


def _start(folder: Path) -> None:
    """Set the limits that hold for every job of this process."""
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # an alarm ends the process, also in C code
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold a buyer's answers
    with suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))
    tempfile.tempdir = str(folder)  # the parent removes it, however this process ends
    gc.disable()  # a pause in the middle of a render costs up to half of it


def _end_with_parent(folder: Path) -> None:
    """End when the web process has ended, even if it was killed and could tell nobody."""
    if parent := multiprocessing.parent_process():
        parent.join()
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)


def _limited[R](seconds: int, job: Callable[..., R], *args: object) -> R:
    """Run a job, or end the process when that takes longer than so many seconds."""
    signal.alarm(seconds)
    try:
        return job(*args)
    except BaseException as error:  # noqa: BLE001 - WeasyPrint has one that is no Exception
        # Only words may cross: to receive the error, the web process would import WeasyPrint.
        told = PdfError("The {document} could not be made, because of an error of ours.")
        told.add_note("".join(traceback.format_exception(error)))
        raise told from None
    finally:
        signal.alarm(0)
        gc.collect()


def print_html(
    static: Path, html: str, attachment: str | None, on: date, sheets: tuple[str, ...] = ()
) -> bytes:
    press = _press(static, sheets)
    return press.print(html, attachment, datetime.combine(on, clock.min, UTC))


@cache
def _press(static: Path, sheets: tuple[str, ...]) -> "Press":
    press = Press(static, sheets)
    gc.collect()
    gc.freeze()  # what stays is not looked through again after each render
    return press


class Press:
    """WeasyPrint with the fonts and styles of a kind of document, loaded once and kept."""

    def __init__(self, static: Path, sheets: tuple[str, ...]) -> None:
        folder = Path(tempfile.gettempdir())
        # No font of the system: a brief looks the same everywhere.
        config = folder / "fonts.conf"
        config.write_text(f"<fontconfig><cachedir>{folder}</cachedir></fontconfig>")
        os.environ["FONTCONFIG_FILE"] = str(config)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="No fonts configured")
            import weasyprint  # noqa: PLC0415 - only here, in the worker
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

        self.weasyprint = weasyprint
        self.fetcher = _fetcher(static)
        self.fonts = FontConfiguration()
        self.styles = weasyprint.CSS(
            # One sheet, because the order of layers is that of their first mention in it.
            string="\n".join(
                (static / name).read_text(encoding="utf-8") for name in (*STYLES, *sheets)
            ),
            base_url="asset:",
            url_fetcher=self.fetcher,
            font_config=self.fonts,
        )
        self.characters = _characters(static / "fonts")

    def print(self, html: str, attachment: str | None, at: datetime) -> bytes:
        """Return the PDF: tagged, archivable, with any attachment, the same bytes each time."""
        document = self.weasyprint.HTML(
            string=printable(html, self.characters), base_url="asset:", url_fetcher=self.fetcher
        )
        for link in document.etree_element.iter("a"):
            if not LINKS.match(link.get("href", "#")):
                raise ValueError(f"The document links to {link.get('href')}.")
        return document.write_pdf(
            font_config=self.fonts,
            stylesheets=[self.styles],
            pdf_variant="pdf/a-3a",
            finisher=finish,
            attachments=[self._attached(attachment, at)] if attachment else None,
        )

    def _attached(self, attachment: str, at: datetime) -> "Attachment":
        return self.weasyprint.Attachment(
            string=attachment,
            name=ATTACHMENT,
            description="The recommendation with its whole trace, for programs",
            relationship="Data",
            created=at,
            modified=at,
            url_fetcher=self.fetcher,
        )


def _fetcher(static: Path) -> "URLFetcher":
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415

    class Assets(URLFetcher):
        """Reads files under static/ by `asset:` addresses, and nothing else."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            path = asset_path(static, url)
            mime_type = {".svg": "image/svg+xml"}.get(path.suffix, "application/octet-stream")
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": mime_type})

    # What cannot be read ends the render: everything asked for is ours, and has to be there.
    return Assets(allow_redirects=False, fail_on_errors=True)


def asset_path(static: Path, url: str) -> Path:
    """Return the file of an `asset:` address; raise ValueError when it names anything else."""
    scheme, _, name = url.partition(":")
    path = (static / unquote(name)).resolve()
    if scheme.lower() != "asset" or not path.is_relative_to(static.resolve()):
        raise ValueError(f"{url} is no asset of a brief.")
    return path


def _characters(fonts: Path) -> frozenset[str]:
    """Every character that one of the fonts has."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - WeasyPrint's own, for the worker too

    return frozenset(
        chr(code) for path in fonts.glob("*.ttf") for code in TTFont(path).getBestCmap()
    )


def printable(text: str, characters: Collection[str]) -> str:
    """Return a text with a box for each character that no font has, such as an emoji.

    PDF/A allows no missing glyph. Marks and signs that are invisible by themselves are left out.
    """
    absent = set(text) - set(characters) - {"\n"}
    invisible = {c for c in absent if unicodedata.category(c)[0] in "CM"}
    return text.translate({ord(c): "" if c in invisible else "□" for c in absent})


def finish(_document: "Document", pdf: "PDF") -> None:
    """Complete what WeasyPrint leaves open: PDF/UA-1 beside PDF/A-3a, and two faults in the last.

    A mark drawn by a glyph of its own, as on letters that no font has whole, stands for no text
    there; a space of no width is as good as none.
    """
    metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    metadata.stream = [metadata.stream[0].replace(b"</rdf:RDF>", PDF_UA + b"</rdf:RDF>")]
    metadata.compress = False
    for item in pdf.objects:
        if getattr(item, "compress", False):
            item.stream = [
                part[:-2] + b"<200b>" if isinstance(part, bytes) and NO_TEXT.match(part) else part
                for part in item.stream
            ]
            item.compress = not _ends_a_line(item)
    add = pdf.add_object

    def add_when_written(item: "Object") -> None:
        _keep_from_ending_a_line(item)
        add(item)

    pdf.add_object = add_when_written


def _keep_from_ending_a_line(item: "Object") -> None:
    """Mend the two streams that pydyf adds while it writes: all small objects, and where they are.

    The first one may end in spaces. The second one is small, and ends in a zero as it is.
    """
    kind = getattr(item, "extra", {}).get("Type")
    while kind == "/ObjStm" and _ends_a_line(item):
        item.stream.append(b" ")
    if kind == "/XRef":
        item.compress = not _ends_a_line(item)


def _ends_a_line(stream: "Stream") -> bool:
    """Whether a compressed stream ends in a byte that reads as the end of a line.

    It would seem shorter than it says, which PDF/A forbids. Zlib ends with the checksum of what
    it holds, so this can be told without compressing.
    """
    from pydyf import Stream  # noqa: PLC0415 - of WeasyPrint

    plain = Stream(stream.stream).data
    held = plain.split(b"stream\n", 1)[1].removesuffix(b"\nendstream")
    return zlib.adler32(held) % 256 in b"\r\n"
