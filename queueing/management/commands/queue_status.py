"""Show what the queue is doing."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder

from queueing.overview import Overview, overview

CLEAR = "\033[2J\033[H"
ROWS = 10


class Command(BaseCommand):
    help = "Shows tasks by status, how long the first has waited, the workers and what they do."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--watch", action="store_true", help="show it anew every two seconds")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        show = self._show_json if options["json"] else self._show_table
        show(overview())
        while options["watch"]:
            time.sleep(2)
            if not options["json"]:
                self.stdout.write(CLEAR, ending="")
            show(overview())

    def _show_json(self, seen: Overview) -> None:
        self.stdout.write(json.dumps(seen, cls=DjangoJSONEncoder))

    def _show_table(self, seen: Overview) -> None:
        counts = seen["counts"]
        for status in ("queued", "processing", "completed", "failed", "cancelled"):
            self.stdout.write(f"{status:<12}{counts[status]:>10}")
        self.stdout.write(f"{'oldest wait':<12}{counts['oldest_wait_seconds']:>8} s")
        if counts["paused"]:
            self.stdout.write(self.style.WARNING("Paused: no worker claims (resume_queue)"))
        self._show_workers(seen)

    def _show_workers(self, seen: Overview) -> None:
        if not seen["workers"]:
            last = seen["last_worker_seen"]
            since = f" since {last:%Y-%m-%d %H:%M:%S} UTC" if last else ""
            self.stdout.write(self.style.ERROR(f"No worker is running{since}"))
        for worker in seen["workers"]:
            doing = ", ".join(worker["doing"]) or "idle"
            self.stdout.write(f"{worker['name']}  since {worker['started_at']:%H:%M:%S}  {doing}")
