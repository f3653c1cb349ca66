"""Workers that die, are stopped, or are paused past their lease."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from queueing import enqueue
from queueing.models import ProcessingTask
from tests.queueing.conftest import WorkerProcess, eventually, has_status

Start = Callable[..., WorkerProcess]


def history(task: ProcessingTask) -> list[tuple[int, str]]:
    return list(task.attempts.order_by("number").values_list("number", "outcome"))


def in_the_middle(task_type: str, gate: Path) -> ProcessingTask:
    """A task that a worker is working on."""
    task = enqueue(task_type, task_data={"gate": str(gate)})
    eventually(has_status(task, "processing"))
    return task


def test_another_worker_rescues_the_task_of_a_killed_one(start_worker: Start, gate: Path) -> None:
    victim = start_worker()
    task = in_the_middle("patient", gate)
    start_worker()
    victim.send(signal.SIGKILL)
    eventually(lambda: history(task) == [(1, "rescued")])
    gate.touch()
    eventually(has_status(task, "completed"))
    task.refresh_from_db()
    assert task.retry_count == 1
    assert history(task) == [(1, "rescued"), (2, "completed")]


def test_a_restarted_worker_rescues_its_own_task(start_worker: Start, gate: Path) -> None:
    victim = start_worker()
    task = in_the_middle("patient", gate)
    victim.send(signal.SIGKILL)
    victim.process.wait()
    gate.touch()
    start_worker()
    eventually(has_status(task, "completed"))
    assert history(task) == [(1, "rescued"), (2, "completed")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_worker_lets_its_task_finish(
    start_worker: Start, gate: Path, number: signal.Signals
) -> None:
    worker = start_worker()
    task = in_the_middle("patient", gate)
    worker.send(number)
    gate.touch()
    eventually(worker.has_ended)
    assert worker.process.returncode == 0
    assert has_status(task, "completed")()


@pytest.mark.parametrize("task_type", ["patient", "deaf"])
def test_a_stopped_worker_puts_back_what_does_not_finish(
    start_worker: Start, gate: Path, task_type: str
) -> None:
    worker = start_worker("--grace-period", "0.3")
    task = in_the_middle(task_type, gate)
    worker.send(signal.SIGTERM)
    eventually(worker.has_ended)
    task.refresh_from_db()
    assert (task.status, task.retry_count, worker.process.returncode) == ("queued", 0, 0)
    assert history(task) == [(1, "released")]


def test_a_second_signal_ends_the_grace_period(start_worker: Start, gate: Path) -> None:
    worker = start_worker("--grace-period", "600")
    task = in_the_middle("deaf", gate)
    worker.send(signal.SIGTERM)
    eventually(lambda: worker.has_said("stops claiming"))
    worker.send(signal.SIGTERM)
    eventually(worker.has_ended)
    assert history(task) == [(1, "released")]


def test_a_worker_that_slept_past_its_lease_changes_nothing(
    start_worker: Start, gate: Path
) -> None:
    sleeper = start_worker()
    task = in_the_middle("patient", gate)
    sleeper.send(signal.SIGSTOP)
    start_worker()
    eventually(lambda: history(task) == [(1, "rescued")])
    eventually(has_status(task, "processing"))
    sleeper.send(signal.SIGCONT)
    eventually(lambda: sleeper.has_said("was lost"))
    gate.touch()
    eventually(has_status(task, "completed"))
    task.refresh_from_db()
    assert task.attempt == 2
    assert history(task) == [(1, "rescued"), (2, "completed")]


def test_a_task_that_kills_its_workers_ends_as_failed(start_worker: Start, gate: Path) -> None:
    task = enqueue("deaf", task_data={"gate": str(gate)}, max_retries=1)
    for attempt in (1, 2):
        victim = start_worker(settings="patient_settings")  # no lease runs out before it is missed
        eventually(ProcessingTask.objects.filter(attempt=attempt, status="processing").exists)
        victim.send(signal.SIGKILL)
        victim.process.wait()
    start_worker(settings="patient_settings")
    eventually(has_status(task, "failed"))
    task.refresh_from_db()
    assert task.error_message == "Its worker died."
    assert history(task) == [(1, "rescued"), (2, "rescued")]
