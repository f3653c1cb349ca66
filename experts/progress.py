"""The progress of experts as the API and the pages show it: the stored row plus what is live."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from experts.models import Expert, ExpertProcessingProgress
from queueing import status
from queueing.models import ProcessingTask


def progress_of(expert: Expert) -> dict[str, Any]:
    """The `progress` object of one expert."""
    return progress_of_many([expert.pk])[expert.pk]


def progress_of_many(expert_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The `progress` objects of many experts, in a number of queries that does not grow."""
    rows = ExpertProcessingProgress.objects.in_bulk(list(expert_ids))
    tasks = ProcessingTask.objects.unfinished().in_bulk([row.task_id for row in rows.values()])
    positions = ProcessingTask.objects.positions(tasks)
    etas = status.etas(tasks)
    online = status.workers_online() > 0
    return {
        row.expert_id: _as_shown(
            row,
            task=row.task_id and tasks.get(row.task_id),
            position=row.task_id and positions.get(row.task_id),
            eta=row.task_id and etas.get(row.task_id),
            worker_online=online,
        )
        for row in rows.values()
    }


def _as_shown(
    row: ExpertProcessingProgress,
    *,
    task: ProcessingTask | None,
    position: int | None,
    eta: tuple[int, int] | None,
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
        "retry_at": task and task.retries_at and task.retries_at.isoformat(),
        "worker_online": worker_online,
        "updated_at": row.updated_at.isoformat(),
    }
