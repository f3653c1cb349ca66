"""From passages to stored vectors, paying for none twice."""

import time

from experts.ingestion.holding import hold
from experts.ingestion.report import Report
from experts.models import Passage, SourceFile
from experts.providers import get_embedder, get_vector_store
from experts.providers.base import Embedder, ProviderError, Vector, batches
from queueing.models import ProcessingTask

LONGEST_PAUSE = 120.0  # seconds; a vendor that asks for more gets the task back in the queue


def embed(file: SourceFile, *, task: ProcessingTask, report: Report) -> None:
    """Embed and store the file's passages that have no vector of today's model yet.

    Raises ProviderError, and whatever `task.checkpoint()` raises.
    """
    embedder, store = get_embedder(), get_vector_store()
    total = Passage.objects.of_files([file.pk]).count()
    missing = store.missing(file, model=embedder.name)
    done = total - len(missing)
    count = -(-total // embedder.batch_size)
    for batch in batches(missing, embedder.batch_size):
        vectors = patiently(embedder, batch, task=task, report=report)
        hold(file, task, embedding_model=embedder.name)
        store.upsert(batch, vectors, model=embedder.name)
        done += len(batch)
        number = -(-done // embedder.batch_size)
        report.embedded(batch=number, batches=count, chunk=done, chunks=total)
        task.checkpoint()


def verify(file: SourceFile) -> None:
    """As many vectors as passages, or the file is not ready. Raises ProviderError."""
    missing = get_vector_store().missing(file, model=get_embedder().name)
    if missing:
        raise ProviderError(f"{len(missing)} vectors of {file.name} were not stored.")


def patiently(
    embedder: Embedder, batch: list[Passage], *, task: ProcessingTask, report: Report
) -> list[Vector]:
    """Embed a batch, waiting in sight of everyone when the vendor asks for patience."""
    texts = [passage.text for passage in batch]
    while True:
        try:
            return embedder.embed_passages(texts)
        except ProviderError as error:
            if error.permanent or error.retry_after is None or error.retry_after > LONGEST_PAUSE:
                raise
            pause(error.retry_after, task=task, report=report)


def pause(seconds: float, *, task: ProcessingTask, report: Report) -> None:
    """Wait, and say so; cancelling and stopping work meanwhile."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        report.paused(f"Paused by the embedding service, resumes in {left:.0f} s")
        task.checkpoint()
        time.sleep(min(left, 1))
