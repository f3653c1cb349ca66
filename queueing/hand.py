"""What one worker holds, each task from its claim to its end."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from time import monotonic
from typing import NamedTuple
from uuid import UUID

import django.db

from queueing.claiming import Answer, Claims
from queueing.exceptions import TaskLost, WorkerStopping
from queueing.hold import FOREVER
from queueing.models import ProcessingTask
from queueing.runner import Ended, Settled, context

logger = logging.getLogger(__name__)

UNKNOWN = "The worker never learnt of its claim; the task waits again."
STOPPED = "The worker was stopped; the task waits to be run again."


class Question(NamedTuple):
    """What the database was asked: to complete these, and for so many more."""

    ended: list[Ended]
    limit: int
    asked_at: float  # monotonic()


class Heard(NamedTuple):
    """A question with its answer."""

    question: Question
    answer: Answer


class Hand:
    """Changed by the thread that has the worker's lead only; its lists may be read by all.

    A task whose handler has returned stays in hand, and under its lease, until the database
    has confirmed its end.
    """

    def __init__(self, worker_id: UUID, claims: Claims) -> None:
        self._worker_id = worker_id
        self._claims = claims
        self._tasks: dict[UUID, ProcessingTask] = {}
        self._ended: dict[UUID, Ended] = {}
        self._asked: Question | None = None

    @property
    def tasks(self) -> list[ProcessingTask]:
        return list(self._tasks.values())

    @property
    def running(self) -> list[ProcessingTask]:
        """Those whose handlers are still at work."""
        return [task for task in self.tasks if task.pk not in self._ended]

    @property
    def limit_at(self) -> float:
        """When the first of the running handlers will have taken too long."""
        return min((task.hold.limit_at for task in self.running), default=FOREVER)

    def take(self, report: Ended | Settled) -> None:
        """Note what became of a task, unless it was let go before."""
        pk = report.task.pk
        if self._tasks.get(pk) is report.task:
            if isinstance(report, Ended):
                self._ended[pk] = report
            else:
                del self._tasks[pk]

    @property
    def is_asking(self) -> bool:
        """Whether the database was asked something that nobody has heard the answer to."""
        return self.asked_at < FOREVER

    @property
    def asked_at(self) -> float:
        """When that was, by `monotonic()`; FOREVER if it was nothing."""
        question = self._asked
        return question.asked_at if question else FOREVER

    def ask(self, limit: int) -> None:
        """Ask for the completion of what has ended and for at most `limit` more tasks.

        Nothing is asked where there is nothing to ask. Raises django.db.Error.
        """
        ended, asked_at = list(self._ended.values()), monotonic()
        if ended or limit:
            self._claims.ask(ended, limit)
            self._asked = Question(ended, limit, asked_at)

    def hear(self) -> Heard | None:
        """Wait for the answer, if something was asked. Raises django.db.Error.

        What was claimed comes into the hand by `accept`, after the next question: the database
        works at that meanwhile.
        """
        question, self._asked = self._asked, None
        if not question:
            return None
        answer = self._claims.answer()
        for each in question.ended:
            del self._tasks[each.task.pk], self._ended[each.task.pk]
        return Heard(question, answer)

    def accept(self, heard: Heard) -> list[ProcessingTask]:
        """Take what was claimed into the hand, in claim order, and tell what has ended."""
        claimed = heard.answer.tasks()
        for task in claimed:
            task.hold.renewed(heard.question.asked_at)
            self._tasks[task.pk] = task
        for each in heard.question.ended:
            _tell_end(each.task, was_ours=each.task.pk in heard.answer.ours)
        return claimed

    def let_go(self, task: ProcessingTask) -> None:
        self._tasks.pop(task.pk, None)

    def make_certain(self) -> None:
        """After trouble with the database: agree with it about what is ours.

        An answer that got lost leaves two questions. Was the task completed? Then its row says
        so under this very attempt. Was one claimed? Then it is in our name, though we do not
        hold it, and is released. Nothing may be asked meanwhile. Raises django.db.Error.
        """
        for ended in list(self._ended.values()):
            self._finish_alone(ended)
        in_our_name = ProcessingTask.objects.processing().filter(worker_id=self._worker_id)
        release(in_our_name.exclude(pk__in=self._tasks), UNKNOWN)

    def release_all(self) -> None:
        """Put everything back, whether the handlers have noticed or not. Raises django.db.Error."""
        if heard := self.hear():
            self.accept(heard)
        for task in self.running:
            task.hold.end(WorkerStopping(STOPPED))
        self.make_certain()
        release(self.running, STOPPED)

    def _finish_alone(self, ended: Ended) -> None:
        task = ended.task
        try:
            was_ours = bool(self._claims.finish([ended])) or self._claims.was_completed(task)
        except (django.db.DataError, django.db.ProgrammingError) as error:
            task.fail(f"Its result could not be stored: {error}")
            was_ours = False
        del self._tasks[task.pk], self._ended[task.pk]
        _tell_end(task, was_ours=was_ours)


def _tell_end(task: ProcessingTask, *, was_ours: bool) -> None:
    if was_ours:
        spent = monotonic() - task.hold.began_at
        logger.info("Task %s completed in %.2f s", task, spent, extra=context(task))
    else:
        logger.warning("Task %s was lost before it ended", task, extra=context(task))


def release(tasks: Iterable[ProcessingTask], reason: str) -> None:
    """Put these back into the queue; those that somebody else has ended stay as they are."""
    for task in tasks:
        held = context(task)  # afterwards it is in nobody's hand
        with suppress(TaskLost):
            task.release(reason)
            logger.info("Task %s released: %s", task, reason, extra=held)
