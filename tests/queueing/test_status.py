"""What people are told: counts, workers, estimates, metrics."""

import re
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from queueing import enqueue, enqueue_many
from queueing.handlers import handlers
from queueing.models import Pause, ProcessingTask, Worker
from queueing.status import etas, last_worker_seen, queue_counts, workers_online
from queueing.testing import drain

pytestmark = pytest.mark.django_db


def worker(**fields: object) -> Worker:
    return Worker.objects.create(host="here", pid=1, **fields)


def finished_in(seconds: float, *, count: int = 3) -> None:
    """Tasks of weight 1 that took so long each."""
    enqueue_many("echo", [{}] * count)
    drain()
    spent = timedelta(seconds=seconds)
    ProcessingTask.objects.update(started_at=F("completed_at") - spent)


def test_counts_name_all_five_statuses() -> None:
    enqueue("hopeless")
    drain()
    enqueue("echo").cancel()
    enqueue("echo")
    counts = queue_counts()
    assert (counts["queued"], counts["failed"], counts["cancelled"]) == (1, 1, 1)
    assert (counts["processing"], counts["completed"], counts["paused"]) == (0, 0, False)


def test_the_oldest_wait_is_that_of_the_line() -> None:
    enqueue("echo", delay=60)
    assert queue_counts()["oldest_wait_seconds"] == 0
    enqueue("echo")
    ProcessingTask.objects.update(queued_at=Now() - timedelta(seconds=90))
    assert queue_counts()["oldest_wait_seconds"] >= 90


def test_the_oldest_wait_may_be_behind_in_the_line() -> None:
    tasks = enqueue_many("echo", [{"priority": n % 3} for n in range(9)])
    ProcessingTask.objects.filter(pk__in=[task.pk for task in tasks[:3]]).update(turn=5)
    oldest = ProcessingTask.objects.filter(pk=tasks[0].pk)
    oldest.update(queued_at=Now() - timedelta(minutes=3))
    assert queue_counts()["oldest_wait_seconds"] >= 180


def test_a_worker_is_online_while_it_is_heard_of() -> None:
    worker()
    worker(seen_at=Now() - timedelta(minutes=1))
    worker(stopped_at=Now())
    assert workers_online() == 1


def test_it_is_known_since_when_no_worker_runs() -> None:
    assert last_worker_seen() is None
    gone = worker(stopped_at=Now())
    gone.refresh_from_db()
    assert last_worker_seen() == gone.seen_at


def test_an_estimate_stands_on_the_work_ahead_and_recent_tasks() -> None:
    worker()
    finished_in(10)
    enqueue("echo", weight=5)
    task = enqueue("echo", weight=2)
    assert etas([task.pk]) == {task.pk: (70, 70)}


def test_more_workers_make_it_shorter() -> None:
    worker(concurrency=4)
    worker()
    finished_in(10)
    enqueue("echo", weight=5)
    task = enqueue("echo")
    assert etas([task.pk]) == {task.pk: (20, 20)}


def test_it_is_a_range_when_tasks_differ() -> None:
    worker()
    finished_in(10, count=10)
    slow = ProcessingTask.objects.values("pk")[:5]
    ProcessingTask.objects.filter(pk__in=slow).update(started_at=F("started_at") - timedelta(10))
    task = enqueue("echo")
    low, high = etas([task.pk])[task.pk]
    assert low < high


def being_processed(weight: int, *, since: float) -> ProcessingTask:
    """A task that a worker began so many seconds ago."""
    task = enqueue("echo", weight=weight)
    ProcessingTask.objects.filter(pk=task.pk).update(
        status="processing",
        started_at=Now() - timedelta(seconds=since),
        lease_expires_at=Now() + timedelta(minutes=1),
    )
    return task


def test_what_runs_takes_what_its_weight_takes_less_the_time_already_spent() -> None:
    worker()
    finished_in(10)
    task = being_processed(5, since=20)
    [(low, high)] = etas([task.pk]).values()
    assert 28 <= low == high <= 30


def test_a_handler_that_knows_what_remains_is_believed() -> None:
    worker()
    finished_in(10)
    task = being_processed(5, since=1000)
    halved = replace(handlers["echo"], remaining=lambda tasks: {task.pk: 2.5 for task in tasks})
    with patch.dict(handlers, {"echo": halved}):
        assert etas([task.pk]) == {task.pk: (25, 25)}


def test_nothing_is_claimed_of_a_task_that_takes_longer_than_its_like() -> None:
    worker()
    finished_in(10)
    assert etas([being_processed(5, since=51).pk]) == {}


def test_a_pause_ends_estimates_for_those_that_wait_only() -> None:
    worker()
    finished_in(10)
    waiting, running = enqueue("echo"), being_processed(5, since=0)
    Pause.begin()
    assert etas([waiting.pk, running.pk]).keys() == {running.pk}


@pytest.mark.parametrize("missing", ["worker", "basis", "running", "place"])
def test_there_is_none_without_a_basis(missing: str) -> None:
    if missing != "worker":
        worker()
    finished_in(10, count=2 if missing == "basis" else 3)
    if missing == "running":
        Pause.begin()
    task = enqueue("echo", delay=60 if missing == "place" else None)
    assert etas([task.pk]) == {}


def test_metrics_are_there_to_be_scraped(client: Client) -> None:
    enqueue("hopeless")
    drain()
    enqueue("echo")
    worker()
    shown = client.get("/metrics").content.decode()
    assert 'queue_tasks{status="queued"} 1.0' in shown
    assert 'queue_tasks_finished_recently{status="failed"} 1.0' in shown
    assert "queue_workers_online 1.0" in shown
    assert "database_oldest_transaction_seconds" in shown


def test_metrics_follow_the_conventions(client: Client) -> None:
    """https://prometheus.io/docs/practices/naming/: base units, help texts, no gauge as a total."""
    families = list(text_string_to_metric_families(client.get("/metrics").content.decode()))
    assert len(families) == 6 + 2  # those of experts
    for family in families:
        assert re.fullmatch("[a-z]+(_[a-z]+)+", family.name)
        assert family.type == "gauge"
        assert family.documentation.endswith(".")
        assert not family.name.endswith(("_total", "_ms", "_minutes"))
