"""The database goes away under a handler: no retry is spent, but not for ever."""

from asyncio import CancelledError

import psycopg
import pytest
from django.db import InterfaceError, OperationalError
from psycopg import errors

from queueing import enqueue
from queueing.handlers import handler
from queueing.models import ProcessingTask
from queueing.models.task import MOST_OUTAGES
from queueing.testing import drain

pytestmark = pytest.mark.django_db


def raising(cause: BaseException, *, times: int = 1_000) -> ProcessingTask:
    """A task whose handler meets this error of the driver's, as Django wraps it, so often."""

    @handler("unlucky")
    def unlucky(task: ProcessingTask) -> None:
        if task.attempt <= times:
            raise OperationalError(str(cause)) from cause

    return enqueue("unlucky")


def outcomes(task: ProcessingTask) -> list[str]:
    return list(task.attempts.order_by("number").values_list("outcome", flat=True))


@pytest.mark.parametrize(
    "outage",
    [
        psycopg.OperationalError("server closed the connection unexpectedly"),
        psycopg.InterfaceError("the connection is closed"),
        errors.AdminShutdown("terminating connection due to administrator command"),
        errors.CannotConnectNow("the database system is starting up"),
        errors.TooManyConnections("sorry, too many clients already"),
        errors.DiskFull("could not extend file: No space left on device"),
    ],
)
def test_it_runs_again_at_once_and_spends_no_retry(outage: psycopg.Error) -> None:
    task = raising(outage, times=1)
    drain()
    task.refresh_from_db()
    assert (task.status, task.retry_count) == ("completed", 0)
    assert outcomes(task) == ["released", "completed"]


@pytest.mark.parametrize(
    "fault",
    [errors.QueryCanceled("statement timeout"), errors.DeadlockDetected("deadlock detected")],
)
def test_another_fault_of_a_statement_spends_one(fault: psycopg.Error) -> None:
    task = raising(fault, times=1)
    drain(skip_delays=True)
    assert outcomes(task) == ["retried", "completed"]


def test_it_waits_longer_when_it_happens_again() -> None:
    task = raising(psycopg.OperationalError("server closed the connection unexpectedly"))
    drain()
    task.refresh_from_db()
    assert outcomes(task) == ["released", "released"]
    assert task.retries_at


def test_a_task_that_keeps_bringing_the_server_down_ends_as_failed() -> None:
    task = raising(psycopg.OperationalError("server closed the connection unexpectedly"))
    drain(skip_delays=True)
    task.refresh_from_db()
    assert (task.status, task.retry_count) == ("failed", 3)
    assert outcomes(task) == ["released"] * MOST_OUTAGES + ["retried"] * 3 + ["failed"]
    assert "server closed the connection" in task.error_message


def test_an_error_of_django_itself_is_no_outage() -> None:
    @handler("closing")
    def closing(task: ProcessingTask) -> None:
        raise InterfaceError("connection already closed")

    task = enqueue("closing")
    drain()
    assert outcomes(task) == ["retried"]


def test_a_cancelled_coroutine_fails_its_task_and_not_its_thread() -> None:
    @handler("awaiting")
    def awaiting(task: ProcessingTask) -> None:
        raise CancelledError

    task = enqueue("awaiting")
    drain()
    assert outcomes(task) == ["retried"]
