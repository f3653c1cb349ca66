"""How an attempt can end, and what stays of it."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from queueing import PermanentError, RetryLater, TaskLost, enqueue
from queueing.exceptions import TaskUnfinishedError
from queueing.handlers import handler
from queueing.models import ProcessingTask
from queueing.testing import drain

pytestmark = pytest.mark.django_db


def outcomes(task: ProcessingTask) -> list[str]:
    return list(task.attempts.order_by("number").values_list("outcome", flat=True))


def ended(task: ProcessingTask) -> ProcessingTask:
    drain()
    task.refresh_from_db()
    return task


def test_what_a_handler_returns_is_its_result() -> None:
    task = ended(enqueue("echo", task_data={"pages": 3}))
    assert (task.status, task.result, task.error_message) == ("completed", {"pages": 3}, "")
    assert outcomes(task) == ["completed"]


def test_a_permanent_error_fails_at_once_with_its_own_words() -> None:
    task = ended(enqueue("hopeless"))
    assert (task.status, task.retry_count) == ("failed", 0)
    assert task.error_message == "The file is broken"
    assert task.completed_at is not None


def test_any_other_error_is_retried_after_a_while() -> None:
    task = ended(enqueue("failing"))
    assert (task.status, task.retry_count, task.error_message) == (
        "queued", 1, "ValueError: It broke",
    )  # fmt: skip
    assert task.available_at is not None
    assert outcomes(task) == ["retried"]


def test_a_retry_that_falls_due_meanwhile_waits_for_the_next_drain() -> None:
    with patch("queueing.models.task.full_jitter", return_value=timedelta.resolution):
        task = ended(enqueue("failing"))
    assert outcomes(task) == ["retried"]
    assert outcomes(ended(task)) == ["retried", "retried"]


def test_it_fails_when_its_retries_are_used_up() -> None:
    task = enqueue("failing", max_retries=2)
    drain(skip_delays=True)
    task.refresh_from_db()
    assert (task.status, task.retry_count, task.attempt) == ("failed", 2, 3)
    assert outcomes(task) == ["retried", "retried", "failed"]


def test_the_history_keeps_the_traceback() -> None:
    task = ended(enqueue("failing"))
    assert "raise ValueError" in task.attempts.get().traceback


def test_a_message_that_no_database_stores_is_stored_legibly() -> None:
    @handler("illegible")
    def illegible(task: ProcessingTask) -> None:
        raise PermanentError("half\ud800 of\0 it")

    assert ended(enqueue("illegible")).error_message == "half? of it"


def test_retry_later_waits_as_long_as_it_was_told_and_costs_no_retry() -> None:
    task = ended(enqueue("postponing"))
    assert (task.status, task.retry_count, task.error_message) == (
        "queued", 0, "Paused by the vendor",
    )  # fmt: skip
    assert task.available_at is not None
    assert 0 < (task.available_at - timezone.now()).total_seconds() <= 30
    assert outcomes(task) == ["postponed"]


def test_retry_later_may_be_very_late() -> None:
    @handler("endless wait")
    def endless_wait(task: ProcessingTask) -> None:
        raise RetryLater(timedelta.max)

    task = ended(enqueue("endless wait"))
    assert task.available_at is not None
    assert task.available_at.year > timezone.now().year + 99


def test_retry_later_can_be_counted() -> None:
    task = ended(enqueue("postponing", task_data={"counted": True}))
    assert (task.status, task.retry_count) == ("queued", 1)


def test_a_result_that_is_no_json_is_an_error() -> None:
    handler("odd")(lambda task: object())
    task = ended(enqueue("odd", max_retries=0))
    assert task.status == "failed"
    assert "not JSON serializable" in task.error_message


def test_a_handler_that_exits_fails_its_task_only() -> None:
    @handler("exiting")
    def exiting(task: ProcessingTask) -> None:
        raise SystemExit(1)

    assert ended(enqueue("exiting", max_retries=0)).status == "failed"


def test_a_task_that_was_taken_over_stays_as_it_is() -> None:
    @handler("overtaken")
    def overtaken(task: ProcessingTask) -> None:
        ProcessingTask.objects.filter(pk=task.pk).update(attempt=7)
        raise PermanentError("Too late")

    task = ended(enqueue("overtaken"))
    assert (task.status, task.attempt, outcomes(task)) == ("processing", 7, [])


def test_a_handler_hears_at_its_checkpoint_that_the_task_is_lost() -> None:
    heard = []

    @handler("losing")
    def losing(task: ProcessingTask) -> None:
        ProcessingTask.objects.filter(pk=task.pk).update(attempt=7)
        task.hold._looked_at = 0  # a second has passed
        try:
            task.checkpoint()
        except TaskLost as lost:
            heard.append(lost)
            raise

    ended(enqueue("losing"))
    assert len(heard) == 1


def test_checkpoints_ask_the_database_once_a_second_at_most(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    task = enqueue("echo")
    with django_assert_num_queries(0):
        for _ in range(100):
            task.checkpoint()


def test_requeueing_gives_all_retries_back_and_keeps_the_attempts() -> None:
    task = enqueue("failing", max_retries=1)
    drain(skip_delays=True)
    task.refresh_from_db()
    task.requeue()
    assert (task.status, task.retry_count, task.attempt) == ("queued", 0, 2)
    assert (task.completed_at, task.error_message) == (None, "")


def test_a_task_that_has_not_ended_cannot_be_requeued() -> None:
    with pytest.raises(TaskUnfinishedError, match="is queued"):
        enqueue("echo").requeue()


def test_run_next_puts_a_task_before_all_others() -> None:
    enqueue("echo", priority=9)
    late = enqueue("echo")
    assert late.run_next()
    assert late.queue_position == 1


def test_an_expired_lease_alone_ends_nothing() -> None:
    @handler("slow")
    def slow(task: ProcessingTask) -> None:
        ProcessingTask.objects.filter(pk=task.pk).update(lease_expires_at=Now())
        task.checkpoint()

    assert ended(enqueue("slow")).status == "completed"
