"""The threads that handlers run on."""

import ctypes
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from queue import SimpleQueue
from time import monotonic

import django.db
from django.db import close_old_connections, connections

from queueing.database import primary
from queueing.exceptions import TaskLost
from queueing.hold import FOREVER
from queueing.logs import about
from queueing.models import ProcessingTask
from queueing.patience import Patience
from queueing.runner import Ended, Settled, Settlement, context, perform

logger = logging.getLogger(__name__)


Report = Ended | Settled

GATHER = 0.002  # seconds


class Crew:
    """As many threads as tasks may run at once. `wake` is called when there are reports.

    Of tasks that start together the first thread runs one after the other, and reports them
    together, for as long as they are quick: waking a thread takes longer than many a task, and
    what is reported together is finished by one commit. After GATHER seconds the others begin.

    Python runs one thread at a time, and one that is woken too early only goes to sleep again.
    So each side calls the other as the last thing before it waits itself.
    """

    def __init__(self, size: int, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._orders: deque[ProcessingTask] = deque()
        self._reports: deque[Report] = deque()
        self._bell: SimpleQueue[bool] = SimpleQueue()  # wakes one thread, or sends it home
        self._is_call_due = False
        self.hurry_at = FOREVER  # when `hurry` is to be called
        self._at_work: dict[threading.Thread, ProcessingTask | None] = {}
        self._given_up: dict[threading.Thread, float] = {}
        for _ in range(size):
            self._hire()

    def start(self, tasks: Collection[ProcessingTask]) -> None:
        """Let them be run, the first of them from the next `call` on."""
        if tasks:
            self._orders.extend(tasks)
            self._is_call_due = True
            self.hurry_at = monotonic() + GATHER if len(tasks) > 1 else FOREVER

    def call(self) -> None:
        """Wake a thread for what has been started since the last call."""
        if self._is_call_due:
            self._is_call_due = False
            self._bell.put(True)

    def hurry(self) -> None:
        """Let other threads begin what the first one has not come to; ask for `reports` then."""
        self.hurry_at = FOREVER
        for _ in range(len(self._orders)):
            self._bell.put(True)

    def reports(self) -> Iterator[Report]:
        """What has become of tasks since this was asked last."""
        while self._reports:
            yield self._reports.popleft()

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
        self._orders.clear()
        everybody = [*self._at_work, *self._given_up]
        for _ in everybody:
            self._bell.put(False)
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
            while me in self._at_work and self._bell.get():
                while me in self._at_work and (task := self._next()):
                    self._at_work[me] = task
                    self._reports.append(_run(task))
                    if self.hurry_at == FOREVER and self._orders:
                        self._wake()
                close_old_connections()
                self._wake()
        connections.close_all()

    def _next(self) -> ProcessingTask | None:
        with suppress(IndexError):
            return self._orders.popleft()
        return None


def _run(task: ProcessingTask) -> Report:
    close_old_connections()
    with about(context(task)):
        outcome = perform(task)
        if not isinstance(outcome, Ended):
            settle(task, outcome)
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
