"""Running one task to an outcome."""

import json
import logging
from asyncio import CancelledError
from collections.abc import Callable
from functools import lru_cache, partial
from traceback import format_exc
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from django.core.serializers.json import DjangoJSONEncoder

from queueing.exceptions import (
    PermanentError,
    RetryLater,
    TaskCancelled,
    TaskLost,
    WorkerStopping,
)
from queueing.handlers import handler_for
from queueing.models import ProcessingTask
from queueing.texts import legible

logger = logging.getLogger(__name__)


class Ended(NamedTuple):
    """A task whose handler has returned, with what it returned, as JSON."""

    task: ProcessingTask
    result: str | None = None


class Settled(NamedTuple):
    """A task whose outcome has been written, or that was lost."""

    task: ProcessingTask


Settlement = Callable[[], None]

# SQLSTATEs of a server that is going away, not there yet, or out of disk, memory or
# connections: class 08 is of connections, class 53 of resources.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
SERVER_IS_AWAY = ("08", "53", "57P01", "57P02", "57P03")


def perform(task: ProcessingTask) -> Ended | Settlement:
    """Call the handler. Returns that it ended well, or how what it raised is to be settled.

    Nothing is written here, so that whoever settles can try again when the database is away.
    """
    logger.info("Processing task %s, attempt %d", task, task.attempt, extra=context(task))
    try:
        result = _as_json(handler_for(task.task_type).function(task))
    except TaskLost as lost:
        logger.warning("Task %s was lost: %s", task, lost, extra=context(task))
        return lambda: None
    except TaskCancelled:
        logger.info("Task %s cancelled", task, extra=context(task))
        return task.cancelled
    except WorkerStopping as stopping:
        return partial(task.release, str(stopping))
    except RetryLater as later:
        reason = legible(str(later))
        logger.info("Task %s postponed: %s", task, reason, extra=context(task))
        return partial(task.postpone, later)
    except PermanentError as error:
        message = legible(str(error))
        logger.warning("Task %s failed: %s", task, message, extra=context(task))
        return partial(task.fail, message, traceback=format_exc())
    except (Exception, SystemExit, CancelledError) as error:  # noqa: BLE001  (failure logs it)
        return failure(task, error)
    return Ended(task, result)


def failure(task: ProcessingTask, error: BaseException) -> Settlement:
    """How to settle what the task has just raised, while it is being handled."""
    message = f"{type(error).__name__}: {error}"
    if is_outage(error):
        logger.warning("Task %s lost its database: %s", task, error, extra=context(task))
        return partial(task.release_from_outage, message, traceback=format_exc())
    logger.exception("Task %s failed on attempt %d", task, task.attempt, extra=context(task))
    return partial(task.retry_or_fail, message, traceback=format_exc())


def is_outage(error: BaseException | None) -> bool:
    """Whether a database that went away is what lies beneath this error."""
    while error is not None:
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return not error.sqlstate or error.sqlstate.startswith(SERVER_IS_AWAY)
        error = error.__cause__
    return False


def context(task: ProcessingTask) -> dict[str, Any]:
    """Fields for each log line about a task."""
    return _fields(task.pk, task.attempt, task.worker_id)


@lru_cache(maxsize=1000)  # several lines a task; writing a UUID out takes longer than looking up
def _fields(pk: UUID, attempt: int, worker_id: UUID | None) -> dict[str, Any]:
    return {"task": str(pk), "attempt": attempt, "worker": str(worker_id)}


def _as_json(result: Any) -> str | None:
    """Raises TypeError or ValueError for what a jsonb column does not take."""
    if result is None:
        return None
    text = json.dumps(result, cls=DjangoJSONEncoder, allow_nan=False)
    if "\\u0000" in text:
        raise ValueError("The result holds a NUL character, which PostgreSQL does not store.")
    return text
