"""Eight workers, and something bad each second."""

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import django.db
import psycopg

from queueing import enqueue_many
from queueing.enqueueing import TaskOptions
from queueing.tally import IS_RIGHT
from tests.queueing.conftest import WorkerProcess
from tests.queueing.trials.server import NAME, ScratchServer
from tests.queueing.trials.workforce import Workforce

WORKERS = 8
WAVE = 20  # tasks enqueued each second
SUBJECTS = 5
MANY_RETRIES = 10_000  # a storm kills at random: whether a task survives is not the question
LONGEST_PAUSE = 5.0  # seconds under SIGSTOP; the lease of the quick settings ends after 3

Mishap = Callable[[], None]


class Storm:
    """All that happens follows from `seed`, save when the machine lets it happen."""

    def __init__(self, server: ScratchServer, workforce: Workforce, seed: int) -> None:
        self._server = server
        self._workforce = workforce
        self._random = random.Random(seed)
        self._subjects = [UUID(int=number + 1) for number in range(SUBJECTS)]
        self._paused: dict[WorkerProcess, float] = {}
        self.mishaps: list[str] = []
        self.tallies: set[bool | None] = set()  # whether it was right, at each second

    def rage(self, seconds: float) -> None:
        """Enqueue and let something happen each second, then let everybody recover."""
        for number in range(WORKERS):
            self._workforce.start(f"--concurrency={1 + number % 4}", "--grace-period", "1")
        self._workforce.await_start()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            began = time.monotonic()
            self._enqueue()
            self.look_at_the_tally()
            self._strike()
            self._tidy_up()
            time.sleep(max(0.0, began + 1 - time.monotonic()))
        self._tidy_up(everybody=True)

    def _enqueue(self) -> None:
        """A wave: most tasks on their own, some for subjects that may have one already."""
        with suppress(django.db.Error):  # the server may be away: then there is no wave
            enqueue_many("effect", [self._task() for _ in range(WAVE)])
            subject = self._random.choice(self._subjects)
            enqueue_many("effect only", [self._task() | {"expert_id": subject}])
        django.db.connections[NAME].close()

    def look_at_the_tally(self) -> None:
        with suppress(psycopg.Error):
            self.tallies |= {is_right for (is_right,) in self._server.sql(IS_RIGHT)}

    def _task(self) -> TaskOptions:
        seconds = self._random.choice([0, 0, 0, 0, 0.1, 0.3, 0.5, 1.0])
        priority = self._random.randrange(3)
        data = {"seconds": seconds, "is_deaf": self._random.random() < 0.5}
        return {"task_data": data, "priority": priority, "max_retries": MANY_RETRIES}

    def _strike(self) -> None:
        mishaps: list[Mishap] = [self._kill, self._pause, self._terminate, self._cut, self._restart]
        mishap = self._random.choices(mishaps, weights=[3, 3, 2, 4, 1])[0]
        self.mishaps.append(mishap.__name__.strip("_"))
        mishap()

    def _kill(self) -> None:
        self._victim().send(signal.SIGKILL)

    def _terminate(self) -> None:
        self._victim().send(signal.SIGTERM)

    def _pause(self) -> None:
        victim = self._victim()
        victim.send(signal.SIGSTOP)
        self._paused[victim] = time.monotonic() + self._random.uniform(0.3, LONGEST_PAUSE)

    def _cut(self) -> None:
        """One connection of one worker: it may be anybody's, the handler's or the listener's."""
        with suppress(psycopg.Error):
            sessions = self._server.sql(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s AND backend_type ="
                " 'client backend' AND pid <> pg_backend_pid() ORDER BY pid",
                NAME,
            )
            for (pid,) in self._random.sample(sessions, min(1, len(sessions))):
                self._server.sql("SELECT pg_terminate_backend(%s)", pid)

    def _restart(self) -> None:
        self._server.restart(self._random.choice([signal.SIGINT, signal.SIGQUIT]))

    def _victim(self) -> WorkerProcess:
        return self._random.choice(self._workforce.workers)

    def _tidy_up(self, *, everybody: bool = False) -> None:
        """What a supervisor does: wake those whose time has come, replace the dead."""
        for worker, until in list(self._paused.items()):
            if everybody or time.monotonic() >= until:
                worker.send(signal.SIGCONT)
                del self._paused[worker]
        for worker in self._workforce.workers:
            if worker.has_ended():
                self._workforce.replace(worker)


def seed_from_environment() -> int:
    """STORM_SEED, or one that nobody has seen before."""
    return int(os.environ.get("STORM_SEED") or random.randrange(1_000_000))
