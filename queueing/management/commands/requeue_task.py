"""Run finished tasks again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queueing.arguments import task_id, tasks_by_id
from queueing.exceptions import TaskUnfinishedError


class Command(BaseCommand):
    help = "Puts failed, cancelled or completed tasks back into the queue, with all their retries."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="+", type=task_id, metavar="TASK_ID")

    def handle(self, *args: Any, **options: Any) -> None:
        refused = False
        for task in tasks_by_id(options["ids"]):
            try:
                waiting = task.requeue()
            except TaskUnfinishedError as error:
                refused = True
                self.stderr.write(self.style.ERROR(str(error)))
            else:
                joined = "" if waiting.pk == task.pk else f", as part of {waiting}"
                self.stdout.write(f"Task {task} queued again{joined}")
        if refused:
            raise CommandError("Not all tasks were queued again.")
