"""This project's queueing."""

import sys
import time
from collections.abc import Sequence

import django
from django.core.management import call_command
from django.db import transaction

from bench.rivals.rival import Rival

django.setup()

from queueing import enqueue, enqueue_many


class Ours(Rival):
    name = "queueing"
    packages = ("Django", "psycopg")
    promise = (
        "Enqueued in the caller's transaction; each completion is durable, with its history, "
        "before the next task starts. At least once: a dead worker's task runs again by itself, "
        "and the dead one's late writes change nothing."
    )
    tables = ("processing_queue", "processing_queue_attempt", "processing_worker")
    unfinished = "SELECT count(*) FROM processing_queue WHERE status <> 'completed'"

    def set_up(self) -> None:
        call_command("migrate", "queueing", verbosity=0)

    def worker(self, concurrency: int) -> list[str]:
        command = [sys.executable, "-m", "django", "run_queue_worker"]
        return [*command, "--concurrency", str(concurrency)]

    def enqueue_many(self, keys: Sequence[str]) -> None:
        enqueue_many("work", [{"task_data": {"key": key}} for key in keys])

    def enqueue(self, key: str, seconds: float = 0.0) -> None:
        enqueue("work", task_data={"key": key, "seconds": seconds})

    def enqueued_at(self, key: str) -> int:
        """Between the commit and the notification, which is sent after it and counts as waiting."""
        committed = []
        with transaction.atomic():
            transaction.on_commit(lambda: committed.append(time.monotonic_ns()))
            self.enqueue(key)
        return committed[0]
