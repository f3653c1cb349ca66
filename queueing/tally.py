"""How many tasks each stretch of a long line holds, so that nobody has to count a million.

To count a million entries of an index takes PostgreSQL a tenth of a second. So a line of many
tasks is cut into stretches of some thousand. A row of `processing_tally` says where a stretch
begins (priority, turn, queued_at) and how many tasks it holds, up to the next one of its
priority. A row of `processing_tally_change` says how many have come or, below zero, gone since,
noted in the very transaction in which they did. Every snapshot sees both, and in every one their
sum is exact. Nobody waits for anybody: changes are only ever added, until a worker moves them
into the stretches.

Triggers of the task table note them (migration 0005), so that whoever writes to it takes part; a
claim does it itself, which is quicker. Both tables are unlogged: they cost no write-ahead log,
and a crash empties them. While there is no stretch, positions are counted task by task.
"""

import logging
from time import monotonic
from typing import Any

from queueing.database import atomic, primary

logger = logging.getLogger(__name__)

MANY = 4096  # tasks in a line that is worth it; fewer are counted in a millisecond
STRETCH = 2048  # tasks; one of more than twice as many is cut
MOST = 100_000  # changes that are added up one by one; with more of them, a count is quicker
CUT_FOR = 0.05  # seconds at a look; the worker does nothing else meanwhile
REST = 60.0  # seconds between two looks of a worker that claims nothing
CHECK_EVERY = 3600.0  # seconds
LOCK = 0x7461_6C6C_79  # "tally": whoever has it may change the stretches

IS_LONG = """
SELECT count(*) >= %(many)s FROM (
    SELECT FROM processing_queue WHERE status = 'queued' AND available_at IS NULL
    LIMIT %(many)s
) AS line
"""

IS_ANYTHING_NOTED = "SELECT EXISTS (SELECT FROM processing_tally_change)"
IS_BEHIND = """
SELECT count(*) > %(most)s FROM (
    SELECT FROM processing_tally_change LIMIT %(most)s + 1
) AS noted
"""

# A stretch for each priority. What was noted before is counted with it, in one snapshot.
BEGIN = """
WITH noted AS (DELETE FROM processing_tally_change)
INSERT INTO processing_tally
SELECT priority, -9223372036854775808, '-infinity', count(*), sum(weight) FROM processing_queue
WHERE status = 'queued' AND available_at IS NULL
GROUP BY priority
"""

# What is noted of a priority without a stretch, or of a place before its first, begins one.
FOLD = """
WITH noted AS (DELETE FROM processing_tally_change RETURNING *)
INSERT INTO processing_tally AS stretch
SELECT noted.priority, coalesce(own.turn, -9223372036854775808),
       coalesce(own.queued_at, '-infinity'), sum(noted.tasks), sum(noted.weight)
FROM noted LEFT JOIN LATERAL (
    SELECT turn, queued_at FROM processing_tally AS own
    WHERE own.priority = noted.priority
      AND (own.turn, own.queued_at) <= (noted.turn, noted.queued_at)
    ORDER BY priority DESC, turn DESC, queued_at DESC LIMIT 1
) AS own ON true
GROUP BY 1, 2, 3
ON CONFLICT (priority, turn, queued_at) DO UPDATE
SET tasks = stretch.tasks + EXCLUDED.tasks, weight = stretch.weight + EXCLUDED.weight
"""

# Cuts the longest stretch before the task that comes after the first STRETCH of it. Tasks that
# were queued at one moment stay together: where the stretch begins with so many of them, it is
# cut behind them, once. What was noted of the front and has not come into the stretch yet is
# taken off its count, and a cut beyond its end, should it have shrunk meanwhile, is left out.
CUT = """
WITH longest AS MATERIALIZED (
    SELECT * FROM processing_tally AS stretch
    WHERE tasks > 2 * %(stretch)s AND (queued_at = '-infinity' OR NOT EXISTS (
        SELECT FROM processing_tally AS following
        WHERE following.priority = stretch.priority AND following.turn = stretch.turn
          AND following.queued_at = stretch.queued_at + interval '1 microsecond'
    ))
    ORDER BY tasks DESC LIMIT 1
), cut AS MATERIALIZED (
    SELECT longest.*, task.turn AS at_turn, CASE
        WHEN (task.turn, task.queued_at) > (longest.turn, longest.queued_at) THEN task.queued_at
        ELSE task.queued_at + interval '1 microsecond' END AS at_queued_at
    FROM longest CROSS JOIN LATERAL (
        SELECT turn, queued_at FROM processing_queue
        WHERE status = 'queued' AND available_at IS NULL AND priority = longest.priority
          AND (turn, queued_at) >= (longest.turn, longest.queued_at)
        ORDER BY priority DESC, turn, queued_at, id OFFSET %(stretch)s LIMIT 1
    ) AS task
    WHERE NOT EXISTS (
        SELECT FROM processing_tally AS following
        WHERE following.priority = longest.priority
          AND (following.turn, following.queued_at) > (longest.turn, longest.queued_at)
          AND (following.turn, following.queued_at) <= (task.turn, task.queued_at)
    )
), front AS MATERIALIZED (
    SELECT counted.tasks - noted.tasks AS tasks, counted.weight - noted.weight AS weight
    FROM cut CROSS JOIN LATERAL (
        SELECT count(*) AS tasks, coalesce(sum(weight), 0) AS weight FROM processing_queue
        WHERE status = 'queued' AND available_at IS NULL AND priority = cut.priority
          AND (turn, queued_at) >= (cut.turn, cut.queued_at)
          AND (turn, queued_at) < (at_turn, at_queued_at)
    ) AS counted CROSS JOIN LATERAL (
        SELECT coalesce(sum(tasks), 0) AS tasks, coalesce(sum(weight), 0) AS weight
        FROM processing_tally_change
        WHERE priority = cut.priority AND (turn, queued_at) >= (cut.turn, cut.queued_at)
          AND (turn, queued_at) < (at_turn, at_queued_at)
    ) AS noted
), shortened AS (
    UPDATE processing_tally AS stretch SET tasks = front.tasks, weight = front.weight
    FROM cut, front
    WHERE stretch.priority = cut.priority AND stretch.turn = cut.turn
      AND stretch.queued_at = cut.queued_at
)
INSERT INTO processing_tally
SELECT cut.priority, at_turn, at_queued_at, cut.tasks - front.tasks, cut.weight - front.weight
FROM cut, front
"""

