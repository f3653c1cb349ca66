"""The hot path: finishing what has ended and claiming what is next, in one statement.

One round trip and one commit for both, whatever the number of tasks. The order is that of
`ProcessingTaskQuerySet.in_claim_order`, compiled by the ORM and wrapped in SQL that it cannot
say.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import BooleanField, Exists
from django.db.models.expressions import RawSQL

from queueing.bookmark import Bookmark, Mark
from queueing.database import Session, alias, atomic, own_session, primary
from queueing.models import Pause, ProcessingTask
from queueing.rows import as_task, column_list, place_of
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
    RETURNING twin.*
)"""

FINISH_ALONE = FINISH + " SELECT array_agg(id), 0.0 FROM done"  # noqa: S608  (two constants)

# A sub-select in place of the materialized CTE may run more than once under stale statistics,
# and then claims more than its limit. An array of its ids leaves the planner no join, which may
# read the whole table where the statistics say that it is empty. The LEFT JOIN tells what is done
# when nothing is claimed. The seconds are those that it has taken up to there. Who leaves the line
# and who enters it is noted here, and the trigger that would do it is told so (queueing/tally.py).
CLAIM = """, next (id) AS MATERIALIZED ({ready}), claimed AS (
    UPDATE processing_queue AS task
    SET status = 'processing', attempt = task.attempt + 1, worker_id = %(worker)s,
        started_at = statement_timestamp(),
        lease_expires_at = statement_timestamp() + %(lease)s, updated_at = statement_timestamp()
    WHERE task.id = ANY (ARRAY (SELECT id FROM next))
    RETURNING task.*
), tallied AS (
    INSERT INTO processing_tally_change (priority, turn, queued_at, tasks, weight)
    SELECT priority, turn, queued_at, -1, -weight FROM claimed
    UNION ALL
    SELECT priority, turn, queued_at, 1, weight FROM let_in
)
SELECT finished.ids, extract(epoch FROM clock_timestamp() - statement_timestamp())::float8,
       {columns}
FROM (
    SELECT array_agg(id) AS ids FROM done
    HAVING set_config('queueing.is_tallied', 'yes', true) = 'yes'
) AS finished LEFT JOIN claimed ON true
"""


# The beginning of the index scan, in place of the front of the line.
FROM_MARK = """processing_queue.priority = :priority
    AND (processing_queue.turn, processing_queue.queued_at, processing_queue.id)
        >= (:turn, :queued_at, :pk)"""


class Answer(NamedTuple):
    """What a statement has done. Making tasks of its rows can wait until the next one is sent."""

    ours: set[UUID]  # of what had ended: the rest had been lost
    rows: Sequence[Sequence[Any]]  # what it has claimed, in claim order
    seconds: float  # that it took at the server, its commit left out

    def tasks(self) -> list[ProcessingTask]:
        return [as_task(row) for row in self.rows]


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
        self._asked: tuple[int, Mark | None] = 0, None

    def finish(self, ended: Sequence[Ended]) -> set[UUID]:
        """Complete what has ended. Returns the ids of those that were still ours."""
        return self.finish_and_claim(ended, 0)[0]

    def finish_and_claim(
        self, ended: Sequence[Ended], limit: int
    ) -> tuple[set[UUID], list[ProcessingTask]]:
        """Complete what has ended and claim at most `limit` in claim order.

        Returns the ids of those that were still ours, and the claimed. Raises IntegrityError
        when a twin slipped into the line beside one that is processed (upkeep.park_twins).
        """
        self.ask(ended, limit)
        answer = self.answer()
        return answer.ours, answer.tasks()

    def ask(self, ended: Sequence[Ended], limit: int) -> None:
        """Send what `finish_and_claim` does; `answer` waits for it. Raises django.db.Error."""
        mark = self._bookmark.mark if self._bookmark and limit else None
        self._send(ended, limit, mark)

    def answer(self) -> Answer:
        """What became of what was asked last. Raises as `finish_and_claim`."""
        limit, mark = self._asked
        answer = self._receive()
        if mark and not answer.rows:  # what is left, if anything, is elsewhere in the line
            self._send([], limit, None)
            answer = self._receive()._replace(ours=answer.ours)
        return answer

    def _send(self, ended: Sequence[Ended], limit: int, mark: Mark | None) -> None:
        statement = self._statement(limit, from_mark=bool(mark)) if limit else FINISH_ALONE
        self._session().ask(statement, self._parameters(ended, mark))
        self._asked = limit, mark

    def _receive(self) -> Answer:
        limit, mark = self._asked
        rows = self._session().answer()
        ids, seconds = rows[0][:2]
        # An UPDATE returns rows in whatever order it likes.
        claimed = sorted((row[2:] for row in rows if row[2:] and row[2]), key=_claim_order)
        if self._bookmark and limit:
            last = Mark(*place_of(claimed[-1])) if claimed else None
            self._bookmark.looked(seconds, last, mark=mark)
        return Answer(set(ids or ()), claimed, seconds)

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

    def _parameters(self, ended: Sequence[Ended], mark: Mark | None) -> dict[str, Any]:
        return {
            **(mark._asdict() if mark else {}),
            **as_parameters([(task.pk, task.attempt, result) for task, result in ended]),
            "after_twin": AFTER_TWIN,
            "worker": self._worker_id,
            "lease": self._lease,
        }


def _claim_order(row: Sequence[Any]) -> tuple[Any, ...]:
    priority, *rest = place_of(row)
    return -priority, *rest


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
