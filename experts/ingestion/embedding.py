"""From passages to stored vectors, paying for none twice."""

from experts.ingestion.holding import hold
from experts.ingestion.report import Report
from experts.models import Passage, SourceFile
from experts.providers import get_embedder, get_vector_store
from experts.providers.base import Embedder, ProviderError, Vector
from experts.providers.tokens import passage_batches
from experts.providers.usage import Account, charged_to
from queueing.models import ProcessingTask


def embed(file: SourceFile, *, task: ProcessingTask, report: Report) -> None:
    """Embed and store the file's passages that have no vector of today's model yet.

    Raises ProviderError, and whatever `task.checkpoint()` raises.
    """
    embedder, store = get_embedder(), get_vector_store()
    total = Passage.objects.of_files([file.pk]).count()
    missing = store.missing(file, model=embedder.name)
    done = total - len(missing)
    before = -(-done // embedder.batch_size)
    batches = list(passage_batches(missing, embedder))
    for number, batch in enumerate(batches, start=before + 1):
        vectors = embedded(batch, embedder=embedder, file=file, task=task)
        hold(file, task, embedding_model=embedder.name)
        store.upsert(batch, vectors, model=embedder.name)
        done += len(batch)
        report.embedded(batch=number, batches=before + len(batches), chunk=done, chunks=total)
        task.checkpoint()


def embedded(
    batch: list[Passage], *, embedder: Embedder, file: SourceFile, task: ProcessingTask
) -> list[Vector]:
    """The vectors of a batch, charged to the file's owner and to the expert that needs it."""
    with charged_to(Account(file.owner_id, task.expert_id, file.pk)):
        return embedder.embed_passages([passage.text for passage in batch])


def verify(file: SourceFile) -> None:
    """As many vectors as passages, or the file is not ready. Raises ProviderError."""
    missing = get_vector_store().missing(file, model=get_embedder().name)
    if missing:
        raise ProviderError(f"{len(missing)} vectors of {file.name} were not stored.")
