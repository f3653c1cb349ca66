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


class Line(NamedTuple):
    """What waits: so many, and so many more of higher priority whose time has not come."""

    queued: int
    delayed: int = 0

    def fill(self) -> None:
        empty()
        if self.delayed:
            fill(self.delayed, priority=9, delay="1 hour")
        fill(self.queued)

    def __str__(self) -> str:
        delayed = f", {self.delayed:,} delayed of higher priority" if self.delayed else ""
        return f"{self.queued:,}{delayed}"


def measure_long_lines(
    lengths: Sequence[int], *, delayed: int, tasks: int, rounds: int, passes: int = 2
) -> None:
    """Whether a long line makes anybody slower. In turns, since the machine's speed changes."""
    short = Line(tasks * rounds * 4)
    lines = [short, *map(Line, lengths), Line(short.queued, delayed)]
    ways = [Way("product"), Way("full")]
    rates: dict[tuple[Line, Way], list[float]] = {}
    for _ in range(passes):
        for line in lines:
            line.fill()
            for _ in range(rounds):
                for way in ways:
                    rates.setdefault((line, way), []).append(drain(way, tasks))
    best = {key: max(each) for key, each in rates.items()}
    rows = []
    for line in lines:
        ours, bare = (best[line, way] for way in ways)
        beside = ours / best[short, Way("product")]
        rows.append([str(line), f"{ours:,.0f}", f"{beside:.2f}", f"{bare:,.0f}"])
    head = ["queued", "the product, tasks/s", "beside the short line", "bare psycopg"]
    print_table(f"Drain of long lines, the best of {passes} times {rounds} rounds", head, rows)


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
