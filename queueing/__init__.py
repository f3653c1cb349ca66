"""A task queue in PostgreSQL for Django projects. README.md beside this file says how to use it."""

from queueing.enqueueing import enqueue, enqueue_many
from queueing.exceptions import (
    PermanentError,
    RetryLater,
    TaskCancelled,
    TaskLost,
    WorkerStopping,
)
from queueing.handlers import handler

__all__ = [
    "PermanentError",
    "RetryLater",
    "TaskCancelled",
    "TaskLost",
    "WorkerStopping",
    "enqueue",
    "enqueue_many",
    "handler",
]
