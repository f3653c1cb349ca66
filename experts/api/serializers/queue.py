"""Tasks and the line they wait in, in JSON."""

from typing import Any, ClassVar

from rest_framework import serializers

from experts.models import Expert
from queueing.models import ProcessingTask


class CreatedExpertSerializer(serializers.ModelSerializer[Expert]):
    """The new expert, briefly."""

    class Meta:
        model = Expert
        fields: ClassVar = ["id", "name", "agent_id"]


class FileProcessingSerializer(serializers.Serializer[dict[str, Any]]):
    """The task that reads an expert's files."""

    files_selected = serializers.IntegerField()
    queued = serializers.BooleanField(help_text="It waits, and has not begun.")
    queue_position = serializers.IntegerField(
        allow_null=True, help_text="1 is next; null when it does not wait in the line."
    )
    task_id = serializers.UUIDField()


def file_processing(
    expert: Expert, task: ProcessingTask, *, position: int | None
) -> dict[str, Any]:
    """What FileProcessingSerializer describes."""
    return {
        "files_selected": expert.selections.count(),
        "queued": task.status == ProcessingTask.Status.QUEUED,
        "queue_position": position,
        "task_id": str(task.pk),
    }


class TaskSerializer(serializers.ModelSerializer[ProcessingTask]):
    """A task of the caller's. `places` and `etas` come from the view, read once for all."""

    position = serializers.SerializerMethodField(
        help_text="1 is next; null when it does not wait in the line."
    )
    eta_seconds = serializers.SerializerMethodField(
        help_text="Null when there is nothing to estimate from."
    )

    class Meta:
        model = ProcessingTask
        fields: ClassVar = [
            "id",
            "task_type",
            "expert_id",
            "status",
            "priority",
            "position",
            "eta_seconds",
            "retry_count",
            "error_message",
            "created_at",
            "started_at",
            "completed_at",
        ]

    def get_position(self, task: ProcessingTask) -> int | None:
        position: int | None = self.context["positions"].get(task.pk)
        return position

    def get_eta_seconds(self, task: ProcessingTask) -> int | None:
        eta: tuple[int, int] | None = self.context["etas"].get(task.pk)
        return sum(eta) // 2 if eta else None


class QueueSerializer(serializers.Serializer[dict[str, Any]]):
    """The whole queue in numbers, and the caller's own tasks."""

    queued = serializers.IntegerField()
    processing = serializers.IntegerField()
    completed = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    oldest_wait_seconds = serializers.FloatField(allow_null=True)
    workers_online = serializers.IntegerField()
    paused = serializers.BooleanField()
    tasks = TaskSerializer(many=True)
