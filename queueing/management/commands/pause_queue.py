"""Keep all workers from claiming."""

from typing import Any

from django.core.management.base import BaseCommand

from queueing.models import Pause


class Command(BaseCommand):
    help = "Pauses the queue: what is in hand goes on, nothing new begins until resume_queue."

    def handle(self, *args: Any, **options: Any) -> None:
        began = Pause.begin()
        self.stdout.write("Queue paused" if began else "The queue was paused already")
