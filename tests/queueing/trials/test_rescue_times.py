"""How soon the tasks of dead workers run again, with the settings that a project starts with."""

import signal
import time
from datetime import timedelta
from pathlib import Path

from queueing import enqueue
from queueing.configuration import Configuration
from queueing.models import TaskAttempt
from tests.queueing.conftest import eventually, has_status
from tests.queueing.trials.server import ScratchServer
from tests.queueing.trials.workforce import Workforce

SETTLED = Configuration().server_settling.total_seconds() + 1

UPTIME = "SELECT statement_timestamp() - pg_postmaster_start_time()"


def await_settled_server(server: ScratchServer) -> None:
    """After its start nobody is suspected for a while."""
    [(uptime,)] = server.sql(UPTIME)
    time.sleep(max(0.0, SETTLED - uptime.total_seconds()))


def test_a_killed_worker_is_missed_within_ten_seconds(
    server: ScratchServer, workforce: Workforce, gate: Path
) -> None:
    victim = workforce.start(settings="settings")
    task = enqueue("patient", task_data={"gate": str(gate)})
    eventually(has_status(task, "processing"))
    workforce.start(settings="settings")
    workforce.await_start()
    await_settled_server(server)
    [(killed_at,)] = server.sql("SELECT statement_timestamp()")
    victim.send(signal.SIGKILL)
    attempt = eventually(TaskAttempt.objects.filter(outcome="rescued").first)
    assert attempt.ended_at - killed_at < timedelta(seconds=10)
    gate.touch()
    eventually(has_status(task, "completed"))
    task.refresh_from_db()
    assert (task.attempt, task.retry_count) == (2, 1)
