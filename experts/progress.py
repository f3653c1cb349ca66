"""The progress of experts as the API and the pages show it: the stored row plus what is live."""

from collections.abc import Sequence
from typing import Any, NamedTuple
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
    followed = [row.task_id for row in rows.values() if row.task_id]
    tasks = ProcessingTask.objects.unfinished().in_bulk(followed)
    positions = ProcessingTask.objects.positions(tasks)
    etas = status.etas(tasks)
    live = {key: Live(task, positions.get(key), etas.get(key)) for key, task in tasks.items()}
    online = status.workers_online() > 0
    return {
        key: _as_shown(row, live.get(row.task_id or key, ENDED)) | {"worker_online": online}
        for key, row in rows.items()
    }


class Live(NamedTuple):
    """What is not stored because it changes by itself; the ETA is a range in seconds."""

    task: ProcessingTask | None
    position: int | None
    eta: tuple[int, int] | None


ENDED = Live(None, None, None)


def _as_shown(row: ExpertProcessingProgress, live: Live) -> dict[str, Any]:
    retries_at = live.task and live.task.retries_at
    return {
        "stage": row.stage,
        "status": row.status,
        "queue_position": live.position,
        "task_id": row.task_id and str(row.task_id),
        "progress_percentage": row.progress_percentage,
        "details": row.details,
        "eta_seconds": live.eta and sum(live.eta) // 2,
        "eta_range_seconds": live.eta and list(live.eta),
        "retry_at": retries_at and retries_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }
