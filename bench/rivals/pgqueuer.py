"""PgQueuer, with asyncpg in the worker as in its quick start."""

import json
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cached_property

import asyncpg
import psycopg
from pgqueuer import PgQueuer as Manager
from pgqueuer.adapters.persistence.queries import SyncQueries
from pgqueuer.db import AsyncpgDriver, SyncPsycopgDriver
from pgqueuer.models import Job

from bench.rivals import work
from bench.rivals.rival import BIN, Rival

PGQ = str(BIN / "pgq")


@asynccontextmanager
async def main() -> AsyncIterator[Manager]:
    manager = Manager(AsyncpgDriver(await asyncpg.connect()))

    @manager.entrypoint("work")
    async def run(job: Job) -> None:
        await work.work_async(*json.loads(job.payload))

    yield manager


class PgQueuer(Rival):
    name = "PgQueuer"
    packages = ("pgqueuer", "asyncpg")
    promise = (
        "Durable rows, woken by NOTIFY. Completions are written in batches, up to 0.1 s later: "
        "what was done but not yet written when a worker dies runs again. A dead worker's job is "
        "taken 30 s after its last heartbeat, at the next look of an idle worker (every 30 s)."
    )
    tables = ("pgqueuer", "pgqueuer_log")
    unfinished = "SELECT count(*) FROM pgqueuer"

    def set_up(self) -> None:
        subprocess.run([PGQ, "install"], check=True, capture_output=True)

    def worker(self, concurrency: int) -> list[str]:
        return [PGQ, "run", "bench.rivals.pgqueuer:main", "--batch-size", str(concurrency)]

    def enqueue_many(self, keys: Sequence[str]) -> None:
        payloads = [json.dumps([key]).encode() for key in keys]
        self._queries.enqueue(["work"] * len(keys), payloads, [0] * len(keys))

    def enqueue(self, key: str, seconds: float = 0.0) -> None:
        self._queries.enqueue("work", json.dumps([key, seconds]).encode())

    @cached_property
    def _queries(self) -> SyncQueries:
        return SyncQueries(SyncPsycopgDriver(psycopg.connect(autocommit=True)))
