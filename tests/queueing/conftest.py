"""Handlers of the tests' own, worker processes, and patience."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db import connection

from queueing.handlers import handlers
from queueing.models import ProcessingTask

with patch.dict(handlers, clear=True):
    import tests.queueing.project.tasks  # noqa: F401  (registers its handlers)

    PROJECT_HANDLERS = dict(handlers)


@pytest.fixture(autouse=True)
def _project_handlers() -> Iterator[None]:
    with patch.dict(handlers, PROJECT_HANDLERS, clear=True):
        yield


def eventually(condition: Callable[[], Any], *, seconds: float = 20) -> Any:
    """Wait until it is true; its value. Fails the test after a time that no healthy run takes."""
    until = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < until, "It did not happen"
        time.sleep(0.02)
    return value


class Clock:
    """In place of `monotonic`: it stands until it is set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def has_status(task: ProcessingTask, status: str) -> Callable[[], bool]:
    return ProcessingTask.objects.filter(pk=task.pk, status=status).exists


class WorkerProcess:
    """A real worker: `manage.py run_queue_worker` of the smallest project."""

    def __init__(self, *arguments: str, log: Path, variables: dict[str, str]) -> None:
        self.log = log
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "django", "run_queue_worker", *arguments],
                env=variables,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def has_said(self, words: str) -> bool:
        return words in self.log.read_text()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def environment(settings: str, *, database: str = "") -> dict[str, str]:
    """For a process of the smallest project, on the database of these tests."""
    parameters = connection.get_connection_params()
    settings_of_database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database or parameters["dbname"],
        "HOST": parameters.get("host", ""),
        "PORT": str(parameters.get("port", "")),
        "USER": parameters.get("user", ""),
        "PASSWORD": parameters.get("password", ""),
    }
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": f"tests.queueing.project.{settings}",
        "QUEUE_TEST_DATABASE": json.dumps(settings_of_database),
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture
def start_worker(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., WorkerProcess]]:
    workers: list[WorkerProcess] = []

    def start(*arguments: str, settings: str = "quick_settings") -> WorkerProcess:
        log = tmp_path / f"worker-{uuid4()}.log"
        workers.append(WorkerProcess(*arguments, log=log, variables=environment(settings)))
        return workers[-1]

    yield start
    for worker in workers:
        worker.end()


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """A file that patient handlers wait for. `gate.touch()` lets them finish."""
    return tmp_path / "gate"
