"""How soon an idle worker begins, and what it costs while it has nothing to do."""

import random
import re
import time
from typing import Any

import psutil
from django.db import connection, transaction

from bench.queue.scratch import connect, empty, worker
from bench.queue.settings import DATA_DIR
from bench.queue.tables import milliseconds, percentile, print_table
from queueing import enqueue
from queueing.models import ProcessingTask, Worker

SERVER_LOG = DATA_DIR / "postgres.log"
STATEMENT = re.compile(r"LOG:  (?:statement|execute [^:]*): ")  # a line of the server's log


def measure_pick_up(*, tasks: int, idle_seconds: int) -> None:
    empty()
    with worker() as process:
        wait_for_worker()
        waits = pick_ups(tasks)
        statements, share = idle_cost(process.pid, idle_seconds)
    rows = [
        ["from the commit to the handler's first line, p50", milliseconds(percentile(waits, 50))],
        ["the same, p99", milliseconds(percentile(waits, 99))],
        ["statements a second of an idle worker", f"{statements:.1f}"],
        ["processor time of an idle worker", f"{100 * share:.2f} % of a core"],
    ]
    print_table(f"An idle worker, {tasks} tasks", ["", ""], rows)


def wait_for_worker() -> None:
    """Until it is there and has had time to LISTEN."""
    while not Worker.objects.online().exists():
        time.sleep(0.1)
    time.sleep(1)


def pick_ups(tasks: int, *, pause: float = 0.03, **options: Any) -> list[float]:
    """Seconds from the commit of each enqueue to the first line of its handler."""
    committed = {}
    for _ in range(tasks):
        time.sleep(random.uniform(pause, 2 * pause))
        times: list[float] = []
        with transaction.atomic():
            transaction.on_commit(lambda times=times: times.append(time.time()))
            task = enqueue("clock", **options)
        committed[task.pk] = times[0]
    done = ProcessingTask.objects.filter(task_type="clock", status="completed")
    while done.count() < tasks:
        time.sleep(0.05)
    began = dict(done.values_list("pk", "result"))
    return sorted(began[pk] - since for pk, since in committed.items())


def idle_cost(pid: int, seconds: int) -> tuple[float, float]:
    """Statements a second, by the server's log, and the share of one processor core."""
    process = psutil.Process(pid)
    with connect() as server:
        server.execute("ALTER SYSTEM SET log_statement = 'all'")
        server.execute("SELECT pg_reload_conf()")
    connection.close()
    time.sleep(2)  # until every session has read it
    logged = SERVER_LOG.stat().st_size
    used = sum(process.cpu_times()[:2])
    time.sleep(seconds)
    share = (sum(process.cpu_times()[:2]) - used) / seconds
    with SERVER_LOG.open() as log:
        log.seek(logged)
        statements = len(STATEMENT.findall(log.read()))
    with connect() as server:
        server.execute("ALTER SYSTEM RESET log_statement")
        server.execute("SELECT pg_reload_conf()")
    return statements / seconds, share
