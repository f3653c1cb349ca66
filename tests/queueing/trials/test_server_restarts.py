"""The server goes away and comes back under busy workers: nobody dies, nothing is spent."""

import signal
import time

import pytest

from queueing import enqueue_many
from tests.queueing.conftest import eventually
from tests.queueing.trials.server import ScratchServer
from tests.queueing.trials.workforce import Workforce

FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT

TASKS = 16
BUSY = [{"task_data": {"seconds": 0.6}}] * TASKS


def are_busy(server: ScratchServer, workers: int) -> bool:
    [(busy,)] = server.sql("SELECT count(*) FROM processing_queue WHERE status = 'processing'")
    return bool(busy == workers)


def outcomes(server: ScratchServer) -> set[str]:
    return {outcome for (outcome,) in server.sql("SELECT outcome FROM processing_queue_attempt")}


def are_done(server: ScratchServer) -> bool:
    [(done,)] = server.sql("SELECT count(*) FROM processing_queue WHERE status = 'completed'")
    return bool(done == TASKS)


@pytest.mark.parametrize("how", [FAST, IMMEDIATE])
def test_a_restart_costs_nobody_anything(
    server: ScratchServer, workforce: Workforce, how: signal.Signals
) -> None:
    for _ in range(4):
        workforce.start(settings="patient_settings")
    workforce.await_start()
    enqueue_many("effect", BUSY)
    eventually(lambda: are_busy(server, workers=4))
    server.stop(how)
    time.sleep(1)
    server.cluster.start()
    eventually(lambda: are_done(server), seconds=40)
    assert outcomes(server) <= {"completed", "released"}
    assert server.sql("SELECT sum(retry_count) FROM processing_queue") == [(0,)]
    assert not any(worker.has_ended() for worker in workforce.workers)
