"""Where the next claim begins to look, while the front of the line's index is crowded."""

from datetime import datetime
from math import inf
from time import monotonic
from typing import NamedTuple
from uuid import UUID

SLOW = 0.0015  # seconds at the server for a look: thousands of dead entries, or a busy machine
SURE = 3  # slow looks in a row; one may have another reason
REST = 9  # times what the last look from the front took, until the next: a tenth of the time
LONGEST = 1.0  # seconds of it
IN_VAIN = 60.0  # seconds without it after a rest in which no look from it was quicker


class Mark(NamedTuple):
    """The place of a task in claim order."""

    priority: int
    turn: int
    queued_at: datetime
    pk: UUID


class Bookmark:
    """The place of the last claim, to look on from there when the front has become slow.

    While a snapshot is open somewhere, PostgreSQL clears away no entry of what was claimed since,
    and each look from the front passes them all. Then only a tenth of the time goes into such
    looks, and what came in ahead of the mark is found by the next of them.
    """

    def __init__(self) -> None:
        self._mark: Mark | None = None
        self._slow_looks = 0
        self._took = 0.0
        self._quickest = inf  # of the looks from the mark since; a single one may be interrupted
        self._front_at = self._useful_at = 0.0

    @property
    def mark(self) -> Mark | None:
        """None: look from the front."""
        return self._mark if monotonic() < self._front_at else None

    def looked(self, seconds: float, last: Mark | None, *, mark: Mark | None) -> None:
        """Note how long a look from `mark` took and the place of what it claimed last, if any."""
        if mark is None:
            self._looked_from_the_front(seconds)
        else:
            self._quickest = min(self._quickest, seconds)
        self._mark = last

    def _looked_from_the_front(self, seconds: float) -> None:
        now = monotonic()
        if inf > self._quickest > self._took / 2:
            self._useful_at = now + IN_VAIN
        self._took, self._quickest = seconds, inf
        self._slow_looks = self._slow_looks + 1 if seconds > SLOW else 0
        is_crowded = self._slow_looks >= SURE and now >= self._useful_at
        self._front_at = now + min(REST * seconds, LONGEST) if is_crowded else 0.0
