"""Where an expert's processing stands, as everyone sees it."""

from typing import Any

from django.db import models
from django.db.models.functions import Now

from experts.models.expert import Expert


class ExpertProcessingProgress(models.Model):
    """One row an expert, in step with its task; the percentage of one processing never goes down."""

    class Stage(models.TextChoices):
        QUEUED = "queued"
        FILE_PROCESSING = "file_processing"
        EXTRACTING_TEXT = "extracting_text"
        GENERATING_EMBEDDINGS = "generating_embeddings"
        STORING_VECTORS = "storing_vectors"
        COMPLETED = "completed"
        FAILED = "failed"
        CANCELLED = "cancelled"

    class Status(models.TextChoices):
        PENDING = "pending"
        PROCESSING = "processing"
        COMPLETED = "completed"
        FAILED = "failed"
        CANCELLED = "cancelled"

    expert = models.OneToOneField(
        Expert, on_delete=models.CASCADE, primary_key=True, related_name="progress"
    )
    stage = models.CharField(max_length=24, choices=Stage, default=Stage.QUEUED)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    progress_percentage = models.PositiveSmallIntegerField(default=0)
    task_id = models.UUIDField(null=True)
    details: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)
    first_completed_at = models.DateTimeField(null=True, help_text="Since when it can be talked to.")
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "expert_processing_progress"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(progress_percentage__range=(0, 100)),
                name="progress_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=~models.Q(progress_percentage=100) | models.Q(status="completed"),
                name="progress_100_only_when_completed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.expert_id}: {self.stage} {self.progress_percentage}%"
