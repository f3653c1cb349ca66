"""Passages' vectors in Pinecone; their text stays in PostgreSQL."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from pinecone import Index

from experts.models import Passage, SourceFile, StoredVector, site_mark
from experts.providers.base import Held, Vector
from experts.providers.pacing import paced
from experts.providers.pinecone.index import PineconeIndex, serving
from experts.providers.pinecone.namespace import (
    MOST_IDS,
    IndexGoneError,
    Match,
    Namespace,
    Record,
    chunks,
    namespaces,
)

PARALLEL_UPSERTS = 4
MOST_BYTES = 1_800_000  # of one upsert; the documented limit is 2 MB
BYTES_PER_NUMBER = 22  # a double in JSON, at most
BYTES_OF_METADATA = 300

Pair = tuple[Passage, Vector]


class PineconeStore:
    """A namespace for each owner, vectors under ids `<file>#<n>`, notes in `StoredVector`."""

    settles_later = True

    def __init__(self) -> None:
        self._index = PineconeIndex()

    @property
    def name(self) -> str:
        """For the notes: this site's part of the index."""
        return f"pinecone:{self._index.name}:{site_mark()}"

    def upsert(self, passages: Sequence[Passage], vectors: Sequence[Vector], *, model: str) -> None:
        """Store over what is there; what was taken is noted even when the rest was refused."""
        if not passages:
            return
        index = self._index.found_or_made(dimensions=len(vectors[0]))
        namespace = Namespace(index, owner_id=passages[0].source_file.owner_id)
        pairs = list(zip(passages, vectors, strict=True))
        left = list(chunks(pairs, most_vectors(len(vectors[0]))))
        send = partial(self._send, left, namespace, model=model)
        # Each batch has attempts of its own.
        paced(serving("writes"), send, attempts=1, requests=len(left))

    def _send(self, left: list[Sequence[Pair]], namespace: Namespace, *, model: str) -> None:
        """Send the batches, several at once; those that were taken are noted and left no more."""
        batches = list(left)
        with ThreadPoolExecutor(PARALLEL_UPSERTS) as pool:
            answers = [pool.submit(namespace.upsert, records(batch, model)) for batch in batches]
        for batch, answer in zip(batches, answers, strict=True):
            if not answer.exception():
                self._note(namespace, [passage for passage, _ in batch], model=model)
                left.remove(batch)
        self._raise_the_worst(answers)

    def missing(self, file: SourceFile, *, model: str) -> QuerySet[Passage]:
        """What no note says to be in this index, in order."""
        noted = StoredVector.objects.filter(
            passage=OuterRef("pk"), store=self.name, embedding_model=model
        )
        return Passage.objects.filter(~Exists(noted), source_file=file).order_by("ordinal")

    def search(
        self, vector: Vector, *, file_ids: Sequence[UUID], model: str, limit: int
    ) -> list[Match]:
        """The nearest passages of the allowed files: (passage id, cosine), best first."""
        index = self._index.found(dimensions=len(vector))
        if index is None:  # nothing was ever stored
            return []
        matches: list[Match] = []
        for owner_id, owned in by_owner(file_ids).items():
            for chunk in chunks(owned, MOST_IDS):
                where = {"file": {"$in": chunk}, "model": {"$eq": model}}
                matches += Namespace(index, owner_id=owner_id).query(
                    vector, where=where, limit=limit
                )
        return sorted(matches, key=lambda match: -match[1])[:limit]

    def delete(self, *, owner_id: int, file_id: UUID, passages: int) -> None:
        """Forget the file's vectors: the ids it had, and any that an earlier reading left."""
        index = self._index.found()
        if index is None:
            return
        namespace = Namespace(index, owner_id=owner_id)
        ids = [Passage(source_file_id=file_id, ordinal=n).vector_id for n in range(passages)]
        namespace.delete(ids)
        for left in namespace.listed(f"{file_id}#"):
            namespace.delete(left)

    def delete_some(self, *, owner_id: int, file_id: UUID, ordinals: Sequence[int]) -> None:
        """Forget these vectors of a file, whose passages are gone; twice is no error."""
        if index := self._index.found():
            keys = [Passage(source_file_id=file_id, ordinal=n).vector_id for n in ordinals]
            Namespace(index, owner_id=owner_id).delete(keys)

    def held(self) -> Iterator[Held]:
        """What the index holds, namespace by namespace, and what the notes say; all ids are read.

        A vector takes seconds to be listed, so those of files that are being read do not count.
        """
        index = self._index.found()
        there = namespaces(index) if index else {}
        noted = StoredVector.objects.filter(store=self.name).order_by()
        owners = noted.values_list("passage__source_file__owner_id", flat=True).distinct()
        for owner_id in sorted({*there, *owners}):
            held = there[owner_id].ordinals() if owner_id in there else {}
            yield Held(owner_id, held, self._noted(owner_id))

    def _noted(self, owner_id: int) -> dict[UUID, set[int]]:
        settled = StoredVector.objects.filter(
            store=self.name,
            passage__source_file__owner_id=owner_id,
            passage__source_file__status=SourceFile.Status.READY,
        )
        places: dict[UUID, set[int]] = {}
        rows = settled.values_list("passage__source_file_id", "passage__ordinal")
        for file_id, ordinal in rows.iterator():
            places.setdefault(file_id, set()).add(ordinal)
        return places

    def recount(self, file: SourceFile) -> int:
        """Take back the notes of a file's vectors that Pinecone does not list; returns how many."""
        noted = StoredVector.objects.filter(passage__source_file=file, store=self.name)
        index = self._index.found()
        there = self._listed(index, file) if index else set()
        places = noted.values_list("pk", "passage__ordinal")
        lost = [pk for pk, ordinal in places if ordinal not in there]
        noted.filter(pk__in=lost).delete()
        return len(lost)

    def _listed(self, index: Index, file: SourceFile) -> set[int]:
        namespace = Namespace(index, owner_id=file.owner_id)
        return namespace.ordinals(f"{file.pk}#").get(file.pk, set())

    def _note(self, namespace: Namespace, taken: Sequence[Passage], *, model: str) -> None:
        """Note what was taken, and take back what was deleted here meanwhile."""
        ids = [passage.pk for passage in taken]
        with transaction.atomic():
            live = set(
                Passage.objects.select_for_update(no_key=True)
                .filter(pk__in=ids)
                .values_list("pk", flat=True)
            )
            StoredVector.objects.bulk_create(
                [
                    StoredVector(passage_id=pk, store=self.name, embedding_model=model)
                    for pk in live
                ],
                update_conflicts=True,
                unique_fields=["passage"],
                update_fields=["store", "embedding_model"],
            )
        namespace.delete([passage.vector_id for passage in taken if passage.pk not in live])

    def _raise_the_worst(self, answers: Sequence[Future[None]]) -> None:
        """What is permanent before what passes by."""
        failures = [error for answer in answers if (error := answer.exception())]
        if any(isinstance(error, IndexGoneError) for error in failures):
            self._index.forget()
        if failures:
            raise min(failures, key=lambda error: not getattr(error, "permanent", True))


def records(batch: Sequence[Pair], model: str) -> list[Record]:
    return [record(passage, vector, model=model) for passage, vector in batch]


def record(passage: Passage, vector: Vector, *, model: str) -> Record:
    """A vector as Pinecone takes it: flat, small metadata, to filter by and to find it again."""
    metadata = {
        "file": str(passage.source_file_id),
        "page": passage.page,
        "passage": passage.pk,
        "model": model,
    }
    return {"id": passage.vector_id, "values": list(vector), "metadata": metadata}


def by_owner(file_ids: Sequence[UUID]) -> dict[int, list[str]]:
    """The files that still exist, under their owners."""
    files: dict[int, list[str]] = {}
    for pk, owner_id in SourceFile.objects.filter(pk__in=file_ids).values_list("pk", "owner_id"):
        files.setdefault(owner_id, []).append(str(pk))
    return files


def most_vectors(dimensions: int) -> int:
    """How many vectors of this length one request may hold."""
    of_one = dimensions * BYTES_PER_NUMBER + BYTES_OF_METADATA
    return max(1, min(MOST_IDS, MOST_BYTES // of_one))
