"""Waiting for a database that is away, ever longer up to a bound."""

import logging
import random

logger = logging.getLogger(__name__)

SHORTEST, LONGEST = 0.1, 1.5  # seconds; live workers are back well before they are missed


class Patience:
    """How long one part of a worker waits before its next try; it doubles with each.

    Says once that the database is away, and once that it is back.
    """

    def __init__(self, part: str) -> None:
        self._part = part
        self._wait = SHORTEST
        self._is_waiting = False

    def next(self, error: Exception) -> float:
        if not self._is_waiting:
            reason = str(error).partition("\n")[0]
            logger.warning("The %s waits for the database: %s", self._part, reason)
        self._is_waiting = True
        wait, self._wait = self._wait, min(2 * self._wait, LONGEST)
        return wait * random.uniform(0.5, 1)  # noqa: S311  (spreads load, keeps no secret)

    def reset(self) -> None:
        """The database answered."""
        if self._is_waiting:
            logger.info("The %s has its database again", self._part)
        self._wait = SHORTEST
        self._is_waiting = False
