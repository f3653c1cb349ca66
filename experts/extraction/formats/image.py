"""Pictures (PNG, JPEG, TIFF, WebP): their words by text recognition, where it is installed."""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageSequence

from experts.extraction import ocr
from experts.extraction.cleaning import clean
from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.pages import Document, ExtractedPage
from experts.extraction.pictures import DAMAGED, MAX_PIXELS, upright
from experts.extraction.quality import Condition, condition_of

FORMATS = ["PNG", "JPEG", "TIFF", "WEBP"]
MAX_PAGES = 1_000  # of a TIFF


def read(path: Path, *, skip: int) -> Document:
    """Raises ExtractionError: corrupt, too_complex, too_many_pages."""
    try:
        picture = Image.open(path, formats=FORMATS)
        total = getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1
    except DAMAGED as error:
        raise ExtractionError(ErrorCode.CORRUPT) from error
    except Image.DecompressionBombError as error:
        raise ExtractionError(ErrorCode.TOO_COMPLEX) from error
    if total > MAX_PAGES:
        raise ExtractionError(ErrorCode.TOO_MANY_PAGES)
    return Document(_pages(picture, total, skip), total)


def _pages(picture: Image.Image, total: int, skip: int) -> Iterator[ExtractedPage]:
    frames = ImageSequence.Iterator(picture)
    for number in range(skip + 1, total + 1):
        try:
            text = _text(frames[number - 1])
        except DAMAGED as error:
            raise ExtractionError(ErrorCode.CORRUPT) from error
        condition = condition_of(text, drawn=True)
        scanned = condition == Condition.NO_TEXT
        where = f"Page {number}"
        yield ExtractedPage(number, where, clean(text), condition, scanned, number > 1)


def _text(page: Image.Image) -> str:
    if page.width * page.height > MAX_PIXELS:
        raise ExtractionError(ErrorCode.TOO_COMPLEX)
    return ocr.recognised(upright(page))
