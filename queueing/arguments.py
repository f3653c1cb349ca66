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

SECONDS_OF = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
LONGEST = 100 * 366 * SECONDS_OF["d"]


def at_least(smallest: Number, *, most: float = 1_000_000) -> Callable[[str], Number]:
    """A type for argparse: a number of the same kind, not smaller and not out of all reason."""

    def number(text: str) -> Number:
        try:
            value = type(smallest)(text)
        except ValueError:
            raise ArgumentTypeError(f"{text!r} is not a number") from None
        if not value >= smallest:  # nor what cannot be compared, which is "nan"
            raise ArgumentTypeError(f"must be {smallest:g} or more")
        if value > most:
            raise ArgumentTypeError(f"must be {most:,g} or less")
        return value

    return number


def duration(text: str) -> timedelta:
    """A type for argparse: a number with its unit, such as 30d, 12h, 90m or 45s."""
    match = re.fullmatch(r"(\d+)([smhdw])", text.strip())
    if not match:
        raise ArgumentTypeError(f"{text!r} is not a duration; write it as 30d, 12h, 90m or 45s")
    seconds = int(match[1]) * SECONDS_OF[match[2]]
    if seconds > LONGEST:
        raise ArgumentTypeError(f"{text!r} is longer than a hundred years")
    return timedelta(seconds=seconds)


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
