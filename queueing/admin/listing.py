"""The list of tasks: filters, search and pages that indexes answer."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from queueing.admin.dates import Period
from queueing.handlers import handlers
from queueing.models import ProcessingTask

READY = Q(status="queued", available_at=None)
DELAYED = Q(status="queued", available_at__isnull=False)
CONDITIONS = {  # in the words of the partial indexes, so that these answer
    "queued": READY | DELAYED,
    "ready": READY,
    "delayed": DELAYED,
    "processing": Q(status="processing"),
    "completed": Q(status="completed", completed_at__isnull=False),
    "failed": Q(status="failed", completed_at__isnull=False),
    "cancelled": Q(status="cancelled", completed_at__isnull=False),
}
NAMES = {
    "queued": "Queued",
    "ready": "Queued, in the line",
    "delayed": "Queued, not yet",
    "processing": "Processing",
    "completed": "Completed",
    "failed": "Failed",
    "cancelled": "Cancelled",
}


class PlacedChangeList(ChangeList):
    """Looks up the positions of all tasks on the page in one query."""

    period: Period

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        try:
            rows = super().get_queryset(request, *args, **kwargs)
            self.period = Period.of(self.params)
            return self.period.narrow(rows)
        except (ValueError, OverflowError) as error:  # the year 9999 has no year after it
            raise IncorrectLookupParameters(error) from error

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        positions = ProcessingTask.objects.positions([task.pk for task in self.result_list])
        for task in self.result_list:
            task.queue_position = positions.get(task.pk)

    @property
    def dates(self) -> dict[str, Any]:
        """What admin/date_hierarchy.html shows."""
        wider = self.period.wider()
        return {
            "back": wider and self._choice(wider),
            "choices": [self._choice(part) for part in self.period.parts()]
            or [{"title": self.period.title}],
        }

    def _choice(self, period: Period) -> dict[str, str]:
        address = self.get_query_string(period.parameters, ["p"])
        return {"link": address, "title": period.title}


class StatusFilter(admin.SimpleListFilter):
    """By status, and the queued by whether they may run now."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(NAMES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        condition = CONDITIONS.get(self.value() or "")
        return queryset.filter(condition) if condition else queryset


class TaskTypeFilter(admin.SimpleListFilter):
    """By the registered types: asking a million rows for theirs takes too long."""

    title = "type"
    parameter_name = "task_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(task_type, task_type) for task_type in sorted(handlers)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(task_type=self.value()) if self.value() else queryset


def found(rows: QuerySet[ProcessingTask], term: str) -> QuerySet[ProcessingTask]:
    """The tasks of which `term` is the id, or the subject's, agent's or owner's.

    Whole ids only. A task or a subject is found by an index; only when there is none, the
    columns that have no index are looked through.
    """
    with suppress(ValueError):
        key = UUID(term)
        by_key = rows.filter(Q(pk=key) | Q(expert_id=key))
        if by_key.exists():
            return by_key
    return rows.filter(Q(agent_id=term) | Q(owner_id=term))
