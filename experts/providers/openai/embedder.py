"""Embeddings: batches within the limits, dimensions checked, blank texts kept at home."""

import logging
from collections.abc import Sequence
from functools import cached_property, partial
from typing import NamedTuple, cast

import numpy as np
from django.conf import settings
from openai import omit
from openai.types import CreateEmbeddingResponse

from experts.providers.base import ProviderError, Vector
from experts.providers.openai.client import (
    TooLongError,
    TooManyError,
    connect,
    vendor_errors,
    waiting,
)
from experts.providers.pacing import paced, somebody_waits
from experts.providers.patience import ATTEMPTS
from experts.providers.tokens import estimated_tokens, filled
from experts.providers.usage import Kind, record
from experts.providers.vendor import own_server

logger = logging.getLogger(__name__)

DIMENSIONS = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
}
# Best cosines below which a question is about something else, set low, so that they refuse what is
# far off and nothing else. Not measured here but taken from what others did: questions about
# something else have 0.08 with text-embedding-3-large, right ones 0.44
# (https://afurmanov.com/chunk-size-embedding-similarity); remote ones 0.20 to 0.25 with
# text-embedding-3-small, and 0.77 to 0.79 with ada-002 (https://community.openai.com/t/1377685).
# `python -m bench.retrieval` measures it with a key; OFF_TOPIC_BELOW sets another.
OFF_TOPIC = {
    "text-embedding-3-small": 0.2,
    "text-embedding-3-large": 0.2,
    "text-embedding-ada-002": 0.7,
}
MOST_INPUTS = 2048  # of one request, as OpenAI documents it
MOST_TOKENS = 280_000  # the documented 300,000, less what an estimate may be wrong by
# A server of one's own may have no more than a processor, and servers refuse batches above 10
# (DashScope), 32 (text-embeddings-inference), …
FEW_INPUTS = 32
SHORTEST_CUT = 200  # characters; what is too long even then has another fault


class Call(NamedTuple):
    """How a request is made: what for, how long it may take, how often it is tried."""

    kind: Kind
    seconds: float
    attempts: int


