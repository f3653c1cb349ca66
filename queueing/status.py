"""What people are told about the queue. Read only, each a query or two."""

from collections.abc import Collection
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from django.db.models import Max, Sum

from queueing.database import alias, primary
from queueing.models import Pause, ProcessingTask, Worker
from queueing.remaining import seconds_left


class QueueCounts(TypedDict):
    """Tasks in each status; how long the first in line has waited; whether claims are paused."""

    queued: int
    processing: int
    completed: int
    failed: int
    cancelled: int
    oldest_wait_seconds: int
    paused: bool


def workers_online() -> int:
    return Worker.objects.using(alias()).online().count()


def last_worker_seen() -> datetime | None:
    """When a worker was last heard of: since then none is running, if none is online."""
    last: datetime | None = Worker.objects.using(alias()).aggregate(last=Max("seen_at"))["last"]
    return last


def is_paused() -> bool:
    return Pause.objects.using(alias()).exists()


# Each count has the condition of a partial index, and reads nothing else. A long line has been
# counted: queueing/tally.py.
COUNTS = """
SELECT CASE WHEN EXISTS (SELECT FROM processing_tally)
       THEN (SELECT sum(tasks) FROM processing_tally)
          + (SELECT coalesce(sum(tasks), 0) FROM processing_tally_change)
       ELSE (SELECT count(*) FROM processing_queue
             WHERE status = 'queued' AND available_at IS NULL) END
     + (SELECT count(*) FROM processing_queue WHERE status = 'queued' AND available_at IS NOT NULL),
       (SELECT count(*) FROM processing_queue WHERE status = 'processing'),
       (SELECT count(*) FROM processing_queue
        WHERE status = 'completed' AND completed_at IS NOT NULL),
       (SELECT count(*) FROM processing_queue
        WHERE status = 'failed' AND completed_at IS NOT NULL),
       (SELECT count(*) FROM processing_queue
        WHERE status = 'cancelled' AND completed_at IS NOT NULL)
"""


def queue_counts() -> QueueCounts:
    with primary().cursor() as cursor:
        cursor.execute(COUNTS)
        [(queued, processing, completed, failed, cancelled)] = cursor.fetchall()
    return QueueCounts(
        queued=int(queued),
        processing=processing,
        completed=completed,
        failed=failed,
        cancelled=cancelled,
        oldest_wait_seconds=oldest_wait_seconds(),
        paused=is_paused(),
    )


# The first of each priority and turn, one look at the index for each: the others came after it.
LONGEST_WAIT = """
WITH RECURSIVE first AS (
    (SELECT priority, turn, queued_at FROM processing_queue
     WHERE status = 'queued' AND available_at IS NULL
     ORDER BY priority DESC, turn, queued_at, id LIMIT 1)
    UNION ALL
    SELECT following.* FROM first CROSS JOIN LATERAL (
        (SELECT priority, turn, queued_at FROM processing_queue
         WHERE status = 'queued' AND available_at IS NULL
           AND priority = first.priority AND turn > first.turn
         ORDER BY turn, queued_at, id LIMIT 1)
        UNION ALL
        (SELECT priority, turn, queued_at FROM processing_queue
         WHERE status = 'queued' AND available_at IS NULL AND priority < first.priority
         ORDER BY priority DESC, turn, queued_at, id LIMIT 1)
        ORDER BY priority DESC, turn LIMIT 1
    ) AS following
)
SELECT coalesce(extract(epoch FROM statement_timestamp() - min(queued_at)), 0) FROM first
"""


def oldest_wait_seconds() -> int:
    """How long the task that has stood in the line longest has waited; 0 when none waits."""
    with primary().cursor() as cursor:
        cursor.execute(LONGEST_WAIT)
        [(seconds,)] = cursor.fetchall()
    return int(seconds)


# Half of what recently finished took between these many seconds per unit of weight.
SPEED = """
SELECT count(*), percentile_cont(ARRAY[0.25, 0.75]) WITHIN GROUP (
    ORDER BY extract(epoch FROM completed_at - started_at) / greatest(weight, 1)
)
FROM (
    SELECT completed_at, started_at, weight FROM processing_queue
    WHERE status = 'completed' AND completed_at > statement_timestamp() - interval '1 day'
      AND started_at IS NOT NULL
    ORDER BY completed_at DESC LIMIT 50
) AS recent
"""
FEWEST_FINISHED = 3  # fewer are no basis for an estimate


def etas(task_ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """In how many seconds each of these tasks will be done: at least, at most.

    From the weight before it and its own, the time that recent tasks took, and the number of
    handlers that run at once; of one that is being processed, from what remains of it. A task
    is left out when there is no basis for an estimate: too little has finished, no worker is
    online, it waits out of the line or in a paused queue, or it has taken longer than its like.
    """
    slots, speed = _slots(), _seconds_per_weight()
    if not (task_ids and slots and speed):
        return {}
    running = seconds_left(task_ids, speed)
    return running if is_paused() else running | _of_waiting(task_ids, slots, speed)


def _of_waiting(
    task_ids: Collection[UUID], slots: int, speed: tuple[float, float]
) -> dict[UUID, tuple[int, int]]:
    places = ProcessingTask.objects.places(task_ids)
    if not places:
        return {}
    fast, slow = speed
    tasks = ProcessingTask.objects.using(alias())
    started = tasks.processing().aggregate(weight=Sum("weight"))["weight"] or 0
    own = dict(tasks.filter(pk__in=places).values_list("pk", "weight"))
    return {
        pk: (
            round(fast * (place.weight_ahead / slots + own[pk])),
            round(slow * ((place.weight_ahead + started) / slots + own[pk])),
        )
        for pk, place in places.items()
        if pk in own
    }


def _slots() -> int:
    """How many tasks are run at once."""
    slots: int | None
    slots = Worker.objects.using(alias()).online().aggregate(all=Sum("concurrency"))["all"]
    return slots or 0


def _seconds_per_weight() -> tuple[float, float] | None:
    with primary().cursor() as cursor:
        cursor.execute(SPEED)
        [(finished, quartiles)] = cursor.fetchall()
    return tuple(quartiles) if finished >= FEWEST_FINISHED else None
