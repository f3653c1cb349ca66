"""The worker as a process of the operating system: its signals, and how it exits."""

import atexit
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from time import monotonic
from types import FrameType

from queueing.configuration import configuration
from queueing.guard import Guard
from queueing.sessions import prepare_worker_sessions, run_own_statements
from queueing.worker import QueueWorker, WorkerOptions

logger = logging.getLogger(__name__)

LAST_SECONDS = 1.5  # after the grace period, to put back what is in hand


def run_worker(options: WorkerOptions) -> None:
    """Run a worker until it is done or told to stop by SIGTERM or SIGINT; the second is at once.

    When a handler's thread cannot be ended, this does not return: the process exits, or, if it
    was to go on, replaces itself.
    """
    settings = configuration()
    prepare_worker_sessions()
    run_own_statements(settings)
    guard = Guard(options.grace_period.total_seconds())
    worker = QueueWorker(options, settings)
    guard.watch(worker.row.pk)
    watchdog = Watchdog()
    watchdog.start()

    def stop(number: int, frame: FrameType | None) -> None:
        worker.stop()
        watchdog.exit_within(worker.seconds_left + LAST_SECONDS)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    has_ended = worker.run()
    guard.dismiss()
    if not has_ended and worker.is_worn and not worker.is_stopping:
        logger.warning("A handler does not end; the worker replaces itself")
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606  (the command that started us)
    if not has_ended:
        exit_now()


class Watchdog(threading.Thread):
    """Ends the process in time, however long its main thread waits for something.

    It is started before it is needed: a signal handler may interrupt anything, so all that it
    does is to put a number into a queue.
    """

    def __init__(self) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._deadlines: SimpleQueue[float] = SimpleQueue()

    def exit_within(self, seconds: float) -> None:
        self._deadlines.put(monotonic() + seconds)

    def run(self) -> None:
        deadline = self._deadlines.get()
        with suppress(Empty):
            while True:
                remaining = max(0.0, deadline - monotonic())
                deadline = min(deadline, self._deadlines.get(timeout=remaining))
        exit_now()


def exit_now() -> None:
    """Without waiting for threads that do not end. What is registered for the exit still runs."""
    logging.shutdown()
    atexit._run_exitfuncs()
    os._exit(0)
