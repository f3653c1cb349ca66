"""What a person should know about a file that was read, but not everywhere."""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from experts.extraction import ocr
from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.formats import PIECES
from experts.models import SourceFile, SourcePage

MOST_PLACES = 5  # that a warning names

Condition = SourcePage.Condition


def warnings_of(file: SourceFile, error: ExtractionError | None) -> list[dict[str, Any]]:
    """A list of {code, message, pages}: pages without text, garbled pages, an early end."""
    unread = file.source_pages.exclude(condition=Condition.BLANK).exclude(
        condition=Condition.TEXT, scanned=False
    )
    piece = PIECES.get(file.media_type, "section")
    found = [
        _warning(piece, condition, scanned, list(pages))
        for (condition, scanned), pages in groupby(
            unread.order_by("condition", "scanned", "number").defer("text"),
            key=lambda page: (page.condition, page.scanned),
        )
    ]
    if error is not None:
        found.append(_early_end(piece, file.pages_read, error))
    return found


def nothing_found(file: SourceFile) -> ExtractionError:
    """Why a file that was read to its end has no text: mostly garbled, or none is there."""
    counts = Counter(file.source_pages.values_list("condition", flat=True))
    garbled = counts[Condition.GARBLED] > counts[Condition.NO_TEXT]
    return ExtractionError(ErrorCode.GARBLED if garbled else ErrorCode.NO_TEXT)


def _warning(piece: str, condition: str, scanned: bool, pages: list[SourcePage]) -> dict[str, Any]:
    numbers = [page.number for page in pages]
    where = piece.capitalize() if len(numbers) == 1 else f"{piece.capitalize()}s"
    places = _places(pages) if piece == "section" else ""
    verb = "has" if len(numbers) == 1 else "have"
    if condition == Condition.GARBLED:
        said = "text that cannot be read, and is left out. Print the file to a new PDF."
    elif not scanned:
        said = "no text, only drawings. Export the file with its text and upload it again."
    elif condition == Condition.TEXT and ocr.is_installed():
        said = "a picture that looks like text, in which text recognition (OCR) found none."
    elif condition == Condition.TEXT:
        said = "a picture that looks like text. Run text recognition (OCR) and upload the result."
    elif ocr.is_installed():
        said = "no text: it is a picture, and text recognition (OCR) found none."
    else:
        said = "no text, only a scan. Run text recognition (OCR) and upload the result."
    return {
        "code": str(Condition.NO_TEXT if condition == Condition.TEXT else condition),
        "message": f"{where} {ranges(numbers)}{places} {verb} {said}",
        "pages": numbers,
    }


def _places(pages: list[SourcePage]) -> str:
    """What a person finds sections by: " (photo.png, Page 1)"."""
    named = [page.location for page in pages[:MOST_PLACES]]
    more = ["…"] if len(pages) > MOST_PLACES else []
    return f" ({'; '.join(named + more)})"


def _early_end(piece: str, pages_read: int, error: ExtractionError) -> dict[str, Any]:
    message = f"Only the first {pages_read} {piece}s could be read. {error.message}"
    return {"code": str(error.code), "message": message, "pages": []}


def ranges(numbers: Iterable[int]) -> str:
    """[3, 4, 5, 9] → "3–5, 9"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
