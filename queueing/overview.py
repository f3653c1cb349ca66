"""The whole queue at a glance, for the command queue_status and the admin's overview."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import TypedDict
from uuid import UUID

from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from queueing.database import alias
from queueing.models import ProcessingTask, Worker
from queueing.status import QueueCounts, last_worker_seen, queue_counts


class TaskAtWork(TypedDict):
    id: UUID
    task_type: str
    attempt: int
    seconds: int  # since its attempt began


class WorkerAtWork(TypedDict):
    id: UUID
    name: str  # host:pid
    version: str
    started_at: datetime
    concurrency: int
    doing: list[TaskAtWork]


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
    doing = _tasks_at_work()
    return [
        WorkerAtWork(
            id=worker.pk,
            name=str(worker),
            version=worker.version,
            started_at=worker.started_at,
            concurrency=worker.concurrency,
            doing=doing[worker.pk],
        )
        for worker in Worker.objects.using(alias()).online().order_by("started_at")
    ]


def _tasks_at_work() -> dict[UUID | None, list[TaskAtWork]]:
    """By worker, those that began first at the front."""
    spent = ExpressionWrapper(Now() - F("started_at"), output_field=DurationField())
    tasks = ProcessingTask.objects.using(alias()).processing().order_by("started_at")
    doing = defaultdict(list)
    for worker_id, *named, seconds in tasks.values_list(
        "worker_id", "id", "task_type", "attempt", spent
    ):
        doing[worker_id].append(_at_work(*named, spent=seconds))
    return doing


def _at_work(pk: UUID, task_type: str, attempt: int, *, spent: timedelta | None) -> TaskAtWork:
    seconds = int(spent.total_seconds()) if spent else 0
    return TaskAtWork(id=pk, task_type=task_type, attempt=attempt, seconds=seconds)
