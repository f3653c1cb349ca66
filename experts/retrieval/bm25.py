"""Which passages hold a question's words: Okapi BM25, read from the postings in one statement.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with
k1 = 1.2 and b = 0.75 and Lucene's inverse document frequency, which is never negative. A word
that more than a fifth of the passages hold is skipped unread: measured, it decides nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

K1 = 1.2
B = 0.75
COMMON_SHARE = 0.2
COMMON_AT_LEAST = 100  # passages; in small libraries every word is read, which costs nothing

RANK = """
WITH question AS (
    SELECT lexeme FROM unnest(to_tsvector('english', %(query)s))
), segments AS MATERIALIZED (
    SELECT id, passages, length FROM experts_postingsegment WHERE source_file_id = ANY(%(files)s)
), corpus AS (
    SELECT sum(passages)::float AS passages,
           greatest(sum(length), 1)::float / sum(passages) AS average_length
    FROM segments
), held AS (
    SELECT question.lexeme, coalesce(sum(posting.passage_count), 0)::float AS passages
    FROM question LEFT JOIN experts_posting AS posting
        ON posting.lexeme = question.lexeme
        AND posting.segment_id = ANY(ARRAY(SELECT id FROM segments))
    GROUP BY question.lexeme
), weights AS MATERIALIZED (
    SELECT lexeme, ln(1 + (corpus.passages - held.passages + 0.5) / (held.passages + 0.5)) AS idf,
           held.passages > greatest(%(common_at_least)s, %(common)s * corpus.passages) AS common
    FROM held, corpus
)
SELECT entry.passage_id, (SELECT sum(idf) FROM weights), sum(idf),
       sum(idf * entry.frequency * (%(k1)s::float + 1) / (entry.frequency + %(k1)s::float
           * (1 - %(b)s::float + %(b)s::float * entry.length / corpus.average_length))) AS score
FROM weights
JOIN experts_posting AS posting ON posting.lexeme = weights.lexeme
    AND posting.segment_id = ANY(ARRAY(SELECT id FROM segments))
CROSS JOIN corpus
CROSS JOIN unnest(passage_ids, frequencies, lengths) AS entry (passage_id, frequency, length)
WHERE NOT weights.common
GROUP BY entry.passage_id
ORDER BY score DESC, entry.passage_id
LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Ranking:
    """Scores by passage id, best first.

    Attainable is Σ idf over all of the question's words, known or not: what a passage of average
    length scores that holds each of them once. `held` is the largest share of them, weighed by
    idf, that one passage holds.
    """

    scores: dict[int, float] = field(default_factory=dict)
    attainable: float = 0.0
    held: float = 0.0


def rank(query: str, *, file_ids: Sequence[UUID], limit: int) -> Ranking:
    """The passages that hold the words of `query`, at most `limit`."""
    parameters: dict[str, Any] = {
        "query": query, "files": list(file_ids), "limit": limit, "k1": K1, "b": B,
        "common": COMMON_SHARE, "common_at_least": COMMON_AT_LEAST,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(RANK, parameters)
        rows = cursor.fetchall()
    if not rows:
        return Ranking()
    attainable = rows[0][1]
    held = max(row[2] for row in rows) / attainable
    return Ranking({row[0]: row[3] for row in rows}, attainable, held)
