"""Tasks that come round by themselves: of a type with `every`, one in each span of time."""

import time
from datetime import timedelta

from queueing.enqueueing import enqueue
from queueing.handlers import handlers
from queueing.models import ProcessingTask

BEHIND_THE_REST = -10
AT_HOME = timedelta(minutes=1)  # a worker that leaves sooner does not look


class Calendar:
    """One worker's look at what is due. All workers may look: a span's key makes one task."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._seen: dict[str, int] = {}

    def look(self) -> None:
        """Queue what is due and this worker has not seen yet. Raises django.db.Error."""
        if time.monotonic() < self._since + AT_HOME.total_seconds():
            return
        for task_type, handler in handlers.items():
            if handler.every:
                span = int(time.time() // handler.every.total_seconds())
                if self._seen.get(task_type) != span:
                    key = f"every {handler.every.total_seconds():g} s, {span}"
                    enqueue(task_type, idempotency_key=key, priority=BEHIND_THE_REST)
                    self._seen[task_type] = span


def last_round(task_type: str) -> ProcessingTask | None:
    """The latest of a type that comes round by itself that was completed."""
    came = ProcessingTask.objects.filter(task_type=task_type, idempotency_key__isnull=False)
    return came.filter(status=ProcessingTask.Status.COMPLETED).order_by("-completed_at").first()
