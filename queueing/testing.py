"""For the tests of projects that use the queue."""

from contextlib import suppress
from datetime import timedelta

from queueing.claiming import Claims
from queueing.exceptions import TaskLost
from queueing.identifiers import uuid7
from queueing.models import ProcessingTask
from queueing.runner import Ended, perform
from queueing.upkeep import promote

LEASE = timedelta(minutes=5)
ALL = 1_000_000


def drain(*, skip_delays: bool = False) -> list[ProcessingTask]:
    """Run everything that is ready, here and in order, to an outcome. Returns what was run.

    Works inside a test's transaction. Tasks that wait for a time, such as retries, run only if it
    had come beforehand: never by luck. With `skip_delays` they run as if it had come.
    """
    promote(ALL)
    claims = Claims(uuid7(), lease=LEASE)
    ran: list[ProcessingTask] = []
    while task := _next(claims, skip_delays=skip_delays):
        _run(task, claims)
        ran.append(task)
    for task in ran:
        task.refresh_from_db()
    return ran


def _next(claims: Claims, *, skip_delays: bool) -> ProcessingTask | None:
    _, claimed = claims.finish_and_claim([], 1)
    if claimed or not skip_delays:
        return claimed[0] if claimed else None
    waiting = ProcessingTask.objects.queued().exclude(available_at=None)
    return _next(claims, skip_delays=False) if waiting.update(available_at=None) else None


def _run(task: ProcessingTask, claims: Claims) -> None:
    outcome = perform(task)
    if isinstance(outcome, Ended):
        claims.finish([outcome])
    else:
        with suppress(TaskLost):  # the handler's own test took it away
            outcome()
