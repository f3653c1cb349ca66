"""One file from upload to searchable: extract, split, embed, store, verify."""

from experts.housekeeping import check_later
from experts.ingestion.embedding import embed, verify
from experts.ingestion.errors import ErrorCode, ExtractionError
from experts.ingestion.findings import warnings_of
from experts.ingestion.holding import FileGoneError, hold, take
from experts.ingestion.pausing import shown_pause
from experts.ingestion.reading import read
from experts.ingestion.report import Report
from experts.models import Passage, SourceFile
from experts.providers import get_vector_store
from experts.providers.pacing import pausing
from experts.retrieval.indexing import index_passages
from queueing.models import ProcessingTask

Status = SourceFile.Status


def ingest(file: SourceFile, *, task: ProcessingTask, report: Report) -> None:
    """Bring a file to a final state, going on where an earlier attempt stopped.

    A file that cannot be read ends as such; what concerns the whole task is raised:
    ProviderError, and whatever `task.checkpoint()` raises.
    """
    try:
        if take(file, task=task, report=report):
            with pausing(shown_pause(task=task, report=report)):
                _learn(file, task=task, report=report)
    except FileGoneError:
        return


def _learn(file: SourceFile, *, task: ProcessingTask, report: Report) -> None:
    if file.status != Status.EMBEDDING:
        hold(file, task, status=Status.EXTRACTING)
        error = read(file, task=task, report=report)
        if not Passage.objects.of_files([file.pk]).exists():
            _end_without_text(file, task, error)
            return
        _note_pages(file, task, error)
    embed(file, task=task, report=report)
    report.storing()
    index_passages(file.pk, checkpoint=task.checkpoint)
    verify(file)
    hold(file, task, status=Status.READY)
    if get_vector_store().settles_later:
        check_later(file)


def _note_pages(file: SourceFile, task: ProcessingTask, error: ExtractionError | None) -> None:
    """Reading is over: from here on an attempt goes straight to embedding."""
    hold(
        file,
        task,
        status=Status.EMBEDDING,
        pages=file.pages_read if error is None else file.pages or file.pages_read,
        warnings=warnings_of(file, error),
    )


def _end_without_text(
    file: SourceFile, task: ProcessingTask, error: ExtractionError | None
) -> None:
    """Nothing to learn: damaged, or read to its end without finding a word."""
    status = Status.NO_TEXT if error is None else Status.FAILED
    error = error or ExtractionError(ErrorCode.NO_TEXT)
    hold(
        file,
        task,
        status=status,
        pages=file.pages or file.pages_read,
        error_code=error.code,
        error_message=error.message,
        warnings=warnings_of(file, None),
    )
