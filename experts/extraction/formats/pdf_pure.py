"""PDF without PDFium: for files that it refuses, and pages that crash it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError

from experts.extraction.cleaning import clean
from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.formats.pdf_rescue import MAX_PAGES, Rescue
from experts.extraction.pages import Document, ExtractedPage
from experts.extraction.quality import condition_of


def read(path: Path, *, skip: int) -> Document:
    """Raises ExtractionError (encrypted, corrupt, too_many_pages)."""
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ExtractionError(ErrorCode.ENCRYPTED)
        total = len(reader.pages)
    except (PyPdfError, ValueError, KeyError, AttributeError, TypeError, IndexError) as error:
        raise ExtractionError(ErrorCode.CORRUPT) from error
    if not 0 < total <= MAX_PAGES:
        raise ExtractionError(ErrorCode.TOO_MANY_PAGES if total else ErrorCode.CORRUPT)
    return Document(_pages(Rescue(path), reader, skip), total)


def _pages(rescue: Rescue, reader: PdfReader, skip: int) -> Iterator[ExtractedPage]:
    with closing(rescue), closing(reader):
        for index in range(skip, len(reader.pages)):
            raw = rescue.best(index, "")
            scanned = not raw.strip() and _has_picture(reader, index)
            condition = condition_of(raw, drawn=scanned)
            where = f"Page {index + 1}"
            yield ExtractedPage(index + 1, where, clean(raw), condition, scanned, index > 0)


def _has_picture(reader: PdfReader, index: int) -> bool:
    try:
        page: PageObject = reader.pages[index]
        resources = page.get("/Resources", {})
        return "/XObject" in resources
    except (PyPdfError, ValueError, KeyError, AttributeError, TypeError):
        return False
