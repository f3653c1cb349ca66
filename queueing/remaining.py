"""How long the tasks that are being processed will still take."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from queueing.database import alias
from queueing.handlers import handlers
from queueing.models import ProcessingTask


def seconds_left(
    task_ids: Collection[UUID], speed: tuple[float, float]
) -> dict[UUID, tuple[int, int]]:
    """At least and at most, for those of these tasks that are being processed.

    speed: the seconds that a unit of weight takes when it goes fast, and when it goes slowly.
    What remains of a task's weight is its handler's to say; else what its own weight takes,
    less the time already spent. One that has taken longer than its like is left out: nothing
    is known of it any more.
    """
    fast, slow = speed
    tasks = ProcessingTask.objects.using(alias()).processing().filter(pk__in=task_ids)
    running = {task.pk: task for task in tasks.filter(cancel_requested_at=None)}
    told = _told(running.values())
    spent = _spent(running.keys() - told.keys())
    ranges = {pk: (fast * weight, slow * weight) for pk, weight in told.items()}
    for pk, seconds in spent.items():
        weight = running[pk].weight
        ranges[pk] = (max(0.0, fast * weight - seconds), slow * weight - seconds)
    return {pk: (round(low), round(high)) for pk, (low, high) in ranges.items() if high >= 0}


def _told(tasks: Iterable[ProcessingTask]) -> dict[UUID, float]:
    """What remains of their weights, as far as their handlers say it."""
    by_type = defaultdict(list)
    for task in tasks:
        by_type[task.task_type].append(task)
    told: dict[UUID, float] = {}
    for task_type, alike in by_type.items():
        handler = handlers.get(task_type)
        if handler and handler.remaining:
            told.update(handler.remaining(alike))
    return told


def _spent(task_ids: Collection[UUID]) -> dict[UUID, float]:
    """Seconds since their attempts began, by the database's clock."""
    if not task_ids:
        return {}
    since_start = ExpressionWrapper(Now() - F("started_at"), output_field=DurationField())
    tasks = ProcessingTask.objects.using(alias()).filter(pk__in=task_ids)
    rows: Iterable[tuple[UUID, timedelta]]
    rows = tasks.exclude(started_at=None).values_list("pk", since_start)
    return {pk: spent.total_seconds() for pk, spent in rows}
