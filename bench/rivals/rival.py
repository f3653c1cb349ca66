"""What the trials ask of every rival."""

import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import psycopg

BIN = Path(sys.executable).parent


class Rival(ABC):
    """One queue. The connection to PostgreSQL stands in libpq's environment variables."""

    name: str
    packages: Sequence[str]  # whose versions are shown
    promise: str  # one honest line about what survives
    concurrencies: Sequence[int] = (1, 10)
    looks_every = 0.0  # seconds between the looks of an idle worker that nothing wakes
    tables: Sequence[str] = ()
    unfinished = ""  # the SQL that counts them

    @property
    def key(self) -> str:
        """For file names and marks."""
        return type(self).__name__

    @abstractmethod
    def set_up(self) -> None:
        """Make the tables in an empty database."""

    @abstractmethod
    def worker(self, concurrency: int) -> list[str]:
        """The command of a worker, as documented."""

    @abstractmethod
    def enqueue_many(self, keys: Sequence[str]) -> None:
        """Queue a task for each key, the quickest way there is."""

    @abstractmethod
    def enqueue(self, key: str, seconds: float = 0.0) -> None:
        """Queue one task and commit."""

    def enqueued_at(self, key: str) -> int:
        """Queue one and return when it was committed, in nanoseconds of the monotonic clock."""
        self.enqueue(key)
        return time.monotonic_ns()

    def clear(self) -> None:
        self._connection.execute(f"TRUNCATE {', '.join(self.tables)} CASCADE")

    def left(self) -> int:
        """How many tasks are not finished by the queue's own account."""
        row = self._connection.execute(self.unfinished).fetchone()
        assert row is not None
        return row[0]

    @cached_property
    def _connection(self) -> psycopg.Connection:
        return psycopg.connect(autocommit=True)
