"""How long a task stays out of the line."""

import random
from datetime import UTC, datetime, timedelta

# "Not before the twin ends." PostgreSQL's own 'infinity' does not fit into a Python datetime:
# psycopg refuses to load it, and every reader of such a row would fail.
AFTER_TWIN = datetime(9999, 1, 1, tzinfo=UTC)

# A century. What was put off beyond the year 9999 could be stored, but nobody could read it.
LONGEST = timedelta(days=36_525)

LONGEST_DOUBLING = 32  # any cap has been reached by then


def full_jitter(tries: int, *, base: timedelta, cap: timedelta) -> timedelta:
    """A random wait between nothing and base × 2^tries, at most `cap`.

    "Full jitter" of "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015): those that
    failed together do not come back together.
    """
    ceiling = min(cap, base * 2 ** min(tries, LONGEST_DOUBLING))
    wait: timedelta = ceiling * random.random()  # noqa: S311  (spreads load, keeps no secret)
    return wait
