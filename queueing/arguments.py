"""What the commands share: arguments that explain themselves, and tasks by their ids."""

import re
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.core.management.base import CommandError

from queueing.models import ProcessingTask

Number = TypeVar("Number", int, float)

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def at_least(smallest: Number) -> Callable[[str], Number]:
    """A type for argparse: a number of the same kind that is not smaller."""

    def number(text: str) -> Number:
        try:
            value = type(smallest)(text)
        except ValueError:
            raise ArgumentTypeError(f"{text!r} is not a number") from None
        if value < smallest:
            raise ArgumentTypeError(f"must be {smallest:g} or more")
        return value

    return number


def duration(text: str) -> timedelta:
    """A type for argparse: a number with its unit, such as 30d, 12h, 90m or 45s."""
    match = re.fullmatch(r"(\d+)([smhdw])", text.strip())
    if not match:
        raise ArgumentTypeError(f"{text!r} is not a duration; write it as 30d, 12h, 90m or 45s")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def task_id(text: str) -> UUID:
    """A type for argparse."""
    try:
        return UUID(text)
    except ValueError:
        raise ArgumentTypeError(
            f"{text!r} is not a task id; queue_status and the admin show them"
        ) from None


def tasks_by_id(ids: Iterable[UUID]) -> Iterator[ProcessingTask]:
    """Raises CommandError for an id that no task has, before any is touched."""
    wanted = list(ids)
    found = ProcessingTask.objects.in_bulk(wanted)
    missing = [str(pk) for pk in wanted if pk not in found]
    if missing:
        raise CommandError(f"There is no task {', '.join(missing)}.")
    return (found[pk] for pk in wanted)
