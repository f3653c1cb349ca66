"""Rich text by striprtf, after what would cost it words, or all of its time, is out of the way."""

import re
from collections.abc import Iterator
from pathlib import Path

from striprtf.striprtf import rtf_to_text

from experts.ingestion.pages import Document
from experts.ingestion.sections import Paragraph, sections

_BINARY = re.compile(rb"\\bin(\d{1,9}) ?")
_HEX = re.compile(rb"[0-9a-fA-F\s]{400,}")  # pictures and embedded files
_RAW = re.compile("[\x80-\xff]")
# striprtf leaves out whatever these open; headers, notes and text boxes are for the reader.
_OPENERS = re.compile(
    r"(?<!\\)(?:\\\*)?\\(?:footnote|annotation|header[lrf]?|footer[lrf]?|shp|shpinst|shptxt)(?![a-z])"
)
_LINK = re.compile(r"\\field\{")  # striprtf's search for links takes the square of their number

_BULLET = re.compile("^[\uf000-\uf0ff\u2022]\t", re.MULTILINE)  # letters of symbol fonts


def read(path: Path, *, skip: int) -> Document:
    """Raises ExtractionError (empty). A cut file is read as far as it goes."""
    text = rtf_to_text(_prepared(path.read_bytes()), errors="replace")  # type: ignore[no-untyped-call]
    return Document.of_sections(sections(_paragraphs(text)), skip=skip)


def _prepared(data: bytes) -> str:
    """The same document as plain ASCII, without what is not text."""
    text = _decoded(_HEX.sub(b"", _without_binary(data)))
    return _LINK.sub(r"\\field {", _OPENERS.sub(r"\\par ", text))


def _without_binary(data: bytes) -> bytes:
    kept, position = [], 0
    while found := _BINARY.search(data, position):
        kept.append(data[position : found.start()])
        position = found.end() + int(found[1])
    return b"".join([*kept, data[position:]])


def _decoded(data: bytes) -> str:
    """Bytes above ASCII are of the font's alphabet, as if they were escaped, or else UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _RAW.sub(lambda byte: f"\\'{ord(byte[0]):02x}", data.decode("latin-1"))


def _paragraphs(text: str) -> Iterator[Paragraph]:
    """Lines; what ends with the sign of a cell is a row."""
    after_row = False
    for line in _BULLET.sub("- ", _joined(text)).split("\n"):
        row = line.endswith("|")
        if shown := line.rstrip("|").replace("|", "\t").strip() if row else line.strip():
            yield Paragraph(shown, tight=row and after_row)
            after_row = row


def _joined(text: str) -> str:
    """Characters beyond 16 bits come in halves."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
