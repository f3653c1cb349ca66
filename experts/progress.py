"""The progress of experts as the API and the pages show it: the stored row plus what is live."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from experts.models import Expert, ExpertProcessingProgress
from queueing import status
from queueing.models import ProcessingTask

COUNTERS = (
    "message",
    "stage_percentage",
    "current_file",
    "total_files",
    "current_batch",
    "total_batches",
    "current_chunk",
    "total_chunks",
    "current_page",
    "total_pages",
    "warnings",
)


def progress_of(expert: Expert) -> dict[str, Any]:
    """The `progress` object of one expert."""
    return progress_of_many([expert.pk])[expert.pk]


def progress_of_many(expert_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The `progress` objects of many experts, in a number of queries that does not grow."""
    rows = ExpertProcessingProgress.objects.in_bulk(list(expert_ids))
    waiting = [row.task_id for row in rows.values() if row.status == "pending" and row.task_id]
    running = [row.task_id for row in rows.values() if row.status == "processing" and row.task_id]
    retrying = dict(
        ProcessingTask.objects.filter(pk__in=waiting).values_list("pk", "available_at")
        if waiting
        else []
    )
    positions = ProcessingTask.objects.positions(waiting) if waiting else {}
    etas = status.etas([*waiting, *running]) if waiting or running else {}
    online = status.workers_online() > 0
    return {
        row.expert_id: _as_shown(
            row,
            position=positions.get(row.task_id),
            eta=etas.get(row.task_id),
            retry_at=retrying.get(row.task_id),
            worker_online=online,
        )
        for row in rows.values()
    }


def _as_shown(
    row: ExpertProcessingProgress,
    *,
    position: int | None,
    eta: tuple[int, int] | None,
    retry_at: datetime | None,
    worker_online: bool,
) -> dict[str, Any]:
    return {
        "stage": row.stage,
        "status": row.status,
        "queue_position": position,
        "task_id": row.task_id and str(row.task_id),
        "progress_percentage": row.progress_percentage,
        "details": row.details,
        "eta_seconds": eta and sum(eta) // 2,
        "eta_range_seconds": eta and list(eta),
        "retry_at": retry_at and retry_at.isoformat(),
        "worker_online": worker_online,
        "updated_at": row.updated_at.isoformat(),
    }
