"""Whether the table stays as quick as it was, whatever has gone through it."""

import json
import time
from datetime import timedelta
from statistics import median
from typing import Any
from uuid import uuid4

from bench.queue.drain import Way, drain
from bench.queue.scratch import connect, empty, fill, worker
from bench.queue.tables import milliseconds, print_table
from queueing.claiming import as_parameters, claim_statement
from queueing.sessions import PLANNED_ONCE

TABLE = """
SELECT n_live_tup, n_dead_tup, pg_size_pretty(pg_total_relation_size(relid)), autovacuum_count
FROM pg_stat_user_tables WHERE relname = 'processing_queue'
"""
AUTOVACUUM = 65  # seconds: PostgreSQL looks once a minute (autovacuum_naptime)
DONE = "SELECT count(*) FROM processing_queue WHERE status = 'completed' AND completed_at NOTNULL"

# By the tasks themselves, in the order of their claims: how many a second, a tenth at a time.
PACE = """
WITH pace AS (
    SELECT tenth, count(*) / extract(epoch FROM max(started_at) - min(started_at)) AS rate
    FROM (
        SELECT started_at, ntile(10) OVER (ORDER BY started_at) AS tenth
        FROM processing_queue WHERE status = 'completed'
    ) AS completed GROUP BY tenth
)
SELECT rate FROM pace ORDER BY tenth
"""


def measure_claims(lengths: list[int], *, delayed: int) -> None:
    rows = []
    for length, out_of_line in ((10_000, 0), *((length, 0) for length in lengths), (10, delayed)):
        empty()
        if out_of_line:
            fill(out_of_line, priority=9, delay="1 hour")
        fill(length)
        took, removed = claim_cost()
        rows.append([f"{length:,}", f"{out_of_line:,}", milliseconds(took / 1000), str(removed)])
    head = ["queued", "delayed, of higher priority", "a claim takes", "rows removed by filters"]
    print_table("Claims by EXPLAIN ANALYZE, median of 9", head, rows)


def claim_cost() -> tuple[float, int]:
    """Milliseconds that the server executes a claim of one, and what its filters threw away."""
    plans = []
    with connect() as connection:
        connection.prepare_threshold = None
        for name, value in PLANNED_ONCE.items():
            connection.execute(f"SET {name} = {value}")
        for _ in range(9):
            with connection.transaction(force_rollback=True):
                [(text,)] = connection.execute(
                    "EXPLAIN (ANALYZE, FORMAT JSON) " + claim_statement((), 1), nothing_ended()
                ).fetchall()
            plans.append(text[0])
    took = median(plan["Execution Time"] for plan in plans)
    return took, json.dumps(plans).count('"Rows Removed by Filter": ') - json.dumps(plans).count(
        '"Rows Removed by Filter": 0'
    )


def nothing_ended() -> dict[str, Any]:
    return as_parameters([]) | {"worker": uuid4(), "lease": timedelta(1), "after_twin": None}


def measure_wear(*, tasks: int) -> None:
    """Claims before and after so many tasks went through."""
    empty()
    fill(10_000)
    rows = [["before", milliseconds(claim_cost()[0] / 1000), *state()]]
    fill(tasks, priority=1)
    began = time.perf_counter()
    drain(Way("product", at_once=10), tasks)
    seconds = time.perf_counter() - began
    rows.append(
        [f"after {tasks:,} in {seconds:.0f} s", milliseconds(claim_cost()[0] / 1000), *state()]
    )
    with connect() as connection:
        pace = ", ".join(f"{rate:,.0f}" for (rate,) in connection.execute(PACE).fetchall())
    time.sleep(AUTOVACUUM)
    rows.append(["at the next autovacuum", milliseconds(claim_cost()[0] / 1000), *state()])
    head = ["", "a claim takes", "live rows", "dead rows", "size", "autovacuums"]
    print_table(f"Wear; tasks a second, a tenth at a time: {pace}", head, rows)


def state() -> list[str]:
    with connect() as connection:
        [row] = connection.execute(TABLE).fetchall()
    return [str(value) for value in row]


def measure_old_snapshot(*, seconds: int) -> None:
    """Drain while a transaction keeps every dead row from being cleared, and after."""
    empty()
    fill(3000 * seconds)
    with worker(), connect() as old:
        time.sleep(3)
        before = rate(seconds / 3)
        old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        old.execute("SELECT count(*) FROM processing_worker")
        time.sleep(seconds * 2 / 3)
        during = rate(seconds / 3)
        old.execute("COMMIT")
        time.sleep(seconds / 3)
        after = rate(seconds / 3)
    rows = [
        [name, f"{value:,.0f}", f"{value / before:.2f}"]
        for name, value in (
            ("before", before), (f"at the end of {seconds} s", during), ("after", after),
        )
    ]  # fmt: skip
    print_table("Drain while an old snapshot is held", ["", "tasks/s", "of before"], rows)


def rate(seconds: float) -> float:
    """Tasks a second that are being completed just now."""
    with connect() as connection:
        [(before,)] = connection.execute(DONE).fetchall()
        began = time.perf_counter()
        time.sleep(seconds)
        [(after,)] = connection.execute(DONE).fetchall()
        return float(after - before) / (time.perf_counter() - began)
