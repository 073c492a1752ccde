"""Files of many rows or briefs, sent piece by piece so that none is ever in memory as a whole."""

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

# What a spreadsheet takes for a formula begins with one of these; some fold the wide and small
# forms of East Asian keyboards into the plain ones, and the minus sign into a hyphen.
_STARTS = "=+\\-@＝＋－＠﹦﹢﹣﹫−"  # noqa: RUF001 - the wide forms are what is meant
# They skip white space, quotation marks and what is invisible before it: control characters and
# the marks that format a text or turn its direction.
_INVISIBLE = r"\x00-\x20\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_SKIPPED = rf"[\s{_INVISIBLE}'\"`‘’“”«»]*"  # noqa: RUF001 - quotation marks
# A cell begins at the start of the text, and wherever a spreadsheet that splits at another sign
# than the comma (in half of Europe it is the semicolon) would begin a new one.
_FORMULA = re.compile(rf"(^|[,;|\t\r\n])(?={_SKIPPED}[{_STARTS}])|^(?=[\t\r\n])")

BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as the code page of the machine


class _Pieces:
    """A file to write to, from which what has been written so far can be taken away."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._written.append(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        """What was written since this was last asked."""
        data = b"".join(self._written)
        self._written.clear()
        return data


class _Line:
    """Hands back each line that a CSV writer writes."""

    def write(self, text: str) -> str:
        return text


def harmless(text: str) -> str:
    """A text that no spreadsheet runs: an apostrophe goes before what looks like a formula.

    Buyers type their names themselves, and a cell such as =HYPERLINK(…) would act in the name of
    whoever opens the list. A quoted cell is run all the same; the apostrophe says "this is text".
    """
    return _FORMULA.sub(r"\1'", text)


def csv_lines(header: Iterable[str], rows: Iterable[Iterable[str | int | None]]) -> Iterator[str]:
    """Yield a CSV file line by line; numbers stay numbers."""
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow(header)
    for row in rows:
        yield writer.writerow(harmless(cell) if isinstance(cell, str) else cell for cell in row)


def zip_pieces(
    files: Iterable[tuple[str, Path]], told: Iterable[tuple[str, str]]
) -> Iterator[bytes]:
    """Yield a ZIP of files by name, then of texts by name, each when its turn comes."""
    pieces = _Pieces()
    # PDFs are compressed already, but not every reader takes a plain file of unannounced length.
    with zipfile.ZipFile(pieces, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in files:
            archive.write(path, name)
            yield pieces.taken()
        for name, text in told:
            archive.writestr(name, text)
    yield pieces.taken()
