"""PDF by pypdfium2, page by page; a page that it cannot read goes to the rescue."""

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2 as pdfium
from pypdfium2 import raw as c

from experts.extraction import ocr
from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.formats.pdf_annotations import words_on
from experts.extraction.formats.pdf_cut import completed
from experts.extraction.formats.pdf_rescue import MAX_PAGES, Rescue
from experts.extraction.pages import Document, ExtractedPage
from experts.extraction.quality import (
    Condition,
    condition_of,
    has_letters,
    has_more,
    is_garbled,
)

if TYPE_CHECKING:
    from PIL.Image import Image

SPARSE = 200  # letters: a page with more is read by its text alone
COVERING = 0.5  # of the page's area
MAX_OBJECTS = 20_000  # looked at on one page to tell a scan from a blank one
MANY_DAMAGED = 20  # pages in a row from the first: the file has none, whatever it declares
MANY_SEGMENTS = 200  # of paths: letters drawn as curves, not a frame or a rule


def read(path: Path, *, skip: int) -> Document:
    """Raises ExtractionError (encrypted, corrupt, too_many_pages)."""
    try:
        document = pdfium.PdfDocument(path)
        document.init_forms()
    except pdfium.PdfiumError as error:
        if error.err_code == c.FPDF_ERR_PASSWORD:
            raise ExtractionError(ErrorCode.ENCRYPTED) from None
        return _mended(path, skip)
    total = len(document)
    if total > MAX_PAGES:
        raise ExtractionError(ErrorCode.TOO_MANY_PAGES)
    return Document(_pages(document, Rescue(path), skip), total) if total else _mended(path, skip)


def _mended(path: Path, skip: int) -> Document:
    """What PDFium refuses, pypdf often mends; imported only then, for it takes time."""
    from experts.extraction.formats import pdf_pure

    try:
        return pdf_pure.read(path, skip=skip)
    except ExtractionError as error:
        if error.code == ErrorCode.CORRUPT and (data := completed(path)):
            return _cut(data, Rescue(path), skip)
        raise


def _cut(data: bytes, rescue: Rescue, skip: int) -> Document:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError:
        raise ExtractionError(ErrorCode.CORRUPT) from None
    if not 0 < len(document) <= MAX_PAGES:
        raise ExtractionError(ErrorCode.CORRUPT)
    return Document(_until_the_cut(_pages(document, rescue, skip)), len(document))


def _until_the_cut(pages: Iterator[ExtractedPage]) -> Iterator[ExtractedPage]:
    """The empty pages at the end are the ones that are lost."""
    empty: list[ExtractedPage] = []
    for page in pages:
        empty.append(page)
        if page.text or page.condition == Condition.NO_TEXT:
            yield from empty
            empty = []
    raise ExtractionError(ErrorCode.CORRUPT)


def _pages(document: pdfium.PdfDocument, rescue: Rescue, skip: int) -> Iterator[ExtractedPage]:
    """Raises ExtractionError (corrupt) when it turns out that there are no pages to speak of."""
    damaged = 0
    with closing(document), closing(rescue):
        for index in range(skip, len(document)):
            page = _page(document, index, rescue)
            damaged += page is None
            yield page or _damaged(index)
            if damaged == min(MANY_DAMAGED, len(document)) == index + 1:
                raise ExtractionError(ErrorCode.CORRUPT)


def _page(document: pdfium.PdfDocument, index: int, rescue: Rescue) -> ExtractedPage | None:
    """A page, or none when nobody can read it.

    Pages are closed at once: open ones keep their fonts and pictures in memory.
    """
    try:
        page = document[index]
    except pdfium.PdfiumError:
        raw = rescue.best(index, "")
        return _in_place(index, raw) if has_letters(raw) else None
    try:
        return _read_page(page, index, rescue)
    finally:
        page.close()


def _damaged(index: int) -> ExtractedPage:
    return ExtractedPage(index + 1, f"Page {index + 1}", "", Condition.GARBLED)


