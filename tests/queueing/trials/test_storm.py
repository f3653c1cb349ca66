"""After a storm of kills, pauses, cuts and restarts, SQL finds nothing lost and nothing twice.

`make chaos` lets it rage for ten minutes; `make chaos SEED=… SECONDS=…` repeats one.
"""

import os

import pytest

from tests.queueing.conftest import eventually
from tests.queueing.trials.server import ScratchServer
from tests.queueing.trials.storm import Storm, seed_from_environment
from tests.queueing.trials.workforce import Workforce

SECONDS = float(os.environ.get("STORM_SECONDS") or 6)

UNFINISHED = "SELECT count(*) FROM processing_queue WHERE completed_at IS NULL"

NOT_COMPLETED = """
SELECT id, status, error_message FROM processing_queue
WHERE status <> 'completed' AND (status <> 'cancelled' OR result -> 'merged_into' IS NULL)
"""

GAPS = """
SELECT task.id, task.attempt, array_agg(history.number ORDER BY history.number)
FROM processing_queue AS task LEFT JOIN processing_queue_attempt AS history
    ON history.task_id = task.id
GROUP BY task.id
HAVING task.attempt > 0 AND array_agg(history.number ORDER BY history.number)
    <> (SELECT array_agg(number) FROM generate_series(1, task.attempt) AS number)
"""

OVERLAPPING_ATTEMPTS = """
SELECT earlier.task_id, earlier.number FROM processing_queue_attempt AS earlier
JOIN processing_queue_attempt AS later
    ON later.task_id = earlier.task_id AND later.number > earlier.number
WHERE later.started_at < earlier.ended_at
"""

# A step of an attempt that had ended: only of one that was taken away, and not for long.
STEPS_AFTER_THE_END = """
SELECT history.task_id, history.number, history.outcome, steps.at - history.ended_at
FROM steps JOIN processing_queue_attempt AS history
    ON history.task_id = steps.task_id AND history.number = steps.attempt
WHERE steps.at > history.ended_at AND history.outcome NOT IN ('rescued', 'released')
"""

WRONG_EFFECTS = """
SELECT task.id, task.attempt, effects.attempt FROM processing_queue AS task
LEFT JOIN effects ON effects.task_id = task.id
WHERE task.status = 'completed' AND effects.attempt IS DISTINCT FROM task.attempt
"""

UNEVEN_HISTORIES = """
SELECT task.id, count(history.id) FROM processing_queue AS task
LEFT JOIN processing_queue_attempt AS history
    ON history.task_id = task.id AND history.outcome = 'completed'
GROUP BY task.id HAVING count(history.id) <> (task.status = 'completed')::integer
"""


@pytest.mark.timeout(SECONDS * 2 + 120)
def test_nothing_is_lost_and_nothing_has_two_effects(
    server: ScratchServer, workforce: Workforce
) -> None:
    seed = seed_from_environment()
    storm = Storm(server, workforce, seed)
    print(f"SEED={seed}")  # noqa: T201  (shown when it fails)
    storm.rage(SECONDS)
    eventually(lambda: server.sql(UNFINISHED) == [(0,)], seconds=60)
    for question in (
        NOT_COMPLETED,
        GAPS,
        OVERLAPPING_ATTEMPTS,
        STEPS_AFTER_THE_END,
        WRONG_EFFECTS,
        UNEVEN_HISTORIES,
    ):
        assert server.sql(question) == [], f"{question}\nafter {storm.mishaps}"
    storm.look_at_the_tally()
    assert False not in storm.tallies
    told = server.sql("SELECT outcome, count(*) FROM processing_queue_attempt GROUP BY outcome")
    print(f"{storm.mishaps}\n{told}")  # noqa: T201  (the same)
    assert dict(told)["completed"] > SECONDS
