"""Tasks from the rows of hand-written SQL."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

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


def as_task(row: Sequence[Any]) -> ProcessingTask:
    """Django's connections hand out jsonb as text, for JSONField to parse; so must we."""
    values = list(row)
    for place in _json_places():
        if isinstance(values[place], str):
            values[place] = json.loads(values[place])
    return ProcessingTask.from_db(alias(), columns(), values)
