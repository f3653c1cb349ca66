"""The work that the queue holds for experts."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage

from experts.announcements import announce
from experts.housekeeping import check_later, move_later
from experts.ingestion.moving import move
from experts.ingestion.pipeline import ingest
from experts.ingestion.report import Report
from experts.models import Expert, ExpertProcessingProgress, SourceFile
from experts.models.progress import in_words
from experts.outcomes import REMOVAL, as_outcome
from experts.providers import get_vector_store, get_voice_agents
from experts.providers.base import AgentParts, ProviderError
from experts.providers.files import VENDOR as STORAGE
from experts.providers.files import storage_errors
from experts.providers.pacing import heeding
from experts.reconciling import compare, counts
from queueing import PermanentError, enqueue, handler
from queueing.models import ProcessingTask

logger = logging.getLogger(__name__)

NOTHING_TO_LEARN = (
    "None of the files had text to learn from. Open the files to see why, replace them, and retry."
)
SURPRISE = "Something went wrong on our side. Retry; if it happens again, tell the operator."

AGENT_SECONDS = 60  # for a vendor's agent made in the background; nobody waits
PARTS = ("agent_id", "tool_id", "secret_id")  # of what an expert has at the voice vendor


def follow(task: ProcessingTask) -> None:
    """Keep the progress row in step, in the very transaction that moves the task."""
    rows = ExpertProcessingProgress.objects
    assert task.expert_id
    if task.status == ProcessingTask.Status.QUEUED:
        rows.queue(task.expert_id, task)
    elif task.status == ProcessingTask.Status.CANCELLED:
        rows.end(task, status="cancelled", details={"message": "Processing was cancelled."})
    else:
        rows.end(task, status="failed", details=why_it_failed(task))
    announce(task.expert_id)


def why_it_failed(task: ProcessingTask) -> dict[str, Any]:
    expert = expert_of(task)
    warnings = expert.findings() if expert else []
    return {"message": in_words(task.error_message) or SURPRISE, "warnings": warnings}


def remaining(tasks: Sequence[ProcessingTask]) -> dict[UUID, float]:
    """What is left of the weight of tasks that are being processed, by the progress they show."""
    rows = ExpertProcessingProgress.objects.filter(task_id__in=[task.pk for task in tasks])
    shown = dict(rows.values_list("task_id", "progress_percentage"))
    return {
        task.pk: task.weight * (100 - shown[task.pk]) / 100 for task in tasks if task.pk in shown
    }


@handler(
    "file_processing",
    exclusive=True,
    on_transition=follow,
    remaining=remaining,
    time_limit=timedelta(hours=12),
    stall_limit=timedelta(minutes=10),
)
def process_expert_files(task: ProcessingTask) -> None:
    """Bring every file of the expert to a final state; the expert is ready if one had text."""
    expert = expert_of(task)
    if expert is None:
        return  # deleted while the task waited
    ExpertProcessingProgress.objects.begin(expert.pk, task)
    announce(expert.pk)
    files = list(expert.ordered_files())
    report = Report(task, files)
    for number, file in enumerate(files, start=1):
        report.open_file(number, file)
        task.checkpoint()
        try:
            ingest(file, task=task, report=report)
        except ProviderError as error:
            raise as_outcome(error, task) from error
    conclude(expert, task)


def conclude(expert: Expert, task: ProcessingTask) -> None:
    """Open the chat, with a warning for each file that could not be learnt from."""
    files = list(expert.ordered_files())
    if not any(file.status == SourceFile.Status.READY for file in files):
        raise PermanentError(files[0].error_message if len(files) == 1 else NOTHING_TO_LEARN)
    details = {"message": "Ready", "total_files": len(files), "warnings": expert.findings()}
    ExpertProcessingProgress.objects.complete(task, details=details)
    announce(expert.pk)


@handler("sync_voice_agent", exclusive=True)
def sync_voice_agent(task: ProcessingTask) -> None:
    """Make the vendor's agent what the expert is now; what was made is kept whatever happens."""
    expert = expert_of(task)
    if expert is None:
        return
    try:
        get_voice_agents().ensure(expert, timeout=AGENT_SECONDS)
    except ProviderError as error:
        if error.permanent:
            expert.agent_status = Expert.AgentStatus.FAILED
        keep_parts(expert)
        raise as_outcome(error, task) from error
    expert.agent_status = Expert.AgentStatus.READY
    keep_parts(expert)


