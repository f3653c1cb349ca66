"""When a worker looks for new tasks."""

from datetime import timedelta
from time import monotonic

from queueing.notifications import LOOK_AGAIN


class Lookout:
    """At once when called or when there is room again, else by polling. Times are `monotonic()`."""

    def __init__(self, poll_interval: timedelta) -> None:
        self._poll_interval = poll_interval.total_seconds()
        self._is_called = False
        self._again_at = 0.0
        self.at = 0.0  # the next look, unless something happens before

    def call(self) -> None:
        """There may be something, says whoever calls, from any thread."""
        self._is_called = True

    def look_now(self) -> None:
        self.at = 0.0

    def is_due(self) -> bool:
        """Whether to look now; it stays so until somebody has `looked`."""
        if self._is_called:
            self._is_called = False
            self._again_at = monotonic() + LOOK_AGAIN
            self.look_now()
        return monotonic() >= self.at

    def looked(self) -> None:
        """Once more shortly after a call, which may stand for several; else by polling."""
        now = monotonic()
        self.at = self._again_at if self._again_at > now else now + self._poll_interval
