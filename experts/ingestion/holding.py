"""Who reads a file: one attempt of one task, and every write it makes is fenced by that."""

import time
from typing import Any

from experts.ingestion.report import Report
from experts.models import SourceFile
from queueing import TaskLost
from queueing.models import ProcessingTask

SECONDS_BETWEEN_LOOKS = 0.5


class FileGoneError(Exception):
    """The file was deleted while it was being read: there is nothing left to do."""


def take(file: SourceFile, *, task: ProcessingTask, report: Report) -> bool:
    """Become the file's reader; False when it is, or meanwhile became, final.

    Waits while another task reads it, for two experts may need the same new file at once.
    Raises FileGoneError and whatever `task.checkpoint()` raises.
    """
    free = SourceFile.objects.filter(pk=file.pk).unfinished().without_reader()
    while not free.update(reader_id=task.pk, reader_attempt=task.attempt):
        refresh(file)
        if file.is_final:
            return False
        report.waiting(f"Another expert is already reading {file.name}…")
        task.checkpoint()
        time.sleep(SECONDS_BETWEEN_LOOKS)
    refresh(file)
    return True


def hold(file: SourceFile, task: ProcessingTask, **fields: Any) -> None:
    """Write to the file as its reader: compare and swap.

    Raises FileGoneError when it was deleted, TaskLost when another attempt reads it.
    """
    if SourceFile.objects.filter(pk=file.pk).read_by(task).update(**fields) != 1:
        refresh(file)
        raise TaskLost(task)
    for name, value in fields.items():
        setattr(file, name, value)


def refresh(file: SourceFile) -> None:
    """Read the row again. Raises FileGoneError."""
    try:
        file.refresh_from_db()
    except SourceFile.DoesNotExist:
        raise FileGoneError(file.name) from None
