"""What a shell script learns from a command: 0 it did, 1 it could not, 2 it was not understood."""

import subprocess
import sys

import pytest

from queueing import enqueue
from tests.queueing.conftest import environment

UNKNOWN = "01a20000-0000-7000-8000-000000000000"


def manage(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "django", *arguments],
        env=environment("quick_settings"),
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("queue_status",), 0, "queued"),
        (("prune_tasks", "--older-than", "30d"), 0, "Deleted 0 tasks"),
        (("requeue_task", UNKNOWN), 1, f"There is no task {UNKNOWN}."),
        (("run_queue_worker", "--task-type", "eco"), 1, "No handler is registered for eco."),
        (("cancel_task", "7"), 2, "'7' is not a task id"),
        (("prune_tasks", "--older-than", "soon"), 2, "write it as 30d, 12h, 90m or 45s"),
        (("pause_queue", "please"), 2, "unrecognized arguments: please"),
    ],
)
def test_commands_end_with(arguments: tuple[str, ...], code: int, words: str) -> None:
    enqueue("echo")
    ended = manage(*arguments)
    assert ended.returncode == code
    assert words in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
