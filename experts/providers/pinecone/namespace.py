"""One owner's vectors in the index: the four calls, each safe to repeat."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from pinecone import Index
from pinecone.errors import NotFoundError, PayloadTooLargeError

from experts.models import site_mark
from experts.providers.base import ProviderError, Vector
from experts.providers.pacing import heeding, paced
from experts.providers.patience import with_retries
from experts.providers.pinecone.index import WRITE_TIMEOUT, serving, vendor_errors

Item = TypeVar("Item")
Record = dict[str, Any]  # {"id", "values", "metadata"}
Match = tuple[int, float]  # passage id, cosine

OURS = re.compile(r"[0-9a-f-]{36}#\d+")  # ids that this product gives
MOST_IDS = 1000  # of one deletion, and of one filter


class TooLargeError(ProviderError):
    """The request is larger than Pinecone takes."""


class IndexGoneError(ProviderError):
    """The index was there and is not any more."""


class Namespace:
    """One owner's, of this site, which others may share the index with.

    Made with the first upsert: until then it is empty, which is no error.
    """

    def __init__(self, index: Index, *, owner_id: int) -> None:
        self._index = index
        self.name = f"{beginning()}{owner_id}"

    def upsert(self, records: Sequence[Record]) -> None:
        """Store over what is there: in one request, or in two halves where that is too large.

        Several run at once, in threads that have no database: their caller keeps the pace.
        """
        try:
            with_retries(lambda: self._upsert(records))
        except TooLargeError:
            if len(records) == 1:
                raise
            for half in chunks(records, -(-len(records) // 2)):
                self.upsert(half)

    def query(self, vector: Vector, *, where: dict[str, Any], limit: int) -> list[Match]:
        """The nearest passages among those that fit, best first."""
        ask = partial(self._query, vector, where, limit)
        return paced(serving("searches"), ask, attempts=2)

    def delete(self, ids: Sequence[str]) -> None:
        """Forget vectors; unknown ids are no error."""
        for chunk in chunks(ids, MOST_IDS):
            paced(serving("writes"), partial(self._delete, chunk))

    def listed(self, prefix: str) -> Iterator[list[str]]:
        """Pages of up to 100 ids; what was deleted seconds ago may still be among them."""
        lists = heeding(serving("lists"))
        with lists, vendor_errors(WRITE_TIMEOUT), suppress(NotFoundError):
            pages = self._index.list(prefix=prefix, namespace=self.name, timeout=WRITE_TIMEOUT)
            for page in pages:
                yield [vector.id for vector in page.vectors if vector.id]

    def ordinals(self, prefix: str = "") -> dict[UUID, set[int]]:
        """What is in it: the places of the passages, by file."""
        places: dict[UUID, set[int]] = {}
        for page in self.listed(prefix):
            for key in filter(OURS.fullmatch, page):
                file_id, _, ordinal = key.partition("#")
                places.setdefault(UUID(file_id), set()).add(int(ordinal))
        return places

    def _upsert(self, records: Sequence[Record]) -> None:
        with vendor_errors(WRITE_TIMEOUT):
            try:
                answer = self._index.upsert(
                    vectors=records, namespace=self.name, timeout=WRITE_TIMEOUT
                )
            except PayloadTooLargeError:
                raise TooLargeError("Pinecone finds a vector too large.", permanent=True) from None
            except NotFoundError:
                raise IndexGoneError("The Pinecone index is gone. It will be made anew.") from None
        if answer.upserted_count < len(records):
            taken = f"{answer.upserted_count} of {len(records)} vectors"
            raise ProviderError(f"Pinecone took {taken}. All are sent again.")

    def _query(self, vector: Vector, where: dict[str, Any], limit: int) -> list[Match]:
        with vendor_errors(), suppress(NotFoundError):
            answer = self._index.query(
                vector=list(vector),
                top_k=limit,
                namespace=self.name,
                filter=where,
                include_metadata=True,
            )
            return [match_of(match.metadata, match.score) for match in answer.matches]
        return []

    def _delete(self, ids: Sequence[str]) -> None:
        with vendor_errors(WRITE_TIMEOUT), suppress(NotFoundError):
            self._index.delete(ids=list(ids), namespace=self.name, timeout=WRITE_TIMEOUT)


def namespaces(index: Index) -> dict[int, Namespace]:
    """This site's namespaces that are there, by owner. Raises ProviderError."""
    begins = beginning()
    with heeding(serving("lists")), vendor_errors():
        names = [each.name or "" for page in index.list_namespaces() for each in page.namespaces]
    owners = [re.fullmatch(rf"{begins}(\d+)", name) for name in names]
    return {int(owner[1]): Namespace(index, owner_id=int(owner[1])) for owner in owners if owner}


def beginning() -> str:
    """How the names of all namespaces of this site begin."""
    return f"{site_mark()}-owner-"


def match_of(metadata: dict[str, Any] | None, score: float) -> Match:
    """Numbers in metadata are kept as floats: passage 7 comes back as 7.0."""
    return int((metadata or {})["passage"]), score


def chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
