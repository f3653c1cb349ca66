"""The queue's figures in the format that Prometheus scrapes."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from queueing import status
from queueing.database import primary

# A transaction that stays open keeps dead rows from being cleared, and makes claims slower.
OLDEST_TRANSACTION = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)
FROM pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid()
"""

# By the index of what has finished. A counter of all there ever was would fall with every
# pruning, which whoever scrapes it takes for a restart.
FINISHED = """
SELECT status, count(*) FROM processing_queue
WHERE status IN ('completed', 'failed', 'cancelled')
  AND completed_at > statement_timestamp() - interval '5 minutes'
GROUP BY status
"""


class QueueCollector(Collector):
    """Reads everything from the database at each scrape, so any web process answers for all."""

    def collect(self) -> Iterator[Metric]:
        counts = status.queue_counts()
        tasks = GaugeMetricFamily("queue_tasks", "Tasks in each status.", labels=["status"])
        for name in ("queued", "processing", "completed", "failed", "cancelled"):
            tasks.add_metric([name], counts[name])
        yield tasks
        yield GaugeMetricFamily(
            "queue_oldest_wait_seconds",
            "How long the task that has stood in the line longest has waited.",
            value=counts["oldest_wait_seconds"],
        )
        yield GaugeMetricFamily(
            "queue_paused", "1 while no worker claims.", value=int(counts["paused"])
        )
        yield GaugeMetricFamily(
            "queue_workers_online", "Workers heard of just now.", value=status.workers_online()
        )
        yield _finished()
        yield GaugeMetricFamily(
            "database_oldest_transaction_seconds",
            "Age of the oldest open transaction.",
            value=_oldest_transaction(),
        )


beside: list[type[Collector]] = []  # of the project that uses the queue, shown with its figures


def registry() -> CollectorRegistry:
    figures = CollectorRegistry(auto_describe=False)
    collectors: list[type[Collector]] = [QueueCollector, *beside]
    for collector in collectors:
        figures.register(collector())
    return figures


def _finished() -> Metric:
    family = GaugeMetricFamily(
        "queue_tasks_finished_recently",
        "Tasks that ended within the last five minutes, by status.",
        labels=["status"],
    )
    with primary().cursor() as cursor:
        cursor.execute(FINISHED)
        counts = dict(cursor.fetchall())
    for name in ("completed", "failed", "cancelled"):
        family.add_metric([name], counts.get(name, 0))
    return family


def _oldest_transaction() -> float:
    with primary().cursor() as cursor:
        cursor.execute(OLDEST_TRANSACTION)
        [(seconds,)] = cursor.fetchall()
    return float(seconds)
