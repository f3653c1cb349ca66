"""Who is next, and where everybody else stands."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models.functions import Now
from pytest_django import DjangoAssertNumQueries

from queueing import enqueue, enqueue_many
from queueing.claiming import Claims
from queueing.models import Pause, ProcessingTask
from queueing.testing import drain

pytestmark = pytest.mark.django_db

LEASE = timedelta(minutes=1)


def claim(limit: int = 1, task_types: Sequence[str] = ()) -> list[ProcessingTask]:
    _, claimed = Claims(uuid4(), lease=LEASE, task_types=task_types).finish_and_claim([], limit)
    return claimed


def test_first_in_is_first_out() -> None:
    tasks = [enqueue("echo") for _ in range(3)]
    assert [claim()[0].pk for _ in tasks] == [task.pk for task in tasks]


def test_higher_priority_goes_first() -> None:
    enqueue("echo")
    urgent = enqueue("echo", priority=1)
    assert claim() == [urgent]


def test_a_requeued_task_does_not_jump_the_line() -> None:
    failed = enqueue("hopeless")
    drain()
    waiting = enqueue("echo")
    failed.requeue()
    assert [task.pk for task in claim(2)] == [waiting.pk, failed.pk]


def test_a_claim_takes_no_more_than_its_limit() -> None:
    enqueue_many("echo", [{}] * 5)
    assert len(claim(3)) == 3
    assert len(claim(3)) == 2


def test_a_worker_for_one_type_leaves_the_others() -> None:
    enqueue("echo")
    chosen = enqueue("failing")
    assert claim(5, ["failing"]) == [chosen]


def test_nobody_claims_while_the_queue_is_paused() -> None:
    enqueue("echo")
    Pause.begin()
    assert claim() == []
    Pause.end()
    assert len(claim()) == 1


def test_positions_count_those_who_stand_before() -> None:
    tasks = enqueue_many("echo", [{"priority": priority} for priority in (0, 0, 5, 0, 1)])
    positions = ProcessingTask.objects.positions([task.pk for task in tasks])
    assert [positions[task.pk] for task in tasks] == [3, 4, 1, 5, 2]


def test_positions_are_those_of_the_claims() -> None:
    tasks = enqueue_many("echo", [{"priority": n % 3} for n in range(20)])
    ProcessingTask.objects.filter(pk__in=[task.pk for task in tasks[::4]]).update(turn=2)
    positions = ProcessingTask.objects.positions([task.pk for task in tasks])
    assert [positions[task.pk] for task in claim(20)] == list(range(1, 21))


def test_positions_move_up_as_the_line_moves() -> None:
    first, second = enqueue("echo"), enqueue("echo")
    assert ProcessingTask.objects.positions([second.pk]) == {second.pk: 2}
    assert claim() == [first]
    assert ProcessingTask.objects.positions([first.pk, second.pk]) == {second.pk: 1}


def test_a_page_of_positions_is_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    tasks = enqueue_many("echo", [{}] * 50)
    with django_assert_num_queries(1):
        ProcessingTask.objects.positions([task.pk for task in tasks])


def test_the_weight_ahead_is_summed_up() -> None:
    tasks = enqueue_many("echo", [{"weight": weight} for weight in (3, 4, 1)])
    assert ProcessingTask.objects.places([tasks[2].pk])[tasks[2].pk] == (3, 7)


def test_due_tasks_are_promoted_and_others_are_not() -> None:
    due, later = enqueue("echo", delay=60), enqueue("echo", delay=60)
    ProcessingTask.objects.filter(pk=due.pk).update(available_at=Now())
    assert drain() == [due]
    assert ProcessingTask.objects.filter(pk=later.pk, status="queued").exists()


def test_a_page_across_priorities_and_turns_is_counted_once_and_right() -> None:
    tasks = enqueue_many("echo", [{"priority": n % 4, "weight": n + 1} for n in range(40)])
    ProcessingTask.objects.filter(pk__in=[task.pk for task in tasks[::3]]).update(turn=3)
    ProcessingTask.objects.filter(pk__in=[task.pk for task in tasks[::5]]).update(queued_at=Now())
    line = list(ProcessingTask.objects.ready().in_claim_order())
    asked = line[1::2]
    expected = {
        task.pk: (place, sum(ahead.weight for ahead in line[: place - 1]))
        for place, task in enumerate(line, 1)
        if task in asked
    }
    assert ProcessingTask.objects.places([task.pk for task in asked]) == expected
    for pk, (place, _) in expected.items():  # alone, by a statement of its own
        assert ProcessingTask.objects.positions([pk]) == {pk: place}


def test_positions_read_nothing_but_the_index() -> None:
    enqueue_many("echo", [{}] * 2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE processing_queue")
        cursor.execute(
            "EXPLAIN SELECT count(*), sum(weight) FROM processing_queue WHERE status = 'queued'"
            " AND available_at IS NULL AND priority = 0 AND turn = 0"
            " AND (queued_at, id) < (now(), gen_random_uuid())"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "task_claim_order" in plan
