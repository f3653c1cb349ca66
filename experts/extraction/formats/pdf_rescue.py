"""A second and third opinion on a PDF page: pypdf, then pdfminer.six.

Which engine is right where was measured: PDFium swaps Arabic letters that pypdf leaves in
order, pdfminer.six alone reads some vertical Japanese and turns right-to-left text around.
"""

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from io import StringIO
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, BinaryIO

from experts.extraction.quality import is_garbled, is_right_to_left, letters

if TYPE_CHECKING:  # both engines are imported when a page needs them: they take a tenth of a second
    from pdfminer.pdfpage import PDFPage
    from pypdf import PdfReader

SECONDS_PER_PAGE = 10  # of one engine on one page
MAX_PAGES = 20_000
OPENED = {"by_pypdf": "_pypdf", "by_pdfminer": "_pdfminer_pages"}  # what each keeps of a file

logger = logging.getLogger(__name__)


class Rescue:
    """Reads single pages of one file; opens each engine when it is first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._given_up: set[str] = set()
        self._files = ExitStack()

    def close(self) -> None:
        self._files.close()

    def best(self, index: int, raw: str) -> str:
        """The most readable of what we have and what the others make of the page."""
        candidates = [raw, self._attempt(self.by_pypdf, index)]
        if not any(map(is_right_to_left, candidates)):
            candidates.append(self._attempt(self.by_pdfminer, index))
        return max(candidates, key=lambda text: (not is_garbled(text), letters(text)))

    @staticmethod
    def reads_better(raw: str) -> bool:
        """Whether pypdf is the better reader for this kind of text."""
        return not raw.isascii() and is_right_to_left(raw)

    def right_to_left(self, index: int, raw: str) -> str:
        """The page by pypdf, unless that lost much of it."""
        other = self._attempt(self.by_pypdf, index)
        complete = letters(other) >= 0.8 * letters(raw) and not is_garbled(other)
        return other if complete else raw

    def by_pypdf(self, index: int) -> str:
        return self._pypdf.pages[index].extract_text()

    def by_pdfminer(self, index: int) -> str:
        from pdfminer.converter import TextConverter
        from pdfminer.layout import LAParams
        from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager

        out = StringIO()
        manager = PDFResourceManager()
        with TextConverter(manager, out, laparams=LAParams(detect_vertical=True)) as device:
            PDFPageInterpreter(manager, device).process_page(self._pdfminer_pages[index])
        return out.getvalue()

    @cached_property
    def _pypdf(self) -> "PdfReader":
        from pypdf import PdfReader

        return PdfReader(self._open())

    @cached_property
    def _pdfminer_pages(self) -> list["PDFPage"]:
        from pdfminer.pdfdocument import PDFDocument
        from pdfminer.pdfpage import PDFPage
        from pdfminer.pdfparser import PDFParser

        document = PDFDocument(PDFParser(self._open()))
        return list(islice(PDFPage.create_pages(document), MAX_PAGES))

    def _open(self) -> BinaryIO:
        return self._files.enter_context(self._path.open("rb"))

    def _attempt(self, engine: Callable[[int], str], index: int) -> str:
        """What the engine reads, or nothing. These libraries raise whatever a bad file hits.

        An engine that ran out of time once, or cannot open the file, is not asked again: the file
        would pay each page.
        """
        if engine.__name__ in self._given_up:
            return ""
        try:
            with time_limit(SECONDS_PER_PAGE):
                return engine(index)
        except TimeoutError:
            self._given_up.add(engine.__name__)
        except MemoryError:
            raise
        except Exception:
            logger.exception("%s failed on page %d", engine.__name__, index + 1)
            if OPENED[engine.__name__] not in vars(self):
                self._given_up.add(engine.__name__)
        return ""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeoutError inside the block when it takes longer. Main thread, pure Python only."""

    def expire(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    previous = signal.signal(signal.SIGALRM, expire)
    others, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, others)
        signal.signal(signal.SIGALRM, previous)
