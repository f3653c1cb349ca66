"""Where tasks stand in the line."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from queueing.database import primary


class Place(NamedTuple):
    """Where a task stands: 1 is next. `weight_ahead` is the estimated work before it."""

    position: int
    weight_ahead: int


# What stands before the stretch that a task stands in is known (queueing/tally.py). What stands
# before the task within its stretch is counted in the index task_claim_order, in one pass for all
# that are asked for, each from the one before it. While there is no stretch, the tasks of a
# priority are one, and those of higher ones are counted too. A row comparison is the order of
# claims within a priority. Weights are summed only where they are asked for: that takes twice the
# time of a count.
MINE = """
    SELECT task.id, task.priority, task.turn, task.queued_at,
           coalesce(stretch.turn, -9223372036854775808) AS from_turn,
           coalesce(stretch.queued_at, '-infinity') AS from_queued_at
    FROM processing_queue AS task LEFT JOIN LATERAL (
        SELECT turn, queued_at FROM processing_tally AS stretch
        WHERE stretch.priority = task.priority
          AND (stretch.turn, stretch.queued_at) <= (task.turn, task.queued_at)
        ORDER BY priority DESC, turn DESC, queued_at DESC LIMIT 1
    ) AS stretch ON true
    WHERE task.id = ANY(%(ids)s) AND task.status = 'queued' AND task.available_at IS NULL
"""
KNOWN = """
    FROM (TABLE processing_tally UNION ALL TABLE processing_tally_change) AS known
    WHERE priority > mine.priority OR priority = mine.priority
      AND (turn, queued_at) < (mine.from_turn, mine.from_queued_at)
"""
HIGHER = """
    FROM processing_queue
    WHERE status = 'queued' AND available_at IS NULL AND priority > mine.priority
"""
IS_TALLIED = "EXISTS (SELECT FROM processing_tally)"

PLACES = f"""
WITH mine AS ({MINE}), step AS (
    SELECT *, coalesce(lag(turn) OVER stretch, from_turn) AS low_turn,
           coalesce(lag(queued_at) OVER stretch, from_queued_at) AS low_queued_at,
           coalesce(lag(id) OVER stretch, '00000000-0000-0000-0000-000000000000') AS low_id
    FROM mine
    WINDOW stretch AS (
        PARTITION BY priority, from_turn, from_queued_at ORDER BY turn, queued_at, id
    )
), stretch AS MATERIALIZED (
    SELECT mine.*, known.tasks + higher.tasks AS tasks, known.weight + higher.weight AS weight
    FROM (SELECT DISTINCT priority, from_turn, from_queued_at FROM mine) AS mine
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(tasks), 0) AS tasks, coalesce(sum(weight), 0) AS weight
        FROM (SELECT tasks, weight {KNOWN}) AS known WHERE {IS_TALLIED}
    ) AS known
    CROSS JOIN LATERAL (
        SELECT count(*) AS tasks, {{weight}} AS weight
        FROM (SELECT weight {HIGHER}) AS higher WHERE NOT {IS_TALLIED}
    ) AS higher
)
SELECT step.id, 1 + stretch.tasks + sum(ahead.tasks) OVER line,
       stretch.weight + sum(ahead.weight) OVER line
FROM step JOIN stretch USING (priority, from_turn, from_queued_at)
CROSS JOIN LATERAL (
    SELECT count(*) AS tasks, {{weight}} AS weight FROM processing_queue
    WHERE status = 'queued' AND available_at IS NULL AND priority = step.priority
      AND (turn, queued_at, id) < (step.turn, step.queued_at, step.id)
      AND (turn, queued_at, id) >= (step.low_turn, step.low_queued_at, step.low_id)
) AS ahead
WINDOW line AS (
    PARTITION BY priority, from_turn, from_queued_at ORDER BY step.turn, step.queued_at, step.id
)
"""  # noqa: S608  (of constants)

# One alone and without weights, in a statement that takes half the time to plan.
POSITION = f"""
SELECT mine.id, 1 + (
    SELECT count(*) FROM processing_queue
    WHERE status = 'queued' AND available_at IS NULL AND priority = mine.priority
      AND (turn, queued_at, id) < (mine.turn, mine.queued_at, mine.id)
      AND (turn, queued_at) >= (mine.from_turn, mine.from_queued_at)
) + CASE WHEN {IS_TALLIED} THEN (SELECT coalesce(sum(tasks), 0) {KNOWN})
    ELSE (SELECT count(*) {HIGHER}) END, 0
FROM ({MINE}) AS mine
"""  # noqa: S608  (the same)


def look_up(ids: Collection[UUID], *, weighed: bool = False) -> dict[UUID, Place]:
    """The places of those of these tasks that stand in the line; weight_ahead is 0 unless asked.

    Raises django.db.Error.
    """
    if not ids:
        return {}
    if len(ids) == 1 and not weighed:
        statement = POSITION
    else:
        statement = PLACES.format(weight="coalesce(sum(weight), 0)" if weighed else "0")
    with primary().cursor() as cursor:
        cursor.execute(statement, {"ids": list(ids)})
        return {pk: Place(int(place), int(ahead)) for pk, place, ahead in cursor.fetchall()}
