"""Putting tasks into the queue."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypedDict, Unpack
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError

from queueing.database import alias, atomic, own_session, primary
from queueing.fairness import turn_of_new
from queueing.handlers import handler_for
from queueing.identifiers import uuid7
from queueing.notifications import wake_workers
from queueing.waiting import AFTER_TWIN, LONGEST

if TYPE_CHECKING:
    from queueing.models import ProcessingTask

AS_JSON = DjangoJSONEncoder().encode


class TaskOptions(TypedDict, total=False):
    """What may be said of a new task; all of it may be left out."""

    expert_id: UUID | str | None  # what the task is about
    agent_id: str
    task_data: dict[str, Any]  # for the handler
    priority: int  # 0; higher runs first
    max_retries: int  # 3
    delay: timedelta | float | None  # not before so many seconds
    owner_id: str | None  # who waits for it
    weight: int  # 1; estimated work, in units of the project's own
    idempotency_key: str | None  # enqueued again under the same key, it is the same task


# Per row of the parameter: straight into the line, or out of it until a time or until the twin
# that is being processed ends. A twin that waits already takes the new data over instead.
INSERT = """
INSERT INTO processing_queue AS waiting (
    id, task_type, exclusive, expert_id, agent_id, owner_id, task_data, priority, max_retries,
    weight, idempotency_key, available_at, status, error_message, turn, attempt, retry_count
)
SELECT new.*, 'queued', '', {turn}, 0, 0
FROM (
    SELECT id, task_type, exclusive, expert_id, agent_id, owner_id, task_data, priority,
           max_retries, weight, idempotency_key,
           CASE WHEN exclusive AND EXISTS (
               SELECT FROM processing_queue AS twin
               WHERE twin.status = 'processing' AND twin.exclusive
                 AND twin.task_type = given.task_type AND twin.expert_id = given.expert_id
           ) THEN %(after_twin)s ELSE statement_timestamp() + given.delay END
    FROM jsonb_to_recordset(%(tasks)s::jsonb) AS given (
        id uuid, task_type text, exclusive boolean, expert_id uuid, agent_id text, owner_id text,
        task_data jsonb, priority integer, max_retries integer, weight integer,
        idempotency_key text, delay interval
    )
) AS new
ON CONFLICT (task_type, expert_id) WHERE exclusive AND status = 'queued' DO UPDATE SET
    task_data = waiting.task_data || EXCLUDED.task_data,
    priority = greatest(waiting.priority, EXCLUDED.priority),
    weight = greatest(waiting.weight, EXCLUDED.weight),
    idempotency_key = coalesce(waiting.idempotency_key, EXCLUDED.idempotency_key),
    available_at = CASE
        WHEN %(after_twin)s IN (waiting.available_at, EXCLUDED.available_at) THEN %(after_twin)s
        WHEN waiting.available_at IS NULL OR EXCLUDED.available_at IS NULL THEN NULL
        ELSE least(waiting.available_at, EXCLUDED.available_at)
    END,
    updated_at = statement_timestamp()
