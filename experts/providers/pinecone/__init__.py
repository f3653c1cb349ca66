"""Pinecone: vectors in an index of its own, a namespace for each owner."""

from typing import TYPE_CHECKING

from experts.providers.pinecone.store import PineconeStore

if TYPE_CHECKING:  # the registry holds names, so this is where the interface is checked
    from experts.providers.base import VectorStore

    _store: type[VectorStore] = PineconeStore

__all__ = ["PineconeStore"]
