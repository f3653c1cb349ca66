"""What is measured: the same for every rival, with the marks of its tasks as the only clock."""

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.rivals.marks import Mark, Marks
from bench.rivals.processes import Process, running
from bench.rivals.rival import Rival

READY_WITHIN = 30.0  # seconds for a worker to start and begin its first task
LOST_AFTER = 10.0  # seconds; a pick-up that takes longer counts as this long
SLOW = 600.0  # seconds that the task takes whose worker is killed


@dataclass(frozen=True)
class Bounds:
    """Of one turn; seconds and counts."""

    tasks: int = 2000
    drain: float = 6.0
    pick_ups: int = 60
    picking_up: float = 6.0
    rescue: float = 70.0


class Trials:
    def __init__(self, marks: Marks, logs: Path, bounds: Bounds) -> None:
        self._marks = marks
        self._logs = logs
        self._bounds = bounds

    def drain(self, rival: Rival, concurrency: int) -> float:
        """No-op tasks a second, from the start of the first until the queue says none is left."""
        self._clear(rival)
        rival.enqueue_many([f"task-{number}" for number in range(self._bounds.tasks)])
        with self._worker(rival, concurrency):
            began_at = self._first("task-", READY_WITHIN).at / 1e9
            self._begin_all(until=began_at + self._bounds.drain)
            while (left := rival.left()) and time.monotonic() < began_at + self._bounds.drain:
                time.sleep(0.01)
            return (self._bounds.tasks - left) / (time.monotonic() - began_at)

    def pick_ups(self, rival: Rival) -> Iterator[float]:
        """Milliseconds from a commit until an idle worker begins, out of step with its looks."""
        self._clear(rival)
        with self._worker(rival, 1):
            rival.enqueue("warm-up")
            self._first("warm-up", READY_WITHIN)
            give_up = time.monotonic() + self._bounds.picking_up
            for number in range(self._bounds.pick_ups):
                time.sleep(random.uniform(0.03, 0.09 + rival.looks_every))
                if time.monotonic() > give_up:
                    return
                enqueued_at = rival.enqueued_at(f"single-{number}.")
                mark = self._look_for(f"single-{number}.", LOST_AFTER)
                yield (mark.at - enqueued_at) / 1e6 if mark else LOST_AFTER * 1000

    def rescues(
        self, rivals: Sequence[Rival], *, is_another_alive: bool
    ) -> dict[str, float | None]:
        """Seconds from kill -9 of a worker until its task begins again; of all rivals at once.

        None: not in time. Either a second worker lives, or one is started as soon as the first
        is dead.
        """
        with ExitStack() as stack:
            victims = [self._victim(rival, stack) for rival in rivals]
            if is_another_alive:
                for rival in rivals:
                    self._wait_for(rival, stack.enter_context(self._worker(rival, 1)))
            killed_at: dict[str, int] = {}
            for rival, victim in zip(rivals, victims, strict=True):
                victim.kill()
                killed_at[rival.key] = time.monotonic_ns()
                if not is_another_alive:
                    stack.enter_context(self._worker(rival, 1))
            back = {mark.key: mark.at for mark in self._until_all_are_back(killed_at)}
        return {key: seconds(at, back.get(key)) for key, at in killed_at.items()}

    def _victim(self, rival: Rival, stack: ExitStack) -> Process:
        """A worker in the middle of a long task."""
        self._clear(rival)
        victim = stack.enter_context(self._worker(rival, 1))
        rival.enqueue(rival.key, SLOW)
        self._first(rival.key, READY_WITHIN)
        return victim

    def _wait_for(self, rival: Rival, other: Process) -> None:
        """Until this worker has run something: since then it is really there."""
        give_up = time.monotonic() + READY_WITHIN
        while time.monotonic() < give_up:
            rival.enqueue("are-you-there")
            if any(other.runs(mark.pid) for mark in self._marks.until(time.monotonic() + 1)):
                return
        raise TimeoutError(f"The second worker of {rival.name} did nothing.")

    def _until_all_are_back(self, keys: dict[str, int]) -> Iterator[Mark]:
        missing = set(keys)
        for mark in self._marks.until(time.monotonic() + self._bounds.rescue):
            if mark.key in missing:
                missing.remove(mark.key)
                yield mark
            if not missing:
                return

    def _begin_all(self, *, until: float) -> None:
        begun = 1
        for _ in self._marks.until(until):
            begun += 1
            if begun == self._bounds.tasks:
                return

    def _first(self, key: str, seconds: float) -> Mark:
        if mark := self._look_for(key, seconds):
            return mark
        raise TimeoutError(f"{key} did not begin in time; {self._logs} may say why.")

    def _look_for(self, key: str, seconds: float) -> Mark | None:
        marks = self._marks.until(time.monotonic() + seconds)
        return next((mark for mark in marks if mark.key.startswith(key)), None)

    def _clear(self, rival: Rival) -> None:
        rival.clear()
        self._marks.forget()

    def _worker(self, rival: Rival, concurrency: int) -> AbstractContextManager[Process]:
        return running(rival.worker(concurrency), self._logs / f"{rival.key}.log")


def seconds(since: int, until: int | None) -> float | None:
    return None if until is None else (until - since) / 1e9
