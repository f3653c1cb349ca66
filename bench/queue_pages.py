"""How fast an operator's pages open over a million finished tasks: `python -m bench.queue_pages`.

Fills a scratch database by SQL with tasks of four weeks, one in a thousand failed, and 500 that
wait. Each page is asked for as a browser does, without the network: the first time, and the
median of the next nine.
"""

import os
import sys
import time
from statistics import median
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "expertsite.settings")
django.setup()

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from bench.scratch_database import scratch_database
from queueing import enqueue_many
from queueing.models import ProcessingTask

TASKS = 1_000_000
LIST = "/admin/queueing/processingtask/"

# Keys as queueing.identifiers makes them: 48 bits of milliseconds, then anything.
FILL = """
INSERT INTO processing_queue (
    id, task_type, status, exclusive, task_data, error_message, agent_id, owner_id, expert_id,
    priority, turn, weight, attempt, retry_count, max_retries, queued_at, created_at, started_at,
    completed_at
)
SELECT (lpad(to_hex((extract(epoch FROM made_at) * 1000)::bigint), 12, '0') || '7'
        || left(md5(n::text), 3) || '8' || right(md5(n::text), 15))::uuid,
       'file_processing', CASE WHEN n %% 1000 = 0 THEN 'failed' ELSE 'completed' END, true, '{}',
       '', '', (n %% 50)::text, md5(n::text)::uuid, 0, 0, 1, 1, 0, 3, made_at, made_at, made_at,
       made_at + interval '3 s'
FROM (SELECT n, statement_timestamp() - (%(tasks)s - n) * interval '2.4 s' AS made_at
      FROM generate_series(1, %(tasks)s) AS n) AS made
"""
ATTEMPTS = """
INSERT INTO processing_queue_attempt
    (task_id, number, started_at, ended_at, outcome, error, traceback)
SELECT id, 1, started_at, completed_at, status, '', '' FROM processing_queue
"""


def main() -> None:
    with scratch_database("bench_queue_pages"):
        began = time.perf_counter()
        fill()
        print(f"{TASKS:,} finished tasks in {time.perf_counter() - began:.0f} s")
        browser = Client()
        browser.force_login(User.objects.create_superuser("operator"))
        milliseconds(browser, "/admin/")  # imports what the first request imports
        print(f"{'page':<24}{'first':>10}{'median':>10}")
        for name, address in pages().items():
            first, *others = [milliseconds(browser, address) for _ in range(10)]
            print(f"{name:<24}{first:>7.0f} ms{median(others):>7.0f} ms")


def fill() -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"tasks": TASKS})
        cursor.execute(ATTEMPTS)
        enqueue_many("file_processing", [{}] * 500)
        cursor.execute("VACUUM ANALYZE processing_queue")
        cursor.execute("VACUUM ANALYZE processing_queue_attempt")


def pages() -> dict[str, str]:
    task = ProcessingTask.objects.order_by("pk")[TASKS // 100]
    day = {
        f"created_at__{part}": getattr(task.created_at, part) for part in ("year", "month", "day")
    }
    return {
        "overview": f"{LIST}overview/",
        "list": LIST,
        "list, queued": f"{LIST}?status=queued",
        "list, failed": f"{LIST}?status=failed",
        "list, one day": f"{LIST}?{urlencode(day)}",
        "list, a task's id": f"{LIST}?q={task.pk}",
        "list, a subject's id": f"{LIST}?q={task.expert_id}",
        "list, an owner's id": f"{LIST}?q=7",
        "one task": f"{LIST}{task.pk}/change/",
        "workers": "/admin/queueing/worker/",
        "/metrics": "/metrics",
        "/readyz": "/readyz",
    }


def milliseconds(browser: Client, address: str) -> float:
    began = time.perf_counter()
    response = browser.get(address, headers={"host": "localhost"})
    if response.status_code != 200:
        sys.exit(f"{address} answered {response.status_code}")
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
