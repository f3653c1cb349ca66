"""A stop ends every worker in time, whatever its handler is doing."""

import signal

from queueing import enqueue
from tests.queueing.conftest import eventually, has_status
from tests.queueing.trials.workforce import Workforce

GRACE = 0.5  # seconds
LAST = 2.0  # seconds after the grace period


def test_sigterm_ends_a_worker_in_c_code_five_times_in_a_row(workforce: Workforce) -> None:
    task = enqueue("hashing")
    for attempt in range(1, 6):
        worker = workforce.start("--grace-period", str(GRACE))
        eventually(has_status(task, "processing"))
        worker.send(signal.SIGTERM)
        worker.process.wait(GRACE + LAST)
        task.refresh_from_db()
        assert (task.status, task.attempt, task.retry_count) == ("queued", attempt, 0)


def test_sigterm_ends_a_worker_that_reads_from_a_silent_server(workforce: Workforce) -> None:
    task = enqueue("reading")
    worker = workforce.start("--grace-period", str(GRACE))
    eventually(has_status(task, "processing"))
    worker.send(signal.SIGTERM)
    worker.process.wait(GRACE + LAST)
    task.refresh_from_db()
    assert (task.status, task.retry_count) == ("queued", 0)
