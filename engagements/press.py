"""How HTML becomes a PDF: the one place that imports WeasyPrint, and only within the worker.

`print_html` is the job that the worker runs. The web process may import this module: WeasyPrint
itself is loaded when the first document is printed.
"""

import gc
import os
import re
import tempfile
import unicodedata
import warnings
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as clock
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from pydyf import PDF, Object, Stream
    from weasyprint import Attachment, Document
    from weasyprint.urls import URLFetcher

ATTACHMENT = "recommendation.json"
STYLES = ("css/tokens.css", "css/fonts-print.css", "css/brief.css")
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
NO_TEXT = re.compile(rb"<[0-9a-f]{4}> <>")
LINKS = re.compile(r"#|https://|mailto:")


@dataclass(frozen=True, slots=True)
class Dress:
    """How a document looks besides what all have: more sheets, and the firm's brand.

    The brand is CSS behind them, and the folder with the files that it names.
    """

    sheets: tuple[str, ...] = ()
    brand_css: str = ""
    brand: Path | None = None


def print_html(
    static: Path,
    html: str,
    attachment: str | None,
    on: date,
    dress: Dress = Dress(),
) -> bytes:
    """Return the PDF of a document, dated by a day: the same words give the same bytes.

    `attachment` is JSON for programs.
    """
    press = _press(static, dress)
    return press.print(html, attachment, datetime.combine(on, clock.min, UTC))


@cache
def _press(static: Path, dress: Dress) -> "Press":
    press = Press(static, dress)
    gc.collect()
    gc.freeze()  # what stays is not looked through again after each render
    return press


class Press:
    """WeasyPrint with the fonts and styles of a kind of document, loaded once and kept."""

    def __init__(self, static: Path, dress: Dress) -> None:
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
        self.fetcher = _fetcher(static, dress.brand)
        self.fonts = FontConfiguration()
        sheets = (*STYLES, *dress.sheets)
        self.styles = weasyprint.CSS(
            # One sheet, because the order of layers is that of their first mention in it.
            string="\n".join(
                [
                    *((static / name).read_text(encoding="utf-8") for name in sheets),
                    dress.brand_css,
                ]
            ),
            base_url="asset:",
            url_fetcher=self.fetcher,
            font_config=self.fonts,
        )
        fonts = [
            *(static / "fonts").glob("*.ttf"),
            *(dress.brand.rglob("*.ttf") if dress.brand else ()),
        ]
        self.characters = _characters(fonts)

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


def _fetcher(static: Path, brand: Path | None) -> "URLFetcher":
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415

    class Assets(URLFetcher):
        """Reads files under static/ and of the brand by `asset:` addresses, and nothing else."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            path = asset_path(static, url, brand)
            mime_type = {".svg": "image/svg+xml"}.get(path.suffix, "application/octet-stream")
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": mime_type})

    # What cannot be read ends the render: everything asked for is ours, and has to be there.
    return Assets(allow_redirects=False, fail_on_errors=True)


def asset_path(static: Path, url: str, brand: Path | None = None) -> Path:
    """Return the file of an `asset:` address; raise ValueError when it names anything else.

    What begins with brand/ lies in the folder of the brand, if there is one.
    """
    scheme, _, name = url.partition(":")
    root, name = static, unquote(name)
    if brand and name.startswith("brand/"):
        root, name = brand, name.removeprefix("brand/")
    path = (root / name).resolve()
    if scheme.lower() != "asset" or not path.is_relative_to(root.resolve()):
        raise ValueError(f"{url} is no asset of a brief.")
    return path


def _characters(fonts: Iterable[Path]) -> frozenset[str]:
    """Every character that one of the fonts has."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - WeasyPrint's own, for the worker too

    return frozenset(chr(code) for path in fonts for code in TTFont(path).getBestCmap())


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
