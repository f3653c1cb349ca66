"""A worker's hold on the task that one of its threads is running."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from queueing.exceptions import CheckpointStop


class Hold:
    """Shared by the handler's thread and those that watch over it. Times are `monotonic()`."""

    def __init__(self, *, lease: timedelta, look_every: timedelta) -> None:
        self.began_at = self.checked_at = self._looked_at = monotonic()
        self.lease = lease.total_seconds()
        self._look_every = look_every.total_seconds()
        self._renewed_at = self.began_at
        self._ended_by: CheckpointStop | None = None

    @property
    def is_ended(self) -> bool:
        return self._ended_by is not None

    @property
    def is_expired(self) -> bool:
        """Whether the lease has run out by our own clock: somebody else may have the task."""
        return monotonic() > self._renewed_at + self.lease

    def renewed(self, asked_at: float) -> None:
        """The lease was renewed at some time after `asked_at`."""
        self._renewed_at = asked_at

    def end(self, reason: CheckpointStop) -> None:
        """Make the handler's next checkpoint raise `reason`; the first reason stands."""
        self._ended_by = self._ended_by or reason

    def check(self, look: Callable[[], None]) -> None:
        """Raise what ended this hold, if anything did. `look` asks the database, now and then."""
        self.checked_at = monotonic()
        if self._ended_by:
            raise self._ended_by
        if self.is_expired or self.checked_at >= self._looked_at + self._look_every:
            look()
            self._looked_at = monotonic()
