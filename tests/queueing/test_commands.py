"""What operators type, and what they are told."""

import json
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from queueing import enqueue
from queueing.models import ProcessingTask, Worker
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


def test_queue_status_names_the_workers() -> None:
    Worker.objects.create(host="there", pid=7)
    assert "there:7" in run("queue_status")


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
        ("run_queue_worker", "--concurrency=0", "must be 1 or more"),
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
