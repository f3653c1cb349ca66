"""One of several processes that enqueue: `python -m bench.queue.enqueuer ours|plain THREADS S`.

Prints how many tasks its threads, each with a connection of its own, committed in S seconds.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import django

PLAIN = """
INSERT INTO processing_queue (
    id, task_type, exclusive, agent_id, task_data, priority, max_retries, weight, status,
    error_message, turn, attempt, retry_count
) VALUES (%s, 'nothing', false, '', '{}', 0, 3, 1, 'queued', '', 0, 0, 0)
"""


def main(kind: str, threads: int, seconds: float) -> None:
    django.setup()
    way = ours if kind == "ours" else plain
    with ThreadPoolExecutor(threads) as pool:
        print(sum(pool.map(lambda _: way(seconds), range(threads))))


def ours(seconds: float) -> int:
    from django.db import connection

    from queueing import enqueue

    connection.ensure_connection()
    until, count = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        enqueue("nothing")
        count += 1
    connection.close()
    return count


def plain(seconds: float) -> int:
    from bench.queue.scratch import connect

    with connect() as connection:
        until, count = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            connection.execute(PLAIN, [uuid4()])
            count += 1
    return count


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
