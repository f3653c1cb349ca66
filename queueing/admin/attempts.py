"""The history of a task, below it."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from queueing.admin.looking import badge, preformatted
from queueing.models import ProcessingTask, TaskAttempt

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[TaskAttempt, ProcessingTask]
else:
    TabularInline = admin.TabularInline


class AttemptInline(TabularInline):
    model = TaskAttempt
    verbose_name_plural = "attempts that have ended"
    fields = readonly_fields = (
        "number", "how", "started_at", "took", "worker_id", "error", "where",
    )  # fmt: skip
    ordering = ("number",)
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="outcome")
    def how(self, attempt: TaskAttempt) -> SafeString:
        return badge(attempt.outcome, attempt.get_outcome_display())

    @admin.display(description="took")
    def took(self, attempt: TaskAttempt) -> str:
        return f"{(attempt.ended_at - attempt.started_at).total_seconds():.2f} s"

    @admin.display(description="traceback")
    def where(self, attempt: TaskAttempt) -> SafeString | str:
        """Folded, for it is long."""
        if not attempt.traceback:
            return "–"
        text = preformatted(attempt.traceback)
        return format_html("<details><summary>Traceback</summary>{}</details>", text)
