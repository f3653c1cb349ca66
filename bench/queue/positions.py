"""How soon it is known where a task stands, and how many tasks there are."""

import time
from collections.abc import Callable, Sequence
from statistics import median

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.queue.scratch import connect, empty, fill
from bench.queue.tables import milliseconds, print_table
from queueing import tally
from queueing.models import ProcessingTask
from queueing.status import queue_counts
from queueing.tally import keep

PAGE = 50
CHANGES = 5000  # what a busy worker leaves between two looks

# As changes of the front of the line, which is where claims leave them.
NOTE = """
INSERT INTO processing_tally_change
SELECT priority, turn, queued_at, 0, 0 FROM processing_queue
ORDER BY priority DESC, turn, queued_at, id LIMIT %s
"""


def measure_positions(lengths: Sequence[int]) -> None:
    rows = []
    for length in lengths:
        empty()
        fill(length)
        rows.append([f"{length:,}, before a worker's first look", *figures()])
        while not keep(many=tally.MANY, stretch=tally.STRETCH):
            pass
        clear()
        rows.append([f"{length:,}", *figures()])
        note(CHANGES)
        rows.append([f"{length:,}, {CHANGES:,} changes since the last look", *figures()])
    head = ["queued", "the last task", f"the last {PAGE}", "queries", "with weights", "counts"]
    print_table("Positions, median of 9", head, rows)


def figures() -> list[str]:
    """Of the end of the line, where counting takes longest."""
    line = ProcessingTask.objects.ready().in_claim_order().values_list("pk", flat=True)
    page = list(line.reverse()[:PAGE])
    with CaptureQueriesContext(connection) as queries:
        ProcessingTask.objects.positions(page)
    return [
        timed(lambda: ProcessingTask.objects.positions(page[:1])),
        timed(lambda: ProcessingTask.objects.positions(page)),
        str(len(queries)),
        timed(lambda: ProcessingTask.objects.places(page)),
        timed(queue_counts),
    ]


def clear() -> None:
    """What autovacuum does within a minute of so many changes."""
    with connect() as session:
        session.execute("VACUUM processing_tally, processing_tally_change")


def note(count: int) -> None:
    """As if so many tasks had left the line one by one, and as many had come back."""
    with connect() as session:
        session.execute(NOTE, [count])


def timed(function: Callable[[], object]) -> str:
    times = []
    for _ in range(9):
        began = time.perf_counter()
        function()
        times.append(time.perf_counter() - began)
    return milliseconds(median(times))