def keep_parts(expert: Expert) -> None:
    """Store the ids of what the expert has at the voice vendor."""
    kept = {name: getattr(expert, name) for name in (*PARTS, "agent_status")}
    if not Expert.objects.filter(pk=expert.pk).update(**kept):  # deleted meanwhile
        enqueue("remove_voice_agent", task_data=expert.voice_parts())


@handler("remove_voice_agent")
def remove_voice_agent(task: ProcessingTask) -> None:
    """Remove the agent of a deleted expert at the vendor, with its tool and its secret."""
    known = {name: task.task_data[name] for name in PARTS}
    try:
        get_voice_agents().delete(AgentParts(UUID(task.task_data["expert_id"]), **known))
    except ProviderError as error:
        raise as_outcome(error, task, patience=REMOVAL) from error


@handler("remove_surplus_agents", exclusive=True)
def remove_surplus_agents(task: ProcessingTask) -> None:
    """Remove what an expert has twice at the vendor, unless it has become the right one."""
    assert task.expert_id
    expert = expert_of(task)
    own = set(expert.voice_parts().values()) if expert else set()
    try:
        for known in task.task_data["parts"]:
            if own.isdisjoint(known.values()):
                get_voice_agents().discard(AgentParts(task.expert_id, **known))
    except ProviderError as error:
        raise as_outcome(error, task, patience=REMOVAL) from error


@handler("remove_stored")
def remove_stored(task: ProcessingTask) -> None:
    """Remove what rows that are gone left in the storage and in the vector store."""
    vectors = task.task_data.get("vectors")
    try:
        with heeding(STORAGE), storage_errors():
            for name in task.task_data.get("names", []):
                default_storage.delete(name)
        if vectors and "ordinals" in vectors:
            get_vector_store().delete_some(**vectors)
        elif vectors:
            get_vector_store().delete(**vectors)
    except ProviderError as error:
        raise as_outcome(error, task, patience=REMOVAL) from error


@handler(
    "reembed_file",
    exclusive=True,
    time_limit=timedelta(hours=12),
    stall_limit=timedelta(minutes=10),
)
def reembed_file(task: ProcessingTask) -> dict[str, int] | None:
    """Move a file that is ready to today's embedder; one that is not will come there anyway."""
    assert task.expert_id  # what the task is about: here, a file
    file = SourceFile.objects.ready().filter(pk=task.expert_id).first()
    if file is None:
        return None
    try:
        moved = move(file, task=task)
    except ProviderError as error:
        raise as_outcome(error, task) from error
    if get_vector_store().settles_later and not task.task_data.get("checked"):
        check_later(file)
    return {"passages": moved}


@handler("check_vectors", exclusive=True)
def check_vectors(task: ProcessingTask) -> dict[str, int] | None:
    """Look for a file's vectors at a vendor that had time to show them; lost ones are made anew."""
    assert task.expert_id  # what the task is about: here, a file
    file = SourceFile.objects.ready().filter(pk=task.expert_id).first()
    if file is None:
        return None
    try:
        lost = get_vector_store().recount(file)
    except ProviderError as error:
        raise as_outcome(error, task) from error
    if lost:
        logger.warning("%d vectors of %s are lost, and are made anew", lost, file.name)
        move_later(file, checked=True)
    return {"lost": lost}


@handler("reconcile", every=timedelta(days=1))
def reconcile(task: ProcessingTask) -> dict[str, Any]:
    """Compare vendors and storage with the database, and log what does not agree."""
    comparisons = compare()
    for comparison in comparisons:
        for line in comparison.lines():
            logger.warning("%s See `manage.py reconcile`.", line)
    return counts(comparisons)


def expert_of(task: ProcessingTask) -> Expert | None:
    """The task's expert, unless it was deleted."""
    assert task.expert_id
    return Expert.objects.filter(pk=task.expert_id).first()
