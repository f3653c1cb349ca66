"""What a comparison finds, and what is on its way already."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from queueing.identifiers import moment_of
from queueing.models import ProcessingTask

SETTLING = timedelta(hours=1)  # what is younger may be on its way into the database


class Finding(NamedTuple):
    """Something that does not agree; `mend` queues what puts it right, where anything can."""

    fault: str  # "orphan" or "gap"
    what: str
    mend: Callable[[], object] | None


class Comparison(NamedTuple):
    """Of one kind of thing; `trouble` says why it could not be compared."""

    kind: str
    findings: Sequence[Finding] = ()
    trouble: str = ""

    def lines(self) -> list[str]:
        trouble = [f"{self.kind}: not compared. {self.trouble}"] * bool(self.trouble)
        return trouble + [f"{self.kind}, {each.fault}: {each.what}" for each in self.findings]

    def counts(self) -> dict[str, Any]:
        """{"orphans", "gaps"}, and "trouble" where there was some."""
        faults = [finding.fault for finding in self.findings]
        counted = {"orphans": faults.count("orphan"), "gaps": faults.count("gap")}
        return {**counted, "trouble": self.trouble} if self.trouble else counted


def pending(task_type: str, name: str) -> list[Any]:
    """What tasks that still wait, or run, have under this name in their data."""
    tasks = ProcessingTask.objects.unfinished().filter(task_type=task_type)
    return [data.get(name) for data in tasks.values_list("task_data", flat=True)]


def in_hand(*task_types: str) -> set[UUID]:
    """The subjects of tasks that still wait, or run."""
    tasks = ProcessingTask.objects.unfinished().filter(task_type__in=task_types)
    return {key for key in tasks.values_list("expert_id", flat=True) if key}


def is_settled(key: UUID) -> bool:
    """Whether a row of this key was made long enough ago to be here: the key holds its time."""
    return moment_of(key) < datetime.now(UTC) - SETTLING
