"""Where an expert's processing stands, as everyone sees it."""

from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Greatest, Now

from experts.models.expert import Expert
from queueing.models import ProcessingTask

WAITING = {"message": "Waiting in queue for processing"}
PAUSED = "Paused by "  # how a vendor's rate limit begins, wherever it is told


class ProgressQuerySet(models.QuerySet["ExpertProcessingProgress"]):
    def followed_by(self, task: ProcessingTask) -> Self:
        """The row that shows this task."""
        return self.filter(task_id=task.pk)

    def held_by(self, task: ProcessingTask) -> Self:
        """The fence: the row, while this very attempt of the task is the one processing."""
        held = ProcessingTask.objects.processing().filter(pk=task.pk, attempt=task.attempt)
        return self.followed_by(task).filter(models.Exists(held))

    def queue(self, expert_id: UUID, task: ProcessingTask) -> int:
        """Show a task that waits; a new task starts at 0, the same one keeps its percentage."""
        return self.filter(expert_id=expert_id).update(
            task_id=task.pk,
            stage="queued",
            status="pending",
            progress_percentage=_unless_new(task),
            details=why_it_waits(task),
            updated_at=Now(),
        )

    def begin(self, expert_id: UUID, task: ProcessingTask) -> int:
        """Show a task that a worker has just claimed."""
        return self.filter(expert_id=expert_id).update(
            task_id=task.pk,
            stage="file_processing",
            status="processing",
            progress_percentage=_unless_new(task),
            details={"message": "Opening the files…"},
            updated_at=Now(),
        )

    def advance(
        self, task: ProcessingTask, *, stage: str, percentage: int, details: dict[str, Any]
    ) -> int:
        """Show how far the attempt has come; the percentage never goes down, nor to 100."""
        return self.held_by(task).update(
            stage=stage,
            status="processing",
            progress_percentage=Greatest(F("progress_percentage"), Value(min(percentage, 99))),
            details=details,
            updated_at=Now(),
        )

    def complete(self, task: ProcessingTask, *, details: dict[str, Any]) -> int:
        return self.held_by(task).update(
            stage="completed",
            status="completed",
            progress_percentage=100,
            details=details,
            first_completed_at=Coalesce("first_completed_at", Now()),
            updated_at=Now(),
        )

    def end(self, task: ProcessingTask, *, status: str, details: dict[str, Any]) -> int:
        """Show that the task failed or was cancelled (`status` is also the stage's name)."""
        return self.followed_by(task).update(
            stage=status, status=status, details=details, updated_at=Now()
        )


def why_it_waits(task: ProcessingTask) -> dict[str, str]:
    """For its turn, or for a vendor to come back: that is said in the words of its error."""
    said = task.retries_at and in_words(task.error_message)
    return {"message": said} if said else WAITING


def in_words(error_message: str) -> str:
    """A failure for people: sentences of ours as they are, the names of exceptions never."""
    name, separator, _ = error_message.partition(": ")
    return "" if separator and name.isidentifier() else error_message


def _unless_new(task: ProcessingTask) -> Case:
    """The percentage of a finished or another processing does not carry over."""
    same = Q(task_id=task.pk) & ~Q(progress_percentage=100)
    return Case(When(same, then=F("progress_percentage")), default=Value(0))


class ExpertProcessingProgress(models.Model):
    """One row an expert, in step with its task; within one processing it never goes down."""

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
    task_id = models.UUIDField(null=True, db_index=True)
    details = models.JSONField(default=dict)
    first_completed_at = models.DateTimeField(
        null=True, help_text="Since when it can be talked to."
    )
    updated_at = models.DateTimeField(db_default=Now())

    objects = ProgressQuerySet.as_manager()

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
