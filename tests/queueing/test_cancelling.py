"""Cancelling what waits, what runs, and what has ended."""

from collections.abc import Callable
from pathlib import Path

import pytest

from queueing import TaskCancelled, enqueue
from queueing.handlers import handler
from queueing.models import ProcessingTask
from queueing.testing import drain
from tests.queueing.conftest import WorkerProcess, eventually, has_status

pytestmark = pytest.mark.django_db


def run(task: ProcessingTask) -> ProcessingTask:
    drain()
    task.refresh_from_db()
    return task


def cancelling_itself(then: Callable[[ProcessingTask], object]) -> ProcessingTask:
    """A task that somebody cancels while its handler runs; `then` is what the handler does."""

    @handler("cancelling itself")
    def cancelling(task: ProcessingTask) -> None:
        assert ProcessingTask.objects.get(pk=task.pk).cancel()
        then(task)

    return enqueue("cancelling itself")


def look_now(task: ProcessingTask) -> None:
    task.hold._looked_at = 0  # a second has passed
    task.checkpoint()


def test_a_waiting_task_is_cancelled_at_once() -> None:
    task = enqueue("echo")
    assert task.cancel()
    assert (task.status, drain()) == ("cancelled", [])


def test_a_delayed_task_is_too() -> None:
    task = enqueue("echo", delay=60)
    assert task.cancel()
    assert (task.status, task.available_at) == ("cancelled", None)


def test_a_running_task_stops_at_its_next_checkpoint() -> None:
    task = run(cancelling_itself(look_now))
    assert task.status == "cancelled"
    assert task.attempts.get().outcome == "cancelled"


def test_a_running_task_without_a_checkpoint_completes() -> None:
    assert run(cancelling_itself(lambda task: None)).status == "completed"


def test_a_running_task_that_breaks_is_cancelled_and_not_retried() -> None:
    def breaks(task: ProcessingTask) -> None:
        raise ValueError

    assert run(cancelling_itself(breaks)).status == "cancelled"


def test_a_task_that_has_ended_cannot_be_cancelled() -> None:
    task = enqueue("echo")
    drain()
    assert not task.cancel()
    assert run(task).status == "completed"


def test_a_cancelled_task_can_be_requeued() -> None:
    task = run(cancelling_itself(look_now))
    task.requeue()
    assert (task.status, task.cancel_requested_at) == ("queued", None)


def test_the_checkpoint_says_so() -> None:
    def expects(task: ProcessingTask) -> None:
        with pytest.raises(TaskCancelled):
            look_now(task)

    assert run(cancelling_itself(expects)).status == "completed"


def test_a_real_worker_stops_a_cancelled_task(
    start_worker: Callable[..., WorkerProcess], gate: Path
) -> None:
    start_worker()
    task = enqueue("patient", task_data={"gate": str(gate)})
    eventually(has_status(task, "processing"))
    assert task.cancel()
    eventually(has_status(task, "cancelled"))
