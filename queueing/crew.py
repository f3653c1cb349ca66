"""The threads that handlers run on."""

import ctypes
import logging
import threading
import time
from contextlib import suppress
from queue import SimpleQueue
from time import monotonic

import django.db
from django.db import close_old_connections, connections

from queueing.database import primary
from queueing.exceptions import TaskLost
from queueing.logs import about
from queueing.models import ProcessingTask
from queueing.patience import Patience
from queueing.runner import Ended, Settled, Settlement, context, perform

logger = logging.getLogger(__name__)


Report = Ended | Settled


class Crew:
    """As many threads as tasks may run at once. What becomes of each task goes to `reports`."""

    def __init__(self, size: int, reports: "SimpleQueue[Report | None]") -> None:
        self._reports = reports
        self._orders: SimpleQueue[ProcessingTask | None] = SimpleQueue()
        self._at_work: dict[threading.Thread, ProcessingTask | None] = {}
        self._given_up: dict[threading.Thread, float] = {}
        for _ in range(size):
            self._hire()

    def start(self, task: ProcessingTask) -> None:
        self._orders.put(task)

    def give_up(self, task: ProcessingTask) -> None:
        """Let another thread take the place of the one that runs this task.

        It ends at its next step in Python; one that never comes back from C code stays stuck.
        """
        for thread, current in list(self._at_work.items()):
            if current is task:
                del self._at_work[thread]
                self._given_up[thread] = monotonic()
                _throw(TaskLost, thread)
                self._hire()

    def is_stuck(self, after: float) -> bool:
        """Whether a thread goes on `after` seconds after it was given up: only exit ends it."""
        late = monotonic() - after
        return any(thread.is_alive() and since < late for thread, since in self._given_up.items())

    def dismiss(self, timeout: float) -> bool:
        """Send the threads home. Returns whether all have gone within `timeout` seconds."""
        everybody = [*self._at_work, *self._given_up]
        for _ in everybody:
            self._orders.put(None)
        until = monotonic() + timeout
        for thread in everybody:
            thread.join(timeout=max(0.0, until - monotonic()))
        return not any(thread.is_alive() for thread in everybody)

    def _hire(self) -> None:
        thread = threading.Thread(target=self._work, name="handler", daemon=True)
        self._at_work[thread] = None
        thread.start()

    def _work(self) -> None:
        me = threading.current_thread()
        with suppress(TaskLost):  # thrown into a thread that was given up
            while me in self._at_work and (task := self._orders.get()):
                self._at_work[me] = task
                self._reports.put(_run(task))
        connections.close_all()


def _run(task: ProcessingTask) -> Report:
    close_old_connections()
    with about(context(task)):
        outcome = perform(task)
        if not isinstance(outcome, Ended):
            settle(task, outcome)
    close_old_connections()
    return outcome if isinstance(outcome, Ended) else Settled(task)


def settle(task: ProcessingTask, settlement: Settlement) -> None:
    """Write the outcome, however long the database is away, unless the task is lost."""
    patience = Patience(f"end of task {task}")
    while True:
        try:
            return settlement()
        except TaskLost as lost:
            return logger.warning("Task %s was lost: %s", task, lost, extra=context(task))
        except django.db.Error as error:  # of whatever kind: a standby refuses writes, for one
            primary().close()
            time.sleep(patience.next(error))


def _throw(exception: type[BaseException], thread: threading.Thread) -> None:
    """Raise `exception` in another thread, at the next step of Python code that it takes."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident or 0), ctypes.py_object(exception)
    )
