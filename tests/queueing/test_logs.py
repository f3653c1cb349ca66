"""Every line about a task says which task, which attempt and which worker."""

import json
import logging
import logging.config
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from expertsite.logs import logging_config
from queueing import enqueue
from queueing.claiming import Claims
from queueing.hand import release
from queueing.logs import AddTask, KeyValueFormatter, about
from tests.queueing.conftest import WorkerProcess, eventually

FIELDS = {"task": "T1", "attempt": 2, "worker": "W3"}


def line(message: str, **extra: object) -> logging.LogRecord:
    record = logging.getLogger("anybody's").makeRecord(
        "anybody's", logging.INFO, "here.py", 1, message, (), None, extra=extra
    )
    AddTask().filter(record)
    return record


def formatted(style: str, record: logging.LogRecord) -> str:
    config = logging_config(style, verbose=False)["formatters"]["line"]  # type: ignore[arg-type]
    return str(logging.config.DictConfigurator({}).configure_formatter(config).format(record))


def test_a_line_written_by_a_handler_belongs_to_its_task() -> None:
    with about(FIELDS):
        inside = KeyValueFormatter().format(line("Reading"))
    assert inside.endswith("INFO Reading task=T1 attempt=2 worker=W3")
    assert KeyValueFormatter().format(line("Elsewhere")).endswith("INFO Elsewhere")


def test_what_a_line_says_of_itself_stands() -> None:
    with about(FIELDS):
        assert "attempt=7" in KeyValueFormatter().format(line("Rescued", attempt=7))


def test_in_production_lines_are_json_with_the_same_fields() -> None:
    with about(FIELDS):
        said = json.loads(formatted("json", line("Reading")))
    assert {name: said[name] for name in FIELDS} == FIELDS
    assert (said["event"], said["level"]) == ("Reading", "info")


def test_in_a_terminal_they_are_key_and_value() -> None:
    with about(FIELDS):
        said = formatted("console", line("Reading"))
    assert "attempt=2" in said
    assert "task=T1" in said
    assert "worker=W3" in said


@pytest.mark.django_db
def test_what_is_taken_from_a_worker_is_logged_with_that_worker(
    caplog: pytest.LogCaptureFixture,
) -> None:
    worker_id = uuid4()
    enqueue("echo")
    _, [task] = Claims(worker_id, lease=timedelta(minutes=1)).finish_and_claim([], 1)
    with caplog.at_level(logging.INFO, logger="queueing"):
        release([task], "The worker was stopped")
    assert vars(caplog.records[-1])["worker"] == str(worker_id)


@pytest.mark.django_db(transaction=True)
def test_a_worker_without_logging_settings_says_it_all(
    start_worker: Callable[..., WorkerProcess],
) -> None:
    task = enqueue("echo")
    worker = start_worker("--burst")
    eventually(worker.has_ended)
    lines = Path(worker.log).read_text().splitlines()
    about_it = [each for each in lines if str(task.pk) in each]
    assert len(about_it) == 2
    assert all(f"task={task.pk} attempt=1 worker=" in each for each in about_it)
