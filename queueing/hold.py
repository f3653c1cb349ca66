"""A worker's hold on the task that one of its threads is running."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from queueing.exceptions import CheckpointStop

FOREVER = float("inf")
SAFE_PART = 0.9  # of a lease: by our own clock it ends a little before the database's says so


class Hold:
    """Shared by the handler's thread and those that watch over it. Times are `monotonic()`."""

    def __init__(
        self,
        *,
        lease: timedelta,
        look_every: timedelta,
        time_limit: timedelta | None = None,
        stall_limit: timedelta | None = None,
    ) -> None:
        self.began_at = self._checked_at = self._looked_at = self._renewed_at = monotonic()
        self._lease = lease.total_seconds() * SAFE_PART
        self._look_every = look_every.total_seconds()
        self._time_limit = time_limit.total_seconds() if time_limit else FOREVER
        self._stall_limit = stall_limit.total_seconds() if stall_limit else FOREVER
        self._ended_by: CheckpointStop | None = None

    @property
    def is_expired(self) -> bool:
        """Whether the lease has run out by our own clock: somebody else may have the task."""
        return monotonic() > self._renewed_at + self._lease

    @property
    def limit_at(self) -> float:
        """When the handler will have taken too long, or too long without a checkpoint."""
        return min(self.began_at + self._time_limit, self._checked_at + self._stall_limit)

    @property
    def overrun(self) -> str:
        """Which limit the handler has passed, in words; empty while it has passed none."""
        now = monotonic()
        if now >= self.began_at + self._time_limit:
            return f"It ran longer than its limit of {self._time_limit:g} seconds."
        if now >= self._checked_at + self._stall_limit:
            return f"It made no progress for {self._stall_limit:g} seconds."
        return ""

    def renewed(self, asked_at: float) -> None:
        """The lease counts from `asked_at`, before the database was asked for it."""
        self._renewed_at = asked_at

    def end(self, reason: CheckpointStop) -> None:
        """Make the handler's next checkpoint raise `reason`; the first reason stands."""
        self._ended_by = self._ended_by or reason

    def check(self, look: Callable[[], None]) -> None:
        """Raise what ended this hold, if anything did. `look` asks the database, now and then."""
        self._checked_at = monotonic()
        if self._ended_by:
            raise self._ended_by
        if self.is_expired or self._checked_at >= self._looked_at + self._look_every:
            look()
            self._looked_at = monotonic()
