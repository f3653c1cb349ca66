"""The tasks in the admin."""

import json
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from queueing.admin import overview
from queueing.admin.acting import CANCEL, PATIENCE, REQUEUE, RUN_NEXT, Choice, counted
from queueing.admin.attempts import AttemptInline
from queueing.admin.listing import PlacedChangeList, StatusFilter, TaskTypeFilter, found
from queueing.admin.looking import LookOnly, badge, preformatted, remember
from queueing.estimates import Count
from queueing.models import ProcessingTask
from queueing.status import etas


@admin.register(ProcessingTask)
class ProcessingTaskAdmin(LookOnly):
    list_display = (
        "id", "coloured_status", "task_type", "position", "age", "tries", "subject", "owner_id",
        "priority",
    )  # fmt: skip
    list_filter = (StatusFilter, TaskTypeFilter)
    date_hierarchy = "created_at"
    search_fields = ("id", "expert_id", "agent_id", "owner_id")
    search_help_text = "The whole id of a task, or of its subject, agent or owner"
    inlines = (AttemptInline,)
    actions = ("requeue", "cancel", "run_next")
    readonly_fields = (
        "id", "coloured_status", "task_type", "subject", "agent_id", "owner_id", "position",
        "estimate", "tries", "priority", "turn", "weight", "error", "data", "outcome", "worker_id",
        "idempotency_key", "exclusive", "created_at", "queued_at", "available_at", "started_at",
        "completed_at", "lease_expires_at", "cancel_requested_at", "updated_at",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": ("coloured_status", "task_type", "position", "estimate", "error")}),
        ("What it is about", {"fields": ("subject", "agent_id", "owner_id", "data", "outcome")}),
        ("Its order and tries", {"fields": ("priority", "turn", "weight", "tries", "worker_id")}),
        (
            "When",
            {
                "fields": (
                    "created_at", "queued_at", "available_at", "started_at", "completed_at",
                    "lease_expires_at", "cancel_requested_at", "updated_at",
                )
            },
        ),
        ("Identity", {"fields": ("id", "idempotency_key", "exclusive")}),
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        return [*overview.urls(self), *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return list(self.readonly_fields)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PlacedChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ProcessingTask], search_term: str
    ) -> tuple[QuerySet[ProcessingTask], bool]:
        term = search_term.strip()
        return (found(queryset, term) if term else queryset), False

    # Columns and fields

    @admin.display(description="status", ordering="status")
    def coloured_status(self, task: ProcessingTask) -> SafeString:
        return badge(task.status, task.get_status_display())

    @admin.display(description="position")
    def position(self, task: ProcessingTask) -> int | str:
        return task.queue_position or "–"

    @admin.display(description="age", ordering="pk")
    def age(self, task: ProcessingTask) -> str:
        return timesince(task.created_at, timezone.now(), depth=1)

    @admin.display(description="tries (retries)")
    def tries(self, task: ProcessingTask) -> str:
        return f"{task.attempt} ({task.retry_count}/{task.max_retries})"

    @admin.display(description="subject")
    def subject(self, task: ProcessingTask) -> SafeString | str:
        """With the way to all tasks about it."""
        if task.expert_id is None:
            return "–"
        tasks = reverse("admin:queueing_processingtask_changelist")
        return format_html('<a href="{0}?q={1}">{1}</a>', tasks, task.expert_id)

    @admin.display(description="done in")
    def estimate(self, task: ProcessingTask) -> str:
        eta = etas([task.pk]).get(task.pk)
        return f"{eta[0]} to {eta[1]} s" if eta else "–"

    @admin.display(description="error")
    def error(self, task: ProcessingTask) -> SafeString:
        return preformatted(task.error_message)

    @admin.display(description="data")
    def data(self, task: ProcessingTask) -> SafeString:
        return preformatted(json.dumps(task.task_data, indent=2, ensure_ascii=False))

    @admin.display(description="result")
    def outcome(self, task: ProcessingTask) -> SafeString:
        shown = "" if task.result is None else json.dumps(task.result, indent=2, ensure_ascii=False)
        return preformatted(shown)

    # Actions

    @admin.action(description="Requeue: run finished tasks again", permissions=["change"])
    def requeue(self, request: HttpRequest, queryset: QuerySet[ProcessingTask]) -> Any:
        return self._ask_or_act(request, Choice(REQUEUE, queryset))

    @admin.action(description="Cancel", permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[ProcessingTask]) -> Any:
        return self._ask_or_act(request, Choice(CANCEL, queryset))

    @admin.action(description="Run next: before all that wait", permissions=["change"])
    def run_next(self, request: HttpRequest, queryset: QuerySet[ProcessingTask]) -> Any:
        return self._ask_or_act(request, Choice(RUN_NEXT, queryset))

    def _ask_or_act(self, request: HttpRequest, choice: Choice) -> TemplateResponse | None:
        if "confirmed" in request.POST:
            self._act(request, choice)
            return None
        context = {
            **self.admin_site.each_context(request),
            **choice.question(),
            "opts": self.opts,
            "media": self.media,
            "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/queueing/processingtask/confirm.html", context)

    def _act(self, request: HttpRequest, choice: Choice) -> None:
        """Do it, remember each in the admin's history, and say what is left to do."""
        asked, done = choice.size, 0
        for changed in choice.batches(within=PATIENCE):
            remember(request, changed, f"{choice.act.done.capitalize()}.")
            done += len(changed)
        finished = counted(Count(done, is_exact=True))
        self.message_user(request, f"{finished} {choice.act.done}.", messages.SUCCESS)
        if choice.is_cut_short:
            self.message_user(request, "There are more: do it again for them.", messages.WARNING)
        elif asked.is_exact and (others := asked.number - done):
            left = counted(Count(others, is_exact=True))
            self.message_user(request, f"Not in a state for that: {left}.", messages.WARNING)
