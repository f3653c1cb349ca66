"""Let workers claim again."""

from typing import Any

from django.core.management.base import BaseCommand

from queueing.models import Pause


class Command(BaseCommand):
    help = "Resumes a paused queue."

    def handle(self, *args: Any, **options: Any) -> None:
        ended = Pause.end()
        self.stdout.write("Queue resumed" if ended else "The queue was not paused")
