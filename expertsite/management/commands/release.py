"""`manage.py release`: what must happen once before a new version serves."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Migrate the database and, in production, collect the static files."

    def handle(self, *, verbosity: int, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=verbosity)
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=verbosity)