def _in_place(index: int, raw: str) -> ExtractedPage:
    page = ExtractedPage.from_raw(index + 1, f"Page {index + 1}", raw)
    return replace(page, follows=index > 0)


def _read_page(page: pdfium.PdfPage, index: int, rescue: Rescue) -> ExtractedPage:
    raw = _text(page)
    few, drawn = not has_letters(raw), Drawn()
    if not has_more(raw, SPARSE):
        drawn = _drawn(page)
    if is_garbled(raw) or (few and drawn.text):
        raw = rescue.best(index, raw)
    elif rescue.reads_better(raw):
        raw = rescue.right_to_left(index, raw)
    unread = is_garbled(raw) or drawn.is_scan or (not has_letters(raw) and drawn.anything)
    if unread and ocr.is_installed() and (picture := _picture(page, ocr.SIDE)):
        seen = ocr.recognised(picture)
        seen = seen if is_garbled(raw) else _beside(seen, raw)
        unread = not has_letters(seen)
        kept = "" if is_garbled(raw) and not unread else raw
        raw = "\n\n".join(filter(None, [kept, seen]))
    if added := words_on(page):
        raw = f"{raw}\n\n{added}"
    condition = condition_of(raw, drawn=drawn.picture or drawn.curves)
    scanned = unread and drawn.picture and _is_scan(page, condition)
    return replace(_in_place(index, raw), condition=condition, scanned=scanned)


def _beside(seen: str, raw: str) -> str:
    """The lines that were seen on the page and are not in its text."""
    known = _squeezed(raw)
    return "\n".join(line for line in seen.splitlines() if _squeezed(line) not in known)


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def _is_scan(page: pdfium.PdfPage, condition: Condition) -> bool:
    """A page without text is one for its picture alone; one with a few words if it looks so."""
    if condition != Condition.TEXT:
        return condition == Condition.NO_TEXT
    from experts.extraction.pictures import PAGE, looks_written  # seldom needed, slow to import

    picture = _picture(page, max(PAGE))
    return picture is not None and looks_written(picture)


def _picture(page: pdfium.PdfPage, side: int) -> "Image | None":
    """The page with a longer side of so many pixels, whatever size it claims to have."""
    longest = max(*page.get_size(), 1.0)
    with suppress(pdfium.PdfiumError):
        picture: Image = page.render(scale=side / longest).to_pil()
        return picture
    return None


def _text(page: pdfium.PdfPage) -> str:
    try:
        text_page = page.get_textpage()
    except pdfium.PdfiumError:
        return ""
    try:
        raw: str = text_page.get_text_range()
        return raw
    finally:
        text_page.close()


@dataclass(slots=True)
class Drawn:
    """What a page draws; a few lines are no curves."""

    text: bool = False
    picture: bool = False
    curves: bool = False
    covered: bool = False  # by one picture, for the most part
    recognised: bool = False  # before it came to us: its text is invisible

    @property
    def anything(self) -> bool:
        return self.text or self.picture or self.curves

    @property
    def is_scan(self) -> bool:
        """Whether its words are in a picture, and the text is a stamp or a number beside them."""
        return self.covered and not self.recognised


def _drawn(page: pdfium.PdfPage) -> Drawn:
    drawn, segments = Drawn(), 0
    area = COVERING * page.get_width() * page.get_height()
    for item in islice(page.get_objects(max_depth=8), MAX_OBJECTS):
        if item.type == c.FPDF_PAGEOBJ_PATH:
            segments += c.FPDFPath_CountSegments(item)
        elif item.type == c.FPDF_PAGEOBJ_TEXT:
            drawn.text = True
            mode = c.FPDFTextObj_GetTextRenderMode(item)
            drawn.recognised |= mode == c.FPDF_TEXTRENDERMODE_INVISIBLE
        elif item.type == c.FPDF_PAGEOBJ_IMAGE:
            drawn.picture = True
            with suppress(pdfium.PdfiumError):
                left, bottom, right, top = item.get_bounds()
                drawn.covered |= (right - left) * (top - bottom) >= area
    drawn.curves = segments >= MANY_SEGMENTS
    return drawn
