"""E-books (EPUB 2 and 3): chapter by chapter, in the order of the spine."""

import re
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path

from experts.extraction.archives import Archive, document_in
from experts.extraction.encodings import decode
from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.formats import html
from experts.extraction.formats.epub_package import Book, book_of, member
from experts.extraction.pages import Document
from experts.extraction.pictures import Pictures
from experts.extraction.sections import Paragraph, sections, shortened

LARGE = 32 << 20  # bytes of one document of a book
PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".svg", ".webp")

_PICTURE = re.compile(  # alone, or in a drawing of its own, which is how covers and scans come
    r"""(?:<svg\b[^<>]*>\s*)?<(?:img|image)\b[^<>]*?\s(?:src|href|xlink:href)\s*=\s*"""
    r"""["'](?P<picture>[^"'<>]{1,500})["'][^<>]*>(?:\s*(?:</image>\s*)?</svg>)?""",
    re.IGNORECASE,
)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w-]{2,40})", re.IGNORECASE)


def read(path: Path, *, skip: int) -> Document:
    """Raises ExtractionError: corrupt, encrypted, archive_bomb, too_complex, empty."""
    archive = Archive(path.open("rb"))
    found = _sections(archive, book_of(archive))
    has_pictures = any(name.endswith(PICTURES) for name in archive.names)
    return document_in(archive, found, skip=skip, has_pictures=has_pictures, place="Chapter 1")


def _sections(archive: Archive, book: Book) -> Iterator[tuple[str, str]]:
    """(chapter title, text); a long chapter has parts. What is missing is told at the end."""
    held: list[Paragraph] = []
    title = ""
    for begins, paragraph in _chapters(archive, book):
        if begins and begins != title:
            yield from _chapter(title, held)
            title, held = begins, []
        held.append(paragraph)
    yield from _chapter(title, held)
    if not archive.names.issuperset(book.spine) or not book.spine:
        raise ExtractionError(ErrorCode.CORRUPT)


def _chapter(title: str, paragraphs: list[Paragraph]) -> Iterator[tuple[str, str]]:
    for where, text in sections(piece._replace(level=0) for piece in paragraphs):
        yield title if where == "Part 1" else f"{title}, {where.lower()}", text


def _chapters(archive: Archive, book: Book) -> Iterator[tuple[str, Paragraph]]:
    """Every paragraph, with the title of the chapter that begins there, if one does.

    One document can hold several chapters, then they begin at the headings that the table of
    contents names; and a chapter can go on in a document that the table does not name.
    """
    pictures = Pictures(archive)
    for number, name in enumerate(dict.fromkeys(book.spine), start=1):
        if name not in archive.names:
            continue
        titles = book.titles.get(name, [])
        data = archive.read(name, at_most=LARGE)
        declared = _DECLARED.search(data[:1024])
        markup = decode(data, declared[1].decode("ascii") if declared else "")
        markup = _told(markup, name, pictures)
        first = True
        for paragraph in html.body(markup):
            heading = shortened(paragraph.text) if paragraph.level else ""
            begins = heading if heading in titles else ""
            if first:
                begins = begins or _title(titles, heading, number, named=bool(book.titles))
            first = False
            yield begins, paragraph


def _told(markup: str, name: str, pictures: Pictures) -> str:
    """The same document with what its pictures say in their places."""

    def words(found: re.Match[str]) -> str:
        said = pictures.words_of(member(name, unescape(found["picture"])))
        return f"<p>{escape(said)}</p>".replace("\n", "<br/>") if said else ""

    return _PICTURE.sub(words, markup)


def _title(titles: list[str], heading: str, number: int, *, named: bool) -> str:
    """What the chapter at the beginning of a document is called; empty when it only goes on."""
    if titles or heading:
        return titles[0] if titles else heading
    return "" if named and number > 1 else f"Chapter {number}"
