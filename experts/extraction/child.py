"""The reading process: `python -m experts.extraction.child <reader> <path> <skip> <limits>`.

It writes one JSON object a line: ready, total, page or pictures (many), then end, error (the
file's) or unavailable (this machine's). With "ready" goes the peak of memory so far, which a
process inherits from the one that started it. It knows nothing of Django, the database or
anybody's secrets.
"""

import errno
import importlib
import json
import logging
import os
import resource
import sys
from pathlib import Path
from typing import Any, BinaryIO

from experts.extraction import ocr
from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.limits import (
    Limits,
    allow_processor_time,
    die_with_parent,
    peak_memory,
    restrict,
)
from experts.extraction.pages import Document, ExtractedPage

PAGES_PER_ALLOWANCE = 50  # how often the processor budget follows the pages

logger = logging.getLogger(__name__)


def main(reader: str, path: str, skip: str, limits: str) -> None:
    """Read one file to an outcome; the last message says which."""
    out = _claim_stdout()
    die_with_parent()
    bounds = Limits(**json.loads(limits))
    restrict(bounds)
    _send(out, {"ready": peak_memory(resource.getrusage(resource.RUSAGE_SELF))})
    try:
        budget = Budget(out, bounds)
        ocr.before_each(budget.begin_picture)
        document = importlib.import_module(reader).read(Path(path), skip=int(skip))
        _deliver(out, document, budget)
        _send(out, {"end": True})
    except BrokenPipeError:
        raise SystemExit(1) from None  # nobody listens any more
    except ExtractionError as error:
        _send(out, {"error": error.code, "message": error.message})
    except Exception as error:
        logger.exception("%s failed", reader)
        _send(out, _told(error))


class Budget:
    """The processor time, which follows the pages, and the pictures that are recognised."""

    def __init__(self, out: BinaryIO, limits: Limits) -> None:
        self._out, self._limits = out, limits
        self._pages = self._pictures = 0

    def begin_pages(self, number: int) -> None:
        """Go on up to the page of this number."""
        self._pages = number
        self._allow()

    def begin_picture(self) -> None:
        """Tell of another one, which is a sign of life, too."""
        self._pictures += 1
        self._allow()
        _send(self._out, {"pictures": self._pictures})

    def _allow(self) -> None:
        allow_processor_time(self._limits.seconds_for(self._pages, self._pictures))


def _deliver(out: BinaryIO, document: Document, budget: Budget) -> None:
    if document.total_pages is not None:
        _send(out, {"total": document.total_pages})
    for delivered, page in enumerate(document.pages):
        if delivered % PAGES_PER_ALLOWANCE == 0:
            budget.begin_pages(delivered + PAGES_PER_ALLOWANCE)
        _send(out, {"page": _as_list(page)})


def _as_list(page: ExtractedPage) -> list[Any]:
    return [
        *(page.number, page.location, page.text, page.condition),
        *(page.scanned, page.follows, page.reached),
    ]


def _told(error: Exception) -> dict[str, Any]:
    """What an error that no reader foresaw says: about the file, or about this machine."""
    match error:
        case OSError(errno=errno.ENOSPC | errno.EDQUOT | errno.EIO | errno.ENFILE):
            return {"unavailable": error.strerror}
        case MemoryError():
            return {"error": ErrorCode.OUT_OF_MEMORY}
        case RecursionError():
            return {"error": ErrorCode.TOO_COMPLEX}
        case _:
            return {"error": ErrorCode.CORRUPT}


def _send(out: BinaryIO, message: dict[str, Any]) -> None:
    line = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    out.write(line.encode("utf-8", "replace") + b"\n")
    out.flush()


def _claim_stdout() -> BinaryIO:
    """Keep the pipe for messages; whatever a library prints goes to the log instead."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    main(*sys.argv[1:])
