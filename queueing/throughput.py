"""How many tasks ended in each minute of the last hour."""

from typing import NamedTuple

from queueing.database import primary

MINUTES = 60

# By the index of what has finished; older tasks cost it nothing.
FINISHED_BY_MINUTE = """
SELECT floor(extract(epoch FROM statement_timestamp() - completed_at) / 60)::integer AS ago,
       count(*) FILTER (WHERE status = 'completed'), count(*) FILTER (WHERE status = 'failed')
FROM processing_queue
WHERE status IN ('completed', 'failed')
  AND completed_at > statement_timestamp() - interval '60 minutes'
GROUP BY ago
"""


class Minute(NamedTuple):
    ago: int  # 0 is the last sixty seconds
    completed: int
    failed: int


def last_hour() -> list[Minute]:
    """Sixty minutes, the oldest first."""
    with primary().cursor() as cursor:
        cursor.execute(FINISHED_BY_MINUTE)
        counted = {ago: Minute(ago, completed, failed) for ago, completed, failed in cursor}
    return [counted.get(ago, Minute(ago, 0, 0)) for ago in reversed(range(MINUTES))]
