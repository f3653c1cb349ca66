"""Marking the sentences of a passage that fit a question best."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection

from experts.models import Passage
from experts.prose.sentences import sentences
from experts.providers import get_embedder
from experts.providers.base import ProviderError

Span = tuple[int, int]

# The share of the question's words that each sentence holds, in the order of the sentences.
OVERLAP = """
WITH question AS (SELECT tsvector_to_array(to_tsvector('english', %s)) AS lexemes)
SELECT coalesce((
    SELECT count(*) FROM unnest(to_tsvector('english', sentence.text)) AS word
    WHERE word.lexeme = ANY(question.lexemes)
)::float / nullif(cardinality(question.lexemes), 0), 0)
FROM question, unnest(%s::text[]) WITH ORDINALITY AS sentence (text, place)
ORDER BY sentence.place
"""


@dataclass(frozen=True)
class Sentence:
    """text[start:end] of the passage at `place` in a list."""

    place: int
    start: int
    end: int
    text: str


def mark(question: str, passages: Sequence[Passage], *, each: int = 1) -> list[tuple[Span, ...]]:
    """For each passage the spans of its `each` best sentences, in the order of its text."""
    found = [sentence for place, passage in enumerate(passages) for sentence in cut(place, passage)]
    scores = fitness(question, [sentence.text for sentence in found])
    ranked = sorted(zip(scores, found, strict=True), key=lambda pair: -pair[0])
    marked: list[list[Span]] = [[] for _ in passages]
    for _, sentence in ranked:
        if len(marked[sentence.place]) < each:
            marked[sentence.place].append((sentence.start, sentence.end))
    return [tuple(sorted(spans)) for spans in marked]


def cut(place: int, passage: Passage) -> Iterator[Sentence]:
    for start, end in sentences(passage.text):
        yield Sentence(place, start, end, passage.text[start:end])


def fitness(question: str, texts: Sequence[str]) -> list[float]:
    """How well each text fits the question: its words plus its meaning, between 0 and 2."""
    words = overlap(question, texts)
    return [shared + cosine for shared, cosine in zip(words, meaning(question, texts), strict=True)]


def overlap(question: str, texts: Sequence[str]) -> list[float]:
    with connection.cursor() as cursor:
        cursor.execute(OVERLAP, [question, list(texts)])
        return [row[0] for row in cursor.fetchall()]


def meaning(question: str, texts: Sequence[str]) -> list[float]:
    """Cosines with the question; zeros when the embedder is down."""
    try:
        asked, *vectors = get_embedder().embed_passages([question, *texts])
    except ProviderError:
        return [0.0] * len(texts)
    return [sum(a * b for a, b in zip(asked, vector, strict=True)) for vector in vectors]
