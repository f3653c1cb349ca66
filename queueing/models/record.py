"""The row of a task: its columns, and the promises that the database itself keeps."""

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Now
from django.db.models.lookups import Exact

from queueing.identifiers import uuid7


class Outcome(models.TextChoices):
    """How an attempt ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    RETRIED = "retried"
    POSTPONED = "postponed"
    RELEASED = "released"
    RESCUED = "rescued"
    CANCELLED = "cancelled"


class TaskRecord(models.Model):
    """What is stored of a task. ProcessingTask adds what can happen to one."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        PROCESSING = "processing"
        COMPLETED = "completed"
        FAILED = "failed"
        CANCELLED = "cancelled"

    FINISHED = (Status.COMPLETED, Status.FAILED, Status.CANCELLED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    task_type = models.CharField(max_length=100, default="file_processing")
    expert_id = models.UUIDField(null=True, blank=True)
    agent_id = models.CharField(max_length=255, blank=True)
    owner_id = models.TextField(  # noqa: DJ001  (NULL is "nobody waits", '' would be an owner)
        null=True, blank=True
    )
    status = models.TextField(choices=Status, default=Status.QUEUED)
    exclusive = models.BooleanField(default=False)
    task_data = models.JSONField(default=dict, blank=True)
    result = models.JSONField(null=True, blank=True)
    error_message = models.TextField(blank=True)
    idempotency_key = models.TextField(null=True, blank=True)  # noqa: DJ001  (unique if given)

    priority = models.IntegerField(default=0)
    turn = models.BigIntegerField(default=0)
    weight = models.PositiveIntegerField(default=1)
    queued_at = models.DateTimeField(db_default=Now())
    available_at = models.DateTimeField(null=True, blank=True)

    attempt = models.IntegerField(default=0)
    retry_count = models.IntegerField(default=0)
    max_retries = models.IntegerField(default=3)
    worker_id = models.UUIDField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True
        # No index holds lease_expires_at or updated_at, so renewals stay heap-only (HOT).
        indexes = [
            models.Index(  # serves claims and positions; finished and delayed tasks cost it nothing
                F("priority").desc(),
                "turn",
                "queued_at",
                "id",
                include=["weight"],
                condition=Q(status="queued", available_at=None),
                name="task_claim_order",
            ),
            models.Index(
                "available_at",
                condition=Q(status="queued", available_at__isnull=False),
                name="task_due",
            ),
            models.Index("worker_id", condition=Q(status="processing"), name="task_in_hand"),
            models.Index(
                "status",
                "completed_at",
                condition=Q(completed_at__isnull=False),
                name="task_finished",
            ),
            models.Index(
                "owner_id",
                "priority",
                "turn",
                condition=Q(status__in=["queued", "processing"], owner_id__isnull=False),
                name="task_of_owner",
            ),
            models.Index(
                "expert_id",
                "created_at",
                condition=Q(expert_id__isnull=False),
                name="task_of_expert",
            ),
        ]
        constraints = [  # in as few words as there are: PostgreSQL reads them for each statement
            models.CheckConstraint(
                condition=Exact(Q(status="processing"), Q(lease_expires_at__isnull=False)),
                name="task_leased_iff_processing",
            ),
            models.CheckConstraint(
                condition=Case(  # and no other status, which shares the lists
                    When(completed_at=None, then=Q(status__in=["queued", "processing"])),
                    default=Q(status__in=["completed", "failed", "cancelled"]),
                    output_field=models.BooleanField(),
                ),
                name="task_completed_iff_finished",
            ),
            models.CheckConstraint(
                condition=Q(status="queued") | Q(available_at=None),
                name="task_delayed_only_if_queued",
            ),
            models.CheckConstraint(
                condition=Q(retry_count__gte=0, retry_count__lte=F("max_retries")),
                name="task_retries_within_limit",
            ),
            models.UniqueConstraint(
                fields=["task_type", "expert_id"],
                condition=Q(status="queued", exclusive=True),
                name="task_one_twin_waiting",
            ),
            models.UniqueConstraint(
                fields=["task_type", "expert_id"],
                condition=Q(status="processing", exclusive=True),
                name="task_one_twin_processing",
            ),
            models.UniqueConstraint(
                "task_type",
                Coalesce("owner_id", Value("")),
                "idempotency_key",
                condition=Q(idempotency_key__isnull=False),
                name="task_idempotency",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} ({self.task_type})"
