"""The hot path: finishing what has ended and claiming what is next, in one statement.

One round trip and one commit for both, whatever the number of tasks. The order is that of
`ProcessingTaskQuerySet.in_claim_order`, compiled by the ORM and wrapped in SQL that it cannot
say.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Exists
from django.db.models.expressions import RawSQL

from queueing.bookmark import Bookmark, Mark
from queueing.database import Session, alias, atomic, own_session, primary
from queueing.models import Pause, ProcessingTask
from queueing.rows import as_task, column_list
from queueing.runner import Ended
from queueing.waiting import AFTER_TWIN

# Fenced by id, status and attempt: what another worker has taken over stays as it is. The
# history and the twin that waited for the end go with it. The ids are said twice, and the status
# so that the index of what is processed does not apply, to make the primary key the only way
# that any planner sees: that index is full of dead entries while an old snapshot is held.
FINISH = """
WITH done AS (
    UPDATE processing_queue AS task
    SET status = 'completed', completed_at = statement_timestamp(), lease_expires_at = NULL,
        result = nullif(ended.result, 'null'), error_message = '',
        updated_at = statement_timestamp()
    FROM ROWS FROM (
        unnest(%(ids)s::uuid[]), unnest(%(attempts)s::integer[]),
        jsonb_array_elements(%(results)s::jsonb)
    ) AS ended (id, attempt, result)
    WHERE task.id = ANY (%(ids)s::uuid[]) AND task.id = ended.id
      AND task.attempt = ended.attempt AND task.status IS NOT DISTINCT FROM 'processing'
    RETURNING task.*
), history AS (
    INSERT INTO processing_queue_attempt
        (task_id, number, worker_id, started_at, ended_at, outcome, error, traceback)
    SELECT id, attempt, worker_id, started_at, completed_at, 'completed', '', '' FROM done
), let_in AS (
    UPDATE processing_queue AS twin
    SET available_at = NULL, updated_at = statement_timestamp()
    FROM done
    WHERE done.exclusive AND twin.exclusive AND twin.status = 'queued'
      AND twin.task_type = done.task_type AND twin.expert_id = done.expert_id
      AND twin.available_at = %(after_twin)s
)"""

FINISH_ALONE = FINISH + " SELECT array_agg(id) FROM done"  # noqa: S608  (two constants)

# A sub-select in place of the materialized CTE may run more than once under stale statistics,
# and then claims more than its limit. An array of its ids leaves the planner no join, which may
# read the whole table where the statistics say that it is empty. The LEFT JOIN tells what is done
# when nothing is claimed.
CLAIM = """, next (id) AS MATERIALIZED ({ready}), claimed AS (
    UPDATE processing_queue AS task
    SET status = 'processing', attempt = task.attempt + 1, worker_id = %(worker)s,
        started_at = statement_timestamp(),
        lease_expires_at = statement_timestamp() + %(lease)s, updated_at = statement_timestamp()
    WHERE task.id = ANY (ARRAY (SELECT id FROM next))
    RETURNING task.*
)
SELECT finished.ids, {columns}
FROM (SELECT array_agg(id) AS ids FROM done) AS finished LEFT JOIN claimed ON true
"""


# The beginning of the index scan, in place of the front of the line.
FROM_MARK = """processing_queue.priority = :priority
    AND (processing_queue.turn, processing_queue.queued_at, processing_queue.id)
        >= (:turn, :queued_at, :pk)"""


class Claims:
    """What one worker claims and finishes, over this thread's session unless `session` says.

    With a `bookmark` it looks from there while looking from the front takes long; without one the
    claim order holds to the moment.
    """

    def __init__(
        self,
        worker_id: UUID,
        *,
        lease: timedelta,
        task_types: Collection[str] = (),
        session: Callable[[], Session] = own_session,
        bookmark: Bookmark | None = None,
    ) -> None:
        self._worker_id = worker_id
        self._lease = lease
        self._task_types = task_types
        self._session = session
        self._bookmark = bookmark
        self._statements: dict[tuple[int, bool], str] = {}

    def finish(self, ended: Sequence[Ended]) -> set[UUID]:
        """Complete what has ended. Returns the ids of those that were still ours."""
        [(ids,)] = self._execute(FINISH_ALONE, ended)
        return set(ids or ())

    def finish_and_claim(
        self, ended: Sequence[Ended], limit: int
    ) -> tuple[set[UUID], list[ProcessingTask]]:
        """Complete what has ended and claim at most `limit` (1 or more) in claim order.

        Returns the ids of those that were still ours, and the claimed. Raises IntegrityError
        when a twin slipped into the line beside one that is processed (upkeep.park_twins).
        """
        mark = self._bookmark.mark if self._bookmark else None
        ours, claimed = self._finish_and_claim(ended, limit, mark)
        if mark and not claimed:  # what is left, if anything, is elsewhere in the line
            _, claimed = self._finish_and_claim([], limit, None)
        return ours, claimed

    def _finish_and_claim(
        self, ended: Sequence[Ended], limit: int, mark: Mark | None
    ) -> tuple[set[UUID], list[ProcessingTask]]:
        asked_at = monotonic()
        rows = self._execute(self._statement(limit, from_mark=bool(mark)), ended, mark)
        took = monotonic() - asked_at
        claimed = sorted((as_task(row[1:]) for row in rows if row[1] is not None), key=_place)
        if self._bookmark:
            self._bookmark.looked(took, claimed, mark=mark)
        return set(rows[0][0] or ()), claimed

    def was_completed(self, task: ProcessingTask) -> bool:
        """Whether this very attempt was completed, by a finish whose answer got lost."""
        rows = ProcessingTask.objects.using(alias()).filter(pk=task.pk, attempt=task.attempt)
        return rows.filter(status=ProcessingTask.Status.COMPLETED).exists()

    def _statement(self, limit: int, *, from_mark: bool) -> str:
        shape = limit, from_mark
        if shape not in self._statements:
            types = self._task_types
            self._statements[shape] = claim_statement(types, limit, from_mark=from_mark)
        return self._statements[shape]

    def _execute(
        self, statement: str, ended: Sequence[Ended], mark: Mark | None = None
    ) -> list[tuple[Any, ...]]:
        parameters = {
            **(mark._asdict() if mark else {}),
            **as_parameters([(task.pk, task.attempt, result) for task, result in ended]),
            "after_twin": AFTER_TWIN,
            "worker": self._worker_id,
            "lease": self._lease,
        }
        return self._session().execute(statement, parameters)


def _place(task: ProcessingTask) -> tuple[Any, ...]:
    """Its place among those claimed with it: an UPDATE returns rows in whatever order it likes."""
    return -task.priority, task.turn, task.queued_at, task.pk


def as_parameters(ended: Iterable[tuple[UUID, int, str | None]]) -> dict[str, str]:
    """The ids, attempts and results of FINISH, as PostgreSQL writes lists.

    Written out here: psycopg takes 60 µs to find the types of three lists.
    """
    rows = list(ended)
    return {
        "ids": "{" + ",".join(str(pk) for pk, _, _ in rows) + "}",
        "attempts": "{" + ",".join(str(attempt) for _, attempt, _ in rows) + "}",
        "results": "[" + ",".join(result or "null" for _, _, result in rows) + "]",
    }


def claim_statement(task_types: Collection[str], limit: int, *, from_mark: bool = False) -> str:
    """Finishes what has ended and claims the next `limit`; parameters as in `Claims`."""
    ready = ready_sql(task_types, limit, from_mark=from_mark)
    return FINISH + CLAIM.format(ready=ready, columns=column_list("claimed"))


def ready_sql(task_types: Collection[str], limit: int, *, from_mark: bool = False) -> str:
    """The next `limit` tasks in claim order, locked, past those that others are claiming.

    Refers to the CTE `done`, so that what has ended gives way before its successor comes: the
    unique index of processing twins would see both otherwise.
    """
    after_done = RawSQL("(SELECT count(*) FROM done) >= 0", (), BooleanField())
    ready = ProcessingTask.objects.ready().filter(after_done, ~Exists(Pause.objects.all()))
    if task_types:
        ready = ready.filter(task_type__in=task_types)
    if from_mark:
        ready = ready.filter(RawSQL(FROM_MARK, (), BooleanField()))  # noqa: S611  (a constant)
    ready = ready.in_claim_order().select_for_update(skip_locked=True)
    connection = primary()
    with atomic():  # Django compiles a SELECT … FOR UPDATE nowhere else; nothing is sent
        compiler = ready.values("pk")[:limit].query.get_compiler(connection=connection)
        operations: Any = connection.ops  # PostgreSQL's, which can write parameters out
        statement: str = operations.compose_sql(*compiler.as_sql())
    statement = statement.replace("%", "%%")  # it becomes part of a statement with parameters
    return re.sub(r":(priority|turn|queued_at|pk)\b", r"%(\1)s", statement)
