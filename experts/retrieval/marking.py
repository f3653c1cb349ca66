"""Marking the sentences of a passage that fit a question best."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import mul

from django.db import connection

from experts.models import Passage
from experts.prose.layout import blocks
from experts.prose.sentences import block_sentences, sentences
from experts.providers import get_embedder
from experts.providers.base import ProviderError

Span = tuple[int, int]

EACH = 2  # sentences of a passage
WEIGHT_OF_WORDS = 0.5  # beside a cosine; measured, more costs paraphrased questions their sentence

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


def mark(
    question: str, passages: Sequence[Passage], *, by_meaning: bool = True
) -> list[tuple[Span, ...]]:
    """For each passage the spans of its best sentences, in the order of its text.

    `by_meaning=False` goes by words alone and asks no embedder.
    """
    found = [sentence for place, passage in enumerate(passages) for sentence in cut(place, passage)]
    texts = [sentence.text for sentence in found]
    meaning = cosines(question, texts) if by_meaning else [0.0] * len(texts)
    scores = [
        WEIGHT_OF_WORDS * share + cosine
        for share, cosine in zip(overlap(question, texts), meaning, strict=True)
    ]
    ranked = sorted(zip(scores, found, strict=True), key=lambda pair: -pair[0])
    marked: list[list[Span]] = [[] for _ in passages]
    for _, sentence in ranked:
        if len(marked[sentence.place]) < EACH:
            marked[sentence.place].append((sentence.start, sentence.end))
    return [tuple(sorted(spans)) for spans in marked]


def cut(place: int, passage: Passage) -> Iterator[Sentence]:
    """The sentences that can tell something: a heading only names what the next ones tell."""
    text = passage.text
    telling = [block for block in blocks(text) if not (block.leads and text[block.end - 1] != ":")]
    spans = [span for block in telling for span in block_sentences(text, block)]
    for start, end in spans or sentences(text):
        yield Sentence(place, start, end, text[start:end])


def overlap(question: str, texts: Sequence[str]) -> list[float]:
    with connection.cursor() as cursor:
        cursor.execute(OVERLAP, [question, list(texts)])
        return [row[0] for row in cursor.fetchall()]


def cosines(question: str, texts: Sequence[str]) -> list[float]:
    """How near each text is to the question; zeros when the embedder is down."""
    try:
        asked, *vectors = get_embedder().embed_passages([question, *texts])
    except ProviderError:
        return [0.0] * len(texts)
    return [sum(map(mul, asked, vector)) for vector in vectors]
