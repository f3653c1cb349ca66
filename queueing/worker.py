"""The worker: claims tasks, hands them to its crew, finishes them, and stops when told."""

import logging
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, SimpleQueue
from time import monotonic

import django.db
from django.db.models.functions import Now

from queueing.claiming import Claims
from queueing.configuration import Configuration
from queueing.crew import Crew
from queueing.database import primary
from queueing.exceptions import TaskLost
from queueing.hand import Hand
from queueing.heart import Heart
from queueing.hold import FOREVER
from queueing.listener import Listener
from queueing.models import Worker
from queueing.notifications import LOOK_AGAIN
from queueing.patience import Patience
from queueing.runner import context
from queueing.upkeep import Upkeep, park_twins

logger = logging.getLogger(__name__)

STUCK_AFTER = 3.0  # seconds that a thread may take to end once it was given up


@dataclass(frozen=True, kw_only=True)
class WorkerOptions:
    """How one worker runs; the options of the command run_queue_worker."""

    concurrency: int = 1
    poll_interval: timedelta = timedelta(seconds=2)
    grace_period: timedelta = timedelta(seconds=25)
    task_types: tuple[str, ...] = ()  # none: all
    burst: bool = False  # stop when nothing is ready
    max_tasks: int | None = None  # stop after so many


