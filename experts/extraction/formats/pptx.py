"""Presentations: a slide is a page, with its tables, charts, speaker notes and comments.

Read as XML, slide by slide: a library would load every picture first, and passes over
SmartArt and charts.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from experts.extraction import xml
from experts.extraction.archives import Archive
from experts.extraction.drawings import paragraphs, without_placeholders, words_of, written
from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.open_xml import listed_parts, main_part, parts_of
from experts.extraction.pages import Document, ExtractedPage
from experts.extraction.pictures import Pictures
from experts.extraction.quality import Condition

MAIN = "ppt/presentation.xml"  # its usual place


def read(path: Path, *, skip: int) -> Document:
    """Raises ExtractionError: corrupt, encrypted, archive_bomb, too_complex, empty."""
    archive = Archive(path.open("rb"))
    slides = [name for _, name in listed_parts(archive, main_part(archive, MAIN), "{*}sldId")]
    if not slides:
        raise ExtractionError(ErrorCode.EMPTY)
    return Document(_pages(archive, slides, skip), len(slides))


def _pages(archive: Archive, slides: list[str], skip: int) -> Iterator[ExtractedPage]:
    """A damaged slide is one of its own; where all are, so is the file."""
    pictures = Pictures(archive)
    backdrops = _backdrops(archive, slides)
    damaged = 0
    for number, slide in enumerate(slides[skip:], start=skip + 1):
        try:
            yield _page(archive, number, [slide, *backdrops[slide]], pictures)
        except ExtractionError as error:
            damaged += 1
            if error.code != ErrorCode.CORRUPT or damaged == number == len(slides):
                raise
            yield ExtractedPage(number, f"Slide {number}", "", Condition.GARBLED)


def _backdrops(archive: Archive, slides: list[str]) -> dict[str, list[str]]:
    """The layouts and masters behind each slide, where they are seen for the first time."""
    seen: set[str] = set()
    found = {}
    for slide in slides:
        layouts = parts_of(archive, slide, "slideLayout")
        masters = [part for layout in layouts for part in parts_of(archive, layout, "slideMaster")]
        found[slide] = [part for part in (*layouts, *masters) if part not in seen]
        seen.update(found[slide])
    return found


def _page(archive: Archive, number: int, parts: list[str], pictures: Pictures) -> ExtractedPage:
    """A slide is the first of its parts."""
    shown = parts_of(archive, parts[0], "image")
    said = [*_texts(archive, *parts), *map(pictures.words_of, shown)]
    page = ExtractedPage.from_raw(number, f"Slide {number}", "\n\n".join(filter(None, said)))
    if shown and page.condition == Condition.BLANK:
        return replace(page, condition=Condition.NO_TEXT, scanned=True)
    return page


def _texts(archive: Archive, slide: str, *backdrops: str) -> Iterator[str]:
    """The slide, then what a presenter sees beside it, under its name, then what is behind it."""
    yield written(words_of(archive, slide))
    for label, kind in (("Speaker notes", "notesSlide"), ("Comments", "comments")):
        found = [_said(archive, part) for part in parts_of(archive, slide, kind)]
        if text := "\n\n".join(filter(None, found)):
            yield f"{label}\n\n{text}"
    for part in backdrops:
        with suppress(ExtractionError):
            yield written(paragraphs(without_placeholders(xml.root(archive.open(part)))))


def _said(archive: Archive, part: str) -> str:
    """Notes and new comments are paragraphs; old comments have their text in one element."""
    root = xml.root(archive.open(part))
    old = [element.text or "" for element in root.iter("{*}text")]
    return "\n\n".join(filter(None, [written(paragraphs(root)), *old]))
