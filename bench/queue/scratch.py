"""A scratch server with the product's tables, worker processes on it, and a full queue."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bench.queue.settings import DATA_DIR

PROJECT = Path(__file__).resolve().parents[2]
LOG = DATA_DIR / "workers.log"


@contextmanager
def scratch_server() -> Iterator[None]:
    """Everything in this process and those it starts is on a server of the bench's own."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.queue.settings"
    shutil.rmtree(DATA_DIR, ignore_errors=True)
    import django  # with the environment that has just been set

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    try:
        yield
    finally:
        connections.close_all()
        stop_server()
        shutil.rmtree(DATA_DIR, ignore_errors=True)


def stop_server() -> None:
    from expertsite.embedded_postgres.base import server_in

    server_in(DATA_DIR).leave()


def parameters() -> dict[str, Any]:
    """Of a bare psycopg connection to the scratch database."""
    from django.db import connection

    all_of_them = connection.get_connection_params()
    return {name: all_of_them[name] for name in ("host", "port", "user", "dbname")}


def connect() -> psycopg.Connection[Any]:
    return psycopg.connect(**parameters(), autocommit=True)


# Each was queued 20 µs after the one before, as when many are enqueued at once.
FILL = """
INSERT INTO processing_queue (
    id, task_type, exclusive, agent_id, task_data, priority, max_retries, weight, status,
    error_message, turn, attempt, retry_count, queued_at, available_at, completed_at
)
SELECT gen_random_uuid(), %(task_type)s, false, '', '{}', %(priority)s, 3, 1, %(status)s::text,
       '', 0, 0, 0, statement_timestamp() - (%(count)s - number) * interval '20 microseconds',
       statement_timestamp() + %(delay)s::interval,
       CASE WHEN %(status)s::text = 'completed' THEN statement_timestamp() END
FROM generate_series(1, %(count)s) AS number
"""


def empty() -> None:
    with connect() as connection:
        connection.execute("TRUNCATE processing_queue, processing_queue_attempt, processing_worker")


def fill(
    count: int,
    *,
    task_type: str = "nothing",
    status: str = "queued",
    priority: int = 0,
    delay: str | None = None,
) -> None:
    """Put so many tasks into the table. `delay` is an interval as PostgreSQL writes one."""
    values = {"count": count, "task_type": task_type, "status": status}
    with connect() as connection:
        connection.execute(FILL, values | {"priority": priority, "delay": delay})
        connection.execute("VACUUM ANALYZE processing_queue")


@contextmanager
def worker(*arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker process as operators start it, its log lines in a file."""
    with run("django", "run_queue_worker", *arguments) as process:
        yield process


@contextmanager
def run(module: str, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Another Python process on the scratch database; ended with the block."""
    with LOG.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments], cwd=PROJECT, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
