"""One file from upload to searchable: read and embedded side by side, stored, verified."""

import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing, contextmanager
from typing import Any

from experts.extraction.extraction import extract
from experts.housekeeping import check_later
from experts.ingestion.embedding import Embedding, verify
from experts.ingestion.holding import FileGoneError, hold, take
from experts.ingestion.pausing import shown_pause
from experts.ingestion.reading import Reading, local_copy
from experts.ingestion.report import Report
from experts.models import SourceFile
from experts.providers import get_vector_store
from experts.providers.pacing import pausing
from experts.retrieval.indexing import index_passages
from queueing.models import ProcessingTask

TICK = 0.25  # seconds until it is noticed that the task was cancelled or lost, or is to stop
STALLED = 600.0  # seconds without a page or a vector: something hangs

Status = SourceFile.Status


class StalledError(Exception):
    """Neither reading nor embedding has come any further for ten minutes."""


def ingest(file: SourceFile, *, task: ProcessingTask, report: Report) -> None:
    """Bring a file to a final state, going on where an earlier attempt stopped.

    A file that cannot be read ends as such; what concerns the whole task is raised:
    ProviderError, and whatever `task.checkpoint()` raises.
    """

    def rest(seconds: float) -> None:
        report.tick()
        task.checkpoint()
        time.sleep(seconds)

    try:
        if take(file, task=task, report=report):
            with pausing(shown_pause(report, rest)):
                _learn(file, task=task, report=report)
    except FileGoneError:
        return


def _learn(file: SourceFile, *, task: ProcessingTask, report: Report) -> None:
    with (
        _opened(file, task=task, report=report) as reading,
        closing(Embedding(file, task=task, report=report)) as embedding,
    ):
        _work_side_by_side(reading, embedding, task=task, report=report)
    if file.is_final:
        return  # there was nothing to learn
    report.storing()
    index_passages(file.pk, checkpoint=task.checkpoint)
    verify(file)
    hold(file, task, status=Status.READY)
    if get_vector_store().settles_later:
        check_later(file)


@contextmanager
def _opened(file: SourceFile, *, task: ProcessingTask, report: Report) -> Iterator[Reading]:
    """The reading of the file, which may be over since an earlier attempt."""
    if file.status == Status.EMBEDDING:
        yield Reading(file, None, task=task, report=report)
        return
    hold(file, task, status=Status.EXTRACTING)
    with (
        local_copy(file, checkpoint=task.checkpoint) as path,
        extract(path, file.media_type, skip_pages=file.pages_read) as pages,
        closing(Reading(file, pages, task=task, report=report)) as reading,
    ):
        yield reading


def _work_side_by_side(
    reading: Reading, embedding: Embedding, *, task: ProcessingTask, report: Report
) -> None:
    """Pages are read and passages embedded in threads of their own; this one stores both.

    So every write for the task is made here, one after the other, behind the same fence.
    """
    moved_at = time.monotonic()
    while not (reading.is_over and embedding.is_over):
        calls: list[Future[Any] | None] = [reading.call, embedding.call]
        wait(filter(None, calls), timeout=TICK, return_when=FIRST_COMPLETED)
        report.tick()
        task.checkpoint()
        stored = reading.step()
        stored |= embedding.step(known=reading.known, complete=reading.is_over)
        if stored or report.is_paused:
            moved_at = time.monotonic()
        elif time.monotonic() > moved_at + STALLED:
            raise StalledError(StalledError.__doc__)
