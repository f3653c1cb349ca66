"""`manage.py run_local`, which `make run` starts: everything on this machine until Ctrl-C."""

import signal
from typing import Any, cast

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.postgresql.base import DatabaseWrapper

from experts.demo import Demo, ensure_demo
from experts.operations import Refused
from expertsite.local_run import EndedByItselfError, check_port, run_together

RUNNING = """
  Expertsite is running at http://localhost:{port}/
"""
SIGN_IN = """
  Sign in as {username} with the password {password}
  The sample expert learns this project's own guides: ask it how the queue works.
  The API is described at http://localhost:{port}/docs/ and this creates an expert:

  curl http://localhost:{port}/experts/ -H 'Authorization: Token {token}' \
-H 'Content-Type: application/json' -d '{{"name": "My expert", "selected_files": ["{file_id}"]}}'
"""
STOP = """
  Ctrl-C stops everything.
"""


class Command(BaseCommand):
    help = "Run PostgreSQL (unless DATABASE_URL is set), web and worker on this machine."

    demo: Demo | None = None

    def handle(self, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            self._check_port()
            self._prepare()
            self._run()
        except KeyboardInterrupt:
            self._say("")
        self._say("Stopped.")  # the embedded PostgreSQL stops last, with this process

    def _check_port(self) -> None:
        port = settings.ENVIRONMENT.port
        try:
            check_port(port)
        except OSError as error:
            raise CommandError(
                f"Port {port} cannot be used ({error.strerror}). Stop what uses it,"
                f" or choose another: PORT={port + 1} make run"
            ) from error

    def _prepare(self) -> None:
        self._say("• Preparing the database")
        try:
            call_command("release", verbosity=0)
            if settings.DEBUG:
                self.demo = ensure_demo(
                    guides=settings.BASE_DIR / "docs", secret=settings.DATA_DIR / "demo.json"
                )
        except OperationalError as error:
            raise CommandError(str(error)) from error
        except Refused as refused:
            raise CommandError(f"The sample expert cannot be made. {refused.message}") from refused
        connections.close_all()
        database = cast("DatabaseWrapper", connections[DEFAULT_DB_ALIAS])
        database.close_pool()  # its threads would not survive the fork of web and worker

    def _run(self) -> None:
        self._say("• Starting web and worker")
        port = settings.ENVIRONMENT.port
        try:
            run_together(settings.BASE_DIR / "Procfile", port=port, when_up=self._welcome)
        except EndedByItselfError as error:
            raise CommandError(
                f"{error}, although nobody asked for it, so everything else was stopped."
                " The lines above say why."
            ) from error

    def _welcome(self) -> None:
        port = settings.ENVIRONMENT.port
        text = RUNNING.format(port=port)
        if self.demo:
            text += SIGN_IN.format(
                port=port,
                username=self.demo.username,
                password=self.demo.password or "you gave it",
                token=self.demo.token,
                file_id=self.demo.file.pk,
            )
        self._say(text + STOP)

    def _say(self, text: str) -> None:
        """At once, into a file or a pipe as well."""
        self.stdout.write(text)
        self.stdout.flush()
