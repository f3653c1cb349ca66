"""Presentations: a slide is a page, with its tables, charts, speaker notes and comments.

Read as XML, slide by slide: a library would load every picture first, and passes over
SmartArt and charts.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from experts.ingestion import xml
from experts.ingestion.archives import Archive
from experts.ingestion.drawings import paragraphs, words_of, written
from experts.ingestion.errors import ErrorCode, ExtractionError
from experts.ingestion.open_xml import listed_parts, main_part, parts_of
from experts.ingestion.pages import Document, ExtractedPage
from experts.ingestion.pictures import Pictures
from experts.ingestion.quality import Condition

MAIN = "ppt/presentation.xml"  # its usual place


def read(path: Path, *, skip: int) -> Document:
    """Raises ExtractionError: corrupt, encrypted, archive_bomb, too_complex, empty."""
    archive = Archive(path.open("rb"))
    slides = [name for _, name in listed_parts(archive, main_part(archive, MAIN), "{*}sldId")]
    if not slides:
        raise ExtractionError(ErrorCode.EMPTY)
    return Document(_pages(archive, slides, skip), len(slides))


def _pages(archive: Archive, slides: list[str], skip: int) -> Iterator[ExtractedPage]:
    pictures = Pictures(archive)
    for number, slide in enumerate(slides[skip:], start=skip + 1):
        shown = parts_of(archive, slide, "image")
        said = [*_texts(archive, slide), *map(pictures.words_of, shown)]
        page = ExtractedPage.from_raw(number, f"Slide {number}", "\n\n".join(filter(None, said)))
        if shown and page.condition == Condition.BLANK:
            page = replace(page, condition=Condition.NO_TEXT, scanned=True)
        yield page


def _texts(archive: Archive, slide: str) -> Iterator[str]:
    """The slide, then what a presenter sees beside it, under its name."""
    yield written(words_of(archive, slide))
    for label, kind in (("Speaker notes", "notesSlide"), ("Comments", "comments")):
        found = [_said(archive, part) for part in parts_of(archive, slide, kind)]
        if text := "\n\n".join(filter(None, found)):
            yield f"{label}\n\n{text}"


def _said(archive: Archive, part: str) -> str:
    """Notes and new comments are paragraphs; old comments have their text in one element."""
    root = xml.root(archive.open(part))
    old = [element.text or "" for element in root.iter("{*}text")]
    return "\n\n".join(filter(None, [written(paragraphs(root)), *old]))
