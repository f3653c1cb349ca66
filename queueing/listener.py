"""Hearing of new tasks the moment they are committed."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import django.db
import psycopg

from queueing.database import primary
from queueing.notifications import CHANNEL
from queueing.patience import Patience

logger = logging.getLogger(__name__)

TEST_EVERY = 10.0  # seconds


class DeafError(Exception):
    """Notifications do not arrive, as behind a proxy that pools transactions."""


class Listener(threading.Thread):
    """Calls `wake` at each notification, from a thread and a session of its own.

    It tests its own hearing by notifying itself. Where LISTEN does not work, polling is all
    there is; the worker goes on either way.
    """

    def __init__(self, worker_id: UUID, wake: Callable[[], None]) -> None:
        super().__init__(name="listener", daemon=True)
        self._own_channel = f"processing_worker_{worker_id.hex}"
        self._wake = wake
        self._stopped = threading.Event()

    def run(self) -> None:
        patience = Patience("listener")
        while not self._stopped.is_set():
            try:
                self._listen(patience)
            except DeafError:
                logger.warning("Notifications do not arrive; new tasks are found by polling.")
                self._stopped.wait(TEST_EVERY)
            except psycopg.Error as error:
                self._stopped.wait(patience.next(error))

    def stop(self) -> None:
        """Listen no more. Our own call wakes the thread, which hears it within a second."""
        self._stopped.set()
        with suppress(django.db.Error), primary().cursor() as cursor:
            cursor.execute(f"NOTIFY {self._own_channel}")
        self.join(timeout=1)

    def _listen(self, patience: Patience) -> None:
        parameters = primary().get_connection_params()
        with psycopg.connect(**parameters, autocommit=True) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            connection.execute(f"LISTEN {self._own_channel}")
            patience.reset()
            self._wake()  # for what was enqueued while nobody listened
            while not self._stopped.is_set():
                connection.execute(f"NOTIFY {self._own_channel}")
                if not self._hears_itself(connection):
                    raise DeafError

    def _hears_itself(self, connection: psycopg.Connection[Any]) -> bool:
        heard = False
        for notification in connection.notifies(timeout=TEST_EVERY):
            if notification.channel == CHANNEL:
                self._wake()
            heard = True
            if self._stopped.is_set():
                break
        return heard
