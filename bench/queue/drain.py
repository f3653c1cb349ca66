"""How many tasks a second come through, by the product and by bare psycopg in turns."""

import subprocess
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import NamedTuple

from bench.queue.scratch import connect, empty, fill, run, worker
from bench.queue.tables import print_table

# While all of them were at work, so that starting a process is not counted.
RATE = """
WITH span AS (
    SELECT worker_id, min(started_at) AS began, max(completed_at) AS ended
    FROM processing_queue WHERE worker_id IS NOT NULL AND status = 'completed' GROUP BY worker_id
), together AS (SELECT max(began) AS began, min(ended) AS ended FROM span)
SELECT count(*) / extract(epoch FROM together.ended - together.began)
FROM processing_queue JOIN together ON completed_at BETWEEN together.began AND together.ended
WHERE worker_id IS NOT NULL
GROUP BY together.began, together.ended
"""


class Way(NamedTuple):
    """One way to drain the queue: who, how many processes, how many tasks at once in each."""

    who: str  # product, full or lean
    processes: int = 1
    at_once: int = 1

    def __str__(self) -> str:
        names = {
            "product": "the product",
            "full": "bare psycopg, the same statement",
            "lean": "bare psycopg, without history",
        }
        several = f", {self.processes} processes" if self.processes > 1 else ""
        return names[self.who] + several + (f", {self.at_once} at once" * (self.at_once > 1))


SHORT = [
    Way("product"), Way("full"), Way("lean"),
    Way("product", at_once=10), Way("full", at_once=10),
    Way("product", processes=2), Way("full", processes=2),
    Way("product", processes=4), Way("full", processes=4),
]  # fmt: skip


def measure_drain(*, tasks: int, rounds: int) -> None:
    rates: dict[Way, list[float]] = {way: [] for way in SHORT}
    for _ in range(rounds):
        for way in SHORT:  # in turns: whatever else the machine does falls on all alike
            empty()
            fill(tasks * way.processes * 2)
            rates[way].append(drain(way, tasks))
    print_rates(f"Drain, {tasks:,} tasks a process, the best of {rounds} rounds", rates)


def measure_long_lines(lengths: Sequence[int], *, delayed: int, tasks: int, rounds: int) -> None:
    """The same with so many waiting behind, and with delayed ones of higher priority."""
    for length in lengths:
        empty()
        fill(length)
        _measure_line(f"Drain with {length:,} queued", tasks, rounds)
    empty()
    fill(delayed, priority=9, delay="1 hour")
    fill(tasks * rounds * 4)
    _measure_line(f"Drain with {delayed:,} delayed of higher priority", tasks, rounds)


def _measure_line(title: str, tasks: int, rounds: int) -> None:
    ways = [Way("product"), Way("full"), Way("lean")]
    rates: dict[Way, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            rates[way].append(drain(way, tasks))
    print_rates(f"{title}, the best of {rounds} rounds", rates)


def drain(way: Way, tasks: int) -> float:
    """Tasks a second."""
    with connect() as connection:
        connection.execute("UPDATE processing_queue SET worker_id = NULL WHERE worker_id NOTNULL")
        connection.execute("CHECKPOINT")
    with ExitStack() as stack:
        processes = [stack.enter_context(start(way, tasks)) for _ in range(way.processes)]
        for process in processes:
            process.wait()
    with connect() as connection:
        [(rate,)] = connection.execute(RATE).fetchall()
    return float(rate)


def start(way: Way, tasks: int) -> "AbstractContextManager[subprocess.Popen[bytes]]":
    if way.who == "product":
        return worker("--max-tasks", str(tasks), "--concurrency", str(way.at_once))
    return run("bench.queue.bare", way.who, str(tasks), str(way.at_once))


def print_rates(title: str, rates: dict[Way, list[float]]) -> None:
    """Each beside the product's own in the same shape."""
    best = {way: max(each) for way, each in rates.items()}
    rows = []
    for way, rate in best.items():
        ours = best[Way("product", way.processes, way.at_once)]
        ratio = "" if way.who == "product" else f"{ours / rate:.2f}"
        rows.append([str(way), f"{rate:,.0f}", ratio])
    print_table(title, ["", "tasks/s", "the product's share of it"], rows)
