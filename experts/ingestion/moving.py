"""Files that are ready, moved to today's embedder and store while experts answer from them."""

import time

from experts.ingestion.embedding import Unembedded, verify
from experts.models import SourceFile
from experts.providers import get_embedder, get_vector_store
from experts.providers.pacing import Pause, pausing
from experts.providers.usage import Account, charged_to
from queueing.models import ProcessingTask


def move(file: SourceFile, *, task: ProcessingTask) -> int:
    """Embed what has no vector of today's model in today's store; returns how many passages.

    A passage's new vector takes the place of its old one, so the file is found by its words
    only, until this comes to it; a new attempt goes on where the last one stopped. Raises
    ProviderError, and whatever `task.checkpoint()` raises.
    """
    embedder, store = get_embedder(), get_vector_store()
    left, moved = Unembedded(file, embedder), 0
    with pausing(quiet_pause(task)), charged_to(Account(file.owner_id, None, file.pk)):
        while unit := left.next_unit():
            vectors = embedder.embed_passages([passage.text for passage in unit])
            store.upsert(unit, vectors, model=embedder.name)
            moved += len(unit)
            task.checkpoint()
    verify(file)
    SourceFile.objects.ready().filter(pk=file.pk).update(embedding_model=embedder.name)
    return moved


def quiet_pause(task: ProcessingTask) -> Pause:
    """Wait for a vendor where nobody watches; cancelling and stopping work meanwhile."""

    def pause(vendor: str, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            task.checkpoint()
            time.sleep(min(left, 1))

    return pause
