"""Word documents: every part that holds words, in sections by heading.

Read as XML, not by a library: those miss headers, notes, insertions and text boxes, or take
seconds where this takes a tenth.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from experts.extraction import xml
from experts.extraction.archives import Archive, document_in
from experts.extraction.drawings import chart_rows, written
from experts.extraction.errors import ExtractionError
from experts.extraction.formats.docx_body import WordsOf, heading_levels, paragraphs
from experts.extraction.open_xml import relations
from experts.extraction.pages import Document
from experts.extraction.pictures import Pictures
from experts.extraction.sections import Paragraph, sections

CONTENT_TYPES = "[Content_Types].xml"
MAIN = "word/document.xml"  # its usual place; the content types have the last word
STYLES = "styles+xml"
CHART = "chart+xml"
NOTES = (  # what a part's content type ends with, and what people call it
    ("footnotes+xml", "Footnotes"),
    ("endnotes+xml", "Endnotes"),
    ("comments+xml", "Comments"),
    ("header+xml", "Headers and footers"),
    ("footer+xml", "Headers and footers"),
    ("diagramData+xml", "Diagrams"),
    (CHART, "Charts"),
)


def read(path: Path, *, skip: int) -> Document:
    """Raises ExtractionError: corrupt, encrypted, archive_bomb, too_complex, empty."""
    archive = Archive(path.open("rb"))
    found = _sections(archive)
    has_pictures = any("/media/" in name for name in archive.names)
    return document_in(archive, found, skip=skip, has_pictures=has_pictures)


def _sections(archive: Archive) -> Iterator[tuple[str, str]]:
    parts = _parts(archive)
    levels: dict[str, int] = {}
    with suppress(ExtractionError):  # damaged styles cost the headings, not the words
        levels = heading_levels(archive.open(next(iter(parts[STYLES]), "")))
    for name in parts.get("main+xml", [MAIN])[:1]:
        words_of = _pictures_of(archive, name)
        yield from sections(paragraphs(archive.open(name), levels, words_of))
    for ending, label in NOTES:
        words_in = _words_of_chart if ending == CHART else _words
        texts = (text for name in parts[ending] for text in words_in(archive, name))
        yield from _notes(filter(None, texts), label)


def _pictures_of(archive: Archive, part: str) -> WordsOf:
    """What the pictures of a part say, by the ids of its relations."""
    names = {relation.id: relation.part for relation in relations(archive, part)}
    pictures = Pictures(archive)
    return lambda relation: pictures.words_of(names.get(relation, ""))


def _notes(texts: Iterable[str], label: str) -> Iterator[tuple[str, str]]:
    """The parts of one kind together; a header that repeats in every part is read once."""
    for where, text in sections(map(Paragraph, dict.fromkeys(texts))):
        yield label if where == "Part 1" else f"{label}, {where.lower()}", text


def _words(archive: Archive, name: str) -> Iterator[str]:
    return (found.text for found in paragraphs(archive.open(name), {}))


def _words_of_chart(archive: Archive, name: str) -> Iterator[str]:
    """Its titles, and the table that it was drawn from."""
    yield from _words(archive, name)
    yield written(chart_rows(xml.root(archive.open(name))))


def _parts(archive: Archive) -> defaultdict[str, list[str]]:
    """The names of the parts by the end of their content type."""
    parts: defaultdict[str, list[str]] = defaultdict(list)
    endings = ("main+xml", STYLES, *(ending for ending, _ in NOTES))
    for _, element in xml.events(archive.open(CONTENT_TYPES), "{*}Override", of=("end",)):
        name = (element.get("PartName") or "").lstrip("/")
        kind = element.get("ContentType") or ""
        for ending in endings:
            if kind.endswith(ending) and name in archive.names:
                parts[ending].append(name)
    return parts
