"""Which task a log line belongs to, and where lines go in a project that says nothing of it."""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

FIELDS = ("task", "attempt", "worker")

_current: ContextVar[Mapping[str, Any] | None] = ContextVar("queueing.current_task", default=None)


@contextmanager
def about(fields: Mapping[str, Any]) -> Iterator[None]:
    """Let every line logged here, whoever logs it, carry these fields."""
    token = _current.set(fields)
    try:
        yield
    finally:
        _current.reset(token)


class AddTask(logging.Filter):
    """Adds the current task's fields to lines that do not have them, and drops none."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in (_current.get() or {}).items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True


class KeyValueFormatter(logging.Formatter):
    """Time, level and message, then task=… attempt=… worker=… where they are known."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        local = datetime.fromtimestamp(record.created)  # noqa: DTZ006  (the reader's own time)
        at = local.isoformat(" ", "milliseconds")
        pairs = [f"{name}={getattr(record, name)}" for name in FIELDS if hasattr(record, name)]
        return " ".join([at, record.levelname, record.message, *pairs])


def show_logs() -> None:
    """Let lines tell their task, and print the queue's unless LOGGING says where they go."""
    logger = logging.getLogger("queueing")
    if not logger.hasHandlers():
        to_terminal = logging.StreamHandler(sys.stdout)
        to_terminal.setFormatter(KeyValueFormatter())
        logger.addHandler(to_terminal)
        logger.setLevel(logging.INFO)
        # These lines do not show what a quarter of their time would go into.
        # https://docs.python.org/3/howto/logging.html#optimization
        logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
        logging._srcfile = None
    for handler in {*logging.getLogger().handlers, *logger.handlers}:
        handler.addFilter(AddTask())
