"""Two connections, one row: the loser waits for the winner and then does nothing."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from queueing import TaskLost, enqueue, enqueue_many
from queueing.claiming import Claims
from queueing.exceptions import TaskUnfinishedError
from queueing.models import ProcessingTask
from queueing.runner import Ended
from queueing.upkeep import prune
from tests.queueing.conftest import eventually

pytestmark = pytest.mark.django_db(transaction=True)

Elsewhere = Callable[..., "Future[Any]"]

CLAIMS = Claims(uuid4(), lease=timedelta(minutes=1))


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """Runs a call in another thread, over another connection."""

    def call(function: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return function(*arguments)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        yield lambda function, *arguments: threads.submit(call, function, *arguments)


def claimed() -> ProcessingTask:
    [task] = CLAIMS.finish_and_claim([], 1)[1]
    return task


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction looks only once
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        [(waiting,)] = cursor.fetchall()
    return bool(waiting)


def claimed_twice_over() -> tuple[ProcessingTask, ProcessingTask]:
    """One claimed task, as two that believe to hold it see it."""
    enqueue("echo")
    task = claimed()
    return task, ProcessingTask.objects.get(pk=task.pk)


def fenced(end: Callable[[ProcessingTask], None]) -> Callable[[ProcessingTask], str]:
    """`end`, telling whether it found the task still held."""

    def attempt(task: ProcessingTask) -> str:
        try:
            end(task)
        except TaskLost:
            return "lost"
        return "done"

    return attempt


ENDS: dict[str, Callable[[ProcessingTask], str]] = {
    "complete": lambda task: "done" if CLAIMS.finish([Ended(task)]) else "lost",
    "fail": fenced(lambda task: task.fail("broken")),
    "retry": fenced(lambda task: task.retry_or_fail("broken")),
    "release": fenced(lambda task: task.release("stopped")),
    "rescue": fenced(lambda task: task.rescue("died")),
    "cancelled": fenced(lambda task: task.cancelled()),
}


def test_two_ends_of_one_attempt_have_one_winner(elsewhere: Elsewhere) -> None:
    for winner, loser in product(ENDS, ENDS):
        task, same = claimed_twice_over()
        with transaction.atomic():
            assert ENDS[winner](task) == "done"
            second = elsewhere(ENDS[loser], same)
            eventually(somebody_waits_for_a_lock)
        assert (second.result(), loser, winner) == ("lost", loser, winner)
        assert task.attempts.count() == 1
        ProcessingTask.objects.all().delete()


def cancelled_elsewhere(task: ProcessingTask) -> bool:
    return ProcessingTask.objects.get(pk=task.pk).cancel()


def test_a_wish_to_cancel_comes_too_late_for_what_is_just_ending(elsewhere: Elsewhere) -> None:
    for end in ENDS:
        task, _ = claimed_twice_over()
        with transaction.atomic():
            ENDS[end](task)
            cancelling = elsewhere(cancelled_elsewhere, task)
            eventually(somebody_waits_for_a_lock)
        task.refresh_from_db()
        comes_back = end in ("retry", "release", "rescue")  # then it waits, and is cancelled
        assert (cancelling.result(), end) == (comes_back, end)
        assert task.attempts.count() == 1
        ProcessingTask.objects.all().delete()


def test_an_end_waits_for_a_wish_to_cancel_and_fulfils_it(elsewhere: Elsewhere) -> None:
    for end in ENDS:
        task, same = claimed_twice_over()
        with transaction.atomic():
            assert cancelled_elsewhere(task)
            ending = elsewhere(ENDS[end], same)
            eventually(somebody_waits_for_a_lock)
        assert (ending.result(), end) == ("done", end)
        task.refresh_from_db()
        assert task.status == ("completed" if end == "complete" else "cancelled"), end
        ProcessingTask.objects.all().delete()


def test_cancelling_what_is_just_being_requeued_finds_it_ended(elsewhere: Elsewhere) -> None:
    task = enqueue("echo")
    task.cancel()
    with transaction.atomic():
        task.requeue()
        assert elsewhere(cancelled_elsewhere, task).result() is False
    task.refresh_from_db()
    assert task.status == "queued"


def test_cancelling_what_is_just_being_cancelled_is_too_late(elsewhere: Elsewhere) -> None:
    task = enqueue("echo")
    with transaction.atomic():
        assert task.cancel()
        second = elsewhere(lambda: ProcessingTask.objects.get(pk=task.pk).cancel())
        eventually(somebody_waits_for_a_lock)
    assert second.result() is False


def requeued_elsewhere(task: ProcessingTask) -> str:
    try:
        ProcessingTask.objects.get(pk=task.pk).requeue()
    except TaskUnfinishedError:
        return "refused"
    return "requeued"


def test_requeueing_what_is_just_being_requeued_is_refused(elsewhere: Elsewhere) -> None:
    task = enqueue("echo")
    task.cancel()
    with transaction.atomic():
        task.requeue()
        second = elsewhere(requeued_elsewhere, task)
        eventually(somebody_waits_for_a_lock)
    assert second.result() == "refused"


def test_what_is_just_being_requeued_is_not_pruned(elsewhere: Elsewhere) -> None:
    task = enqueue("echo")
    task.cancel()
    with transaction.atomic():
        task.requeue()
        pruning = elsewhere(lambda: prune(timedelta(0), batch=10))
        eventually(lambda: pruning.done() or somebody_waits_for_a_lock())
    assert pruning.result() == 0
    assert ProcessingTask.objects.ready().get() == task


def test_requeueing_what_is_just_being_pruned_is_refused(elsewhere: Elsewhere) -> None:
    task = enqueue("echo")
    task.cancel()
    with transaction.atomic():
        assert prune(timedelta(0), batch=10) == 1
        second = elsewhere(requeued_elsewhere, task)
        eventually(somebody_waits_for_a_lock)
    assert second.result() == "refused"
    assert not ProcessingTask.objects.exists()


def test_a_claim_passes_by_what_another_is_claiming(elsewhere: Elsewhere) -> None:
    first, second = enqueue("echo"), enqueue("echo")
    with transaction.atomic():
        assert claimed() == first
        assert elsewhere(claimed).result() == second


def test_no_task_is_claimed_twice_by_many_at_once(elsewhere: Elsewhere) -> None:
    tasks = enqueue_many("echo", [{}] * 120)

    def take_all() -> list[Any]:
        claims, taken = Claims(uuid4(), lease=timedelta(minutes=1)), []
        while batch := claims.finish_and_claim([], 3)[1]:
            taken += [task.pk for task in batch]
        return taken

    takers = [elsewhere(take_all) for _ in range(4)]
    taken = [pk for taker in takers for pk in taker.result()]
    assert sorted(taken) == sorted(task.pk for task in tasks)


def test_a_task_cancelled_while_it_is_claimed_is_asked_to_stop(elsewhere: Elsewhere) -> None:
    task = enqueue("echo")
    with transaction.atomic():
        claimed()
        cancelling = elsewhere(lambda: ProcessingTask.objects.get(pk=task.pk).cancel())
        eventually(somebody_waits_for_a_lock)
    assert cancelling.result() is True
    task.refresh_from_db()
    assert (task.status, task.cancel_requested_at is None) == ("processing", False)


def test_two_who_enqueue_at_once_stand_one_behind_the_other(
    elsewhere: Elsewhere,
) -> None:
    start = threading.Barrier(2)

    def enqueue_now() -> Any:
        start.wait()
        return enqueue("echo").pk

    keys = [call.result() for call in [elsewhere(enqueue_now), elsewhere(enqueue_now)]]
    assert sorted(ProcessingTask.objects.positions(keys).values()) == [1, 2]


def test_two_who_enqueue_the_same_subject_get_one_task(elsewhere: Elsewhere) -> None:
    about = uuid4()
    with transaction.atomic():
        first = enqueue("only", expert_id=about, task_data={"a": 1})
        second = elsewhere(lambda: enqueue("only", expert_id=about, task_data={"b": 2}))
        eventually(somebody_waits_for_a_lock)
    assert second.result().pk == first.pk
    assert second.result().task_data == {"a": 1, "b": 2}


def test_two_who_enqueue_under_the_same_key_get_one_task(elsewhere: Elsewhere) -> None:
    with transaction.atomic():
        first = enqueue("echo", idempotency_key="k")
        second = elsewhere(lambda: enqueue("echo", idempotency_key="k"))
        eventually(somebody_waits_for_a_lock)
    assert second.result().pk == first.pk


def test_a_twin_enqueued_during_a_release_takes_its_work_over(
    elsewhere: Elsewhere,
) -> None:
    about = uuid4()
    enqueue("only", expert_id=about, task_data={"a": 1})
    first = claimed()
    with transaction.atomic():
        twin = enqueue("only", expert_id=about, task_data={"b": 2})
        releasing = elsewhere(lambda: first.release("stopped"))
        eventually(somebody_waits_for_a_lock)
    releasing.result()
    twin.refresh_from_db()
    assert (twin.task_data, twin.queue_position) == ({"a": 1, "b": 2}, 1)


def test_bulk_enqueues_of_the_same_subjects_do_not_deadlock(elsewhere: Elsewhere) -> None:
    subjects = [uuid4() for _ in range(200)]

    def enqueue_all(order: int) -> int:
        ordered = subjects[::order]
        return len(enqueue_many("only", [{"expert_id": subject} for subject in ordered]))

    for call in [elsewhere(enqueue_all, order) for order in (1, -1, 1, -1)]:
        assert call.result() == 200
    assert ProcessingTask.objects.count() == 200
