"""The workers in the admin."""

from datetime import timedelta

from django.contrib import admin
from django.utils import timezone
from django.utils.safestring import SafeString

from queueing.admin.looking import LookOnly, badge
from queueing.models import Worker
from queueing.models.worker import SILENT_MEANS_GONE


@admin.register(Worker)
class WorkerAdmin(LookOnly):
    list_display = (
        "id", "state", "host", "pid", "version", "concurrency", "started_at", "seen_at",
        "stopped_at",
    )  # fmt: skip
    list_filter = ("host",)

    @admin.display(description="state")
    def state(self, worker: Worker) -> SafeString:
        if worker.stopped_at:
            return badge("cancelled", "Stopped")
        silent_for: timedelta = timezone.now() - worker.seen_at
        if silent_for > SILENT_MEANS_GONE:
            return badge("failed", "Not heard of")
        return badge("completed", "Online")
