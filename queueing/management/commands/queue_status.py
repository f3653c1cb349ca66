"""Show what the queue is doing."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import django.db
from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder

from queueing.arguments import at_least
from queueing.database import primary
from queueing.overview import Overview, TaskAtWork, WorkerAtWork, overview

CLEAR = "\033[2J\033[H"
STATUSES = ("queued", "processing", "completed", "failed", "cancelled")


class Command(BaseCommand):
    help = "Shows tasks by status, how long the first has waited, the workers and what they do."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", action="store_true", help="show it anew until Ctrl-C")
        parser.add_argument(
            "--interval",
            type=at_least(0.1),
            default=2.0,
            metavar="SECONDS",
            help="between two looks of --watch (%(default)g)",
        )
        parser.add_argument("--json", action="store_true", help="for programs: one line a look")

    def handle(self, *args: Any, **options: Any) -> None:
        show = self._show_json if options["json"] else self._show_table
        if not options["watch"]:
            show(overview())
            return
        with suppress(KeyboardInterrupt):  # is how one stops watching
            while True:
                if not options["json"]:
                    self.stdout.write(CLEAR, ending="")
                self._look(show)
                time.sleep(options["interval"])

    def _look(self, show: Any) -> None:
        """Whoever watches wants to see the database come back, too."""
        try:
            show(overview())
        except (django.db.OperationalError, django.db.InterfaceError) as error:
            primary().close()
            self.stderr.write(self.style.ERROR(f"The database is away: {error}"))

    def _show_json(self, seen: Overview) -> None:
        self.stdout.write(json.dumps(seen, cls=DjangoJSONEncoder))

    def _show_table(self, seen: Overview) -> None:
        counts: dict[str, Any] = dict(seen["counts"])
        waited = f"{counts['oldest_wait_seconds']:,} s"
        rows = [(status, f"{counts[status]:,}") for status in STATUSES]
        for name, value in [*rows, ("oldest wait", waited)]:
            self.stdout.write(f"{name:<12}{value:>10}")
        if counts["paused"]:
            self.stdout.write(self.style.WARNING("\nPaused: no worker claims (resume_queue)"))
        self.stdout.write()
        self._show_workers(seen)

    def _show_workers(self, seen: Overview) -> None:
        if not seen["workers"]:
            last = seen["last_worker_seen"]
            since = f" since {last:%Y-%m-%d %H:%M:%S} UTC" if last else ""
            self.stdout.write(self.style.ERROR(f"No worker is running{since} (run_queue_worker)"))
            return
        rows = [("WORKER", "SINCE (UTC)", "DOES", "TASK", "ATTEMPT", "FOR")]
        rows += [row for worker in seen["workers"] for row in _rows_of(worker)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())


Row = tuple[str, str, str, str, str, str]


def _rows_of(worker: WorkerAtWork) -> Iterator[Row]:
    """One for each task in its hand; the worker is named in the first."""
    name, since = worker["name"], f"{worker['started_at']:%m-%d %H:%M:%S}"
    if not worker["doing"]:
        yield name, since, "idle", "", "", ""
    for task in worker["doing"]:
        yield name, since, *_cells_of(task)
        name = since = ""


def _cells_of(task: TaskAtWork) -> tuple[str, str, str, str]:
    return task["task_type"], str(task["id"]), str(task["attempt"]), f"{task['seconds']} s"
