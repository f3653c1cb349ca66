"""Old tasks leave the table, whatever works stays."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from queueing import enqueue, enqueue_many
from queueing.configuration import Configuration
from queueing.models import ProcessingTask, TaskAttempt, Worker
from queueing.testing import drain
from queueing.upkeep import Upkeep, prune, prune_workers

pytestmark = pytest.mark.django_db

MONTH = timedelta(days=30)


def finished(count: int, *, days_ago: int) -> None:
    keys = [task.pk for task in enqueue_many("echo", [{}] * count)]
    drain()
    then = Now() - timedelta(days=days_ago)
    ProcessingTask.objects.filter(pk__in=keys).update(completed_at=then)


def test_old_tasks_go_with_their_history() -> None:
    finished(2, days_ago=31)
    assert prune(MONTH, batch=10) == 2
    assert not TaskAttempt.objects.exists()


def test_what_ended_lately_and_what_waits_stays() -> None:
    finished(1, days_ago=29)
    enqueue("echo")
    assert prune(MONTH, batch=10) == 0


def test_it_goes_batch_by_batch() -> None:
    finished(5, days_ago=31)
    assert [prune(MONTH, batch=2) for _ in range(4)] == [2, 2, 1, 0]


def test_any_worker_prunes_now_and_then() -> None:
    finished(3, days_ago=31)
    Upkeep(uuid4(), Configuration(prune_every=timedelta(0))).run()
    assert not ProcessingTask.objects.exists()


def test_nothing_is_pruned_when_all_is_kept() -> None:
    finished(1, days_ago=3000)
    Upkeep(uuid4(), Configuration(prune_every=timedelta(0), keep_finished=None)).run()
    assert ProcessingTask.objects.exists()


def test_workers_that_were_heard_of_are_never_pruned() -> None:
    Worker.objects.create(host="here", pid=1)
    assert prune_workers(timedelta(0)) == 0
