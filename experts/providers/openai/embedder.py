"""Embeddings: batches within the limits, dimensions checked, blank texts kept at home."""

import logging
from collections.abc import Sequence
from functools import cached_property
from typing import cast

import numpy as np
from django.conf import settings
from openai import omit

from experts.providers.base import ProviderError, Vector
from experts.providers.openai.client import TooLongError, connect, usage_of, vendor_errors, waiting
from experts.providers.patience import with_retries
from experts.providers.tokens import request_sized

logger = logging.getLogger(__name__)

DIMENSIONS = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
}
SHORTEST_CUT = 200  # characters; what is too long even then has another fault


class OpenAIEmbedder:
    """Vectors of unit length by the model that OPENAI_EMBEDDING_MODEL names."""

    batch_size = 128
    off_topic_below = 0.0  # not measured here: the answerer says when nothing fits
    passages_timeout = 30.0  # seconds
    query_timeout = 5.0  # less: somebody waits for the answer

    def __init__(self) -> None:
        environment = settings.ENVIRONMENT
        self.model = environment.openai_embedding_model
        self.asked_dimensions = environment.openai_embedding_dimensions
        # Only these models can shorten their vectors; elsewhere the number is what to expect.
        self.shortens = bool(self.asked_dimensions) and self.model.startswith("text-embedding-3")
        self.name = f"{self.model}@{self.asked_dimensions}" if self.shortens else self.model
        self.compatible = bool(environment.openai_base_url)
        self.vendor, self._client = connect()

    @cached_property
    def dimensions(self) -> int:
        """As configured, as documented, else as the server's first answer has them."""
        known = self.asked_dimensions or DIMENSIONS.get(self.model)
        return known or len(self._request(["dimensions"], seconds=self.query_timeout)[0])

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        """One vector for each text, in order. Raises ProviderError."""
        present = [text for text in texts if text.strip()]
        vectors = iter(
            [vector for batch in request_sized(present) for vector in self._embed(batch)]
        )
        return [next(vectors) if text.strip() else self._of_nothing() for text in texts]

    def embed_query(self, text: str) -> Vector:
        """The vector of a question. Raises ProviderError."""
        texts = [text.strip() or "?"]
        seconds = self.query_timeout
        return with_retries(lambda: self._checked(texts, seconds=seconds), attempts=2)[0]

    def _embed(self, texts: list[str]) -> list[Vector]:
        try:
            return with_retries(lambda: self._checked(texts, seconds=self.passages_timeout))
        except TooLongError:
            return self._embed_by_halves(texts)

    def _embed_by_halves(self, texts: list[str]) -> list[Vector]:
        """Estimates of tokens can be wrong: send less, at last only the beginning of a text."""
        if len(texts) > 1:
            middle = len(texts) // 2
            return self._embed(texts[:middle]) + self._embed(texts[middle:])
        if len(texts[0]) <= SHORTEST_CUT:
            raise ProviderError(
                f"{self.vendor} finds a text of {len(texts[0])} characters too long for"
                f" {self.model}.",
                permanent=True,
            )
        logger.warning("A passage is too long for %s: embedding its first half", self.model)
        return self._embed([texts[0][: len(texts[0]) // 2]])

    def _checked(self, texts: list[str], *, seconds: float) -> list[Vector]:
        vectors = self._request(texts, seconds=seconds)
        if len(vectors) != len(texts):
            raise self.vendor.garbled()
        lengths = {len(vector) for vector in vectors} - {self.dimensions}
        if lengths:
            raise ProviderError(
                f"{self.model} answered with vectors of {lengths.pop()} numbers instead of"
                f" {self.dimensions}. Set OPENAI_EMBEDDING_DIMENSIONS to what the model makes.",
                permanent=True,
            )
        return vectors

    def _request(self, texts: list[str], *, seconds: float) -> list[Vector]:
        with vendor_errors(self.vendor, seconds=seconds):
            response = self._client.embeddings.create(
                model=self.model,
                input=texts,
                timeout=waiting(seconds),
                dimensions=(self.shortens and self.asked_dimensions) or omit,
                # Unset means base64, a quarter of the bytes, which not every server knows.
                encoding_format="float" if self.compatible else omit,
            )
        logger.info("%s embedded %d texts", self.model, len(texts), extra=usage_of(response))
        return [unit(item.embedding) for item in sorted(response.data, key=lambda item: item.index)]

    def _of_nothing(self) -> Vector:
        """Blank text means nothing, yet stores refuse the zero vector."""
        return [1.0] + [0.0] * (self.dimensions - 1)


def unit(vector: Sequence[float]) -> Vector:
    """OpenAI's vectors have unit length; those of compatible servers need not."""
    array = np.asarray(vector, dtype=np.float64)
    return cast("Vector", (array / (np.linalg.norm(array) or 1.0)).tolist())
