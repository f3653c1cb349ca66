"""PDF by pypdfium2, page by page; a page that it cannot read goes to the rescue."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2 as pdfium
from pypdfium2 import raw as c

from experts.ingestion import ocr
from experts.ingestion.cleaning import clean
from experts.ingestion.errors import ErrorCode, ExtractionError
from experts.ingestion.formats.pdf_rescue import MAX_PAGES, Rescue
from experts.ingestion.pages import Document, ExtractedPage
from experts.ingestion.quality import Condition, condition_of, has_letters, is_garbled

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_OBJECTS = 20_000  # looked at on one page to tell a scan from a blank one
MANY_DAMAGED = 20  # pages in a row from the first: the file has none, whatever it declares
MANY_SEGMENTS = 200  # of paths: letters drawn as curves, not a frame or a rule


def read(path: Path, *, skip: int) -> Document:
    """Raises ExtractionError (encrypted, corrupt, too_many_pages)."""
    try:
        document = pdfium.PdfDocument(path)
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
    from experts.ingestion.formats import pdf_pure

    return pdf_pure.read(path, skip=skip)


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
        return _finished(index, raw, drawn=False, scanned=False) if has_letters(raw) else None
    try:
        return _read_page(page, index, rescue)
    finally:
        page.close()


def _damaged(index: int) -> ExtractedPage:
    return ExtractedPage(index + 1, f"Page {index + 1}", "", Condition.GARBLED)


def _read_page(page: pdfium.PdfPage, index: int, rescue: Rescue) -> ExtractedPage:
    raw = _text(page)
    few = not has_letters(raw)
    kinds = _drawn(page) if few else set[int]()
    if is_garbled(raw) or (few and c.FPDF_PAGEOBJ_TEXT in kinds):
        raw = rescue.best(index, raw)
    elif rescue.reads_better(raw):
        raw = rescue.right_to_left(index, raw)
    scanned = c.FPDF_PAGEOBJ_IMAGE in kinds
    if ocr.is_installed() and (is_garbled(raw) or (kinds and not has_letters(raw))):
        raw = ocr.recognised(_picture(page)) or raw
    return _finished(index, raw, drawn=bool(kinds - {c.FPDF_PAGEOBJ_TEXT}), scanned=scanned)


def _picture(page: pdfium.PdfPage) -> "Image":
    """The page as large as OCR wants it, whatever size it claims to have."""
    longest = max(*page.get_size(), 1.0)
    picture: Image = page.render(scale=ocr.SIDE / longest).to_pil()
    return picture


def _finished(index: int, raw: str, *, drawn: bool, scanned: bool) -> ExtractedPage:
    condition = condition_of(raw, drawn=drawn)
    scanned = scanned and condition == Condition.NO_TEXT
    return ExtractedPage(index + 1, f"Page {index + 1}", clean(raw), condition, scanned, index > 0)


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


def _drawn(page: pdfium.PdfPage) -> set[int]:
    """Which of text, pictures and curves the page draws; a few lines are not curves."""
    kinds: set[int] = set()
    segments = 0
    for item in islice(page.get_objects(max_depth=8), MAX_OBJECTS):
        if item.type == c.FPDF_PAGEOBJ_PATH:
            segments += c.FPDFPath_CountSegments(item)
        elif item.type in (c.FPDF_PAGEOBJ_TEXT, c.FPDF_PAGEOBJ_IMAGE):
            kinds.add(item.type)
    return kinds | ({c.FPDF_PAGEOBJ_PATH} if segments >= MANY_SEGMENTS else set())
