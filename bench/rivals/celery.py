"""Celery with Redis as broker and, as it is by default, no result backend."""

import os
from collections.abc import Sequence
from uuid import uuid4

from celery import Celery as App
from redis import Redis

from bench.rivals import work
from bench.rivals.rival import BIN, Rival

SOCKET = os.environ["RIVALS_REDIS"]

app = App("rivals", broker=f"redis+socket://{SOCKET}")
run = app.task(name="work")(work.work)


class Celery(Rival):
    name = "Celery + Redis"
    packages = ("celery", "redis")
    promise = (
        "Not durable: Redis by default writes a snapshot once a minute to once an hour, and the "
        "enqueue is no part of a database transaction. A message is acknowledged before its task "
        "runs (`acks_late` is off), so a killed worker's task is gone; with `acks_late` it would "
        "come back after the visibility timeout, an hour."
    )

    def set_up(self) -> None:
        self.clear()

    def worker(self, concurrency: int) -> list[str]:
        command = [str(BIN / "celery"), "-A", "bench.rivals.celery", "worker", "--loglevel=INFO"]
        return [*command, f"--concurrency={concurrency}", f"--hostname={uuid4().hex}@%h"]

    def enqueue_many(self, keys: Sequence[str]) -> None:
        for key in keys:
            run.delay(key)

    def enqueue(self, key: str, seconds: float = 0.0) -> None:
        run.delay(key, seconds)

    def clear(self) -> None:
        self._redis.delete("celery", "unacked", "unacked_index")

    def left(self) -> int:
        return self._redis.llen("celery") + self._redis.hlen("unacked")

    @property
    def _redis(self) -> Redis:
        return Redis(unix_socket_path=SOCKET)
