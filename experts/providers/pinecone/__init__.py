"""Pinecone: vectors in an index of its own, a namespace for each owner."""

from experts.providers.pinecone.store import PineconeStore

__all__ = ["PineconeStore"]
