"""Embeddings: batches within the limits, dimensions checked, blank texts kept at home."""

import logging
from collections.abc import Sequence
from functools import cached_property, partial
from typing import cast

import numpy as np
from django.conf import settings
from openai import omit

from experts.providers.base import ProviderError, Vector
from experts.providers.openai.client import TooLongError, connect, vendor_errors, waiting
from experts.providers.pacing import paced
from experts.providers.tokens import estimated_tokens, request_sized
from experts.providers.usage import Kind, record

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
        return known or len(self._asked(["dimensions"], Kind.SEARCH)[0])

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
        tokens = estimated_tokens(texts[0])
        ask = partial(self._checked, texts, Kind.SEARCH)
        return paced(self.vendor, ask, attempts=2, tokens=tokens)[0]

    def _embed(self, texts: list[str]) -> list[Vector]:
        tokens = sum(map(estimated_tokens, texts))
        ask = partial(self._checked, texts, Kind.EMBEDDING)
        try:
            return paced(self.vendor, ask, tokens=tokens)
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

    def _checked(self, texts: list[str], kind: Kind) -> list[Vector]:
        vectors = self._asked(texts, kind)
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

    def _asked(self, texts: list[str], kind: Kind) -> list[Vector]:
        seconds = self.query_timeout if kind == Kind.SEARCH else self.passages_timeout
        with vendor_errors(self.vendor, seconds=seconds):
            response = self._client.embeddings.create(
                model=self.model,
                input=texts,
                timeout=waiting(seconds),
                dimensions=(self.shortens and self.asked_dimensions) or omit,
                # Unset means base64, a quarter of the bytes, which not every server knows.
                encoding_format="float" if self.compatible else omit,
            )
        said = response.usage and response.usage.prompt_tokens  # not by every compatible server
        record(
            self.vendor,
            kind=kind,
            model=self.name,
            tokens_in=said or sum(map(estimated_tokens, texts)),
            estimated=not said,
        )
        return [unit(item.embedding) for item in sorted(response.data, key=lambda item: item.index)]

    def _of_nothing(self) -> Vector:
        """Blank text means nothing, yet stores refuse the zero vector."""
        return [1.0] + [0.0] * (self.dimensions - 1)


def unit(vector: Sequence[float]) -> Vector:
    """OpenAI's vectors have unit length; those of compatible servers need not."""
    array = np.asarray(vector, dtype=np.float64)
    return cast("Vector", (array / (np.linalg.norm(array) or 1.0)).tolist())
