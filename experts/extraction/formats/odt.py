"""OpenDocument texts: the body in sections by heading, then notes, comments and headers."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from experts.extraction.archives import Archive, document_in
from experts.extraction.formats.odt_body import Notes, paragraphs
from experts.extraction.pages import Document
from experts.extraction.pictures import Pictures
from experts.extraction.sections import Paragraph, sections

BODY, STYLES = "content.xml", "styles.xml"
PICTURES = "Pictures/"


def read(path: Path, *, skip: int) -> Document:
    """Raises ExtractionError: corrupt, encrypted, archive_bomb, too_complex, empty."""
    archive = Archive(path.open("rb"))
    found = _sections(archive)
    has_pictures = any(PICTURES in name for name in archive.names)
    return document_in(archive, found, skip=skip, has_pictures=has_pictures)


def _sections(archive: Archive) -> Iterator[tuple[str, str]]:
    notes: Notes = defaultdict(list)
    yield from sections(paragraphs(archive.open(BODY), notes, Pictures(archive).words_of))
    if STYLES in archive.names:  # where headers and footers are kept
        found = paragraphs(archive.open(STYLES), notes)
        notes["Headers and footers"] = list(dict.fromkeys(text for text, _, _ in found))
    for label, texts in notes.items():
        for where, text in sections(map(Paragraph, texts)):
            yield label if where == "Part 1" else f"{label}, {where.lower()}", text
