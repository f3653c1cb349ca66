"""The same drain without the product: bare psycopg, one statement after the other in a loop.

python -m bench.queue.bare full|lean TASKS AT_ONCE
"""

import sys
from datetime import timedelta
from typing import Any
from uuid import uuid4

import django
import psycopg

LEAN = """
WITH done AS (
    UPDATE processing_queue AS task
    SET status = 'completed', completed_at = statement_timestamp(), lease_expires_at = NULL
    FROM unnest(%(ids)s::uuid[], %(attempts)s::integer[]) AS ended (id, attempt)
    WHERE task.id = ended.id AND task.attempt = ended.attempt AND task.status = 'processing'
    RETURNING task.id
), next (id) AS MATERIALIZED (
    SELECT id FROM processing_queue
    WHERE status = 'queued' AND available_at IS NULL AND (SELECT count(*) FROM done) >= 0
    ORDER BY priority DESC, turn, queued_at, id LIMIT {limit} FOR UPDATE SKIP LOCKED
)
UPDATE processing_queue AS task
SET status = 'processing', attempt = task.attempt + 1, worker_id = %(worker)s,
    started_at = statement_timestamp(), lease_expires_at = statement_timestamp() + %(lease)s
FROM next WHERE task.id = next.id
RETURNING task.id, task.attempt, task.task_type, task.task_data
"""


def main(kind: str, tasks: int, at_once: int) -> None:
    django.setup()
    from bench.queue.scratch import connect
    from queueing.sessions import PLANNED_ONCE

    with connect() as connection:
        connection.prepare_threshold = 0
        for name, value in PLANNED_ONCE.items():
            connection.execute(f"SET {name} = {value}")
        drain(connection, kind, tasks, at_once)


def drain(connection: "psycopg.Connection[Any]", kind: str, tasks: int, at_once: int) -> None:
    """Finish what was claimed and claim the next, until so many have been done."""
    from queueing.claiming import as_parameters

    statement, id_at, attempt_at = statement_of(kind, at_once)
    values = {"worker": uuid4(), "lease": timedelta(minutes=1), "after_twin": None}
    values |= as_parameters([])
    while tasks > 0 and (rows := connection.execute(statement, values).fetchall()):
        rows = [row for row in rows if row[id_at] is not None]
        values |= as_parameters([(row[id_at], row[attempt_at], None) for row in rows])
        tasks -= max(1, len(rows))
    connection.execute(statement, values)


def statement_of(kind: str, at_once: int) -> tuple[str, int, int]:
    """The statement, and where in its rows the task's id and attempt stand."""
    if kind == "lean":
        return LEAN.format(limit=at_once), 0, 1
    from queueing.claiming import claim_statement
    from queueing.rows import columns

    order = "ids", "seconds", *columns()
    return claim_statement((), at_once), order.index("id"), order.index("attempt")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
