"""Counting a processing for everyone to see."""

import time
from collections.abc import Sequence
from typing import Any

from experts.announcements import announce
from experts.extraction.formats import PIECES
from experts.extraction.pages import Reached
from experts.models import ExpertProcessingProgress, SourceFile
from queueing.models import ProcessingTask

SECONDS_BETWEEN_WRITES = 0.5  # at most two writes a second, however fast the work

# How a file's work divides, measured with the local embedder: reading is quick, embedding is not.
READING, EMBEDDING = 0.10, 0.87  # the rest is for storing

# Always there while processing; None means that it is not known yet, or not this stage's.
COUNTERS = (
    "stage_percentage",
    "current_file",
    "total_files",
    "file_name",
    "current_page",
    "total_pages",
    "current_row",
    "total_rows",
    "current_batch",
    "total_batches",
    "current_chunk",
    "total_chunks",
    "warnings",
)


class Report:
    """How far an attempt has come through its files, each weighing what its size does.

    While a file is read and embedded at once, the stage that is shown is the reading: it ends
    first. How many passages there will be is not known before.
    """

    def __init__(self, task: ProcessingTask, files: Sequence[SourceFile]) -> None:
        self._task = task
        self._weights = [max(file.size, 1) for file in files]
        self._number = 0
        self._piece = ""
        self._warnings = [warning for file in files for warning in file.findings()]
        self._details: dict[str, Any] = dict.fromkeys(COUNTERS) | {"total_files": len(files)}
        self._stage, self._message, self._pause = "file_processing", "", ""
        self._read = self._embedded = 0.0  # shares of the current file, as far as they are known
        self._is_told = True
        self._told_at = 0.0

    def open_file(self, number: int, file: SourceFile) -> None:
        """Begin with the file of this number, from 1."""
        self._number = number
        self._piece = PIECES.get(file.media_type, "section")
        self._read = self._embedded = 0.0
        self._details = dict.fromkeys(COUNTERS) | {
            "total_files": self._details["total_files"],
            "current_file": number,
            "file_name": file.name,
            "warnings": self._warnings,
        }
        self._show("file_processing", f"Opening {file.name}…")

    def page_read(self, page: int, total: int | None, reached: Reached | None = None) -> None:
        """Pages count up even while their number is unknown; only the percentage then waits."""
        come = reached or Reached()
        share = page / total if total else come.share
        self._read = share or 0.0
        self._details |= {
            "current_page": page,
            "total_pages": total,
            "current_row": come.number if come.unit == "row" else None,
            "total_rows": come.total if come.unit == "row" else None,
            "stage_percentage": None if share is None else int(100 * share),
        }
        come_to = place(come.unit or self._piece, come.number or page, come.total or total)
        self._show("extracting_text", f"Extracting text… {come_to}")

    def embedded(self, chunk: int, *, known: int, complete: bool, batch_size: int) -> None:
        """`known` passages there are so far, or in all, when that is `complete`."""
        self._details |= {
            "current_batch": -(-chunk // batch_size),
            "total_batches": -(-known // batch_size) if complete else None,
            "current_chunk": chunk,
            "total_chunks": known if complete else None,
        }
        self._read = 1.0 if complete else self._read
        self._embedded = self._read * chunk / max(known, 1)
        if complete:
            self._details |= {"stage_percentage": percent(chunk, known)}
            message = f"Generating embeddings… {percent(chunk, known)}%"
            self._show("generating_embeddings", message)
        else:
            self._show(self._stage, self._message)

    def storing(self) -> None:
        self._details |= {"stage_percentage": None}
        self._read = self._embedded = 1.0
        self._show("storing_vectors", "Storing what was learnt…")

    def waiting(self, message: str) -> None:
        """Say what the work waits for, without moving on."""
        self._show("file_processing", message)

    def paused(self, message: str) -> None:
        """Say that a vendor asked for patience, or with nothing that it goes on; `tick` tells it.

        The stage and its percentage stay. The one method that other threads call.
        """
        self._pause = message

    @property
    def is_paused(self) -> bool:
        return bool(self._pause)

    def tick(self) -> None:
        """Tell what could not be told yet, for the last word was too young."""
        if self._pause or not self._is_told:
            self._tell()

    def _show(self, stage: str, message: str) -> None:
        self._stage, self._message, self._is_told = stage, message, False
        self._tell()

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told_at < SECONDS_BETWEEN_WRITES:
            return
        self._told_at, self._is_told = now, True
        ExpertProcessingProgress.objects.advance(
            self._task,
            stage=self._stage,
            percentage=self._overall(),
            details=self._details | {"message": self._pause or self._message},
        )
        assert self._task.expert_id
        announce(self._task.expert_id)

    def _overall(self) -> int:
        """Per cent of all files, whole ones."""
        before = sum(self._weights[: self._number - 1])
        done = READING * self._read + EMBEDDING * self._embedded
        return int(100 * (before + done * self._weights[self._number - 1]) / sum(self._weights))


def place(unit: str, number: int, total: int | None) -> str:
    """ "page 312 of 900", or as far as it is known."""
    return f"{unit} {number:,} of {total:,}" if total else f"{unit} {number:,}"


def percent(part: int, whole: int) -> int:
    """Whole per cent, rounded down: 100 means all."""
    return 100 * part // max(whole, 1)