class OpenAIEmbedder:
    """Vectors of unit length by the model that OPENAI_EMBEDDING_MODEL names."""

    query_timeout = 5.0  # seconds: somebody waits for the answer

    def __init__(self) -> None:
        environment = settings.ENVIRONMENT
        self.model = environment.openai_embedding_model
        self.asked_dimensions = environment.openai_embedding_dimensions
        # Only these models can shorten their vectors; elsewhere the number is what to expect.
        self.shortens = bool(self.asked_dimensions) and self.model.startswith("text-embedding-3")
        self.name = f"{self.model}@{self.asked_dimensions}" if self.shortens else self.model
        self.off_topic_below = OFF_TOPIC.get(self.model, -1.0)
        self.compatible = bool(own_server())
        self.batch_size = FEW_INPUTS if self.compatible else MOST_INPUTS
        self.batch_tokens: int | None = MOST_TOKENS
        self.passages_timeout = 180.0 if self.compatible else 60.0  # seconds
        self.vendor, self._client = connect("embeddings", self)

    @cached_property
    def dimensions(self) -> int:
        """As configured, as documented, else as the server's first answer has them."""
        known = self.asked_dimensions or DIMENSIONS.get(self.model)
        return known or len(self._asked(["dimensions"], self._call(query=True))[0])

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        """One vector for each text, in order. Raises ProviderError."""
        present = [text for text in texts if text.strip()]
        batches = filled(present, text=str, most=self.batch_size, most_tokens=self.batch_tokens)
        vectors = iter([vector for batch in batches for vector in self._embed(batch)])
        return [next(vectors) if text.strip() else self._of_nothing() for text in texts]

    def embed_query(self, text: str) -> Vector:
        """The vector of a question. Raises ProviderError."""
        return self._paced([text.strip() or "?"], self._call(query=True))[0]

    def _call(self, *, query: bool = False) -> Call:
        if query or somebody_waits():
            return Call(Kind.SEARCH, self.query_timeout, attempts=2)
        return Call(Kind.EMBEDDING, self.passages_timeout, ATTEMPTS)

    def _embed(self, texts: list[str]) -> list[Vector]:
        try:
            return self._paced(texts, self._call())
        except TooLongError as error:
            if len(texts) > 1:
                return self._embed_by_halves(texts, error)
            return self._embed_the_beginning(texts[0])

    def _embed_by_halves(self, texts: list[str], error: TooLongError) -> list[Vector]:
        """Estimates of tokens can be wrong, and servers have limits of their own."""
        middle = len(texts) // 2
        if isinstance(error, TooManyError):
            self.batch_size = min(self.batch_size, middle)  # from now on
        return self._embed(texts[:middle]) + self._embed(texts[middle:])

    def _embed_the_beginning(self, text: str) -> list[Vector]:
        if len(text) <= SHORTEST_CUT:
            raise ProviderError(
                f"{self.vendor} finds a text of {len(text)} characters too long for {self.model}.",
                permanent=True,
            )
        logger.warning("A passage is too long for %s: embedding its first half", self.model)
        return self._embed([text[: len(text) // 2]])

    def _paced(self, texts: list[str], call: Call) -> list[Vector]:
        tokens = sum(map(estimated_tokens, texts))
        ask = partial(self._checked, texts, call)
        return paced(self.vendor, ask, attempts=call.attempts, tokens=tokens)

    def _checked(self, texts: list[str], call: Call) -> list[Vector]:
        vectors = self._asked(texts, call)
        lengths = {len(vector) for vector in vectors} - {self.dimensions}
        if lengths:
            raise ProviderError(
                f"{self.model} answered with vectors of {lengths.pop()} numbers instead of"
                f" {self.dimensions}. Set OPENAI_EMBEDDING_DIMENSIONS to what the model makes.",
                permanent=True,
            )
        return vectors

    def _asked(self, texts: list[str], call: Call) -> list[Vector]:
        with vendor_errors(self.vendor, seconds=call.seconds):
            response = self._client.embeddings.create(
                model=self.model,
                input=texts,
                timeout=waiting(call.seconds),
                dimensions=(self.shortens and self.asked_dimensions) or omit,
                # Unset means base64, a quarter of the bytes, which not every server knows.
                encoding_format="float" if self.compatible else omit,
            )
        if not isinstance(response, CreateEmbeddingResponse):  # a page for people, say
            raise self.vendor.garbled()
        self._record(texts, response, call)
        return [self._unit(vector) for vector in self._in_order(response, len(texts))]

    def _in_order(self, response: CreateEmbeddingResponse, count: int) -> list[list[float]]:
        """One for each text. The SDK leaves out silently what a server does not send."""
        places = {getattr(item, "index", None): item for item in response.data or []}
        if len(response.data or []) != count or set(places) != set(range(count)):
            raise self.vendor.garbled()
        return [places[place].embedding for place in range(count)]

    def _record(self, texts: list[str], response: CreateEmbeddingResponse, call: Call) -> None:
        said = response.usage and response.usage.prompt_tokens  # not by every compatible server
        record(
            self.vendor,
            kind=call.kind,
            model=self.name,
            tokens_in=said or sum(map(estimated_tokens, texts)),
            estimated=not said,
        )

    def _unit(self, vector: Sequence[float]) -> Vector:
        """OpenAI's vectors have unit length; those of compatible servers need not."""
        array = np.asarray(vector, dtype=np.float64)
        length = np.linalg.norm(array)
        if not np.isfinite(length):
            raise self.vendor.garbled()
        return cast("Vector", (array / length).tolist()) if length else self._of_nothing()

    def _of_nothing(self) -> Vector:
        """Blank text means nothing, yet stores refuse the zero vector."""
        return [1.0] + [0.0] * (self.dimensions - 1)
