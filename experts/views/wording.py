"""What the pages say about a progress: pure words for the API's `progress` object."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

from experts.models.progress import PAUSED, WAITING
from experts.views.phrases import counted, counters, estimate, span, warning_in_words

STAGES = {
    "file_processing": "Preparing files",
    "extracting_text": "Extracting text",
    "generating_embeddings": "Generating embeddings",
    "storing_vectors": "Storing vectors",
}
STEPS = {  # on the stepper, preparing and reading are one step to a person
    "queued": "Queued",
    "extracting_text": "Extract text",
    "generating_embeddings": "Generate embeddings",
    "storing_vectors": "Store vectors",
    "completed": "Ready",
}
NO_WORKER = "No worker is running"
OPENS_LATER = "Chat opens when the files are read."
OPENS_AFTER_RETRY = "Chat opens when at least one file is read. Retry, or add another file."


@dataclass(frozen=True)
class Step:
    """One stage on the stepper: `condition` is done, current or ahead."""

    label: str
    condition: str


@dataclass(frozen=True)
class Warned:
    """A file that could not be learnt from, or not all of it, and why."""

    file: str
    words: str


@dataclass(frozen=True, kw_only=True)
class StateWords:
    """An expert's state as a person reads it.

    `tone` names the colour (queued, working, ready, failed, idle). `percent` fills the bar; None
    means that there is no bar, unless it is `pulsing`. `locked` says why the chat is closed
    before the first processing is complete. `spoken` is what a screen reader announces: it
    changes with the stage only.
    """

    tone: str
    headline: str
    spoken: str
    detail: str
    aside: str = ""
    note: str = ""
    locked: str = ""
    percent: int | None = None
    pulsing: bool = False
    finished: bool = False
    can_cancel: bool = False
    can_retry: bool = False
    warnings: Sequence[Warned] = ()
    steps: Sequence[Step] = ()


def in_words(progress: dict[str, Any]) -> StateWords:
    """Word a progress, whatever its stage."""
    wordings = {
        "pending": _queued,
        "processing": _working,
        "completed": _ready,
        "failed": _failed,
        "cancelled": _cancelled,
    }
    return wordings[progress["status"]](progress)


def _queued(progress: dict[str, Any]) -> StateWords:
    position = progress["queue_position"]
    wait = estimate(progress.get("eta_range_seconds"))
    return StateWords(
        tone="queued",
        headline=f"Queued (Position {position})" if position else "Queued",
        spoken="Queued",
        detail=wait or _tried_again(progress),
        aside="Waiting…",
        note="" if progress["worker_online"] else NO_WORKER,
        locked=_opens_in(wait),
        pulsing=True,
        can_cancel=True,
        steps=steps("queued"),
    )


def _tried_again(progress: dict[str, Any]) -> str:
    """Why it stands outside the line, and until when: "Paused by OpenAI, resumes in 3 min"."""
    if not progress.get("retry_at"):
        return ""
    left = datetime.fromisoformat(progress["retry_at"]) - datetime.now(UTC)
    wait = span(max(1, ceil(left.total_seconds())))
    said = progress["details"].get("message") or ""
    if said.startswith(PAUSED):
        return f"{said.partition(', ')[0]}, resumes in {wait}"
    if not said or said == WAITING["message"]:
        return f"It will be tried again in {wait}"
    return f"{said} It will be tried again in {wait}."


def _working(progress: dict[str, Any]) -> StateWords:
    details, stage = progress["details"], progress["stage"]
    return StateWords(
        tone="working",
        headline=details.get("message") or stage_in_words(stage, details),
        spoken=STAGES.get(stage, STAGES["file_processing"]),
        detail=counters(stage, details),
        aside=f"{progress['progress_percentage']}%",
        note="" if progress["worker_online"] else f"{NO_WORKER}; this goes on when one starts",
        locked=_opens_in(estimate(progress.get("eta_range_seconds"))),
        percent=progress["progress_percentage"],
        can_cancel=True,
        steps=steps(stage),
    )


def _ready(progress: dict[str, Any]) -> StateWords:
    details = progress["details"]
    warnings = details.get("warnings") or []
    files = counted(details.get("total_files") or 1, "file")
    return StateWords(
        tone="ready",
        headline="Ready with warnings" if warnings else "Ready",
        spoken="Ready with warnings" if warnings else "Ready",
        detail=f"Learnt from {files}"
        + (f" • {counted(len(warnings), 'warning')}" if warnings else ""),
        finished=True,
        warnings=[in_short(warning) for warning in warnings],
    )


def _failed(progress: dict[str, Any]) -> StateWords:
    return StateWords(
        tone="failed",
        headline="Failed",
        spoken="Failed",
        detail=progress["details"].get("message") or "The reason is not known. Try again.",
        locked=OPENS_AFTER_RETRY,
        finished=True,
        can_retry=True,
    )


def _cancelled(progress: dict[str, Any]) -> StateWords:
    return StateWords(
        tone="idle",
        headline="Cancelled",
        spoken="Cancelled",
        detail=progress["details"].get("message") or "Processing was cancelled.",
        locked=OPENS_AFTER_RETRY,
        finished=True,
        can_retry=True,
    )


def _opens_in(wait: str) -> str:
    return f"{OPENS_LATER} {wait[0].upper()}{wait[1:]}." if wait else OPENS_LATER


def stage_in_words(stage: str, details: dict[str, Any]) -> str:
    """ "Generating embeddings… 45%", or without the number where the stage has none."""
    words = STAGES.get(stage, STAGES["file_processing"])
    percentage = details.get("stage_percentage")
    return f"{words}…" if percentage is None else f"{words}… {percentage}%"


def steps(stage: str) -> list[Step]:
    """The stepper at a stage of the work."""
    order = list(STEPS)
    at = order.index("extracting_text" if stage == "file_processing" else stage)
    conditions = ["done"] * at + ["current"] + ["ahead"] * (len(order) - at - 1)
    return [Step(*step) for step in zip(STEPS.values(), conditions, strict=True)]


def in_short(warning: dict[str, Any]) -> Warned:
    return Warned(warning.get("file_name", ""), warning_in_words(warning))
