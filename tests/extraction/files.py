"""Documents made on the spot, good and bad, and one way to read them."""

import io
import zipfile
from pathlib import Path
from typing import NamedTuple

import pypdf
from fpdf import FPDF

from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.extraction import ExtractedPage, extract
from experts.extraction.limits import Limits
from experts.extraction.media_types import detect

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml."
HEADING = '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>'
STYLES = (
    f'<w:styles xmlns:w="{WORD}"><w:style w:styleId="Heading1"><w:name w:val="heading 1"/>'
    '</w:style><w:style w:styleId="Kapitel"><w:basedOn w:val="Heading1"/></w:style></w:styles>'
)


LAUGHS = "<!DOCTYPE w [<!ENTITY a 'ha'>{}]>".format(
    "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
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


def epub(
    bodies: dict[str, str],
    *,
    spine: list[str] | None = None,
    contents: dict[str, str] | None = None,
    version: int = 3,
    prologue: str = "",
    hrefs: dict[str, str] | None = None,
    **members: str | bytes,
) -> bytes:
    """A book of chapters by their ids; `contents` are titles by where they lead."""
    spine = list(bodies) if spine is None else spine
    hrefs = {key: f"{key}.xhtml" for key in spine} | (hrefs or {})
    package: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<c><rootfile full-path="OPS/book.opf"/></c>',
        "OPS/nav.xhtml": _contents_3(contents or {}),
        "OPS/toc.ncx": _contents_2(contents or {}),
    }
    tables = {
        2: 'media-type="application/x-dtbncx+xml" href="toc.ncx"',
        3: 'properties="nav" media-type="application/xhtml+xml" href="nav.xhtml"',
    }
    items = f'<item id="contents" {tables[version]}/>' + "".join(
        f'<item id="{key}" href="{href}" media-type="application/xhtml+xml"/>'
        for key, href in hrefs.items()
    )
    order = "".join(f'<itemref idref="{key}"/>' for key in spine)
    package["OPS/book.opf"] = (
        f"{prologue}<package><manifest>{items}</manifest><spine>{order}</spine></package>"
    )
    for key, body in bodies.items():
        markup = f"<html><head><title>The book</title></head><body>{body}</body></html>"
        package[f"OPS/{key}.xhtml"] = markup
    for name, content in members.items():
        package[name if name.startswith("META-INF") else f"OPS/{name}"] = content
    return archive(**package)


def _contents_3(contents: dict[str, str]) -> str:
    links = "".join(f'<li><a href="{href}">{title}</a></li>' for href, title in contents.items())
    pages = '<nav epub:type="page-list"><a href="a.xhtml">Page 1</a></nav>'
    return f'<html><body>{pages}<nav epub:type="toc"><ol>{links}</ol></nav></body></html>'


def _contents_2(contents: dict[str, str]) -> str:
    points = "".join(
        f'<navPoint><navLabel><text>{title}</text></navLabel><content src="{href}"/></navPoint>'
        for href, title in contents.items()
    )
    doctype = "<!DOCTYPE ncx PUBLIC '-//NISO//DTD ncx 2005-1//EN' 'ncx-2005-1.dtd'>"
    return f"{doctype}<ncx><navMap>{points}</navMap></ncx>"
