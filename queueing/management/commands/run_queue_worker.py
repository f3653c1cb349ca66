"""Run the tasks of the queue."""

import os
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from queueing.arguments import at_least
from queueing.configuration import configuration
from queueing.handlers import handlers
from queueing.logs import show_logs
from queueing.process import run_worker
from queueing.worker import WorkerOptions


class Command(BaseCommand):
    help = (
        "Runs tasks until it is told to stop. SIGTERM or Ctrl-C: claims no more, lets what is in"
        " hand finish within the grace period, then puts it back; a second one: at once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        settings = configuration()
        parser.add_argument(
            "--concurrency", type=at_least(1, most=1000), default=1, help="tasks at once (1)"
        )
        parser.add_argument(
            "--poll-interval",
            type=at_least(0.05),
            default=settings.poll_interval.total_seconds(),
            help="seconds between looks that no notification asked for (%(default)g)",
        )
        parser.add_argument(
            "--grace-period",
            type=at_least(0.0),
            default=os.environ.get(
                "QUEUE_GRACE_PERIOD", str(settings.grace_period.total_seconds())
            ),
            help="seconds for what is in hand after SIGTERM (QUEUE_GRACE_PERIOD, %(default)s)",
        )
        parser.add_argument(
            "--task-type",
            action="append",
            default=[],
            help="run this type only; may be repeated",
        )
        parser.add_argument("--burst", action="store_true", help="stop as soon as nothing is ready")
        parser.add_argument("--max-tasks", type=at_least(1), help="stop after so many tasks")

    def handle(self, *args: Any, **options: Any) -> None:
        unknown = set(options["task_type"]) - handlers.keys()
        if unknown:
            raise CommandError(
                f"No handler is registered for {', '.join(sorted(unknown))}."
                f" There are: {', '.join(sorted(handlers)) or 'none'}."
            )
        show_logs()
        run_worker(
            WorkerOptions(
                concurrency=options["concurrency"],
                poll_interval=timedelta(seconds=options["poll_interval"]),
                grace_period=timedelta(seconds=options["grace_period"]),
                task_types=tuple(options["task_type"]),
                burst=options["burst"],
                max_tasks=options["max_tasks"],
            )
        )
