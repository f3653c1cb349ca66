"""Counting a processing for everyone to see."""

import time
from collections.abc import Sequence
from typing import Any

from experts.announcements import announce
from experts.ingestion.formats import PIECES
from experts.models import ExpertProcessingProgress, SourceFile
from queueing.models import ProcessingTask

SECONDS_BETWEEN_WRITES = 0.5  # at most two writes a second, however fast the work

# How a file's work divides, measured with the local embedder: reading is quick, embedding is not.
READING, EMBEDDING, STORING = 0.10, 0.87, 0.03

# Always there while processing; None means that it is not known yet, or not this stage's.
COUNTERS = (
    "stage_percentage",
    "current_file",
    "total_files",
    "file_name",
    "current_page",
    "total_pages",
    "current_batch",
    "total_batches",
    "current_chunk",
    "total_chunks",
    "warnings",
)


class Report:
    """How far an attempt has come through its files, each weighing what its size does."""

    def __init__(self, task: ProcessingTask, files: Sequence[SourceFile]) -> None:
        self._task = task
        self._weights = [max(file.size, 1) for file in files]
        self._number = 0
        self._piece = ""
        self._warnings = [warning for file in files for warning in file.findings()]
        self._details: dict[str, Any] = dict.fromkeys(COUNTERS) | {"total_files": len(files)}
        self._written_at = 0.0
        self._stage = "file_processing"

    def open_file(self, number: int, file: SourceFile) -> None:
        """Begin with the file of this number, from 1."""
        self._number = number
        self._piece = PIECES.get(file.media_type, "section")
        self._details = dict.fromkeys(COUNTERS) | {
            "total_files": self._details["total_files"],
            "current_file": number,
            "file_name": file.name,
            "warnings": self._warnings,
        }
        self._show("file_processing", 0, f"Opening {file.name}…")

    def page_read(self, page: int, total: int | None) -> None:
        """Pages count up even while their number is unknown; only the percentage then waits."""
        self._details |= {
            "current_page": page,
            "total_pages": total,
            "stage_percentage": percent(page, total) if total else None,
        }
        of_total = f" of {total}" if total else ""
        done = READING * page / total if total else 0
        self._show("extracting_text", done, f"Extracting text… {self._piece} {page}{of_total}")

    def embedded(self, *, batch: int, batches: int, chunk: int, chunks: int) -> None:
        self._details |= {
            "current_batch": batch,
            "total_batches": batches,
            "current_chunk": chunk,
            "total_chunks": chunks,
            "stage_percentage": percent(chunk, chunks),
        }
        message = f"Generating embeddings… {percent(chunk, chunks)}%"
        self._show("generating_embeddings", READING + EMBEDDING * chunk / max(chunks, 1), message)

    def storing(self) -> None:
        self._details |= {"stage_percentage": None}
        self._show("storing_vectors", READING + EMBEDDING, "Storing what was learnt…")

    def waiting(self, message: str) -> None:
        """Say what the work waits for, without moving on."""
        self._write("file_processing", self._overall(0), message)

    def paused(self, message: str) -> None:
        """Say that a vendor asked for patience; the stage and its percentage stay."""
        self._write(self._stage, 0, message)

    def _show(self, stage: str, done: float, message: str) -> None:
        self._stage = stage
        self._write(stage, self._overall(done), message)

    def _overall(self, done: float) -> int:
        """Per cent of all files, when `done` (0 to 1) of the current one is done."""
        before = sum(self._weights[: self._number - 1])
        return int(100 * (before + done * self._weights[self._number - 1]) / sum(self._weights))

    def _write(self, stage: str, percentage: int, message: str) -> None:
        now = time.monotonic()
        if now - self._written_at < SECONDS_BETWEEN_WRITES:
            return
        self._written_at = now
        ExpertProcessingProgress.objects.advance(
            self._task,
            stage=stage,
            percentage=percentage,
            details=self._details | {"message": message},
        )
        assert self._task.expert_id
        announce(self._task.expert_id)


def percent(part: int, whole: int) -> int:
    """Whole per cent, rounded down: 100 means all."""
    return 100 * part // max(whole, 1)
