"""A stop ends every worker in time, whatever its handler is doing."""

import signal
import time

import psutil
import pytest

from queueing import enqueue
from tests.queueing.conftest import eventually, has_status
from tests.queueing.trials.workforce import Workforce

GRACE = 0.5  # seconds
LAST = 10.0  # seconds after the grace period; 2 are promised, but the machine is full of tests


@pytest.mark.parametrize("task_type", ["hashing", "reading"])
def test_sigterm_ends_a_worker_whose_handler_does_not_listen(
    workforce: Workforce, task_type: str
) -> None:
    task = enqueue(task_type)
    worker = workforce.start("--grace-period", str(GRACE))
    eventually(has_status(task, "processing"))
    worker.send(signal.SIGTERM)
    worker.process.wait(GRACE + LAST)
    eventually(has_status(task, "queued"))
    task.refresh_from_db()
    assert task.retry_count == 0


def test_sigterm_ends_a_worker_that_cannot_hear_five_times_in_a_row(workforce: Workforce) -> None:
    task = enqueue("hogging")
    for attempt in range(1, 6):
        worker = workforce.start("--grace-period", str(GRACE))
        eventually(has_status(task, "processing"))
        worker.send(signal.SIGTERM)
        worker.process.wait(GRACE + LAST)
        eventually(has_status(task, "queued"))
        task.refresh_from_db()
        assert (task.attempt, task.retry_count) == (attempt, 0)


def test_a_second_signal_ends_a_worker_that_cannot_hear_at_once(workforce: Workforce) -> None:
    task = enqueue("hogging")
    worker = workforce.start("--grace-period", "600")
    eventually(has_status(task, "processing"))
    worker.send(signal.SIGTERM)
    time.sleep(0.1)  # two at the same moment would be one
    worker.send(signal.SIGTERM)
    worker.process.wait(LAST)
    eventually(has_status(task, "queued"))


def test_no_process_stays_behind_a_worker(workforce: Workforce) -> None:
    worker = workforce.start()
    workforce.await_start()
    family = psutil.Process(worker.process.pid).children()
    worker.send(signal.SIGKILL)
    worker.process.wait()
    assert psutil.wait_procs(family, timeout=5)[1] == []
    assert family
