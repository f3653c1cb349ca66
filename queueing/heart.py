"""A worker's signs of life: heartbeat, advisory lock, and the renewal of its leases."""

import logging
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

import django.db
from django.db.models.functions import Now

from queueing.configuration import Configuration
from queueing.database import primary
from queueing.exceptions import TaskLost
from queueing.models import ProcessingTask, Worker
from queueing.patience import SHORTEST, Patience
from queueing.sessions import run_own_statements

logger = logging.getLogger(__name__)

# By an explicit list, so that a claim whose answer was lost is not kept alive by accident.
RENEW = """
UPDATE processing_queue AS task SET lease_expires_at = statement_timestamp() + %(lease)s
FROM unnest(%(ids)s::uuid[], %(attempts)s::integer[]) AS held (id, attempt)
WHERE task.id = held.id AND task.attempt = held.attempt AND task.status = 'processing'
RETURNING task.id
"""


class Heart(threading.Thread):
    """Beats in a thread and session of its own, whatever the handlers do.

    `in_hand` lists the tasks whose leases to renew.
    """

    def __init__(
        self,
        worker: Worker,
        in_hand: Callable[[], list[ProcessingTask]],
        settings: Configuration,
    ) -> None:
        super().__init__(name="heart", daemon=True)
        self._worker = worker
        self._in_hand = in_hand
        self._settings = settings
        self._stopped = threading.Event()
        self._locked_session: object = None
        self._renewed_at = monotonic()

    def run(self) -> None:
        run_own_statements(self._settings)
        patience = Patience("heartbeat")
        wait = 0.0
        while not self._stopped.wait(wait):
            try:
                self.beat()
                patience.reset()
                wait = self._settings.heartbeat.total_seconds()
            except django.db.Error as error:
                primary().close()
                wait = patience.next(error)
            except Exception:  # without it, all that is in hand would be rescued
                logger.exception("The heart failed, and goes on")
                primary().close()
                wait = SHORTEST
        primary().close()

    def stop(self) -> None:
        """Beat no more; the lock goes with the session."""
        self._stopped.set()
        self.join(timeout=1)

    def beat(self) -> None:
        """Raises django.db.Error."""
        self._lock()
        if not Worker.objects.filter(pk=self._worker.pk).update(seen_at=Now()):
            self._worker.save(force_insert=True)  # pruned while the machine slept
        if monotonic() >= self._renewed_at + self._settings.renew_every.total_seconds():
            self.renew()

    def renew(self) -> None:
        """Renew the leases of all tasks in hand, and tell the handlers of those that are lost."""
        asked_at = monotonic()
        tasks = self._in_hand()
        if tasks:
            ours = self._renew(tasks)
            for task in tasks:
                if task.pk in ours:
                    task.hold.renewed(asked_at)
                else:
                    task.hold.end(TaskLost(f"Another worker has taken task {task} over."))
        self._renewed_at = asked_at

    def _lock(self) -> None:
        """Hold the advisory lock that the server frees when this process dies."""
        connection = primary()
        connection.ensure_connection()
        if connection.connection is not self._locked_session:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [self._worker.lock_key])
            self._locked_session = connection.connection

    def _renew(self, tasks: list[ProcessingTask]) -> set[object]:
        held: dict[str, Any] = {
            "lease": self._settings.lease,
            "ids": [task.pk for task in tasks],
            "attempts": [task.attempt for task in tasks],
        }
        with primary().cursor() as cursor:
            cursor.execute(RENEW, held)
            return {pk for (pk,) in cursor.fetchall()}
