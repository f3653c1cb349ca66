"""A real server for tests of what streams."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from psycopg.conninfo import make_conninfo

from experts.database import connection_parameters

PROJECT = Path(__file__).resolve().parents[2]
NAME = "web-under-test"  # as PostgreSQL lists its connections
WORDS, SECONDS = 12, 0.25  # of the slow answer, and for each of its words
KEYS = ("host", "port", "user", "password", "dbname")


class Web:
    """A uvicorn process that serves the tests' database."""

    def __init__(self, directory: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._log = directory / "web.log"
        known = connection_parameters()
        parameters = {key: known[key] for key in KEYS if key in known}
        command = ["uvicorn", "tests.api.slow_site:application", "--port", str(port)]
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command, "--lifespan", "off"],
                cwd=PROJECT,
                env=os.environ
                | {
                    "DATABASE_URL": make_conninfo(application_name=NAME, **parameters),
                    "EXPERTSITE_DATA_DIR": str(directory),
                    "DEBUG": "1",
                },
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.said()
        try:
            return httpx.get(f"{self.url}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def said(self) -> str:
        return self._log.read_text()


@contextmanager
def serving(directory: Path) -> Iterator[Web]:
    web = Web(directory)
    try:
        until(web.is_up)
        yield web
    finally:
        web.process.kill()
        web.process.wait()


def until(true: Callable[[], object], *, seconds: float = 30) -> None:
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up, f"not within {seconds} s"
        time.sleep(0.05)
