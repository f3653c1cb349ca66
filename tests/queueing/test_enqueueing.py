"""Tasks enter the queue with the caller's transaction, once, and in order."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from queueing import enqueue, enqueue_many
from queueing.exceptions import UnknownTaskTypeError
from queueing.models import ProcessingTask
from queueing.testing import drain
from queueing.waiting import AFTER_TWIN

pytestmark = pytest.mark.django_db


def test_it_keeps_everything_that_was_said() -> None:
    about = uuid4()
    task = enqueue(
        "echo", expert_id=about, agent_id="a-1", task_data={"n": 1}, priority=2, owner_id="7"
    )
    task = ProcessingTask.objects.get(pk=task.pk)
    assert (task.expert_id, task.agent_id, task.owner_id) == (about, "a-1", "7")
    assert (task.task_data, task.priority, task.max_retries) == ({"n": 1}, 2, 3)
    assert (task.status, task.attempt, task.weight) == ("queued", 0, 1)


@pytest.mark.parametrize("task_type", ["echo", "only"])
@pytest.mark.parametrize("delay", [None, 60])
def test_what_it_returns_is_what_is_stored(task_type: str, delay: float | None) -> None:
    day = {"day": date(2026, 1, 2), "nested": [1, {"two": None}]}
    task = enqueue(task_type, expert_id=str(uuid4()), task_data=day, delay=delay, owner_id="7")
    stored = ProcessingTask.objects.get(pk=task.pk)
    for field in ProcessingTask._meta.concrete_fields:
        assert getattr(task, field.attname) == getattr(stored, field.attname), field.attname


def test_it_vanishes_with_the_transaction_of_its_caller() -> None:
    with transaction.atomic():
        enqueue("echo")
        transaction.set_rollback(True)
    assert not ProcessingTask.objects.exists()


def test_it_refuses_a_type_that_nobody_handles() -> None:
    with pytest.raises(UnknownTaskTypeError, match="No handler is registered"):
        enqueue("eco")


def test_it_refuses_an_option_that_it_does_not_know() -> None:
    with pytest.raises(TypeError, match="no option priorty"):
        enqueue("echo", priorty=1)  # type: ignore[call-arg]  # that is the point


def test_a_delayed_task_stands_out_of_the_line_until_it_is_due() -> None:
    task = enqueue("echo", delay=timedelta(minutes=5))
    assert drain() == []
    assert task.queue_position is None
    assert [ran.pk for ran in drain(skip_delays=True)] == [task.pk]


def test_a_delay_without_end_can_still_be_read() -> None:
    task = enqueue("echo", delay=timedelta.max)
    [many] = enqueue_many("echo", [{"delay": timedelta.max}])
    for each in (task, many):
        each.refresh_from_db()
        assert each.available_at is not None
        assert each.available_at < AFTER_TWIN


def test_the_same_key_is_the_same_task_even_when_it_has_ended() -> None:
    first = enqueue("echo", owner_id="7", idempotency_key="k")
    drain()
    again = enqueue("echo", owner_id="7", idempotency_key="k")
    assert (again.pk, again.status) == (first.pk, "completed")


def test_two_owners_may_choose_the_same_key() -> None:
    keys = [enqueue("echo", owner_id=owner, idempotency_key="k").pk for owner in ("7", "8")]
    assert len(set(keys)) == 2


def test_many_are_enqueued_in_the_order_given() -> None:
    tasks = enqueue_many("echo", [{"task_data": {"n": n}} for n in range(50)])
    assert [task.task_data["n"] for task in tasks] == list(range(50))
    assert [task.pk for task in drain()] == [task.pk for task in tasks]


def test_many_with_one_key_are_one() -> None:
    first, second, third = enqueue_many("echo", [{"idempotency_key": key} for key in "aba"])
    assert first == third != second


def test_none_at_all_is_no_error() -> None:
    assert enqueue_many("echo", []) == []


def test_keys_sort_by_the_order_of_their_making() -> None:
    keys = [task.pk for task in enqueue_many("echo", [{}] * 100)]
    assert keys == sorted(keys)
    assert {key.version for key in keys} == {7}
