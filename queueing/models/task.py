"""The life of a task: every way from one status to another, save the claim and the completion.

Those two are the hot path, many rows in one statement: queueing/claiming.py.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, InterfaceError, OperationalError
from django.db.models import Max
from django.db.models.functions import Now

from queueing.configuration import configuration
from queueing.database import alias, atomic
from queueing.exceptions import RetryLater, TaskLost, TaskUnfinishedError
from queueing.fairness import turn_of
from queueing.handlers import handlers
from queueing.models.held import HeldTask
from queueing.models.querysets import ProcessingTaskQuerySet
from queueing.models.record import Outcome
from queueing.notifications import wake_workers
from queueing.texts import legible, legible_traceback
from queueing.waiting import AFTER_TWIN, full_jitter

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from queueing.models.attempt import TaskAttempt

logger = logging.getLogger(__name__)

OUTAGE = "The database went away; the task runs again."
MOST_OUTAGES = 10  # some twenty minutes of them, with the waits of the default settings


class ProcessingTask(HeldTask):
    """One unit of background work.

    Every transition locks the row, checks that it still is where the transition starts, and
    commits with its history and its handler's `on_transition`. The loser of a race waits for
    the lock, finds the row elsewhere, and changes nothing.
    """

    attempts: "RelatedManager[TaskAttempt]"
    objects = ProcessingTaskQuerySet.as_manager()

    class Meta(HeldTask.Meta):
        abstract = False
        db_table = "processing_queue"
        verbose_name = "task"

    # Facts

    @property
    def waits_for_twin(self) -> bool:
        """Out of the line until the task of the same subject that is processed now has ended."""
        return self.available_at == AFTER_TWIN

    @property
    def retries_at(self) -> datetime | None:
        """When a delayed task enters the line."""
        return None if self.waits_for_twin else self.available_at

    @cached_property
    def queue_position(self) -> int | None:
        """How many stand before it, plus one, when this was first asked; None out of the line."""
        return ProcessingTask.objects.positions([self.pk]).get(self.pk)

    # How an attempt ends, other than by completion. All raise TaskLost when it is not ours.

    def fail(self, error: str, *, traceback: str = "") -> None:
        self._leave(Outcome.FAILED, self.Status.FAILED, error=error, traceback=traceback)

    def retry_or_fail(self, error: str, *, traceback: str = "") -> None:
        """Try again after a while, unless its retries are used up."""
        spent = {"traceback": traceback, "wait": _backoff(self.retry_count)}
        self._spend_retry(Outcome.RETRIED, Outcome.FAILED, error, **spent)

    def postpone(self, later: RetryLater) -> None:
        """Try again when the handler said."""
        if later.counted:
            self._spend_retry(Outcome.RETRIED, Outcome.FAILED, str(later), wait=later.delay)
        else:
            self._leave(Outcome.POSTPONED, self.Status.QUEUED, error=str(later), wait=later.delay)

    def release(self, reason: str) -> None:
        """Back to the queue through no fault of its own: no retry is spent."""
        self._leave(Outcome.RELEASED, self.Status.QUEUED, error=reason)

    def release_from_outage(self, error: str, *, traceback: str = "") -> None:
        """Release it because the database went away under its handler; at once the first time.

        A disk may stay full for a while, so it waits longer each time. After MOST_OUTAGES it
        spends its retries: its own statements may be what brings the server down.
        """
        outages = self.attempts.filter(outcome=Outcome.RELEASED, error=OUTAGE).count()
        if outages < MOST_OUTAGES:
            wait = _backoff(outages) if outages else None
            queued = self.Status.QUEUED
            self._leave(Outcome.RELEASED, queued, error=OUTAGE, traceback=traceback, wait=wait)
        else:
            self.retry_or_fail(error, traceback=traceback)

    def rescue(self, reason: str) -> None:
        """Take it from a dead worker. A task that kills its workers ends as failed.

        Raises TaskLost, too, when the lease has been renewed since this row was read.
        """
        lease = self.lease_expires_at
        self._spend_retry(Outcome.RESCUED, Outcome.RESCUED, reason, lease_expires_at=lease)

    def cancelled(self) -> None:
        self._leave(Outcome.CANCELLED, self.Status.CANCELLED)

    # What people do

    def cancel(self) -> bool:
        """Cancel at once if it waits, at its next checkpoint if it runs; False if it has ended."""
        with atomic():
            if not self._lock(status__in=[self.Status.QUEUED, self.Status.PROCESSING]):
                return False
            if self.status == self.Status.PROCESSING:
                self._write(cancel_requested_at=Now())
            else:
                self._finish(self.Status.CANCELLED)
                self._announce()
            return True

    def requeue(self) -> "ProcessingTask":
        """Run a finished task again, with all its retries.

        Returns the task that now waits: this one, or the twin that waited already and has
        taken its data over. Raises TaskUnfinishedError.
        """
        with atomic():
            if not self._lock(status__in=self.FINISHED):
                raise TaskUnfinishedError(f"Task {self} is {self.status}: it has not ended yet.")
            waiting = self._enter_line(retry_count=0, error_message="")
            waiting._announce()
            return waiting

    def run_next(self) -> bool:
        """Put it before all others that wait; False if it does not wait."""
        with atomic():
            if not self._lock(status=self.Status.QUEUED):
                return False
            highest = ProcessingTask.objects.ready().aggregate(top=Max("priority"))["top"]
            due = self.available_at if self.available_at == AFTER_TWIN else None
            self._write(priority=max(highest or 0, self.priority) + 1, available_at=due)
            wake_workers()
            return True

    # The guard that every end of an attempt passes through

    def _leave(
        self,
        outcome: Outcome,
        status: str,
        *,
        error: str = "",
        traceback: str = "",
        wait: timedelta | None = None,
        retries: int = 0,
        **held: Any,
    ) -> None:
        """End the attempt, with all that hangs on it, if it still is the one in hand (`held`)."""
        with atomic():
            if not self._lock(status=self.Status.PROCESSING, attempt=self.attempt, **held):
                raise TaskLost(f"Task {self} is no longer held under attempt {self.attempt}.")
            error = legible(error)
            self._record(outcome, error, legible_traceback(traceback))
            if self.cancel_requested_at:
                status = self.Status.CANCELLED
            task = self
            if status == self.Status.QUEUED:
                tries = self.retry_count + retries
                task = self._enter_line(wait=wait, error_message=error, retry_count=tries)
            else:
                wait = None  # that would have been this task's: its twin need not
                self._finish(status, error_message=error)
            self._let_twin_in(wait)
            task._announce()

    def _spend_retry(self, again: Outcome, last: Outcome, error: str, **details: Any) -> None:
        """Queue it with the outcome `again` while it has retries, fail it with `last` after."""
        if self.retry_count < self.max_retries:
            self._leave(again, self.Status.QUEUED, error=error, retries=1, **details)
        else:
            self._leave(last, self.Status.FAILED, error=error, **details)

    def _lock(self, **state: Any) -> bool:
        """Lock the row and read it anew; False if it is no longer in this state."""
        try:
            rows = ProcessingTask.objects.select_for_update().filter(**state)
            self.refresh_from_db(from_queryset=rows)
        except ProcessingTask.DoesNotExist:
            return False
        return True

    def _record(self, outcome: Outcome, error: str, traceback: str) -> None:
        self.attempts.create(
            number=self.attempt,
            worker_id=self.worker_id,
            started_at=self.started_at or Now(),
            ended_at=Now(),
            outcome=outcome,
            error=error,
            traceback=traceback,
        )

    def _finish(self, status: str, **changes: Any) -> None:
        self._write(
            status=status, completed_at=Now(), available_at=None, lease_expires_at=None, **changes
        )

    def _enter_line(self, *, wait: timedelta | None = None, **changes: Any) -> "ProcessingTask":
        """Queue this task, or merge it into its waiting twin. Returns the one that waits."""
        for _ in range(3):  # a twin may come or go between these statements
            with suppress(IntegrityError), atomic():
                self._write(
                    status=self.Status.QUEUED,
                    queued_at=Now(),
                    turn=turn_of(self),
                    available_at=self._due(wait),
                    worker_id=None,
                    lease_expires_at=None,
                    cancel_requested_at=None,
                    started_at=None,
                    completed_at=None,
                    result=None,
                    **changes,
                )
                return self
            if twin := self._waiting_twin():
                twin._absorb(self)
                return twin
        raise OperationalError(f"The twins of task {self} come and go.")

    # Twins: exclusive tasks of one type about one expert

    def _waiting_twin(self) -> "ProcessingTask | None":
        twins = ProcessingTask.objects.queued().subject_of(self).exclude(pk=self.pk)
        return twins.select_for_update().first()

    def _absorb(self, other: "ProcessingTask") -> None:
        """Do the work of `other` too. Where both say something, this one, the newer, is right."""
        self._write(
            task_data={**other.task_data, **self.task_data},
            priority=max(self.priority, other.priority),
            weight=max(self.weight, other.weight),
        )
        other._finish(self.Status.CANCELLED, result={"merged_into": str(self.pk)})
        other._announce()

    def _let_twin_in(self, wait: timedelta | None) -> None:
        """Bring the twin that waited for this attempt's end into the line, after `wait` if any."""
        if self.exclusive:
            twins = ProcessingTask.objects.queued().subject_of(self)
            due = Now() + wait if wait else None
            twins.filter(available_at=AFTER_TWIN).update(available_at=due, updated_at=Now())

    def _due(self, wait: timedelta | None) -> Any:
        """When it may run: None is now, for only then does it stand in the line."""
        twins = ProcessingTask.objects.processing().subject_of(self).exclude(pk=self.pk)
        if self.exclusive and twins.exists():
            return AFTER_TWIN
        return Now() + wait if wait else None

    # Plumbing

    def _write(self, **changes: Any) -> None:
        ProcessingTask.objects.filter(pk=self.pk).update(updated_at=Now(), **changes)
        self.refresh_from_db(using=alias())

    def _announce(self) -> None:
        """Tell the handler's module, in this transaction, and idle workers after it.

        An error of the module's undoes what it wrote itself: it must not keep a task from
        reaching its outcome.
        """
        handler = handlers.get(self.task_type)
        if handler and handler.on_transition:
            try:
                with atomic():
                    handler.on_transition(self)
            except (OperationalError, InterfaceError):
                raise
            except Exception:
                logger.exception("on_transition of %r failed for task %s", self.task_type, self)
        wake_workers()


def _backoff(tries: int) -> timedelta:
    settings = configuration()
    return full_jitter(tries, base=settings.retry_base, cap=settings.retry_cap)
