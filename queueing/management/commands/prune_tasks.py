"""Delete old finished tasks."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from queueing.arguments import duration
from queueing.configuration import configuration
from queueing.upkeep import prune, prune_workers


class Command(BaseCommand):
    help = "Deletes tasks that ended long ago, with their attempts, and workers long gone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--older-than", type=duration, default="30d", help="such as 30d or 12h (%(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        age, batch = options["older_than"], configuration().prune_batch
        deleted = 0
        while pruned := prune(age, batch=batch):
            deleted += pruned
        workers = prune_workers(age)
        self.stdout.write(f"Deleted {deleted} tasks and {workers} workers")
