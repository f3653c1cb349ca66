"""Ending what never ends by itself when the server is asked to stop."""

import asyncio
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any


class ShutdownSignals:
    """Calls `close` when the process is asked to stop, then whoever handled the signal before.

    ASGI does not tell an application that the server waits for its responses, and one that
    never ends would keep it waiting for ever.
    """

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close
        self._before: dict[int, Any] = {}

    def watch(self) -> None:
        """Only the main thread may, and an ASGI server's event loop runs there."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            if callable(before := signal.getsignal(number)):
                self._before[number] = before
                signal.signal(number, self._stop)

    def unwatch(self) -> None:
        for number, before in self._before.items():
            if signal.getsignal(number) == self._stop:
                signal.signal(number, before)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._loop.call_soon_threadsafe(self._close)
        self._before[number](number, frame)
