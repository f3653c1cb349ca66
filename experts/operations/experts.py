"""Experts: made, changed, deleted, processed."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Max

from experts.announcements import announce
from experts.housekeeping import remove_later
from experts.models import Expert, ExpertFile, ExpertProcessingProgress, SourceFile
from experts.operations.avatars import encode_avatar
from experts.operations.processing import queue_processing
from experts.operations.refusals import Refused, stored_or_refused
from experts.operations.voices import ensure_agent, remove_agent_later, sync_agent_later
from queueing.models import ProcessingTask

NO_FILES = "An expert learns from files. Select at least one."


class CreatedExpert(NamedTuple):
    """An expert and the task that processes its files; not `created` when the key was known.

    `position` is the task's place in the line when it joined; None when it is not in the line.
    """

    expert: Expert
    task: ProcessingTask
    created: bool
    position: int | None


def create_expert(
    *,
    owner: User,
    name: str,
    files: Sequence[SourceFile],
    description: str = "",
    persona: str = "",
    first_message: str = "",
    language: str = "en",
    voice_id: str = "",
    avatar: File[bytes] | None = None,
    priority: int = 0,
    idempotency_key: str | None = None,
) -> CreatedExpert:
    """Create an expert and queue the processing of its files.

    The queue lives in this database, so the expert, its progress and its task commit together
    or not at all. A repeated `idempotency_key` of the same owner gives what it gave first.
    Raises Refused: `empty_selection`, `invalid_avatar`, `storage_unavailable`.
    """
    if not files:
        raise Refused("empty_selection", NO_FILES, fields={"selected_files": NO_FILES})
    key = f"{owner.pk}:{idempotency_key}" if idempotency_key else None
    if known := _created_before(key):
        return known
    expert = Expert(
        owner=owner,
        name=name,
        description=description,
        persona=persona,
        first_message=first_message,
        language=language,
        voice_id=voice_id,
    )
    face = encode_avatar(avatar) if avatar else None
    if face:  # slow, and so is the voice vendor: both before the transaction
        keep_avatar(expert, face)
    ensure_agent(expert)
    try:
        return _insert(expert, files, priority=priority, key=key)
    except _SameKeyError:
        _clear_up(expert)
        again = _created_before(key)
        assert again
        return again


class _SameKeyError(Exception):
    """The same request is being answered by another process; ours rolls back."""


def _insert(
    expert: Expert, files: Sequence[SourceFile], *, priority: int, key: str | None
) -> CreatedExpert:
    with transaction.atomic():
        expert.save(force_insert=True)
        ExpertFile.objects.bulk_create(
            ExpertFile(expert=expert, file=file, ordinal=ordinal)
            for ordinal, file in enumerate(files)
        )
        ExpertProcessingProgress.objects.create(expert=expert)
        _wait_for_the_turn_to_join()
        task = queue_processing(expert, priority=priority, idempotency_key=key)
        if task.expert_id != expert.pk:
            raise _SameKeyError
        position = _position(task)
        if expert.agent_status == Expert.AgentStatus.PENDING:
            sync_agent_later(expert)
    return CreatedExpert(expert, task, created=True, position=position)


def _wait_for_the_turn_to_join() -> None:
    """Let nobody else's new expert join the line until this transaction ends.

    Two that join at the same moment do not see each other, and both would read "position 1".
    Only the commit is left to do by then, so the wait is one of milliseconds.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('experts.joining_the_line'))")


def _position(task: ProcessingTask) -> int | None:
    return ProcessingTask.objects.positions([task.pk]).get(task.pk)


def _created_before(key: str | None) -> CreatedExpert | None:
    task = ProcessingTask.objects.filter(idempotency_key=key).first() if key else None
    expert = Expert.objects.filter(pk=task.expert_id).first() if task and task.expert_id else None
    if not (expert and task):
        return None
    return CreatedExpert(expert, task, created=False, position=_position(task))


def _clear_up(expert: Expert) -> None:
    if expert.avatar:
        default_storage.delete(str(expert.avatar.name))
    remove_agent_later(expert)


def update_expert(expert: Expert, **fields: Any) -> Expert:
    """Change what an expert is (not what it knows). `avatar=None` takes the picture away.

    Raises Refused: `invalid_avatar`, `storage_unavailable`.
    """
    before = expert.avatar.name
    if "avatar" in fields:
        avatar = fields.pop("avatar")
        if avatar:
            keep_avatar(expert, encode_avatar(avatar))
        else:
            expert.avatar.name = ""
    for name, value in fields.items():
        setattr(expert, name, value)
    with transaction.atomic():
        expert.save()
        sync_agent_later(expert)
        if before and before != expert.avatar.name:
            remove_later(names=[before])
    return expert


def keep_avatar(expert: Expert, face: File[bytes]) -> None:
    """Store the picture; the row is the caller's. Raises Refused `storage_unavailable`."""
    with stored_or_refused("avatar"):
        expert.avatar.save(f"{expert.pk}.webp", face, save=False)


def delete_expert(expert: Expert) -> None:
    """Delete an expert for every reader at once; its files stay in the library."""
    with transaction.atomic():
        for task in ProcessingTask.objects.unfinished().filter(expert_id=expert.pk):
            task.cancel()
        remove_agent_later(expert)
        if expert.avatar:
            remove_later(names=[str(expert.avatar.name)])
        announce(expert.pk)
        expert.delete()


def add_files(expert: Expert, files: Sequence[SourceFile]) -> ProcessingTask:
    """Let an expert learn from more files; it keeps talking from what it knows meanwhile."""
    if not files:
        raise Refused("empty_selection", NO_FILES, fields={"selected_files": NO_FILES})
    with transaction.atomic():
        last = expert.selections.aggregate(last=Max("ordinal", default=-1))["last"]
        ExpertFile.objects.bulk_create(
            [
                ExpertFile(expert=expert, file=file, ordinal=ordinal)
                for ordinal, file in enumerate(files, start=last + 1)
            ],
            ignore_conflicts=True,
        )
        return queue_processing(expert)


def remove_files(expert: Expert, files: Sequence[SourceFile]) -> None:
    """Take files out of an expert's selection, at once. Raises Refused `empty_selection`."""
    with transaction.atomic():
        expert.selections.filter(file__in=files).delete()
        if not expert.selections.exists():
            message = "An expert needs at least one file. Add another first, or delete the expert."
            raise Refused("empty_selection", message)


def cancel_processing(expert: Expert) -> None:
    """Stop the processing: at once when it waits, within seconds when it runs.

    Raises Refused `not_processing`.
    """
    tasks = ProcessingTask.objects.unfinished().filter(
        expert_id=expert.pk, task_type="file_processing"
    )
    if not [task for task in tasks if task.cancel()]:
        raise Refused("not_processing", "This expert is not being processed: nothing to cancel.")


def reprocess(expert: Expert) -> ProcessingTask:
    """Queue the processing once more; files that failed are tried again."""
    with transaction.atomic():
        SourceFile.objects.filter(experts=expert).start_over()
        return queue_processing(expert)
