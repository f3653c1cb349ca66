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

from django.db import close_old_connections, connections

from queueing.database import primary
from queueing.exceptions import TaskLost
from queueing.hold import FOREVER
from queueing.logs import about
from queueing.models import ProcessingTask
from queueing.patience import Patience
from queueing.runner import Ended, Settled, Settlement, context, failure, perform

logger = logging.getLogger(__name__)


Report = Ended | Settled

GATHER = 0.008  # seconds; long enough for a processor that is taken away for a moment
QUICK = 0.001  # seconds; a no-op takes a tenth of it, on a slow machine


class Crew:
    """As many threads as tasks may run at once.

    A thread that has become free calls `advance`, which may bring new orders, and goes on with
    the next order itself. Waking another thread takes longer than many a task.

    For the same reason the first thread runs one after the other of those that start together,
    and what it ran is finished together, for as long as each is QUICK: the others begin GATHER
    seconds after the last one that was.
    """

    def __init__(self, size: int, advance: Callable[[], None]) -> None:
        self._advance = advance
        self._orders: deque[ProcessingTask] = deque()
        self._reports: deque[Report] = deque()
        self._bell: SimpleQueue[bool] = SimpleQueue()  # wakes one thread, or sends it home
        self.hurry_at = FOREVER  # when `hurry` is to be called
        self._members: set[threading.Thread] = set()
        self._at_work: dict[threading.Thread, ProcessingTask] = {}
        self._given_up: dict[threading.Thread, float] = {}
        for _ in range(size):
            self._hire()

    def start(self, tasks: Collection[ProcessingTask]) -> None:
        """Let them be run: by the member of the crew that calls this, else from `call` on."""
        is_gathering = self.is_gathering
        self._orders.extend(tasks)
        if not is_gathering:
            self.hurry_at = monotonic() + GATHER if len(self._orders) > 1 else FOREVER

    def call(self) -> None:
        """Wake a thread for what was started."""
        self._bell.put(True)

    def hold_back(self) -> None:
        """Begin no more of what was started."""
        self._orders.clear()

    def hurry(self) -> None:
        """Let other threads begin what the first one has not come to."""
        self.hurry_at = FOREVER
        for _ in range(len(self._orders)):
            self._bell.put(True)

    @property
    def is_gathering(self) -> bool:
        """Whether one thread runs what was started together, and has not come to all of it."""
        return bool(self._orders) and self.hurry_at < FOREVER

    @property
    def is_half_through(self) -> bool:
        """Whether as much has been reported as is still to begin."""
        return len(self._reports) >= len(self._orders)

    @property
    def has_reports(self) -> bool:
        return bool(self._reports)

    def reports(self) -> Iterator[Report]:
        """What has become of tasks since this was asked last."""
        while self._reports:
            yield self._reports.popleft()

    def give_up(self, task: ProcessingTask) -> None:
        """Let another thread take the place of the one that runs this task.

        It ends at its next step in Python; one that never comes back from C code stays stuck.
        """
        for thread, current in list(self._at_work.items()):
            if current is task and self._stops_work(thread):
                self._members.discard(thread)
                self._given_up[thread] = monotonic()
                _throw(TaskLost, thread)
                self._hire()

    def is_stuck(self, after: float) -> bool:
        """Whether a thread goes on `after` seconds after it was given up: only exit ends it."""
        late = monotonic() - after
        return any(thread.is_alive() and since < late for thread, since in self._given_up.items())

    def dismiss(self, timeout: float) -> bool:
        """Send the threads home. Returns whether all have gone within `timeout` seconds."""
        everybody = [*self._members, *self._given_up]
        for _ in everybody:
            self._bell.put(False)
        until = monotonic() + timeout
        for thread in everybody:
            thread.join(timeout=max(0.0, until - monotonic()))
        return not any(thread.is_alive() for thread in everybody)

    def _hire(self) -> None:
        thread = threading.Thread(target=self._work, name="handler", daemon=True)
        self._members.add(thread)
        thread.start()

    def _work(self) -> None:
        me = threading.current_thread()
        try:
            with suppress(TaskLost):  # thrown into a thread that was given up
                while self._bell.get() and self._follow_orders(me):
                    close_old_connections()
        finally:
            connections.close_all()

    def _follow_orders(self, me: threading.Thread) -> bool:
        """False if this thread was given up meanwhile: then it waits for no bell any more."""
        while task := self._next():
            began_at = monotonic()
            if not self._perform(task, me):
                return False
            if self.is_gathering and (now := monotonic()) < began_at + QUICK:
                self.hurry_at = now + GATHER
            self._advance()
        return True

    def _next(self) -> ProcessingTask | None:
        with suppress(IndexError):
            return self._orders.popleft()
        return None

    def _perform(self, task: ProcessingTask, me: threading.Thread) -> bool:
        """Run and report it; False if this thread was given up meanwhile.

        Either this takes the thread off the list of those at work, or `give_up` does and
        throws: never both, so that nothing is thrown into what comes after a task.
        """
        self._at_work[me] = task
        report = _run(task)
        if not self._stops_work(me):
            return False
        self._reports.append(report)
        return True

    def _stops_work(self, thread: threading.Thread) -> bool:
        """Take it off the list; False for whoever comes second."""
        return self._at_work.pop(thread, None) is not None


def _run(task: ProcessingTask) -> Report:
    close_old_connections()
    with about(context(task)):
        outcome = _outcome(task)
        if not isinstance(outcome, Ended):
            settle(task, outcome)
    return outcome if isinstance(outcome, Ended) else Settled(task)


def _outcome(task: ProcessingTask) -> Ended | Settlement:
    try:
        return perform(task)
    except BaseException as error:  # noqa: BLE001  (a panic in Rust, for one; the thread goes on)
        return failure(task, error)


def settle(task: ProcessingTask, settlement: Settlement) -> None:
    """Write the outcome, however long the database is away, unless the task is lost."""
    patience = Patience(f"end of task {task}")
    while True:
        try:
            settlement()
        except TaskLost as lost:
            if task.status == ProcessingTask.Status.PROCESSING:  # else our main thread put it back
                logger.warning("Task %s was lost: %s", task, lost, extra=context(task))
        except Exception as error:  # noqa: BLE001  (a standby refuses writes; the thread goes on)
            primary().close()
            time.sleep(patience.next(error))
            continue
        return


def _throw(exception: type[BaseException], thread: threading.Thread) -> None:
    """Raise `exception` in another thread, at the next step of Python code that it takes."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident or 0), ctypes.py_object(exception)
    )
