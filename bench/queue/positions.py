"""How soon it is known where a task stands, and how many tasks there are."""

import time
from collections.abc import Callable, Sequence
from statistics import median

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.queue.scratch import empty, fill
from bench.queue.tables import milliseconds, print_table
from queueing.models import ProcessingTask
from queueing.status import queue_counts

PAGE = 50


def measure_positions(lengths: Sequence[int]) -> None:
    rows = []
    for length in lengths:
        empty()
        fill(length)
        line = ProcessingTask.objects.ready().in_claim_order().values_list("pk", flat=True)
        page = list(line.reverse()[:PAGE])  # the end of the line, where counting takes longest
        one, many = page[:1], page
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ProcessingTask.objects.positions(many)
        rows.append([
            f"{length:,}",
            timed(lambda one=one: ProcessingTask.objects.positions(one)),
            timed(lambda many=many: ProcessingTask.objects.positions(many)),
            str(len(queries)),
            timed(queue_counts),
        ])  # fmt: skip
    head = ["queued", "the last task", f"the last {PAGE}", "queries for them", "counts"]
    print_table("Positions, median of 9", head, rows)


def timed(function: Callable[[], object]) -> str:
    times = []
    for _ in range(9):
        began = time.perf_counter()
        function()
        times.append(time.perf_counter() - began)
    return milliseconds(median(times))
