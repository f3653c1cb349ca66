"""From a stored file to pages and passages in the database, resumable after any page."""

import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.db import transaction

from experts.extraction.errors import ExtractionError
from experts.extraction.extraction import Condition, ExtractedPage, Extraction
from experts.ingestion.aside import Aside
from experts.ingestion.findings import nothing_found, warnings_of
from experts.ingestion.holding import hold
from experts.ingestion.passages import PageByPage, Piece
from experts.ingestion.report import Report
from experts.models import Passage, PostingSegment, SourceFile, SourcePage
from experts.providers.files import VENDOR as STORAGE
from experts.providers.files import storage_errors
from experts.providers.pacing import paced
from experts.retrieval.indexing import index_passages
from queueing.models import ProcessingTask

PAGES_A_WRITE = 100
LETTERS_A_WRITE = 1_000_000
SECONDS_A_WRITE = 0.5
BATCHES_AHEAD = 3
CHUNK = 1 << 20  # bytes

Status = SourceFile.Status


class Reading:
    """Stores the pages of one file as they come, and the passages that they make.

    Pages, passages and the mark up to which the file is read commit together, so a new attempt
    goes on at the next page and nothing is stored twice. `error` is why reading ended early, if
    it did: what came before it stays.
    """

    def __init__(
        self, file: SourceFile, pages: Extraction | None, *, task: ProcessingTask, report: Report
    ) -> None:
        """Without `pages` all of them are there."""
        self._file, self._task, self._report = file, task, report
        last = file.passages.order_by("ordinal").last()
        self.known = last.ordinal + 1 if last else 0  # passages
        self.error: ExtractionError | None = None
        self._calls: deque[Future[list[ExtractedPage] | None]] = deque()
        self._aside = Aside("reading")
        self._pages = pages
        if pages:
            self._cut = PageByPage(*held(file, last))
            self._batches = in_batches(pages)
            self._look_ahead()

    @property
    def call(self) -> "Future[list[ExtractedPage] | None] | None":
        """What is waited for."""
        return self._calls[0] if self._calls else None

    @property
    def is_over(self) -> bool:
        return not self._calls

    def step(self) -> bool:
        """Store what has been read meanwhile; whether there was something."""
        if self.call is None or not self.call.done():
            return False
        if batch := self._taken(self._calls.popleft()):
            self._look_ahead()
            self._store(batch)
        else:
            self._calls.clear()
            self._finish()
        return True

    def close(self) -> None:
        """End the reading, wherever it is."""
        if self._pages:
            self._pages.stop()
        self._aside.end()
        self._calls.clear()

    def _look_ahead(self) -> None:
        """Keep the reader busy while this thread stores."""
        while len(self._calls) < BATCHES_AHEAD:
            self._calls.append(self._aside.start(next, self._batches, None))

    def _taken(self, call: "Future[list[ExtractedPage] | None]") -> list[ExtractedPage] | None:
        try:
            return call.result()
        except ExtractionError as error:
            self.error = error
            return None

    def _store(self, pages: Sequence[ExtractedPage]) -> None:
        assert self._pages
        total, before = self._pages.total_pages, self.known
        with transaction.atomic():
            hold(self._file, self._task, pages_read=pages[-1].number, pages=total)
            SourcePage.objects.bulk_create(self._page(page) for page in pages)
            self._add(piece for page in pages for piece in self._cut.add(page))
        if before // PostingSegment.SIZE < self.known // PostingSegment.SIZE:
            index_passages(self._file.pk, known=self.known)
        self._report.page_read(pages[-1].number, total, pages[-1].reached)

    def _finish(self) -> None:
        """Reading is over: from here on an attempt goes straight to embedding, or nowhere."""
        with transaction.atomic():
            self._add(self._cut.end())
            if self.known:
                hold(self._file, self._task, status=Status.EMBEDDING, **self._findings())
            else:
                self._end_without_text()

    def _end_without_text(self) -> None:
        """Nothing to learn: damaged, or read to its end without finding a word."""
        error = self.error or nothing_found(self._file)
        status = Status.FAILED if self.error else Status.NO_TEXT
        self.error = None  # told by the file itself, not by a warning
        hold(
            self._file,
            self._task,
            status=status,
            error_code=error.code,
            error_message=error.message,
            **self._findings(),
        )

    def _findings(self) -> dict[str, Any]:
        """How many pages there are, and what should be known of some of them."""
        file, ended_early = self._file, self.error is not None
        return {
            "pages": (ended_early and file.pages) or file.pages_read,
            "warnings": warnings_of(file, self.error),
        }

    def _page(self, page: ExtractedPage) -> SourcePage:
        return SourcePage(
            source_file=self._file,
            number=page.number,
            location=page.location,
            condition=page.condition,
            scanned=page.scanned,
            text=page.text,
        )

    def _add(self, pieces: Iterable[Piece]) -> None:
        passages = [
            Passage(source_file=self._file, ordinal=ordinal, **piece._asdict())
            for ordinal, piece in enumerate(pieces, start=self.known)
        ]
        Passage.objects.bulk_create(passages)
        self.known += len(passages)


def held(file: SourceFile, last: Passage | None) -> tuple[ExtractedPage | None, int]:
    """The last page that was stored, and how much of it the `last` passage has taken already."""
    page = file.source_pages.filter(number=file.pages_read).first()
    if page is None:
        return None, 0
    begun = 0
    if last and last.last_page == page.number:
        begun = last.end if last.next_end is None else last.next_end
    return ExtractedPage(page.number, page.location, page.text, Condition(page.condition)), begun


def in_batches(pages: Iterable[ExtractedPage]) -> Iterator[list[ExtractedPage]]:
    """Group pages so that quick ones share a write and slow ones show at once.

    What was read before an ExtractionError is yielded before it is raised.
    """
    batch: list[ExtractedPage] = []
    letters, since = 0, time.monotonic()
    try:
        for page in pages:
            batch.append(page)
            letters += len(page.text)
            late = time.monotonic() - since > SECONDS_A_WRITE
            if late or len(batch) == PAGES_A_WRITE or letters > LETTERS_A_WRITE:
                yield batch
                batch, letters, since = [], 0, time.monotonic()
    except ExtractionError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


@contextmanager
def local_copy(file: SourceFile, *, checkpoint: Callable[[], None]) -> Iterator[Path]:
    """The file's bytes on this machine, wherever the storage keeps them.

    Raises ProviderError, and whatever `checkpoint` raises.
    """
    try:
        yield Path(file.file.path)
    except NotImplementedError:  # a remote storage, which has no paths
        with tempfile.NamedTemporaryFile(prefix="expertsite-") as copy:
            paced(STORAGE, lambda: _fetch(file, copy, checkpoint))
            yield Path(copy.name)


def _fetch(file: SourceFile, copy: IO[bytes], checkpoint: Callable[[], None]) -> None:
    copy.seek(0)
    copy.truncate()
    with storage_errors(), file.file.open("rb") as remote:
        while chunk := remote.read(CHUNK):
            copy.write(chunk)
            checkpoint()
    copy.flush()
