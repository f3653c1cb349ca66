"""django-tasks with its database backend (the package django-tasks-db)."""

import sys
from collections.abc import Sequence

import django
from django.core.management import call_command
from django.db import transaction

from bench.rivals import work
from bench.rivals.rival import Rival

django.setup()

from django_tasks import task


@task()
def run(key: str, seconds: float) -> None:
    work.work(key, seconds)


class DjangoTasks(Rival):
    name = "django-tasks (database)"
    packages = ("django-tasks", "django-tasks-db")
    promise = (
        "Enqueued in the caller's transaction, completions durable. A task whose worker is "
        "killed stays RUNNING for ever; no retries."
    )
    concurrencies = (1,)
    looks_every = 1.0
    tables = ("django_tasks_database_dbtaskresult",)
    unfinished = "SELECT count(*) FROM django_tasks_database_dbtaskresult WHERE finished_at IS NULL"

    def set_up(self) -> None:
        call_command("migrate", "django_tasks_database", verbosity=0)

    def worker(self, concurrency: int) -> list[str]:
        return [sys.executable, "-m", "django", "db_worker"]

    def enqueue_many(self, keys: Sequence[str]) -> None:
        with transaction.atomic():
            for key in keys:
                self.enqueue(key)

    def enqueue(self, key: str, seconds: float = 0.0) -> None:
        run.enqueue(key, seconds)