class QueueWorker:
    """One worker. Call `run` in one thread; `stop` from anywhere, a signal handler too.

    A turn of its loop sends at most one statement for all that has ended and all that can
    begin. Trouble with the database is mended in a later turn, and nothing that is in hand is
    forgotten meanwhile.
    """

    def __init__(self, options: WorkerOptions, settings: Configuration) -> None:
        self.row = Worker(
            host=socket.gethostname(),
            pid=os.getpid(),
            version=settings.worker_version,
            concurrency=options.concurrency,
        )
        self._options = options
        claims = Claims(self.row.pk, lease=settings.lease, task_types=options.task_types)
        self._hand = Hand(self.row.pk, claims)
        self._bell: SimpleQueue[bool] = SimpleQueue()
        self._crew = Crew(options.concurrency, self._ring)
        self._heart = Heart(self.row, lambda: self._hand.tasks, settings)
        self._listener = Listener(self.row.pk, self.wake)
        self._upkeep = Upkeep(self.row.pk, settings)
        self._patience = Patience("worker")
        self._claimed = 0
        self._is_line_empty = False
        self._is_uncertain = False  # whether the database may know more of us than we do
        self._look_at = self._look_again_at = self._upkeep_at = self._rest_until = 0.0
        self._stop_at = FOREVER
        self._is_stop_announced = False
        self._is_called = False

    def run(self) -> bool:
        """Work until told to stop, or done. Returns whether every handler has come to its end."""
        self._heart.start()
        self._listener.start()
        logger.info("Queue worker started", extra={"worker": str(self.row.pk), "at": str(self.row)})
        while not self._is_done:
            self._take_reports(until=self._idle_until)
            self._turn()
            self._announce_stop()
        return self._leave()

    def wake(self) -> None:
        """Look for new tasks now."""
        self._is_called = True
        self._ring()

    def _ring(self) -> None:
        self._bell.put(True)

    def stop(self) -> None:
        """Claim no more, and end when the grace period does; told again, end at once."""
        grace = 0.0 if self.is_stopping else self._options.grace_period.total_seconds()
        self._stop_at = monotonic() + grace
        self.wake()

    @property
    def is_stopping(self) -> bool:
        return self._stop_at < FOREVER

    @property
    def seconds_left(self) -> float:
        """Of the grace period, once told to stop."""
        return max(0.0, self._stop_at - monotonic())

    @property
    def is_worn(self) -> bool:
        """Whether a handler is stuck for good, so that only a new process gets rid of it."""
        return self._crew.is_stuck(after=STUCK_AFTER)

    @property
    def _is_done(self) -> bool:
        if self._hand.tasks:
            return monotonic() >= self._stop_at
        is_burst_over = self._options.burst and self._is_line_empty
        return self.is_stopping or self.is_worn or is_burst_over or self._claimed == self._most

    @property
    def _most(self) -> float:
        return FOREVER if self._options.max_tasks is None else self._options.max_tasks

    @property
    def _appetite(self) -> int:
        """How many tasks there is room for."""
        if self.is_stopping or self.is_worn:
            return 0
        free = self._options.concurrency - len(self._hand.running)
        return int(min(free, self._most - self._claimed))

    def _turn(self) -> None:
        if monotonic() < self._rest_until:
            return
        try:
            if self._is_uncertain:
                self._hand.make_certain()
                park_twins()
                self._is_uncertain = False
            self._end_overruns()
            self._keep_up()
            self._finish_and_claim()
            self._patience.reset()
        except django.db.Error as error:
            self._is_uncertain = True
            self._rest(error)

    def _end_overruns(self) -> None:
        for task in self._hand.running:
            if reason := task.hold.overrun:
                logger.warning("Task %s is given up: %s", task, reason, extra=context(task))
                task.hold.end(TaskLost(reason))
                with suppress(TaskLost):
                    task.retry_or_fail(reason)
                self._hand.let_go(task)
                self._crew.give_up(task)

    def _keep_up(self) -> None:
        if monotonic() >= self._upkeep_at:
            self._upkeep.run()
            self._upkeep_at = monotonic() + self._options.poll_interval.total_seconds()

    def _finish_and_claim(self) -> None:
        limit = self._appetite if monotonic() >= self._look_at else 0
        claimed = self._hand.finish_and_claim(limit)
        self._crew.start(claimed)
        self._claimed += len(claimed)
        if limit:
            self._is_line_empty = not claimed
            self._look_at = self._next_look()

    def _next_look(self) -> float:
        """Once more shortly after a notification, which may stand for several; else by polling."""
        now = monotonic()
        if self._look_again_at > now:
            return self._look_again_at
        return now + self._options.poll_interval.total_seconds()

    def _rest(self, error: django.db.Error) -> None:
        if not isinstance(error, django.db.IntegrityError):  # that is a twin in the line
            primary().close()
            self._rest_until = monotonic() + self._patience.next(error)

    @property
    def _idle_until(self) -> float:
        """When there is something to do even if nobody reports anything."""
        if self._rest_until > monotonic():
            return min(self._rest_until, self._stop_at)
        look_at = self._look_at if self._appetite else FOREVER
        times = look_at, self._upkeep_at, self._hand.limit_at, self._crew.hurry_at, self._stop_at
        return min(times)

    def _take_reports(self, *, until: float) -> None:
        """Wait until called, by a report or otherwise, then take all the reports that are there."""
        timeout = max(0.0, until - monotonic())
        self._crew.call()
        with suppress(Empty):
            self._bell.get(timeout=timeout)
            while True:
                self._bell.get_nowait()
        if monotonic() >= self._crew.hurry_at:
            self._crew.hurry()
        if self._is_called:
            self._is_called = False
            self._look_at = 0.0
            self._look_again_at = monotonic() + LOOK_AGAIN
        for report in self._crew.reports():
            self._look_at = 0.0
            self._hand.take(report)

    def _announce_stop(self) -> None:
        if self.is_stopping and not self._is_stop_announced:
            self._is_stop_announced = True
            left = self.seconds_left
            logger.info("Queue worker stops claiming; %.0f s for what is in hand", left)

    def _leave(self) -> bool:
        self._take_reports(until=0.0)
        try:
            self._hand.release_all()
            Worker.objects.filter(pk=self.row.pk).update(stopped_at=Now(), seen_at=Now())
        except django.db.Error as error:
            logger.warning("What is still in hand is left to the other workers: %s", error)
        self._heart.stop()
        self._listener.stop()
        have_ended = self._crew.dismiss(timeout=0.5)
        logger.info("Queue worker stopped", extra={"worker": str(self.row.pk)})
        return have_ended
