"""Whatever happens in whatever order, the queue does what its model says.

Hypothesis makes up orders of events. It does not shorten one that shows a difference, which takes
longer than a test may: raise the timeout and remove `phases` for that.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.db.models.functions import Now
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from queueing import RetryLater, TaskLost, enqueue
from queueing.claiming import Claims
from queueing.exceptions import TaskUnfinishedError
from queueing.models import ProcessingTask
from queueing.runner import Ended
from queueing.tally import keep
from queueing.upkeep import promote
from queueing.waiting import AFTER_TWIN
from tests.queueing.model import Expected, QueueModel

SUBJECT = UUID(int=1)
WAIT = 3600.0  # seconds
ENOUGH = settings(
    max_examples=20,
    stateful_step_count=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)

new_tasks = st.fixed_dictionaries(
    {
        "expert_id": st.sampled_from([SUBJECT, SUBJECT, None]),
        "priority": st.integers(0, 1),
        "max_retries": st.integers(0, 1),
        "delay": st.sampled_from([None, None, WAIT]),
        "task_data": st.dictionaries(st.sampled_from("ab"), st.integers(0, 9)),
    }
)
anyone = st.integers(0, 99)  # picks one of however many there are

# How an attempt may end, and whether the task has to wait afterwards.
ENDS: dict[str, tuple[bool, Callable[[ProcessingTask], None]]] = {
    "failed": (False, lambda task: task.fail("broken")),
    "retried": (True, lambda task: task.retry_or_fail("broken")),
    "postponed": (True, lambda task: task.postpone(RetryLater(WAIT))),
    "released": (False, lambda task: task.release("stopped")),
    "rescued": (False, lambda task: task.rescue("died")),
    "cancelled": (False, lambda task: task.cancelled()),
}


class QueueMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.model = QueueModel()
        self.claims = Claims(uuid4(), lease=timedelta(minutes=1))
        self.held: list[tuple[ProcessingTask, Expected]] = []
        self.lost: list[ProcessingTask] = []
        self.transaction = transaction.atomic()
        self.transaction.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize(options=new_tasks)
    def begin(self, options: dict[str, Any]) -> None:
        self.enqueue(options)

    @rule(options=new_tasks)
    def enqueue(self, options: dict[str, Any]) -> None:
        task = enqueue("only", **options)
        new = Expected(
            task.pk,
            subject=options["expert_id"],
            priority=options["priority"],
            max_retries=options["max_retries"],
            data=options["task_data"],
            waits_for="time" if options["delay"] else "",
            place=self.model.next_place(),
        )
        assert self.model.enqueue(new).pk == task.pk

    @precondition(lambda self: self.held)
    @rule(options=new_tasks, which=anyone)
    def enqueue_a_twin(self, options: dict[str, Any], which: int) -> None:
        """For what a worker has in hand at this moment."""
        _, expected = self.held[which % len(self.held)]
        self.enqueue({**options, "expert_id": expected.subject})

    @rule(which=anyone, outcome=st.sampled_from(["completed", *ENDS, "nothing"]))
    def end_and_claim(self, which: int, outcome: str) -> None:
        """Most often there is nothing to end yet: then this is a claim alone."""
        if self.held and outcome == "completed":
            self.finish_and_claim(which)
        else:
            if self.held and outcome != "nothing":
                self.end(which, outcome)
            self.take(self.claims.finish_and_claim([], 1)[1], self.model.claim())

    @precondition(lambda self: self.held)
    @rule(which=anyone)
    def finish(self, which: int) -> None:
        task, expected = self.let_go(which)
        assert self.claims.finish([Ended(task)]) == {task.pk}
        self.model.end(expected, "completed")

    @precondition(lambda self: self.held)
    @rule(which=anyone, outcome=st.sampled_from(list(ENDS)))
    def end(self, which: int, outcome: str) -> None:
        task, expected = self.let_go(which)
        waits, end = ENDS[outcome]
        end(ProcessingTask.objects.get(pk=task.pk))
        self.model.end(expected, outcome, waits=waits)

    @precondition(lambda self: self.lost)
    @rule(which=anyone, outcome=st.sampled_from(list(ENDS)))
    def end_what_is_no_longer_held(self, which: int, outcome: str) -> None:
        task = self.lost[which % len(self.lost)]
        stale = ProcessingTask(pk=task.pk, attempt=task.attempt)
        assert self.claims.finish([Ended(stale)]) == set()
        with pytest.raises(TaskLost):
            ENDS[outcome][1](stale)

    @precondition(lambda self: self.model.tasks)
    @rule(which=anyone)
    def cancel(self, which: int) -> None:
        task, expected = self.pick(which)
        assert task.cancel() == self.model.cancel(expected)

    @precondition(lambda self: self.model.tasks)
    @rule(which=anyone)
    def requeue(self, which: int) -> None:
        task, expected = self.pick(which)
        if expected.status in ("queued", "processing"):
            with pytest.raises(TaskUnfinishedError):
                task.requeue()
        else:
            task.requeue()
            self.model.queue_again(expected, retries=0)

    @rule()
    def let_time_pass(self) -> None:
        delayed = ProcessingTask.objects.queued().filter(available_at__lt=AFTER_TWIN)
        delayed.update(available_at=Now())
        promote(1000)
        self.model.let_time_pass()

    @rule(stretch=st.integers(1, 3))
    def look_at_the_tally(self, stretch: int) -> None:
        """What a worker does with a long line."""
        keep(many=1, stretch=stretch)

    @invariant()
    def they_agree(self) -> None:
        rows = {task.pk: task for task in ProcessingTask.objects.prefetch_related("attempts")}
        line = [task.pk for task in self.model.line()]
        assert ProcessingTask.objects.positions(list(rows)) == {
            pk: place for place, pk in enumerate(line, start=1)
        }
        assert [seen(rows[task.pk]) for task in self.model.tasks] == [
            told(task) for task in self.model.tasks
        ]

    # What the rules are made of

    def finish_and_claim(self, which: int) -> None:
        task, expected = self.let_go(which)
        following = self.model.claim()  # whom this end lets in comes too late for it
        ours, claimed = self.claims.finish_and_claim([Ended(task)], 1)
        assert ours == {task.pk}
        self.model.end(expected, "completed")
        self.take(claimed, following)

    def take(self, claimed: list[ProcessingTask], expected: Expected | None) -> None:
        assert [task.pk for task in claimed] == ([expected.pk] if expected else [])
        self.held += [(task, expected) for task in claimed if expected]

    def let_go(self, which: int) -> tuple[ProcessingTask, Expected]:
        task, expected = self.held.pop(which % len(self.held))
        self.lost.append(task)
        return task, expected

    def pick(self, which: int) -> tuple[ProcessingTask, Expected]:
        expected = self.model.tasks[which % len(self.model.tasks)]
        return ProcessingTask.objects.get(pk=expected.pk), expected


def seen(task: ProcessingTask) -> dict[str, Any]:
    """What the database says of a task."""
    attempts = sorted(task.attempts.all(), key=lambda attempt: attempt.number)
    assert [attempt.number for attempt in attempts] == list(range(1, len(attempts) + 1))
    return {
        "status": task.status,
        "waits_for": "twin" if task.waits_for_twin else "time" if task.available_at else "",
        "priority": task.priority,
        "data": task.task_data,
        "attempt": task.attempt,
        "retries": task.retry_count,
        "is_unwanted": task.status == "processing" and bool(task.cancel_requested_at),
        "history": [attempt.outcome for attempt in attempts],
    }


def told(task: Expected) -> dict[str, Any]:
    """The same of the model's."""
    names = ("status", "waits_for", "priority", "data", "attempt", "retries", "history")
    is_unwanted = task.status == "processing" and task.is_unwanted
    return {name: getattr(task, name) for name in names} | {"is_unwanted": is_unwanted}


@pytest.mark.django_db
def test_the_queue_does_what_its_model_says() -> None:
    run_state_machine_as_test(QueueMachine, settings=ENOUGH)
