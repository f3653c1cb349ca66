"""The worker as a process of the operating system: its signals, and how it exits."""

import atexit
import logging
import os
import signal
import sys
import threading
from types import FrameType

from queueing.configuration import configuration
from queueing.sessions import limit_statements, prepare_worker_sessions
from queueing.worker import QueueWorker, WorkerOptions

logger = logging.getLogger(__name__)

LAST_SECONDS = 1.5  # after the grace period, to put back what is in hand


def run_worker(options: WorkerOptions) -> None:
    """Run a worker until it is done or told to stop by SIGTERM or SIGINT; the second is at once.

    Does not return while a handler's thread cannot be ended: then the process exits, or, when
    it was not told to, replaces itself.
    """
    settings = configuration()
    prepare_worker_sessions()
    limit_statements(settings.statement_timeout)
    worker = QueueWorker(options, settings)

    def stop(number: int, frame: FrameType | None) -> None:
        worker.stop()
        _exit_after(worker.seconds_left + LAST_SECONDS)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    have_ended = worker.run()
    if have_ended:
        return
    if worker.is_stopping or options.burst:
        _exit_now()
    logger.warning("A handler does not end; the worker replaces itself")
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606  (the very command that started us)


def _exit_after(seconds: float) -> None:
    """However stuck the rest of the process is, as long as some thread still gets its turn."""
    watchdog = threading.Timer(seconds, _exit_now)
    watchdog.daemon = True
    watchdog.start()


def _exit_now() -> None:
    """Without waiting for threads that do not end. What is registered for the exit still runs."""
    logging.shutdown()
    atexit._run_exitfuncs()
    os._exit(0)
