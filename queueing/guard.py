"""The end of a worker that cannot hear: C code that keeps Python's lock stops all its threads.

Python calls its signal handlers between two steps of Python code, and there are none. But the
number of a signal is written to a pipe at once, by C. At the pipe's other end sits a child of
the worker's, which gives it the time that it has, puts back what is in its hand, and kills it.
"""

import os
import select
import signal
import threading
from time import monotonic
from typing import NoReturn
from uuid import UUID

from django.db.models.functions import Now

from queueing.database import primary
from queueing.hand import STOPPED, release
from queueing.hold import FOREVER
from queueing.models import ProcessingTask, Worker

UUID_BYTES = 16
STOPS = (signal.SIGTERM, signal.SIGINT)
LATE = 1.6  # seconds after the grace period: one that can hear has left by then
PUT_BACK_WITHIN = 0.2  # seconds; then the worker is killed all the same
LAST_TRY = 5.0  # seconds for a slow database, once the worker is dead


class Guard:
    """Watches over this process. Made in the main thread, before there are others or sessions."""

    def __init__(self, grace_period: float) -> None:
        ear, self._mouth = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            os.close(self._mouth)
            _listen(ear, grace_period)
        os.close(ear)

    def watch(self, worker_id: UUID) -> None:
        """From now on; `worker_id` is whose tasks to put back."""
        os.write(self._mouth, worker_id.bytes)
        os.set_blocking(self._mouth, False)
        signal.set_wakeup_fd(self._mouth, warn_on_full_buffer=False)

    def dismiss(self) -> None:
        signal.set_wakeup_fd(-1)
        os.close(self._mouth)
        os.waitpid(self._pid, 0)


def _listen(ear: int, grace_period: float) -> NoReturn:
    """What the child does. The pipe ends with the worker, and the child with the pipe."""
    worker_pid = os.getppid()
    try:
        for number in STOPS:  # terminals and platforms send them to all processes
            signal.signal(number, signal.SIG_IGN)
        worker_id = os.read(ear, UUID_BYTES)
        if worker_id and _is_late(ear, grace_period):
            _end(UUID(bytes=worker_id), worker_pid)
    finally:
        os._exit(0)


def _is_late(ear: int, grace_period: float) -> bool:
    """Wait. Returns whether the worker was told to stop and has not, rather than left."""
    end_at = FOREVER
    while monotonic() < end_at:
        wait = None if end_at == FOREVER else max(0.0, end_at - monotonic())
        if not select.select([ear], [], [], wait)[0]:
            return True
        told = os.read(ear, 1)
        if not told:
            return False
        if told[0] in STOPS:
            grace = grace_period if end_at == FOREVER else 0.0
            end_at = min(end_at, monotonic() + grace + LATE)
    return True


def _end(worker_id: UUID, worker_pid: int) -> None:
    putting_back = threading.Thread(target=_put_back, args=[worker_id], daemon=True)
    putting_back.start()
    putting_back.join(PUT_BACK_WITHIN)
    if os.getppid() == worker_pid:
        os.kill(worker_pid, signal.SIGKILL)
    putting_back.join(LAST_TRY)


def _put_back(worker_id: UUID) -> None:
    """Over a session of this thread's own."""
    release(ProcessingTask.objects.processing().filter(worker_id=worker_id), STOPPED)
    Worker.objects.filter(pk=worker_id).update(stopped_at=Now(), seen_at=Now())
    primary().close()
