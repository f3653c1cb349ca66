"""The worker: claims tasks, hands them to its crew, finishes them, and stops when told."""

import logging
import os
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, SimpleQueue
from time import monotonic

import django.db
from django.db.models.functions import Now

from queueing.bookmark import Bookmark
from queueing.claiming import Claims
from queueing.configuration import Configuration
from queueing.crew import Crew
from queueing.database import Session, primary
from queueing.exceptions import TaskLost
from queueing.hand import Hand, Heard
from queueing.heart import Heart
from queueing.hold import FOREVER
from queueing.listener import Listener
from queueing.lookout import Lookout
from queueing.models import Worker
from queueing.patience import Patience
from queueing.runner import context
from queueing.upkeep import Upkeep, park_twins

logger = logging.getLogger(__name__)

STUCK_AFTER = 3.0  # seconds that a thread may take to end once it was given up
HEAR_WITHIN = 0.02  # seconds that the thread which asked has to hear the answer
LONGEST_SLEEP = 1.0  # seconds; the crew may have begun what has a limit


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

    A turn sends at most one statement for all that has ended and all that can begin. Whoever
    holds the lead takes it: the thread whose handler has just returned, which then runs what it
    has claimed, or the main thread, which watches over limits, upkeep and the end. Both speak
    over the main thread's session, so that no handler can disturb it. Trouble with the database
    is mended by the main thread, and nothing that is in hand is forgotten meanwhile.

    Where a thread runs quick tasks one after the other, it asks when it is half through, runs the
    other half while the database works, and hears the answer then.
    """

    def __init__(self, options: WorkerOptions, settings: Configuration) -> None:
        self.row = Worker(
            host=socket.gethostname(),
            pid=os.getpid(),
            version=settings.worker_version,
            concurrency=options.concurrency,
        )
        self._options = options
        claims = Claims(
            self.row.pk,
            lease=settings.lease,
            task_types=options.task_types,
            session=lambda: self._session,
            bookmark=Bookmark(),
        )
        self._hand = Hand(self.row.pk, claims)
        self._lead = threading.Lock()
        self._is_main_leading = False
        self._bell: SimpleQueue[bool] = SimpleQueue()
        self._is_main_wanted = False
        self._wakes_at = FOREVER  # the main thread, if nothing rings
        self._crew = Crew(options.concurrency, self._advance)
        self._heart = Heart(self.row, lambda: self._hand.tasks, settings)
        self._listener = Listener(self.row.pk, self.wake)
        self._upkeep = Upkeep(self.row.pk, settings)
        self._patience = Patience("worker")
        self._claimed = 0
        self._is_line_empty = False
        self._is_uncertain = False  # whether the database may know more of us than we do
        self._lookout = Lookout(options.poll_interval)
        self._upkeep_at = self._rest_until = 0.0
        self._stop_at = FOREVER
        self._is_stop_announced = False
        self._has_left = False

    def run(self) -> bool:
        """Work until told to stop, or done. Returns whether every handler has come to its end."""
        self._session = Session(primary())
        self._session.connection.inc_thread_sharing()
        self._heart.start()
        self._listener.start()
        logger.info("Queue worker started", extra={"worker": str(self.row.pk), "at": str(self.row)})
        try:
            is_done = False
            while not is_done:
                self._sleep()
                self._is_main_leading, self._is_main_wanted = True, False
                with self._lead:
                    self._turn()
                    is_done = self._is_done  # what others hear comes into the hand in two steps
                self._is_main_leading = False
                self._announce_stop()
        finally:  # an error that nobody expected ends the worker, and nothing stays in its hand
            have_ended = self._leave()
        return have_ended

    def wake(self) -> None:
        """Look for new tasks now."""
        self._lookout.call()
        self._call_main()

    def _call_main(self) -> None:
        """Let the main thread take a turn."""
        self._is_main_wanted = True
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

    def _appetite(self, coming: int = 0) -> int:
        """How many tasks there is room for beside those in hand and those that are coming."""
        if self.is_stopping or self.is_worn:
            return 0
        free = self._options.concurrency - len(self._hand.running) - coming
        return int(min(free, self._most - self._claimed))

    def _turn(self) -> None:
        """The main thread's."""
        if monotonic() < self._rest_until:
            return
        try:
            if self._hear(asking=False):
                self._crew.call()
            self._take_reports()
            if self._is_uncertain:
                self._hand.make_certain()
                park_twins()
                self._is_uncertain = False
            self._end_overruns()
            self._keep_up()
            if self._exchange():
                self._crew.call()
            self._patience.reset()
        except django.db.Error as error:
            self._is_uncertain = True
            self._rest(error)

    def _advance(self) -> None:
        """In a thread of the crew, whose handler has just returned.

        If somebody else has the lead, they see its report when they are through.
        """
        while self._is_turn_due and self._lead.acquire(blocking=self._is_main_leading):
            try:
                if self._has_left:
                    return
                self._lead_on()
            finally:
                self._lead.release()

    @property
    def _is_turn_due(self) -> bool:
        """Whether something has ended, or was answered, that no thread will soon take care of."""
        if self._is_uncertain:
            return False
        if self._crew.is_gathering:
            return self._crew.is_half_through and not self._hand.is_asking
        return self._crew.has_reports or self._hand.is_asking

    def _lead_on(self) -> None:
        """The turn of a thread of the crew."""
        try:
            goes_on = self._exchange() or self._hand.is_asking
        except Exception as error:  # the main thread sees to it; this one has to go on
            if not isinstance(error, django.db.Error):
                logger.exception("A turn of the worker failed")
            self._is_uncertain, goes_on = True, False
        if not goes_on:
            self._call_main()
        elif self._crew.hurry_at < self._wakes_at:
            self._bell.put(True)

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
            self._upkeep.run(claimed=self._claimed)
            self._upkeep_at = monotonic() + self._options.poll_interval.total_seconds()

    def _exchange(self) -> bool:
        """Hear what was asked, and ask anew if there is any need. Returns whether tasks came.

        The new answer is waited for, unless a thread runs what was started together: it comes
        back to hear it.
        """
        have_come = self._hear(asking=True)
        while self._hand.is_asking and not self._crew.is_gathering:
            have_come |= self._hear(asking=True)
        return have_come

    def _hear(self, *, asking: bool) -> bool:
        """Hear the answer, if anything was asked, and start what comes with it.

        asking: ask anew before that, if there is any need. Returns whether tasks came.
        """
        heard = self._hand.hear()
        coming = self._count(heard) if heard else 0
        try:
            if asking:
                self._take_reports()
                self._hand.ask(self._appetite(coming) if self._lookout.is_due() else 0)
        finally:
            if heard and (claimed := self._hand.accept(heard)):
                self._crew.start(claimed)
        return coming > 0

    def _count(self, heard: Heard) -> int:
        """How many tasks come, noted wherever it matters."""
        coming = len(heard.answer.rows)
        if heard.question.limit:
            self._claimed += coming
            self._is_line_empty = not coming
            self._lookout.looked(in_vain=0.0 if coming else heard.answer.seconds)
        return coming

    def _rest(self, error: django.db.Error) -> None:
        if not isinstance(error, django.db.IntegrityError):  # that is a twin in the line
            primary().close()
        self._rest_until = monotonic() + self._patience.next(error)

    def _sleep(self) -> None:
        """Until it is the main thread's turn; the crew is hurried in time meanwhile."""
        turn_at = self._next_turn
        while not self._is_main_wanted and monotonic() < min(turn_at, self._hear_at):
            self._wakes_at = FOREVER  # the crew rings when it must be hurried sooner
            self._wakes_at = min(turn_at, self._hear_at, self._crew.hurry_at)
            with suppress(Empty):
                self._bell.get(timeout=max(0.0, self._wakes_at - monotonic()))
                while True:
                    self._bell.get_nowait()
            if monotonic() >= self._crew.hurry_at:
                self._crew.hurry()

    @property
    def _hear_at(self) -> float:
        """When the main thread hears an answer itself: whoever asked has met a slow task."""
        return self._hand.asked_at + HEAR_WITHIN

    @property
    def _next_turn(self) -> float:
        """When the main thread has something to do even if nobody calls it."""
        if self._rest_until > monotonic():
            return min(self._rest_until, self._stop_at)
        if self._is_uncertain or (self._is_turn_due and not self._lead.locked()):
            return 0.0
        look_at = self._lookout.at if self._appetite() else FOREVER
        times = look_at, self._upkeep_at, self._hand.limit_at, self._stop_at
        return min(*times, monotonic() + LONGEST_SLEEP)

    def _take_reports(self) -> None:
        for report in self._crew.reports():
            self._lookout.look_now()
            self._hand.take(report)

    def _announce_stop(self) -> None:
        if self.is_stopping and not self._is_stop_announced:
            self._is_stop_announced = True
            left = self.seconds_left
            logger.info("Queue worker stops claiming; %.0f s for what is in hand", left)

    def _leave(self) -> bool:
        with self._lead:
            self._has_left = True  # nobody else speaks over this session any more
            self._crew.hold_back()
            self._take_reports()
            self._put_back()
        self._heart.stop()
        self._listener.stop()
        have_ended = self._crew.dismiss(timeout=0.5)
        logger.info("Queue worker stopped", extra={"worker": str(self.row.pk)})
        return have_ended

    def _put_back(self) -> None:
        for is_last_try in (False, True):  # the session may have been cut since its last use
            try:
                self._hand.release_all()
                Worker.objects.filter(pk=self.row.pk).update(stopped_at=Now(), seen_at=Now())
                return
            except django.db.Error as error:
                primary().close()
                if is_last_try:
                    logger.warning("What is still in hand is left to the other workers: %s", error)
