"""What of experts is worth an alert, beside the queue's own figures at /metrics."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from queueing.periodic import last_round


class ComparisonCollector(Collector):
    """What the last daily comparison of vendors and storage with the database found."""

    def collect(self) -> Iterator[Metric]:
        found = GaugeMetricFamily(
            "experts_compared_findings",
            "Orphans and gaps that the last daily comparison found, and what it could not compare.",
            labels=["kind", "fault"],
        )
        at = GaugeMetricFamily("experts_compared_at_seconds", "When it was made, as a Unix time.")
        if (task := last_round("reconcile")) and task.completed_at:
            at.add_metric([], task.completed_at.timestamp())
            for kind, counts in (task.result or {}).items():
                for fault in ("orphans", "gaps"):
                    found.add_metric([kind, fault], counts[fault])
                found.add_metric([kind, "trouble"], int("trouble" in counts))
        yield found
        yield at
