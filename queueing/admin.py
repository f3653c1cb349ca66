"""The queue in Django's admin: to look at, and to act on through the tasks' own methods."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from queueing.exceptions import TaskUnfinishedError
from queueing.handlers import handlers
from queueing.models import ProcessingTask, TaskAttempt, Worker

COLOURS = {  # legible on the admin's light and dark background
    "queued": "#b45309",
    "processing": "#2563eb",
    "completed": "#15803d",
    "failed": "#dc2626",
    "cancelled": "#6b7280",
}


class LookOnly(admin.ModelAdmin[Any]):
    """Rows are changed by transitions only, never by a form."""

    show_full_result_count = False  # it would count a million rows for each page
    ordering = ["-pk"]  # by time, for keys are time-ordered

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in self.opts.fields]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        hidden = {"show_save": False, "show_save_and_continue": False}
        return super().render_change_form(request, context | hidden, *args, **kwargs)


class PlacedChangeList(ChangeList):
    """Looks up the positions of all tasks on the page in one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        positions = ProcessingTask.objects.positions([task.pk for task in self.result_list])
        for task in self.result_list:
            task.queue_position = positions.get(task.pk)


class TaskTypeFilter(admin.SimpleListFilter):
    """By the registered types: asking a million rows for theirs takes too long."""

    title = "type"
    parameter_name = "task_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(task_type, task_type) for task_type in sorted(handlers)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(task_type=self.value()) if self.value() else queryset


class AttemptInline(admin.TabularInline[TaskAttempt, ProcessingTask]):
    model = TaskAttempt
    fields = readonly_fields = (
        "number", "outcome", "started_at", "ended_at", "worker_id", "error", "traceback",
    )  # fmt: skip
    ordering = ["number"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ProcessingTask)
class ProcessingTaskAdmin(LookOnly):
    list_display = [
        "id", "coloured_status", "task_type", "position", "age", "tries", "priority", "expert_id",
        "owner_id",
    ]  # fmt: skip
    list_filter = ["status", TaskTypeFilter]
    search_fields = ["id", "expert_id", "agent_id", "owner_id"]
    search_help_text = "A task's id, or all of an expert's, agent's or owner's"
    list_per_page = 50
    inlines = [AttemptInline]
    actions = ["requeue", "cancel", "run_next"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PlacedChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ProcessingTask], search_term: str
    ) -> tuple[QuerySet[ProcessingTask], bool]:
        """Whole ids only, which indexes answer."""
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = Q(agent_id=term) | Q(owner_id=term)
        with suppress(ValueError):
            wanted |= Q(pk=UUID(term)) | Q(expert_id=UUID(term))
        return queryset.filter(wanted), False

    @admin.display(description="status", ordering="status")
    def coloured_status(self, task: ProcessingTask) -> SafeString:
        return format_html(
            '<b style="color: {}">{}</b>', COLOURS[task.status], task.get_status_display()
        )

    @admin.display(description="position")
    def position(self, task: ProcessingTask) -> int | None:
        return task.queue_position

    @admin.display(description="age", ordering="pk")
    def age(self, task: ProcessingTask) -> str:
        return timesince(task.created_at, timezone.now(), depth=1)

    @admin.display(description="tries")
    def tries(self, task: ProcessingTask) -> str:
        return f"{task.attempt} (retries {task.retry_count}/{task.max_retries})"

    @admin.action(description="Requeue: run finished tasks again", permissions=["change"])
    def requeue(self, request: HttpRequest, queryset: QuerySet[ProcessingTask]) -> None:
        self._act(request, queryset, _requeued, "queued again")

    @admin.action(description="Cancel", permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[ProcessingTask]) -> None:
        self._act(request, queryset, ProcessingTask.cancel, "cancelled")

    @admin.action(description="Run next: before all that wait", permissions=["change"])
    def run_next(self, request: HttpRequest, queryset: QuerySet[ProcessingTask]) -> None:
        self._act(request, queryset, ProcessingTask.run_next, "put first")

    def _act(
        self,
        request: HttpRequest,
        queryset: QuerySet[ProcessingTask],
        act: Callable[[ProcessingTask], bool],
        done: str,
    ) -> None:
        """Act on each, remember it in the admin's history, and say for how many it was too late."""
        tasks = list(queryset)
        changed = [task for task in tasks if act(task)]
        for task in changed:
            self.log_change(request, task, done)
        self.message_user(request, f"{len(changed)} tasks {done}.", messages.SUCCESS)
        if left := len(tasks) - len(changed):
            self.message_user(
                request, f"{left} tasks were not in a state for that.", messages.WARNING
            )


def _requeued(task: ProcessingTask) -> bool:
    try:
        task.requeue()
    except TaskUnfinishedError:
        return False
    return True


@admin.register(Worker)
class WorkerAdmin(LookOnly):
    list_display = ["id", "host", "pid", "version", "started_at", "seen_at", "stopped_at"]
    list_filter = ["host"]
