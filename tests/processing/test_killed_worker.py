"""A real worker, killed in the middle of a file, and another one that goes on."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

from experts.database import connection_parameters
from experts.models import Expert, Passage, PassageVector
from experts.progress import progress_of
from queueing.models import ProcessingTask
from tests.documents import long_text
from tests.processing.conftest import MakeExpert

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]

PROJECT = Path(__file__).resolve().parents[2]
KEYS = ("host", "port", "user", "password", "dbname")


@pytest.fixture
def data_dir(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return tmp_path


@contextmanager
def worker(data_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`manage.py run_queue_worker` on the tests' database."""
    parameters = connection_parameters()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "expertsite.settings",
        "DATABASE_URL": make_conninfo(**{key: parameters.get(key) for key in KEYS}),
        "EXPERTSITE_DATA_DIR": str(data_dir),
    }
    command = [sys.executable, "manage.py", "run_queue_worker"]
    process = subprocess.Popen(command, cwd=PROJECT, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(true: Callable[[], object], seconds: float = 60) -> None:
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up, f"not within {seconds} s"
        time.sleep(0.05)


def test_another_worker_goes_on_where_a_killed_one_stopped(
    expert_of: MakeExpert, data_dir: Path
) -> None:
    expert = expert_of(long_text(1500))
    with worker(data_dir) as first:
        until(PassageVector.objects.exists)
        first.kill()
    reached, stored = progress_of(expert), PassageVector.objects.count()
    assert 0 < stored < Passage.objects.count()
    seen = [reached["progress_percentage"]]
    with worker(data_dir):
        until(lambda: seen.append(percentage(expert)) or has_ended())
    assert seen == sorted(seen)
    assert percentage(expert) == 100
    assert PassageVector.objects.count() == Passage.objects.count()
    attempts = ProcessingTask.objects.get().attempts.order_by("number")
    assert [attempt.outcome for attempt in attempts] == ["rescued", "completed"]


def test_two_experts_that_need_one_new_file_have_it_read_once(
    expert_of: MakeExpert, data_dir: Path
) -> None:
    text = long_text(300)
    both = [expert_of(text), expert_of(text)]
    with worker(data_dir), worker(data_dir):
        until(lambda: all(percentage(expert) == 100 for expert in both))
    assert PassageVector.objects.count() == Passage.objects.count()
    ordinals = list(Passage.objects.values_list("ordinal", flat=True))
    assert ordinals == list(range(len(ordinals)))


def has_ended() -> bool:
    """A moment after the progress says so, when the worker has told the queue."""
    return ProcessingTask.objects.get().completed_at is not None


def percentage(expert: Expert) -> int:
    return int(progress_of(expert)["progress_percentage"])
