"""Documents made on the spot, good and bad, and one way to read them."""

import io
import zipfile
from pathlib import Path
from typing import NamedTuple

import pypdf
from fpdf import FPDF

from experts.ingestion.errors import ErrorCode, ExtractionError
from experts.ingestion.extraction import ExtractedPage, extract
from experts.ingestion.limits import Limits
from experts.ingestion.media_types import detect

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml."
HEADING = '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>'
STYLES = (
    f'<w:styles xmlns:w="{WORD}"><w:style w:styleId="Heading1"><w:name w:val="heading 1"/>'
    '</w:style><w:style w:styleId="Kapitel"><w:basedOn w:val="Heading1"/></w:style></w:styles>'
)


class Outcome(NamedTuple):
    """What reading a file came to: its pages, and the code it ended with, if any."""

    pages: list[ExtractedPage]
    code: ErrorCode | None
    total: int | None = None

    @property
    def text(self) -> str:
        return "\n".join(page.text for page in self.pages)

    @property
    def locations(self) -> list[str]:
        return [page.location for page in self.pages]


def read(path: Path, *, skip: int = 0) -> Outcome:
    """Tell the type, then read: what happens to an upload."""
    try:
        with path.open("rb") as stream:
            media_type = detect(stream, path.name)
    except ExtractionError as error:
        return Outcome([], error.code)
    return read_as(media_type, path, skip=skip)


def read_as(media_type: str, path: Path, *, skip: int = 0, limits: Limits | None = None) -> Outcome:
    pages: list[ExtractedPage] = []
    with extract(path, media_type, skip_pages=skip, limits=limits) as extraction:
        try:
            for page in extraction:
                pages.append(page)
        except ExtractionError as error:
            return Outcome(pages, error.code, extraction.total_pages)
    return Outcome(pages, None, extraction.total_pages)


def read_bytes(directory: Path, name: str, content: bytes) -> Outcome:
    path = directory / name
    path.write_bytes(content)
    return read(path)


def pdf(*pages: str) -> bytes:
    """A PDF with these texts; an empty one is a blank page."""
    document = FPDF()
    document.set_font("Helvetica", size=11)
    for text in pages:
        document.add_page()
        if text:
            document.multi_cell(0, 6, text)
    return bytes(document.output())


def locked(content: bytes, *, user: str, owner: str) -> bytes:
    """The same PDF under a user password, an owner password, or both."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(content))
    writer.encrypt(user, owner, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def archive(**members: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return out.getvalue()


def paragraph(text: str, properties: str = "") -> str:
    return f'<w:p>{properties}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def docx(body: str, *, prologue: str = "", **parts: str) -> bytes:
    """A Word document around the XML of its body; other parts by their kind ("footnotes")."""
    types = "".join(
        f'<Override PartName="/word/{kind}.xml" ContentType="{CONTENT}{kind}+xml"/>'
        for kind in ("styles", *parts)
    )
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Override PartName="/word/document.xml" ContentType="{CONTENT}document.main+xml"/>'
            f"{types}</Types>"
        ),
        "word/document.xml": (
            f'{prologue}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
        ),
        "word/styles.xml": STYLES,
    }
    for kind, content in parts.items():
        members[f"word/{kind}.xml"] = f'<w:{kind} xmlns:w="{WORD}">{content}</w:{kind}>'
    return archive(**members)
