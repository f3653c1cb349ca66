"""A PostgreSQL server of these trials' own, to be stopped, killed and starved at will."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg
from django.db import connections, router

from expertsite.embedded_postgres.cluster import Cluster

NAME = "scratch"
EMPTY = (
    "TRUNCATE processing_queue, processing_queue_attempt, processing_worker, processing_pause,"
    " effects, steps"
)

# What handlers do to the world. An effect is written under the fence of its attempt; a step
# is told without asking whether the task is still ours.
EFFECTS = """
CREATE TABLE effects (task_id uuid PRIMARY KEY, attempt integer NOT NULL);
CREATE TABLE steps (task_id uuid, attempt integer, at timestamptz DEFAULT clock_timestamp())
"""


class Router:
    """Sends the queue's models of this process to the scratch server."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return NAME

    db_for_write = db_for_read


class ScratchServer:
    """The server with its data in `directory`, whose path must be short: sockets lie in it."""

    def __init__(self, directory: Path) -> None:
        self.cluster = Cluster(directory / "postgres", directory / "postgres.log")

    def begin(self) -> None:
        """Make the cluster, start it, and lay out the queue's tables."""
        self.cluster.create()
        self.cluster.start()
        self.sql(f"CREATE DATABASE {NAME}", database="postgres")
        command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
        subprocess.run(command, env=self.variables("settings"), check=True)
        self.sql(EFFECTS)

    def end(self) -> None:
        if self.cluster.postmaster():
            self.stop(signal.SIGQUIT)

    def stop(self, how: signal.Signals) -> None:
        """SIGINT stops it fast, SIGQUIT immediately: without a checkpoint, as a crash does."""
        postmaster = self.cluster.postmaster()
        assert postmaster
        postmaster.send_signal(how)
        postmaster.wait(60)

    def restart(self, how: signal.Signals) -> None:
        self.stop(how)
        self.cluster.start()

    @property
    def parameters(self) -> dict[str, Any]:
        return {"host": str(self.cluster.data), "port": 5432, "user": "postgres"}

    def sql(self, statement: str, *values: Any, database: str = NAME) -> list[tuple[Any, ...]]:
        """Run it over a connection of its own. Returns the rows, if there are any."""
        with psycopg.connect(**self.parameters, dbname=database, autocommit=True) as session:
            cursor = session.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def variables(self, settings: str, *, host: Path | None = None) -> dict[str, str]:
        """For a process of the smallest project, on this server or what stands for it."""
        database = self._django_settings() | ({"HOST": str(host)} if host else {})
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": f"tests.queueing.project.{settings}",
            "QUEUE_TEST_DATABASE": json.dumps(database),
            "PYTHONUNBUFFERED": "1",
        }

    @contextmanager
    def used_here(self) -> Iterator[None]:
        """Let this process enqueue into, and read from, this server."""
        database = connections.configure_settings({"default": self._django_settings()})["default"]
        with (
            patch.dict(connections.settings, {NAME: database}),
            patch.dict(vars(router), routers=[Router()]),
        ):
            try:
                yield
            finally:
                connections[NAME].close()
                del connections[NAME]

    def _django_settings(self) -> dict[str, Any]:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": NAME,
            "HOST": self.parameters["host"],
            "PORT": str(self.parameters["port"]),
            "USER": self.parameters["user"],
            "CONN_HEALTH_CHECKS": True,
        }


@contextmanager
def scratch_server(directory: Path | None = None) -> Iterator[ScratchServer]:
    """A server that runs; `directory` is removed with all that it holds."""
    home = directory or Path(tempfile.mkdtemp(prefix="queue-", dir="/tmp"))
    server = ScratchServer(home)
    try:
        server.begin()
        yield server
    finally:
        server.end()
        shutil.rmtree(home, ignore_errors=True)
