"""Sets of tasks, and where each stands in the line."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from uuid import UUID

from django.db import models
from django.db.models.functions import Now

from queueing.database import own_session, primary

if TYPE_CHECKING:
    from queueing.models.task import ProcessingTask


class Place(NamedTuple):
    """Where a task stands: 1 is next. `weight_ahead` is the estimated work before it."""

    position: int
    weight_ahead: int


# One pass over the index task_claim_order for all tasks of one priority, however many are asked
# for: each counts from the one before it (`start`), and the counts are added up. The row
# comparison is the order of claims within a priority, written out. Weights are summed only where
# they are asked for: a sum takes twice the time of a count.
PLACES = """
WITH mine AS (
    SELECT id, priority, turn, queued_at, row_number() OVER line = 1 AS is_first,
           coalesce(lag(turn) OVER line, -9223372036854775808) AS start_turn,
           coalesce(lag(queued_at) OVER line, '-infinity') AS start_queued_at,
           coalesce(lag(id) OVER line, '00000000-0000-0000-0000-000000000000') AS start_id
    FROM processing_queue
    WHERE id = ANY(%s) AND status = 'queued' AND available_at IS NULL
    WINDOW line AS (PARTITION BY priority ORDER BY turn, queued_at, id)
)
SELECT mine.id,
       1 + sum(higher.tasks + earlier.tasks) OVER line,
       sum(higher.weight + earlier.weight) OVER line
FROM mine
CROSS JOIN LATERAL (
    SELECT count(*) AS tasks, {weight} AS weight FROM processing_queue
    WHERE status = 'queued' AND available_at IS NULL
      AND priority > mine.priority AND mine.is_first
) AS higher
CROSS JOIN LATERAL (
    SELECT count(*) AS tasks, {weight} AS weight FROM processing_queue
    WHERE status = 'queued' AND available_at IS NULL AND priority = mine.priority
      AND (turn, queued_at, id) < (mine.turn, mine.queued_at, mine.id)
      AND (turn, queued_at, id) >= (mine.start_turn, mine.start_queued_at, mine.start_id)
) AS earlier
WINDOW line AS (PARTITION BY mine.priority ORDER BY mine.turn, mine.queued_at, mine.id)
"""

# One alone, without weights, in half the time: a range whose bound is a single column is
# compared once a page of the index, a row comparison at every task.
POSITION = """
SELECT mine.id, 1 + (
    SELECT count(*) FROM processing_queue
    WHERE status = 'queued' AND available_at IS NULL AND priority > mine.priority
) + (
    SELECT count(*) FROM processing_queue
    WHERE status = 'queued' AND available_at IS NULL AND priority = mine.priority
      AND turn < mine.turn
) + (
    SELECT count(*) FROM processing_queue
    WHERE status = 'queued' AND available_at IS NULL AND priority = mine.priority
      AND turn = mine.turn AND queued_at < mine.queued_at
) + (
    SELECT count(*) FROM processing_queue
    WHERE status = 'queued' AND available_at IS NULL AND priority = mine.priority
      AND turn = mine.turn AND queued_at = mine.queued_at AND id < mine.id
)
FROM processing_queue AS mine
WHERE id = %(id)s AND status = 'queued' AND available_at IS NULL
"""


class ProcessingTaskQuerySet(models.QuerySet["ProcessingTask"]):
    def queued(self) -> Self:
        return self.filter(status=self.model.Status.QUEUED)

    def ready(self) -> Self:
        """In the line: neither delayed nor waiting for a twin."""
        return self.queued().filter(available_at=None)

    def processing(self) -> Self:
        return self.filter(status=self.model.Status.PROCESSING)

    def unfinished(self) -> Self:
        return self.exclude(status__in=self.model.FINISHED)

    def finished(self) -> Self:
        return self.filter(status__in=self.model.FINISHED)

    def overdue(self) -> Self:
        """Processing under a lease that nobody renewed in time."""
        return self.processing().filter(lease_expires_at__lt=Now())

    def in_claim_order(self) -> Self:
        """The one definition of who is next; positions and claims both stand on it."""
        return self.order_by("-priority", "turn", "queued_at", "pk")

    def subject_of(self, task: "ProcessingTask") -> Self:
        """The exclusive tasks about what `task` is about, itself among them."""
        return self.filter(exclusive=True, task_type=task.task_type, expert_id=task.expert_id)

    def places(self, ids: Collection[UUID]) -> dict[UUID, Place]:
        """Where each of these tasks stands. A task that is not in the line is left out."""
        rows = _look_up(ids, weight="coalesce(sum(weight), 0)")
        return {pk: Place(int(position), int(weight)) for pk, position, weight in rows}

    def positions(self, ids: Collection[UUID]) -> dict[UUID, int]:
        """`places` without the weights."""
        if len(ids) == 1:
            one = {"id": next(iter(ids))}
            return dict(own_session().execute(POSITION, one, planned_once=False))
        return {pk: int(position) for pk, position, _ in _look_up(ids, weight="0")}


def _look_up(ids: Collection[UUID], *, weight: str) -> list[tuple[UUID, Any, Any]]:
    if not ids:
        return []
    with primary().cursor() as cursor:
        cursor.execute(PLACES.format(weight=weight), [list(ids)])
        rows: list[tuple[UUID, Any, Any]] = cursor.fetchall()
    return rows
