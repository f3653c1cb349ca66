"""Tasks from the rows of hand-written SQL."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from queueing.database import alias
from queueing.models import ProcessingTask


@cache
def columns() -> tuple[str, ...]:
    """The columns of a task, in the order that `as_task` expects."""
    return tuple(field.attname for field in ProcessingTask._meta.concrete_fields)


def column_list(table: str) -> str:
    return ", ".join(f'{table}."{column}"' for column in columns())


@cache
def _json_places() -> tuple[int, ...]:
    return tuple(columns().index(name) for name in ("task_data", "result"))


@cache
def _place() -> Callable[[Sequence[Any]], tuple[int, int, datetime, UUID]]:
    return itemgetter(*map(columns().index, ("priority", "turn", "queued_at", "id")))


def place_of(row: Sequence[Any]) -> tuple[int, int, datetime, UUID]:
    """What says where a task stands in the line: priority, turn, time of queueing and id."""
    return _place()(row)


def as_task(row: Sequence[Any]) -> ProcessingTask:
    """Django's connections hand out jsonb as text, for JSONField to parse; so must we."""
    values = list(row)
    for place in _json_places():
        if isinstance(values[place], str):
            values[place] = json.loads(values[place])
    return ProcessingTask.from_db(alias(), columns(), values)


# What every task begins with; the rest is given, or NULL.
NEW = {
    "status": ProcessingTask.Status.QUEUED.value,
    "error_message": "",
    "turn": 0,
    "attempt": 0,
    "retry_count": 0,
}


def as_new_task(row: Mapping[str, Any]) -> ProcessingTask:
    """The task that INSERT_ONE has made of `row`, as reading it would give it."""
    expert_id, queued_at = row["expert_id"], row["queued_at"]
    values = {
        **NEW,
        **row,
        "id": UUID(row["id"]),
        "expert_id": expert_id and UUID(expert_id),
        "created_at": queued_at,
        "updated_at": queued_at,
    }
    return ProcessingTask.from_db(alias(), columns(), [values.get(name) for name in columns()])
