"""The queue, as everyone may see it."""

from typing import Any

from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from experts.api.schema import ID, describe, success
from experts.api.serializers.queue import QueueSerializer, TaskSerializer
from queueing import status
from queueing.models import ProcessingTask

MOST_TASKS = 100
EXAMPLE = {
    "queued": 2,
    "processing": 1,
    "completed": 118,
    "failed": 1,
    "cancelled": 0,
    "oldest_wait_seconds": 41.5,
    "workers_online": 1,
    "paused": False,
    "tasks": [
        {
            "id": ID,
            "task_type": "file_processing",
            "expert_id": ID,
            "status": "queued",
            "priority": 0,
            "position": 2,
            "eta_seconds": 240,
            "retry_count": 0,
            "error_message": "",
            "created_at": "2026-11-23T17:20:00Z",
            "started_at": None,
            "completed_at": None,
        }
    ],
}


class QueueView(GenericAPIView[ProcessingTask]):
    @describe(
        "Look at the queue",
        description=f"`tasks` are your own {MOST_TASKS} latest.",
        answer=success("Queue", queue=QueueSerializer()),
        example={"success": True, "queue": EXAMPLE},
    )
    def get(self, request: Request) -> Response:
        counts = status.queue_counts() | {"workers_online": status.workers_online()}
        return Response({"success": True, "queue": {**counts, "tasks": tasks_of(request)}})


def tasks_of(request: Request) -> Any:
    """The caller's latest tasks, newest first, with what is live about them."""
    mine = ProcessingTask.objects.filter(owner_id=str(request.user.pk))
    tasks = list(mine.order_by("-created_at", "-pk")[:MOST_TASKS])
    ids = [task.pk for task in tasks]
    live = {"positions": ProcessingTask.objects.positions(ids), "etas": status.etas(ids)}
    return TaskSerializer(tasks, many=True, context=live).data
