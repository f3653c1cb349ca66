"""`manage.py create_demo`: an account and an expert to try the product with."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from experts.demo import ensure_demo


class Command(BaseCommand):
    help = "Create the demo account and its sample expert, unless they are there."

    def handle(self, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo account is for development: set DEBUG=1.")
        demo = ensure_demo(
            guides=settings.BASE_DIR / "docs", secret=settings.DATA_DIR / "demo.json"
        )
        self.stdout.write(f"{demo.username} / {demo.password or '(the password you set)'}")
