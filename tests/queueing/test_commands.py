"""What operators type, and what they are told."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any
from unittest.mock import Mock, patch
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.db.models.functions import Now

from queueing import enqueue
from queueing.models import ProcessingTask, Worker
from queueing.overview import overview
from queueing.status import is_paused
from queueing.testing import drain

pytestmark = pytest.mark.django_db


def run(command: str, *arguments: Any) -> str:
    output = StringIO()
    call_command(command, *map(str, arguments), stdout=output, stderr=output)
    return output.getvalue()


def test_queue_status_shows_counts_and_that_no_worker_runs() -> None:
    enqueue("echo")
    shown = run("queue_status")
    assert "queued               1" in shown
    assert "No worker is running" in shown


def test_queue_status_shows_what_the_workers_do_in_columns() -> None:
    busy, _ = Worker.objects.create(host="there", pid=7), Worker.objects.create(host="here", pid=8)
    task = enqueue("echo")
    in_a_minute = Now() + timedelta(minutes=1)
    ProcessingTask.objects.update(
        status="processing", worker_id=busy.pk, attempt=2, lease_expires_at=in_a_minute
    )
    *_, title, first, second = run("queue_status").splitlines()
    assert title.split() == ["WORKER", "SINCE", "(UTC)", "DOES", "TASK", "ATTEMPT", "FOR"]
    assert first.startswith("there:7 ")
    assert title.index("TASK") == first.index(str(task.pk))
    assert second.endswith("idle")


def test_queue_status_is_watched_until_somebody_has_seen_enough() -> None:
    looks = [None, KeyboardInterrupt]
    with patch("queueing.management.commands.queue_status.time.sleep", side_effect=looks):
        assert run("queue_status", "--watch").count("oldest wait") == 2


def test_watching_goes_on_while_the_database_is_away() -> None:
    looks = [OperationalError("gone"), overview()]
    module = "queueing.management.commands.queue_status"
    away = patch.multiple(module, overview=Mock(side_effect=looks), primary=Mock())
    with away, patch(f"{module}.time.sleep", side_effect=[None, KeyboardInterrupt]):
        shown = run("queue_status", "--watch", "--json")
    assert "The database is away: gone" in shown
    assert '"queued": 0' in shown


def test_queue_status_speaks_json() -> None:
    enqueue("echo")
    seen = json.loads(run("queue_status", "--json"))
    assert (seen["counts"]["queued"], seen["counts"]["paused"]) == (1, False)


def test_pause_and_resume_say_whether_they_changed_anything() -> None:
    assert run("pause_queue") == "Queue paused\n"
    assert is_paused()
    assert run("pause_queue") == "The queue was paused already\n"
    assert run("resume_queue") == "Queue resumed\n"
    assert run("resume_queue") == "The queue was not paused\n"


def test_cancel_task_cancels() -> None:
    task = enqueue("echo")
    assert f"Task {task} cancelled" in run("cancel_task", task.pk)


def test_cancel_task_says_when_it_is_too_late() -> None:
    task = enqueue("echo")
    drain()
    with pytest.raises(CommandError, match="is completed"):
        run("cancel_task", task.pk)


def test_requeue_task_requeues() -> None:
    task = enqueue("hopeless")
    drain()
    assert "queued again" in run("requeue_task", task.pk)
    assert ProcessingTask.objects.ready().filter(pk=task.pk).exists()


def test_requeue_task_leaves_alone_what_has_not_ended() -> None:
    task = enqueue("echo")
    with pytest.raises(CommandError, match="Not all"):
        run("requeue_task", task.pk)


def test_an_unknown_task_is_named_before_any_is_touched() -> None:
    task, unknown = enqueue("echo"), uuid4()
    with pytest.raises(CommandError, match=f"There is no task {unknown}"):
        run("cancel_task", task.pk, unknown)
    assert ProcessingTask.objects.ready().exists()


@pytest.mark.parametrize(
    ("command", "argument", "words"),
    [
        ("cancel_task", "7", "is not a task id"),
        ("prune_tasks", "--older-than=soon", "is not a duration"),
        ("prune_tasks", "--older-than=999999999w", "longer than a hundred years"),
        ("queue_status", "--interval=0", "must be 0.1 or more"),
        ("run_queue_worker", "--concurrency=0", "must be 1 or more"),
        ("run_queue_worker", "--concurrency=many", "is not a number"),
        ("run_queue_worker", "--concurrency=40000", "must be 1,?000 or less"),
        ("run_queue_worker", "--grace-period=nan", "must be 0 or more"),
        ("run_queue_worker", "--grace-period=inf", "or less"),
        ("run_queue_worker", "--max-tasks=0", "must be 1 or more"),
        ("run_queue_worker", "--poll-interval=often", "is not a number"),
        ("run_queue_worker", "--task-type=eco", "No handler is registered for eco"),
    ],
)
def test_wrong_arguments_are_explained(command: str, argument: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        run(command, argument)


def test_prune_tasks_says_what_it_deleted() -> None:
    enqueue("echo")
    drain()
    assert run("prune_tasks", "--older-than", "0s") == "Deleted 1 tasks and 0 workers\n"