RETURNING {columns}
"""

# The same for one task that has no twin and takes no turn.
INSERT_ONE = """
INSERT INTO processing_queue (
    id, task_type, exclusive, expert_id, agent_id, owner_id, task_data, priority, max_retries,
    weight, idempotency_key, available_at, status, error_message, turn, attempt, retry_count
) VALUES (
    %(id)s, %(task_type)s, %(exclusive)s, %(expert_id)s, %(agent_id)s, %(owner_id)s,
    %(task_data)s, %(priority)s, %(max_retries)s, %(weight)s, %(idempotency_key)s,
    statement_timestamp() + %(delay)s::interval, 'queued', '', 0, 0, 0
)
RETURNING queued_at, available_at
"""


def enqueue(task_type: str = "file_processing", **options: Unpack[TaskOptions]) -> "ProcessingTask":
    """Queue a task in the caller's transaction: it commits or vanishes with it.

    Returns the task; where its type is exclusive and one for this expert waits already, that
    one, which takes the new data over. Raises UnknownTaskTypeError.
    """
    return enqueue_many(task_type, [options])[0]


def enqueue_many(task_type: str, tasks: Iterable[TaskOptions]) -> "list[ProcessingTask]":
    """Queue many tasks in one statement; the result is in the order given."""
    rows = [_row(task_type, options) for options in tasks]
    keyed = any(row["idempotency_key"] is not None for row in rows)
    queued = _insert_once(rows) if keyed else _insert(rows)
    wake_workers()
    return [queued[row["id"]] for row in rows]


def _row(task_type: str, options: TaskOptions) -> dict[str, Any]:
    unknown = options.keys() - TaskOptions.__annotations__.keys()
    if unknown:
        raise TypeError(f"A task has no option {', '.join(sorted(unknown))}.")
    expert_id = options.get("expert_id")
    return {
        "id": str(uuid7()),
        "task_type": task_type,
        "exclusive": handler_for(task_type).exclusive and expert_id is not None,
        "expert_id": expert_id and str(UUID(str(expert_id))),
        "agent_id": options.get("agent_id", ""),
        "owner_id": options.get("owner_id"),
        "task_data": options.get("task_data", {}),
        "priority": options.get("priority", 0),
        "max_retries": options.get("max_retries", 3),
        "weight": options.get("weight", 1),
        "idempotency_key": options.get("idempotency_key"),
        "delay": _interval(options.get("delay")),
    }


def _interval(delay: timedelta | float | None) -> str | None:
    if isinstance(delay, timedelta):
        delay = delay.total_seconds()
    return f"{min(delay, LONGEST.total_seconds())} seconds" if delay else None


def _insert_once(rows: list[dict[str, Any]]) -> "dict[str, ProcessingTask]":
    """As `_insert`, leaving out what was enqueued under its idempotency key before."""
    for _ in range(3):  # others may enqueue the same key between the look and the insert
        known = _known(rows)
        try:
            with atomic():
                return known | _insert([row for row in rows if row["id"] not in known])
        except IntegrityError as error:
            conflict = error
    raise conflict


def _known(rows: list[dict[str, Any]]) -> "dict[str, ProcessingTask]":
    from queueing.models import ProcessingTask  # models cannot be imported while apps load

    keys = {row["idempotency_key"] for row in rows} - {None}
    tasks = ProcessingTask.objects.using(alias()).filter(
        task_type=rows[0]["task_type"], idempotency_key__in=keys
    )
    by_key = {(task.owner_id, task.idempotency_key): task for task in tasks}
    owned = {row["id"]: by_key.get((row["owner_id"], row["idempotency_key"])) for row in rows}
    return {row_id: task for row_id, task in owned.items() if task}


def _insert(rows: list[dict[str, Any]]) -> "dict[str, ProcessingTask]":
    """Insert, and map the id of each row to the task that does its work."""
    turn = turn_of_new()
    if len(rows) == 1 and turn == "0" and not rows[0]["exclusive"]:
        return {rows[0]["id"]: _insert_one(rows[0])}
    return _insert_batch(rows, turn)


def _insert_one(row: dict[str, Any]) -> "ProcessingTask":
    from queueing.rows import as_new_task  # models cannot be imported while apps load

    text = AS_JSON(row["task_data"])
    [(queued_at, available_at)] = own_session().execute(INSERT_ONE, row | {"task_data": text})
    times = {"queued_at": queued_at, "available_at": available_at}
    return as_new_task(row | times | {"task_data": json.loads(text)})


def _insert_batch(rows: list[dict[str, Any]], turn: str) -> "dict[str, ProcessingTask]":
    from queueing.rows import as_task, column_list

    batch = _without_twins(rows)
    if not batch:
        return {}
    statement = INSERT.format(turn=turn, columns=column_list("waiting"))
    with primary().cursor() as cursor:
        cursor.execute(statement, {"tasks": AS_JSON(batch), "after_twin": AFTER_TWIN})
        tasks = [as_task(row) for row in cursor.fetchall()]
    by_identity = {_identity(row): task for row, task in zip(batch, tasks, strict=True)}
    return {row["id"]: by_identity[_identity(row)] for row in rows}


def _without_twins(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row for each subject, the later ones merged into the first.

    In the order of their subjects, which all enqueuers share, so that none waits for a twin of
    another that waits for one of its own.
    """
    batch: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        first = batch.setdefault(_identity(row), row)
        if first is not row:
            first["task_data"] = {**first["task_data"], **row["task_data"]}
            first["priority"] = max(first["priority"], row["priority"])
            first["weight"] = max(first["weight"], row["weight"])
    return [batch[identity] for identity in sorted(batch)]


def _identity(row: dict[str, Any]) -> tuple[str, str]:
    """Rows of one identity are one task."""
    if row["exclusive"]:
        return "subject", row["expert_id"]
    if row["idempotency_key"] is not None:
        return "key", f"{row['owner_id'] or ''} {row['idempotency_key']}"
    return "task", row["id"]
