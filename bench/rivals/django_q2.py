"""django-q2 with the ORM as broker (settings.py)."""

import logging
import sys
from collections.abc import Sequence

import django
from django.core.management import call_command
from django.db import transaction

from bench.rivals.rival import Rival

django.setup()

from django_q.tasks import async_task


class DjangoQ2(Rival):
    name = "django-q2 (ORM)"
    packages = ("django-q2",)
    promise = (
        "Durable rows, deleted when the result was saved. What is not acknowledged 60 s after its "
        "claim (`retry`) runs again, also when it is only slow. For each task it reads the 250 "
        "results that it keeps (`save_limit`), to prune them."
    )
    looks_every = 0.2
    tables = ("django_q_ormq", "django_q_task")
    unfinished = "SELECT count(*) FROM django_q_ormq"

    def set_up(self) -> None:
        call_command("migrate", "django_q", verbosity=0)
        logging.getLogger("django-q").setLevel(logging.WARNING)  # a line for each enqueue

    def worker(self, concurrency: int) -> list[str]:
        workers = f"Q_WORKERS={concurrency}"  # read in settings.py
        return ["env", workers, sys.executable, "-m", "django", "qcluster"]

    def enqueue_many(self, keys: Sequence[str]) -> None:
        with transaction.atomic():
            for key in keys:
                self.enqueue(key)

    def enqueue(self, key: str, seconds: float = 0.0) -> None:
        async_task("bench.rivals.work.work", key, seconds)
