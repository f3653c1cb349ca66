"""How fast tasks come in, one by one, many at once, and from many connections."""

import subprocess
import sys
import time
from contextlib import ExitStack
from statistics import median

from bench.queue.scratch import PROJECT, empty, worker
from bench.queue.tables import milliseconds, percentile, print_table
from bench.queue.waits import pick_ups, wait_for_worker
from queueing import enqueue_many

MANY = 10_000


def measure_enqueueing(*, seconds: float, rounds: int) -> None:
    rows = []
    for processes, threads in ((1, 1), (4, 8)):
        rates: dict[str, list[float]] = {"plain": [], "ours": []}
        for _ in range(rounds):
            for kind, each in rates.items():
                empty()
                with worker("--task-type", "clock"):  # listens, and leaves these tasks alone
                    wait_for_worker()
                    each.append(rate(kind, processes, threads, seconds))
        ours, plain = median(rates["ours"]), median(rates["plain"])
        shape = f"{processes * threads} connection{'s' * (threads > 1)}"
        rows.append([shape, f"{ours:,.0f}", f"{plain:,.0f}", f"{ours / plain:.2f}"])
    head = ["one by one", "enqueue, tasks/s", "plain INSERT, rows/s", "ratio"]
    print_table(f"Enqueueing while a worker listens, median of {rounds}", head, rows)
    print_table("", ["", ""], [many(), busy_pick_up(seconds)])


def rate(kind: str, processes: int, threads: int, seconds: float) -> float:
    """Commits a second of all of them together."""
    with ExitStack() as stack:
        all_of_them = [
            stack.enter_context(enqueuer(kind, threads, seconds)) for _ in range(processes)
        ]
        return sum(int(each.communicate()[0]) for each in all_of_them) / seconds


def enqueuer(kind: str, threads: int, seconds: float) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "bench.queue.enqueuer", kind, str(threads), str(seconds)]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)


def many() -> list[str]:
    times = []
    for _ in range(3):
        empty()
        began = time.perf_counter()
        enqueue_many("nothing", [{}] * MANY)
        times.append(time.perf_counter() - began)
    return [f"enqueue_many of {MANY:,}", f"{median(times):.2f} s"]


def busy_pick_up(seconds: float) -> list[str]:
    """Of urgent tasks, while 32 connections enqueue others as fast as they can."""
    empty()
    with worker("--concurrency", "2"), ExitStack() as stack:
        wait_for_worker()
        busy = [stack.enter_context(enqueuer("ours", 8, seconds + 2)) for _ in range(4)]
        time.sleep(1.5)
        waits = pick_ups(int(seconds / 0.06), pause=0.03, priority=9)
        for each in busy:
            each.communicate()  # how many they were; a closed pipe would break the print
    return ["pick-up of urgent tasks meanwhile, p95", milliseconds(percentile(waits, 95))]
