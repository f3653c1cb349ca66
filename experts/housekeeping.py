"""Work that never stands before anybody's expert in the line: clearing up, and moving."""

from collections.abc import Sequence
from typing import Any

from experts.models import SourceFile
from queueing import enqueue

BEHIND_EVERYTHING = -10


def remove_later(*, names: Sequence[str] = (), vectors: dict[str, Any] | None = None) -> None:
    """Queue the removal of stored objects and vectors, so that no failure can drop it."""
    enqueue(
        "remove_stored",
        task_data={"names": list(names), "vectors": vectors},
        priority=BEHIND_EVERYTHING,
    )


def move_later(file: SourceFile) -> None:
    """Queue the move to today's embedder and store; while one waits, it stays one."""
    enqueue(
        "reembed_file",
        expert_id=file.pk,  # what the task is about
        owner_id=str(file.owner_id),
        priority=BEHIND_EVERYTHING,
    )
