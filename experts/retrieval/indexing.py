"""Writing the postings that BM25 reads."""

from collections.abc import Callable
from uuid import UUID

from django.db import connection
from django.db.models import F

from experts.models import Passage, PostingSegment

# One statement, so that a segment and its postings are there together or not at all.
INDEX_SEGMENT = """
WITH covered AS (
    SELECT id, ordinal, text FROM experts_passage
    WHERE source_file_id = %(file)s AND ordinal >= %(start)s AND ordinal < %(stop)s
), words AS MATERIALIZED (
    SELECT covered.id, word.lexeme, cardinality(word.positions) AS frequency,
           sum(cardinality(word.positions)) OVER (PARTITION BY covered.id) AS length
    FROM covered, unnest(to_tsvector('english', covered.text)) AS word
), segment AS (
    INSERT INTO experts_postingsegment (source_file_id, first_passage_id, passages, length)
    SELECT %(file)s, (array_agg(id ORDER BY ordinal))[1], count(*),
           (SELECT coalesce(sum(frequency), 0) FROM words)
    FROM covered HAVING count(*) > 0
    ON CONFLICT (first_passage_id) DO NOTHING
    RETURNING id
)
INSERT INTO experts_posting
    (segment_id, lexeme, passage_count, passage_ids, frequencies, lengths)
SELECT segment.id, lexeme, count(*), array_agg(words.id ORDER BY words.id),
       array_agg(frequency ORDER BY words.id), array_agg(words.length ORDER BY words.id)
FROM words, segment
GROUP BY segment.id, lexeme
"""


def index_passages(
    file_id: UUID,
    *,
    known: int | None = None,
    checkpoint: Callable[[], object] | None = None,
) -> None:
    """Index the words of a file whose passages are all there, or of its first `known` ones.

    Of these the whole segments are indexed; the last one may be going to grow. Goes on where an
    earlier call stopped, and does nothing when all is done. `checkpoint` is called before each
    segment (1,000 passages, half a second) and may raise.
    """
    for start in unindexed(file_id):
        stop = start + PostingSegment.SIZE
        if known is not None and stop > known:
            return
        if checkpoint:
            checkpoint()
        with connection.cursor() as cursor:
            cursor.execute(INDEX_SEGMENT, {"file": file_id, "start": start, "stop": stop})


def unindexed(file_id: UUID) -> list[int]:
    """The ordinals at which segments still missing begin."""
    passages = Passage.objects.filter(source_file=file_id, opened_segment=None)
    firsts = passages.alias(place=F("ordinal") % PostingSegment.SIZE).filter(place=0)
    return list(firsts.order_by("ordinal").values_list("ordinal", flat=True))
