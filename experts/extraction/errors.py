"""Why a file could not be read: a closed list of codes, each with its sentence for a person."""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Every reason that a source file's `error_code` can hold after reading."""

    EMPTY = "empty"
    UNSUPPORTED_TYPE = "unsupported_type"
    ENCRYPTED = "encrypted"
    CORRUPT = "corrupt"
    TOO_LARGE = "too_large"
    TOO_MANY_PAGES = "too_many_pages"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    TOO_COMPLEX = "too_complex"
    ARCHIVE_BOMB = "archive_bomb"
    NO_TEXT = "no_text"
    GARBLED = "garbled"

    @property
    def sentence(self) -> str:
        """What happened, then what to do, in words for the person who uploaded the file."""
        return SENTENCES[self]


SENTENCES: dict[ErrorCode, str] = {
    ErrorCode.EMPTY: "This file is empty. Check the original and upload it again.",
    ErrorCode.UNSUPPORTED_TYPE: (
        "This kind of file cannot be read. Save it as PDF, an Office file (.docx, .xlsx, .pptx), "
        "HTML or plain text and upload that."
    ),
    ErrorCode.ENCRYPTED: (
        "This file is locked with a password. Remove the password and upload it again."
    ),
    ErrorCode.CORRUPT: (
        "This file is damaged and cannot be read. Open it in the program that made it, save a "
        "new copy and upload that."
    ),
    ErrorCode.TOO_LARGE: (
        "This file holds more text than one file may. Split it into smaller files and upload those."
    ),
    ErrorCode.TOO_MANY_PAGES: (
        "This file has more pages than one file may. Split it into smaller files and upload those."
    ),
    ErrorCode.TIMED_OUT: (
        "Reading this file took too long. Split it into smaller files, or save it again as PDF, "
        "and upload that."
    ),
    ErrorCode.OUT_OF_MEMORY: (
        "Reading this file needs too much memory. Split it into smaller files and upload those."
    ),
    ErrorCode.TOO_COMPLEX: (
        "This file is built in a way that cannot be read safely. Save it again as PDF and "
        "upload that."
    ),
    ErrorCode.ARCHIVE_BOMB: (
        "This file unpacks to far more data than a document holds. Open it in the program that "
        "made it, save a new copy and upload that."
    ),
    ErrorCode.NO_TEXT: (
        "No text was found: the pages are pictures or blank. Run text recognition (OCR) on the "
        "file and upload the result, or have OCR installed here and try again."
    ),
    ErrorCode.GARBLED: (
        "The text in this file is stored in a form that cannot be read. Print it to a new PDF, "
        "or run text recognition (OCR) on it, and upload the result."
    ),
}


class ExtractionError(Exception):
    """A file cannot be read, or only so far.

    Pages that were delivered before it was raised are good. The same file fails the same
    way again, so there is nothing to retry.
    """

    def __init__(self, code: ErrorCode | str, message: str = "") -> None:
        self.code = ErrorCode(code)
        self.message = message or self.code.sentence
        super().__init__(self.message)
