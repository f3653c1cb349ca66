"""The server goes away and comes back under busy workers: nobody dies, nothing is spent."""

import signal
import time

import pytest
from django.db import connections

from queueing import enqueue_many
from queueing.models import ProcessingTask
from queueing.tally import keep
from tests.queueing.conftest import eventually
from tests.queueing.trials.server import NAME, ScratchServer
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


def test_a_crash_forgets_the_tally_and_no_position(server: ScratchServer) -> None:
    *others, last = enqueue_many("effect", BUSY)
    keep(many=1, stretch=2)
    assert server.sql("SELECT tasks FROM processing_tally") == [(TASKS,)]
    connections[NAME].close()
    server.restart(IMMEDIATE)
    assert server.sql("SELECT * FROM processing_tally") == []
    last.cancel()
    assert ProcessingTask.objects.positions([task.pk for task in others]) == {
        task.pk: place for place, task in enumerate(others, 1)
    }
    keep(many=1, stretch=2)
    assert server.sql("SELECT tasks FROM processing_tally") == [(TASKS - 1,)]
