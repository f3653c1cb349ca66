"""The whole queue at a glance, for the command queue_status and the admin's overview."""

from collections import defaultdict
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from queueing.database import alias
from queueing.models import ProcessingTask, Worker
from queueing.status import QueueCounts, last_worker_seen, queue_counts


class WorkerAtWork(TypedDict):
    id: UUID
    name: str  # host:pid
    started_at: datetime
    concurrency: int
    doing: list[str]  # the tasks in its hand


class Overview(TypedDict):
    counts: QueueCounts
    workers: list[WorkerAtWork]  # those that are online
    last_worker_seen: datetime | None


def overview() -> Overview:
    return Overview(
        counts=queue_counts(), workers=workers_at_work(), last_worker_seen=last_worker_seen()
    )


def workers_at_work() -> list[WorkerAtWork]:
    """The workers that are online and what each of them does."""
    doing: dict[UUID | None, list[str]] = defaultdict(list)
    for task in ProcessingTask.objects.using(alias()).processing().order_by("started_at"):
        doing[task.worker_id].append(str(task))
    return [
        WorkerAtWork(
            id=worker.pk,
            name=str(worker),
            started_at=worker.started_at,
            concurrency=worker.concurrency,
            doing=doing[worker.pk],
        )
        for worker in Worker.objects.using(alias()).online().order_by("started_at")
    ]
