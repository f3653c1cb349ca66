"""Fair rotation between owners, where FAIR_BETWEEN_OWNERS is set.

Start-time fair queueing: a task's turn is the later of two, the turn that is being served when
it is queued, and the one after its owner's latest; the lowest turn runs first (Goyal, Vin and
Cheng, "Start-Time Fair Queueing", SIGCOMM 1996, with every task as long as any other). It is
computed once, at queueing, so claims and positions go by the index that they go by anyway. One
owner's 500 tasks delay another's single one by one task.

The rotation is among tasks of one priority. A task without an owner is nobody's second.
"""

from typing import TYPE_CHECKING

from queueing.configuration import configuration
from queueing.database import primary

if TYPE_CHECKING:
    from queueing.models import ProcessingTask

# Each is one look at the end of an index, save the tasks in hand, which are few.
TURN = """
coalesce(greatest(
    (SELECT max(turn) + 1 FROM processing_queue AS own
     WHERE own.owner_id = {task}.owner_id AND own.priority = {task}.priority
       AND own.status IN ('queued', 'processing')),
    coalesce(
        (SELECT min(turn) FROM processing_queue AS line
         WHERE line.priority = {task}.priority
           AND line.status = 'queued' AND line.available_at IS NULL),
        (SELECT max(turn) FROM processing_queue AS served
         WHERE served.priority = {task}.priority AND served.status = 'processing')
    )
), 0)"""

# Those of one owner that are enqueued together take turns one after the other.
TURN_OF_MANY = (
    TURN.format(task="new")
    + """ + CASE WHEN new.owner_id IS NULL THEN 0 ELSE
    row_number() OVER (PARTITION BY new.owner_id, new.priority ORDER BY new.id) - 1 END"""
)
TURN_OF_ONE = f"SELECT {TURN.format(task='task')} FROM processing_queue AS task WHERE id = %s"  # noqa: S608  (a constant)


def turn_of_new() -> str:
    """SQL for the turn of a row of `new`; 0 for all is strict first in, first out."""
    return TURN_OF_MANY if configuration().fair_between_owners else "0"


def turn_of(task: "ProcessingTask") -> int:
    """The turn of a task that is queued again."""
    if not configuration().fair_between_owners:
        return 0
    with primary().cursor() as cursor:
        cursor.execute(TURN_OF_ONE, [task.pk])
        [(turn,)] = cursor.fetchall()
    return int(turn)
