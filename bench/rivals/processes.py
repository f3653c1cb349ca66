"""Workers, Redis and PostgreSQL as real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from expertsite.embedded_postgres.server import EmbeddedPostgres

PROJECT = Path(__file__).resolve().parents[2]
DATABASE = "rivals"


class Process:
    """A command in a process group of its own, so that its children die with it."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command, cwd=PROJECT, stdout=output, stderr=output, start_new_session=True
            )

    def runs(self, pid: int) -> bool:
        """Whether this is one of its processes."""
        with suppress(ProcessLookupError):
            return os.getpgid(pid) == self._process.pid
        return False

    def kill(self) -> None:
        """kill -9, all of it."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextmanager
def running(command: Sequence[str], log: Path) -> Iterator[Process]:
    process = Process(command, log)
    try:
        yield process
    finally:
        process.kill()


@contextmanager
def redis(directory: Path) -> Iterator[None]:
    """Redis as it comes, but for the socket; told to the adapters by the environment."""
    socket = directory / "redis.sock"
    os.environ["RIVALS_REDIS"] = str(socket)
    command = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--dir", str(directory)]
    with running(command, directory / "redis.log"):
        give_up = time.monotonic() + 10
        while not socket.exists() and time.monotonic() < give_up:
            time.sleep(0.05)
        yield


def postgres(directory: Path) -> None:
    """An empty database on a server of its own; told to all by libpq's variables."""
    server = EmbeddedPostgres(directory).join()
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    os.environ |= {f"PG{name.upper()}": str(value) for name, value in server.items()}
    os.environ |= {
        "PGDATABASE": DATABASE,
        "DJANGO_SETTINGS_MODULE": "bench.rivals.settings",
        "PYTHONPATH": str(PROJECT),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
