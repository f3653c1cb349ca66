"""Work that never stands before anybody's expert in the line: clearing up, and moving."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from experts.models import SourceFile
from queueing import enqueue

BEHIND_EVERYTHING = -10
SETTLING = timedelta(minutes=2)  # Pinecone shows a write some seconds later, as it documents


def remove_later(*, names: Sequence[str] = (), vectors: dict[str, Any] | None = None) -> None:
    """Queue the removal of stored objects and vectors, so that no failure can drop it."""
    enqueue(
        "remove_stored",
        task_data={"names": list(names), "vectors": vectors},
        priority=BEHIND_EVERYTHING,
    )


def move_later(file: SourceFile, *, checked: bool = False) -> None:
    """Queue the move to today's embedder and store; while one waits, it stays one.

    `checked`: because of a look at what the store has, which is not repeated for ever.
    """
    enqueue(
        "reembed_file",
        expert_id=file.pk,  # what the task is about
        owner_id=str(file.owner_id),
        task_data={"checked": True} if checked else {},
        priority=BEHIND_EVERYTHING,
    )


def check_later(file: SourceFile) -> None:
    """Queue the look at whether a vector store that shows writes only later has the file."""
    enqueue(
        "check_vectors",
        expert_id=file.pk,  # what the task is about
        owner_id=str(file.owner_id),
        priority=BEHIND_EVERYTHING,
        delay=SETTLING,
    )
