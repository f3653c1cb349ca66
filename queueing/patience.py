"""Waiting for a database that is away, ever longer up to a bound."""

import random

SHORTEST, LONGEST = 0.1, 1.5  # seconds; live workers are back well before they are missed


class Patience:
    """How long to wait before the next try. Doubles with each, and begins anew on success."""

    def __init__(self) -> None:
        self._wait = SHORTEST

    def next(self) -> float:
        wait, self._wait = self._wait, min(2 * self._wait, LONGEST)
        return wait * random.uniform(0.5, 1)  # noqa: S311  (spreads load, keeps no secret)

    def reset(self) -> None:
        self._wait = SHORTEST