# What an empty stretch held is the end of the one before it.
CLEAR = "DELETE FROM processing_tally WHERE tasks = 0 AND weight = 0"

FORGET = "DELETE FROM processing_tally"
DISCARD = """
DELETE FROM processing_tally_change
WHERE ctid = ANY (ARRAY (SELECT ctid FROM processing_tally_change LIMIT %(most)s))
"""
TOTAL = "SELECT sum(tasks) FROM processing_tally"  # NULL if there is no stretch

# Whether a count of the line gives the same; NULL if there is no stretch.
IS_RIGHT = """
SELECT counted.tasks = known.tasks AND counted.weight = known.weight
FROM (
    SELECT count(*) AS tasks, coalesce(sum(weight), 0) AS weight FROM processing_queue
    WHERE status = 'queued' AND available_at IS NULL
) AS counted, (
    SELECT sum(tasks) AS tasks, sum(weight) AS weight
    FROM (TABLE processing_tally UNION ALL TABLE processing_tally_change) AS known
    WHERE EXISTS (SELECT FROM processing_tally)
) AS known
"""


class Teller:
    """One worker's share of the counting: `look` at every poll."""

    def __init__(self) -> None:
        self._claimed = 0
        self._is_through = True
        self._looked_at = self._checked_at = monotonic()

    def look(self, claimed: int) -> None:
        """Bring the stretches up to date. Raises django.db.Error.

        claimed: how many tasks this worker has claimed so far; one that rests looks seldom.
        """
        now = monotonic()
        is_at_rest = claimed == self._claimed and self._is_through
        if is_at_rest and now < self._looked_at + REST:
            return
        self._claimed, self._looked_at = claimed, now
        if is_at_rest and not _ask(IS_ANYTHING_NOTED):
            return
        self._is_through = keep(many=MANY, stretch=STRETCH)
        if now >= self._checked_at + CHECK_EVERY:
            self._checked_at = now
            check()


def keep(*, many: int, stretch: int, most: int = MOST) -> bool:
    """Move what has been noted into the stretches, unless another worker is at it.

    They begin when the line is `many` tasks long, and end at half of that. Returns whether there
    is no more to do: all that are longer than twice `stretch` have been cut, and not more than
    `most` changes had been noted. Raises django.db.Error.
    """
    with atomic():
        if not _is_alone():
            return True
        if _ask(IS_BEHIND, most=most):  # no worker ran for a while
            _do(FORGET)
            _do(DISCARD, most=most)
            return False
        if _ask(TOTAL) is None:
            if _ask(IS_LONG, many=many):
                _do(BEGIN)
                return False
            _do(DISCARD, most=most)
            return True
        _do(FOLD)
        if _ask(TOTAL) < many / 2:
            _do(FORGET)
            return True
        is_through = _cut(stretch)
        _do(CLEAR)
        return is_through


def _cut(stretch: int) -> bool:
    """Cut for a while. Returns whether nothing is left to cut."""
    until = monotonic() + CUT_FOR
    while _do(CUT, stretch=stretch):
        if monotonic() > until:
            return False
    return True


def check() -> None:
    """Forget the stretches, to begin anew, if a count of the line gives something else.

    That takes somebody who switches the triggers off. Raises django.db.Error.
    """
    with atomic():
        if _is_alone() and _ask(IS_RIGHT) is False:
            logger.warning("The tally of the queue was wrong: it is taken anew")
            _do(FORGET)


def _is_alone() -> bool:
    """Whether no other worker changes the stretches until the end of this transaction."""
    return bool(_ask("SELECT pg_try_advisory_xact_lock(%(lock)s)", lock=LOCK))


def _do(statement: str, **parameters: int) -> int:
    with primary().cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def _ask(question: str, **parameters: int) -> Any:
    with primary().cursor() as cursor:
        cursor.execute(question, parameters)
        return cursor.fetchone()[0]
