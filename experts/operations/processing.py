"""Sending an expert's files through the queue."""

from django.db.models import Sum

from experts.announcements import announce
from experts.models import Expert, ExpertProcessingProgress, SourceFile
from queueing import enqueue
from queueing.models import ProcessingTask

BYTES_A_WEIGHT = 1024  # a task's weight is its unread kilobytes, and one for itself


def queue_processing(
    expert: Expert, *, priority: int = 0, idempotency_key: str | None = None
) -> ProcessingTask:
    """Queue the processing of the expert's files and show it as queued, in one transaction.

    While another processing of the expert runs, the new one waits for it and the progress goes
    on showing the one that runs.
    """
    unread = SourceFile.objects.filter(experts=expert).unfinished()
    size = unread.aggregate(bytes=Sum("size", default=0))["bytes"]
    task = enqueue(
        "file_processing",
        expert_id=expert.pk,
        agent_id=expert.agent_id,
        task_data={
            "file_ids": [str(pk) for pk in expert.ordered_files().values_list("pk", flat=True)]
        },
        priority=priority,
        owner_id=str(expert.owner_id),
        weight=1 + size // BYTES_A_WEIGHT,
        idempotency_key=idempotency_key,
    )
    if not task.waits_for_twin:
        ExpertProcessingProgress.objects.queue(expert.pk, task)
    announce(expert.pk)
    return task
