"""One stage of a file's work, beside the handler's own thread."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from threading import Event
from typing import Any, TypeVar

from django.db import connections

Result = TypeVar("Result")

PATIENCE = 2.0  # seconds that a call which nobody needs any more is waited for


class StageEndedError(Exception):
    """Nobody waits for this any more; so nobody sees it either."""


class Aside:
    """Makes calls, one at a time, in a thread of its own; their results are asked for later.

    A call belongs to the context that it is made in: its log lines name the task, its costs the
    account. What it opens of connections to the database is closed when the stage ends.
    """

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._last: Future[Any] | None = None
        self._is_ending = Event()

    def start(self, function: Callable[..., Result], *arguments: Any) -> "Future[Result]":
        self._last = call = self._thread.submit(copy_context().run, function, *arguments)
        return call

    def rest(self, seconds: float) -> None:
        """Wait within a call. Raises StageEndedError once the stage ends."""
        if self._is_ending.wait(seconds):
            raise StageEndedError

    def end(self) -> None:
        """Make no more calls. One that does not come back in time is left to its own end."""
        self._is_ending.set()
        if self._last:
            wait([self._last], timeout=PATIENCE)
            self._last = None
        self._thread.submit(connections.close_all)
        self._thread.shutdown(wait=False)
