"""Processes that enqueue the same subjects at the same time."""

import json
import subprocess
import sys
from uuid import uuid4

from queueing.models import ProcessingTask
from tests.queueing.trials.server import ScratchServer

SUBJECTS = 100
ROUNDS = 20

# In another order each time: whoever locks rows in the order given meets another who does.
ENQUEUE = """
import json, random, sys
import django
django.setup()
from queueing import enqueue_many
subjects = json.load(sys.stdin)
for _ in range(int(sys.argv[1])):
    random.shuffle(subjects)
    enqueue_many("only", [{"expert_id": subject} for subject in subjects])
"""


def test_four_processes_with_the_same_subjects_do_not_deadlock(server: ScratchServer) -> None:
    subjects = json.dumps([str(uuid4()) for _ in range(SUBJECTS)])
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ENQUEUE, str(ROUNDS)],
            env=server.variables("settings"),
            stdin=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write(subjects)
        process.stdin.close()
    assert [process.wait(60) for process in processes] == [0, 0, 0, 0]
    assert ProcessingTask.objects.count() == SUBJECTS
    assert server.sql("SELECT deadlocks FROM pg_stat_database WHERE datname = 'scratch'") == [(0,)]
