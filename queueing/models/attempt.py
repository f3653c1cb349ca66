"""The history of a task: one row for each attempt that has ended."""

from django.db import models

from queueing.models.record import Outcome
from queueing.models.task import ProcessingTask


class TaskAttempt(models.Model):
    """How one claim of a task went. Written once, when it ends: the task's own row tells of
    the attempt that is still going on."""

    Outcome = Outcome

    task = models.ForeignKey(
        ProcessingTask, models.CASCADE, related_name="attempts", db_index=False
    )
    number = models.PositiveIntegerField()
    worker_id = models.UUIDField(null=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    error = models.TextField(blank=True)
    traceback = models.TextField(blank=True)

    class Meta:
        db_table = "processing_queue_attempt"
        constraints = [  # its index also serves the look-ups by task
            models.UniqueConstraint("task", "number", name="attempt_once"),
        ]

    def __str__(self) -> str:
        return f"Attempt {self.number}: {self.get_outcome_display()}"
