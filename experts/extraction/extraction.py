"""Text out of a file, page by page, read by a process that this one can afford to lose.

with extract(path, media_type) as extraction:
    for page in extraction:
        ...  # extraction.total_pages is set as soon as it is known
"""

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from experts.extraction import ocr
from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.formats import MAIL, READERS, WITH_PICTURES
from experts.extraction.limits import Limits
from experts.extraction.pages import ExtractedPage, Reached
from experts.extraction.process import ReaderCrashedError, ReaderProcess, ReaderUnavailableError
from experts.extraction.quality import Condition

__all__ = ["Condition", "ExtractedPage", "Extraction", "ReaderUnavailableError", "extract"]

logger = logging.getLogger(__name__)


class Extraction:
    """The pages of one file as they are read; leaving the `with` block ends the reading."""

    def __init__(self, path: Path, media_type: str, *, skip_pages: int, limits: Limits) -> None:
        self.total_pages: int | None = None
        self._path = path
        self._readers = READERS.get(media_type, ())
        self._reached = skip_pages
        self._limits = limits
        self._process: ReaderProcess | None = None
        self._is_stopped = False

    def __iter__(self) -> Iterator[ExtractedPage]:
        """Raises ExtractionError; the pages that came before it are good."""
        if not self._readers:
            raise ExtractionError(ErrorCode.UNSUPPORTED_TYPE)
        *others, last = self._readers
        for reader in others:
            try:
                yield from self._pages(reader)
            except ReaderCrashedError as crash:
                logger.warning("%s gave up after page %d: %s", reader, self._reached, crash.code)
            else:
                return
        yield from self._pages(last)

    def _pages(self, reader: str) -> Iterator[ExtractedPage]:
        process = ReaderProcess(reader, self._path, skip=self._reached, limits=self._limits)
        self._process = process
        with contextlib.closing(process):
            if self._is_stopped:
                return
            for message in process.messages():
                self.total_pages = message.get("total", self.total_pages)
                if "page" in message:
                    page = _page(message["page"])
                    self._reached = page.number
                    yield page

    def stop(self) -> None:
        """Let the reading end early, whichever thread is at it; no more pages come."""
        self._is_stopped = True
        if self._process:
            self._process.stop()

    def close(self) -> None:
        """Kill the reading process, wherever it is. Safe to call again."""
        if self._process:
            self._process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def extract(
    path: Path, media_type: str, *, skip_pages: int = 0, limits: Limits | None = None
) -> Extraction:
    """Read `path` as `media_type` (see media_types.detect), from the page after `skip_pages`.

    Reading raises ExtractionError for a type that has no reader and for everything that is wrong
    with the file, and ReaderUnavailableError when no process can be started.
    """
    limits = limits or limits_of(path, media_type)
    return Extraction(path, media_type, skip_pages=skip_pages, limits=limits)


def limits_of(path: Path, media_type: str) -> Limits:
    """What reading this file may cost.

    A mail's bodies and attachments are written to files, to be read from there. OCR takes 1.4 GB
    of address space and 3 to 6 s for a page, and 35 s for one of 95 full lines.
    """
    limits = Limits()
    if media_type == MAIL:
        written = max(limits.written_bytes, path.stat().st_size)
        limits = replace(limits, written_bytes=written)
    if media_type in WITH_PICTURES and ocr.is_installed():
        return replace(limits, ocr_memory_bytes=3 << 30, silence_seconds=120)
    return limits


def _page(fields: list[Any]) -> ExtractedPage:
    number, location, text, condition, scanned, follows, reached = fields
    come = None if reached is None else Reached(*reached)
    return ExtractedPage(number, location, text, Condition(condition), scanned, follows, come)
