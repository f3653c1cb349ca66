"""Cancel tasks."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queueing.arguments import task_id, tasks_by_id


class Command(BaseCommand):
    help = "Cancels tasks: one that waits at once, one that runs at its next checkpoint."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="+", type=task_id, metavar="TASK_ID")

    def handle(self, *args: Any, **options: Any) -> None:
        ended = []
        for task in tasks_by_id(options["ids"]):
            if not task.cancel():
                ended.append(f"{task} is {task.status}")
            elif task.status == task.Status.CANCELLED:
                self.stdout.write(f"Task {task} cancelled")
            else:
                self.stdout.write(f"Task {task} will stop at its next checkpoint")
        if ended:
            raise CommandError(f"Too late: {'; '.join(ended)}.")
