"""The database is there, but not well: cut connections, locks, odd defaults, a full disk."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from queueing import enqueue, enqueue_many
from queueing.models import ProcessingTask
from tests.queueing.conftest import eventually, has_status
from tests.queueing.trials.server import NAME, ScratchServer, scratch_server
from tests.queueing.trials.wire import wire_to
from tests.queueing.trials.workforce import Workforce

NO_POLLING = ("--poll-interval", "600")
DISK = 192  # megabytes: a new cluster takes half of it

# The one that listens comes first: its last statement was the test of its own hearing.
SESSIONS = """
SELECT pid FROM pg_stat_activity
WHERE application_name LIKE 'queue worker%%' AND datname = current_database()
ORDER BY query NOT LIKE 'NOTIFY%%', pid
"""


def all_completed() -> bool:
    return not ProcessingTask.objects.exclude(status="completed").exists()


def pick_up_seconds() -> float:
    """From the commit of a new task to the start of its handler."""
    task = enqueue("echo", priority=9)
    eventually(has_status(task, "completed"))
    task.refresh_from_db()
    assert task.started_at
    return (task.started_at - task.created_at).total_seconds()


@contextmanager
def setting(server: ScratchServer, name: str, value: str) -> Iterator[None]:
    """Another default for every new session."""
    server.sql(f"ALTER DATABASE {NAME} SET {name} = '{value}'")
    yield
    server.sql(f"ALTER DATABASE {NAME} RESET {name}")


def test_connections_cut_one_by_one_cost_nothing(
    server: ScratchServer, workforce: Workforce, gate: Path
) -> None:
    worker = workforce.start("--concurrency", "2", *NO_POLLING)
    task = enqueue("patient", task_data={"gate": str(gate)})
    eventually(has_status(task, "processing"))
    assert pick_up_seconds() < 20  # the second thread has its session now
    sessions = eventually(lambda: len(found := server.sql(SESSIONS)) >= 4 and found)
    for (session,) in sessions:
        server.sql("SELECT pg_terminate_backend(%s)", session)
        eventually(lambda: pick_up_seconds() < 0.1, seconds=10)
    gate.touch()
    eventually(all_completed)
    assert set(ProcessingTask.objects.values_list("attempt", "retry_count")) == {(1, 0)}
    assert not worker.has_ended()


def test_a_claim_whose_answer_was_lost_is_released(
    server: ScratchServer, workforce: Workforce
) -> None:
    """The worker has claimed the task and does not know it; its heart must not keep it alive."""
    with wire_to(server.cluster.data) as (wire, host):
        worker = workforce.start(settings="settings", host=host)  # with a lease of a minute
        workforce.await_start()
        with transaction.atomic(NAME):
            task = enqueue("echo")
            wire.lose_answer_with(str(task.pk).encode())
        assert wire.lost.wait(20)
        eventually(has_status(task, "completed"))
        outcomes = list(task.attempts.order_by("number").values_list("outcome", flat=True))
        worker.end()
    task.refresh_from_db()
    assert (outcomes, task.retry_count) == (["released", "completed"], 0)


def test_statements_that_take_too_long_are_tried_again(
    server: ScratchServer, workforce: Workforce, gate: Path
) -> None:
    worker = workforce.start(settings="impatient_settings")
    task = enqueue("patient", task_data={"gate": str(gate)})
    eventually(has_status(task, "processing"))
    with psycopg.connect(**server.parameters, dbname=NAME) as session:
        session.execute("LOCK TABLE processing_queue IN ACCESS EXCLUSIVE MODE")
        gate.touch()
        eventually(lambda: worker.has_said("canceling statement due to statement timeout"))
        time.sleep(1)
    eventually(has_status(task, "completed"))
    task.refresh_from_db()
    assert (task.attempt, task.retry_count, worker.has_ended()) == (1, 0, False)


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_the_servers_own_isolation_level_does_not_matter(
    server: ScratchServer, workforce: Workforce, level: str
) -> None:
    with setting(server, "default_transaction_isolation", level):
        workers = [workforce.start("--concurrency", "2") for _ in range(3)]
        workforce.await_start()
        enqueue_many("effect", [{"task_data": {"seconds": 0}}] * 150)
        eventually(all_completed)
    assert not any(worker.has_said("could not serialize") for worker in workers)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system that is easily filled."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system to fill up")
    with tempfile.TemporaryDirectory(prefix="disk-", dir="/tmp") as home:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m,mode=755", "tmpfs", home]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            pytest.skip("this machine lets nobody mount a file system")
        yield Path(home)
        subprocess.run(["umount", "--lazy", home], check=True)


def fill(disk: Path) -> Path:
    """Take every free byte. Removing the file that this returns gives them back."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 10, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return filler


def test_a_full_disk_is_waited_out(
    small_disk: Path, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> None:
    with scratch_server(small_disk) as server, django_db_blocker.unblock(), server.used_here():
        workforce = Workforce(server, tmp_path)
        settings = "patient_settings"
        workers = [workforce.start("--concurrency", "2", settings=settings) for _ in range(2)]
        try:
            workforce.await_start()
            enqueue_many("effect", [{"task_data": {"seconds": 0.1}}] * 200)
            filler = fill(small_disk)
            eventually(lambda: any(worker.has_said("No space left") for worker in workers))
            time.sleep(2)
            filler.unlink()
            if not server.cluster.takes_connections():
                server.cluster.start()  # it stops itself when its log cannot be written
            eventually(all_completed, seconds=60)
            assert not any(worker.has_ended() for worker in workers)
            assert not ProcessingTask.objects.exclude(retry_count=0).exists()
        finally:
            workforce.end()
