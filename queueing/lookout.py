"""When a worker looks for new tasks."""

from datetime import timedelta
from time import monotonic

from queueing.bookmark import REST, SLOW
from queueing.notifications import LOOK_AGAIN


class Lookout:
    """At once when called or when there is room again, else by polling. Times are `monotonic()`.

    A look that passed many tasks of other types and found none of its own is followed by a rest,
    so that calls for the others' tasks keep this worker's server busy for a tenth of the time.
    """

    def __init__(self, poll_interval: timedelta) -> None:
        self._poll_interval = poll_interval.total_seconds()
        self._is_called = False
        self._again_at = self._rested_at = 0.0
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
            self.at = self._rested_at
        return monotonic() >= self.at

    def looked(self, in_vain: float = 0.0) -> None:
        """Once more shortly after a call, which may stand for several; else by polling.

        in_vain: the seconds that it took the server, where nothing was found.
        """
        now = monotonic()
        rest = min(REST * in_vain, self._poll_interval) if in_vain > SLOW else 0.0
        self._rested_at = now + rest
        is_called = self._again_at > now
        self.at = max(self._again_at, self._rested_at) if is_called else now + self._poll_interval
