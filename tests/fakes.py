"""Stand-ins at the provider interface, which tests can let fail."""

import re
from collections.abc import Iterable, Iterator, Sequence
from math import hypot
from zlib import crc32

from experts.models import Expert
from experts.providers.base import ProviderError, Quote, Turn, Vector


class Refusing:
    """A provider that works until it is told to refuse."""

    refusal: ProviderError | None = None

    def refuse(self, message: str, *, permanent: bool = False) -> None:
        self.refusal = ProviderError(message, permanent=permanent)

    def check(self) -> None:
        if self.refusal:
            raise self.refusal


class FakeEmbedder(Refusing):
    """Texts that share words are near each other: a vector counts words by their hash."""

    name = "words"
    dimensions = 256
    batch_size = 4
    batch_tokens = None
    off_topic_below = 0.1

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        self.check()
        return [self._counted(text) for text in texts]

    def embed_query(self, text: str) -> Vector:
        self.check()
        return self._counted(text)

    def _counted(self, text: str) -> Vector:
        counts = [0.0] * self.dimensions
        for word in re.findall(r"\w+", text.lower()) or [""]:
            counts[crc32(word.encode()) % self.dimensions] += 1
        return [count / hypot(*counts) for count in counts]


class FakeAnswerer(Refusing):
    """Says its pieces, then refuses if it was told to, and notes what it was given."""

    name = "fake"

    def __init__(self) -> None:
        self.pieces: Iterable[str] = ["It says so [1]."]
        self.quotes: list[Quote] = []
        self.closed = False

    def answer(
        self, question: str, quotes: Sequence[Quote], *, expert: Expert, history: Sequence[Turn]
    ) -> Iterator[str]:
        self.quotes = list(quotes)
        try:
            yield from self.pieces
            self.check()
        finally:
            self.closed = True
