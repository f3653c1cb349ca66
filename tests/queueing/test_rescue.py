"""Who is dead, and who only looks so."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from queueing import enqueue
from queueing.claiming import Claims
from queueing.configuration import Configuration
from queueing.models import ProcessingTask, Worker
from queueing.rescue import Rescuer, rescue

pytestmark = pytest.mark.django_db

INSTANTLY = Configuration(second_look=timedelta(0), server_settling=timedelta(0))
LONG_AGO = Now() - timedelta(minutes=1)


@pytest.fixture
def worker() -> Worker:
    return Worker.objects.create(host="there", pid=7)


@pytest.fixture
def other() -> Worker:
    return Worker.objects.create(host="here", pid=8)


@pytest.fixture
def task(worker: Worker) -> ProcessingTask:
    """A task in the worker's hand."""
    enqueue("echo")
    [task] = Claims(worker.pk, lease=timedelta(minutes=1)).finish_and_claim([], 1)[1]
    return task


@pytest.fixture
def look_twice(other: Worker) -> Callable[..., None]:
    def look(**settings: Any) -> None:
        rescuer = Rescuer(other.pk, Configuration(**(vars(INSTANTLY) | settings)))
        rescuer.look()
        rescuer.look()

    return look


@pytest.fixture
def lock(worker: Worker) -> Iterator[None]:
    """The worker's session lives: another connection holds its lock."""
    session = connection.copy()
    with session.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [worker.lock_key])
    yield
    session.close()


def was_rescued(task: ProcessingTask) -> bool:
    return task.attempts.filter(outcome="rescued").exists()


def silence(worker: Worker) -> None:
    Worker.objects.filter(pk=worker.pk).update(seen_at=LONG_AGO)


def test_a_silent_worker_without_its_lock_is_dead(
    task: ProcessingTask, worker: Worker, look_twice: Callable[..., None]
) -> None:
    silence(worker)
    look_twice()
    assert was_rescued(task)


def test_a_silent_worker_with_its_lock_is_alive(
    task: ProcessingTask, worker: Worker, lock: None, look_twice: Callable[..., None]
) -> None:
    silence(worker)
    look_twice()
    assert not was_rescued(task)


def test_a_worker_heard_of_just_now_is_alive(
    task: ProcessingTask, look_twice: Callable[..., None]
) -> None:
    look_twice()
    assert not was_rescued(task)


def test_one_look_proves_nothing(
    task: ProcessingTask, worker: Worker, look_twice: Callable[..., None]
) -> None:
    silence(worker)
    look_twice(second_look=timedelta(minutes=1))
    assert not was_rescued(task)


def test_after_a_restart_of_the_server_nobody_is_suspected(
    task: ProcessingTask, worker: Worker, look_twice: Callable[..., None]
) -> None:
    silence(worker)
    look_twice(server_settling=timedelta(days=365))
    assert not was_rescued(task)


def test_an_expired_lease_is_enough(
    task: ProcessingTask, lock: None, look_twice: Callable[..., None]
) -> None:
    ProcessingTask.objects.filter(pk=task.pk).update(lease_expires_at=LONG_AGO)
    look_twice()
    assert was_rescued(task)


def test_a_lease_renewed_after_the_look_saves_the_task(task: ProcessingTask) -> None:
    seen_before = ProcessingTask.objects.get(pk=task.pk)
    ProcessingTask.objects.filter(pk=task.pk).update(lease_expires_at=Now() + timedelta(hours=1))
    rescue(seen_before, "Its worker did not renew the lease in time.")
    assert not was_rescued(task)


def test_nobody_rescues_what_is_in_its_own_hand(task: ProcessingTask, worker: Worker) -> None:
    ProcessingTask.objects.filter(pk=task.pk).update(lease_expires_at=LONG_AGO)
    Rescuer(worker.pk, INSTANTLY).look()
    assert not was_rescued(task)
