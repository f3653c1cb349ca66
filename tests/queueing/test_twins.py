"""At most one task of a subject waits, and at most one is processed."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from queueing import RetryLater, enqueue, enqueue_many
from queueing.claiming import Claims
from queueing.handlers import handlers
from queueing.models import ProcessingTask
from queueing.runner import Ended
from queueing.testing import drain
from queueing.upkeep import park_twins, promote

pytestmark = pytest.mark.django_db

ABOUT = uuid4()
CLAIMS = Claims(uuid4(), lease=timedelta(minutes=1))


def enqueue_twin(**data: object) -> ProcessingTask:
    return enqueue("only", expert_id=ABOUT, task_data=data)


def claimed() -> ProcessingTask:
    [task] = CLAIMS.finish_and_claim([], 1)[1]
    return task


@pytest.fixture
def transitions() -> list[tuple[object, str]]:
    seen: list[tuple[object, str]] = []
    handlers["only"] = replace(
        handlers["only"], on_transition=lambda task: seen.append((task.pk, task.status))
    )
    return seen


def test_a_second_task_joins_the_one_that_waits() -> None:
    first = enqueue_twin(pages=1, files=["a"])
    second = enqueue_twin(files=["b"])
    assert second.pk == first.pk
    assert second.task_data == {"pages": 1, "files": ["b"]}


def test_another_subject_is_another_task() -> None:
    assert enqueue_twin().pk != enqueue("only", expert_id=uuid4()).pk


def test_without_a_subject_nothing_is_joined() -> None:
    assert enqueue("only").pk != enqueue("only").pk


def test_the_one_joined_takes_the_higher_priority() -> None:
    enqueue_twin()
    assert enqueue("only", expert_id=ABOUT, priority=4).priority == 4


def test_a_twin_of_a_processed_task_waits_out_of_the_line() -> None:
    enqueue_twin()
    claimed()
    twin = enqueue_twin(n=2)
    assert twin.waits_for_twin
    assert (twin.queue_position, drain()) == (None, [])


def test_it_runs_when_the_other_has_completed() -> None:
    enqueue_twin(n=1)
    first = claimed()
    twin = enqueue_twin(n=2)
    CLAIMS.finish([Ended(first)])
    [ran] = drain()
    assert (ran.pk, ran.result) == (twin.pk, {"n": 2})


def test_it_runs_when_the_other_has_failed() -> None:
    enqueue_twin(n=1)
    first = claimed()
    twin = enqueue_twin(n=2)
    first.fail("broken")
    assert drain() == [twin]


def test_finishing_and_claiming_the_twin_in_one_statement_breaks_no_rule() -> None:
    enqueue_twin()
    first = claimed()
    twin = enqueue_twin()
    ProcessingTask.objects.filter(pk=twin.pk).update(available_at=None)  # slipped into the line
    finished, taken = CLAIMS.finish_and_claim([Ended(first)], 1)
    assert (finished, taken) == ({first.pk}, [twin])


@pytest.mark.parametrize("end", ["retry", "release", "rescue", "postpone"])
def test_a_task_that_comes_back_merges_into_its_waiting_twin(end: str) -> None:
    enqueue_twin(n=1, only_in_first=True)
    first = claimed()
    twin = enqueue_twin(n=2)
    {
        "retry": lambda: first.retry_or_fail("It broke"),
        "release": lambda: first.release("stopped"),
        "rescue": lambda: first.rescue("died"),
        "postpone": lambda: first.postpone(RetryLater(30)),
    }[end]()
    twin.refresh_from_db()
    assert (first.status, first.result) == ("cancelled", {"merged_into": str(twin.pk)})
    assert twin.task_data == {"n": 2, "only_in_first": True}
    assert not twin.waits_for_twin


def test_the_merged_twin_waits_as_long_as_the_other_had_to() -> None:
    enqueue_twin()
    first = claimed()
    twin = enqueue_twin()
    first.postpone(RetryLater(30))
    twin.refresh_from_db()
    assert twin.available_at is not None
    assert drain() == []


def test_a_twin_need_not_wait_because_the_other_failed() -> None:
    enqueue("only", expert_id=ABOUT, max_retries=0)
    first = claimed()
    twin = enqueue_twin()
    first.retry_or_fail("It broke")
    assert first.status == "failed"
    assert drain() == [twin]


def test_requeueing_merges_too_and_returns_the_one_that_waits() -> None:
    first = enqueue_twin(is_broken=True)
    drain()
    first.refresh_from_db()
    twin = enqueue_twin(n=2)
    assert first.requeue() == twin
    assert first.status == "cancelled"


def test_requeueing_waits_for_the_one_that_is_processed() -> None:
    first = enqueue_twin()
    drain()
    enqueue_twin()
    claimed()
    first.requeue()
    assert first.waits_for_twin


def test_both_are_announced_when_they_merge(transitions: list[tuple[object, str]]) -> None:
    enqueue_twin()
    first = claimed()
    twin = enqueue_twin()
    first.release("stopped")
    assert transitions == [(first.pk, "cancelled"), (twin.pk, "queued")]


def test_many_with_the_same_subject_are_one() -> None:
    tasks = enqueue_many("only", [{"expert_id": ABOUT, "task_data": {str(n): n}} for n in range(3)])
    assert len({task.pk for task in tasks}) == 1
    assert tasks[0].task_data == {"0": 0, "1": 1, "2": 2}


def test_a_twin_enqueued_as_the_other_ended_is_let_in_by_the_next_poll() -> None:
    enqueue_twin()
    first = claimed()
    twin = enqueue_twin()
    ProcessingTask.objects.filter(pk=first.pk).update(
        status="completed", completed_at=first.started_at, lease_expires_at=None
    )
    assert promote(10) == 1
    assert CLAIMS.finish_and_claim([], 1)[1] == [twin]


def test_a_twin_that_slipped_into_the_line_is_taken_out() -> None:
    enqueue_twin()
    claimed()
    twin = enqueue_twin()
    ProcessingTask.objects.filter(pk=twin.pk).update(available_at=None)
    assert park_twins() == 1
    twin.refresh_from_db()
    assert twin.waits_for_twin
