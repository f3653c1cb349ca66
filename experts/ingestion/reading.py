"""From a stored file to pages and passages in the database, resumable after any page."""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.db import transaction

from experts.ingestion.errors import ExtractionError
from experts.ingestion.extraction import Condition, ExtractedPage, Extraction, extract
from experts.ingestion.holding import hold
from experts.ingestion.report import Report
from experts.ingestion.splitting import split
from experts.models import Passage, SourceFile, SourcePage
from experts.providers.files import VENDOR as STORAGE
from experts.providers.files import storage_errors
from experts.providers.pacing import paced
from queueing.models import ProcessingTask

PAGES_A_WRITE = 100
SECONDS_A_WRITE = 1.0


def read(file: SourceFile, *, task: ProcessingTask, report: Report) -> ExtractionError | None:
    """Extract and split what has not been read yet.

    Pages, their passages and the mark up to which the file is read commit together, so a new
    attempt goes on at the next page and nothing is stored twice. Returns the error at which
    reading ended early, if it did: what came before it stays. Raises TaskLost, FileGoneError.
    """
    with (
        local_copy(file) as path,
        extract(path, file.media_type, skip_pages=file.pages_read) as pages,
    ):
        try:
            for batch in in_batches(pages):
                _store(batch, file=file, task=task, total=pages.total_pages)
                report.page_read(file.pages_read, pages.total_pages)
                task.checkpoint()
        except ExtractionError as error:
            return error
    return None


def _store(
    pages: Sequence[ExtractedPage], *, file: SourceFile, task: ProcessingTask, total: int | None
) -> None:
    with transaction.atomic():
        hold(file, task, pages_read=pages[-1].number, pages=total)
        SourcePage.objects.bulk_create(
            SourcePage(
                source_file=file,
                number=page.number,
                location=page.location,
                condition=page.condition,
                scanned=page.scanned,
                text=page.text,
            )
            for page in pages
        )
        first = Passage.objects.of_files([file.pk]).count()
        Passage.objects.bulk_create(
            Passage(
                source_file=file,
                ordinal=ordinal,
                page=page.number,
                location=page.location,
                start=start,
                end=end,
                text=page.text[start:end],
            )
            for ordinal, (page, start, end) in enumerate(_passages(pages), start=first)
        )


def _passages(pages: Sequence[ExtractedPage]) -> Iterator[tuple[ExtractedPage, int, int]]:
    """The passages of the pages that can be read: garbled ones are left out."""
    for page in pages:
        if page.condition == Condition.TEXT:
            for start, end in split(page.text):
                yield page, start, end


def in_batches(pages: Extraction) -> Iterator[list[ExtractedPage]]:
    """Group pages so that quick ones share a write and slow ones show at once.

    What was read before an ExtractionError is yielded before it is raised.
    """
    batch: list[ExtractedPage] = []
    since = time.monotonic()
    try:
        for page in pages:
            batch.append(page)
            if len(batch) == PAGES_A_WRITE or time.monotonic() - since > SECONDS_A_WRITE:
                yield batch
                batch, since = [], time.monotonic()
    except ExtractionError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


@contextmanager
def local_copy(file: SourceFile) -> Iterator[Path]:
    """The file's bytes on this machine, wherever the storage keeps them. Raises ProviderError."""
    try:
        yield Path(file.file.path)
    except NotImplementedError:  # a remote storage, which has no paths
        with tempfile.NamedTemporaryFile(prefix="expertsite-") as copy:
            paced(STORAGE, lambda: _fetch(file, copy))
            yield Path(copy.name)


def _fetch(file: SourceFile, copy: IO[bytes]) -> None:
    copy.seek(0)
    copy.truncate()
    with storage_errors(), file.file.open("rb") as remote:
        shutil.copyfileobj(remote, copy)
    copy.flush()
