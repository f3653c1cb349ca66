"""Finding the tasks of dead workers and putting them back into the queue."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

from queueing.configuration import Configuration
from queueing.database import primary
from queueing.exceptions import TaskLost
from queueing.models import ProcessingTask
from queueing.models.worker import lock_key
from queueing.rows import as_task, column_list
from queueing.runner import context

logger = logging.getLogger(__name__)

# The tasks in other workers' hands that nobody renewed, or whose worker has been silent for a
# while. The reset time of the statistics moves when the server recovers from a crash, which its
# start time does not: both end all sessions, and free the locks of workers that are alive.
SUSPECTS = """
SELECT task.lease_expires_at < statement_timestamp(),
       worker.seen_at < statement_timestamp() - %(silence)s,
       (SELECT array_agg((classid::bigint << 32) | objid::bigint) FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND database = (
            SELECT oid FROM pg_database WHERE datname = current_database())),
       {columns}
FROM processing_queue AS task LEFT JOIN processing_worker AS worker ON worker.id = task.worker_id
WHERE task.status = 'processing' AND task.worker_id <> %(me)s
  AND (task.lease_expires_at < statement_timestamp()
       OR worker.seen_at < statement_timestamp() - %(silence)s + %(second_look)s)
  AND statement_timestamp() - %(settling)s > greatest(
      pg_postmaster_start_time(), (SELECT stats_reset FROM pg_stat_bgwriter))
"""


class Suspect(NamedTuple):
    task: ProcessingTask
    is_overdue: bool
    is_silent: bool
    is_locked: bool  # its worker's session lives


class Rescuer:
    """One worker's eye on the others. Remembers between two looks whose lock was free."""

    def __init__(self, worker_id: UUID, settings: Configuration) -> None:
        self._me = worker_id
        self._settings = settings
        self._free_since: dict[UUID | None, float] = {}

    def look(self) -> None:
        """Rescue what nobody holds any more. Raises django.db.Error.

        That is: the lease has run out, or the worker's lock was free at two looks some time
        apart, and it has not been heard of. A free lock alone proves nothing.
        """
        free_before, self._free_since = self._free_since, {}
        for suspect in self._suspects():
            worker_id = suspect.task.worker_id
            if not suspect.is_locked:
                self._free_since[worker_id] = free_before.get(worker_id, monotonic())
            if suspect.is_overdue:
                rescue(suspect.task, "Its worker did not renew the lease in time.")
            elif suspect.is_silent and self._was_free_long_enough(worker_id):
                rescue(suspect.task, "Its worker died.")

    def _was_free_long_enough(self, worker_id: UUID | None) -> bool:
        since = self._free_since.get(worker_id, float("inf"))
        return monotonic() >= since + self._settings.second_look.total_seconds()

    def _suspects(self) -> Iterator[Suspect]:
        with primary().cursor() as cursor:
            cursor.execute(SUSPECTS.format(columns=column_list("task")), self._parameters())
            rows = cursor.fetchall()
        for is_overdue, is_silent, locks, *columns in rows:
            task = as_task(columns)
            is_locked = task.worker_id is not None and lock_key(task.worker_id) in (locks or ())
            yield Suspect(task, is_overdue, bool(is_silent), is_locked)

    def _parameters(self) -> dict[str, Any]:
        return {
            "me": self._me,
            "silence": self._settings.silence,
            "second_look": self._settings.second_look,
            "settling": self._settings.server_settling,
        }


def rescue(task: ProcessingTask, reason: str) -> None:
    """Queue the task again, unless it turns out to be well or somebody else was faster."""
    held = context(task)  # afterwards it is in nobody's hand
    with suppress(TaskLost):
        task.rescue(reason)
        logger.warning("Task %s rescued: %s", task, reason, extra=held)
