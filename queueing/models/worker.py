"""The processes that run tasks, one row for each start of one."""

from datetime import timedelta
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models.functions import Now

from queueing.identifiers import uuid7

SILENT_MEANS_GONE = timedelta(seconds=10)  # four heartbeats missed


class WorkerQuerySet(models.QuerySet["Worker"]):
    def online(self) -> Self:
        """Workers that were heard of within the last ten seconds and have not said goodbye."""
        return self.filter(stopped_at=None, seen_at__gt=Now() - SILENT_MEANS_GONE)


class Worker(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    host = models.CharField(max_length=255)
    pid = models.IntegerField()
    version = models.CharField(max_length=100, blank=True)
    concurrency = models.PositiveSmallIntegerField(default=1)
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    stopped_at = models.DateTimeField(null=True)

    objects = WorkerQuerySet.as_manager()

    class Meta:
        db_table = "processing_worker"

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"

    @property
    def lock_key(self) -> int:
        """The advisory lock that a living worker's session holds: the low 63 bits of its id."""
        return lock_key(self.pk)


def lock_key(worker_id: UUID) -> int:
    return worker_id.int & (1 << 63) - 1
