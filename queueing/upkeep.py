"""What any worker does now and then, for all: due tasks into the line, old ones out of it all."""

from datetime import timedelta
from time import monotonic
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from queueing.configuration import Configuration
from queueing.database import atomic, primary
from queueing.models import ProcessingTask, Worker
from queueing.periodic import Calendar
from queueing.rescue import Rescuer
from queueing.tally import Teller
from queueing.waiting import AFTER_TWIN

FORGET_WORKERS = timedelta(days=30)


class Upkeep:
    """One worker's share of it: `run` at every poll."""

    def __init__(self, worker_id: UUID, settings: Configuration) -> None:
        self._settings = settings
        self._rescuer = Rescuer(worker_id, settings)
        self._calendar = Calendar()
        self._teller = Teller()
        self._pruned_at = monotonic()

    def run(self, *, claimed: int = 0) -> None:
        """claimed: how many tasks this worker has claimed so far. Raises django.db.Error."""
        promote(self._settings.promote_batch)
        self._rescuer.look()
        self._calendar.look()
        self._teller.look(claimed)
        if monotonic() > self._pruned_at + self._settings.prune_every.total_seconds():
            self._prune()

    def _prune(self) -> None:
        """A batch at a time; while there are more, the next follows at the next poll."""
        keep, batch = self._settings.keep_finished, self._settings.prune_batch
        if keep is None or prune(keep, batch=batch) < batch:
            self._pruned_at = monotonic()
            prune_workers(keep or FORGET_WORKERS)


# Twins are let in by the end of the one that they wait for, unless they were enqueued at that
# very moment: then the second part finds them alone.
PROMOTE = """
WITH due (id) AS MATERIALIZED (
    SELECT id FROM processing_queue
    WHERE status = 'queued' AND available_at <= statement_timestamp()
    ORDER BY available_at LIMIT %(batch)s
    FOR UPDATE SKIP LOCKED
), alone (id) AS MATERIALIZED (
    SELECT id FROM processing_queue AS task
    WHERE status = 'queued' AND available_at = %(after_twin)s AND NOT EXISTS (
        SELECT FROM processing_queue AS twin
        WHERE twin.status = 'processing' AND twin.exclusive
          AND twin.task_type = task.task_type AND twin.expert_id = task.expert_id
    )
    FOR UPDATE SKIP LOCKED
)
UPDATE processing_queue AS task SET available_at = NULL, updated_at = statement_timestamp()
FROM (SELECT id FROM due UNION SELECT id FROM alone) AS ready WHERE task.id = ready.id
"""


def promote(batch: int) -> int:
    """Bring waiting tasks whose time has come into the line, at most `batch`. Returns how many."""
    with primary().cursor() as cursor:
        cursor.execute(PROMOTE, {"batch": batch, "after_twin": AFTER_TWIN})
        promoted: int = cursor.rowcount
    return promoted


def park_twins() -> int:
    """Take twins out of the line that slipped in while their twin was being claimed."""
    processing = ProcessingTask.objects.processing().filter(
        exclusive=True, task_type=OuterRef("task_type"), expert_id=OuterRef("expert_id")
    )
    astray = ProcessingTask.objects.ready().filter(Exists(processing), exclusive=True)
    return astray.update(available_at=AFTER_TWIN, updated_at=Now())


def prune(older_than: timedelta, *, batch: int) -> int:
    """Delete tasks that ended before then, at most `batch`, with their history.

    They are locked first, for Django deletes by ids alone: one that is just being requeued would
    go with them.
    """
    with atomic():
        old = ProcessingTask.objects.finished().filter(completed_at__lt=Now() - older_than)
        old = old.order_by("status", "completed_at").select_for_update(skip_locked=True)
        ids = list(old.values_list("pk", flat=True)[:batch])
        ProcessingTask.objects.filter(pk__in=ids).delete()
    return len(ids)


def prune_workers(older_than: timedelta) -> int:
    """Delete workers that were last seen before then, an hour ago at the least."""
    since = Now() - max(older_than, timedelta(hours=1))
    deleted, _ = Worker.objects.filter(seen_at__lt=since).delete()
    return deleted
